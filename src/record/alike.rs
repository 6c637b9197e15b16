//! What a line is to those beside it, told by a line before that began alike.
//!
//! Of the lines beside a hit only one thing is asked: do they belong to its record? In a log that is full of hits the answer costs more than
//! the hits themselves. But lines begin alike: what one of them was, all are whose first bytes are the same but for the digits.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::fold::{logs_errors_below, restarts};
use super::layers::Layers;
use super::line::Line;
use super::shape::{self, Shape};
use super::types::Level;
use super::zeros::{PIECE, WORD, Zeros, first_of};
use crate::num::{mix, mix_two, narrow, wide};

/// Most bytes of a line that must be alike: its prefixes, and the beginning of its message.
const LONGEST: usize = 128;
/// So many of them at least are the message's.
const MESSAGE: usize = 8;
/// So many more where a bare text must be told from one that goes on.
const BARE: usize = 16;
/// Where no prefix was peeled off, the message itself tells what it is, within so many bytes.
const WORDING: usize = 64;
/// How far the first word may reach, whose digits count: it can be the name of a service or of a task.
const NAME: usize = 64;
/// Places for beginnings. Some lead to the same one: it has room for a few, and a further one takes the room of the oldest.
const PLACES: usize = 512;
const ROOM: usize = 4;
/// Places for the lengths of beginnings that are kept.
const FIRSTS: usize = 256;
/// Beginnings are as long as a number of such steps: longer ones would take more of a message, which is another each time.
const STEP: usize = WORD / 2;
/// How far a time may go on that begins with a digit: to the ones of its minutes or seconds.
const TIME: usize = 4;
/// Most minutes and seconds in a beginning: those of two clocks.
const TIMES: usize = 4;
/// The first step of a word.
const HALF: u64 = 0xffff_ffff;

/// Beginnings of lines, and what the lines were.
#[derive(Debug, Default)]
pub(super) struct Alike {
    places: Vec<[Known; ROOM]>,
    /// Of the beginnings with the same first word, a bit for each number of steps that one of them has: most lines need not be looked at further.
    lengths: Vec<u64>,
}

/// What a line was that began so.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    beginning: u64,
    pub(super) lane: u64,
    /// A process of a database signed it.
    pub(super) signed: bool,
    /// It ends any record before it in its lane, but npm's; if it is signed, only one that is not.
    pub(super) ends: bool,
    /// It begins a record to which neither an error's name nor a bare text on the next line belongs.
    pub(super) closed: bool,
    /// It says nothing about its place: no record goes on with it that is a bare text itself.
    pub(super) bare: bool,
    /// Where the tens of minutes and seconds stand; zeros behind the last.
    tens: [u8; TIMES],
}

impl Alike {
    /// What a line is known to be, if it is of the lane.
    pub(super) fn of(&self, raw: &[u8], lane: u64) -> Option<&Known> {
        self.known(raw, |known| known.lane == lane)
    }

    /// What a line is known to be, whatever its lane.
    pub(super) fn of_any(&self, raw: &[u8]) -> Option<&Known> {
        self.known(raw, |_| true)
    }

    /// Of what a line is known to be by its beginnings, the shortest first, what is wanted.
    fn known(&self, raw: &[u8], wanted: impl Fn(&Known) -> bool) -> Option<&Known> {
        let lengths = |first| self.lengths.get(first_place(first)).copied().unwrap_or(0);
        let (steps, known) = beginnings(raw, lengths, |steps, beginning| {
            let mut place = self.places.get(place(beginning))?.iter();
            let known = place.find(|known| known.beginning == beginning).filter(|known| wanted(known))?;
            Some((steps, known))
        })?;
        (!known.has_impossible_time(raw, steps * STEP)).then_some(known)
    }

    /// Remembers what a line is that is one message.
    pub(super) fn keep(&mut self, raw: &[u8], lane: u64, line: &Line<'_>, shape: Shape) {
        let signed = line.layers.contains(Layers::POSTGRES);
        let ends = restarts(line) || signed;
        let bare = !ends && is_bare(line, shape);
        if !(ends || bare) || names_behind(raw, line) {
            return;
        }
        let Some(length) = length(raw, line).map(|length| length + if bare { BARE } else { 0 }) else { return };
        if length > LONGEST {
            return;
        }
        let steps = length.div_ceil(STEP);
        let (mut first, mut last) = (0, None);
        let all = |word| {
            first = word;
            all_to(steps)
        };
        beginnings(raw, all, |steps, beginning| -> Option<()> {
            last = Some((steps, beginning));
            None
        });
        let Some((steps, beginning)) = last else { return };
        let Some(tens) = raw.get(..raw.len().min(steps * STEP)).and_then(tens) else { return };
        if self.places.is_empty() {
            self.places = vec![Default::default(); PLACES];
            self.lengths = vec![0; FIRSTS];
        }
        let errors_below = line.level >= Some(Level::Error) && logs_errors_below(line.layers);
        let goes_on = errors_below || line.layers.contains(Layers::NX) || shape::folds(&line.text);
        let closed = ends && !line.partial && !goes_on;
        if let Some(lengths) = self.lengths.get_mut(first_place(first)) {
            *lengths |= 1 << steps;
        }
        let new = Known { beginning, lane, signed, ends, closed, bare, tens };
        if let Some(place) = self.places.get_mut(place(beginning)) {
            match place.iter_mut().find(|known| known.beginning == beginning) {
                Some(known) => *known = new,
                None => {
                    place.rotate_right(1);
                    place[0] = new;
                }
            }
        }
    }
}

