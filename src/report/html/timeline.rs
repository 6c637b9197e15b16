//! Boots and phases: drawn to scale where the log has times, in their order where it has none, and as tables.

mod scale;

use super::super::model::{Boot, Phase, Report};
use super::super::words;
use super::draw::{cut, percent, pixels, text};
use super::markup::Markup;
use scale::{Scale, Span};

/// Pixels of a row: its words above its bar.
const ROW: usize = 36;
/// Pixels that a row's words may take on a narrow telephone, with a gap between them.
const WORDS: usize = 312;

/// Bytes of the date in a time.
const DATE: usize = "2026-11-26".len();

/// A row of the drawing.
struct Row {
    name: String,
    outcome: String,
    class: &'static str,
    /// Where the bar lies, in ten thousandths of the width.
    bar: Option<Span>,
}

pub(super) fn section(report: &Report, page: &mut Markup) {
    let boots = &report.timeline.boots;
    let Some(last) = boots.last() else { return };
    if boots.len() == 1 && last.phases.is_empty() {
        return;
    }
    page.section("timeline", "Timeline", |section| {
        if boots.len() > 1 {
            section.element("h3", &[], "Boots");
            draw_boots(boots, section);
            table_of_boots(boots, section);
        }
        if !last.phases.is_empty() {
            section.element("h3", &[], &format!("Phases of boot {}", last.number));
            draw_phases(last, section);
            table_of_phases(last, section);
        }
    });
}

fn draw_boots(boots: &[Boot], page: &mut Markup) {
    let scale = Scale::of_boots(boots);
    let mut rows = Vec::new();
    for (at, (left_out, boot)) in words::with_gaps(boots.iter()).enumerate() {
        if left_out > 0 {
            let name = format!("{left_out} more");
            rows.push(Row { name, outcome: "not kept".to_owned(), class: "none", bar: None });
        }
        let outcome = match &boot.cause {
            Some(cause) => format!("{} {cause}", sign(&boot.outcome)),
            None => format!("{} {}", sign(&boot.outcome), boot.outcome),
        };
        let bar = match &scale {
            Some(scale) => scale.span(boot.began.as_deref(), boot.ended.as_deref()),
            None => Some(Span::in_order(at, boots.len())),
        };
        rows.push(Row { name: format!("Boot {}", boot.number), outcome, class: class(&boot.outcome), bar });
    }
    drawing("boots", "Boots", &rows, scale.as_ref(), page);
}

fn draw_phases(boot: &Boot, page: &mut Markup) {
    let scale = Scale::of_phases(boot);
    let row = |(at, phase): (usize, &Phase)| {
        let bar = match &scale {
            _ if phase.outcome == "never-reached" => None,
            Some(scale) => {
                // What was not left lasted until the last line.
                let open = matches!(phase.outcome.as_str(), "failed" | "entered").then(|| scale.last());
                scale.span(phase.entered.as_deref(), phase.left.as_deref().or(open))
            }
            None => Some(Span::in_order(at, boot.phases.len())),
        };
        Row { name: phase.title.clone(), outcome: outcome(phase), class: class(&phase.outcome), bar }
    };
    let rows: Vec<Row> = boot.phases.iter().enumerate().map(row).collect();
    drawing("phases", "Phases", &rows, scale.as_ref(), page);
}

/// One row below the other; the width is that of the page, letters keep their size.
fn drawing(id: &'static str, title: &'static str, rows: &[Row], scale: Option<&Scale>, page: &mut Markup) {
    let height = (rows.len() * ROW + 4).to_string();
    let (title_id, text_id) = (format!("{id}-drawn"), format!("{id}-told"));
    page.inside("figure", &[("class", "course")], |figure| {
        let attributes = [
            ("width", "100%"),
            ("height", height.as_str()),
            ("role", "img"),
            ("aria-labelledby", &format!("{title_id} {text_id}")),
        ];
        figure.inside("svg", &attributes, |svg| {
            svg.element("title", &[("id", &title_id)], title);
            let told: Vec<String> = rows.iter().map(|row| format!("{}: {}", row.name, row.outcome)).collect();
            svg.element("desc", &[("id", &text_id)], &told.join("; "));
            svg.fixed("\n");
            for quarter in [0, 2500, 5000, 7500, 10_000] {
                let x = percent(quarter);
                svg.empty("line", &[("class", "grid"), ("x1", &x), ("x2", &x), ("y1", "0"), ("y2", &height)]);
            }
            rows.iter().enumerate().for_each(|(at, row)| draw(row, at * ROW, svg));
        });
        figure.inside("figcaption", &[], |caption| match scale {
            Some(scale) => {
                let length = words::duration(scale.millis());
                caption.text(&format!("To scale: {length} from {} to {}.", scale.first(), scale.last()));
            }
            None => caption.fixed("In order, not to scale: the log does not tell the times apart."),
        });
    });
}

