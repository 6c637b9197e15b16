//! The SIMD scans: the only unsafe code of the project.
//!
//! Takes tables and a haystack; gives a bit for each position that a bucket lets pass. It may give too many, never too few;
//! the answer is made elsewhere, in safe code.
//!
//! What makes the unsafe code sound:
//!
//! 1. *The instructions exist.* [`Supported`] is made by [`Supported::new`] alone, which asks the processor. Functions with
//!    `#[target_feature]` are called from [`Supported::find`] alone, for the kernel it holds.
//! 2. *No byte out of bounds is read or written.* A pointer is made only from a reference to an array of just as many bytes as the load
//!    or the store takes, and none is ever moved. [`Block`] cuts those arrays, in safe code, out of the [`SPAN`] bytes that the windows
//!    of its [`LANES`] positions cover; where fewer bytes are left they are first copied into a padded block. A gather reads at sixteen
//!    offsets from a reference to an array; each is cut, beside it, to so many bits that no other can be made.
//! 3. *Loads and stores need no alignment.*
//!
//! A wrong bit could make a hit be missed, which tests compare with the scalar twin; it could not make safe code unsound, for
//! every position is then checked against the haystack.
#![expect(unsafe_code, reason = "vector loads and target features have no safe form")]
#![cfg_attr(
    not(any(target_arch = "x86_64", target_arch = "aarch64")),
    expect(unused, reason = "other machines have no kernel here")
)]

use super::Kernel;
use super::block::{Block, LANES, MOST, Places, SPAN, STEP, low_bits, padded, push};
use super::buckets::{GROUPS, Tables};
use super::choose::WIDTH;
use super::scalar;
use super::verify::Bitmap;

/// Whether this machine has the instructions of a kernel.
pub(super) fn runs_here(kernel: Kernel) -> bool {
    match kernel {
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx512Vbmi => {
            runs_here(Kernel::Avx512)
                && is_x86_feature_detected!("avx512vbmi")
                && is_x86_feature_detected!("avx512vbmi2")
                && is_x86_feature_detected!("avx512vl")
        }
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx512 => is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") && bits(),
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx2 => is_x86_feature_detected!("avx2") && bits(),
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        Kernel::Neon => std::arch::is_aarch64_feature_detected!("neon"),
        Kernel::Scalar => true,
        _ => false,
    }
}

/// Whether there are instructions for counting bits and finding the lowest; every processor with AVX2 has them.
#[cfg(target_arch = "x86_64")]
fn bits() -> bool {
    is_x86_feature_detected!("popcnt") && is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("bmi2")
}

/// A kernel that this machine is known to run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Supported(Kernel);

impl Supported {
    pub(super) fn new(kernel: Kernel) -> Option<Self> {
        runs_here(kernel).then_some(Self(kernel))
    }

    pub(super) fn kernel(self) -> Kernel {
        self.0
    }

    /// Writes to `places` which positions of a text of at most [`MOST`] positions may begin a window, in order, and gives
    /// their number, and that of the line breaks at the positions. The text goes on behind these positions; windows less than
    /// four bytes from its end are left out.
    #[inline]
    pub(super) fn find(
        self,
        tables: &Tables,
        bitmap: &Bitmap,
        text: &[u8],
        positions: usize,
        places: &mut Places,
    ) -> (usize, usize) {
        // SAFETY: invariant 1; `self` says that this machine has the instructions of its kernel.
        let (found, newlines) = match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx512Vbmi => unsafe {
                let (found, newlines) = vbmi::find(tables, text, positions, places);
                if let Some(text) = text.first_chunk() {
                    let found = vbmi::keep(bitmap.starts(), text, found, places);
                    return (scalar::keep_started(bitmap, text, found, places), newlines);
                }
                (found, newlines)
            },
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx512 => unsafe { avx512::find(tables, text, positions, places) },
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2 => unsafe { avx2::find(tables, text, positions, places) },
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Kernel::Neon => unsafe { neon::find(tables, text, positions, places) },
            _ => return scalar::find(bitmap, text, positions, places),
        };
        (scalar::keep(bitmap, text, found, places), newlines)
    }
}

