//! Secrets over several lines, in whatever carries these lines; and what stands nearby.

/// A text and the part of it that must vanish; `~` is taken out first.
#[rustfmt::skip]
pub(crate) const MORE: &[(&str, &str)] = &[
    // keys in PEM
    ("{\"log\":\"-----BEGIN PRIVATE KEY-----\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-27T10:00:00Z\"}\n{\"log\":\"MIIEvQIBADANBgkq~hkiG9w0BAQEF\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-27T10:00:00Z\"}", "MIIEvQIBADANBgkq~hkiG9w0BAQEF"),
    ("  key: '-----BEGIN RSA PRIVATE KEY-----\\n' +\n  'MIIEvQIBADANBgkq~hkiG9w0BAQEF\\n' +\n  'b+6Q==\\n' +\n  '-----END RSA PRIVATE KEY-----\\n',", "b+6Q=="),
    ("SIGNING_KEY=-----BEGIN PRIVATE KEY----- MIIEvQIBADANBgkq~hkiG9w0BAQEF hkiG9w0BAQEFAASC~MIIE b+6Q== -----END PRIVATE KEY-----", "b+6Q=="),
    ("api-1  | -----BEGIN PRIVATE KEY-----\napi-1  | MIIEvQIBADANBgkq~hkiG9w0BAQEF\napi-1  | b+6Q==\napi-1  | -----END PRIVATE KEY-----", "b+6Q=="),
    ("2026-11-27T10:00:00.1Z stdout F -----BEGIN PRIVATE KEY-----\n2026-11-27T10:00:00.1Z stdout F MIIEvQIBADANBgkq~hkiG9w0BAQEF", "MIIEvQIBADANBgkq~hkiG9w0BAQEF"),
    ("{\"msg\":\"-----BEGIN EC PRIVATE KEY-----\",\"pid\":7}\n{\"msg\":\"MHcCAQEEIBmNq3z8~vF1q0rV2nYQ1pL7k\",\"pid\":7}\n{\"msg\":\"AwEHoUQD\",\"pid\":7}\n{\"msg\":\"-----END EC PRIVATE KEY-----\",\"pid\":7}", "AwEHoUQD"),
    ("+-----BEGIN PRIVATE KEY-----\n+MIIEvQIBADANBgkq~hkiG9w0BAQEF\n+-----END PRIVATE KEY-----", "MIIEvQIBADANBgkq~hkiG9w0BAQEF"),
    ("{\"key\":\"-----BEGIN PRIVATE KEY-----\\r\\nMIIEvQIBADANBgkq~hkiG9w0BAQEF\\r\\nb+6Q\",\"client_email\":1}", "b+6Q"),
    ("k=-----BEGIN+PRIVATE+KEY-----%0AMIIEvQIBADANBgkq~hkiG9w0BAQEF%0A-----END+PRIVATE+KEY-----", "MIIEvQIBADANBgkq~hkiG9w0BAQEF"),
    // colours and records
    ("\u{1b}[32mDB_PASSWORD\u{1b}[0m=\u{1b}[33mVelvet-Rope\u{1b}[0m", "Velvet-Rope"),
    (r#"{"msg":"\u001b[1mpassword\u001b[22m: \u001b[36mVelvet-Rope\u001b[39m"}"#, "Velvet-Rope"),
    ("[boot] admin password:\n[boot]     Ufer-4711-Boot\n[boot] store it now", "Ufer-4711-Boot"),
    ("{\"log\":\"admin password:\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-27T10:00:00Z\"}\n{\"log\":\"    Ufer-4711-Boot\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-27T10:00:00Z\"}", "Ufer-4711-Boot"),
];

/// What stands beside such secrets and is none.
#[rustfmt::skip]
pub(crate) const STAY: &[&str] = &[
    "error: could not parse -----BEGIN PRIVATE KEY----- in file\nnext is /usr/lib/python3/dist-packages/cryptography/hazmat",
    "{\"log\":\"expected -----BEGIN PRIVATE KEY-----\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-27T10:00:00.123456789Z\"}",
    "\u{1b}[31merror\u{1b}[0m: \u{1b}[1mpassword\u{1b}[0m is required",
    "\u{1b}[32m[Nest] 1\u{1b}[39m  - \u{1b}[33m[AuthModule]\u{1b}[39m token: expired",
    "api-1  | password authentication failed\napi-1  | token expired",
    "2026-11-27T10:00:00.1Z stdout F secret not found\n2026-11-27T10:00:01.1Z stdout F password:\n2026-11-27T10:00:01.1Z stdout F   is required",
];
