//! Makes `src/prefilter/trigrams.txt`: how common each run of three symbols is in text this program makes up.
//!
//! The text mixes English phrases, identifiers in the usual spellings, and the furniture of server logs (time stamps,
//! addresses, ids, paths, stack frames). Nothing is read and nothing is random beyond a fixed seed, so the table can be
//! made again by anyone: `cargo run --release --example train > src/prefilter/trigrams.txt`.
#![expect(clippy::print_stdout, reason = "the table is the output")]
#![expect(clippy::indexing_slicing, reason = "a tool for developers; a fault may stop it")]

use diagnose::scan::prefilter::rarity::{fold, symbol};

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

const TEMPLATES: [&str; 30] = [
    "[Nest] %d  - %D, %T AM     LOG [%C] %s +%dms\n",
    "[Nest] %d  - %D, %T PM   ERROR [%C] %s\n",
    "[Nest] %d  - %D, %T AM    WARN [%C] %s %s\n",
    "[Nest] %d  - %D, %T AM   DEBUG [%C] {\"%w\":\"%h\",\"%w\":%d,\"%c\":\"%s\"}\n",
    "    at %C.%c (/app/node_modules/%w/dist/%w.js:%d:%d)\n",
    "    at async %C.%c (/app/packages/%w-%w/dist/src/%w/%w.%w.js:%d:%d)\n",
    "    at new %C (file:///usr/src/app/%w/%w.mjs:%d:%d)\n",
    "    at process.processTicksAndRejections (node:internal/process/task_queues:%d:%d)\n",
    "Error: %s '%w/%w' %s\n",
    "TypeError: %s (%s '%c')\n",
    "%I - - [%d/Jan/2024:%T +0000] \"GET /%w/%w?%w=%d&%c=%h HTTP/1.1\" 200 %d \"https://%w.%w.com/%w\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36\"\n",
    "%I - %w [%d/Mar/2025:%T +0100] \"POST /api/%w/%h HTTP/2.0\" 404 %d \"-\" \"curl/%d.%d.%d\"\n",
    "2025/03/%d %T [error] %d#%d: *%d %s, client: %I, server: %w.%w.com, request: \"GET /%w HTTP/1.1\", host: \"%w.com\"\n",
    "2024-05-%d %T.%d UTC [%d] LOG:  %s: %s=%d.%d s\n",
    "2024-05-%d %T.%d UTC [%d] ERROR:  %s \"%u\" %s\n",
    "2024-05-%d %T.%d UTC [%d] STATEMENT:  SELECT \"%u\".\"%c\" AS \"%u\" FROM \"%w\".\"%u\" WHERE \"%u\".\"%c\" = $%d AND %u IS NOT NULL ORDER BY %c LIMIT %d\n",
    "%d:M %d Mar 2024 %T.%d * %s\n",
    "npm ERR! %w %s\n",
    "npm warn %s %w@%d.%d.%d: %s\n",
    "{\"level\":\"info\",\"time\":\"2024-05-%dT%T.%dZ\",\"pid\":%d,\"hostname\":\"%h\",\"msg\":\"%s\",\"%c\":%d}\n",
    "{\"log\":\"%s\\n\",\"stream\":\"stdout\",\"time\":\"2024-11-%dT%T.%dZ\"}\n",
    "2024-06-%dT%T.%dZ INFO %w::%u: %s %c=%d %w=%h\n",
    "%D %T,%d WARN  [%w-%d] org.%w.%w.%C: %s\n",
    "Jun %d %T %w %w[%d]: %s from %I port %d\n",
    "%w-%w-%d  | %s\n",
    "%s. %s, %s; %s.\n",
    "%s %s %s\n",
    "%U=%d %U=%w %s\n",
    "id=%h-%h-%h %w: %s (%w/%w) [%d%]\n",
    "<%w %c=\"%w\">%s</%w> %h%h\n",
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
            'h' => format!("{:08x}", self.below(u32::MAX)),
            'C' => format!("{}{}Service", Self::capital(self.plain()), Self::capital(self.plain())),
            'c' => format!("{}{}", self.plain(), Self::capital(self.plain())),
            'u' => format!("{}_{}", self.plain(), self.plain()),
            'U' => format!("{}_{}", self.plain(), self.plain()).to_uppercase(),
            'I' => format!("{}.{}.{}.{}", self.below(255), self.below(255), self.below(255), self.below(255)),
            'T' => format!("{:02}:{:02}:{:02}", self.below(24), self.below(60), self.below(60)),
            'D' => format!("{:02}/{:02}/202{}", self.below(12) + 1, self.below(28) + 1, self.below(6)),
            's' => return self.phrase(out),
            other => other.to_string(),
        };
        out.push_str(&text);
    }

    fn line(&mut self, out: &mut String) {
        let pick = usize::try_from(self.below(u32::MAX)).unwrap_or(0) % TEMPLATES.len();
        let mut letters = TEMPLATES[pick].chars();
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
    while text.len() < 32 << 20 {
        maker.line(&mut text);
    }
    let symbols: Vec<usize> = text.bytes().map(|byte| usize::from(symbol(byte))).collect();
    let triples = symbols.windows(3).map(|run| run.iter().fold(0, |place, symbol| place * 32 + symbol));
    for row in count(triples, 1 << 15).chunks(1024) {
        print(row);
    }
    print(&count(symbols.windows(2).map(|run| run.iter().fold(0, |place, symbol| place * 32 + symbol)), 1024));
    print(&count(text.bytes().map(|byte| usize::from(fold(byte))), 64));
}

fn count(places: impl Iterator<Item = usize>, size: usize) -> Vec<u64> {
    let mut counts = vec![0; size];
    for place in places {
        counts[place] += 1;
    }
    counts
}

/// Half-octave steps, so that a level says how many times rarer; none seen is level 0.
fn print(counts: &[u64]) {
    let level = |&count: &u64| (count * count).checked_ilog2().map_or(0, |log| log + 1);
    let letter = |level: u32| char::from(b'0' + u8::try_from(level).unwrap_or(0));
    println!("{}", counts.iter().map(level).map(letter).collect::<String>());
}
