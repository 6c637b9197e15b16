//! The grammar of commands. Each function reads one construct where the parser stands; blanks before it are read by whoever asks.

use std::ops::Range;

use super::cursor::{Cursor, Parsed};
use super::model::{
    Arm, Assignment, Branch, Command, CommandKind, ExtensionKind, Item, Join, Link, List, Pipeline, Redirect, Simple,
    SyntaxError,
};

/// Words that end a list when they stand where a command would.
const ENDINGS: [&str; 8] = ["then", "else", "elif", "fi", "do", "done", "esac", "}"];

/// Reads all of a text into `body`; an error leaves there what stands before it.
pub(super) fn program(cursor: &mut Cursor<'_>, body: &mut List) -> Parsed<()> {
    items(cursor, &mut body.items)?;
    if cursor.at_end() {
        return Ok(());
    }
    let found = cursor.token();
    Err(cursor.error(format!("`{}` has no beginning that it could end", found.0), found.1))
}

/// A list up to what ends it: a word of [`ENDINGS`], `)`, `;;` or the end.
pub(super) fn list(cursor: &mut Cursor<'_>) -> Parsed<List> {
    let mut list = List::default();
    cursor.nested(|cursor| items(cursor, &mut list.items))?;
    Ok(list)
}

fn items(cursor: &mut Cursor<'_>, items: &mut Vec<Item>) -> Parsed<()> {
    loop {
        cursor.newlines()?;
        if ends_list(cursor) {
            return Ok(());
        }
        let mut item = and_or(cursor)?;
        cursor.blanks();
        let separated = match cursor.peek() {
            Some(b'&') => {
                item.background = true;
                cursor.take("&")
            }
            Some(b';') if !cursor.starts(";;") && !cursor.starts(";&") => cursor.take(";"),
            Some(b'\n') => true,
            _ => false,
        };
        let closed = ends_in_word(&item) && ENDINGS.contains(&cursor.bare_word());
        items.push(item);
        if !separated && !closed && !cursor.at_end() && !cursor.starts(")") && !cursor.starts(";") {
            let (found, span) = cursor.token();
            return Err(cursor.error(format!("`{found}` is not expected here"), span));
        }
    }
}

/// Whether the last command ends in a word or sign of its own: behind `fi`, `}` or `)` the shell looks for such a word again, so `fi fi` needs no `;`.
fn ends_in_word(item: &Item) -> bool {
    let mut last = item.chain.last().and_then(|link| link.pipeline.commands.last());
    while let Some(CommandKind::Function { body, .. }) = last.map(|command| &command.kind) {
        last = Some(body);
    }
    last.is_some_and(|command| !matches!(command.kind, CommandKind::Simple(_)))
}

fn ends_list(cursor: &Cursor<'_>) -> bool {
    cursor.at_end()
        || cursor.starts(")")
        || cursor.starts(";;")
        || cursor.starts(";&")
        || ENDINGS.contains(&cursor.bare_word())
}

fn and_or(cursor: &mut Cursor<'_>) -> Parsed<Item> {
    let start = cursor.position();
    let mut chain = vec![Link { joined: Join::First, pipeline: pipeline(cursor)? }];
    loop {
        let end = cursor.position();
        cursor.blanks();
        let joined = match (cursor.starts("&&"), cursor.starts("||")) {
            (true, _) => Join::And,
            (_, true) => Join::Or,
            _ => {
                chain.shrink_to_fit();
                return Ok(Item { chain, background: false, span: start..end });
            }
        };
        cursor.skip(2);
        cursor.newlines()?;
        chain.push(Link { joined, pipeline: pipeline(cursor)? });
    }
}

fn pipeline(cursor: &mut Cursor<'_>) -> Parsed<Pipeline> {
    let start = cursor.position();
    let mut negated = false;
    loop {
        match cursor.bare_word() {
            "!" => negated = !negated,
            "time" => {}
            _ => break,
        }
        cursor.bare_word_taken();
        cursor.blanks();
        if cursor.bare_word() == "-p" {
            cursor.bare_word_taken();
            cursor.blanks();
        }
    }
    let mut commands = vec![command(cursor)?];
    loop {
        let end = cursor.position();
        cursor.blanks();
        if !cursor.starts("|") || cursor.starts("||") {
            commands.shrink_to_fit();
            return Ok(Pipeline { negated, commands, span: start..end });
        }
        if cursor.starts("|&") {
            cursor.extension(ExtensionKind::PipeBoth);
            cursor.skip(1);
        }
        cursor.skip(1);
        cursor.newlines()?;
        commands.push(command(cursor)?);
    }
}

fn command(cursor: &mut Cursor<'_>) -> Parsed<Command> {
    cursor.count_command()?;
    let start = cursor.position();
    let Some(kind) = compound(cursor)? else { return simple(cursor) };
    let mut redirects = Vec::new();
    let mut end = cursor.position();
    loop {
        cursor.blanks();
        let Some(redirect) = cursor.redirect()? else { break };
        end = cursor.position();
        redirects.push(redirect);
    }
    Ok(Command { kind, redirects, span: start..end })
}

