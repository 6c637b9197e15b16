//! Which few bytes of each literal to look for, and in which bucket.
//!
//! Takes the literals; gives a window of each and its bucket. A bucket lets a position of a text pass when each byte there
//! is of a class that some window of the bucket has in that place, so it also lets mixtures of its windows pass. Literals
//! are therefore placed one after the other where they let least of a sample text pass that did not pass before: literals
//! that share a word end up sharing a window. The sample is made up (`examples/ordinary.rs`); it decides how fast an answer
//! comes, never which.
//!
//! This file is also compiled into the build script, which chooses for the rules of the program.

use std::collections::HashMap;

/// The shortest literal that can be looked for, in bytes. Shorter ones would be found everywhere.
pub const MIN_LITERAL: usize = 4;

/// Bytes of a window that buckets look at. A shorter literal lets any byte pass in the places it does not reach.
pub(crate) const WIDTH: usize = 7;
/// Buckets. Twice as many would let less than half as much pass, but the look-ups for them cost more.
pub(crate) const BUCKETS: usize = 16;
/// Classes of bytes that buckets tell apart: letters without their case, and what shares their lower five bits. A kernel may tell more
/// apart.
const CLASSES: usize = 32;
/// Bytes that tell a window from others once a bucket let it pass.
const WHOLE: usize = 8;
/// A window lies in the first bytes of its literal. It bounds how far beyond a first hit a search must look.
const REACH: usize = 32;
/// What a place of the sample that passes counts for, beside a class of bytes that a bucket lets pass.
const COMMON: usize = 64;

const SAMPLE: &[u8] = include_bytes!("../../ordinary.txt");

/// Where in its literal the window lies that is looked for, and in which bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) offset: usize,
    pub(crate) bucket: usize,
}

/// How much of the sample is looked at: more takes longer and chooses better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// Every place: for the literals of the program's own rules.
    Much,
    /// One place in 64: for what is only known when the program runs.
    Little,
}

/// The class of a byte.
fn class(byte: u8) -> usize {
    usize::from(byte) % CLASSES
}

/// A window for each literal; the same for equal ones. Those of which the window is known keep it. `None` if a literal is
/// shorter than [`MIN_LITERAL`].
pub(crate) fn choose(literals: &[&[u8]], known: &[Option<Window>], care: Care) -> Option<Vec<Window>> {
    if literals.iter().any(|literal| literal.len() < MIN_LITERAL) {
        return None;
    }
    if known.len() == literals.len()
        && let Some(known) = known.iter().copied().collect()
    {
        return Some(known);
    }
    let mut chosen: HashMap<&[u8], Window> = HashMap::with_capacity(literals.len());
    for (literal, window) in literals.iter().zip(known) {
        chosen.extend(window.map(|window| (*literal, window)));
    }
    let mut open: Vec<&[u8]> = literals.iter().copied().filter(|literal| !chosen.contains_key(literal)).collect();
    if !open.is_empty() {
        let sample = Sample::new(care);
        let mut filling = Filling::new(&sample);
        for (literal, window) in &chosen {
            filling.put(window.bucket, bytes(literal, window.offset));
        }
        // The short ones have the least choice.
        open.sort_by_key(|literal| literal.len());
        for literal in open {
            chosen.entry(literal).or_insert_with(|| filling.place(literal));
        }
    }
    literals.iter().map(|literal| chosen.get(literal).copied()).collect()
}

/// The last place where a window may begin: eight bytes before the end, so that it is told from others at the next look.
fn last_offset(literal: &[u8]) -> usize {
    literal.len().saturating_sub(WHOLE).min(REACH)
}

fn bytes(literal: &[u8], offset: usize) -> &[u8] {
    literal.get(offset..literal.len().min(offset + WIDTH)).unwrap_or(&[])
}

/// A bit for each of some places of the sample.
type Chunk = [u64; 8];
const CHUNK: usize = 512;

/// The sample text: by place in a window and class of the byte there, a bit for each place of the text that has it.
struct Sample {
    chunks: usize,
    classes: Vec<Chunk>,
}

impl Sample {
    fn new(care: Care) -> Self {
        let step = if care == Care::Much { 1 } else { 64 };
        let chunks = (SAMPLE.len() - WIDTH) / step / CHUNK;
        let mut classes = vec![Chunk::default(); WIDTH * CLASSES * chunks];
        for number in 0..chunks * CHUNK {
            for (place, byte) in SAMPLE.iter().skip(number * step).take(WIDTH).enumerate() {
                let chunk = classes.get_mut((place * CLASSES + class(*byte)) * chunks + number / CHUNK);
                if let Some(word) = chunk.and_then(|chunk| chunk.get_mut(number % CHUNK / 64)) {
                    *word |= 1 << (number % 64);
                }
            }
        }
        Self { chunks, classes }
    }

