//! Secrets told by their shape alone: tokens of the large providers, JWTs, PEM blocks, password hashes, e-mail addresses.

use super::Span;
use super::pattern::Pattern;

/// Patterns whose first group is a secret wherever it stands.
pub(super) static PATTERNS: [Pattern; 15] = [
    Pattern::new(
        "jwt",
        &["eyj"],
        r"(?:^|[^A-Za-z0-9_-])(eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3})",
    ),
    Pattern::new("aws-key", &["akia", "asia"], r"(?-u:\b)((?:AKIA|ASIA)[A-Z0-9]{16})(?-u:\b)"),
    Pattern::new(
        "aws-secret",
        &["akia", "asia"],
        r#"(?-u:\b)(?:AKIA|ASIA)[A-Z0-9]{16}[\s:,;|/"']{1,6}([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+]|$)"#,
    ),
    Pattern::new(
        "token",
        &["gh", "gl", "github_pat_", "npm_", "pypi-", "dckr_", "hf_", "atlasv1", "rubygems_", "shp", "lin_", "pscale_"],
        r"(?-u:\b)((?:gh[pousr]_|github_pat_|npm_|dckr_(?:pat|oat)_|pypi-|hf_|rubygems_|shp(?:at|ca|pa|ss)_|lin_api_|pscale_(?:tkn|pw|oauth)_|gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt|sa|c)[-_])[A-Za-z0-9_.=-]{16,})",
    ),
    Pattern::new("token", &["xox", "xapp-"], r"(?-u:\b)((?:xox[a-z](?:\.xox[a-z])?|xapp)-[A-Za-z0-9-]{10,})"),
    Pattern::new(
        "webhook",
        &["hooks.slack.com", "/webhooks/"],
        r"(?:hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/(?:v[0-9]+/)?webhooks/[0-9]+/)([A-Za-z0-9/_-]{20,})",
    ),
    Pattern::new(
        "api-key",
        &["k_live_", "k_test_", "whsec_"],
        r"(?-u:\b)((?:[srp]k_(?:live|test)_|whsec_)[A-Za-z0-9+/=]{10,})",
    ),
    Pattern::new(
        "api-key",
        &["aiza", "ya29.", "gocspx-"],
        r"(?-u:\b)(AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,})",
    ),
    Pattern::new(
        "api-key",
        &[
            "sg.",
            "key-",
            "nrak-",
            "pmak-",
            "dop_v1_",
            "hvs.",
            "hvb.",
            "dapi",
            "dp.",
            "sntry",
            "sbp_",
            "age-secret",
            "atatt3",
            "atbb",
            "figd_",
            "ntn_",
            "fo1_",
            "sq0",
        ],
        r"(?-u:\b)(SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|key-[0-9a-f]{32}|NRAK-[A-Z0-9]{20,}|PMAK-[A-Za-z0-9-]{30,}|do[opr]_v1_[0-9a-f]{40,}|hv[sb]\.[A-Za-z0-9_-]{20,}|dapi[0-9a-f]{32}|dp\.(?:pt|st|ct|sa)\.[A-Za-z0-9._-]{20,}|sntry[su]_[A-Za-z0-9+/=_-]{20,}|sbp_[0-9a-f]{30,}|AGE-SECRET-KEY-1[A-Z0-9]{50,}|ATATT3[A-Za-z0-9_=-]{20,}|ATBB[A-Za-z0-9]{20,}|figd_[A-Za-z0-9_-]{20,}|ntn_[A-Za-z0-9]{30,}|fo1_[A-Za-z0-9_-]{20,}|sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{20,})",
    ),
    Pattern::new(
        "api-key",
        &["sk"],
        r"(?:^|[^A-Za-z0-9_-])(sk-(?:proj-|ant-|or-|svcacct-|live-|test-)?[A-Za-z0-9_-]{16,}|SK[0-9a-f]{32}(?-u:\b))",
    ),
    Pattern::new("api-key", &["ac"], r"(?-u:\b)(AC[0-9a-f]{32})(?-u:\b)"),
    Pattern::new("api-key", &["-us"], r"(?-u:\b)([0-9a-f]{32}-us[0-9]{1,2})(?-u:\b)"),
    Pattern::new("token", &[":aa"], r"(?-u:\b)([0-9]{8,10}:AA[A-Za-z0-9_-]{32,})"),
    Pattern::new(
        "password-hash",
        &["$2", "$argon2", "$5$", "$6$", "$y$", "scram-sha-", "md5"],
        r"(\$2[abxy]\$[0-9][0-9]\$[./A-Za-z0-9]{53}|\$argon2(?:id|i|d)\$[A-Za-z0-9$=,+/]{20,}|\$[56y]\$[./A-Za-z0-9$=]{20,}|SCRAM-SHA-(?:1|256)\$[0-9]+:[A-Za-z0-9+/=$:]{20,}|(?-u:\b)md5[0-9a-f]{32}(?-u:\b))",
    ),
    Pattern::new(
        "email",
        &["@"],
        r"(?:^|[^A-Za-z0-9._%+/@-])([A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24})(?-u:\b)",
    ),
];

