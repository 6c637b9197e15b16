//! Random tokens that nothing names, and what only looks like one.

/// A text and the part of it that must vanish; `~` is taken out first.
#[rustfmt::skip]
pub(crate) const MORE: &[(&str, &str)] = &[
    ("worker got q8Zr2TnV5xL~k9WbY3mHc7PdJ4sGf from the pool", "xLk9WbY3mHc7"),
    ("GET /v1/q8Zr2TnV5xL~k9WbY3mHc7PdJ4sGf/forecast 404", "xLk9WbY3mHc7"),
    ("session saved { _id: 1, lang: 'en' } oHVBqA8XYS7lk~Q-4yN9NK_ywxTpSj2OQ", "lkQ-4yN9NK"),
    ("frame 4: dGhpcyBpcyBhIHN~lY3JldA0KZm9v/YmFyMTIzNDU2Nzg5MA==", "lY3JldA0KZm9v"),
    ("API_KEY=LO98brdL1pYstTOt~5uF1L62AiTMhbGKK\nGET https://api.example.com/v1/LO98brdL1pYstTOt5uF1L62AiTMhbGKK/x", "brdL1pYstTOt5uF1L62A"),
    // What a program could not read, or did not know.
    ("mysqld: [ERROR] unknown variable 'passwrod=QvTop91'", "QvTop91"),
    ("mysqladmin: [ERROR] unknown option '--pasword=QvTop91'", "QvTop91"),
    ("failed to read .env: line 4: unexpected character \"#\" in variable name \"DB_PASSWORD QvTop91#x\"", "QvTop91"),
    ("failed to read .env: line 4: unexpected character \"!\" in variable name near \"QvTop91!rest\\nFOO=bar\\n\"", "QvTop91"),
    ("failed to read .env: line 4: unterminated quoted value \"QvTop91", "QvTop91"),
    // A piece of the password, taken for the host.
    ("Error: getaddrinfo ENOTFOUND zzTop92@db", "zzTop92"),
    ("getaddrinfo EAI_AGAIN horse@cache", "horse"),
    ("psql: error: could not translate host name \"w#rd1@db\" to address: Name or service not known", "w#rd1"),
    ("psql: error: invalid port number: \"QvTop91@db:5432\"", "QvTop91"),
    ("Error: P1001: Can't reach database server at `zzTop92@db:5432`", "zzTop92"),
    ("ERROR 2005 (HY000): Unknown MySQL server host 'QvTop91@db' (-2)", "QvTop91"),
    ("ConnectionError: Error -2 connecting to QvTop91@redis:6379. Name or service not known.", "QvTop91"),
    ("FATAL:  database \"QvTop91@db:5432/default\" does not exist", "QvTop91"),
    ("dial tcp: lookup QvTop91@db: no such host", "QvTop91"),
    ("Error: getaddrinfo ENOTFOUND QvTop91@smtp.acme.example", "QvTop91"),
];

/// Evidence: ids, digests, public keys, names of files and of programs.
#[rustfmt::skip]
pub(crate) const STAY: &[&str] = &[
    "npm error sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg== integrity checksum failed",
    "golang.org/x/net v0.1.0 h1:hZ/3BUoy5aId7sCpA/Tc5lt8DkFgdVS2onTpJsZ/fl0=",
    "ssh: host key SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8 is not known",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl git@x",
    "x-amz-id-2: eftixk72aD6Ap51TnqcoF8eFidJG9Z/2mkiDFu8yU9AS1ed4OpIszj7UDNEHGran",
    "S3 error, request id: 4442587FB7D0A2F9, host id: vlR7PnpV2Ce81l0PRw6jlUpck7Jo5ZsQjryTjKlc5aLWGVHPZLj5NeC6qMa0emYBDXOo6QBU0Wo",
    "ETag: W/\"1f4-X9Vi7zZZZHlaapz4y4QxVKnyJ2j5b\"",
    "GET /assets/main-BXk3f9aQ7dT2wLpR5vNc8JhG.js 404",
    "No such price: 'price_1PqXyZ2eZvKYlo2C0aBcDeFg'",
    "violates unique constraint \"PK_a3ffb1c0c8416b9fc6f907b7433\"",
    "   4: _ZN4core3fmt9Formatter3pad17h2cb4d9f1a6e0b3c5E",
    "  at com.acme.UserService$$EnhancerBySpringCGLIB$$3f2c1a9b.findAll(<generated>)",
    "public key: MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
    "Public key pins do not match, peer: xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=",
    "//# sourceMappingURL=data:application/json;base64,dmVyc2lvbjozLHNvdXJjZXM6WyJhLnRzIl0sQTFCMkMz/xLk9WbY3==",
    "overlay2/l/4OTXQDWIXAQYZ7MYCFZ4ZVJXVA and 01HQZX3V7K9M2N4P6R8T0W1Y3A",
    "SELECT \"UserEntity__UserEntity_workspaceMembers2Id\" FROM \"core\".\"UserWorkspaceTable1\"",
    "contract 0x52908400098527886E0F7030069857D2E4169EE7 reverted",
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "traceId=4bf92f3577b34da6a3ce929d0e0e4736 cursor=eyyAbC9dE8fG7hI6jK5lM4nO3pQ2",
    "ssh: connect to deploy@build.internal failed; lookup of @nestjs/core@10.4.1 is not needed",
    "database \"crm\" on deploy@host does not exist",
    "npm error 404 Not Found: lookup @acme/ui@1.2.3",
    "failed to read .env: line 4: unexpected character \".\" in variable name \"my.setting\"",
    "mysqld: [ERROR] unknown variable 'inodb_buffer_pool_size'",
];
