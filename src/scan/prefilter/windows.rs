//! Which few bytes of each literal to look for.
//!
//! Takes the literals; gives a window and its place for each, and the bucket tables that flag those windows. A few of the
//! rarest windows of a literal compete: the one that makes the buckets pass least wins.

use std::collections::HashSet;

use super::buckets::{Buckets, Tables, WIDTH};
use super::rarity::level;

/// The shortest literal that can be looked for, in bytes. Shorter ones would be found everywhere.
pub const MIN_LITERAL: usize = 4;

/// A window lies in the first bytes of its literal. It bounds how far beyond a first hit a search must look.
const REACH: usize = 256;
/// How many windows of a literal compete for the buckets.
const RIVALS: usize = 8;

/// The window by which a literal is found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    /// The literal's index; of equal literals only the first has a window.
    pub(super) literal: usize,
    /// Where in its literal the window lies.
    pub(super) offset: usize,
}

/// One window for each distinct literal, in the order of the literals, and the tables that let at least these pass.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) windows: Vec<Window>,
    pub(super) tables: Box<Tables>,
}

/// How many groups of eight buckets serve a number of literals: more cost time a block, fewer let more pass.
const fn groups(literals: usize) -> usize {
    match literals {
        0..=64 => 1,
        65..=320 => 2,
        _ => 4,
    }
}

/// `None` if a literal is shorter than [`MIN_LITERAL`].
pub(super) fn choose(literals: &[&[u8]]) -> Option<Chosen> {
    let mut buckets = Buckets::new(groups(literals.len()));
    let mut levels = Vec::new();
    let mut seen = HashSet::with_capacity(literals.len());
    let mut windows = Vec::with_capacity(literals.len());
    let mut order: Vec<(usize, &[u8])> = literals.iter().copied().enumerate().collect();
    // The short ones have the least choice.
    order.sort_by_key(|(_, literal)| literal.len());
    for (index, literal) in order {
        if literal.len() < MIN_LITERAL {
            return None;
        }
        if !seen.insert(literal) {
            continue;
        }
        let bytes = |offset: usize| literal.get(offset..literal.len().min(offset + WIDTH)).unwrap_or(literal);
        let mut best = (f32::MAX, 0, 0);
        for (level, offset) in rivals(literal, &mut levels).into_iter().flatten() {
            let (added, bucket) = buckets.cheapest(bytes(offset));
            let cost = added * weight(level);
            if cost < best.0 {
                best = (cost, bucket, offset);
            }
        }
        let (_, bucket, offset) = best;
        buckets.put(bucket, bytes(offset));
        windows.push(Window { literal: index, offset });
    }
    Some(Chosen { windows, tables: buckets.tables() })
}

/// How much being common counts against a window, beside what it adds to its bucket. Both are rough: what a bucket lets
/// pass is taken for unrelated bytes, and words of the trade are commoner than their letters. The weight was found by trying.
fn weight(level: i32) -> f32 {
    (f32::from(i16::try_from(level).unwrap_or(i16::MAX)) / 8.0).exp2()
}

/// The level and the place of the rarest windows of a literal, rarest first, and of equally rare ones the first.
fn rivals(literal: &[u8], levels: &mut Vec<i32>) -> [Option<(i32, usize)>; RIVALS] {
    levels.clear();
    let runs = literal.windows(3).take(REACH).map(|run| run.first_chunk().copied().map_or(0, level));
    levels.extend(runs);
    let mut best = [(i32::MAX, None); RIVALS];
    for (offset, window) in levels.windows(levels.len().min(WIDTH - 2)).enumerate() {
        let mut rival = (window.iter().sum(), Some(offset));
        for place in &mut best {
            if rival.0 < place.0 {
                std::mem::swap(place, &mut rival);
            }
        }
    }
    best.map(|(level, offset)| Some((level, offset?)))
}
