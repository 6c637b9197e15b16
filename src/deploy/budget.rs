//! What reading a deployment may cost. Files, aliases, merges, includes, environment files and models all take from the same three stocks, so
//! that the sum is bounded whatever shape a folder has. Fifty services with all their files need
//! a tenth of the second and a fiftieth of the others.

/// Bytes of all files together.
const READ: usize = 8 << 20;
/// Bytes that trees, values and models take, about.
const BUILT: usize = 28 << 20;
/// Parts that services look at: a command of a script counts once for every service that runs it.
const LOOKS: usize = 400_000;

/// What is left.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    read: usize,
    built: usize,
    looks: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { read: READ, built: BUILT, looks: LOOKS }
    }
}

impl Budget {
    /// Takes the bytes of a file; false, and nothing is taken, where they are not left.
    pub(super) fn read(&mut self, bytes: usize) -> bool {
        take(&mut self.read, bytes)
    }

    /// Takes the bytes of something that is kept in memory.
    pub(super) fn build(&mut self, bytes: usize) -> bool {
        take(&mut self.built, bytes)
    }

    /// Takes the parts that one service looks at.
    pub(super) fn look(&mut self, parts: usize) -> bool {
        take(&mut self.looks, parts)
    }
}

#[cfg(test)]
impl Budget {
    /// How many thousandths of each stock were taken.
    pub(super) fn used(&self) -> [usize; 3] {
        let part = |left: usize, of: usize| (of - left) * 1000 / of;
        [part(self.read, READ), part(self.built, BUILT), part(self.looks, LOOKS)]
    }
}

fn take(left: &mut usize, cost: usize) -> bool {
    let rest = left.checked_sub(cost);
    *left = rest.unwrap_or(*left);
    rest.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_takes_nothing() {
        let mut budget = Budget { read: 10, ..Budget::default() };
        assert!(budget.read(4) && !budget.read(7) && budget.read(6) && !budget.read(1) && budget.read(0));
    }
}
