//! Makes `src/ordinary.txt`, the text by which the scan's windows are chosen: what ordinary logs look like.
//!
//! It mixes lines as healthy programs print them, stack frames, statements, configuration, English, and words of no
//! language. Nothing is read and nothing is random beyond a fixed seed, so anyone can make it again:
//! `cargo run --release --example ordinary > src/ordinary.txt`.
#![expect(clippy::print_stdout, reason = "the text is the output")]
#![expect(clippy::indexing_slicing, reason = "a tool for developers; a fault may stop it")]

/// Bytes of the text.
const SIZE: usize = 192 << 10;

const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const SYLLABLES: [&str; 24] = [
    "zu", "mer", "qua", "lin", "van", "ost", "pre", "dol", "axi", "tham", "ir", "bano", "keg", "ule", "fa", "wix",
    "ro", "sen", "chi", "gu", "ly", "bre", "sti", "tion",
];

/// Common first: the n-th word is drawn with a weight of about 1/(n + 20).
const WORDS: &str = "the to of and in is for a not that on with this be by from or it as an are at error failed was has \
can you if could no cannot file name id have all when will after which connection request server time user module \
data function then your one line value more use other type only there key error: set message find process but been before \
table column does did do object null undefined array index out service client version database query run new read \
write open close closed start started starting stop stopped stopping loaded loading load get post put delete update insert \
select into where values create created exists already exist existing missing invalid unexpected unknown unable expected \
received sent send receive response status code timeout timed host port address socket path directory folder package \
install installed build config configuration option options default property parameter argument argument(s) arguments must \
should would may might required require import export exports class method call called stack trace at line number string \
boolean integer bytes size length limit maximum minimum max min memory heap allocation used usage free total available \
unavailable disk space device left permission denied access allowed disallowed forbidden unauthorized authentication password \
role login session token expired certificate self signed chain verify handshake protocol upstream downstream header \
headers body content while sending reading connecting connected disconnected refused reset peer broken pipe aborted \
terminated terminating shutdown shutting down ready accepting connections listening waiting wait retry retrying attempt \
attempts worker workers queue job jobs task tasks scheduled schedule cron event events handler handled unhandled rejection \
promise async await callback exception thrown throw caught uncaught fatal warning warn info debug log logs logger level \
context controller route router mapped mapping application app instance dependencies dependency initialized initialize \
initialization provider resolve resolved resolver repository entity entities migration migrations schema transaction commit \
rollback lock locked deadlock relation constraint violates unique foreign duplicate syntax near statement execute executed \
executing result results return returned returning row rows cache cached redis command commands cluster node nodes master \
replica replication primary standby recovery checkpoint archive backup restore system operating kernel signal killed exit \
exited code: reason cause because since until again also any some each every most many few such same different first last \
next previous old new current future past about above below between through during without within against under over near \
how what who why than very just still even now here out up off back well good bad right wrong true false yes please see try \
make made take taken give given come goes going keep kept show shown shows hide found finding lost change changed changes \
changing check checked checking fix fixed fixing add added adding remove removed removing enable enabled disable disabled \
support supported supports deprecated feature features policy rule rules match matched matches pattern filter sort order \
group count sum average rate per second seconds minute minutes hour hours day days week month year date ms bytes kb mb gb \
start-up state states stateful stateless enter left link linked reference references pointer buffer stream streams chunk \
input output source target destination origin local remote public private internal external global main child parent root \
owner member members admin account accounts customer customers person people company companies workspace workspaces email \
mail notification webhook hook hooks api endpoint url uri http https tcp udp dns lookup domain proxy gateway balance load \
health alive dead slow fast high low full empty large small long short big great little early late lazy eager strict safe \
unsafe secure security network interface driver plugin plugins extension extensions library libraries framework runtime \
compiler compile compiled bundle bundler watch watching reload environment variable variables env production development \
test tests testing passed failing skipped project workspace graph cache hit miss registry lockfile script scripts engine \
engines platform binary native architecture unsupported compatible incompatible mismatch conflict resolution peer optional \
world life work working place part number system program question point government important information example something \
another house great woman during against problem point hand high always those both between under never country around school \
however think where through much before line mean boy follow came want show form three small end put home read hand port spell \
even land here must turn ask went men kind need picture animal father mother answer study learn plant cover food sun four \
thought eye city tree cross hard story draw sea grow river car feet care book carry science eat room friend began idea fish \
mountain north once base hear horse cut sure color face wood enough girl usual young above ever red list though feel talk bird";

