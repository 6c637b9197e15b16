//! The SIMD scans: the only unsafe code of the project.
//!
//! Takes tables and a haystack; gives a bit for each position that a bucket lets pass. It may give too many, never too few;
//! the answer is made elsewhere, in safe code.
//!
//! What makes the unsafe code sound:
//!
//! 1. *The instructions exist.* [`Supported`] is made by [`Supported::new`] alone, which asks the processor. Functions with
//!    `#[target_feature]` are called from [`Supported::mark`] alone, for the kernel it holds.
//! 2. *No byte out of bounds is read.* A pointer is made only from a reference to an array of just as many bytes as the load
//!    takes, and none is ever moved. [`Block`] cuts those arrays, in safe code, out of the [`SPAN`] bytes that the windows
//!    of its [`LANES`] positions cover; where fewer bytes are left they are first copied into a padded block.
//! 3. *Loads need no alignment*; nothing is stored through a pointer.
//!
//! A wrong bit could make a hit be missed, which tests compare with the scalar twin; it could not make safe code unsound, for
//! every position is then checked against the haystack.
#![expect(unsafe_code, reason = "vector loads and target features have no safe form")]
#![cfg_attr(
    not(any(target_arch = "x86_64", target_arch = "aarch64")),
    expect(unused, reason = "other machines have no kernel here")
)]

use super::Kernel;
use super::buckets::{NARROW, Tables, WIDTH};

/// Positions a block: two halves of 64, for which a table is loaded once.
pub(super) const LANES: usize = 128;
const HALF: usize = 64;
/// Bytes that the windows of a block's positions cover.
const SPAN: usize = LANES + WIDTH - 1;

/// Whether this machine has the instructions of a kernel.
pub(super) fn runs_here(kernel: Kernel) -> bool {
    match kernel {
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx512 => {
            is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vbmi")
        }
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx512Bw => is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw"),
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx2 => is_x86_feature_detected!("avx2"),
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        Kernel::Neon => std::arch::is_aarch64_feature_detected!("neon"),
        Kernel::Scalar => true,
        _ => false,
    }
}

/// A kernel that this machine is known to run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Supported(Kernel);

/// The function of a kernel for a number of groups.
macro_rules! by_size {
    ($kernel:ident, $groups:expr, $narrow:expr) => {
        match ($groups, $narrow) {
            (1, true) => $kernel::passing::<1, NARROW>,
            (1, false) => $kernel::passing::<1, WIDTH>,
            (2, _) => $kernel::passing::<2, WIDTH>,
            _ => $kernel::passing::<4, WIDTH>,
        }
    };
}

/// The bytes of one block.
#[derive(Clone, Copy)]
struct Block<'a>(&'a [u8; SPAN]);

impl Block<'_> {
    /// The `W` bytes from `at` on. Every caller's `at` is known to the compiler and in range, so nothing is checked when it
    /// runs; the zeros are never given.
    #[inline(always)]
    fn bytes<const W: usize>(&self, at: usize) -> &[u8; W] {
        let bytes = self.0.get(at..).and_then(<[u8]>::first_chunk);
        debug_assert!(bytes.is_some(), "a load must stay in its block");
        bytes.unwrap_or(&[0; W])
    }
}

impl Supported {
    pub(super) fn new(kernel: Kernel) -> Option<Self> {
        runs_here(kernel).then_some(Self(kernel))
    }

    pub(super) fn kernel(self) -> Kernel {
        self.0
    }

    /// Writes for each block of [`LANES`] positions from `at` on a bit for each position whose window may be one looked for.
    /// Positions less than four bytes from the haystack's end have none. `Scalar` writes nothing: it has a scan of its own.
    #[inline]
    pub(super) fn mark(self, tables: &Tables, haystack: &[u8], at: usize, blocks: &mut [Lanes]) {
        let Some(passing) = self.passing(tables) else {
            return;
        };
        // SAFETY: invariant 1; `self` says that this machine has the instructions of its kernel.
        let passing = |block: Block<'_>| unsafe { passing(tables, block) };
        for (lanes, at) in blocks.iter_mut().zip((at..haystack.len()).step_by(LANES)) {
            *lanes = match haystack.get(at..).and_then(<[u8]>::first_chunk::<SPAN>) {
                Some(bytes) => passing(Block(bytes)),
                None => {
                    let (padded, [in_first, in_second]) = padded(haystack, at);
                    let [first, second] = passing(Block(&padded));
                    [first & in_first, second & in_second]
                }
            };
        }
    }

