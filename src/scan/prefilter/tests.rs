//! Every kernel against a search that cannot be wrong, and against aho-corasick.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use proptest::prelude::*;

use super::*;
use crate::num::Dice;

/// Bytes of an alphabet.
fn text(dice: &mut Dice, length: usize, alphabet: &[u8]) -> Vec<u8> {
    (0..length).map(|_| alphabet[dice.below(alphabet.len())]).collect()
}

fn naive(literals: &[&[u8]], haystack: &[u8], from: usize) -> Option<Hit> {
    (from..haystack.len()).find_map(|start| {
        let literal = literals.iter().position(|literal| haystack[start..].starts_with(literal))?;
        Some(Hit { start, literal })
    })
}

fn filters(literals: &[&[u8]]) -> Vec<Bucketed> {
    let each = Bucketed::available_kernels().into_iter();
    each.map(|kernel| Bucketed::with_kernel(literals, kernel).unwrap()).collect()
}

/// All hits, each search going on just after the start of the hit before: every start of an occurrence.
fn starts(filter: &Bucketed, haystack: &[u8]) -> Vec<Hit> {
    let mut from = 0;
    std::iter::from_fn(|| {
        let hit = filter.find(haystack, from)?;
        from = hit.start + 1;
        Some(hit)
    })
    .collect()
}

fn starts_by_aho(literals: &[&[u8]], haystack: &[u8]) -> Vec<usize> {
    let aho = AhoCorasick::new(literals).unwrap();
    let mut starts: Vec<usize> = aho.find_overlapping_iter(haystack).map(|found| found.start()).collect();
    starts.sort_unstable();
    starts.dedup();
    starts
}

/// Every occurrence, by every kernel, as aho-corasick finds them, and the literals as the naive search names them.
fn check_all(literals: &[&[u8]], haystack: &[u8]) {
    let expected = starts_by_aho(literals, haystack);
    for filter in filters(literals) {
        let hits = starts(&filter, haystack);
        let found: Vec<usize> = hits.iter().map(|hit| hit.start).collect();
        assert_eq!(found, expected, "{:?}", filter.kernel());
        for hit in hits {
            let lowest = literals.iter().position(|literal| haystack[hit.start..].starts_with(literal));
            assert_eq!(Some(hit.literal), lowest, "{:?} at {}", filter.kernel(), hit.start);
        }
    }
}

fn check_from(filters: &[Bucketed], literals: &[&[u8]], haystack: &[u8], from: usize) {
    let expected = naive(literals, haystack, from);
    for filter in filters {
        assert_eq!(filter.find(haystack, from), expected, "{:?} from {from}", filter.kernel());
    }
}

fn borrowed(literals: &[Vec<u8>]) -> Vec<&[u8]> {
    literals.iter().map(Vec::as_slice).collect()
}

/// Literals that text rarely has, to reach a number.
fn fill(literals: &mut Vec<Vec<u8>>, count: usize) {
    let mut dice = Dice(77);
    while literals.len() < count {
        let length = 4 + dice.below(30);
        literals.push(text(&mut dice, length, b"qwertyuiopasdfghjklzxcvbnm QWERTY:_0123"));
    }
}

/// Literals of a set: one, some, and so many that buckets let much pass.
const COUNTS: [usize; 3] = [1, 100, 400];

fn alphabets() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b"ab".to_vec()),
        Just(b"aA".to_vec()),
        Just(b"abc \n".to_vec()),
        Just(vec![0, 0x20, 0x80, 0xa0]),
        Just(b"eirtson10:/ ".to_vec()),
        Just((0..=255).collect()),
    ]
}