impl Known {
    /// Whether something in a line that begins so looks like a time with more than 59 minutes or seconds: it is no logger's then.
    fn has_impossible_time(&self, raw: &[u8], beginning: usize) -> bool {
        // All places are looked at whatever is found: where lines differ, a branch costs more than a look.
        let many = |place: &u8| {
            let at = usize::from(*place).min(raw.len().saturating_sub(1));
            (*place > 0) & raw.get(at).is_some_and(|tens| many_tens(*tens))
        };
        self.tens.iter().fold(false, |all, place| all | many(place)) || goes_on_impossible(raw, beginning)
    }
}

/// Whether a time that goes on where the beginning ends has more than 59 minutes or seconds.
fn goes_on_impossible(raw: &[u8], beginning: usize) -> bool {
    let end = raw.len().min(LONGEST).min(beginning + TIME);
    let rest = raw.get(beginning.saturating_sub(TIME)..end).unwrap_or_default();
    // Few have a colon there.
    let colon = rest.first_chunk().is_none_or(|rest| first_of(u64::from_le_bytes(*rest).into(), b':').is_some());
    colon && rest.windows(TIME + 1).any(|five| is_time(five) && five.get(3).is_some_and(|tens| many_tens(*tens)))
}

fn many_tens(tens: u8) -> bool {
    tens.wrapping_sub(b'6') < 4
}

/// Whether two digits, a colon and two digits.
fn is_time(five: &[u8]) -> bool {
    let digits = |all: &[u8]| all.iter().all(u8::is_ascii_digit);
    matches!(five, [hours @ .., b':', tens, ones] if digits(hours) && digits(&[*tens, *ones]))
}

/// Where in a beginning the tens of minutes and seconds stand, if these are few: lines that begin alike have them at the same places.
fn tens(beginning: &[u8]) -> Option<[u8; TIMES]> {
    let times = beginning.windows(TIME + 1).enumerate().filter(|(_, five)| is_time(five));
    let mut places = times.filter_map(|(at, _)| u8::try_from(at + 3).ok());
    let first = std::array::from_fn(|_| places.next().unwrap_or(0));
    places.next().is_none().then_some(first)
}

/// Whether a line's beginning tells that it goes on with no record before it but a logger's. One with digits there may be what a time with
/// others would have been a prefix of.
fn is_bare(line: &Line<'_>, shape: Shape) -> bool {
    let bare = matches!(shape, Shape::Bare | Shape::ErrorName | Shape::Excerpt);
    let digits = line.text.bytes().take(BARE).any(|byte| byte.is_ascii_digit());
    bare && !digits && !line.partial && !line.text.starts_with("...")
}

fn place(beginning: u64) -> usize {
    narrow(beginning >> 32) % PLACES
}

fn first_place(word: u64) -> usize {
    narrow(word >> 32) % FIRSTS
}

/// How many bytes tell all that matters of a line: what its prefixes say, and a level that is a number.
fn length(raw: &[u8], line: &Line<'_>) -> Option<usize> {
    let prefixes = text_start(raw, line).unwrap_or_else(|| raw.len().saturating_sub(line.text.len()));
    let structured = line.layers.contains(Layers::JSON) || line.layers.contains(Layers::LOGFMT);
    let length = match raw.first()? {
        b'{' if raw.starts_with(CARRIED) && !structured => message(raw, line)? + MESSAGE,
        b'{' => level(raw)? + MESSAGE,
        _ if structured => return None,
        _ if prefixes == 0 => WORDING,
        _ => prefixes + MESSAGE,
    };
    (length <= LONGEST).then_some(length)
}

/// Where a line's text begins, if it stands there as it is.
pub(super) fn text_start(raw: &[u8], line: &Line<'_>) -> Option<usize> {
    let text = line.text.as_bytes();
    if raw.ends_with(text) { Some(raw.len() - text.len()) } else { memchr::memmem::rfind(raw, text) }
}

