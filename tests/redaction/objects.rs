//! What whole objects, tools and sentences tell of a value, and the same forms without a secret.

/// A text and the part of it that must vanish; `~` is taken out first.
#[rustfmt::skip]
pub(crate) const MORE: &[(&str, &str)] = &[
    // strings in strings, and what a language wraps around a value
    ("primary_conninfo = 'user=repl password=''Drei-Kannen-7'' host=10.0.2.7'", "Drei-Kannen-7"),
    ("password: 'it''s-Weide-8'", "Weide-8"),
    ("Db {\n    password: Some(\n        \"Ampel~Wiese3\",\n    ),\n}", "AmpelWiese3"),
    ("Config(host: \"db\", password: Optional(\"Ampel~Wiese3\"), port: 5432)", "AmpelWiese3"),
    ("{Host:db User:app Passwd:Ampel~Wiesentau SSLMode:disable}", "AmpelWiesentau"),
    ("`ENTERPRISE_KEY=ABCD1-EFGH2-IJKL3-MNOP4`", "EFGH2-IJKL3"),
    ("password ??= 'Mond!kalb'", "Mond!kalb"),
    ("password: Ampel39 -> Turm!Rabe", "Turm!Rabe"),
    ("DB_PASSWORD is set to Turm-Rabe-9", "Turm-Rabe-9"),
    ("password → Turm!Rabe9", "Turm!Rabe9"),
    ("if ($http_x_api_key != \"koDZRYA2GAKJ~EaHj\") { return 403; }", "koDZRYA2GAKJEaHj"),
    // addresses
    ("Could not parse URL from 'mysql+pymysql//shop:Turm-Rabe-9@mysql/shop'", "Turm-Rabe-9"),
    ("https://mainnet.example.io/v3/17e75b7fc6402f1a~c9f972f40248af0d", "17e75b7fc6402f1ac9f9"),
    ("GET /data?q=Bern&appid=862eb01f97b13281~1acccd5ab5f01b26&units=metric", "862eb01f97b13281"),
    ("GET /login?state=TnkESnCWild87zi12Q4iZ5Rj~nSZBRnz0%3D&x=1", "TnkESnCWild87zi1"),
    ("next=password%3DKiesel99x%26user%3Dbob", "Kiesel99x"),
    // signatures and keys of one-time passwords
    ("x-hub-signature-256: sha256=28173fe93df6f208c32c1397288fe6c353d8211b1afca0a21db22a6bb35e5b11", "28173fe93df6f208"),
    ("header: 't=1764231900,v1=c4c4bda593d6b85c099224d4f50f331659d1677f990d950575e2635a7c996b78'", "c4c4bda593d6b85c"),
    ("{ ascii: '9FzkSjskW865FyNb09Xs', base32: 'NAM54Y7I6THXUBCO~KHB6CNO5', otpauth_url: null }", "NAM54Y7I6THXUBCO"),
    ("Backup codes: j1b2i-eiz43, 5vw76-oupst", "5vw76-oupst"),
    ("Session ID: QJVukDCSXqLo~ivDP4SpGmrtWT01NjUjp", "ivDP4SpGmrtWT01"),
    // cookies
    ("{\"req\":{\"cookies\":{\"sid\":\"frguVKFTeMe3wECT~wYxX\",\"locale\":\"fr\"}}}", "frguVKFTeMe3wECT"),
    (".AspNetCore.Identity.Application=CfDJ8TCr-C4UfmFy; path=/; httponly", "CfDJ8TCr-C4UfmFy"),
    ("\"HTTP_COOKIE\"=>\"_shop_session=SPKn4mZio_BJiuFN\"", "SPKn4mZio_BJiuFN"),
    ("werkzeug.request Cookie session=.eJwQmAtWspD3qg0r", "eJwQmAtWspD3qg0r"),
    // objects of a cluster
    ("apiVersion: v1\nkind: Secret\ndata:\n  config.ini: W2RiXQpwdz1aZWRlcg==\ntype: Opaque", "W2RiXQpwdz1aZWRlcg"),
    ("{\"kind\":\"Secret\",\"data\":{\"license\":\"TElDLTFaRVpM\"}}", "TElDLTFaRVpM"),
    // tools
    ("createUser monitor SHA \"Bussard-auf-6\" AES \"Milan-auf-7\"", "Milan-auf-7"),
    ("$c = ConvertTo-SecureString \"Rabe&Kraehe7\" -AsPlainText -Force", "Rabe&Kraehe7"),
    (r"net use Z: \\nas\share /user:ACME\svc Taube!3", "Taube!3"),
    (r"net use Z: \\nas\share Taube!3 /user:ACME\svc", "Taube!3"),
    ("ldap_default_authtok = FalkeUeberDach", "FalkeUeberDach"),
    ("snmp-server community Falke-Dach RO", "Falke-Dach"),
    ("ssh-keygen -t ed25519 -N 'Falke-Dach-1' -f k", "Falke-Dach-1"),
    ("\"twenty\" \"SCRAM-SHA-256$x\"\n\"stats\" \"ente.quakt.3x\"", "ente.quakt.3x"),
    // sentences and tables
    ("*** Default credentials: admin / Falke-Dach-1 ***", "Falke-Dach-1"),
    ("Username  Password\nadmin     Falke-Dach-1", "Falke-Dach-1"),
    ("passwords:\n  - Falke-Dach-1\n  - Rabe!Turm", "Rabe!Turm"),
    ("Das Passwort lautet Falke-Dach-1", "Falke-Dach-1"),
    ("Passphrase: correct zebra lamp 44\ngpg: decrypt failed", "correct zebra lamp 44"),
    ("could not decrypt with key '8ece831cf4f3f5782995482e2433e107'", "8ece831cf4f3f578"),
    // pages and XML
    ("<member><name>password</name><value><string>Falke-Dach-1</string></value></member>", "Falke-Dach-1"),
    ("<key>password</key>\n<string>Falke-Dach-1</string>", "Falke-Dach-1"),
    ("&quot;password&quot;:&quot;Falke-Dach-1&quot;", "Falke-Dach-1"),
    ("&lt;password&gt;Falke-Dach-1&lt;/password&gt;", "Falke-Dach-1"),
    ("insert into `tokens` (`name`, `token`) values (api, 480e4da22ec0e20df80003d6b6e3dda1)", "480e4da22ec0e20d"),
];

