//! Where might any rule have something to say? The literal prefilter.
//!
//! Takes a set of literals once and haystacks as often as wanted; gives the first place where a literal occurs. It knows
//! nothing of lines, rules or encodings, keeps no state between calls, does no I/O and never fails: the answer is exact,
//! not a guess, and the same from every [`Kernel`].
//!
//! How it goes fast: of each literal only one window of a few bytes is looked for (`choose` says which). It lies in one of
//! 16 buckets of windows (`buckets`), and a pass over the text asks of 64 positions at a time whether any bucket lets one
//! pass (`kernel`, which takes it in `block`s; `scalar` does without SIMD and buckets). The few positions left (`sweep`) are looked up in a bitmap of
//! windows, then in a table of windows, and only then is a literal compared (`verify`).
//!
//! ```
//! use diagnose::scan::{Bucketed, Hit, Prefilter};
//!
//! let literals: [&[u8]; 2] = [b"ECONNREFUSED", b"connect ECONN"];
//! let filter = Bucketed::new(&literals).ok_or("a literal is too short")?;
//! let line = b"Error: connect ECONNREFUSED 127.0.0.1:5432";
//! assert_eq!(filter.find(line, 0), Some(Hit { start: 7, literal: 1 }));
//! assert_eq!(filter.find(line, 8), Some(Hit { start: 15, literal: 0 }));
//! assert_eq!(filter.find(line, 16), None);
//! # Ok::<(), &str>(())
//! ```

mod block;
mod buckets;
mod choose;
mod kernel;
mod scalar;
mod sweep;
mod verify;

#[cfg(test)]
mod tests;

use block::{FEW, LANES, MOST};
use buckets::Tables;
use choose::{BUCKETS, Care, Window, choose};
use sweep::Sweep;
use verify::Verifier;

pub use choose::MIN_LITERAL;

/// Finds where any of a set of literals occurs.
pub trait Prefilter: Send + Sync {
    /// The first occurrence that *starts* at or after byte `from` of `haystack`: the smallest start of any literal, and
    /// of the literals starting there the one with the lowest index. An occurrence that started before `from` does not
    /// count, even where it reaches past `from`; a `from` beyond the end finds nothing.
    ///
    /// A call costs little to start, so a caller may go on from the next line after every hit.
    fn find(&self, haystack: &[u8], from: usize) -> Option<Hit>;

    /// Bytes of the longest literal.
    fn longest(&self) -> usize;

    /// Shows `visit` the first hit that starts at or after `from` and before `limit`, and which line breaks were counted so far, then the first
    /// at or after the place that `visit` gave, and so on. Looks at no byte twice, however dense the hits. It may give the number of line breaks
    /// between `from` and `limit`, for a caller that counts lines.
    fn each(&self, haystack: &[u8], from: usize, limit: usize, visit: &mut Visit<'_>) -> Option<usize> {
        let (mut next, counted) = (from, Counted { place: from, newlines: 0 });
        while let Some(hit) = self.find(haystack, next).filter(|hit| hit.start < limit) {
            next = visit(hit, counted).max(hit.start + 1);
        }
        None
    }
}

/// Who is shown hits: gives the place from which on the next one is looked for.
pub type Visit<'v> = dyn FnMut(Hit, Counted) -> usize + 'v;

/// So many line breaks lie between the place where a search began and this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// An offset in the haystack.
    pub place: usize,
    /// Line breaks before it.
    pub newlines: usize,
}

/// Where a literal occurs. Orders by start, then by literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hit {
    /// The offset of the literal's first byte in the haystack.
    pub start: usize,
    /// The literal's index in the set the prefilter was made from; of equal literals, the lowest.
    pub literal: usize,
}

/// The instructions a [`Bucketed`] scans with. All give the same answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kernel {
    /// x86-64 with AVX-512 VBMI and VBMI2 (Ice Lake, Zen 4 and later): 64 bytes at a time, one look-up a position for every eight buckets,
    /// which tells bytes apart by six bits.
    Avx512Vbmi,
    /// x86-64 with AVX-512 BW (Skylake-X and later): as `Avx2`, 64 bytes at a time.
    Avx512,
    /// x86-64 with AVX2: 32 bytes at a time, two look-ups a position for every eight buckets, which tell bytes apart by five bits.
    Avx2,
    /// AArch64: 16 bytes at a time, one look-up of five bits.
    Neon,
    /// Safe Rust for any machine; the twin the others are tested against.
    Scalar,
}