    /// The function for one block, by how many groups of buckets there are and how wide they look. Never inlined: the
    /// compiler would take the tables out of the loop, run out of registers, and put them on the stack where they straddle
    /// cache lines.
    fn passing(self, tables: &Tables) -> Option<Passing> {
        let narrow = tables.width <= NARROW;
        Some(match (self.0, tables.groups, narrow) {
            #[cfg(target_arch = "x86_64")]
            (Kernel::Avx512, groups, narrow) => by_size!(avx512, groups, narrow),
            #[cfg(target_arch = "x86_64")]
            (Kernel::Avx512Bw, groups, narrow) => by_size!(avx512bw, groups, narrow),
            #[cfg(target_arch = "x86_64")]
            (Kernel::Avx2, groups, narrow) => by_size!(avx2, groups, narrow),
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            (Kernel::Neon, groups, narrow) => by_size!(neon, groups, narrow),
            _ => return None,
        })
    }
}

/// A bit for each position of a block that some bucket lets pass.
pub(super) type Lanes = [u64; LANES / HALF];

type Passing = unsafe fn(&Tables, Block<'_>) -> Lanes;

/// The bytes from `at` to the end or one block, and a bit for each position that begins four of the haystack's bytes.
fn padded(haystack: &[u8], at: usize) -> ([u8; SPAN], Lanes) {
    let mut block = [0; SPAN];
    let rest = haystack.get(at..).unwrap_or(&[]);
    for (to, &byte) in block.iter_mut().zip(rest) {
        *to = byte;
    }
    let positions = rest.len().saturating_sub(3);
    (block, [low_bits(positions), low_bits(positions.saturating_sub(HALF))])
}

/// As many low bits as asked for, at most all.
fn low_bits(count: usize) -> u64 {
    let unset = u32::try_from(HALF.saturating_sub(count)).unwrap_or(u32::MAX);
    u64::MAX.checked_shr(unset).unwrap_or(0)
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use super::{Block, HALF, Lanes, Tables};
    use std::arch::x86_64::*;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    fn load(bytes: &[u8; 64]) -> __m512i {
        // SAFETY: invariant 2; 64 bytes are borrowed.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    }

    /// The folded bytes from `at` on; see [`super::super::rarity::fold`]. The look-up ignores the upper two bits.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    fn folded(block: Block<'_>, at: usize) -> __m512i {
        let bytes = load(block.bytes(at));
        // Bits of the mask choose the byte, the others the byte shifted (0xca: first ? second : third).
        _mm512_ternarylogic_epi32::<0xca>(_mm512_set1_epi8(0x1f), bytes, _mm512_srli_epi16::<1>(bytes))
    }

    #[expect(clippy::indexing_slicing, reason = "a place is below W, at most the length of a group")]
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    pub(super) fn passing<const G: usize, const W: usize>(tables: &Tables, block: Block<'_>) -> Lanes {
        let mut passing = [[_mm512_set1_epi8(-1); 2]; G];
        for place in 0..W {
            let (first, second) = (folded(block, place), folded(block, place + HALF));
            for ([in_first, in_second], group) in passing.iter_mut().zip(&tables.folded) {
                let table = load(&group[place]);
                *in_first = _mm512_and_si512(*in_first, _mm512_permutexvar_epi8(first, table));
                *in_second = _mm512_and_si512(*in_second, _mm512_permutexvar_epi8(second, table));
            }
        }
        let mut any = [_mm512_setzero_si512(); 2];
        for [in_first, in_second] in passing {
            any = [_mm512_or_si512(any[0], in_first), _mm512_or_si512(any[1], in_second)];
        }
        any.map(|any| _mm512_test_epi8_mask(any, any))
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512bw {
    use super::{Block, HALF, Lanes, Tables};
    use std::arch::x86_64::*;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn load(bytes: &[u8; 64]) -> __m512i {
        // SAFETY: invariant 2; 64 bytes are borrowed.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn table(bytes: &[u8; 16]) -> __m512i {
        // SAFETY: invariant 2; 16 bytes are borrowed.
        _mm512_broadcast_i32x4(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
    }

    /// The low and the high halves of the bytes from `at` on.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn halves(block: Block<'_>, at: usize) -> [__m512i; 2] {
        let bytes = load(block.bytes(at));
        let half = _mm512_set1_epi8(15);
        [_mm512_and_si512(bytes, half), _mm512_and_si512(_mm512_srli_epi16::<3>(bytes), half)]
    }

    #[expect(clippy::indexing_slicing, reason = "a place is below W, at most the length of a group")]
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn passing<const G: usize, const W: usize>(tables: &Tables, block: Block<'_>) -> Lanes {
        let mut passing = [[_mm512_set1_epi8(-1); 2]; G];
        for place in 0..W {
            let halves = [halves(block, place), halves(block, place + HALF)];
            for (both, group) in passing.iter_mut().zip(&tables.halves) {
                let [of_low, of_high] = [table(&group[place][0]), table(&group[place][1])];
                for (passing, [low, high]) in both.iter_mut().zip(halves) {
                    let [low, high] = [_mm512_shuffle_epi8(of_low, low), _mm512_shuffle_epi8(of_high, high)];
                    // All three (0x80).
                    *passing = _mm512_ternarylogic_epi32::<0x80>(*passing, low, high);
                }
            }
        }
        let mut any = [_mm512_setzero_si512(); 2];
        for [in_first, in_second] in passing {
            any = [_mm512_or_si512(any[0], in_first), _mm512_or_si512(any[1], in_second)];
        }
        any.map(|any| _mm512_test_epi8_mask(any, any))
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{Block, HALF, Lanes, Tables};
    use std::arch::x86_64::*;

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(bytes: &[u8; 32]) -> __m256i {
        // SAFETY: invariant 2; 32 bytes are borrowed.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn table(bytes: &[u8; 16]) -> __m256i {
        // SAFETY: invariant 2; 16 bytes are borrowed.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
    }

    /// The low and the high halves of the bytes from `at` on.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn halves(block: Block<'_>, at: usize) -> [__m256i; 2] {
        let bytes = load(block.bytes(at));
        let half = _mm256_set1_epi8(15);
        [_mm256_and_si256(bytes, half), _mm256_and_si256(_mm256_srli_epi16::<3>(bytes), half)]
    }

    /// The buckets that let a byte pass, given its halves and their tables.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn buckets([low, high]: [__m256i; 2], [of_low, of_high]: [__m256i; 2]) -> __m256i {
        _mm256_and_si256(_mm256_shuffle_epi8(of_low, low), _mm256_shuffle_epi8(of_high, high))
    }

    #[expect(clippy::indexing_slicing, reason = "a place is below W, at most the length of a group")]
    #[inline]
    #[target_feature(enable = "avx2")]
    fn lanes<const G: usize, const W: usize>(tables: &Tables, block: Block<'_>, base: usize) -> u64 {
        let mut passing = [[_mm256_set1_epi8(-1); 2]; G];
        for place in 0..W {
            let (left, right) = (halves(block, base + place), halves(block, base + place + 32));
            for ([in_left, in_right], group) in passing.iter_mut().zip(&tables.halves) {
                let of_halves = [table(&group[place][0]), table(&group[place][1])];
                *in_left = _mm256_and_si256(*in_left, buckets(left, of_halves));
                *in_right = _mm256_and_si256(*in_right, buckets(right, of_halves));
            }
        }
        let [left, right] =
            passing.into_iter().fold([_mm256_setzero_si256(); 2], |[left, right], [in_left, in_right]| {
                [_mm256_or_si256(left, in_left), _mm256_or_si256(right, in_right)]
            });
        u64::from(non_zero(left)) | u64::from(non_zero(right)) << 32
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn non_zero(bytes: __m256i) -> u32 {
        !_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_setzero_si256())).cast_unsigned()
    }

    #[inline(never)]
    #[target_feature(enable = "avx2")]
    pub(super) fn passing<const G: usize, const W: usize>(tables: &Tables, block: Block<'_>) -> Lanes {
        [lanes::<G, W>(tables, block, 0), lanes::<G, W>(tables, block, HALF)]
    }
}

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon {
    use super::{Block, HALF, Lanes, Tables};
    use std::arch::aarch64::*;

    #[inline]
    #[target_feature(enable = "neon")]
    fn load(bytes: &[u8; 16]) -> uint8x16_t {
        // SAFETY: invariant 2; 16 bytes are borrowed.
        unsafe { vld1q_u8(bytes.as_ptr()) }
    }

    /// The low and the high halves of the bytes from `at` on.
    #[inline]
    #[target_feature(enable = "neon")]
    fn halves(block: Block<'_>, at: usize) -> [uint8x16_t; 2] {
        let bytes = load(block.bytes(at));
        [vandq_u8(bytes, vdupq_n_u8(15)), vandq_u8(vshrq_n_u8::<3>(bytes), vdupq_n_u8(15))]
    }

    /// The buckets that let a byte pass, given its halves and their tables.
    #[inline]
    #[target_feature(enable = "neon")]
    fn buckets([low, high]: [uint8x16_t; 2], [of_low, of_high]: [uint8x16_t; 2]) -> uint8x16_t {
        vandq_u8(vqtbl1q_u8(of_low, low), vqtbl1q_u8(of_high, high))
    }

    #[expect(clippy::indexing_slicing, reason = "a place is below W, at most the length of a group")]
    #[inline]
    #[target_feature(enable = "neon")]
    fn lanes<const G: usize, const W: usize>(tables: &Tables, block: Block<'_>, base: usize) -> u64 {
        let mut passing = [[vdupq_n_u8(0xff); 4]; G];
        for place in 0..W {
            let bytes = [
                halves(block, base + place),
                halves(block, base + place + 16),
                halves(block, base + place + 32),
                halves(block, base + place + 48),
            ];
            for (quarters, group) in passing.iter_mut().zip(&tables.halves) {
                let of_halves = [load(&group[place][0]), load(&group[place][1])];
                for (quarter, bytes) in quarters.iter_mut().zip(bytes) {
                    *quarter = vandq_u8(*quarter, buckets(bytes, of_halves));
                }
            }
        }
        let mut any = [vdupq_n_u8(0); 4];
        for quarters in passing {
            for (any, quarter) in any.iter_mut().zip(quarters) {
                *any = vorrq_u8(*any, quarter);
            }
        }
        non_zero(any)
    }

    /// A bit for each byte that is not zero: its own of eight weights, summed by neighbours thrice.
    #[inline]
    #[target_feature(enable = "neon")]
    fn non_zero(bytes: [uint8x16_t; 4]) -> u64 {
        let weights = load(&[1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128]);
        let [a, b, c, d] = bytes.map(|bytes| vandq_u8(vtstq_u8(bytes, bytes), weights));
        let sums = vpaddq_u8(vpaddq_u8(a, b), vpaddq_u8(c, d));
        vgetq_lane_u64::<0>(vreinterpretq_u64_u8(vpaddq_u8(sums, sums)))
    }

    #[inline(never)]
    #[target_feature(enable = "neon")]
    pub(super) fn passing<const G: usize, const W: usize>(tables: &Tables, block: Block<'_>) -> Lanes {
        [lanes::<G, W>(tables, block, 0), lanes::<G, W>(tables, block, HALF)]
    }
}
