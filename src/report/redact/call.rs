//! Secrets among others: arguments of functions, and pairs with a comma between name and value.

use super::assign::Name;
use super::cursor::{Cursor, is_blank, is_quote, is_word};
use super::{Span, accept, value};

/// Arguments of a call that are looked at.
const ARGUMENTS: usize = 5;

/// Bytes behind a bracket in which a string begins if there is one.
const NEAR: usize = 80;

/// Which argument of a function is its secret, counted from 0.
#[rustfmt::skip]
fn argument(function: &str) -> Option<usize> {
    Some(match function {
        "cookieParser" | "cookie_parser" | "Fernet" | "setPassword" | "set_password" | "check_password" | "password_verify"
        | "withPassword" | "withToken" | "withApiKey" | "withSecret" | "setToken" | "setAuthToken" | "SecretStr" | "password_hash" | "setPassphrase" | "authtoken" | "setApiKey" | "set_api_key" | "crypt" => 0,
        "pgp_sym_encrypt" | "pgp_sym_decrypt" | "pgp_sym_encrypt_bytea" | "aes_encrypt" | "AES_ENCRYPT" | "aes_decrypt" | "AES_DECRYPT"
        | "PGP_SYM_ENCRYPT" | "PGP_SYM_DECRYPT" | "hmac" | "createHmac" | "createCipheriv" | "createDecipheriv" | "twilio" | "Twilio"
        | "HTTPBasicAuth" | "HTTPDigestAuth" | "BasicAuth" | "basicAuth" | "basic_auth" | "SetBasicAuth" | "set_basic_auth"
        | "setBasicAuth" | "withBasicAuth" | "login" | "Login" | "authenticate" | "simple_bind_s" | "simple_bind" | "simpleBind" | "bind_s"
        | "UsernamePasswordAuthenticationToken" | "BasicAWSCredentials" | "PasswordAuthentication" | "UsernamePasswordCredentials"
        | "PlainAuthenticator" | "NetworkCredential" => 1,
        "PDO" | "mysqli" | "mysqli_connect" | "mysql_connect" | "ldap_bind" | "getConnection" | "ftp_login" | "imap_open"
        | "ssh2_auth_password" | "PlainAuth" | "create_user" | "createUser" => 2,
        "mysqli_real_connect" | "real_connect" => 3,
        _ => return None,
    })
}

/// The call whose arguments begin behind the bracket here.
pub(super) fn at(here: Cursor<'_>, spans: &mut Vec<Span>) {
    if here.plus(1).byte() == b'`' {
        return refused(here, spans);
    }
    if is_blank(here.before()) {
        named(here, spans);
    }
    let near = here.text.as_bytes().get(here.at..(here.at + NEAR).min(here.text.len())).unwrap_or_default();
    if memchr::memchr2(b'\'', b'"', near).is_none() {
        return;
    }
    let start = here.back(is_word);
    let function = start.until(here);
    let class = || {
        let arrow = Cursor::new(here.text, start.at.saturating_sub(2));
        let class = arrow.back(is_word).until(arrow);
        argument(class).filter(|_| matches!(arrow.until(start), "->" | "::"))
    };
    let wanted = match function {
        "" => login(here),
        "__construct" | "new" => class(),
        "connect" if is_driver(start) => Some(2),
        _ => argument(function),
    };
    if let Some(wanted) = wanted
        && let Some((from, to)) = strings(here.plus(1)).nth(wanted).flatten()
        && here.text.get(from..to).is_some_and(value::is_chosen)
    {
        spans.push(Span::new(from, to, "password"));
    }
}

/// `psycopg2.connect("db", "app", "x")`: the host, the user and the password.
fn is_driver(function: Cursor<'_>) -> bool {
    const DRIVERS: [&str; 8] =
        ["psycopg2", "psycopg", "pymysql", "MySQLdb", "mysql.connector", "mariadb", "oracledb", "pymssql"];
    let owner = function.back(|byte| is_word(byte) || byte == b'.').until(function);
    DRIVERS.contains(&owner.trim_end_matches('.'))
}

/// `ENCRYPTION_KEY (x) must be shorter`: a value made by chance behind the name it belongs to.
fn named(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let start = here.plus(1);
    let stop = start.skip(|byte| is_word(byte) || matches!(byte, b'+' | b'/' | b'=' | b'-'));
    if stop.byte() == b')'
        && value::is_random(start.until(stop))
        && let Some(name) = Name::before(here)
    {
        spans.push(Span::new(start.at, stop.at, name.kind));
    }
}

