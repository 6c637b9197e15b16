//! A line for a shell that no shell reads, or reads only the beginning of.

use crate::deploy::shell::Invocation;
use crate::deploy::{Line, Service, Word, is_shell};

use super::super::super::image::FACTS;
use super::{Context, Hit, Hits, Level};

/// Words that only a shell understands.
const OPERATORS: [&str; 5] = ["&&", "||", "|", ">>", "2>&1"];

pub(super) fn look(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some(words) = service.startup.words().filter(|words| !words.is_empty()) else { continue };
        let texts: Option<Vec<&str>> = words.iter().map(|word| word.text.as_deref()).collect();
        let (Some(texts), Some(invocation)) = (texts, service.startup.invocation()) else { continue };
        let first = invocation.words.first().map_or(0, |word| word.span.start);
        let Some((at, problem, advice)) = wrong(&invocation, texts.get(first..).unwrap_or_default(), first) else {
            continue;
        };
        let Some(word) = words.get(at) else { continue };
        let hit = Hit::at(word.spot.clone()).with("problem", problem).with("advice", advice);
        hits.once(if sure(service, word) { hit } else { hit.only(Level::Warning) });
    }
    hits
}

/// What is wrong with the words behind all wrappers, and which of all words shows it.
fn wrong(invocation: &Invocation, texts: &[&str], first: usize) -> Option<(usize, String, String)> {
    let program = *texts.first()?;
    let name = invocation.program()?;
    if is_shell(name) {
        return for_shell(name, texts).map(|(at, problem, advice)| (first + at, problem, advice));
    }
    let operator = texts.windows(2).position(|pair| matches!(pair, [before, text] if operates(before, text)));
    let operator = operator.map(|at| at + 1);
    if let Some(at) = operator {
        let problem = format!("`{}` is given to {name} as a word: no shell reads it", texts.get(at)?);
        return Some((first + at, problem, format!("Give the whole line to a shell: [\"sh\", \"-c\", \"{name} …\"]")));
    }
    let (start, rest) = program.split_once(' ')?;
    let path = program.starts_with('/') && !rest.trim_start().starts_with('-');
    if texts.len() > 1 || path || start.is_empty() || program.contains('\n') {
        return None;
    }
    let words: Vec<String> = program.split_whitespace().map(|word| format!("\"{word}\"")).collect();
    let problem = format!("\"{program}\" is one word, and no program is called that");
    Some((first, problem, format!("Make each word an item of its own: [{}]", words.join(", "))))
}

/// Whether a word is meant for a shell, and is no value of the option before it: `cut -d '|'`.
fn operates(before: &str, text: &str) -> bool {
    OPERATORS.contains(&text) && !before.starts_with('-')
}

/// A shell without `-c`, or with only the first word behind it.
fn for_shell(name: &str, texts: &[&str]) -> Option<(usize, String, String)> {
    let flag = texts.iter().position(|text| text.starts_with('-') && !text.starts_with("--") && text.ends_with('c'));
    match flag {
        Some(flag) => {
            let code = *texts.get(flag + 1)?;
            let at = texts.iter().skip(flag + 2).position(|text| OPERATORS.contains(text))? + flag + 2;
            let problem = format!("{name} runs only `{code}`: what follows is not part of the text behind -c");
            (!code.contains(' '))
                .then(|| (at, problem, "Put the whole line behind -c into one pair of quotes".to_owned()))
        }
        None => {
            let code = *texts.get(1)?;
            let line = texts.len() == 2 && code.contains(' ') && !code.starts_with(['-', '+', '/', '.']);
            let problem = format!("{name} takes \"{code}\" for the name of a file");
            line.then(|| (1, problem, format!("Write -c before the line: [\"{name}\", \"-c\", \"{code}\"]")))
        }
    }
}

/// Whether nothing unknown stands before the words: an entrypoint of an image may be a shell with `-c`.
fn sure(service: &Service, word: &Word) -> bool {
    let startup = &service.startup;
    let own = startup.entrypoint.as_ref();
    let holds = |line: &Line| line.words.iter().any(|other| other == word);
    let known = startup.base.as_deref().is_some_and(|base| FACTS.of(base).is_some());
    match own {
        // The words of an entrypoint's script may be run by a shell.
        Some(line) => {
            let first = line.words.first().and_then(|word| word.text.as_deref());
            holds(line) || first.is_some_and(is_wrapper)
        }
        None => known,
    }
}

fn is_wrapper(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name);
    is_shell(name) || matches!(name, "tini" | "dumb-init" | "catatonit" | "env")
}
