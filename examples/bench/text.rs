//! Text and literals for the bench, the same on every run. None of it is shared with `train.rs`.

const PHRASES: &str = include_str!("phrases.txt");

const MESSAGES: &str = "Mapped {/rest/companies, GET} route|Nest application successfully started|Found 0 errors. Watching for \
file changes.|Processing job metadata-batch-update|Cron job registered for messaging import|Workspace activation finished in \
background|Refreshing calendar channels for connected accounts|Sending welcome e-mail to new user|Cache miss, computing flat \
entity maps|Stored object metadata version bumped|GraphQL operation FindManyPeople resolved|Subscription opened by client|\
Billing webhook received: customer.subscription.updated|Feature flag IS_WORKFLOW_ENABLED evaluated to true|Uploaded avatar \
to s3 bucket|Token refreshed for microsoft provider|Search vector rebuilt for opportunity|Timeline activity upserted|\
checkpoint starting: time|checkpoint complete: wrote 341 buffers (2.1%)|automatic vacuum of table \"default.core.keyValuePair\"|\
connection received: host=172.18.0.5 port=41230|connection authorized: user=twenty database=default|disconnection: session \
time: 0:00:12.410|duration: 12.203 ms  parse <unnamed>|listening on IPv4 address \"0.0.0.0\", port 5432|redo done at 0/1A2B3C8|\
database system was shut down at 2024-05-02|autovacuum launcher started|signal process started|gracefully shutting down|\
start worker process 31|using the epoll event method|Slow HTTP request answered late|rate limiter window reset|up to date, \
audited 2143 packages in 14s|added 311 packages, changed 12 packages|Compiled successfully in 4.2s|webpack 5.91.0 compiled|\
Resolution step completed|Fetch step completed in 3s 120ms|Link step: native builds skipped|Successfully ran target build for \
project twenty-server|read the output from the cache instead of running it for 8 out of 9 tasks|DB saved on disk|RDB: 0 MB of \
memory used by copy-on-write|Background saving started by pid 214|1 changes in 3600 seconds. Saving...|Ready to accept \
connections tcp|user signed in from a new device|retrying in 500 ms (attempt 2 of 5)|Skipping unchanged record|healthcheck ok|\
Scheduler tick, nothing due|Importing 200 messages of thread batch|Webhook delivered with status 204|Query planner chose index \
scan|Indexing documents finished: 1400 ok, 0 rejected|Permission cache recomputed for role Admin|Session store pruned";

const CONTEXTS: &str = "RouterExplorer NestFactory InstanceLoader MessagingImportService BullMQDriver WorkspaceManagerService \
CacheStorageService GraphQLModule CalendarFetchCron BillingSyncListener RoutesResolver TypeORMService FileUploadGuard \
TimelineActivityWorker WebhookDispatcher MetadataVersionStore";

const PATHS: &str = "/graphql /metadata /healthz /welcome /rest/people /rest/companies/opportunities /static/js/main.9f31c2.js \
/images/logo.svg /client-config /auth/google/callback /webhooks/stripe /files/attachment/preview.png /favicon.ico /settings/accounts \
/objects/tasks /open-api/core /static/css/app.51ba.css /verify-email /sync-email";

pub(crate) struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % end
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// `count` literals of 8 to 40 bytes: real phrases first, then mixtures of parts of two of them, all distinct.
pub(crate) fn literals(count: usize) -> Vec<Vec<u8>> {
    let mut dice = Dice(0x1234_5678_9abc_def1);
    let fits = |text: &str| (8..=40).contains(&text.len());
    let phrases: Vec<&str> = PHRASES.lines().filter(|line| !line.is_empty()).collect();
    let cut = |text: &str| text.char_indices().take_while(|&(at, _)| at < 40).map(|(_, c)| c).collect::<String>();
    let mut made: Vec<String> = phrases.iter().map(|text| cut(text)).filter(|text| fits(text)).collect();
    // A spread of kinds for small counts too.
    for at in (1..made.len()).rev() {
        let other = dice.below(at + 1);
        made.swap(at, other);
    }
    let words: Vec<&str> = phrases.iter().flat_map(|line| line.split(' ')).filter(|word| word.len() > 2).collect();
    while made.len() < count {
        let mut text = dice.one(&words).to_owned();
        for _ in 0..1 + dice.below(4) {
            text.push_str(dice.one(&[" ", " ", " ", ": ", "_", "-"]));
            text.push_str(dice.one(&words));
        }
        let text = cut(&text);
        if fits(&text) && !made.contains(&text) {
            made.push(text);
        }
    }
    made.truncate(count);
    made.into_iter().map(String::into_bytes).collect()
}

