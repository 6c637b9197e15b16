//! Dockerfiles → a model with positions, and what the image of a stage is given by it. Builds nothing.

mod expand;
mod image;
mod lines;
mod model;
mod parser;
mod words;

pub use image::Image;
pub use model::{Command, Copy, Dockerfile, Instruction, InstructionKind, Pair, Source, Stage, Text};
pub use parser::parse;

#[cfg(test)]
mod tests;