/// A haystack, and literals partly of its alphabet and partly cut out of it.
fn cases() -> impl Strategy<Value = (Vec<u8>, Vec<Vec<u8>>)> {
    let words = |alphabet: &[u8], length: prop::collection::SizeRange| {
        prop::collection::vec(prop::sample::select(alphabet.to_vec()), length)
    };
    (alphabets(), 0..3_usize).prop_flat_map(move |(alphabet, size)| {
        let haystack = words(&alphabet, (0..600).into());
        let loose = prop::collection::vec(words(&alphabet, (4..30).into()), 0..6);
        let cuts = prop::collection::vec((any::<prop::sample::Index>(), 4..200_usize), 1..8);
        (haystack, loose, cuts).prop_map(move |(haystack, mut literals, cuts)| {
            for (at, length) in cuts {
                let at = at.index(haystack.len().max(1));
                let end = haystack.len().min(at + length);
                literals.extend(haystack.get(at..end).filter(|cut| cut.len() >= 4).map(<[u8]>::to_vec));
            }
            fill(&mut literals, COUNTS[size]);
            (haystack, literals)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn finds_what_aho_corasick_finds((haystack, literals) in cases()) {
        check_all(&borrowed(&literals), &haystack);
    }

    #[test]
    fn finds_what_a_naive_search_finds((haystack, literals) in cases(), froms in prop::collection::vec(0..700_usize, 1..8)) {
        let literals = borrowed(&literals);
        let filters = filters(&literals);
        for from in froms {
            check_from(&filters, &literals, &haystack, from);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// What a search that goes on gives is what new searches give, wherever it goes on and ends.
    #[test]
    fn each_is_find_again_and_again((haystack, literals) in cases(), from in 0..300_usize, limit in 0..700_usize, step in 1..90_usize) {
        let haystack = haystack.repeat(9);
        for filter in filters(&borrowed(&literals)) {
            let mut hits = Vec::new();
            filter.each(&haystack, from, limit * 9, &mut |hit, _| {
                hits.push(hit);
                hit.start + step
            });
            let mut expected = Vec::new();
            let mut at = from;
            while let Some(hit) = filter.find(&haystack, at).filter(|hit| hit.start < limit * 9) {
                expected.push(hit);
                at = hit.start + step;
            }
            prop_assert_eq!(hits, expected, "{:?}", filter.kernel());
        }
    }

    /// Every line break between the two ends is counted, and none beside them, whatever is found and skipped.
    #[test]
    fn line_breaks_are_counted(haystack in prop::collection::vec(prop::sample::select(b"ab\n".to_vec()), 0..6000), from in 0..5000_usize, length in 0..5000_usize, step in 1..3000_usize) {
        let limit = from + length;
        let breaks = |limit| haystack.iter().take(limit).skip(from).filter(|byte| **byte == b'\n').count();
        for literals in [&[b"nothing of the kind".as_slice()][..], &[b"nothing of the kind", b"aaab"]] {
            for filter in filters(literals) {
                let mut marks = Vec::new();
                let counted = filter.each(&haystack, from, limit, &mut |hit, mark| {
                    marks.push(mark);
                    hit.start + step
                });
                prop_assert_eq!(counted, Some(breaks(limit)), "{:?}", filter.kernel());
                for Counted { place, newlines } in marks {
                    prop_assert_eq!(newlines, breaks(place), "{:?}, up to {}", filter.kernel(), place);
                }
            }
        }
    }

    #[test]
    fn all_is_every_occurrence((haystack, literals) in cases()) {
        let literals = borrowed(&literals);
        let first = |literal: &[u8]| literals.iter().position(|other| *other == literal).unwrap();
        let aho = AhoCorasick::new(&literals).unwrap();
        let expected: BTreeSet<Hit> = aho
            .find_overlapping_iter(&haystack)
            .map(|found| Hit { start: found.start(), literal: first(literals[found.pattern().as_usize()]) })
            .collect();
        for filter in filters(&literals) {
            let mut hits = BTreeSet::new();
            filter.all(&haystack, &mut |hit| {
                hits.insert(hit);
            });
            prop_assert_eq!(&hits, &expected, "{:?}", filter.kernel());
        }
    }
}

/// One literal at every place of a haystack of every length, found from every place near it.
#[test]
fn every_border() {
    for (count, literal) in COUNTS.into_iter().zip([b"Zq#9".as_slice(), b"wxyzQK", b"NoSuchThing: 404 here"]) {
        let mut literals = vec![literal.to_vec()];
        fill(&mut literals, count);
        let literals = borrowed(&literals);
        let filters = filters(&literals);
        for length in 0..300 {
            let mut haystack = vec![b'.'; length];
            check_from(&filters, &literals, &haystack, 0);
            for at in 0..(length + 1).saturating_sub(literal.len()) {
                haystack[at..at + literal.len()].copy_from_slice(literal);
                for filter in &filters {
                    let hit = Some(Hit { start: at, literal: 0 });
                    assert_eq!(filter.find(&haystack, 0), hit, "{:?} {length} {at}", filter.kernel());
                    assert_eq!(filter.find(&haystack, at), hit, "{:?} {length} {at}", filter.kernel());
                    assert_eq!(filter.find(&haystack, at + 1), None, "{:?} {length} {at}", filter.kernel());
                }
                haystack[at..at + literal.len()].fill(b'.');
            }
        }
    }
}

/// Whatever the address, and with the literal lying just outside of the haystack on both sides.
#[test]
fn every_alignment() {
    for count in COUNTS {
        let mut literals = vec![b"needle in it".to_vec()];
        fill(&mut literals, count);
        let literals = borrowed(&literals);
        let filters = filters(&literals);
        for offset in 0..65 {
            for length in [0, 3, 4, 11, 12, 13, 63, 64, 65, 70, 71, 72, 127, 128, 129, 200] {
                let buffer = literals[0].repeat(40);
                for shift in 0..12 {
                    let haystack = &buffer[offset + shift..offset + shift + length];
                    check_from(&filters, &literals, haystack, 0);
                    check_from(&filters, &literals, haystack, length / 2);
                }
            }
        }
    }
}

/// Whatever bucket a window is in, and at every position of a block.
#[test]
fn every_bucket() {
    for literal in [b"needle in it".as_slice(), b"needle", b"need"] {
        for bucket in 0..choose::BUCKETS {
            for kernel in Bucketed::available_kernels() {
                let known = Some(Window { offset: 0, bucket });
                let filter = Bucketed::made(&[literal], &[known], kernel).unwrap();
                for start in 0..2 * block::LANES {
                    let haystack = [&b".".repeat(start), literal, &[b'.'; 200]].concat();
                    assert_eq!(filter.find(&haystack, 0), Some(Hit { start, literal: 0 }), "{kernel:?} {bucket}");
                }
            }
        }
    }
}

/// More literals shorter than a key than are told apart one by one; some begin alike, some are the beginning of others.
#[test]
fn more_short_literals_than_there_is_room_for() {
    let mut dice = Dice(11);
    let mut literals: Vec<Vec<u8>> = (0..700).map(|_| text(&mut dice, 4, b"abcdefgh")).collect();
    for number in 0..700 {
        let length = 1 + dice.below(3);
        let more = text(&mut dice, length, b"ab ");
        literals.push([literals[number].as_slice(), &more].concat());
    }
    let haystack = text(&mut dice, 6000, b"abcdefgh ");
    check_all(&borrowed(&literals), &haystack);
    let lonely: Vec<Vec<u8>> = literals.into_iter().filter(|literal| literal.len() == 6).collect();
    check_all(&borrowed(&lonely), &haystack);
}

/// The padding of the last block is not text.
#[test]
fn zeros_at_the_end() {
    let literals: [&[u8]; 3] = [&[0; 4], b"end\0", b"ending\0\0\0\0"];
    let filters = filters(&literals);
    for length in 0..150 {
        let mut haystack = vec![b'.'; length];
        haystack.extend_from_slice(b"end");
        check_from(&filters, &literals, &haystack, 0);
        for _ in 0..8 {
            haystack.push(0);
            check_from(&filters, &literals, &haystack, 0);
        }
    }
}

/// A window found later may belong to a literal that starts earlier, and further on by almost the reach of a window.
#[test]
fn a_later_window_of_an_earlier_literal() {
    for lead in [1, 5, 60, 64, 100, 190, 244, 248, 252, 256, 300, 1000] {
        let early = [b"e".repeat(lead), b"QXJZ#KVW".to_vec()].concat();
        let late = [b"e".repeat(lead / 2), b"eZXQ#JKW".to_vec()].concat();
        for (order, count) in COUNTS.into_iter().enumerate() {
            let mut literals = vec![early.clone(), late.clone(), b"eeeeee".to_vec()];
            literals.rotate_left(order);
            fill(&mut literals, count);
            let literals = borrowed(&literals);
            let gaps = [0, 1, 3, 63, 64, 65, 200].map(|gap| b" ".repeat(gap));
            let haystack =
                gaps.iter().flat_map(|gap| [gap, &early, gap, &late]).flatten().copied().collect::<Vec<u8>>();
            check_all(&literals, &haystack);
        }
    }
    let literals: [&[u8]; 3] = [b"the error is QXJZ", b"error is", b"is QXJZ##"];
    check_all(&literals, b"and the error is QXJZ## the error is error is QXJZ");
}

#[test]
fn equal_and_nested_literals() {
    let literals: [&[u8]; 9] = [
        b"refused",
        b"connection refused",
        b"connection",
        b"refused",
        b"nect",
        b"connection refused",
        b"onnection refuse",
        b"used",
        b"refused ",
    ];
    check_all(&literals, b"connection refused connection refused refused used connect connection refuse");
    let same = vec![b"always the same".as_slice(); 4000];
    check_all(&same, &b"it is always the same and always the sam".repeat(9));
}

/// All literals have the same windows, and every position of the text is a candidate.
#[test]
fn floods() {
    let literals: Vec<Vec<u8>> = (4..=200).map(|length| b"a".repeat(length)).rev().collect();
    check_all(&borrowed(&literals), &b"a".repeat(700));
    let never: Vec<Vec<u8>> = (4..=200).map(|length| [b"a".repeat(length), b"b".to_vec()].concat()).collect();
    check_all(&borrowed(&never), &b"a".repeat(700));
    check_all(&borrowed(&never), &[b"a".repeat(300), b"b".to_vec()].concat().repeat(3));
    let sharing: Vec<Vec<u8>> =
        (0..400).map(|number| format!("{number:04} QXJZ#KVW {number:04}").into_bytes()).collect();
    let text: Vec<u8> =
        (0..600).flat_map(|number| format!("{number:04} QXJZ#KVW {:04}\n", number / 2 * 2).into_bytes()).collect();
    check_all(&borrowed(&sharing), &text);
}

/// Thousands of literals of up to 200 bytes and more, in 100 KB made of parts of them.
#[test]
fn many_long_literals() {
    let mut dice = Dice(0x1bad_cafe);
    for (count, alphabet) in [(4000, b"etaoin shrdlu:10".as_slice()), (900, b"ab"), (350, b"xyz \n")] {
        let literals: Vec<Vec<u8>> = (0..count)
            .map(|_| {
                let end = if dice.below(9) == 0 { 400 } else { 40 };
                let length = 9 + dice.below(end);
                text(&mut dice, length, alphabet)
            })
            .collect();
        let mut haystack = Vec::new();
        while haystack.len() < 100_000 {
            let literal = &literals[dice.below(count)];
            let (from, to) = (dice.below(literal.len()), dice.below(literal.len() + 1));
            haystack.extend_from_slice(if dice.below(4) == 0 {
                literal
            } else {
                literal.get(from..to).unwrap_or(b" ")
            });
        }
        check_all(&borrowed(&literals), &haystack);
    }
}

#[test]
fn a_large_buffer_from_line_to_line() {
    let mut dice = Dice(0xf00d);
    let literals = borrowed_static();
    let mut haystack = text(&mut dice, 1 << 20, b"abcdefghijklmnopqrstuvwxyz ABC0123456789:/-.\n");
    for _ in 0..300 {
        let literal = literals[dice.below(literals.len())];
        let at = dice.below(haystack.len() - 100);
        haystack[at..at + literal.len()].copy_from_slice(literal);
    }
    check_all(&literals, &haystack);
}

fn borrowed_static() -> Vec<&'static [u8]> {
    vec![b"ECONNREFUSED", b"heap out of memory", b"Killed", b"[emerg]", b"getaddrinfo ENOTFOUND", b"EPIPE"]
}

#[test]
fn nothing_to_find() {
    assert!(Bucketed::new(&[b"abc"]).is_none());
    assert!(Bucketed::new(&[b"long enough", b""]).is_none());
    for filter in filters(&[]) {
        assert_eq!(filter.find(&[b'a'; 500], 0), None);
    }
    let literals: [&[u8]; 1] = [b"abcd"];
    for filter in filters(&literals) {
        assert_eq!(filter.find(b"", 0), None);
        assert_eq!(filter.find(b"abcd", 4), None);
        assert_eq!(filter.find(b"abcd", 5), None);
        assert_eq!(filter.find(b"abcd", usize::MAX), None);
        assert_eq!(filter.find(&b"abcd".repeat(40), usize::MAX - 70), None);
    }
}

#[test]
fn kernels_of_this_machine() {
    let kernels = Bucketed::available_kernels();
    assert_eq!(kernels.last(), Some(&Kernel::Scalar));
    assert_eq!(Bucketed::new(&[b"abcd"]).unwrap().kernel(), kernels[0]);
    for kernel in [Kernel::Avx512, Kernel::Avx2, Kernel::Neon, Kernel::Scalar] {
        assert_eq!(Bucketed::with_kernel(&[b"abcd"], kernel).is_some(), kernels.contains(&kernel));
    }
}
