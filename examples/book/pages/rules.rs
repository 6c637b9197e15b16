//! One page per area of rules, and the page that lists the areas.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;

use diagnose::rule::{ClauseSpec, MatchSpec, RuleFile};

use super::Page;
use super::markdown::{anchor, block, code, filled, head, plain, row, sentence};

type Text = Result<String, Box<dyn Error>>;

pub(crate) fn pages(rules: &[RuleFile]) -> Result<Vec<Page>, Box<dyn Error>> {
    let mut areas: BTreeMap<&str, Vec<&RuleFile>> = BTreeMap::new();
    for rule in rules {
        areas.entry(rule.area()).or_default().push(rule);
    }
    let mut pages = vec![Page { path: "rules/README.md".to_owned(), text: index(rules.len(), &areas)? }];
    for (area, rules) in &areas {
        let mut text = head(&format!("Rules: {area}"));
        text.push_str("[All areas](README.md)\n");
        for rule in rules {
            text.push_str(&one(rule)?);
        }
        pages.push(Page { path: format!("rules/{area}.md"), text });
    }
    Ok(pages)
}

fn index(count: usize, areas: &BTreeMap<&str, Vec<&RuleFile>>) -> Text {
    let mut text = head("Rules");
    writeln!(
        text,
        "All {count} faults that the program names, by area. A *cause* can be the root cause by itself; a *symptom* tells that"
    )?;
    writeln!(
        text,
        "something failed, not why. `diagnose rules show ID` prints the file of one, with its examples; how to write one:"
    )?;
    writeln!(text, "[the rule format](../rule-format.md).\n")?;
    for (area, rules) in areas {
        writeln!(text, "## [{area}]({area}.md)\n")?;
        text.push_str(&row(&["rule", "role", "severity", "what is wrong"]));
        text.push_str(&row(&["---", "---", "---", "---"]));
        for rule in rules {
            let link = format!("[{}]({area}.md#{})", rule.id, anchor(&rule.id));
            text.push_str(&row(&[&link, rule.role.word(), rule.severity.word(), &sentence(&rule.title)]));
        }
        text.push('\n');
    }
    Ok(text.trim_end().to_owned() + "\n")
}

fn one(rule: &RuleFile) -> Text {
    let mut text = format!("\n## {}\n\n**{}**\n\n", rule.id, sentence(&rule.title));
    let mut facts = vec![rule.role.word().to_owned(), rule.severity.word().to_owned()];
    for (name, values) in [("phases", &rule.phases), ("only in records of", &rule.scope)] {
        if !values.is_empty() {
            facts.push(format!("{name} {}", values.join(", ")));
        }
    }
    writeln!(text, "{}\n\n{}\n\n*Effect:* {}", facts.join(" · "), sentence(&rule.summary), sentence(&rule.impact))?;
    if !rule.documented.is_empty() {
        let entries: Vec<String> = rule.documented.iter().map(|entry| format!("“{}”", plain(entry))).collect();
        writeln!(text, "\n*Documented as:* {}", entries.join(", "))?;
    }
    for (name, ids) in [("Explains", &rule.explains), ("Explained by", &rule.explained_by)] {
        if !ids.is_empty() {
            let links: Vec<String> = ids.iter().map(|id| link(id)).collect();
            writeln!(text, "\n*{name}:* {}", links.join(", "))?;
        }
    }
    text.push_str(&wordings(&rule.matching));
    if rule.cleared_by.is_some() {
        writeln!(text, "\nA later line can prove that it is over; then it is no cause.")?;
    }
    text.push_str(&cure(rule)?);
    Ok(text)
}

/// A link to a rule, or to the page of an area for `area/*`.
fn link(id: &str) -> String {
    match id.split_once('/') {
        Some((area, "*")) => format!("[{area}/\\*]({area}.md)"),
        Some((area, _)) => format!("[{id}]({area}.md#{})", anchor(id)),
        None => "every cause".to_owned(),
    }
}

fn wordings(matching: &MatchSpec) -> String {
    let forms = [
        ("Recognised by any of", &matching.any),
        ("Recognised by all of", &matching.all),
        ("Recognised by these, in this order", &matching.sequence),
        ("Not where one of these is there", &matching.absent),
    ];
    let mut text = String::new();
    for (name, clauses) in forms {
        if !clauses.is_empty() {
            let lines: Vec<String> = clauses.iter().map(|spec| clause(spec)).collect();
            text.push_str(&format!("\n{name}:\n\n{}", block(&lines.join("\n"), "")));
        }
    }
    if matching.derived.is_some() {
        text.push_str("\nFound by the diagnosis itself, from what it sees of the start as a whole.\n");
    }
    text
}

fn clause(clause: &ClauseSpec) -> String {
    if let Some(text) = &clause.contains {
        return format!("text   {text}");
    }
    if let Some(regex) = &clause.regex {
        return format!("regex  {regex}");
    }
    let facts: Vec<String> = clause.state.iter().map(|(fact, value)| format!("{fact}: {value}")).collect();
    format!("state  {}", facts.join(", "))
}

fn cure(rule: &RuleFile) -> Text {
    let mut text = String::from("\nWhat to do:\n\n");
    for (number, remedy) in rule.remedy.iter().enumerate() {
        writeln!(text, "{}. {} (risk: {})", number + 1, sentence(&remedy.step), remedy.risk.word())?;
        if let Some(run) = &remedy.run {
            write!(text, "\n{}", block(&filled(run), "   "))?;
        }
    }
    text.push_str("\nHow to see that it worked:\n\n");
    for verify in &rule.verify {
        writeln!(text, "- {}: {}", code(&filled(&verify.run)), sentence(&verify.expect))?;
    }
    let links: Vec<String> =
        rule.reference.iter().map(|link| format!("[{}]({})", plain(&link.title), link.url)).collect();
    writeln!(text, "\nRead on: {}", links.join(" · "))?;
    Ok(text)
}