    /// The places whose byte is of this class.
    fn with(&self, place: usize, class: usize) -> &[Chunk] {
        let from = (place * CLASSES + class) * self.chunks;
        self.classes.get(from..from + self.chunks).unwrap_or(&[])
    }
}

/// What a bucket lets pass.
#[derive(Clone)]
struct Bucket {
    /// By place in the window, a bit for each class of byte.
    classes: [u32; WIDTH],
    /// By place in the window, the places of the sample that pass.
    passing: [Vec<Chunk>; WIDTH],
}

/// Buckets being filled.
struct Filling<'a> {
    sample: &'a Sample,
    buckets: Vec<Bucket>,
    /// Places of the sample that no bucket lets pass.
    left: Vec<Chunk>,
}

impl<'a> Filling<'a> {
    fn new(sample: &'a Sample) -> Self {
        let passing = std::array::from_fn(|_| vec![Chunk::default(); sample.chunks]);
        let bucket = Bucket { classes: [0; WIDTH], passing };
        Self { sample, buckets: vec![bucket; BUCKETS], left: vec![[u64::MAX; 8]; sample.chunks] }
    }

    /// Puts a literal where it adds least.
    fn place(&mut self, literal: &[u8]) -> Window {
        let mut best = (usize::MAX, Window { offset: 0, bucket: 0 });
        for offset in 0..=last_offset(literal) {
            for bucket in 0..BUCKETS {
                let cost = self.cost(bucket, bytes(literal, offset), best.0);
                if cost < best.0 {
                    best = (cost, Window { offset, bucket });
                }
            }
        }
        let (_, window) = best;
        self.put(window.bucket, bytes(literal, window.offset));
        window
    }

    /// How much more of the sample passes, and as a lesser thing how much more a bucket would let pass; given up at `limit`.
    fn cost(&self, bucket: usize, window: &[u8], limit: usize) -> usize {
        let Some(known) = self.buckets.get(bucket) else { return usize::MAX };
        let new = |(byte, classes): (&u8, &u32)| usize::from(classes >> class(*byte) & 1 == 0);
        let mut cost = CLASSES * (WIDTH - window.len()) + window.iter().zip(&known.classes).map(new).sum::<usize>();
        if cost == 0 || cost >= limit {
            return cost;
        }
        let with = |(place, byte): (usize, &u8)| self.sample.with(place, class(*byte));
        let sets: Vec<_> = known.passing.iter().zip(window.iter().enumerate().map(with)).collect();
        for (at, left) in self.left.iter().enumerate() {
            let mut adding = *left;
            for (passing, with) in &sets {
                if let (Some(passing), Some(with)) = (passing.get(at), with.get(at)) {
                    for (adding, (passing, with)) in adding.iter_mut().zip(passing.iter().zip(with)) {
                        *adding &= passing | with;
                    }
                }
            }
            let passing: u32 = adding.iter().map(|word| word.count_ones()).sum();
            cost += COMMON * usize::try_from(passing).unwrap_or(0);
            if cost >= limit {
                return cost;
            }
        }
        cost
    }

    /// Lets a window pass by a bucket.
    fn put(&mut self, bucket: usize, window: &[u8]) {
        let Some(known) = self.buckets.get_mut(bucket) else { return };
        let mut changed = false;
        for (place, (classes, passing)) in known.classes.iter_mut().zip(&mut known.passing).enumerate() {
            let added = window.get(place).map_or(u32::MAX, |byte| 1 << class(*byte));
            for class in (0..CLASSES).filter(|class| (added & !*classes) >> class & 1 == 1) {
                changed = true;
                let passing = passing.as_flattened_mut().iter_mut();
                passing.zip(self.sample.with(place, class).as_flattened()).for_each(|(all, with)| *all |= with);
            }
            *classes |= added;
        }
        if changed {
            for (at, left) in self.left.as_flattened_mut().iter_mut().enumerate() {
                let sets = known.passing.iter().map(|set| set.as_flattened().get(at).copied().unwrap_or(0));
                *left &= !sets.fold(u64::MAX, |all, word| all & word);
            }
        }
    }
}
