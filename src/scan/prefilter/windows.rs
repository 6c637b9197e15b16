//! Which few bytes of each literal to look for.
//!
//! Takes the literals; gives windows and their places for each, and the tables that flag those windows. Few literals, and
//! short ones, go to buckets: a few of the rarest windows of a literal compete, and the one that makes the buckets pass
//! least wins. Many long ones go to [`Strided`].

use std::collections::HashSet;

use super::buckets::{Buckets, NARROW, Tables, WIDTH};
use super::rarity::level;
use super::strided::{self, Strided};

/// The shortest literal that can be looked for, in bytes. Shorter ones would be found everywhere.
pub const MIN_LITERAL: usize = 4;

/// A window lies in the first bytes of its literal. It bounds how far beyond a first hit a search must look.
pub(super) const REACH: usize = 256;
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

/// Windows for each distinct literal, and what lets at least these pass.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) windows: Vec<Window>,
    /// Finds the windows of long literals where there are many.
    pub(super) strided: Option<Strided>,
    /// Finds the others, if there are any.
    pub(super) tables: Option<Box<Tables>>,
}

/// So many literals are left to buckets alone, which pass over text once for few of them.
const FEW: usize = 64;

/// How many groups of eight buckets serve a number of literals: more cost time a block, fewer let more pass.
const fn groups(literals: usize) -> usize {
    match literals {
        0..=FEW => 1,
        65..=320 => 2,
        _ => 4,
    }
}

/// `None` if a literal is shorter than [`MIN_LITERAL`].
pub(super) fn choose(literals: &[&[u8]]) -> Option<Chosen> {
    let mut seen = HashSet::with_capacity(literals.len());
    let (mut long, mut short) = (Vec::new(), Vec::new());
    for (index, literal) in literals.iter().enumerate() {
        if literal.len() < MIN_LITERAL {
            return None;
        }
        if seen.insert(literal) {
            if literal.len() < strided::SHORTEST { short.push(index) } else { long.push(index) }
        }
    }
    if long.len() + short.len() <= FEW {
        short.append(&mut long);
    } else {
        // Windows of fewer than eight bytes are better looked for at every place, as far as that costs nothing.
        let common = strided::common(literals, &long);
        short.extend(common.iter().take(FEW.saturating_sub(short.len())));
        long.retain(|index| !short.contains(index));
    }
    let mut windows = Vec::new();
    let strided = (!long.is_empty()).then(|| Strided::new(literals, &long, &mut windows));
    let tables = (!short.is_empty()).then(|| buckets(literals, short, strided.is_some(), &mut windows));
    Some(Chosen { windows, strided, tables })
}

/// Gives each of some literals one window and a bucket for it; looks at fewer places where it works beside another scan.
fn buckets(literals: &[&[u8]], mut chosen: Vec<usize>, beside: bool, windows: &mut Vec<Window>) -> Box<Tables> {
    let text = |index: usize| literals.get(index).copied().unwrap_or_default();
    let width = if beside { NARROW } else { WIDTH };
    let mut buckets = Buckets::new(groups(chosen.len()), width);
    let mut levels = Vec::new();
    // The short ones have the least choice.
    chosen.sort_by_key(|index| text(*index).len());
    for literal in chosen {
        let text = text(literal);
        let bytes = |offset: usize| text.get(offset..text.len().min(offset + width)).unwrap_or(text);
        let mut best = (f32::MAX, 0, 0);
        for (level, offset) in rivals(text, width, &mut levels).into_iter().flatten() {
            let (added, bucket) = buckets.cheapest(bytes(offset));
            let cost = added * weight(level);
            if cost < best.0 {
                best = (cost, bucket, offset);
            }
        }
        let (_, bucket, offset) = best;
        buckets.put(bucket, bytes(offset));
        windows.push(Window { literal, offset });
    }
    buckets.tables()
}

/// How much being common counts against a window, beside what it adds to its bucket. Both are rough: what a bucket lets
/// pass is taken for unrelated bytes, and words of the trade are commoner than their letters. The weight was found by trying.
fn weight(level: i32) -> f32 {
    (f32::from(i16::try_from(level).unwrap_or(i16::MAX)) / 8.0).exp2()
}

/// The level and the place of the rarest windows of a literal, rarest first, and of equally rare ones the first.
fn rivals(literal: &[u8], width: usize, levels: &mut Vec<i32>) -> [Option<(i32, usize)>; RIVALS] {
    levels.clear();
    // A window that has eight bytes of its literal from its first one on is told from others at the next look.
    let places = if literal.len() < WIDTH { literal.len() } else { literal.len() + width - WIDTH };
    let runs = literal
        .windows(3)
        .take(REACH.min(places.saturating_sub(2)))
        .map(|run| run.first_chunk().copied().map_or(0, level));
    levels.extend(runs);
    let mut best = [(i32::MAX, None); RIVALS];
    for (offset, window) in levels.windows(levels.len().min(width - 2)).enumerate() {
        let mut rival = (window.iter().sum(), Some(offset));
        for place in &mut best {
            if rival.0 < place.0 {
                std::mem::swap(place, &mut rival);
            }
        }
    }
    best.map(|(level, offset)| Some((level, offset?)))
}