/// ``Path `password` (`x`) is shorter``
fn refused(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let (Some(name), Some((from, to))) = (Name::before(here), value::quoted(here.plus(1).line_after())) else {
        return;
    };
    let secret = here.plus(1).line_after().get(from..to).unwrap_or_default();
    if name.quoted && !value::is_placeholder(secret) {
        spans.push(Span::new(here.at + 1 + from, here.at + 1 + to, name.kind));
    }
}

/// `auth=('name', 'x')`: the second of a pair whose name ends so.
fn login(here: Cursor<'_>) -> Option<usize> {
    let sign = here.back(is_blank);
    let name = Cursor::new(here.text, sign.at.checked_sub(1)?).back(|byte| is_blank(byte) || is_quote(byte));
    let named = matches!(sign.before(), b'=' | b':') && name.back(is_word).until(name).ends_with("auth");
    named.then_some(1)
}

/// The arguments one by one; `None` stands for one that is no string.
fn strings(mut here: Cursor<'_>) -> impl Iterator<Item = Option<(usize, usize)>> {
    (0..ARGUMENTS).map_while(move |_| {
        here = here.skip(|byte| byte.is_ascii_whitespace());
        let string = value::quoted(here.line_after()).map(|(from, to)| (here.at + from, here.at + to));
        let behind = string.map_or(here, |(_, to)| Cursor::new(here.text, to).quote());
        let comma = behind.skip(|byte| !matches!(byte, b',' | b')' | b'\n' | b'(' | b';'));
        // `Object(mysqli)`, as a trace prints an argument.
        let comma = Some(comma.plus(1).skip(is_word))
            .filter(|close| comma.byte() == b'(' && close.byte() == b')')
            .map_or(comma, |close| close.plus(1));
        let last = comma.byte() != b',';
        let empty = last && comma.at == here.at;
        here = if last { Cursor::new(here.text, here.text.len()) } else { comma.plus(1) };
        (!empty).then_some(string)
    })
}

/// `"x-api-key", "x"`, `{password, <<"x">>}`, `define('DB_PASSWORD', 'x')`: the name before the comma here names what is behind it.
pub(super) fn pair(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let value = here.plus(1).skip(|byte| byte.is_ascii_whitespace() || byte == b'<');
    let begins = is_quote(value.byte()) || value.byte() == b'\\';
    let Some(name) = Some(here).filter(|_| begins).and_then(Name::before) else {
        return;
    };
    let tuple = name.start.before() == b'{';
    if !is_quote(value.quote().before()) || !(name.quoted || tuple) {
        return;
    }
    let Some((from, to)) = value::quoted(value.line_after()) else {
        return;
    };
    let secret = value.line_after().get(from..to).unwrap_or_default();
    let opener = name.start.back(|byte| is_quote(byte) || is_blank(byte) || byte == b'\\');
    let function = Cursor::new(here.text, opener.at.saturating_sub(1));
    let call = opener.before() == b'(' && is_setter(function.back(is_word).until(function), name.start.line_before());
    // `('password', 'x')` in a list of such pairs.
    let closed = Cursor::new(here.text, value.at + to).quote();
    let alone = opener.before() == b'('
        && !is_word(function.before())
        && closed.byte() == b')'
        && matches!(name.kind, "password" | "session");
    let letters = secret.bytes().all(|byte| byte.is_ascii_alphabetic());
    let spelled = name.text().contains(['-', '_']) || name.text().bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
    let certain = tuple || call || alone && !letters;
    let digits = secret.bytes().any(|byte| byte.is_ascii_digit()) && accept::fits(name.kind, name.text(), secret);
    let apart = digits
        && value::is_strong(secret)
        && !secret.contains([' ', ','])
        && !value::is_snake(secret)
        && (spelled || value::is_random(secret));
    if certain && value::is_chosen(secret) || apart {
        spans.push(Span::new(value.at + from, value.at + to, name.kind));
    }
}

/// What takes a name and its value: a function, or a row of a statement.
fn is_setter(function: &str, line: &str) -> bool {
    #[rustfmt::skip]
    const SETTERS: &[&str] = &[
        "define", "setenv", "setdefault", "setproperty", "set_header", "setheader", "setrequestheader", "header", "append", "put", "add",
        "setitem", "set", "add_header", "set_secret", "setsecret", "set_config", "set_option", "update_option", "add_option", "setvar",
    ];
    SETTERS.iter().any(|known| known.eq_ignore_ascii_case(function))
        || function.is_empty() && line.to_ascii_lowercase().contains(" values")
}