/// Whether the line names its service or its task where digits do not count.
fn names_behind(raw: &[u8], line: &Line<'_>) -> bool {
    let first = raw.get(..name(raw)).unwrap_or_default();
    let within = |name: &str| memchr::memmem::find(first, name.as_bytes()).is_some();
    let digits = |name: &str| name.bytes().any(|byte| byte.is_ascii_digit());
    [&line.unit, &line.lane].into_iter().flatten().any(|name| digits(name) && !within(name))
}

/// A bit for each number of steps up to this one.
const fn all_to(steps: usize) -> u64 {
    (2 << steps) - 1
}

/// Shows `visit` how many steps a line's beginning has and a number for it, of two beginnings that differ hardly ever the same: the shortest
/// first, and such alone whose bit is set in what `lengths` gives for the number of the first word. Gives what `visit` gave first. Nothing for a
/// line whose beginning does not tell: an object may name its level at its end.
fn beginnings<T>(
    raw: &[u8],
    mut lengths: impl FnMut(u64) -> u64,
    mut visit: impl FnMut(usize, u64) -> Option<T>,
) -> Option<T> {
    let start = raw.get(..raw.len().min(LONGEST))?;
    let mut number = 0;
    if start.first() == Some(&b'{') {
        let told = if start.starts_with(CARRIED) { stream(raw)? } else { word(start.get(level(raw)?..)?) };
        number = mix(number, told);
        if raw.trim_ascii_end().last() != Some(&b'}') {
            return None;
        }
    }
    let (mut pieces, mut at, mut left) = (Zeros::of(raw, name(start)), 0, 0);
    while at < LONGEST
        && let Some(piece) = pieces.next()
    {
        let [first, second] = piece;
        if at == 0 {
            left = lengths(mix(number, first)) >> 1;
        }
        if left == 0 {
            break;
        }
        if left & OF_PIECE != 0 {
            // Of each step, what of the piece it holds.
            let halves = [[first & HALF, 0], [first, 0], [first, second & HALF], piece];
            for (step, half) in halves.into_iter().enumerate().filter(|(step, _)| left >> step & 1 == 1) {
                let steps = at / STEP + step + 1;
                if let Some(shown) = visit(steps, mix(mix_two(number, half), wide(steps)) | 1) {
                    return Some(shown);
                }
            }
        }
        left >>= PIECE / STEP;
        number = mix_two(number, piece);
        at += PIECE;
    }
    None
}

/// A bit for each step of a piece.
const OF_PIECE: u64 = (1 << (PIECE / STEP)) - 1;

/// Where an object's level stands, if near its beginning.
fn level(raw: &[u8]) -> Option<usize> {
    Some(LEVELS.find(raw.get(..raw.len().min(LONGEST))?)? + LEVEL.len())
}

const LEVEL: &[u8] = b"\"level\":";
static LEVELS: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(LEVEL));

/// Where the message begins in Docker's record, if it stands there as it is and is a whole line.
pub(super) fn message(raw: &[u8], line: &Line<'_>) -> Option<usize> {
    let before = raw.starts_with(CARRIED).then(|| raw.get(..whole(raw)?)).flatten()?;
    let text = line.text.as_bytes();
    before.ends_with(text).then(|| before.len() - text.len()).filter(|start| *start >= CARRIED.len())
}

/// Where the message of Docker's record ends, if it is a whole line.
fn whole(raw: &[u8]) -> Option<usize> {
    let tail = raw.len().saturating_sub(TAIL);
    Some(tail + WHOLES.find(raw.get(tail..)?)?)
}

/// What the end of Docker's record says of a whole line, if its time follows: the stream, as a number.
fn stream(raw: &[u8]) -> Option<u64> {
    let told = raw.get(whole(raw)? + WHOLE.len()..)?;
    told.get(WORD..)?.starts_with(b"\"time\":\"").then(|| word(told))
}

/// How Docker's record begins, where no other field comes first.
const CARRIED: &[u8] = b"{\"log\":\"";
/// How its message ends, when it is a whole line.
const WHOLE: &[u8] = br#"\n","stream":""#;
static WHOLES: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(WHOLE));
/// Within so many bytes of the end the message must end.
const TAIL: usize = 96;

/// Bytes of the first word, if that may be a name.
fn name(raw: &[u8]) -> usize {
    match raw.first() {
        Some(b'0'..=b'9' | b'{') | None => 0,
        _ => {
            let near = raw.first_chunk().and_then(|first| first_of(u128::from_le_bytes(*first), b' '));
            near.or_else(|| memchr::memchr(b' ', raw.get(..raw.len().min(NAME))?)).unwrap_or(0)
        }
    }
}

/// The first eight bytes, or fewer and zeros.
fn word(bytes: &[u8]) -> u64 {
    let mut eight = [0; WORD];
    for (to, byte) in eight.iter_mut().zip(bytes) {
        *to = *byte;
    }
    u64::from_le_bytes(eight)
}

