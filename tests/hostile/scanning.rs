//! The property of the prefilter, apart: it needs the room `scan` alone, which `fuzz/memory` builds with an eye on every access to memory.

use diagnose::scan::{Bucketed, Hit, Kernel, Plain, Prefilter};

/// The prefilter: every kernel finds what aho-corasick finds.
pub fn prefilter(data: &[u8]) {
    let Some((lengths, haystack)) = data.split_at_checked(8.min(data.len())) else { return };
    let mut literals: Vec<String> = Vec::new();
    let mut at = 0;
    for length in lengths {
        let end = (at + 4 + usize::from(length % 13)).min(haystack.len());
        // Literals are texts; bytes beyond ASCII stand for themselves doubled.
        let literal: String = haystack[at..end].iter().map(|byte| char::from(byte & 0x7f)).collect();
        at = (at + 1 + usize::from(length / 13)).min(haystack.len());
        if literal.len() >= 4 {
            literals.push(literal);
        }
    }
    let haystack: Vec<u8> = haystack.iter().map(|byte| byte & 0x7f).chain(haystack.iter().copied()).collect();
    let plain = Plain::new(&literals);
    let bytes: Vec<&[u8]> = literals.iter().map(|literal| literal.as_bytes()).collect();
    let mut everywhere: Vec<(usize, &[u8])> = Vec::new();
    for literal in &bytes {
        everywhere.extend(haystack.windows(literal.len()).enumerate().filter(|(_, part)| part == literal));
    }
    everywhere.sort_unstable();
    everywhere.dedup();
    let starts = |finder: &dyn Prefilter| {
        let mut starts = Vec::new();
        finder.each(&haystack, 0, haystack.len(), &mut |hit: Hit, _| {
            starts.push(hit.start);
            hit.start + 1
        });
        starts
    };
    let expected = starts(&plain);
    for kernel in Kernel::available() {
        let fast = Bucketed::with_kernel(&bytes, kernel).unwrap();
        assert_eq!(starts(&fast), expected, "{kernel:?} {literals:?}");
        let mut all = Vec::new();
        fast.all(&haystack, &mut |hit| all.push((hit.start, bytes[hit.literal])));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all, everywhere, "{kernel:?} {literals:?}");
    }
}
