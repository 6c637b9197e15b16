//! `.dockerignore`: what of a build context the builder does not see.

use super::pattern::part_fits;

/// Patterns that are read; no project has more.
pub(super) const PATTERNS: usize = 200;
/// Parts of one pattern that may stand for any number of folders.
const DEEP: usize = 2;
/// Parts of a path that is asked for; a longer one counts as seen.
const LONGEST: usize = 40;

/// The patterns of one file; of all that fit a path the last counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ignored {
    patterns: Vec<Pattern>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    /// `!pattern`: what fits is seen again.
    exception: bool,
    /// Not all that it means is known: it hides nothing, and may show anything.
    vague: bool,
    parts: Vec<String>,
}

impl Ignored {
    /// Reads the file.
    pub(super) fn parse(text: &str) -> Self {
        let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self { patterns: lines.take(PATTERNS).filter_map(Pattern::parse).collect() }
    }

    /// Whether the builder does not see a path of the context.
    #[must_use]
    pub fn hides(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        let mut hidden = false;
        if parts.len() > LONGEST {
            return false;
        }
        for pattern in &self.patterns {
            if pattern.vague {
                hidden &= !pattern.exception;
            } else if hidden == pattern.exception && covers(&pattern.parts, &parts) {
                hidden = !pattern.exception;
            }
        }
        hidden
    }

    /// Whether something below a hidden path may be seen again.
    #[must_use]
    pub fn shows_below(&self, path: &str) -> bool {
        let first = path.split('/').find(|part| !part.is_empty()).unwrap_or_default();
        let may = |part: &String| part == "**" || part_fits(part, first);
        self.patterns
            .iter()
            .any(|pattern| pattern.exception && (pattern.vague || pattern.parts.first().is_some_and(may)))
    }
}

impl Pattern {
    fn parse(line: &str) -> Option<Self> {
        let (exception, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest.trim()));
        let mut parts: Vec<String> = Vec::new();
        for part in line.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()),
                _ => parts.push(part.to_owned()),
            }
        }
        let deep = parts.iter().filter(|part| *part == "**").count();
        let vague = line.contains(['[', '\\']) || deep > DEEP;
        (!parts.is_empty()).then_some(Self { exception, vague, parts })
    }
}

/// Whether a pattern fits a path, or a folder that the path lies in.
fn covers(pattern: &[String], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, _) => true,
        (Some((first, rest)), _) if first == "**" => {
            (0..=path.len()).any(|at| covers(rest, path.get(at..).unwrap_or_default()))
        }
        (Some((first, rest)), Some((part, others))) => part_fits(first, part) && covers(rest, others),
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Ignored;

    #[test]
    fn the_last_pattern_that_fits_counts() {
        let ignored = Ignored::parse("# all\n*\n!packages\n!package.json\n/packages/*/dist/\n**/*.log\n");
        let seen = ["package.json", "packages/a/main.js", "packages"];
        let hidden = ["nx.json", "src/a.js", "packages/a/dist/x.js", "packages/a/b.log"];
        assert!(seen.iter().all(|path| !ignored.hides(path)), "{ignored:?}");
        assert!(hidden.iter().all(|path| ignored.hides(path)), "{ignored:?}");
        let ignored = Ignored::parse("*.json\n!package.json\n**/node_modules\n.git\n");
        assert!(ignored.hides("nx.json") && ignored.hides("a/node_modules/b") && ignored.hides("node_modules"));
        assert!(!ignored.hides("package.json") && !ignored.hides("apps/a/project.json") && !ignored.hides("git"));
    }

    #[test]
    fn what_is_not_understood_hides_nothing() {
        assert!(!Ignored::parse("[a-z]*.json\n").hides("nx.json"));
        assert!(!Ignored::parse("*\n![a-z]x.json\n").hides("nx.json"));
        let ignored = Ignored::parse("docs\n!docs/README.md\n");
        assert!(ignored.hides("docs/a.md") && !ignored.hides("docs/README.md") && ignored.shows_below("docs"));
    }
}