/// The loop of a kernel: whole blocks where they lie, then the rest. A macro, for a function of its own would not have the kernel's
/// instructions.
macro_rules! find_with {
    ($passing:ident, $tables:ident, $text:ident, $positions:ident, $places:ident) => {{
        let positions = $positions.min(MOST);
        let (mut filled, mut newlines, mut at, mut base) = (0, 0, 0, 0);
        while at + LANES <= positions
            && let Some(bytes) = $text.get(at..).and_then(<[u8]>::first_chunk::<SPAN>)
        {
            push($passing($tables, Block(bytes)), base, $places, &mut filled);
            newlines += breaks(Block(bytes)).count_ones();
            (at, base) = (at + LANES, base + STEP);
        }
        rest_with!($passing, push, $tables, $text, positions, $places, (filled, newlines, at, base))
    }};
}

/// What is left behind the whole blocks, in padded ones.
macro_rules! rest_with {
    ($passing:ident, $push:ident, $tables:ident, $text:ident, $positions:ident, $places:ident, $done:expr) => {{
        let (mut filled, mut newlines, mut at, mut base) = $done;
        while at < $positions {
            let (padded, inside) = padded($text, at);
            let asked = low_bits($positions - at);
            $push($passing($tables, Block(&padded)) & inside & asked, base, $places, &mut filled);
            newlines += (breaks(Block(&padded)) & asked).count_ones();
            (at, base) = (at + LANES, base + STEP);
        }
        (filled, usize::try_from(newlines).unwrap_or(0))
    }};
}

/// The loop of a kernel of whole registers. In most blocks nothing passes. So whole blocks are gone through twice: first without a branch
/// those are kept in which something passes, then their positions are put in order.
#[cfg(target_arch = "x86_64")]
macro_rules! find_twice_with {
    ($passing:ident, $push:ident, $tables:ident, $text:ident, $positions:ident, $places:ident) => {{
        let positions = $positions.min(MOST);
        let (mut filled, mut at, mut base) = (0, 0, 0);
        let (mut kept, mut bases, mut some) = ([0; MOST / LANES], [0; MOST / LANES], 0);
        let mut sums = _mm512_setzero_si512();
        while at + LANES <= positions
            && let Some(bytes) = $text.get(at..).and_then(<[u8]>::first_chunk::<SPAN>)
            && let (Some(next), Some(next_base)) = (kept.get_mut(some), bases.get_mut(some))
        {
            if let Some(byte) = $text.get(at + AHEAD) {
                fetch(byte);
            }
            (*next, *next_base) = ($passing($tables, Block(bytes)), base);
            some += usize::from(*next != 0);
            sums = less_breaks(sums, Block(bytes));
            (at, base) = (at + LANES, base + STEP);
        }
        // Of so few blocks no byte's sum comes round to where it began.
        let newlines = sum(_mm512_sub_epi8(_mm512_setzero_si512(), sums)) - u32::from(base);
        for (passing, base) in kept.iter().zip(bases).take(some) {
            $push(*passing, base, $places, &mut filled);
        }
        rest_with!($passing, $push, $tables, $text, positions, $places, (filled, newlines, at, base))
    }};
}

