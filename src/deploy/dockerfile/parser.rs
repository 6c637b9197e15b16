//! Instructions: each is read by itself, so that a fault in one leaves the others.

use std::ops::Range;
use std::sync::Arc;

use super::lines::{Line, Lines};
use super::model::{Command, Copy, Dockerfile, Instruction, InstructionKind, Pair, Source, Stage, Text};
use super::words::{Stretch, pair};
use crate::deploy::shell::{self, SyntaxError};
use crate::deploy::text::NOT_READ;

const NO_INSTRUCTION: &str = " is no instruction";

/// The result of reading one instruction.
type Parsed<T> = Result<T, SyntaxError>;

/// An instruction, or the beginning of a stage.
enum Read {
    From(Stage),
    Instruction(Instruction),
}

/// A here-document: its delimiter and its lines.
struct Document {
    delimiter: String,
    body: Range<usize>,
}

/// Instructions and stages that are read: ten times as many as a long file has.
const INSTRUCTIONS: usize = 2000;
const STAGES: usize = 200;
/// Words and commands of all instructions, and bytes of one.
const PARTS: usize = 30_000;
const LONGEST: usize = 64 * 1024;

/// Where the reader stands.
struct Reader<'a> {
    file: &'a str,
    lines: Lines<'a>,
    file_errors: Vec<SyntaxError>,
}

/// Reads a Dockerfile. It never fails: what cannot be read is in [`Dockerfile::errors`].
#[must_use]
pub fn parse(file: &str) -> Dockerfile {
    let mut reader = Reader { file, lines: Lines::new(file), file_errors: Vec::new() };
    let mut found = Dockerfile::default();
    let mut broken = false;
    let (mut lines, mut parts) = (0, 0);
    while let Some(line) = reader.lines.next() {
        lines += 1;
        if lines > INSTRUCTIONS || found.stages.len() > STAGES || parts > PARTS {
            let message = format!("there are more than {INSTRUCTIONS} instructions or {STAGES} stages; {NOT_READ}");
            let message =
                if parts > PARTS { format!("there are more than {PARTS} words; {NOT_READ}") } else { message };
            found.errors.push(SyntaxError { message, span: line.start..line.end, limit: true });
            break;
        }
        match reader.line(&line) {
            Ok(Read::From(stage)) => found.begin(stage),
            Ok(Read::Instruction(instruction)) => {
                parts += instruction.parts();
                found.add(instruction);
            }
            // A line that lost its beginning makes all lines behind it look wrong: the first one tells.
            Err(error) if broken && error.message.ends_with(NO_INSTRUCTION) => continue,
            Err(error) => {
                broken = error.message.ends_with(NO_INSTRUCTION);
                found.errors.push(error);
                continue;
            }
        }
        broken = false;
    }
    found.errors.append(&mut reader.file_errors);
    if found.stages.is_empty() && found.errors.is_empty() {
        let message = "the file has no FROM, so there is nothing to build".to_owned();
        found.errors.push(SyntaxError { message, span: 0..file.len().min(1), limit: false });
    }
    found.errors.sort_by_key(|error| error.span.start);
    found
}

impl Dockerfile {
    fn begin(&mut self, stage: Stage) {
        let same = |other: &Stage| match (&other.name, &stage.name) {
            (Some(other), Some(name)) => other.text.eq_ignore_ascii_case(&name.text),
            _ => false,
        };
        if let Some(name) = stage.name.as_ref().filter(|_| self.stages.iter().any(same)) {
            let message = format!("two stages are named {}", name.text);
            self.errors.push(SyntaxError { message, span: name.span.clone(), limit: false });
        }
        self.stages.push(stage);
    }

    fn add(&mut self, instruction: Instruction) {
        match (self.stages.last_mut(), &instruction.kind) {
            (Some(stage), _) => stage.instructions.push(instruction),
            (None, InstructionKind::Arg(pairs)) => self.arguments.extend(pairs.iter().cloned()),
            (None, _) if self.errors.is_empty() => {
                let message = "only ARG may stand before the first FROM".to_owned();
                self.errors.push(SyntaxError { message, span: instruction.keyword, limit: false });
            }
            (None, _) => {}
        }
    }
}