#[cfg(test)]
mod tests {
    use super::super::line::peel;
    use super::*;

    #[test]
    fn beginnings_differ_by_more_than_digits() {
        let alike = [
            ("[Nest] 42  - 11/23/2026, 1:00:00 PM     LOG [A] x", "[Nest] 17  - 11/24/2027, 2:31:59 PM     LOG [A] x"),
            (r#"{"level":30,"time":1795100000005,"pid":16}"#, r#"{"level":30,"time":1795100000006,"pid":17}"#),
        ];
        let beginning = |raw: &[u8]| {
            let mut last = None;
            beginnings(
                raw,
                |_| u64::MAX,
                |steps, number| -> Option<()> {
                    last = Some((steps, number));
                    None
                },
            );
            last
        };
        for (one, other) in alike {
            assert_eq!(beginning(one.as_bytes()), beginning(other.as_bytes()), "{one}");
        }
        let unlike = [
            ("server-1  | x", "server-2  | x"),
            ("[0] x", "[1] x"),
            (r#"{"level":30,"time":1}"#, r#"{"level":50,"time":1}"#),
            ("[Nest] 42  - 11/23/2026, 1:00:00 PM     LOG [A] x", "[Nest] 42  - 11/23/2026, 1:00:00 PM   ERROR [A] x"),
        ];
        for (one, other) in unlike {
            assert_ne!(beginning(one.as_bytes()), beginning(other.as_bytes()), "{one}");
        }
        let docker = |log: &str, stream: &str| {
            beginning(format!(r#"{{"log":"{log}","stream":"{stream}","time":"2026-11-23T18:44:13Z"}}"#).as_bytes())
        };
        assert!(docker(r"x\n", "stderr").is_some());
        assert_ne!(docker(r"x\n", "stderr"), docker(r"x\n", "stdout"), "the stream stands at the end");
        assert_eq!(docker("x", "stderr"), None, "it goes on in the next record");
        assert_eq!(beginning(br#"{"log":"x\n","stream":"stderr","attrs":{},"time":"2026-11-23T18:44:13Z"}"#), None);
        assert_eq!(beginning(br#"{"level":30,"time":1795100000005,"#), None, "cut off");
    }

    #[test]
    fn a_beginning_ends_with_its_line() {
        let line = [b'x'; 2 * LONGEST];
        let shown = |length: usize| {
            let mut shown = Vec::new();
            let note = |steps, number| -> Option<()> {
                shown.push((steps, number));
                None
            };
            beginnings(&line[..length], |_| u64::MAX, note);
            shown
        };
        for length in 0..LONGEST {
            let same = shown(length).iter().zip(shown(length + 1)).take_while(|(one, more)| *one == more).count();
            assert_eq!(same, length / STEP, "its end tells a line of {length} bytes from longer ones");
        }
        assert_eq!(shown(LONGEST), shown(LONGEST + 1), "what is behind it does not count");
        assert_eq!(shown(LONGEST).len(), LONGEST / STEP);
    }

    #[test]
    fn what_is_no_time_is_not_alike() {
        for (text, impossible) in [
            ("2026-11-23T18:44:13.119Z x", false),
            ("2026-11-23T18:61:13.119Z x", true),
            ("2026-11-23T18:44:60Z x", true),
            ("172.18.0.3:5432", false),
            (":::3000", false),
            ("at 18:9", false),
            ("at 1:77:", false),
            ("2026-11-23 00:00:00 and then 18:71", true),
            ("x:", false),
        ] {
            let raw = text.as_bytes();
            // However much of the line the beginning is.
            for beginning in (0..raw.len() + STEP).step_by(STEP) {
                let start = &raw[..raw.len().min(beginning)];
                let known = Known { tens: tens(start).unwrap(), ..Known::default() };
                let end = raw.len().min(beginning + TIME);
                let expected = impossible && raw[..end].windows(5).any(|five| is_time(five) && many_tens(five[3]));
                assert_eq!(known.has_impossible_time(raw, beginning), expected, "{text}, {beginning} bytes");
            }
            let known = Known { tens: tens(raw).unwrap(), ..Known::default() };
            assert_eq!(known.has_impossible_time(raw, raw.len()), impossible, "{text}");
        }
    }

    #[test]
    fn names_of_services_are_told_apart_or_not_remembered() {
        let named = |raw: &str| names_behind(raw.as_bytes(), &peel(raw.as_bytes()));
        assert!(!named("server-1  | x") && !named("[0] x") && !named("plain"));
        assert!(named("2026-11-23T18:44:13.119123456Z [0] x"));
        assert!(named("Nov 21 09:23:59 host app2[794322]: x") && !named("Nov 21 09:23:59 host app[794322]: x"));
    }
}
