//! E-mail addresses of people.

use super::Span;
use super::cursor::{Cursor, is_blank};

/// An address around the `@` here; `git@host:path`, package versions, units and file names only look like one.
pub(super) fn at(here: Cursor<'_>, spans: &mut Vec<Span>) {
    around(here, 1, spans);
}

/// The same around `%40`.
pub(super) fn encoded(here: Cursor<'_>, spans: &mut Vec<Span>) {
    around(here, 3, spans);
}

fn around(here: Cursor<'_>, sign: usize, spans: &mut Vec<Span>) {
    let name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-');
    let domain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let begin = here.back(name);
    if begin.at == here.at {
        return;
    }
    let start = begin.skip(|byte| !byte.is_ascii_alphanumeric());
    let end = here.plus(sign).skip(domain);
    let address = start.until(end).trim_end_matches(['.', '-']);
    let user = here.at.saturating_sub(start.at);
    if user == 0 || user > 64 || matches!(begin.before(), b'/' | b'@') || end.byte() == b'(' {
        return;
    }
    let host = address.get(user + sign..).unwrap_or_default();
    let path =
        end.byte() == b':' && (end.plus(1).byte().is_ascii_alphabetic() || matches!(end.plus(1).byte(), b'/' | b'~'));
    let login = start.back(is_blank);
    let login =
        login.at < start.at && ["ssh", "scp", "sftp", "rsync"].iter().any(|word| login.line_before().ends_with(word));
    if !path && !login && is_address(start.until(here), host) {
        spans.push(Span::new(start.at, start.at + address.len(), "email"));
    }
}

fn is_address(user: &str, domain: &str) -> bool {
    const NO_DOMAIN: &str = "service socket target timer mount slice scope png jpg jpeg svg gif webp js ts mjs cjs tsx jsx json css \
         html lock tgz gz so zip patch local localhost localdomain internal lan svc log node yml yaml";
    let Some((rest, top)) = domain.rsplit_once('.') else {
        return false;
    };
    let mut version = domain.strip_prefix('v').unwrap_or(domain).splitn(3, '.');
    let number = |part: Option<&str>| part.is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let versioned = number(version.next()) && number(version.next());
    let top_level = (2..=24).contains(&top.len()) && top.bytes().all(|byte| byte.is_ascii_alphabetic());
    user != "git"
        && top_level
        && !rest.is_empty()
        && rest.split('.').all(|label| !label.is_empty())
        && !versioned
        && !NO_DOMAIN.split(' ').any(|word| word.eq_ignore_ascii_case(top))
}