fn fault<T>(message: impl Into<String>, span: Range<usize>) -> Parsed<T> {
    Err(SyntaxError { message: message.into(), span, limit: false })
}

/// The flags that an instruction knows.
fn known_flags(keyword: &str) -> &'static [&'static str] {
    match keyword {
        "FROM" => &["platform"],
        "RUN" => &["mount", "network", "security", "device"],
        "COPY" => &["from", "chown", "chmod", "link", "parents", "exclude"],
        "ADD" => &["chown", "chmod", "link", "keep-git-dir", "checksum", "exclude", "unpack"],
        "HEALTHCHECK" => &["interval", "timeout", "start-period", "start-interval", "retries"],
        _ => &[],
    }
}

impl Reader<'_> {
    fn line(&mut self, line: &Line) -> Parsed<Read> {
        if line.text.len() > LONGEST {
            let message = "the instruction is longer than 64 KiB and was not read".to_owned();
            return Err(SyntaxError { message, span: line.start..line.start + 1, limit: true });
        }
        let all = Stretch { text: &line.text, base: line.start }.trimmed();
        let (word, rest) = all.split_word();
        let keyword = all.base..all.base + word.len();
        let name = word.to_ascii_uppercase();
        let (flags, rest) = flags(&name, rest)?;
        if rest.text.is_empty() && !matches!(name.as_str(), "CMD" | "ENTRYPOINT") {
            return match known(&name) {
                true => fault(format!("{name} has no argument"), keyword),
                false => self.unknown(word, keyword),
            };
        }
        if name == "FROM" {
            return stage(&flags, rest, keyword.start..rest.base + rest.text.len()).map(Read::From);
        }
        if name == "ONBUILD" {
            let inner = Line { text: rest.text.to_owned(), start: rest.base, end: line.end };
            if rest.split_word().0.eq_ignore_ascii_case("ONBUILD") {
                return fault("ONBUILD cannot hold another ONBUILD", keyword);
            }
            let Read::Instruction(inner) = self.line(&inner)? else {
                return fault("ONBUILD cannot hold FROM", keyword);
            };
            let span = keyword.start..inner.span.end;
            let kind = InstructionKind::Onbuild(Box::new(inner));
            return Ok(Read::Instruction(Instruction { kind, flags, keyword, span }));
        }
        let documents = self.documents(&name, rest)?;
        let end = documents.last().map_or(rest.base + rest.text.len(), |last| last.body.end);
        let Some(kind) = self.kind(&name, rest, &documents, line, &keyword)? else {
            return self.unknown(word, keyword);
        };
        Ok(Read::Instruction(Instruction { kind, flags, span: keyword.start..end, keyword }))
    }

    fn unknown<T>(&self, word: &str, keyword: Range<usize>) -> Parsed<T> {
        let shown: String = word.chars().take(40).collect();
        fault(format!("{shown}{NO_INSTRUCTION}"), keyword)
    }

    /// The here-documents that a line announces, read from the lines behind it.
    fn documents(&mut self, name: &str, rest: Stretch<'_>) -> Parsed<Vec<Document>> {
        let mut documents = Vec::new();
        if !matches!(name, "RUN" | "COPY" | "ADD") || !rest.text.contains("<<") || rest.list().is_some() {
            return Ok(documents);
        }
        for (delimiter, tabs) in announced(rest.text) {
            let start = self.lines.raw();
            let mut next = start.clone();
            let first = start.map_or(self.file.len(), |range| range.start);
            loop {
                let Some(range) = next else {
                    return fault(
                        format!("the here-document {delimiter} is not closed"),
                        rest.base..rest.base + rest.text.len(),
                    );
                };
                let line = self.file.get(range.clone()).unwrap_or_default().trim_end_matches('\r');
                if (if tabs { line.trim_start_matches('\t') } else { line }) == delimiter {
                    documents.push(Document { delimiter, body: first..range.start });
                    break;
                }
                next = self.lines.raw();
            }
        }
        Ok(documents)
    }

    fn kind(
        &mut self,
        name: &str,
        rest: Stretch<'_>,
        documents: &[Document],
        line: &Line,
        keyword: &Range<usize>,
    ) -> Parsed<Option<InstructionKind>> {
        let escape = self.lines.escape;
        Ok(Some(match name {
            "RUN" => InstructionKind::Run(self.run(rest, documents, line)),
            "CMD" => InstructionKind::Cmd(self.command(rest)),
            "ENTRYPOINT" => InstructionKind::Entrypoint(self.command(rest)),
            "HEALTHCHECK" => InstructionKind::Healthcheck(self.health(rest, keyword)?),
            "COPY" | "ADD" => InstructionKind::Copy(self.copy(name, rest, documents, keyword)?),
            "ENV" => InstructionKind::Env(valued(rest.pairs(escape), keyword)?),
            "ARG" => InstructionKind::Arg(rest.words(escape).into_iter().map(pair).collect()),
            "USER" => InstructionKind::User(rest.joined()),
            "WORKDIR" => InstructionKind::Workdir(unquoted(rest.joined())),
            "STOPSIGNAL" => InstructionKind::StopSignal(rest.joined()),
            "EXPOSE" => InstructionKind::Expose(rest.words(escape)),
            "VOLUME" => InstructionKind::Volume(rest.list().unwrap_or_else(|| rest.words(escape))),
            "SHELL" => match rest.list() {
                Some(words) if !words.is_empty() => InstructionKind::Shell(words),
                _ => return fault("SHELL takes a list in JSON: [\"program\", \"argument\"]", keyword.clone()),
            },
            "LABEL" | "MAINTAINER" => InstructionKind::Label,
            _ => return Ok(None),
        }))
    }

    fn run(&mut self, rest: Stretch<'_>, documents: &[Document], line: &Line) -> Command {
        let Some(last) = documents.last() else { return self.command(rest) };
        if let [only] = documents
            && announced(rest.text).len() == 1
            && rest.text.split_whitespace().count() == 1
        {
            let script = self.shell(self.file.get(only.body.clone()).unwrap_or_default(), only.body.start);
            return Command::Shell { script, span: rest.base..only.body.end, looks_like_list: false };
        }
        // The lines behind are the here-documents of the shell's own syntax; the instruction's text is as long as in the file.
        let end = last.body.end + last.delimiter.len();
        let behind = self.file.get(line.end..end).unwrap_or_default();
        let text = format!("{}{behind}", line.text.get(rest.base - line.start..).unwrap_or_default());
        let padding = line.end.saturating_sub(line.start + line.text.len());
        let text = if padding == 0 { text } else { text.replacen('\n', &format!("{}\n", " ".repeat(padding)), 1) };
        let script = self.shell(&text, rest.base);
        Command::Shell { script, span: rest.base..end, looks_like_list: false }
    }

    fn command(&mut self, rest: Stretch<'_>) -> Command {
        let span = rest.base..rest.base + rest.text.len();
        match rest.list() {
            Some(words) => Command::Exec { words, span },
            None => {
                let looks_like_list = looks_like_list(rest.text);
                let script = if looks_like_list { Arc::default() } else { self.shell(rest.text, rest.base) };
                Command::Shell { script, span, looks_like_list }
            }
        }
    }

    fn shell(&mut self, text: &str, base: usize) -> Arc<shell::Script> {
        Arc::new(shell::parse_at(text, base))
    }

    fn health(&mut self, rest: Stretch<'_>, keyword: &Range<usize>) -> Parsed<Option<Command>> {
        let (word, after) = rest.split_word();
        match word.to_ascii_uppercase().as_str() {
            "NONE" => Ok(None),
            "CMD" if after.text.is_empty() => fault("HEALTHCHECK CMD has no command", keyword.clone()),
            "CMD" => Ok(Some(self.command(after))),
            _ => fault("HEALTHCHECK needs CMD or NONE behind its options", keyword.clone()),
        }
    }

    fn copy(&self, name: &str, rest: Stretch<'_>, documents: &[Document], keyword: &Range<usize>) -> Parsed<Copy> {
        let mut words = rest.list().unwrap_or_else(|| rest.words(self.lines.escape));
        let target = words.pop().filter(|_| !words.is_empty());
        let Some(target) = target else {
            return fault(format!("{name} needs a source and a target"), keyword.clone());
        };
        let mut documents = documents.iter();
        let source = |word: Text| match (word.text.starts_with("<<"), documents.next()) {
            (true, Some(document)) => {
                let text = self.file.get(document.body.clone()).unwrap_or_default().to_owned();
                Source::Inline(Text { text, span: document.body.clone() })
            }
            _ => Source::Path(word),
        };
        Ok(Copy { sources: words.into_iter().map(source).collect(), target, unpacks: name == "ADD" })
    }
}