pub(super) static PEM: Pattern = Pattern::new("private-key", &["-----begin "], r"-----BEGIN ([A-Z0-9 ]{3,40})-----");

pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let lower = text.to_ascii_lowercase();
    for pattern in &PATTERNS {
        match pattern.kind {
            "email" => emails(pattern, text, &lower, spans),
            // `disk-…` and `task-…` are kept out by the border, a name in words by the missing digit.
            "api-key" => pattern.find(text, &lower, spans, |secret| secret.bytes().any(|byte| byte.is_ascii_digit())),
            _ => pattern.find(text, &lower, spans, |_| true),
        }
    }
    PEM.each(text, &lower, |found| {
        if let (Some(whole), Some(label)) = (found.get(0), found.get(1)) {
            pem(text, whole.end(), label.as_str(), spans);
        }
    });
    headless_pem(text, spans);
}

/// An address of a person; `git@host:path`, package versions, units and file names only look like one.
fn emails(pattern: &Pattern, text: &str, lower: &str, spans: &mut Vec<Span>) {
    pattern.each(text, lower, |found| {
        let Some(address) = found.get(1) else {
            return;
        };
        let after = text.get(address.end()..).unwrap_or_default();
        let path = after
            .strip_prefix(':')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '~'));
        let login =
            text.get(..address.start()).is_some_and(|before| before.ends_with("ssh ") || before.ends_with("scp "));
        if !path && !login && !after.starts_with('(') && is_address(address.as_str()) {
            spans.push(Span { start: address.start(), end: address.end(), kind: pattern.kind });
        }
    });
}

fn is_address(text: &str) -> bool {
    const NO_DOMAIN: &str = "service socket target timer mount slice scope png jpg jpeg svg gif webp js ts mjs cjs tsx jsx json css \
         html lock tgz gz so zip patch local localhost localdomain internal lan svc log node yml yaml";
    let Some((user, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let top = domain.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let mut version = domain.strip_prefix('v').unwrap_or(domain).splitn(3, '.');
    let number = |part: Option<&str>| part.is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let versioned = number(version.next()) && number(version.next());
    user != "git" && !versioned && !NO_DOMAIN.split(' ').any(|word| word == top.as_str())
}

/// The lines between `BEGIN` and `END`; to the end of what looks like one if the text is cut off. The labels stay readable.
fn pem(text: &str, start: usize, label: &str, spans: &mut Vec<Span>) {
    let Some(body) = text.get(start..) else {
        return;
    };
    let end = body.find("-----END ").or_else(|| body.find("-----END\u{20}")).unwrap_or_else(|| encoded(body));
    let inner = body.get(..end).unwrap_or_default();
    let lead = inner.len() - inner.trim_start_matches(|c: char| c.is_whitespace() || c == '\\').len();
    let lead = if inner.get(..lead).is_some_and(|lead| lead.ends_with('\\')) {
        lead + usize::from(inner.len() > lead)
    } else {
        lead
    };
    let tail = inner.trim_end_matches(|c: char| c.is_whitespace()).trim_end_matches("\\n").len();
    let kind = if label.contains("PRIVATE") { "private-key" } else { "pem" };
    if lead < tail {
        spans.push(Span { start: start + lead, end: start + tail, kind });
    }
}

/// Bytes of base64 lines, with whatever a log writes before each of them.
fn encoded(body: &str) -> usize {
    let mut end = 0;
    for (at, line) in body.split_inclusive('\n').enumerate() {
        let last = line.split_whitespace().next_back().unwrap_or_default();
        let base64 =
            last.len() >= 4 && last.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=\\\"'".contains(&byte));
        let header = line.contains("Proc-Type:") || line.contains("DEK-Info:") || line.trim().is_empty();
        if at > 0 && !base64 && !header {
            break;
        }
        end += line.len();
    }
    end
}

/// A block whose beginning was cut off: the base64 lines above an `END`.
fn headless_pem(text: &str, spans: &mut Vec<Span>) {
    let Some((body, _)) = text.split_once("-----END ").filter(|(body, _)| !body.contains("-----BEGIN ")) else {
        return;
    };
    let mut start = body.len();
    for line in body.split_inclusive('\n').rev() {
        let last = line.trim();
        let base64 =
            last.len() >= 16 && last.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
        let short = start == body.len()
            && last.len() >= 2
            && last.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
        if !base64 && !short {
            break;
        }
        start -= line.len();
    }
    let end = body.trim_end().len();
    if start < end {
        spans.push(Span { start, end, kind: "private-key" });
    }
}
