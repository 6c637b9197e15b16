//! Times of a report as places on a line.

use chrono::{DateTime, NaiveDateTime};

use super::super::super::model::Boot;

/// All of the width.
const WHOLE: u64 = 10_000;
/// The shortest bar that is seen.
const LEAST: u64 = 80;

/// A stretch of the width, in ten thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: u64,
    pub(super) length: u64,
}

impl Span {
    /// The place of one of several when nothing is known but their order.
    pub(super) fn in_order(at: usize, of: usize) -> Self {
        let part = |at: usize| u64::try_from(at).unwrap_or(0) * WHOLE / u64::try_from(of.max(1)).unwrap_or(1);
        let (from, to) = (part(at), part(at + 1));
        Self { from, length: to - from }
    }
}

/// A line of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scale {
    from: Moment,
    to: Moment,
}

/// A time as the report writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Moment {
    text: String,
    millis: i64,
    /// Whether its zone is known; only times of one kind are compared.
    zoned: bool,
}

impl Moment {
    fn read(text: &str) -> Option<Self> {
        let zoned = DateTime::parse_from_rfc3339(text).map(|time| (time.timestamp_millis(), true));
        let local = || {
            let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f");
            time.map(|time| (time.and_utc().timestamp_millis(), false))
        };
        let (millis, zoned) = zoned.or_else(|_| local()).ok()?;
        Some(Self { text: text.to_owned(), millis, zoned })
    }
}

impl Scale {
    /// From the first boot's beginning to the last line.
    pub(super) fn of_boots(boots: &[Boot]) -> Option<Self> {
        Self::of(boots.iter().flat_map(|boot| [&boot.began, &boot.ended]).flatten())
    }

    /// From a boot's beginning to its last line.
    pub(super) fn of_phases(boot: &Boot) -> Option<Self> {
        let phases = boot.phases.iter().flat_map(|phase| [&phase.entered, &phase.left]).flatten();
        if boot.phases.iter().any(|phase| phase.entered.is_some()) {
            Self::of(phases.chain(&boot.began).chain(&boot.ended))
        } else {
            None
        }
    }

    /// Around all of these times; nothing when they cannot be compared or are all the same.
    fn of<'t>(times: impl Iterator<Item = &'t String>) -> Option<Self> {
        let moments: Vec<Moment> = times.map(|time| Moment::read(time)).collect::<Option<_>>()?;
        let zoned = moments.first()?.zoned;
        if moments.iter().any(|moment| moment.zoned != zoned) {
            return None;
        }
        let from = moments.iter().min_by_key(|moment| moment.millis)?.clone();
        let to = moments.iter().max_by_key(|moment| moment.millis)?.clone();
        (from.millis < to.millis).then_some(Self { from, to })
    }

    /// Where a stretch lies; one whose end is not known is a mark at its beginning.
    pub(super) fn span(&self, from: Option<&str>, to: Option<&str>) -> Option<Span> {
        let from = self.place(&Moment::read(from?)?);
        let to = to.and_then(Moment::read).map_or(from, |to| self.place(&to));
        let length = to.saturating_sub(from).max(LEAST);
        Some(Span { from: from.min(WHOLE - length.min(WHOLE)), length: length.min(WHOLE) })
    }

    fn place(&self, moment: &Moment) -> u64 {
        let passed = u128::from(self.from.millis.abs_diff(moment.millis));
        let share = passed * u128::from(WHOLE) / u128::from(self.millis().max(1));
        u64::try_from(share).unwrap_or(WHOLE).min(WHOLE)
    }

    /// How long it is.
    pub(super) fn millis(&self) -> u64 {
        self.to.millis.abs_diff(self.from.millis)
    }

    /// Its first moment, as the report writes it.
    pub(super) fn first(&self) -> &str {
        &self.from.text
    }

    /// Its last moment.
    pub(super) fn last(&self) -> &str {
        &self.to.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(times: &[&str]) -> Option<Scale> {
        let times: Vec<String> = times.iter().map(|time| (*time).to_owned()).collect();
        Scale::of(times.iter())
    }

    #[test]
    fn bars_lie_where_their_times_are() {
        let scale = scale(&["2026-01-01T00:00:10", "2026-01-01T00:00:00", "2026-01-01T00:00:05.5"]).unwrap();
        assert_eq!(
            (scale.millis(), scale.first(), scale.last()),
            (10_000, "2026-01-01T00:00:00", "2026-01-01T00:00:10")
        );
        let span = |from, to| scale.span(from, to).map(|span| (span.from, span.length));
        assert_eq!(span(Some("2026-01-01T00:00:02"), Some("2026-01-01T00:00:05.5")), Some((2000, 3500)));
        assert_eq!(span(Some("2026-01-01T00:00:04"), None), Some((4000, LEAST)));
        assert_eq!(span(Some("2026-01-01T00:00:04"), Some(scale.last())), Some((4000, 6000)));
        assert_eq!(span(Some("2026-01-01T00:00:10"), None), Some((WHOLE - LEAST, LEAST)));
        assert_eq!(span(None, Some("2026-01-01T00:00:05")), None);
    }

    #[test]
    fn what_cannot_be_compared_has_no_scale() {
        assert_eq!(scale(&["2026-01-01T00:00:00", "2026-01-01T00:00:00"]), None, "no length");
        assert_eq!(scale(&["2026-01-01T00:00:00", "2026-01-01T00:00:05Z"]), None, "with and without zone");
        assert_eq!(scale(&["2026-01-01T00:00:00", "yesterday"]), None);
        assert_eq!(scale(&[]), None);
    }

    #[test]
    fn without_times_there_is_order() {
        let third = Span::in_order(2, 3);
        assert_eq!((third.from, third.length), (6666, 3334));
    }
}
