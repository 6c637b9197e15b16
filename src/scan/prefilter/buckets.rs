//! Spreads windows over buckets and makes the tables a kernel shuffles with.
//!
//! A bucket lets a position pass when each byte of the window there is one that some window of the bucket has in that
//! place, so a bucket of unlike windows lets mixtures of them pass. Windows therefore go where they add least to the share
//! of text expected to pass. A group is eight buckets: one bit each of a table's bytes.

use super::rarity::{fold, frequency};

/// Bytes a bucket looks at. A literal of fewer lets any byte pass in the places it does not reach.
pub(super) const WIDTH: usize = 8;
/// Bytes that are looked at where the literals left to buckets are short.
pub(super) const NARROW: usize = 5;
/// The most groups a set of tables has.
pub(super) const MAX_GROUPS: usize = 4;
/// Buckets in a group.
const BITS: usize = 8;
const MAX_BUCKETS: usize = MAX_GROUPS * BITS;
/// Kinds of bytes: see [`fold`].
const KINDS: usize = 64;

/// What the kernels look bytes up in. Bit `k` of an entry stands for bucket `k` of its group.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub(super) struct Tables {
    /// By group, place in the window, and folded byte.
    pub(super) folded: [[[u8; KINDS]; WIDTH]; MAX_GROUPS],
    /// By group, place in the window, low and then high half of the byte, and its value.
    pub(super) halves: [[[[u8; 16]; 2]; WIDTH]; MAX_GROUPS],
    /// How many of the groups are in use: 1, 2 or 4.
    pub(super) groups: usize,
    /// How many places of a window are looked at.
    pub(super) width: usize,
}

type PerBucket = [f32; MAX_BUCKETS];

/// Buckets being filled.
#[derive(Debug)]
pub(super) struct Buckets {
    /// By place in the window and kind of byte: what letting it pass would add to the share of a bucket.
    additions: Vec<[PerBucket; KINDS]>,
    /// By place in the window: the share of text a bucket lets pass there.
    shares: [PerBucket; WIDTH],
    /// The product of a bucket's shares.
    passing: PerBucket,
    tables: Box<Tables>,
}

impl Buckets {
    pub(super) fn new(groups: usize, width: usize) -> Self {
        let mut kind = 0;
        let frequencies = [(); KINDS].map(|()| {
            kind += 1;
            frequency(kind - 1)
        });
        let halves = [[[[0; 16]; 2]; WIDTH]; MAX_GROUPS];
        Self {
            additions: vec![frequencies.map(|frequency| [frequency; MAX_BUCKETS]); WIDTH],
            shares: [[0.0; MAX_BUCKETS]; WIDTH],
            passing: [0.0; MAX_BUCKETS],
            tables: Box::new(Tables { folded: [[[0; KINDS]; WIDTH]; MAX_GROUPS], halves, groups, width }),
        }
    }

    /// The bucket where a window adds least to the share of text that passes, and how much that is.
    pub(super) fn cheapest(&self, window: &[u8]) -> (f32, usize) {
        let mut after = [1.0; MAX_BUCKETS];
        // Where the window has no byte everything passes: the share becomes one.
        for ((&byte, shares), additions) in window.iter().zip(&self.shares).zip(&self.additions) {
            let Some(addition) = additions.get(usize::from(fold(byte))) else {
                continue;
            };
            for ((product, share), addition) in after.iter_mut().zip(shares).zip(addition) {
                *product *= share + addition;
            }
        }
        let mut best = (f32::MAX, 0);
        let each = after.iter().zip(&self.passing).zip(0..self.tables.groups * BITS);
        for ((after, before), bucket) in each {
            if after - before < best.0 {
                best = (after - before, bucket);
            }
        }
        best
    }

    /// Lets a window pass by a bucket.
    pub(super) fn put(&mut self, bucket: usize, window: &[u8]) {
        for place in 0..WIDTH {
            match window.get(place) {
                Some(&byte) => self.allow(bucket, place, byte),
                None => (0..=u8::MAX).for_each(|byte| self.allow(bucket, place, byte)),
            }
        }
        if let Some(passing) = self.passing.get_mut(bucket) {
            *passing = self.shares.iter().filter_map(|shares| shares.get(bucket)).product();
        }
    }

    fn allow(&mut self, bucket: usize, place: usize, byte: u8) {
        let kind = usize::from(fold(byte));
        let addition = self.additions.get_mut(place).and_then(|of| of.get_mut(kind)).and_then(|of| of.get_mut(bucket));
        if let (Some(addition), Some(share)) = (addition, self.shares.get_mut(place).and_then(|of| of.get_mut(bucket)))
        {
            *share += std::mem::take(addition);
        }
        let (group, bit) = (bucket / BITS, 1 << (bucket % BITS));
        if let Some(table) = self.tables.folded.get_mut(group).and_then(|of| of.get_mut(place)) {
            mark(table, kind, bit);
        }
        if let Some([low, high]) = self.tables.halves.get_mut(group).and_then(|of| of.get_mut(place)) {
            mark(low, usize::from(byte & 15), bit);
            mark(high, usize::from(byte >> 3 & 15), bit);
        }
    }

    pub(super) fn tables(self) -> Box<Tables> {
        self.tables
    }
}

fn mark(table: &mut [u8], place: usize, bit: u8) {
    if let Some(entry) = table.get_mut(place) {
        *entry |= bit;
    }
}
