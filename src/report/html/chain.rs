//! The causal chain as a drawing: the root cause, and what followed from it.

use super::super::model::{Cause, Consequence};
use super::super::words;
use super::draw::{cut, pixels, tail, text, wrap};
use super::markup::Markup;

/// Pixels; a narrow telephone shows it whole.
const WIDTH: usize = 340;
/// Where the boxes of the consequences begin; the trunk is left of them.
const INDENT: usize = 30;
const TRUNK: usize = 13;
const PAD: usize = 12;
const GAP: usize = 14;
/// Consequences that are drawn; the list beside the drawing has all.
const DRAWN: usize = 8;

/// A box of the drawing.
struct Node {
    class: &'static str,
    label: &'static str,
    /// The words, in lines that fit.
    lines: Vec<String>,
    /// Id and place.
    foot: Vec<String>,
}

impl Node {
    fn height(&self) -> usize {
        PAD * 2 + 12 + self.lines.len() * 18 + self.foot.len() * 16
    }
}

/// The drawing, with the same in words for those who do not see it.
pub(super) fn figure(cause: &Cause, page: &mut Markup) {
    if cause.consequences.is_empty() {
        return;
    }
    let root = Node {
        class: "root",
        label: "Root cause",
        // Heavy letters are wider than those that `wrap` knows.
        lines: wrap(&cause.title, 16, WIDTH - 2 * PAD, 4),
        foot: vec![cut(&cause.rule, 12, WIDTH - 2 * PAD)],
    };
    let mut nodes: Vec<Node> = cause.consequences.iter().take(DRAWN).map(consequence).collect();
    let more = cause.consequences.len().saturating_sub(DRAWN);
    if more > 0 {
        let lines = vec![format!("and {more} more")];
        nodes.push(Node { class: "consequence", label: "Followed", lines, foot: Vec::new() });
    }
    let height = root.height() + nodes.iter().map(|node| node.height() + GAP).sum::<usize>() + 2;
    page.inside("figure", &[("class", "chain")], |figure| {
        let view = format!("0 0 {WIDTH} {height}");
        let attributes = [
            ("viewBox", view.as_str()),
            ("width", &WIDTH.to_string()),
            ("height", &height.to_string()),
            ("role", "img"),
            ("aria-labelledby", "chain-title chain-text"),
        ];
        figure.inside("svg", &attributes, |svg| {
            svg.element("title", &[("id", "chain-title")], "Causal chain");
            svg.element("desc", &[("id", "chain-text")], &told(cause));
            svg.fixed("\n");
            draw(&root, &nodes, svg);
        });
    });
}

fn consequence(consequence: &Consequence) -> Node {
    let room = WIDTH - INDENT - 2 * PAD;
    let times = (consequence.count > 1).then(|| format!("{} times, ", words::grouped(consequence.count)));
    let times = times.unwrap_or_default();
    let place = consequence.evidence.first().map(words::place).unwrap_or_default();
    let place = tail(&place, 12, room.saturating_sub(pixels(&times, 12)));
    let seen = format!("{times}{place}").trim_end_matches(", ").to_owned();
    let foot = [cut(&consequence.rule, 12, room), seen];
    Node {
        class: "consequence",
        label: "Followed",
        lines: wrap(&consequence.title, 13, room, 3),
        foot: foot.into_iter().filter(|text| !text.is_empty()).collect(),
    }
}

/// The drawing in one sentence.
fn told(cause: &Cause) -> String {
    let mut told = format!("Root cause: {}.", cause.title.trim_end_matches('.'));
    for consequence in &cause.consequences {
        told.push_str(&format!(" It led to: {}.", words::consequence(consequence).trim_end_matches('.')));
    }
    told
}

fn draw(root: &Node, nodes: &[Node], svg: &mut Markup) {
    let mut top = 1;
    boxed(root, 1, top, svg);
    top += root.height();
    let start = top;
    for node in nodes {
        top += GAP;
        // The arrow meets the box at its label.
        let middle = top + PAD + 6;
        let path = format!("M{TRUNK} {start} V{} q0 6 6 6 H{}", middle - 6, INDENT - 2);
        svg.empty("path", &[("class", "arrow"), ("d", &path)]);
        let head = format!("M{} {} l6 4 l-6 4 z", INDENT - 6, middle - 4);
        svg.empty("path", &[("class", "head"), ("d", &head)]);
        boxed(node, INDENT, top, svg);
        top += node.height();
    }
}

fn boxed(node: &Node, left: usize, top: usize, svg: &mut Markup) {
    svg.empty(
        "rect",
        &[
            ("class", node.class),
            ("x", &left.to_string()),
            ("y", &top.to_string()),
            ("width", &(WIDTH - left - 1).to_string()),
            ("height", &node.height().to_string()),
            ("rx", "8"),
        ],
    );
    let x = (left + PAD).to_string();
    let mut line = top + PAD + 10;
    text("label", &x, line, node.label, svg);
    line += 2;
    for words in &node.lines {
        line += 18;
        text(if node.class == "root" { "strong" } else { "words" }, &x, line, words, svg);
    }
    line += 2;
    for words in &node.foot {
        line += 16;
        text("foot", &x, line, words, svg);
    }
}
