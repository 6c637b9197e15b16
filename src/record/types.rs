//! The vocabulary of the room: what an envelope can tell about a line.

/// How serious a line says it is. Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// `TRACE`, `VERBOSE`, `silly`, pino 10.
    Trace,
    /// `DEBUG`, PostgreSQL `DEBUG1`…, Redis `.`, pino 20.
    Debug,
    /// `INFO`, `LOG`, `SUCCESS`, `NOTICE`, `DETAIL`, `HINT`, `STATEMENT`, Redis `-` and `*`, pino 30.
    Info,
    /// `WARN`, `WARNING`, pino 40.
    Warn,
    /// `ERROR`, `err`, Redis `#` (which it uses for warnings and errors alike), pino 50.
    Error,
    /// `FATAL`, `PANIC`, `emerg`, `alert`, `crit`, pino 60.
    Fatal,
}

/// The program that wrote a line, as far as its prefix tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tech {
    /// A NestJS logger line.
    Nest,
    /// A Node.js program (pino, bunyan or winston JSON, `(node:12) Warning`).
    Node,
    /// ` NX ` messages.
    Nx,
    /// yarn 2+ (`➤ YN0028: │ `) and yarn 1 (`error …` is too generic and counts as none).
    Yarn,
    /// `npm ERR! `, `npm error `, `npm warn `.
    Npm,
    /// ` ERR_PNPM_…`.
    Pnpm,
    /// The PostgreSQL server.
    Postgres,
    /// `psql: error: `, `pg_isready`, `createdb: error: ` and other libpq clients.
    Psql,
    /// The Redis server.
    Redis,
    /// nginx' error log and its access log.
    Nginx,
    /// The MySQL or MariaDB server.
    Mysql,
    /// The Linux kernel's ring buffer.
    Kernel,
    /// A shell's own message (`/entrypoint.sh: line 9: …`, `sh: 1: …`) or a start script's `[date] [INFO] ` line.
    Shell,
    /// The Docker command line or engine.
    Docker,
}

impl Tech {
    /// Whether a package manager or a build tool says it: that is not of the process that it starts, and may come behind its end.
    #[must_use]
    pub const fn is_tool(self) -> bool {
        matches!(self, Self::Npm | Self::Yarn | Self::Pnpm | Self::Nx)
    }
}

/// Which output of the process a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Which clock a time was read from. Only times of one clock can be compared without knowledge from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Clock {
    /// The zone was written beside the time (or is known to be UTC); the value is UTC.
    Utc,
    /// A wall clock whose zone is not written.
    Local,
    /// A wall clock without year (journald, syslog); the year is taken as 1972, a leap year.
    LocalNoYear,
    /// Only a time of day; the date is taken as 1970-01-01.
    TimeOfDay,
    /// Microseconds since the kernel booted.
    Monotonic,
}

/// A time as a log gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// Microseconds since 1970-01-01T00:00:00 of [`Self::clock`].
    pub micros: i64,
    /// Which clock it was read from.
    pub clock: Clock,
}
