//! Words that stand where secrets could stand.

/// How a setting is, not what it holds.
#[rustfmt::skip]
pub(super) const STATES: &[&str] = &[
    "yes", "no", "true", "false", "null", "nil", "none", "undefined", "nan", "on", "off", "set", "unset", "empty",
    "missing", "required", "optional", "invalid", "valid", "expired", "revoked", "malformed", "incorrect", "wrong",
    "failed", "failure", "denied", "rejected", "accepted", "ok", "error", "unauthorized", "forbidden", "not", "is",
    "was", "must", "should", "cannot", "string", "number", "boolean", "object", "any", "unknown", "hidden", "masked",
    "redacted", "filtered", "authentication", "mismatch", "needed", "requires", "unbound", "parameter", "has",
    "given", "for", "and", "or", "the", "provided", "expected", "disabled", "erforderlich", "falsch", "fehlt", "ungültig",
    "requis", "requise", "requerida", "requerido", "obligatorio", "obligatoire", "incorrecta", "inválida", "obrigatória", "richiesta", "errata",
    "vereist", "wymagane", "неверный", "错误", "必填", "必須",
];

/// Never masked where they stand bare, though somebody may use one as a password.
#[rustfmt::skip]
pub(super) const COMMON: [&str; 72] = [
    "access", "account", "admin123", "administrator", "application", "backend", "bearer", "changeit", "changeme",
    "client", "config", "connection", "container", "database", "default", "develop", "development", "docker",
    "example", "failed", "frontend", "global", "guest", "healthy", "hostname", "internal", "invalid", "listen",
    "localhost", "manager", "mariadb", "master", "message", "migration", "mongodb", "mysql", "network", "nginx",
    "password", "passwort", "placeholder", "postgres", "postgresql", "private", "process", "production", "project",
    "public", "rabbitmq", "redis", "replica", "secret", "secrets", "server", "service", "session", "sample",
    "staging", "started", "string", "syntax", "system", "tenant", "testing", "timeout", "twenty", "undefined",
    "unexpected", "username", "worker", "workspace", "working",
];
