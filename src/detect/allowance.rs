//! How much is kept of what a log names: however many services, boots and kinds of findings there are, it has a bound.

/// Bytes for what all inputs of a run leave.
const MOST: usize = 8 << 20;
/// When so many are used, lines around evidence are no longer kept.
const MUCH: usize = MOST / 2;

/// What was used of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Allowance {
    /// Bytes used.
    pub(super) used: usize,
}

impl Allowance {
    pub(super) const fn take(&mut self, bytes: usize) {
        self.used = self.used.saturating_add(bytes);
    }

    pub(super) const fn give_back(&mut self, bytes: usize) {
        self.used = self.used.saturating_sub(bytes);
    }

    /// Whether more than the evidence itself may be kept.
    pub(super) const fn is_ample(self) -> bool {
        self.used < MUCH
    }

    /// Whether nothing more can be kept.
    pub(super) const fn is_full(self) -> bool {
        self.used >= MOST
    }
}

/// About what a text of its own takes, in bytes.
pub(super) const fn of_text(text: &str) -> usize {
    size_of::<String>() + text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_out_in_two_steps() {
        let mut allowance = Allowance::default();
        assert!(allowance.is_ample() && !allowance.is_full());
        allowance.take(MUCH);
        assert!(!allowance.is_ample() && !allowance.is_full());
        allowance.take(MOST - MUCH);
        assert!(allowance.is_full());
        allowance.give_back(1);
        assert!(!allowance.is_full());
    }
}