/// At least `size` bytes of server log; one line in `every` holds one of `literals`.
pub(crate) fn logs(size: usize, literals: &[Vec<u8>], every: usize) -> Vec<u8> {
    let messages: Vec<&str> = MESSAGES.split('|').collect();
    let contexts: Vec<&str> = CONTEXTS.split_ascii_whitespace().collect();
    let paths: Vec<&str> = PATHS.split_ascii_whitespace().collect();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut out = String::with_capacity(size + 512);
    let mut clock = 0;
    while out.len() < size {
        clock += dice.below(700);
        let (hour, minute, second, milli) =
            (clock / 3_600_000 % 24, clock / 60_000 % 60, clock / 1000 % 60, clock % 1000);
        let time = format!("{hour:02}:{minute:02}:{second:02}");
        let (message, context, path) = (dice.one(&messages), dice.one(&contexts), dice.one(&paths));
        let (n, m, id) = (dice.below(90_000), dice.below(4000), dice.below(usize::MAX >> 32));
        let ip = format!("{}.{}.{}.{}", dice.below(255), dice.below(255), dice.below(255), dice.below(255));
        let hit = !literals.is_empty() && dice.below(every) == 0;
        let extra = if hit {
            format!(" {}", String::from_utf8_lossy(&literals[dice.below(literals.len())]))
        } else {
            String::new()
        };
        out.push_str(&match dice.below(9) {
            0 | 1 => format!("[Nest] {}  - 05/02/2024, {time} PM     LOG [{context}] {message}{extra} +{m}ms", 20 + n % 80),
            2 => format!("[Nest] {}  - 05/02/2024, {time} PM   DEBUG [{context}] {message} {{\"workspaceId\":\"{id:08x}-7c1e-4b{m:02x}\",\"took\":{n}}}{extra}", 20 + n % 80),
            3 => format!("{ip} - - [02/May/2024:{time} +0000] \"GET {path}?v={id:x} HTTP/1.1\" 200 {n} \"https://crm.example.com{path}\" \"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15\"{extra}"),
            4 => format!("{ip} - - [02/May/2024:{time} +0000] \"POST {path} HTTP/1.1\" 201 {m} \"-\" \"node-fetch/1.0\"{extra}"),
            5 => format!("2024-05-02 {time}.{milli:03} UTC [{m}] LOG:  {message}{extra}"),
            6 => format!("2024-05-02 {time}.{milli:03} UTC [{m}] DETAIL:  parameters: $1 = '{id:08x}-1f2e-4c{m:02x}-9a77-{n:012x}', $2 = '{path}'{extra}"),
            7 => format!("{{\"level\":30,\"time\":17146{n:05}{milli:03},\"pid\":{},\"hostname\":\"{id:012x}\",\"reqId\":\"req-{m}\",\"url\":\"{path}\",\"msg\":\"{message}{extra}\"}}", 1 + n % 60),
            _ => format!("{}:M 02 May 2024 {time}.{milli:03} * {message}{extra}", 1 + n % 9),
        });
        out.push('\n');
    }
    out.into_bytes()
}

/// As `logs`, of words nobody's logs have: made of the syllables of no particular language, with an envelope of their own.
pub(crate) fn foreign(size: usize, literals: &[Vec<u8>], every: usize) -> Vec<u8> {
    const HEADS: [&str; 24] = [
        "b", "ch", "d", "f", "gr", "h", "j", "kw", "l", "m", "n", "pr", "qu", "r", "sz", "t", "v", "w", "x", "z", "st",
        "gl", "ny", "",
    ];
    const CORES: [&str; 12] = ["a", "e", "i", "o", "u", "ae", "ou", "ij", "y", "ui", "ee", "oa"];
    const TAILS: [&str; 14] = ["", "", "", "n", "r", "s", "lk", "mp", "t", "cz", "rd", "g", "k", "ft"];
    let mut dice = Dice(0x0dd5_1ab5_0b5c_u64);
    let vocabulary: Vec<String> = (0..4000)
        .map(|_| {
            (0..1 + dice.below(4)).map(|_| [dice.one(&HEADS), dice.one(&CORES), dice.one(&TAILS)].concat()).collect()
        })
        .collect();
    let mut out = String::with_capacity(size + 512);
    while out.len() < size {
        out.push_str(&format!("<{}> {:06x}~{:04x} ", dice.below(191), dice.below(1 << 24), dice.below(1 << 16)));
        for _ in 0..8 + dice.below(16) {
            let spread = dice.below(4000) + 1;
            let word = &vocabulary[dice.below(spread)];
            match dice.below(12) {
                0 => out.push_str(&word.to_uppercase()),
                1 => out.push_str(&format!("{word}={}", dice.below(100_000))),
                2 => out.push_str(&format!("{word}::{}", vocabulary[dice.below(400)])),
                _ => out.push_str(word),
            }
            out.push(' ');
        }
        if !literals.is_empty() && dice.below(every) == 0 {
            out.push_str(&String::from_utf8_lossy(&literals[dice.below(literals.len())]));
        }
        out.push('\n');
    }
    out.into_bytes()
}