#[cfg(target_arch = "x86_64")]
#[expect(
    clippy::indexing_slicing,
    reason = "a place is below WIDTH and a group below GROUPS, the lengths of the arrays"
)]
mod avx512 {
    use super::{Block, GROUPS, LANES, MOST, Places, SPAN, STEP, Tables, WIDTH, low_bits, padded, push};
    use std::arch::x86_64::*;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,bmi2")]
    pub(super) fn load(bytes: &[u8; 64]) -> __m512i {
        // SAFETY: invariant 2; 64 bytes are borrowed.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,bmi2")]
    fn table(bytes: &[u8; 16]) -> __m512i {
        // SAFETY: invariant 2; 16 bytes are borrowed.
        _mm512_broadcast_i32x4(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
    }

    /// The text is fetched so many bytes ahead: the processor itself looks less far.
    pub(super) const AHEAD: usize = 512;

    #[inline]
    pub(super) fn fetch(byte: &u8) {
        // SAFETY: invariant 2; nothing is read but into the cache, and the byte is borrowed.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(byte).cast()) }
    }

    /// A bit for each byte that is not zero. One port of the processor does all look-ups; so this is not asked of it, but of a sum
    /// that stops at its most: its highest bit is set unless nothing was added to all others.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,bmi2")]
    pub(super) fn some(bytes: __m512i, tables: &Tables) -> u64 {
        _mm512_movepi8_mask(_mm512_adds_epu8(bytes, load(&tables.most.0)))
    }

    /// A bit for each position that passes. A look-up takes four bits, and none where the highest is set; so there are two, one for bytes
    /// with the fifth bit and one for the others.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,bmi2")]
    fn passing(tables: &Tables, block: Block<'_>) -> u64 {
        let mut passing = [_mm512_set1_epi8(-1); GROUPS];
        for place in 0..WIDTH {
            let bytes = load(block.bytes(place));
            let fifth = _mm512_and_si512(_mm512_slli_epi16::<3>(bytes), _mm512_set1_epi8(i8::MIN));
            let unset = _mm512_or_si512(_mm512_and_si512(bytes, _mm512_set1_epi8(15)), fifth);
            let set = _mm512_xor_si512(unset, _mm512_set1_epi8(i8::MIN));
            for (passing, fives) in passing.iter_mut().zip(&tables.fives) {
                let [of_unset, of_set] = &fives[place];
                let found = _mm512_or_si512(
                    _mm512_shuffle_epi8(table(of_unset), unset),
                    _mm512_shuffle_epi8(table(of_set), set),
                );
                *passing = _mm512_and_si512(*passing, found);
            }
        }
        some(passing.into_iter().fold(_mm512_setzero_si512(), |any, of| _mm512_or_si512(any, of)), tables)
    }

    /// A bit for each position with a line break.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,bmi2")]
    pub(super) fn breaks(block: Block<'_>) -> u64 {
        _mm512_cmpeq_epi8_mask(load(block.bytes(0)), _mm512_set1_epi8(10))
    }

    /// Takes one from the sum of each byte that is no line break, and two from that of one that is.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,bmi2")]
    pub(super) fn less_breaks(sums: __m512i, block: Block<'_>) -> __m512i {
        let other = _mm512_xor_si512(load(block.bytes(0)), _mm512_set1_epi8(10));
        _mm512_add_epi8(sums, _mm512_adds_epu8(other, _mm512_set1_epi8(-2)))
    }

    /// The sum of all bytes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,bmi2")]
    pub(super) fn sum(bytes: __m512i) -> u32 {
        let sums = _mm512_sad_epu8(bytes, _mm512_setzero_si512());
        u32::try_from(_mm512_reduce_add_epi64(sums)).unwrap_or(0)
    }

    #[target_feature(enable = "avx512f,avx512bw,bmi2,popcnt,bmi1")]
    pub(super) fn find(tables: &Tables, text: &[u8], positions: usize, places: &mut Places) -> (usize, usize) {
        find_twice_with!(passing, push, tables, text, positions, places)
    }
}

#[cfg(target_arch = "x86_64")]
mod vbmi {
    use super::super::buckets::Sixes;
    use super::super::scalar::Text;
    use super::super::verify::Starts;
    use super::avx512::{AHEAD, breaks, fetch, less_breaks, load, some, sum};
    use super::{Block, LANES, MOST, Places, SPAN, STEP, Tables, WIDTH, low_bits, padded};
    use std::arch::x86_64::*;

    /// A bit for each position that passes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,bmi2")]
    fn passing(tables: &Tables, block: Block<'_>) -> u64 {
        let mut any = _mm512_setzero_si512();
        for group in &tables.sixes {
            let mut passing = _mm512_set1_epi8(-1);
            for (place, Sixes(sixes)) in (0..WIDTH).zip(group) {
                let found = _mm512_permutexvar_epi8(load(block.bytes(place)), load(sixes));
                passing = _mm512_and_si512(passing, found);
            }
            any = _mm512_or_si512(any, passing);
        }
        some(any, tables)
    }

    /// Places looked at at a time.
    const SOME: usize = 16;

    /// Each byte is its own place.
    #[expect(clippy::indexing_slicing, reason = "told by the compiler, which computes it")]
    const ORDER: [u8; LANES] = {
        let (mut order, mut place) = ([0; LANES], 0);
        while place < LANES {
            order[place] = place.to_le_bytes()[0];
            place += 1;
        }
        order
    };

    /// As [`super::push`], but how many positions pass, which is as good as chance, decides no branch up to half a block.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt,bmi2")]
    fn push(passing: u64, base: u16, places: &mut Places, filled: &mut usize) {
        let inside = _mm512_maskz_compress_epi8(passing, load(&ORDER));
        let count = usize::try_from(passing.count_ones()).unwrap_or(0);
        let base = _mm512_set1_epi16(base.cast_signed());
        let wide = |half: __m256i| _mm512_add_epi16(_mm512_cvtepu8_epi16(half), base);
        store(wide(_mm512_castsi512_si256(inside)), places, *filled);
        if count > LANES / 2 {
            store(wide(_mm512_extracti64x4_epi64::<1>(inside)), places, *filled + LANES / 2);
        }
        *filled += count;
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn store(some: __m512i, places: &mut Places, at: usize) {
        if let Some(to) = places.get_mut(at..).and_then(<[u16]>::first_chunk_mut::<{ LANES / 2 }>) {
            // SAFETY: invariant 2; as many places are borrowed as have 64 bytes.
            unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), some) };
        }
    }

