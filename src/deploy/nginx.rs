//! Configurations of nginx.

/// What a configuration says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Nginx {}

/// Reads a configuration.
#[must_use]
pub fn parse(_text: &str) -> Nginx {
    Nginx::default()
}