impl Kernel {
    /// The kernels this machine can run, fastest first; `Scalar` is always the last of them.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let all = [Self::Avx512Vbmi, Self::Avx512, Self::Avx2, Self::Neon, Self::Scalar];
        all.into_iter().filter(|&kernel| kernel::runs_here(kernel)).collect()
    }

    fn best() -> Self {
        Self::available().first().copied().unwrap_or(Self::Scalar)
    }
}

/// The fast prefilter; see the module for how it works.
///
/// Making one costs a fraction of a millisecond for a thousand literals and it then owns some hundred KiB. It is never
/// changed by use: share one between threads.
#[derive(Debug)]
pub struct Bucketed {
    tables: Box<Tables>,
    verifier: Verifier,
    kernel: kernel::Supported,
    longest: usize,
}

impl Bucketed {
    /// A prefilter for `literals` with the best kernel of this machine; `None` if a literal is shorter than
    /// [`MIN_LITERAL`] bytes. An empty set is allowed and finds nothing. Equal literals, and literals inside of others,
    /// are allowed.
    #[must_use]
    pub fn new(literals: &[&[u8]]) -> Option<Self> {
        Self::with_kernel(literals, Kernel::best())
    }

    /// As [`Bucketed::new`] with a kernel of the caller's choice; `None` also where this machine cannot run it.
    #[must_use]
    pub fn with_kernel(literals: &[&[u8]], kernel: Kernel) -> Option<Self> {
        Self::made(literals, &[], kernel)
    }

    /// As [`Bucketed::new`]; for some literals it was chosen beforehand where their windows begin, and in which bucket.
    #[must_use]
    pub fn with_windows(literals: &[&[u8]], windows: &[Option<[usize; 2]>]) -> Option<Self> {
        let window = |[offset, bucket]: [usize; 2]| Window { offset, bucket };
        let known: Vec<_> = windows.iter().map(|known| known.map(window)).collect();
        Self::made(literals, &known, Kernel::best())
    }

    /// As [`Bucketed::new`], ready ten times as soon and slower: each literal is looked for by its first bytes, and no windows are chosen. For
    /// texts as short as a line.
    #[must_use]
    pub fn unchosen(literals: &[&[u8]]) -> Option<Self> {
        let window = |bucket| Some(Window { offset: 0, bucket });
        let windows: Vec<_> = (0..BUCKETS).cycle().map(window).take(literals.len()).collect();
        Self::made(literals, &windows, Kernel::best())
    }

    fn made(literals: &[&[u8]], known: &[Option<Window>], kernel: Kernel) -> Option<Self> {
        let kernel = kernel::Supported::new(kernel)?;
        let windows = choose(literals, known, Care::Little)?;
        let tables = Tables::new(literals.iter().copied().zip(windows.iter().copied()));
        let longest = literals.iter().map(|literal| literal.len()).max().unwrap_or(0);
        Some(Self { tables, verifier: Verifier::new(literals, &windows), kernel, longest })
    }

    /// Hands on a sweep from there on. Most texts are short, and zeros for a long one's places would take longer than the look.
    fn sweep<T>(&self, haystack: &[u8], from: usize, hand: impl FnOnce(Sweep<'_>) -> T) -> T {
        if haystack.len().saturating_sub(from) <= FEW {
            hand(Sweep::new(self, haystack, from, &mut [0; FEW + LANES]))
        } else {
            hand(Sweep::new(self, haystack, from, &mut [0; MOST + LANES]))
        }
    }

    /// Shows `each` every occurrence of every literal, overlapping ones included, at least once, in no order; of equal
    /// literals the first.
    pub fn all(&self, haystack: &[u8], each: &mut dyn FnMut(Hit)) {
        self.sweep(haystack, 0, |mut sweep| sweep.all(each));
    }

    /// The kernels this machine can run, fastest first.
    #[must_use]
    pub fn available_kernels() -> Vec<Kernel> {
        Kernel::available()
    }

    /// The kernel this prefilter scans with.
    #[must_use]
    pub fn kernel(&self) -> Kernel {
        self.kernel.kernel()
    }
}

impl Prefilter for Bucketed {
    fn find(&self, haystack: &[u8], from: usize) -> Option<Hit> {
        self.sweep(haystack, from, |mut sweep| sweep.next(from, haystack.len()))
    }

    fn longest(&self) -> usize {
        self.longest
    }

    fn each(&self, haystack: &[u8], from: usize, limit: usize, visit: &mut Visit<'_>) -> Option<usize> {
        self.sweep(haystack, from, |mut sweep| {
            let mut from = from;
            while let Some(hit) = sweep.next(from, limit) {
                from = visit(hit, sweep.counted()).max(hit.start + 1);
            }
            Some(sweep.newlines(limit))
        })
    }
}