    /// As [`scalar::keep`](super::scalar::keep) by the first four bytes, for sixteen places at a time.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,popcnt,bmi2")]
    pub(super) fn keep(starts: &Starts, text: &Text, found: usize, places: &mut Places) -> usize {
        let (mut kept, most) = (0, _mm512_set1_epi32(i32::try_from(MOST - 1).unwrap_or(0)));
        for at in (0..found).step_by(SOME) {
            let Some(some) = places.get(at..).and_then(<[u16]>::first_chunk::<SOME>) else { break };
            // SAFETY: invariant 2; as many places are borrowed as have 32 bytes.
            let some = unsafe { _mm256_loadu_si256(some.as_ptr().cast()) };
            let inside = _mm512_and_si512(_mm512_cvtepu16_epi32(some), most);
            // SAFETY: invariant 2; four bytes are read from each place, which is less than MOST, a power of two, and more is borrowed.
            let four = unsafe { _mm512_i32gather_epi32::<1>(inside, text.as_ptr().cast()) };
            let bits =
                _mm512_srli_epi32::<16>(_mm512_mullo_epi32(four, _mm512_set1_epi32(Starts::SPREAD.cast_signed())));
            let words = _mm512_srli_epi32::<{ Starts::WORD }>(bits);
            // SAFETY: invariant 2; of sixteen bits eleven are left, and so many words are borrowed.
            let words = unsafe { _mm512_i32gather_epi32::<4>(words, starts.0.as_ptr().cast()) };
            let asked = _mm512_sllv_epi32(
                _mm512_set1_epi32(1),
                _mm512_and_si512(bits, _mm512_set1_epi32((1 << Starts::WORD) - 1)),
            );
            let inside = u16::try_from(low_bits(found - at) & 0xffff).unwrap_or(0);
            let passing = _mm512_test_epi32_mask(words, asked) & inside;
            let Some(to) = places.get_mut(kept..).and_then(<[u16]>::first_chunk_mut::<SOME>) else { break };
            // SAFETY: invariant 2; as many places are borrowed as have 32 bytes.
            unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), _mm256_maskz_compress_epi16(passing, some)) };
            kept += usize::try_from(passing.count_ones()).unwrap_or(0);
        }
        kept
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,popcnt,bmi1,bmi2")]
    pub(super) fn find(tables: &Tables, text: &[u8], positions: usize, places: &mut Places) -> (usize, usize) {
        find_twice_with!(passing, push, tables, text, positions, places)
    }
}

#[cfg(target_arch = "x86_64")]
#[expect(
    clippy::indexing_slicing,
    reason = "a place is below WIDTH and a group below GROUPS, the lengths of the arrays"
)]
mod avx2 {
    use super::{Block, GROUPS, LANES, MOST, Places, SPAN, STEP, Tables, WIDTH, low_bits, padded, push};
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

    /// A bit for each of the 32 positions from `base` on. A look-up takes four bits, and none where the highest is set; so there are two, one
    /// for bytes with the fifth bit and one for the others.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn half(tables: &Tables, block: Block<'_>, base: usize) -> u64 {
        let mut passing = [_mm256_set1_epi8(-1); GROUPS];
        for place in 0..WIDTH {
            let bytes = load(block.bytes(base + place));
            let fifth = _mm256_and_si256(_mm256_slli_epi16::<3>(bytes), _mm256_set1_epi8(i8::MIN));
            let unset = _mm256_or_si256(_mm256_and_si256(bytes, _mm256_set1_epi8(15)), fifth);
            let set = _mm256_xor_si256(unset, _mm256_set1_epi8(i8::MIN));
            for (passing, fives) in passing.iter_mut().zip(&tables.fives) {
                let [of_unset, of_set] = &fives[place];
                let found = _mm256_or_si256(
                    _mm256_shuffle_epi8(table(of_unset), unset),
                    _mm256_shuffle_epi8(table(of_set), set),
                );
                *passing = _mm256_and_si256(*passing, found);
            }
        }
        let any = passing.into_iter().fold(_mm256_setzero_si256(), |any, of| _mm256_or_si256(any, of));
        let none = _mm256_movemask_epi8(_mm256_cmpeq_epi8(any, _mm256_setzero_si256()));
        u64::from(!none.cast_unsigned())
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn passing(tables: &Tables, block: Block<'_>) -> u64 {
        half(tables, block, 0) | half(tables, block, LANES / 2) << (LANES / 2)
    }