fn draw(row: &Row, top: usize, svg: &mut Markup) {
    let outcome = cut(&row.outcome, 13, WORDS / 2);
    let name = cut(&row.name, 13, WORDS.saturating_sub(pixels(&outcome, 13)));
    // What the shorter of the two leaves, the other may take.
    let outcome = cut(&row.outcome, 13, WORDS.saturating_sub(pixels(&name, 13)));
    text("name", "0", top + 15, &name, svg);
    text("outcome", "100%", top + 15, &outcome, svg);
    let y = (top + 21).to_string();
    svg.empty("rect", &[("class", "track"), ("x", "0"), ("y", &y), ("width", "100%"), ("height", "8"), ("rx", "4")]);
    if let Some(bar) = row.bar {
        let (x, width) = (percent(bar.from), percent(bar.length));
        let attributes = [("class", row.class), ("x", &x), ("y", &y), ("width", &width), ("height", "8"), ("rx", "4")];
        svg.empty("rect", &attributes);
    }
}

/// A phase's outcome, in words where other reports have only a sign.
fn outcome(phase: &Phase) -> String {
    let said = words::phase_outcome(phase);
    match phase.outcome.as_str() {
        "passed" | "failed" => match said.split_once(' ') {
            Some((sign, time)) => format!("{sign} {}, {time}", phase.outcome),
            None => format!("{said} {}", phase.outcome),
        },
        _ => said,
    }
}

/// An outcome's colour.
fn class(outcome: &str) -> &'static str {
    match outcome {
        "passed" | "ready" => "good",
        "failed" => "bad",
        "never-reached" => "none",
        _ => "warn",
    }
}

/// An outcome's sign; each is another character, so that it is told apart without colour.
fn sign(outcome: &str) -> &'static str {
    match outcome {
        "ready" => "✓",
        "failed" => "✗",
        _ => "…",
    }
}

fn table_of_boots(boots: &[Boot], page: &mut Markup) {
    table(&["Boot", "Began, last line", "Outcome"], page, |body| {
        for boot in boots {
            body.inside("tr", &[], |row| {
                row.element("th", &[("scope", "row")], &boot.number.to_string());
                row.inside("td", &[], |cell| times(boot.began.as_deref(), boot.ended.as_deref(), cell));
                row.inside("td", &[], |cell| {
                    cell.element("span", &[("class", class(&boot.outcome))], sign(&boot.outcome));
                    cell.text(" ");
                    cell.text(&boot.outcome);
                    if let Some(cause) = &boot.cause {
                        cell.text(": ");
                        cell.element("code", &[], cause);
                    }
                });
            });
        }
    });
}

fn table_of_phases(boot: &Boot, page: &mut Markup) {
    table(&["Phase", "Entered, left", "Outcome"], page, |body| {
        for phase in &boot.phases {
            body.inside("tr", &[], |row| {
                row.element("th", &[("scope", "row")], &phase.title);
                row.inside("td", &[], |cell| times(phase.entered.as_deref(), phase.left.as_deref(), cell));
                row.inside("td", &[], |cell| {
                    cell.element("span", &[("class", class(&phase.outcome))], &outcome(phase));
                });
            });
        }
    });
}

fn table(header: &[&'static str], page: &mut Markup, body: impl FnOnce(&mut Markup)) {
    page.inside("table", &[], |table| {
        table.inside("thead", &[], |head| {
            head.inside("tr", &[], |row| {
                header.iter().for_each(|title| row.element("th", &[("scope", "col")], title));
            });
        });
        table.inside("tbody", &[], body);
    });
}

fn times(from: Option<&str>, to: Option<&str>, cell: &mut Markup) {
    match (from, to) {
        (None, None) => cell.fixed("<span class=\"none\">no time</span>"),
        (from, to) => {
            for (at, time) in from.into_iter().chain(to.filter(|to| from != Some(*to))).enumerate() {
                if at > 0 {
                    cell.fixed("<br>");
                }
                cell.inside("code", &[], |code| {
                    // A narrow column breaks a time where a reader would.
                    let date = time.split_at_checked(DATE).filter(|(_, clock)| clock.starts_with('T'));
                    let (date, clock) = date.unwrap_or((time, ""));
                    code.text(date);
                    if !clock.is_empty() {
                        code.fixed("<wbr>");
                        code.text(clock);
                    }
                });
            }
        }
    }
}
