//! How fast does the prefilter scan? Prints GB per CPU second (one thread, best of three rounds of 1 GiB, less for the slow ones) for each kernel and
//! for aho-corasick, by number of literals, on log lines, on lines that share no vocabulary with them, and with a tenth of
//! the lines hitting. `cargo run --release --example throughput [-- FILE…]` adds files as further texts.
#![expect(clippy::print_stdout, reason = "the table is the output")]
#![expect(clippy::indexing_slicing, clippy::as_conversions, clippy::expect_used, reason = "a tool for developers")]

#[path = "bench/text.rs"]
mod text;

use std::hint::black_box;
use std::time::Instant;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use diagnose::scan::prefilter::{Bucketed, Kernel, Prefilter};

/// Makes a text that holds some of the literals given.
type Make = Box<dyn Fn(&[Vec<u8>]) -> Vec<u8>>;

/// As a caller reads files.
const BUFFER: usize = 256 * 1024;
const ROUNDS: usize = 3;
const GIB: usize = 1 << 30;
const TEXT: usize = 64 << 20;

/// Goes through `text` as a caller would: buffer by buffer, and after a hit on with the next line.
fn lines_hit(text: &[u8], mut find: impl FnMut(&[u8], usize) -> Option<usize>) -> usize {
    let mut lines = 0;
    for buffer in text.chunks(BUFFER) {
        let mut from = 0;
        while let Some(start) = find(buffer, from) {
            lines += 1;
            let Some(end) = memchr::memchr(b'\n', &buffer[start..]) else {
                break;
            };
            from = start + end + 1;
        }
    }
    lines
}

/// Seconds this thread has had of a processor; where the system does not say, of the clock on the wall.
fn seconds(since: Instant) -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let spent = stat.split(' ').next().and_then(|word| word.parse::<f64>().ok());
    spent.map_or_else(|| since.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

/// GB per second, and lines hit in one pass.
fn speed(text: &[u8], total: usize, mut find: impl FnMut(&[u8], usize) -> Option<usize>) -> (f64, usize) {
    let passes = (total / text.len()).max(1);
    let mut best = f64::MAX;
    let mut lines = 0;
    let clock = Instant::now();
    for _ in 0..ROUNDS {
        let start = seconds(clock);
        for _ in 0..passes {
            lines = lines_hit(black_box(text), &mut find);
        }
        best = best.min(seconds(clock) - start);
    }
    ((text.len() * passes) as f64 / best / 1e9, lines)
}

fn row(name: &str, text: &[u8], literals: &[Vec<u8>], quick: bool) {
    let borrowed: Vec<&[u8]> = literals.iter().map(Vec::as_slice).collect();
    print!("{name:<28}{:>6}", literals.len());
    let mut expected = None;
    for kernel in Bucketed::available_kernels() {
        let filter = Bucketed::with_kernel(&borrowed, kernel).expect("literals are long enough");
        let total = if kernel == Kernel::Scalar { GIB / 4 } else { GIB };
        let (rate, lines) = speed(text, total, |text, from| filter.find(text, from).map(|hit| hit.start));
        assert_eq!(*expected.get_or_insert(lines), lines, "{kernel:?}");
        print!("{:>10}", format!("{rate:.2}"));
    }
    if !quick {
        for kind in [Some(AhoCorasickKind::DFA), None] {
            let aho = AhoCorasick::builder().kind(kind).build(&borrowed).expect("fits");
            let (rate, _) = speed(text, GIB / 8, |text, from| aho.find(&text[from..]).map(|hit| from + hit.start()));
            print!("{:>10}", format!("{rate:.2}"));
        }
    }
    println!("  {:.3} %", 100.0 * expected.unwrap_or(0) as f64 / text.iter().filter(|&&b| b == b'\n').count() as f64);
}

fn start_up() {
    for count in [60, 200, 800, 4000] {
        let literals = text::literals(count);
        let borrowed: Vec<&[u8]> = literals.iter().map(Vec::as_slice).collect();
        let time = |make: &dyn Fn() -> Option<Bucketed>| {
            let each = (0..50).map(|_| {
                let start = Instant::now();
                black_box(make());
                start.elapsed().as_secs_f64() * 1e6
            });
            each.fold(f64::MAX, f64::min)
        };
        println!("construction, {count} literals: {:.0} µs", time(&|| Bucketed::new(&borrowed)),);
    }
}

fn main() {
    let quick = std::env::args().any(|word| word == "--quick");
    start_up();
    print!("{:<28}{:>6}", "GB/s", "n");
    for kernel in Bucketed::available_kernels() {
        print!("{:>10}", format!("{kernel:?}"));
    }
    println!("{:>10}{:>10}  lines hit", "aho dfa", "aho auto");
    let mut texts: Vec<(String, Make)> = vec![
        ("logs, 0.01 % hits".into(), Box::new(|literals| text::logs(TEXT, literals, 10_000))),
        ("foreign words, 0.01 %".into(), Box::new(|literals| text::foreign(TEXT, literals, 10_000))),
        ("logs, 10 % hits".into(), Box::new(|literals| text::logs(TEXT, literals, 10))),
        ("logs, every line hits".into(), Box::new(|literals| text::logs(TEXT, literals, 1))),
    ];
    for path in std::env::args().skip(1).filter(|word| !word.starts_with("--")) {
        let bytes = std::fs::read(&path).expect("a readable file");
        let name = path.rsplit('/').next().unwrap_or("").to_owned();
        texts.push((name, Box::new(move |_| bytes.repeat((TEXT / bytes.len()).max(1)))));
    }
    for (name, make) in texts {
        for count in [60, 200, 700, 1000] {
            let literals = text::literals(count);
            row(&name, &make(&literals), &literals, quick);
        }
    }
}