    /// A bit for each position with a line break.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn breaks(block: Block<'_>) -> u64 {
        let equal = |bytes| _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(10))).cast_unsigned();
        u64::from(equal(load(block.bytes(0)))) | u64::from(equal(load(block.bytes(LANES / 2)))) << (LANES / 2)
    }

    #[target_feature(enable = "avx2,popcnt,bmi1")]
    pub(super) fn find(tables: &Tables, text: &[u8], positions: usize, places: &mut Places) -> (usize, usize) {
        find_with!(passing, tables, text, positions, places)
    }
}

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
#[expect(
    clippy::indexing_slicing,
    reason = "a place is below WIDTH and a group below GROUPS, the lengths of the arrays"
)]
mod neon {
    use super::{Block, GROUPS, LANES, MOST, Places, SPAN, STEP, Tables, WIDTH, low_bits, padded, push};
    use std::arch::aarch64::*;

    #[inline]
    #[target_feature(enable = "neon")]
    fn load(bytes: &[u8; 16]) -> uint8x16_t {
        // SAFETY: invariant 2; 16 bytes are borrowed.
        unsafe { vld1q_u8(bytes.as_ptr()) }
    }

    /// Not zero for each of the 16 positions from `base` on that passes.
    #[inline]
    #[target_feature(enable = "neon")]
    fn quarter(tables: &Tables, block: Block<'_>, base: usize) -> uint8x16_t {
        let mut passing = [vdupq_n_u8(0xff); GROUPS];
        for place in 0..WIDTH {
            let bytes = load(block.bytes(base + place));
            let lower = vandq_u8(bytes, vdupq_n_u8(31));
            for (passing, fives) in passing.iter_mut().zip(&tables.fives) {
                let [of_unset, of_set] = &fives[place];
                let found = vqtbl2q_u8(uint8x16x2_t(load(of_unset), load(of_set)), lower);
                *passing = vandq_u8(*passing, found);
            }
        }
        passing.into_iter().fold(vdupq_n_u8(0), |any, of| vorrq_u8(any, of))
    }

    /// A bit for each byte that is not zero: its own of eight weights, summed by neighbours thrice.
    #[inline]
    #[target_feature(enable = "neon")]
    fn bits(quarters: [uint8x16_t; 4]) -> u64 {
        let weights = load(&[1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128]);
        let weigh = |bytes: uint8x16_t| vandq_u8(vtstq_u8(bytes, bytes), weights);
        let [one, two, three, four] = quarters;
        let sums = vpaddq_u8(vpaddq_u8(weigh(one), weigh(two)), vpaddq_u8(weigh(three), weigh(four)));
        vgetq_lane_u64::<0>(vreinterpretq_u64_u8(vpaddq_u8(sums, sums)))
    }

    #[inline]
    #[target_feature(enable = "neon")]
    fn passing(tables: &Tables, block: Block<'_>) -> u64 {
        let quarter = |base: usize| quarter(tables, block, base);
        bits([quarter(0), quarter(16), quarter(32), quarter(48)])
    }

    /// A bit for each position with a line break.
    #[inline]
    #[target_feature(enable = "neon")]
    fn breaks(block: Block<'_>) -> u64 {
        let equal = |base: usize| vceqq_u8(load(block.bytes(base)), vdupq_n_u8(10));
        bits([equal(0), equal(16), equal(32), equal(48)])
    }

    #[target_feature(enable = "neon")]
    pub(super) fn find(tables: &Tables, text: &[u8], positions: usize, places: &mut Places) -> (usize, usize) {
        find_with!(passing, tables, text, positions, places)
    }
}
