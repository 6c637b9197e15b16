//! Lines of logs with their numbers, the proving ones marked.

use super::super::block::{Block, blocks};
use super::super::model::Evidence;
use super::markup::Markup;

/// Each source once, its lines in order, with at most `context` lines around each proving one.
pub(super) fn evidence(evidence: &[Evidence], context: usize, page: &mut Markup) {
    for block in blocks(evidence, context).iter().filter(|block| !block.rows.is_empty()) {
        page.inside("figure", &[("class", "log")], |figure| {
            figure.inside("figcaption", &[], |caption| {
                caption.element("code", &[], block.source);
                for (at, place) in block.also.iter().enumerate() {
                    caption.text(if at == 0 { ", the same in " } else { ", " });
                    caption.element("code", &[], place);
                }
            });
            lines(block, figure);
        });
    }
}

fn lines(block: &Block<'_>, figure: &mut Markup) {
    // The number of each line is written out: a list's own numbers could not be as large, nor leave a gap.
    figure.inside("ol", &[("role", "list")], |list| {
        let mut last = None;
        for row in &block.rows {
            if Block::gap(last, row) {
                list.fixed("<li class=\"gap\"><span class=\"number\">⋮</span><span>lines left out</span></li>\n");
            }
            last = Some(row.number);
            let number = row.number.to_string();
            list.inside("li", if row.proves { &[("class", "proof")] } else { &[] }, |item| {
                item.element("span", &[("class", "number")], &number);
                item.text(" ");
                if row.proves {
                    item.fixed("<span class=\"unseen\">evidence: </span>");
                }
                item.element("code", &[], row.text);
            });
        }
    });
}

/// A record of which only the text is known.
pub(super) fn record(text: &str, page: &mut Markup) {
    page.inside("pre", &[("class", "record")], |pre| pre.element("code", &[], text));
}
