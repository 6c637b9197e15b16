//! Links between pages, and whether every page can be reached.

use std::collections::BTreeSet;
use std::fs;

use super::pages::markdown::anchor;
use super::{book, root};

/// The targets of a page's links, outside blocks of code.
fn links(text: &str) -> Vec<String> {
    let prose = text.split("```").step_by(2).collect::<String>();
    prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()).map(str::to_owned).collect()
}

/// The anchors of a page's headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let prose = text.split("```").step_by(2).collect::<String>();
    let headings = prose.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    // A heading that is a link is named by its text.
    headings.map(|heading| anchor(heading.split("](").next().unwrap_or_default())).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut pages: Vec<(String, String)> =
        book().into_iter().map(|(path, text)| (format!("docs/{path}"), text)).collect();
    for name in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        pages.push((name.to_owned(), fs::read_to_string(root().join(name)).unwrap()));
    }
    let (mut seen, mut wrong) = (0, Vec::new());
    for (path, text) in &pages {
        for link in links(text).iter().filter(|link| !link.contains("://")) {
            seen += 1;
            let (file, heading) = link.split_once('#').map_or((link.as_str(), None), |(file, at)| (file, Some(at)));
            let target =
                if file.is_empty() { root().join(path) } else { root().join(path).parent().unwrap().join(file) };
            let Ok(there) = fs::read_to_string(&target) else {
                wrong.push(format!("{path}: {link}: no such file"));
                continue;
            };
            if heading.is_some_and(|heading| !anchors(&there).contains(heading)) {
                wrong.push(format!("{path}: {link}: no such heading"));
            }
        }
    }
    assert!(seen > 300, "the test looks at nothing: {seen} links");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_page_can_be_reached_from_the_contents() {
    let book = book();
    let linked = |page: &str| -> BTreeSet<String> {
        let text = &book.iter().find(|(path, _)| path == page).unwrap().1;
        links(text).into_iter().filter(|link| link.ends_with(".md") && !link.contains("://")).collect()
    };
    let contents = linked("README.md");
    let mut summary = linked("SUMMARY.md");
    assert!(summary.remove("README.md"), "the summary begins with the contents");
    assert_eq!(contents, summary, "README.md and SUMMARY.md list the same pages");
    let areas = linked("rules/README.md");
    for (path, _) in &book {
        let found = match path.strip_prefix("rules/") {
            Some(area) if area != "README.md" => areas.contains(area),
            _ => path == "README.md" || path == "SUMMARY.md" || contents.contains(path),
        };
        assert!(found, "no contents page names docs/{path}");
    }
}