fn known(name: &str) -> bool {
    const KNOWN: [&str; 17] = [
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
        "ONBUILD",
        "RUN",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
    ];
    name == "WORKDIR" || KNOWN.contains(&name)
}

fn flags<'t>(name: &str, rest: Stretch<'t>) -> Parsed<(Vec<Pair>, Stretch<'t>)> {
    let mut flags = Vec::new();
    let mut rest = rest.trimmed();
    if !known(name) || matches!(name, "ENV" | "LABEL" | "CMD" | "ENTRYPOINT" | "SHELL" | "ONBUILD") {
        return Ok((flags, rest));
    }
    while let Some(flag) = rest.text.strip_prefix("--") {
        let (word, after) = rest.split_word();
        let mut found = pair(Text { text: word.to_owned(), span: rest.base..rest.base + word.len() });
        found.name.text = found.name.text.trim_start_matches('-').to_owned();
        if flag.starts_with(|c: char| c.is_ascii_whitespace()) {
            break;
        }
        if !known_flags(name).contains(&found.name.text.as_str()) {
            return fault(format!("{name} has no flag --{}", found.name.text), found.name.span);
        }
        flags.push(found);
        rest = after;
    }
    Ok((flags, rest))
}

fn stage(flags: &[Pair], rest: Stretch<'_>, span: Range<usize>) -> Parsed<Stage> {
    let platform = flags.iter().find(|flag| flag.name.text == "platform").and_then(|flag| flag.value.clone());
    let mut words = rest.words('\\').into_iter();
    let image = words.next().unwrap_or_default();
    let name = match (words.next(), words.next(), words.next()) {
        (None, _, _) => None,
        (Some(word), Some(name), None) if word.text.eq_ignore_ascii_case("AS") => Some(name),
        _ => return fault("FROM takes an image, or an image, AS and a name", span),
    };
    Ok(Stage { image, name, platform, instructions: Vec::new(), span })
}