/// The first of the templates are the applications and servers of a deployment: three of four lines.
const USUAL: usize = 51;

const TEMPLATES: [&str; 114] = [
    "{\"log\":\"[Nest] %d  - %D, %T PM     LOG [%C] %s\\n\",\"stream\":\"stdout\",\"time\":\"2025-11-%yT%T.%nZ\"}\n",
    "{\"log\":\"%I - - [%y/Dec/2025:%T +0000] \\\"GET /%w HTTP/1.1\\\" 200 %d \\\"-\\\"\\n\",\"stream\":\"stderr\",\"time\":\"2025-11-%yT%T.%nZ\"}\n",
    "{\"level\":30,\"time\":17%d%d,\"pid\":%d,\"hostname\":\"%h\",\"req\":{\"id\":%d,\"method\":\"POST\",\"url\":\"/%w\"},\"res\":{\"statusCode\":200},\"responseTime\":%d,\"msg\":\"request completed\"}\n",
    "%I - - [%y/Dec/2025:%T +0000] \"GET /files/%w/%h.png HTTP/1.1\" 200 %d \"-\" \"kube-probe/1.%d\"\n",
    "    at Layer.handle [as handle_request] (/app/node_modules/express/lib/router/layer.js:%d:%d)\n",
    "    at next (/app/node_modules/express/lib/router/route.js:%d:%d)\n",
    "    at Socket.emit (node:events:%d:%d)\n",
    "[Nest] %d  - %D, %T PM     LOG [NestFactory] Starting Nest application...\n",
    "[Nest] %d  - %D, %T PM     LOG [GraphQLModule] Mapped {/%w, POST} route +%dms\n",
    "[Nest] %d  - %D, %T AM     LOG [%C] Handled %w %h for workspace %h%x in %d ms\n",
    "[Nest] %d  - %D, %T AM   DEBUG [MessagingImportService] Fetched %d messages of account %h-%x-%x-%x-%h%x from %w@%w.com in folder %U\n",
    "[Nest] %d  - %D, %T PM     LOG [%C] Job %d (%cJob) of queue %w-queue processed in %d ms\n",
    "query: SELECT \"id\", \"%c\" FROM \"core\".\"workspace\" WHERE \"id\" = $1 AND \"deletedAt\" IS NULL -- PARAMETERS: [\"%h-%x-%x-%x-%h%x\"]\n",
    "2025-12-%y %T.%m UTC [%d] LOG:  statement: SELECT * FROM \"core\".\"%c\" WHERE \"%cId\" = '%h-%x-%x-%x-%h%x'\n",
    "2025-12-%y %T.%m UTC [%d] LOG:  execute <unnamed>: INSERT INTO \"workspace_%h\".\"%w\" (\"id\", \"%c\") VALUES ($1, $2)\n",
    "2025-12-%y %T.%m UTC [%d] DETAIL:  parameters: $1 = '%w', $2 = '%d'\n",
    "%I - - [%y/Dec/2025:%T +0000] \"POST /metadata HTTP/1.1\" 200 %d \"https://%w.com/settings/%w\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36\" \"-\"\n",
    "%I - - [%y/Dec/2025:%T +0000] \"GET /client-config HTTP/1.1\" 304 0 \"-\" \"node\"\n",
    "%I - - [%y/Dec/2025:%T +0000] \"GET /%w/%w/%h.png HTTP/2.0\" 200 %d \"https://%w.com/\" \"Mozilla/5.0 (iPhone; CPU iPhone OS %d_%d like Mac OS X)\" \"%I\"\n",
    "/app/packages/twenty-server/dist/src/engine/%w-%w/%w/%w.service.js:%d:%d\n",
    "    at %C.%c (/app/packages/twenty-server/dist/src/engine/%w-modules/%w/%w.service.js:%d:%d)\n",
    "{\"level\":\"info\",\"message\":\"%s\",\"context\":\"%C\",\"workspaceId\":\"%h-%x-%x-%x-%h%x\",\"userId\":\"%h\",\"ms\":%d,\"timestamp\":\"2025-12-%yT%T.%mZ\"}\n",
    "1:M %y Nov 2025 %T.%m * Background saving terminated with success\n",
    "[Nest] %d  - %D, %T AM     LOG [%C] %s +%dms\n",
    "[Nest] %d  - %D, %T PM     LOG [InstanceLoader] %CModule dependencies initialized +%dms\n",
    "[Nest] %d  - %D, %T PM     LOG [RouterExplorer] Mapped {/%w/:id, GET} route +%dms\n",
    "[Nest] %d  - %D, %T AM     LOG [RoutesResolver] %CController {/%w}: +%dms\n",
    "[Nest] %d  - %D, %T AM   DEBUG [%C] Processing job %d of queue %w for workspace %h-%x-%x-%x-%h%x\n",
    "[Nest] %d  - %D, %T PM    WARN [%C] %s\n",
    "[Nest] %d  - %D, %T PM VERBOSE [%C] Query took %d ms: SELECT \"%u\".\"id\" AS \"%u_id\", \"%u\".\"%c\" FROM \"core\".\"%w\" \"%u\" WHERE \"%u\".\"deletedAt\" IS NULL\n",
    "query: SELECT \"%u\".\"id\", \"%u\".\"%c\", \"%u\".\"createdAt\" FROM \"workspace_%h\".\"%w\" WHERE \"%u\".\"%c\" = $1 LIMIT %d -- PARAMETERS: [\"%h-%x-%x-%x-%h%x\"]\n",
    "%I - - [%y/Nov/2025:%T +0000] \"GET /%w/%w HTTP/1.1\" 200 %d \"-\" \"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36\"\n",
    "%I - - [%y/Jan/2024:%T +0000] \"POST /graphql HTTP/1.1\" 200 %d \"https://%w.%w.com/objects/%w?view=%h\" \"Mozilla/5.0 (X11; Linux x86_64; rv:%d.0) Gecko/20100101 Firefox/%d.0\" \"-\"\n",
    "%I - %w [%y/Mar/2025:%T +0100] \"GET /static/js/%w.%h.js HTTP/2.0\" 304 0 \"https://%w.org/\" \"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%d.%d Safari/605.1.15\"\n",
    "%I - - [%y/Jul/2026:%T +0200] \"GET /healthz HTTP/1.1\" 200 %d \"-\" \"curl/8.%d.%d\" rt=0.%d uct=0.00%d\n",
    "2026/03/%y %T [notice] %d#%d: start worker process %d\n",
    "2025/03/%y %T [warn] %d#%d: *%d a client request body is buffered to a temporary file /var/cache/nginx/client_temp/%d, client: %I, server: %w.com, request: \"POST /%w HTTP/1.1\"\n",
    "2024-05-%y %T.%m UTC [%d] LOG:  checkpoint complete: wrote %d buffers (%d.%d%); %d WAL file(s) added, 0 removed, %d recycled; write=%d.%d s, sync=0.%d s, total=%d.%d s; sync files=%d, longest=0.%d s, average=0.%d s\n",
    "2025-11-%y %T.%m UTC [%d] LOG:  duration: %d.%d ms  execute <unnamed>: SELECT \"%c\".\"%c\" FROM \"%w\" \"%c\" WHERE ( (\"%c\".\"%c\" = $1) ) AND ( \"%c\".\"deletedAt\" IS NULL ) ORDER BY \"%c\".\"createdAt\" DESC LIMIT %d\n",
    "2025-11-%y %T.%m UTC [%d] LOG:  automatic vacuum of table \"%w.core.%w\": index scans: %d, pages: %d removed, %d remain, tuples: %d removed, %d remain\n",
    "2025-11-%y %T.%m UTC [%d] LOG:  connection received: host=%I port=%d\n",
    "2025-11-%y %T.%m UTC [%d] LOG:  connection authorized: user=%w database=%w application_name=%w\n",
    "2025-11-%y %T.%m UTC [%d] LOG:  checkpoint starting: time\n",
    "1:M %y Nov 2025 %T.%m * Background saving started by pid %d\n",
    "1:C %y Nov 2025 %T.%m * DB saved on disk\n",
    "1:M %y Nov 2025 %T.%m * %d changes in %d seconds. Saving...\n",
    "1:M %y Mar 2024 %T.%m - Accepted %I:%d\n",
    "{\"level\":30,\"time\":17%d%d,\"pid\":%d,\"hostname\":\"%h\",\"reqId\":\"req-%x\",\"req\":{\"method\":\"GET\",\"url\":\"/%w/%w?%w=%d\",\"remoteAddress\":\"%I\"},\"msg\":\"incoming request\"}\n",
    "{\"level\":\"info\",\"ts\":\"2025-05-%yT%T.%mZ\",\"caller\":\"%w/%w.go:%d\",\"msg\":\"%s\",\"%u\":\"%h\",\"%w\":%d}\n",
    "{\"timestamp\":\"2025-05-%yT%T.%mZ\",\"level\":\"INFO\",\"fields\":{\"message\":\"%s\",\"%u\":%d},\"target\":\"%w::%w\"}\n",
    "{\"log\":\"%s\\n\",\"stream\":\"stdout\",\"time\":\"2024-11-%yT%T.%nZ\"}\n",
    "{\"t\":{\"$date\":\"2025-05-%yT%T.%m+00:00\"},\"s\":\"I\",  \"c\":\"NETWORK\",  \"id\":%d,   \"ctx\":\"conn%d\",\"msg\":\"Connection ended\",\"attr\":{\"remote\":\"%I:%d\",\"connectionCount\":%d}}\n",
    "time=\"2024-06-%yT%T.%mZ\" level=info msg=\"%s\" %w=%h %w=%d\n",
    "2024-06-%yT%T.%mZ  INFO %w::%u: %s %c=%d %w=%h\n",
    "2025-01-%y %T.%m  INFO %d --- [%w] [nio-%d-exec-%d] c.%w.%w.%C : %s\n",
    "2025-01-%y %T,%m INFO  [%w-%d] org.%w.%w.%C: %s for block blk_%d in %d ms\n",
    "%d%d %d INFO dfs.DataNode$PacketResponder: PacketResponder %d for block blk_-%d%d terminating\n",
    "%D %T INFO %w.%C: Served block blk_%d%d to /%I\n",
    "17/06/%y %T INFO executor.Executor: Finished task %d.0 in stage %d.0 (TID %d). %d bytes result sent to driver\n",
    "%D %T,%m [main] DEBUG org.%w.%w.%C - %s\n",
    "Jun %y %T %w sshd[%d]: Accepted publickey for %w from %I port %d ssh2: RSA SHA256:%b\n",
    "Nov %y %T %w systemd[1]: Started session-%d.scope - Session %d of User %w.\n",
    "Jun %y %T %w CRON[%d]: pam_unix(cron:session): session opened for user %w(uid=0) by (uid=0)\n",
    "Nov %y %T %w kernel: [%d.%d] %w%d: renamed from veth%h\n",
    "[%d.%d] br-%h: port %d(veth%h) entered forwarding state\n",
    "[Sun Dec %y %T 2025] [notice] workerEnv.init() ok /etc/httpd/conf/workers2.properties\n",
    "-  %d 2005.11.%d R%d-M%d-N%d-C:J%d-U%d 2005-11-%d-%T.%m R%d-M%d-N%d-C:J%d-U%d RAS KERNEL INFO %s\n",
    "%D-%T.%m  %d  %d D %C: %c: %w=%d, %w=%d, %s\n",
    "2025-%d-%y %T, Info                  CBS    %s: %w-%w~%h~amd64~~%d.%d.%d.%d\n",
    "    at %C.%c (/app/node_modules/%w/dist/%w.js:%d:%d)\n",
    "    at async %C.%c (/app/packages/%w-%w/dist/src/%w/%w.%w.js:%d:%d)\n",
    "    at process.processTicksAndRejections (node:internal/process/task_queues:%d:%d)\n",
    "\tat org.%w.%w.%C.%c(%C.java:%d) ~[%w-%w-%d.%d.%d.jar!/:%d.%d.%d]\n",
    "  File \"/usr/lib/python3/dist-packages/%w/%u.py\", line %d, in %u\n",
    "    %w = self.%u(%w, %u=%d)\n",
    "INFO:     %I:%d - \"GET /%w/%w HTTP/1.1\" 200 OK\n",
    "[%D %T] \"GET /%w/ HTTP/1.1\" 200 %d\n",
    "2025-%d-%y %T,%m - %w.%u - INFO - %s\n",
    "%D %T - %w - DEBUG - %u=%d %u=%w\n",
    "I%y %T.%m       1 %w.go:%d] %s %u=\"%w/%w-%h\"\n",
    "E%y %T.%m       1 %w.go:%d] \"%s\" pod=\"%w/%w-%h-%x\" %w=\"%h\"\n",
    "[%D %T] [INFO] %s\n",
    "[INFO] %s\n",
    "%w-%d  | %s\n",
    "%w-%w-%d  | 2025-11-%yT%T.%nZ %s\n",
    "%w_1  | %s\n",
    "[%d] %s\n",
    "> %w@%d.%d.%d %w\n",
    "> nx run %w-%w:%w\n",
    "+ %w@%d.%d.%d\n",
    "Resolving: total %d, reused %d, downloaded %d, added %d, done\n",
    "Done in %d.%ds.\n",
    "Step %d/%d : RUN %w %w --%w %w\n",
    "#%d %d.%d %s\n",
    " ---> %h%x\n",
    "%U=%d\n",
    "%U=%w-%w\n",
    "%w: %w\n",
    "  %w: %d\n",
    "- name: %w-%w\n",
    "<%w %c=\"%w\">%s</%w>\n",
    "const %c = await this.%c.%c(%w, { %w: %d, %c });\n",
    "import { %C, %c } from './%w/%w';\n",
    "  return this.%cRepository.find({ where: { %c: %w } });\n",
    "def %u(self, %w=None):\n",
    "%s. %s, %s; %s.\n",
    "The %w of the %w is %w and %w, but %w would have been %w in the %w.\n",
    "%x%h%x%h %b%b%b\n",
    "0x%h%h 0x%h%h %x %x\n",
    "https://%w.%w.io/%w/%w/%w?%w=%d&%w=%h#%w\n",
    "/%w/%w/%w/%w-%d.%d.%d/%w.%w\n",
    "%d %d %d.%d %d%\n",
    "%z %z %z %z %z %z %z\n",
    "%z, %z %z: %z %z %z %z. %z\n",
];

