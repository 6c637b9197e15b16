//! Two tables: what must vanish from a report, and what must stay as it is.

use diagnose::report::redact::Redactor;

/// A text, and the part of it that must not be readable afterwards. `~` is taken out first: it keeps made-up tokens from being
/// taken for real ones by scanners of this repository.
const VANISH: &[(&str, &str)] = &[
    // URLs
    ("postgres://twenty:hunter2@db:5432/default", "hunter2"),
    ("PG_DATABASE_URL=postgres://twenty:p@ss/w#rd:1@ent-tenant-db:5432/default", "p@ss/w#rd:1"),
    ("postgresql://twenty:100%25sure@db/default", "100%25sure"),
    ("postgres://twenty:a%40b%2Fc%23d@db:5432/x", "a%40b%2Fc%23d"),
    ("postgres://twenty:what?ever@db:5432/x?sslmode=require", "what?ever"),
    ("redis://:s3cr3tpw@redis:6379/0", "s3cr3tpw"),
    ("REDIS_URL=rediss://default:Zx9!kk@cache.example:6380", "Zx9!kk"),
    ("error: mongodb+srv://app:mongopw1@c0.example/test?retryWrites=true", "mongopw1"),
    ("amqp://guest:rabbit99@mq:5672/%2F", "rabbit99"),
    ("mysql://root:toor1234@mysql:3306/app", "toor1234"),
    ("fetch https://ci:deployPW@git.example/repo.git failed", "deployPW"),
    ("remote: https://x-access-token:abc123def456@github.com/o/r", "abc123def456"),
    ("https://0123456789abcdef0123456789abcdef@o1.ingest.example/2", "0123456789abcdef0123456789abcdef"),
    ("proxy http://user:pr0xyPass@10.0.0.1:3128 refused", "pr0xyPass"),
    ("TypeError: Invalid URL { input: 'postgres://u:br#ken@db/x' }", "br#ken"),
    (r#"{"url":"postgres://u:injson1@db/x"}"#, "injson1"),
    ("postgres://u:with:colon@db/x", "with:colon"),
    ("postgres://u:multi@at@signs@db/x", "multi@at@signs"),
    ("kafka://u:k4fkapw@a:9092,b:9092", "k4fkapw"),
    ("app:gopass77@tcp(mysql:3306)/app?parseTime=true", "gopass77"),
    ("postgres://u:Tr0ub4dor&3@db.example.com:5432/x", "Tr0ub4dor&3"),
    ("DATABASE_URL=\"postgres://a:one two@db/x\"", "one two"),
    // environment and shell
    ("\"SMTP_PASSWORD=abcd efgh ijkl\"", "efgh"),
    ("secret_key_base: 0123456789abcdef", "0123456789abcdef"),
    ("CONFIG SET requirepass \"two words\"", "words"),
    ("PASSWORD=hunter2", "hunter2"),
    ("export PGPASSWORD=hunter2 && psql", "hunter2"),
    ("+ POSTGRES_PASSWORD=sup3r", "sup3r"),
    ("APP_SECRET: 7f1e9c0d2b4a", "7f1e9c0d2b4a"),
    ("APP_SECRET=replace_me_with_a_random_string", "replace_me_with_a_random_string"),
    ("MYSQL_ROOT_PASSWORD=a&b;c", "a&b;c"),
    ("JWT_SECRET='quoted secret'", "quoted secret"),
    ("DB_PASS=letmein1", "letmein1"),
    ("MYSQL_PWD=abcd1234 mysqldump", "abcd1234"),
    ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI"),
    (r#""Env": ["PATH=/bin", "POSTGRES_PASSWORD=dockerpw", "PG=1"]"#, "dockerpw"),
    ("ENCRYPTION_KEY=abcdef0123456789", "abcdef0123456789"),
    ("SESSION_SECRET = 'keyboard cat'", "keyboard cat"),
    ("TWILIO_AUTH_TOKEN=0123456789abcdef0123456789abcdee", "0123456789abcdef0123456789abcdee"),
    ("SMTP_PASSWORD=mail$ender", "mail$ender"),
    ("ACCESS_TOKEN_SECRET=acc3ss", "acc3ss"),
    ("docker run -e POSTGRES_PASSWORD=flagpw postgres", "flagpw"),
    ("REDISCLI_AUTH=rediscli1 redis-cli ping", "rediscli1"),
    ("set PASSWORD2=second22", "second22"),
    ("host=db user=twenty password=libpqpw dbname=x", "libpqpw"),
    ("host=db user=twenty password='with space' dbname=x", "with space"),
    ("Server=db;User Id=sa;Password=Str0ng;Pass;Database=x;", "Str0ng;Pass"),
    ("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=bXlrZXk0Mg==;EndpointSuffix=x", "bXlrZXk0Mg"),
    ("Endpoint=sb://x/;SharedAccessKeyName=r;SharedAccessKey=c2hhcmVkS2V5=", "c2hhcmVkS2V5"),
    ("POSTGRES_PASSWORD=${PG_PASSWORD:-D3faultPw}", "D3faultPw"),
    // JSON, YAML, objects
    (r#"{"password":"json-pw"}"#, "json-pw"),
    (r#"{"apiKey": "k-12345678"}"#, "k-12345678"),
    (r#"{"user":"x","client_secret":"cs\"quoted"}"#, r#"cs\"quoted"#),
    (r#"{\"password\":\"escaped1\"}"#, "escaped1"),
    ("password: yamlpw", "yamlpw"),
    ("  password: 'yaml quoted'", "yaml quoted"),
    ("- dbPassword: inlist", "inlist"),
    ("{ user: 'twenty', password: 'objpw', host: 'db' }", "objpw"),
    ("{ user: 'mailer', pass: 'nodemail' }", "nodemail"),
    ("Map(1) { 'token' => 'mapT0ken' }", "mapT0ken"),
    ("{User:x Password:gopw123 Host:db}", "gopw123"),
    ("{'passwd': 'pydict'}", "pydict"),
    ("[INFO] Generated admin password: Xk39!fdQ", "Xk39!fdQ"),
    ("{\"name\":\"DB_PASSWORD\",\"value\":\"k8spw\"}", "k8spw"),
    ("- name: API_TOKEN\n  value: k8stoken", "k8stoken"),
    ("<password>xmlpw</password>", "xmlpw"),
    ("spring.datasource.password=springpw", "springpw"),
    ("refreshToken: 'r3fresh-me'", "r3fresh-me"),
    ("privateKey: `tick-key-1`", "tick-key-1"),
    // flags and commands
    ("pg_dump --password hunter2 -h db", "hunter2"),
    ("node cli.js --db-password=flagged", "flagged"),
    ("deploy --token tok_1234 --verbose", "tok_1234"),
    ("mysql -u root -phunter2 app", "hunter2"),
    ("mysqldump -uroot -p'quoted pw' app", "quoted"),
    ("redis-server --requirepass r3dispw", "r3dispw"),
    (r#"["redis-server","--requirepass","cmdpw"]"#, "cmdpw"),
    ("requirepass confpw", "confpw"),
    ("CONFIG SET requirepass newpw1", "newpw1"),
    ("masterauth replpw", "replpw"),
    ("redis-cli -a clipw ping", "clipw"),
    ("AUTH s3cretpw", "s3cretpw"),
    ("AUTH default s3cretpw", "s3cretpw"),
    (r#"1700000000.1 [0 127.0.0.1:1] "AUTH" "monitored""#, "monitored"),
    (r#"[0 127.0.0.1:1] "auth" "default" "monitored2""#, "monitored2"),
    ("command: { name: 'auth', args: [ 'ioredispw' ] }", "ioredispw"),
    ("command: {\n    name: 'auth',\n    args: [ 'default', 'ioredispw2' ]\n  }", "ioredispw2"),
    ("HELLO 3 AUTH default hellopw", "hellopw"),
    ("ACL SETUSER app on >aclpw ~* +@all", "aclpw"),
    ("sshpass -p sshpw ssh host", "sshpw"),
    ("docker login -u me -p dockpw registry.example", "dockpw"),
    ("curl -u admin:curlpw http://x/", "curlpw"),
    ("openssl rsa -passin pass:opensslpw -in k", "opensslpw"),
    ("ALTER USER twenty WITH PASSWORD 'sqlpw'", "sqlpw"),
    ("CREATE USER 'a'@'%' IDENTIFIED BY 'mysqlpw'", "mysqlpw"),
    ("machine git.example login bot password netrcpw", "netrcpw"),
    ("db:5432:default:twenty:pgpasspw", "pgpasspw"),
    ("A temporary password is generated for root@localhost: tmp(pw1", "tmp(pw1"),
    ("the new password is Zq81-xyz.", "Zq81-xyz"),
    ("sentinel auth-pass mymaster sentpw", "sentpw"),
    // headers
    ("Authorization: Bearer abc.def-123", "abc.def-123"),
    ("authorization: 'Basic dXNlcjpwYXNz'", "dXNlcjpwYXNz"),
    (r#""authorization":"Bearer tkn-0001""#, "tkn-0001"),
    ("-H 'Authorization: token 0a1b2c3d'", "0a1b2c3d"),
    ("Proxy-Authorization: Basic cHJveHk6cHc=", "cHJveHk6cHc="),
    ("Authorization: Digest username=\"u\", response=\"6629fae49393\"", "6629fae49393"),
    ("Cookie: sid=cookie-1; theme=dark", "cookie-1"),
    ("Set-Cookie: session=cookie-2; Path=/; HttpOnly", "cookie-2"),
    ("'set-cookie': [ 'connect.sid=s%3Acookie3.x; Path=/' ]", "s%3Acookie3.x"),
    ("X-Api-Key: headerkey", "headerkey"),
    ("x-auth-token: 99aabbcc", "99aabbcc"),
    ("'x-vault-token': 'vaulttok'", "vaulttok"),
    ("sent Bearer 0123456789abcdef to upstream", "0123456789abcdef"),
    // shapes
    ("key AKIA~IOSFODNN7EXAMPLE used", "AKIA~IOSFODNN7EXAMPLE"),
    ("AKIA~IOSFODNN7EXAMPLE:wJalrXUtnFEMIbK7MDENGbbPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMIbK7MDENGbbPxRfiCYEXAMPLEKEY"),
    ("pushing with ghp_~0123456789abcdefghijABCDEFGHIJ012345", "ghp_~0123456789"),
    ("github_pat_~11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz", "mnopqrstuvwxyz"),
    ("ghs_~0123456789abcdefghijABCDEFGHIJ012345", "0123456789"),
    ("glpat-~abcdefghij0123456789", "abcdefghij"),
    ("slack xoxb-~123456789012-abcdefABCDEF", "abcdefABCDEF"),
    ("POST https://hooks.slack.com/services/T000/B000/~XXXXYYYYZZZZ1111", "XXXXYYYYZZZZ1111"),
    ("stripe sk_~live_4eC39HqLyjWDarjtT1zdp7dc", "4eC39HqLyj"),
    ("rk_~test_4eC39HqLyjWDarjtT1zdp7dc", "4eC39HqLyj"),
    ("maps AIza~SyA-0123456789abcdefghijklmnopqrstu", "0123456789"),
    ("//registry.example/:_authToken=npm_~0123456789abcdefghijABCDEFGHIJ012345", "0123456789"),
    ("//registry.example/:_auth=dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    ("SG.~abcdefghijklmnopqrstuv.0123456789abcdefghijABCDEFGHIJ0123456789abc", "abcdefghij"),
    ("openai sk-~proj-abcDEF0123456789abcdef", "abcDEF"),
    ("sk-~ant-api03-abcdef0123456789", "api03"),
    ("twilio SK~0123456789abcdef0123456789abcdef", "0123456789abcdef"),
    ("hvs.~CAESIJ0123456789abcdefgh", "CAESIJ"),
    ("dop_~v1_0123456789abcdef0123456789abcdef0123456789abcdef", "0123456789abcdef"),
    ("hf_~abcdefghijklmnopqrstuvwxyz012345", "abcdefghij"),
    ("bot 123456789:AA~Habcdefghijklmnopqrstuvwxyz0123456", "Habcdefghij"),
    ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "eyJzdWIiOiIxIn0"),
    ("hash $2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy", "N9qo8uLOickgx2"),
    ("SCRAM-SHA-256$4096:c2FsdHNhbHQ=$U3RvcmVk:U2VydmVy", "U3RvcmVk"),
    // PEM
    (
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nabcdefgh==\n-----END RSA PRIVATE KEY-----",
        "MIIEowIBAAKCAQEA",
    ),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nabcdefgh==\n-----END RSA PRIVATE KEY-----", "abcdefgh"),
    (r"KEY=-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\n", "MIIEvQIBADANBg"),
    ("-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIIcutoff", "MHcCAQEEIIcutoff"),
    ("b64lineb64lineb64line\nb64lineb64lineb6==\n-----END PRIVATE KEY-----", "b64lineb64line"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----\r\nb3BlbnNzaC1rZXk=\r\n-----END OPENSSH PRIVATE KEY-----", "b3BlbnNzaC1rZXk"),
    // queries and addresses
    ("GET /cb?code=4/0AX4XfWh-xyz&state=1", "4/0AX4XfWh-xyz"),
    ("GET /api?token=qtok1234 HTTP/1.1", "qtok1234"),
    ("GET /api?x=1&access_token=qtok5678", "qtok5678"),
    ("https://a.blob.example/c?sv=2020&sig=Zm9v%2Bbar%3D", "Zm9v%2Bbar%3D"),
    ("https://maps.example/api?key=mapskey99", "mapskey99"),
    ("/login?user=a&password=inquery", "inquery"),
    ("https://s3.example/b?X-Amz-Signature=0f0f0f0f&X-Amz-Date=1", "0f0f0f0f"),
    ("sent invitation to jane.doe@example.com", "jane.doe@example.com"),
    ("Key (email)=(tim+crm@apple.dev) already exists.", "tim+crm@apple.dev"),
];

/// Texts that hold no secret; each is what some program prints.
const STAY: &[&str] = &[
    r#"password authentication failed for user "postgres""#,
    r#"FATAL:  password authentication failed for user "twenty""#,
    "Unexpected token",
    "Invalid token",
    "SyntaxError: Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
    "SyntaxError: Unexpected token } in JSON at position 42",
    "SyntaxError: Unexpected token: punc (()",
    "SyntaxError: Unexpected token 'export'",
    "token expired",
    "Error: token: expired",
    "JsonWebTokenError: invalid token",
    "TokenExpiredError: jwt expired",
    "APP_SECRET must be a string",
    "APP_SECRET is not set",
    "PG_DATABASE_URL is not set",
    "PG_PASSWORD: unbound variable",
    "sh: 1: PGPASSWORD: parameter not set",
    "JWT_SECRET: Required",
    "no pg_hba.conf entry for host \"172.18.0.5\", user \"postgres\", database \"default\", no encryption",
    "REDIS_URL=redis://redis:6379",
    "PG_DATABASE_URL=postgres://db:5432/default",
    "connect ECONNREFUSED 172.18.0.3:5432",
    "user \"postgres\"",
    "Error: SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string",
    "Access denied for user 'root'@'172.18.0.3' (using password: YES)",
    "Access denied for user 'root'@'localhost' (using password: NO)",
    "NOAUTH Authentication required.",
    "WRONGPASS invalid username-password pair or user is disabled.",
    "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
    "ERR Client sent AUTH, but no password is set",
    "[ioredis] Unhandled error event: ReplyError: NOAUTH Authentication required.",
    "ReplyError: ERR invalid password",
    "    at Parser.parseErrorMessage (/app/node_modules/pg-protocol/dist/parser.js:283:98)",
    "    at async AuthService.validateToken (/app/dist/auth/auth.service.js:120:9)",
    "    at Object.<anonymous> (/app/packages/twenty-server/dist/src/engine/core-modules/auth/token/services/access-token.service.js:12:5)",
    "  const token = this.jwtService.sign(payload);",
    "  password: this.config.get('PG_PASSWORD'),",
    "  secret: process.env.APP_SECRET,",
    "if (password === undefined) throw new Error('x')",
    "password: ${POSTGRES_PASSWORD}",
    "POSTGRES_PASSWORD=${PG_DATABASE_PASSWORD:-postgres}",
    "PASSWORD=$DB_PASSWORD",
    "PASSWORD=",
    "APP_SECRET=''",
    "password: undefined",
    "password: [Function (anonymous)]",
    "password: null,",
    "password=****",
    "postgres://twenty:***@db:5432/default",
    "POSTGRES_PASSWORD_FILE=/run/secrets/pg",
    "ACCESS_TOKEN_EXPIRES_IN=30m",
    "LOGIN_TOKEN_EXPIRES_IN=15m",
    "password_encryption = scram-sha-256",
    "PASSWORD_MIN_LENGTH=8",
    "max_tokens=4096",
    "AUTH_PASSWORD_ENABLED=true",
    "IS_SIGN_UP_DISABLED=false",
    "PWD=/app/packages/twenty-server",
    "OLDPWD=/",
    "redis@sha256:3134997edb04277814aa51a4175a588d45eb4299272f8eff2307bbf8b39e4d43",
    "twentycrm/twenty@sha256:aa5c3d5e3b4f3a8a3d1bcbd3ab1f0a40f5c0a1ce6a1d5f9bd0f4e5a6b7c8d9e0",
    "container 4f5e6d7c8b9a0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796 exited",
    "Container id 3f4a9c1b2d5e",
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "HEAD is now at 2c5f5ce record: the vocabulary of envelopes",
    "workspace 20202020-1c25-4d02-bf25-6aeccf7ea419",
    "request id 7d444840-9dc0-11d1-b245-5ffdce74fad2 failed",
    "Migration \"AddUserWorkspace1711624086253\" failed, error: relation \"core.userWorkspace\" already exists",
    "query: ALTER TABLE \"core\".\"keyValuePair\" ADD \"textValueDeprecated\" text",
    "AddAuthTokenToAppToken1699999999999 has been executed successfully.",
    "Nest can't resolve dependencies of the AccessTokenService (?, JwtService).",
    "Nest could not find ACCESS_TOKEN element (this provider does not exist in the current context)",
    "injection token: CACHE_MANAGER",
    "TokenModule dependencies initialized",
    "[Nest] 25  - 01/01/2025, 1:02:03 PM   ERROR [PasswordResetModule] Unable to connect",
    "{ code: '28P01', routine: 'auth_failed', severity: 'FATAL' }",
    "  routine: 'InitPostgres',",
    "left-pad@npm:1.3.0",
    "@nestjs/core@10.4.1",
    "yarn@4.4.0",
    "next@14.0.0-canary.abc",
    "typeorm@patch:typeorm@0.3.20#./patches/typeorm+0.3.20.patch",
    "/app/node_modules/.pnpm/@nestjs+core@10.4.1_abc/node_modules/@nestjs/core/index.js",
    "git@github.com:org/repo.git",
    "ssh://git@github.com/org/repo.git",
    "postgres@db",
    "twenty@default ERROR:  relation \"core.user\" does not exist",
    "2026-11-23 18:44:13.119 UTC [71] postgres@default FATAL:  role \"root\" does not exist",
    "admin@",
    "postgresql@15-main.service: Failed with result 'exit-code'.",
    "getty@tty1.service",
    "logo@2x.png",
    "http://localhost:3000/@vite/client",
    "http://localhost:3000/healthz",
    "https://registry.example/@nestjs%2fcore",
    "https://registry.example:8443/@nestjs/core/-/core-10.4.1.tgz",
    "upstream: \"http://172.18.0.5:3000/welcome\", host: \"api.wosool.ai\"",
    "GET /error?code=ECONNREFUSED HTTP/1.1",
    "GET /page?code=404",
    "WWW-Authenticate: Basic realm=\"private area\"",
    "Basic authentication is required",
    "Authorization header is missing",
    "error: Authorization: header missing",
    "Bearer token is missing",
    "the --password option is required",
    "npm error code EINTEGRITY sha512-abc== integrity checksum failed when using sha512",
    "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    "primary key: id",
    "ERROR:  duplicate key value violates unique constraint \"PK_a3ffb1c0c8416b9fc6f907b7433\"",
    "Key (id)=(20202020-0687-4c41-b707-ed1bfca972a7) is not present in table \"workspace\".",
    "error:0909006C:PEM routines:get_name:no start line",
    "disk-pressure-eviction-threshold-exceeded1",
    "task-runner-0123456789abcdef",
    "requirepass is set, but no password was given",
    "mysql: [Warning] Using a password on the command line interface can be insecure.",
    "mysqld: ready for connections. Version: '8.0.36'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306",
    "docker run -p 3000:3000 --name twenty twentycrm/twenty",
    "Cookie: header too large",
    "1:M 23 Nov 2026 18:44:13.120 # Warning: no config file specified",
    "Still waiting... (30/300s)",
    "You must specify POSTGRES_PASSWORD, for example, \"-e POSTGRES_PASSWORD=password\" on \"docker run\".",
    "Write it as postgres://user:password@host:5432/name, or redis://:NEW_PASSWORD@redis:6379.",
    "mysql --host=db --port=3306 --protocol=tcp",
    "redis-cli -a \"$REDIS_PASSWORD\" --no-auth-warning ping",
    "query: SELECT \"u\".\"passwordHash\" FROM \"core\".\"user\" \"u\" WHERE \"u\".\"email\" = $1 -- PARAMETERS: [\"a\"]",
    "Mapped {/reset-password/:token, GET} route +0ms",
    "cannot load certificate key \"/etc/nginx/ssl/key.pem\": BIO_new_file() failed",
    "auth: { user: undefined, pass: undefined }",
    "-----BEGIN PRIVATE KEY-----",
    "[redacted:url-password:1]",
];

#[test]
fn secrets_vanish() {
    assert!(VANISH.len() >= 100);
    let mut shown = Vec::new();
    for (text, secret) in VANISH {
        let (text, secret) = (text.replace('~', ""), secret.replace('~', ""));
        let text = if secret.contains("aclpw") { text.replace(" *", " ~*") } else { text };
        let masked = Redactor::new().mask(&text);
        if masked.contains(&secret) || !masked.contains("[redacted:") {
            shown.push(format!("{text}\n    gives {masked}"));
        }
    }
    assert!(shown.is_empty(), "{} secrets are shown:\n{}", shown.len(), shown.join("\n"));
}

#[test]
fn evidence_stays() {
    assert!(STAY.len() >= 100);
    let mut changed = Vec::new();
    for text in STAY {
        let masked = Redactor::new().mask(text);
        if masked != *text {
            changed.push(format!("{text}\n    became {masked}"));
        }
    }
    assert!(changed.is_empty(), "{} texts were changed:\n{}", changed.len(), changed.join("\n"));
}

#[test]
fn a_mask_is_masked_no_further() {
    for (text, _) in VANISH {
        let once = Redactor::new().mask(&text.replace('~', ""));
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