fn valued(pairs: Vec<Pair>, keyword: &Range<usize>) -> Parsed<Vec<Pair>> {
    match pairs.iter().find(|pair| pair.value.is_none()) {
        Some(pair) => fault(format!("ENV {} has no value", pair.name.text), keyword.start..pair.name.span.end),
        None => Ok(pairs),
    }
}

fn unquoted(mut text: Text) -> Text {
    let inner = text.text.trim_matches('"');
    if inner.len() + 2 == text.text.len() {
        text.text = inner.to_owned();
    }
    text
}

/// `[` followed by a quoted word or the end: meant as a list, and not the test command.
fn looks_like_list(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('[') else { return false };
    let inner = inner.trim_start();
    !text.starts_with("[[")
        && inner.starts_with(['"', '\'', '\u{201c}', '\u{2018}'])
        && text.trim_end().ends_with(']')
        && !text.starts_with("[ \"$")
        || inner.starts_with(']')
}

/// The here-documents that a line announces: delimiter, and whether tabs before it are taken off.
fn announced(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for word in text.split_whitespace() {
        let Some(after) = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<") else { continue };
        let (tabs, after) = after.strip_prefix('-').map_or((false, after), |after| (true, after));
        let delimiter = after.trim_matches(['"', '\'']);
        let plain = delimiter.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.');
        if !delimiter.is_empty() && plain {
            found.push((delimiter.to_owned(), tabs));
        }
    }
    found
}
