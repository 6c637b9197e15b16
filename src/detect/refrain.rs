//! Lines that say word for word what a line before said, and that may begin a boot or a phase: they count each time, and in their order, but
//! they are read once.
//!
//! A crash loop says the same few lines in each of its boots.

use crate::num::narrow;
use crate::record::{Form, Reader, Record};
use crate::scan::Window;

use super::echo::line;
use super::judge::Verdicts;

/// Places for lines; one that leads to a taken place takes it.
const PLACES: usize = 64;

/// A line that was a record of its own, and what was found in it.
#[derive(Debug)]
pub(super) struct Refrain {
    form: Form,
    /// Where in the line its first literal begins.
    at: usize,
    pub(super) record: Record,
    pub(super) found: Verdicts,
}

/// Those that may come again.
#[derive(Debug, Default)]
pub(super) struct Refrains(Vec<Option<Refrain>>);

impl Refrains {
    /// Takes out what the line from `start` on says, with a literal at `at`, if it is known and the lines beside it leave it alone;
    /// [`Refrains::keep`] takes it again.
    pub(super) fn take(
        &mut self,
        window: &Window<'_>,
        start: usize,
        at: usize,
        reader: &mut Reader,
        tells: &dyn Fn(&[u8]) -> bool,
    ) -> Option<Refrain> {
        if self.0.is_empty() {
            return None;
        }
        let raw = line(window, start, at)?;
        let slot = self.0.get_mut(place(raw, at - start))?;
        let known = slot.as_ref().filter(|known| known.at == at - start && known.form.line() == raw)?;
        reader.repeats(window.bytes, window.base, start, start, &known.form, tells)?;
        let mut refrain = slot.take()?;
        refrain.record.lines.iter_mut().for_each(|line| line.offset = start);
        Some(refrain)
    }

    /// Remembers a record of one line, with a literal at `at` of it.
    pub(super) fn learn(&mut self, form: Form, at: usize, record: Record, found: Verdicts) {
        self.keep(Refrain { form, at, record, found });
    }

    pub(super) fn keep(&mut self, refrain: Refrain) {
        if self.0.is_empty() {
            self.0.resize_with(PLACES, || None);
        }
        if let Some(slot) = self.0.get_mut(place(refrain.form.line(), refrain.at)) {
            *slot = Some(refrain);
        }
    }

    /// Forgets all: other literals are looked for from now on.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

fn place(raw: &[u8], at: usize) -> usize {
    narrow(Form::key(raw, at)) % PLACES
}
