//! Evidence as numbered lines: the proving ones marked, their surroundings dimmed.

use std::io;

use super::super::block::{Block, Row, blocks};
use super::super::model::Evidence;
use super::canvas::{Canvas, Ink};
use super::dim;

/// Lines of context around each proving line.
const CONTEXT: usize = 2;
/// Rows of one block at most; the answer must stay on the screen.
const ROWS: usize = 14;
/// Rows that a proving line takes at most on a terminal that is too narrow for it.
const LINES: usize = 4;

pub(super) fn section(evidence: &[Evidence], page: &mut Canvas<'_>) -> io::Result<()> {
    let shown = blocks(evidence, CONTEXT);
    // Blocks that prove much leave out their context rather than their proof.
    let crowded = shown.iter().map(|block| block.rows.len()).sum::<usize>() > ROWS;
    let shown = if crowded { blocks(evidence, usize::from(evidence.len() < 4)) } else { shown };
    for block in shown.iter().filter(|block| !block.rows.is_empty()) {
        page.blank()?;
        page.line(4, &[(Ink::Strong, block.source.to_owned())])?;
        rows(block, page)?;
        if !block.also.is_empty() {
            let also = block.also.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
            page.line(4, &[dim(format!("the same in {also}"))])?;
        }
    }
    Ok(())
}

fn rows(block: &Block<'_>, page: &mut Canvas<'_>) -> io::Result<()> {
    let gutter = block.gutter();
    let mut last = None;
    for row in block.rows.iter().take(ROWS) {
        if Block::gap(last, row) {
            page.line(5 + gutter, &[dim("⋮")])?;
        }
        last = Some(row.number);
        draw(row, gutter, page)?;
    }
    let more = block.rows.len().saturating_sub(ROWS);
    if more > 0 {
        page.line(5 + gutter, &[dim(format!("⋮ {more} more lines"))])?;
    }
    Ok(())
}

fn draw(row: &Row<'_>, gutter: usize, page: &mut Canvas<'_>) -> io::Result<()> {
    let number = format!("{:>gutter$}", row.number);
    if !row.proves {
        return page.line(4, &[dim(format!("{number} │ {}", page.fitted(row.text, gutter + 7)))]);
    }
    let lines = page.broken(row.text, gutter + 7, LINES);
    for (index, text) in lines.into_iter().enumerate() {
        let (mark, number) = if index == 0 { ("▶ ", number.clone()) } else { ("  ", " ".repeat(gutter)) };
        page.line(2, &[(Ink::Bad, mark.to_owned()), (Ink::Strong, number), dim(" │ "), (Ink::Strong, text)])?;
    }
    Ok(())
}