struct Maker {
    state: u64,
    words: Vec<&'static str>,
    cumulative: Vec<f64>,
}

impl Maker {
    fn new() -> Self {
        let words: Vec<&str> = WORDS.split_ascii_whitespace().collect();
        let mut total = 0.0;
        let mut rank = 20.0;
        let cumulative = words
            .iter()
            .map(|_| {
                rank += 1.0;
                total += 1.0 / rank;
                total
            })
            .collect();
        Self { state: 0x2545_f491_4f6c_dd1d, words, cumulative }
    }

    fn below(&mut self, end: u32) -> u32 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        u32::try_from(((self.state >> 32) * u64::from(end)) >> 32).unwrap_or(0)
    }

    fn word(&mut self) -> &'static str {
        let total = self.cumulative.last().copied().unwrap_or(1.0);
        let at = f64::from(self.below(u32::MAX)) / f64::from(u32::MAX) * total;
        let place = self.cumulative.partition_point(|&c| c < at);
        self.words[place.min(self.words.len() - 1)]
    }

    fn capital(word: &str) -> String {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }

    fn plain(&mut self) -> &'static str {
        loop {
            let word = self.word();
            if word.len() > 2 && word.bytes().all(|b| b.is_ascii_lowercase()) {
                return word;
            }
        }
    }

    fn letters(&mut self, alphabet: &[u8], count: usize) -> String {
        (0..count).map(|_| char::from(alphabet[self.place(alphabet.len())])).collect()
    }

    /// A word of no language.
    fn foreign(&mut self) -> String {
        let count = 1 + self.below(4);
        (0..count).map(|_| SYLLABLES[self.place(SYLLABLES.len())]).collect()
    }

    /// A number below `end`, as a place in a list.
    fn place(&mut self, end: usize) -> usize {
        usize::try_from(self.below(u32::try_from(end).unwrap_or(u32::MAX))).unwrap_or(0)
    }

    fn phrase(&mut self, out: &mut String) {
        for place in 0..3 + self.below(7) {
            if place > 0 {
                out.push(' ');
            }
            let word = self.word();
            match self.below(20) {
                0 => out.push_str(&Self::capital(word)),
                1 => self.field('c', out),
                2 => self.field('d', out),
                _ if place == 0 => out.push_str(&Self::capital(word)),
                _ => out.push_str(word),
            }
        }
    }

    fn field(&mut self, kind: char, out: &mut String) {
        let text = match kind {
            'w' => self.plain().to_owned(),
            'd' => {
                let digits = self.below(5) + 1;
                self.below(10_u32.pow(digits)).to_string()
            }
            'y' => format!("{:02}", self.below(28) + 1),
            'm' => format!("{:03}", self.below(1000)),
            'n' => format!("{:09}", self.below(1_000_000_000)),
            'h' => format!("{:08x}", self.below(u32::MAX)),
            'C' => format!("{}{}Service", Self::capital(self.plain()), Self::capital(self.plain())),
            'c' => format!("{}{}", self.plain(), Self::capital(self.plain())),
            'u' => format!("{}_{}", self.plain(), self.plain()),
            'U' => format!("{}_{}", self.plain(), self.plain()).to_uppercase(),
            'I' => format!("{}.{}.{}.{}", self.below(255), self.below(255), self.below(255), self.below(255)),
            'T' => format!("{:02}:{:02}:{:02}", self.below(24), self.below(60), self.below(60)),
            'D' => format!("{:02}/{:02}/202{}", self.below(12) + 1, self.below(28) + 1, self.below(6)),
            'x' => format!("{:04x}", self.below(1 << 16)),
            'b' => self.letters(BASE64, 12),
            'z' => self.foreign(),
            's' => return self.phrase(out),
            other => other.to_string(),
        };
        out.push_str(&text);
    }

    fn line(&mut self, out: &mut String) {
        let end = if self.below(4) > 0 { USUAL } else { TEMPLATES.len() };
        let mut letters = TEMPLATES[self.place(end)].chars();
        while let Some(letter) = letters.next() {
            match letter {
                '%' => match letters.next() {
                    Some(kind) => self.field(kind, out),
                    None => out.push('%'),
                },
                other => out.push(other),
            }
        }
    }
}

fn main() {
    let mut maker = Maker::new();
    let mut text = String::new();
    while text.len() < SIZE {
        maker.line(&mut text);
    }
    print!("{text}");
}
