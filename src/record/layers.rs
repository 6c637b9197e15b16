//! Which envelopes were found around a line.

use std::fmt;

/// A set of envelope layers. Order is not kept: it says what was seen, not how it was nested.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Layers(u32);

impl Layers {
    /// Nothing was recognised: the line is its own body.
    pub const NONE: Self = Self(0);
    /// Docker's json-file record.
    pub const DOCKER_JSON: Self = Self(1);
    /// The stamp of `docker logs -t` and `kubectl logs --timestamps`.
    pub const DOCKER_STAMP: Self = Self(1 << 1);
    /// `server-1  | `.
    pub const COMPOSE: Self = Self(1 << 2);
    /// The container runtime interface's `… stderr F `.
    pub const CRI: Self = Self(1 << 3);
    /// journald's short forms and syslog files.
    pub const JOURNALD: Self = Self(1 << 4);
    /// The kernel's ring buffer, raw or `dmesg -T`.
    pub const KERNEL: Self = Self(1 << 5);
    /// `[0] ` and other task prefixes (`[server] `, `api:dev: `).
    pub const CONCURRENTLY: Self = Self(1 << 6);
    /// A stamp or a level word of a start script or an unnamed logger.
    pub const SCRIPT: Self = Self(1 << 7);
    /// The NestJS console logger.
    pub const NEST: Self = Self(1 << 8);
    /// A JSON logger: pino, bunyan, winston, NestJS.
    pub const JSON: Self = Self(1 << 9);
    /// pino-pretty.
    pub const PINO_PRETTY: Self = Self(1 << 10);
    /// The PostgreSQL server.
    pub const POSTGRES: Self = Self(1 << 11);
    /// The Redis or Valkey server.
    pub const REDIS: Self = Self(1 << 12);
    /// nginx, error log or access log.
    pub const NGINX: Self = Self(1 << 13);
    /// MySQL, MariaDB and their entrypoint.
    pub const MYSQL: Self = Self(1 << 14);
    /// npm's own messages.
    pub const NPM: Self = Self(1 << 15);
    /// yarn 2+.
    pub const YARN: Self = Self(1 << 16);
    /// The ` NX ` badge.
    pub const NX: Self = Self(1 << 17);
    /// BuildKit's plain progress.
    pub const BUILDKIT: Self = Self(1 << 18);
    /// `time=… level=… msg="…"`.
    pub const LOGFMT: Self = Self(1 << 19);
    /// `[pod/name/container] ` of `kubectl logs --prefix`.
    pub const KUBERNETES: Self = Self(1 << 20);
    /// A line whose writer is known by its wording; nothing was peeled off.
    pub const WORDING: Self = Self(1 << 21);
    /// `aws logs tail`: the stream of a task behind the stamp.
    pub const CLOUDWATCH: Self = Self(1 << 22);

    const NAMES: [(Self, &'static str); 23] = [
        (Self::DOCKER_JSON, "docker-json"),
        (Self::DOCKER_STAMP, "docker-stamp"),
        (Self::COMPOSE, "compose"),
        (Self::CRI, "cri"),
        (Self::JOURNALD, "journald"),
        (Self::KERNEL, "kernel"),
        (Self::CONCURRENTLY, "concurrently"),
        (Self::SCRIPT, "script"),
        (Self::NEST, "nest"),
        (Self::JSON, "json"),
        (Self::PINO_PRETTY, "pino-pretty"),
        (Self::POSTGRES, "postgres"),
        (Self::REDIS, "redis"),
        (Self::NGINX, "nginx"),
        (Self::MYSQL, "mysql"),
        (Self::NPM, "npm"),
        (Self::YARN, "yarn"),
        (Self::NX, "nx"),
        (Self::BUILDKIT, "buildkit"),
        (Self::LOGFMT, "logfmt"),
        (Self::KUBERNETES, "kubernetes"),
        (Self::WORDING, "wording"),
        (Self::CLOUDWATCH, "cloudwatch"),
    ];

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every layer of `other` is in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether no layer was recognised.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The names of the layers, as the report prints them, from transport to application.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(layer, _)| self.contains(*layer)).map(|(_, name)| name)
    }
}

impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
