//! Secrets.
use super::model::Redactions;
/// Masks.
#[derive(Debug, Default)]
pub struct Redactor {}
impl Redactor {
    /// Off.
    #[must_use]
    pub fn off() -> Self {
        Self {}
    }
    /// Learn.
    pub fn learn(&mut self, _text: &str) {}
    /// Mask.
    pub fn mask(&mut self, text: &str) -> String {
        text.to_owned()
    }
    /// Summary.
    pub fn summary(&self) -> Redactions {
        Redactions::default()
    }
}
