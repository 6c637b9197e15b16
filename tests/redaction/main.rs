//! Tables: what must vanish from a report, and what must stay as it is.

#![expect(clippy::expect_used, reason = "helpers of tests may say plainly what they expect")]

mod carriers;
mod evidence;
mod net;
mod objects;
mod places;
mod program;
mod spoken;
mod stay;
mod tokens;
mod vanish;

use diagnose::report::redact::Redactor;

use stay::STAY;
use vanish::VANISH;

/// Text and secret of each line of both tables. `~` is taken out: it keeps made-up tokens from being taken for real ones.
fn secrets() -> impl Iterator<Item = (String, String)> {
    VANISH
        .iter()
        .chain(tokens::MORE)
        .chain(places::MORE)
        .chain(carriers::MORE)
        .chain(net::MORE)
        .chain(objects::MORE)
        .chain(spoken::MORE)
        .map(|(text, secret)| {
            let (text, secret) = (text.replace('~', ""), secret.replace('~', ""));
            let text = if secret.contains("aclpw") { text.replace(" *", " ~*") } else { text };
            (text, secret)
        })
}

#[test]
fn secrets_vanish() {
    assert!(secrets().count() >= 200);
    let mut shown = Vec::new();
    for (text, secret) in secrets() {
        let masked = Redactor::new().mask(&text);
        if masked.contains(&secret) || !masked.contains("[redacted:") {
            shown.push(format!("{text}\n    gives {masked}"));
        }
    }
    assert!(shown.is_empty(), "{} secrets are shown:\n{}", shown.len(), shown.join("\n"));
}

#[test]
fn evidence_stays() {
    let lines = || {
        STAY.iter()
            .chain(evidence::MORE)
            .chain(carriers::STAY)
            .chain(net::STAY)
            .chain(objects::STAY)
            .chain(spoken::STAY)
    };
    assert!(lines().count() >= 200);
    let mut changed = Vec::new();
    for text in lines() {
        let masked = Redactor::new().mask(text);
        if masked != *text {
            changed.push(format!("{text}\n    became {masked}"));
        }
    }
    assert!(changed.is_empty(), "{} texts were changed:\n{}", changed.len(), changed.join("\n"));
}

#[test]
fn a_mask_is_masked_no_further() {
    for (text, _) in secrets() {
        let once = Redactor::new().mask(&text);
        assert_eq!(Redactor::new().mask(&once), once);
    }
}

#[test]
fn one_secret_has_one_mask_everywhere() {
    let mut redactor = Redactor::new();
    let lines = [
        "login as hunter2secret failed",
        "postgres://u:hunter2secret@db/x",
        "PGPASSWORD=hunter2secret",
        "PASSWORD=other-one",
    ];
    lines.iter().for_each(|line| redactor.learn(line));
    let masked: Vec<String> = lines.iter().map(|line| redactor.mask(line)).collect();
    assert_eq!(
        masked,
        [
            "login as [redacted:url-password:1] failed",
            "postgres://u:[redacted:url-password:1]@db/x",
            "PGPASSWORD=[redacted:url-password:1]",
            "PASSWORD=[redacted:password:1]"
        ]
    );
    let summary = redactor.summary();
    assert_eq!(summary.count, 4);
    assert_eq!(
        summary.kinds.into_iter().collect::<Vec<_>>(),
        [("password".to_owned(), 1), ("url-password".to_owned(), 3)]
    );
}

#[test]
fn a_password_that_is_a_name_does_not_hide_the_name() {
    let mut redactor = Redactor::new();
    redactor.learn("postgres://twentycrm:twentycrm@ent-db:5432/twentycrm");
    redactor.learn("POSTGRES_PASSWORD=postgres");
    let line = r#"password authentication failed for user "postgres" and "twentycrm""#;
    assert_eq!(redactor.mask(line), line);
    assert_eq!(redactor.mask("POSTGRES_PASSWORD=postgres"), "POSTGRES_PASSWORD=[redacted:password:1]");
}

#[test]
fn the_lines_of_a_key_are_known_one_by_one() {
    let mut redactor = Redactor::new();
    redactor.learn("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----");
    assert_eq!(redactor.mask("hkiG9w0BAQEFAASC"), "[redacted:private-key:1]");
}

#[test]
fn the_host_behind_a_password_stays() {
    let masked = Redactor::new().mask("postgres://u:Tr0ub4dor&3@db.example.com:5432/x");
    assert_eq!(masked, "postgres://u:[redacted:url-password:1]@db.example.com:5432/x");
}

#[test]
fn off_shows_everything() {
    let mut redactor = Redactor::off();
    redactor.learn("PASSWORD=hunter2");
    assert_eq!(redactor.mask("PASSWORD=hunter2"), "PASSWORD=hunter2");
    assert_eq!(redactor.summary().count, 0);
}

proptest::proptest! {
    /// Whatever signs a password holds, it ends where the host begins.
    #[test]
    fn any_password_of_a_url_vanishes(head in "[a-z0-9][!#-&(-;=?-_a-~]{0,12}", tail in "[!#-&(-;=?-_a-~]{0,12}[A-Z][0-9]") {
        let password = format!("{head}{tail}");
        proptest::prop_assume!(!password.contains("://") && !password.contains("\\n"));
        let masked = Redactor::new().mask(&format!("url: postgres://u:{password}@db:5432/x"));
        proptest::prop_assert_eq!(masked, "url: postgres://u:[redacted:url-password:1]@db:5432/x");
    }

    /// Any text can be masked, and what was known stays unreadable in it.
    #[test]
    fn any_text_can_be_masked(text in "[ -~\\n“é\u{1b}]{0,120}") {
        let mut redactor = Redactor::new();
        redactor.learn("APP_SECRET=Corr3ct-horse-battery");
        let masked = redactor.mask(&format!("{text} Corr3ct-horse-battery {text}"));
        proptest::prop_assert!(!masked.contains("Corr3ct-horse-battery"));
    }
}