/// The same forms where they hold none.
#[rustfmt::skip]
pub(crate) const STAY: &[&str] = &[
    "mutation SignIn($email: String!, $password: String!) { signIn(email: $email, password: $password) { id } }",
    "request: \"GET /reset-password HTTP/1.1\", upstream: \"http://172.20.0.4:3000/reset-password\"",
    "GET /objects?view=20202020-aaaa-4bbb-8ccc-1234567890ab&key=city&state=open&code=404",
    "password for instance db-7f3k2 not found",
    "#User<id: 42, password: **redacted**>",
    "{\"tokens\":[{\"token\":\"summer\",\"start_offset\":0,\"type\":\"<ALPHANUM>\"}]}",
    "Can't locate revision identified by '8f4c2b7d9e10'",
    "print_meta: EOS token = 128009 '<|eot_id|>'",
    "login ok=1201 bad_password=33 locked=2",
    "password: string().min(8).required()",
    "token == 'invalid' and password != confirmation",
    "signature: 3 of 5 valid, x-signature: missing, v0=1.2,v1=2.3",
    "Backup codes: 10 remaining; exit codes: 137, 143",
    "session id: 42, secret id: not found",
    "cookies: { secure: true, sameSite: 'lax', theme: 'dark' }",
    "kind: ConfigMap\ndata:\n  host: db-01.internal\n  level: debug2",
    "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db-creds-v2\ntype: Opaque",
    "no credentials in admin/config2 found",
    "Using credentials from /root/.aws/credentials",
    "Username  Password  Role\nadmin     ********  root",
    "passwords:\n  - minimum length 12\n  - one digit",
    "ERROR community edition 2024 expired",
    "ssh-keygen -t ed25519 -N '' -f key",
    r"net use Z: \\nas\share /persistent:yes",
    "image: postgres:16.2-alpine3@sha256:4bc6b3d3d1b1e7ac0a1b8d2c3e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5",
    "git@github.com:org/repo.git and npm:string-width@4.2.0",
    "GET /v3/api-docs/swagger-config 200",
    "&quot;password&quot; is required",
    "PASSWORD is set to a default value",
    "token → invalid",
    "using key db-keys-2024 for signing",
    "Class com.example.Foo2Bar3Baz4Qux5Impl6Factory7 not found",
];
