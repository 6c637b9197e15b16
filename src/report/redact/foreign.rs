//! Names of secrets in other languages, where their letters are not those of English.

use super::assign::Name;
use super::cursor::{Cursor, is_blank, is_quote};
use super::{Span, key, value};

/// Bytes before a sign that are looked at.
const NAME: usize = 40;

/// In lower case; what stands between letters of a script without spaces ends a name too.
#[rustfmt::skip]
const NAMES: &[(&str, &str)] = &[
    ("mot de passe", "password"), ("palavra passe", "password"), ("palavra-passe", "password"), ("contraseña", "password"),
    ("contrasenya", "password"), ("parola segreta", "password"), ("parola d'ordine", "password"), ("parola d’ordine", "password"), ("hasła", "password"), ("parolă", "password"), ("hasło", "password"), ("lösenord", "password"),
    ("şifre", "password"), ("jelszó", "password"), ("mật khẩu", "password"), ("пароль", "password"), ("пароля", "password"),
    ("парола", "password"), ("лозинка", "password"), ("κωδικός", "password"), ("סיסמה", "password"), ("סיסמא", "password"),
    ("كلمة المرور", "password"), ("كلمة السر", "password"), ("رمز عبور", "password"), ("गुप्त शब्द", "password"), ("पासवर्ड", "password"),
    ("รหัสผ่าน", "password"), ("密码", "password"), ("密碼", "password"), ("口令", "password"), ("パスワード", "password"),
    ("暗証番号", "password"), ("비밀번호", "password"), ("암호", "password"), ("密钥", "api-key"), ("密鑰", "api-key"), ("秘密鍵", "api-key"),
    ("令牌", "token"), ("トークン", "token"), ("токен", "token"), ("токена", "token"), ("секрет", "secret"), ("clé secrète", "api-key"),
    ("clé d'api", "api-key"), ("clé api", "api-key"), ("schlüsselwort", "password"), ("api-schlüssel", "api-key"), ("zugriffsschlüssel", "api-key"), ("código de acceso", "code"),
];

/// `contraseña 'x'`: the quote here, behind a blank and a name.
pub(super) fn quoted(here: Cursor<'_>, spans: &mut Vec<Span>) {
    if !is_blank(here.before()) {
        return;
    }
    if let Some(name) = before(here).filter(|name| !name.quoted && !name.start.until(name.end).is_ascii())
        && let Some((from, to)) = value::quoted(here.line_after())
        && here.line_after().get(from..to).is_some_and(|text| !value::is_placeholder(text))
    {
        spans.push(Span::new(here.at + from, here.at + to, name.kind));
    }
}

/// `„Passwort“: „x“`, behind the sign here: quotes as they are printed.
pub(super) fn printed(sign: Cursor<'_>, spans: &mut Vec<Span>) {
    let before = sign.back(is_blank);
    let closed = before.line_before();
    let Some(inside) = ['“', '”', '»', '’'].iter().find_map(|quote| closed.strip_suffix(*quote)) else { return };
    let name = inside.rsplit(['„', '“', '«', '‘']).next().unwrap_or_default();
    let start = sign.plus(1).blanks();
    let Some(body) = ['„', '“', '«', '‘'].iter().find_map(|quote| start.line_after().strip_prefix(*quote))
    else {
        return;
    };
    let secret = body.split(['“', '”', '»', '’']).next().unwrap_or_default();
    let known = |name: &str| {
        let lower = name.to_lowercase();
        key::kind(name).or_else(|| NAMES.iter().find(|(known, _)| lower.ends_with(known)).map(|(_, kind)| *kind))
    };
    if let Some(kind) = known(name).filter(|_| secret.len() > 1 && !value::is_placeholder(secret)) {
        let from = start.at + start.line_after().len() - body.len();
        spans.push(Span::new(from, from + secret.len(), kind));
    }
}

/// The name of a secret that ends before the sign here.
pub(super) fn before(sign: Cursor<'_>) -> Option<Name<'_>> {
    let blanks = sign.back(is_blank);
    let quoted = is_quote(blanks.before());
    let end = if quoted { Cursor::new(sign.text, blanks.at - 1) } else { blanks };
    let end = end.back(|byte| byte == b'\\');
    let from = end.text.floor_char_boundary(end.at.saturating_sub(NAME));
    let tail = end.text.get(from..end.at)?;
    if tail.is_ascii() && !tail.ends_with(['e', 'E']) {
        return None;
    }
    let lower = tail.to_lowercase();
    let whole = NAMES.iter().find(|(name, _)| lower.ends_with(name));
    let (name, kind) = whole.or_else(|| owned(&lower))?;
    // Letters of these names have the same length in capitals, or the name begins a little later.
    let start = Cursor::new(end.text, end.text.floor_char_boundary(end.at.saturating_sub(name.len())));
    Some(Name { start, end, quoted, kind })
}

/// `пароль администратора`, `contraseña de administrador`: whose it is stands behind the name, in a word or three.
fn owned(text: &str) -> Option<&'static (&'static str, &'static str)> {
    let mut head = text;
    for _ in 0..3 {
        head = head.trim_end_matches(char::is_alphabetic).strip_suffix(' ')?;
        let name = NAMES.iter().find(|(name, _)| !name.is_ascii() && head.ends_with(name));
        if name.is_some() {
            return name;
        }
    }
    None
}