/// A compound command or a definition; nothing when a simple command stands here.
fn compound(cursor: &mut Cursor<'_>) -> Parsed<Option<CommandKind>> {
    if cursor.starts("((")
        && let Some(text) = cursor.arithmetic(0)
    {
        cursor.extension(ExtensionKind::ArithmeticCommand);
        cursor.skip(text.len() + 4);
        return Ok(Some(CommandKind::Arithmetic(text)));
    }
    if cursor.starts("(") {
        return subshell(cursor).map(Some);
    }
    let kind = match cursor.bare_word() {
        "{" => group(cursor),
        "if" => conditional(cursor),
        "while" => repeated(cursor, false),
        "until" => repeated(cursor, true),
        "for" | "select" => counted(cursor),
        "case" => case(cursor),
        "[[" => test(cursor),
        "function" => {
            cursor.extension(ExtensionKind::FunctionKeyword);
            cursor.bare_word_taken();
            cursor.blanks();
            definition(cursor)
        }
        _ if cursor.defines_function() => definition(cursor),
        _ => return Ok(None),
    };
    kind.map(Some)
}

fn subshell(cursor: &mut Cursor<'_>) -> Parsed<CommandKind> {
    let open = cursor.range(1);
    cursor.skip(1);
    let body = filled(cursor, "(", &open)?;
    close(cursor, ")", "(", &open)?;
    Ok(CommandKind::Subshell(body))
}

fn group(cursor: &mut Cursor<'_>) -> Parsed<CommandKind> {
    let open = cursor.bare_word_taken();
    let body = filled(cursor, "{", &open)?;
    close(cursor, "}", "{", &open)?;
    Ok(CommandKind::Group(body))
}

fn conditional(cursor: &mut Cursor<'_>) -> Parsed<CommandKind> {
    let open = cursor.bare_word_taken();
    let mut branches = Vec::new();
    loop {
        let condition = filled(cursor, "if", &open)?;
        close(cursor, "then", "if", &open)?;
        branches.push(Branch { condition, body: filled(cursor, "then", &open)? });
        if cursor.bare_word() != "elif" {
            break;
        }
        cursor.bare_word_taken();
    }
    let otherwise = match cursor.bare_word() {
        "else" => {
            cursor.bare_word_taken();
            Some(filled(cursor, "else", &open)?)
        }
        _ => None,
    };
    close(cursor, "fi", "if", &open)?;
    Ok(CommandKind::If { branches, otherwise })
}

fn repeated(cursor: &mut Cursor<'_>, until: bool) -> Parsed<CommandKind> {
    let open = cursor.bare_word_taken();
    let opener = if until { "until" } else { "while" };
    let condition = filled(cursor, opener, &open)?;
    let body = round(cursor, opener, &open)?;
    Ok(CommandKind::Loop { until, condition, body })
}

fn round(cursor: &mut Cursor<'_>, opener: &str, open: &Range<usize>) -> Parsed<List> {
    close(cursor, "do", opener, open)?;
    let body = filled(cursor, "do", open)?;
    close(cursor, "done", opener, open)?;
    Ok(body)
}

fn counted(cursor: &mut Cursor<'_>) -> Parsed<CommandKind> {
    let open = cursor.bare_word_taken();
    cursor.blanks();
    if cursor.starts("((")
        && let Some(header) = cursor.arithmetic(0)
    {
        cursor.extension(ExtensionKind::ArithmeticCommand);
        cursor.skip(header.len() + 4);
        separator(cursor)?;
        let body = round(cursor, "for", &open)?;
        return Ok(CommandKind::ForArithmetic { header, body });
    }
    let variable = cursor.bare_word().to_owned();
    if !is_name(&variable) {
        let (found, span) = cursor.token();
        return Err(cursor.error(format!("`for` needs the name of a variable, not `{found}`"), span));
    }
    cursor.bare_word_taken();
    cursor.newlines()?;
    let mut words = None;
    if cursor.bare_word() == "in" {
        cursor.bare_word_taken();
        let mut list = Vec::new();
        cursor.blanks();
        while cursor.at_word() {
            list.push(cursor.word()?);
            cursor.blanks();
        }
        words = Some(list);
    }
    separator(cursor)?;
    let body = round(cursor, "for", &open)?;
    Ok(CommandKind::For { variable, words, body })
}

/// The `;` or line end before `do`.
fn separator(cursor: &mut Cursor<'_>) -> Parsed<()> {
    cursor.blanks();
    if cursor.starts(";") {
        cursor.skip(1);
    }
    cursor.newlines()
}

fn case(cursor: &mut Cursor<'_>) -> Parsed<CommandKind> {
    let open = cursor.bare_word_taken();
    cursor.blanks();
    let subject = cursor.word()?;
    cursor.newlines()?;
    close(cursor, "in", "case", &open)?;
    let mut arms = Vec::new();
    loop {
        cursor.newlines()?;
        if cursor.bare_word() == "esac" {
            cursor.bare_word_taken();
            return Ok(CommandKind::Case { subject, arms });
        }
        if cursor.at_end() {
            return Err(cursor.error("`case` is not closed: `esac` is missing".to_owned(), open));
        }
        arms.push(arm(cursor, &open)?);
    }
}

