//! Likeness of names: what was meant where a name is not known.

/// The least likeness, with which any name will do.
pub const ANY: f64 = -1.0;

/// The known name that is most like another one, if it is more alike than `least`, from 0 to 1.
#[must_use]
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>, least: f64) -> Option<&'n str> {
    let scored = known.map(|other| (strsim::jaro_winkler(other, name), other));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(likeness, _)| *likeness > least);
    best.map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::{ANY, nearest};

    #[test]
    fn the_most_alike_is_taken_if_it_is_alike_enough() {
        let known = || ["database", "data", "cache"].into_iter();
        assert_eq!(nearest("databse", known(), 0.8), Some("database"));
        assert_eq!(nearest("queue", known(), 0.8), None);
        assert!(nearest("queue", known(), ANY).is_some());
        assert_eq!(nearest("x", [].into_iter(), ANY), None);
    }
}