fn arm(cursor: &mut Cursor<'_>, open: &Range<usize>) -> Parsed<Arm> {
    if cursor.starts("(") {
        cursor.skip(1);
    }
    let mut patterns = Vec::new();
    loop {
        cursor.blanks();
        patterns.push(cursor.word()?);
        cursor.blanks();
        if !cursor.starts("|") {
            break;
        }
        cursor.skip(1);
    }
    close(cursor, ")", "case", open)?;
    let body = list(cursor)?;
    match (cursor.starts(";;&"), cursor.starts(";;") || cursor.starts(";&")) {
        (true, _) => cursor.skip(3),
        (_, true) => cursor.skip(2),
        _ if cursor.bare_word() == "esac" => {}
        _ => return Err(missing(cursor, "esac", "case", open)),
    }
    Ok(Arm { patterns, body })
}

fn test(cursor: &mut Cursor<'_>) -> Parsed<CommandKind> {
    cursor.extension(ExtensionKind::DoubleBracket);
    let open = cursor.bare_word_taken();
    let mut words = Vec::new();
    loop {
        cursor.newlines()?;
        if cursor.bare_word() == "]]" {
            cursor.bare_word_taken();
            return Ok(CommandKind::Test(words));
        }
        if cursor.at_end() {
            return Err(missing(cursor, "]]", "[[", &open));
        }
        if cursor.at_word() {
            words.push(cursor.word()?);
        } else {
            cursor.skip(1);
        }
    }
}

fn definition(cursor: &mut Cursor<'_>) -> Parsed<CommandKind> {
    let name = cursor.bare_word().to_owned();
    let place = cursor.bare_word_taken();
    cursor.blanks();
    if cursor.starts("(") {
        cursor.skip(1);
        cursor.blanks();
        close(cursor, ")", "(", &place)?;
    }
    cursor.newlines()?;
    let body = cursor.nested(command)?;
    Ok(CommandKind::Function { name, body: Box::new(body) })
}

fn simple(cursor: &mut Cursor<'_>) -> Parsed<Command> {
    let start = cursor.position();
    let mut end = start;
    let mut simple = Simple::default();
    let mut redirects: Vec<Redirect> = Vec::new();
    loop {
        if let Some(redirect) = cursor.redirect()? {
            redirects.push(redirect);
        } else if simple.words.is_empty()
            && let Some(assignment) = assignment(cursor)?
        {
            simple.assignments.push(assignment);
        } else if cursor.at_word() {
            simple.words.push(cursor.word()?);
        } else {
            break;
        }
        end = cursor.position();
        cursor.blanks();
    }
    if end == start || cursor.starts("(") {
        let (found, span) = cursor.token();
        let message = if cursor.at_end() {
            "a command is missing at the end".to_owned()
        } else {
            format!("`{found}` stands where a command is expected")
        };
        return Err(cursor.error(message, span));
    }
    cursor.rewind(end);
    simple.words.shrink_to_fit();
    redirects.shrink_to_fit();
    Ok(Command { kind: CommandKind::Simple(simple), redirects, span: start..end })
}

fn assignment(cursor: &mut Cursor<'_>) -> Parsed<Option<Assignment>> {
    let Some((name, length)) = cursor.assignment_head() else { return Ok(None) };
    let start = cursor.position();
    cursor.skip(length);
    let value = if cursor.starts("(") {
        cursor.array()?;
        None
    } else {
        Some(cursor.word()?)
    };
    Ok(Some(Assignment { name, value, span: start..cursor.position() }))
}

/// A list with at least one command, as the shell demands in most places.
fn filled(cursor: &mut Cursor<'_>, opener: &str, open: &Range<usize>) -> Parsed<List> {
    let body = list(cursor)?;
    if !body.items.is_empty() {
        return Ok(body);
    }
    if cursor.at_end() {
        return Err(cursor.error(format!("`{opener}` is not closed before the end"), open.clone()));
    }
    let (found, span) = cursor.token();
    Err(cursor.error(format!("a command is missing between `{opener}` and `{found}`"), span))
}

/// Takes the word or sign that must stand here.
fn close(cursor: &mut Cursor<'_>, wanted: &str, opener: &str, open: &Range<usize>) -> Parsed<()> {
    cursor.blanks();
    if wanted == ")" && cursor.starts(")") {
        cursor.skip(1);
        return Ok(());
    }
    if cursor.bare_word() != wanted {
        return Err(missing(cursor, wanted, opener, open));
    }
    cursor.bare_word_taken();
    Ok(())
}

fn missing(cursor: &Cursor<'_>, wanted: &str, opener: &str, open: &Range<usize>) -> SyntaxError {
    if cursor.at_end() {
        return cursor.error(format!("`{opener}` is not closed: `{wanted}` is missing"), open.clone());
    }
    let (found, span) = cursor.token();
    cursor.error(format!("`{found}` stands where `{wanted}` of `{opener}` is expected"), span)
}

pub(super) fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && text.bytes().next().is_some_and(|byte| !byte.is_ascii_digit())
}
