//! Why the engine gave no answer, in words for the one who typed the command.

use std::error::Error;
use std::io;

use super::address::Address;

/// Something that kept the engine from answering. Each variant has its own [`EngineError::help`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The settings name no usable address.
    #[error("{what}")]
    Setting {
        /// What is wrong, and where it was read.
        what: String,
    },
    /// Nothing answers at the address.
    #[error("there is no Docker engine at {url} (from {origin}): {why}")]
    NotThere {
        /// The address.
        url: String,
        /// Where the address came from.
        origin: String,
        /// What the system said.
        why: String,
    },
    /// The engine's socket may not be used by this user.
    #[error("the Docker engine at {url} (from {origin}) may not be used by this user")]
    NotPermitted {
        /// The address.
        url: String,
        /// Where the address came from.
        origin: String,
    },
    /// The engine did not answer in time.
    #[error("the Docker engine at {url} (from {origin}) gave no answer within {seconds} s")]
    NoAnswer {
        /// The address.
        url: String,
        /// Where the address came from.
        origin: String,
        /// How long was waited.
        seconds: u64,
    },
    /// A name that no container can have.
    #[error("{name:?} is not the name of a container")]
    BadName {
        /// What was typed.
        name: String,
    },
    /// No container has this name.
    #[error("there is no container \"{name}\"")]
    Unknown {
        /// What was typed.
        name: String,
        /// Names that are near, the nearest first.
        near: Vec<String>,
        /// Whether the engine has any container at all.
        any: bool,
    },
    /// The container was removed while it was watched.
    #[error("the container \"{name}\" was removed while it was watched")]
    Removed {
        /// What was typed.
        name: String,
    },
    /// An id's beginning that several containers share.
    #[error("\"{name}\" could be several containers")]
    Ambiguous {
        /// What was typed.
        name: String,
        /// Their names.
        candidates: Vec<String>,
    },
    /// The container's log cannot be read with its logging driver.
    #[error("the logging driver \"{driver}\" keeps no log that can be read")]
    NoLog {
        /// The driver.
        driver: String,
    },
    /// The engine itself could not read a part of a container's log.
    #[error("the engine could not read a part of the log: {said}")]
    Damaged {
        /// What it said.
        said: String,
    },
    /// The engine stopped in the middle of a log.
    #[error("{}", if *silent { "the engine said no more of it" } else { "the time for this log is over" })]
    Late {
        /// Whether nothing came any more, or too much.
        silent: bool,
    },
    /// An answer that is longer than any real one.
    #[error(
        "the Docker engine at {url} answers {question} with more than {most} KiB, and was not listened to any longer"
    )]
    Long {
        /// The address.
        url: String,
        /// What was asked.
        question: String,
        /// How much is listened to.
        most: usize,
    },
    /// The engine refused.
    #[error("the Docker engine at {url} answered {status}: {message}")]
    Refused {
        /// The address.
        url: String,
        /// HTTP status.
        status: u16,
        /// What it said.
        message: String,
    },
    /// The connection broke.
    #[error("the connection to the Docker engine at {url} broke: {why}")]
    Broken {
        /// The address.
        url: String,
        /// What happened.
        why: String,
    },
}

impl EngineError {
    /// The one thing to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Setting { .. } => "correct it, or unset it to use the default socket".to_owned(),
            Self::NotThere { .. } => {
                "start the engine (sudo systemctl start docker), or name another with DOCKER_HOST or docker context use"
                    .to_owned()
            }
            Self::NotPermitted { .. } => "run it with sudo, or as a user of the group docker".to_owned(),
            Self::NoAnswer { .. } => "see whether docker ps answers; if not, restart the engine".to_owned(),
            Self::BadName { .. } => "a name is made of letters, digits, _ . and -; docker ps -a lists all".to_owned(),
            Self::Unknown { near, .. } if !near.is_empty() => format!("did you mean {}?", near.join(", ")),
            Self::Unknown { any: false, .. } => {
                "this engine has no containers: is it the right one? See docker context ls".to_owned()
            }
            Self::Unknown { .. } => "docker ps -a lists all, stopped ones too".to_owned(),
            Self::Removed { .. } => "start it anew, and follow it from its start".to_owned(),
            Self::Ambiguous { candidates, .. } => format!("say which: {}", candidates.join(", ")),
            Self::NoLog { driver } if driver == "none" => {
                "nothing of it is kept, and docker logs cannot show it either: recreate the container with the driver json-file or local, \
                 or start it in the foreground (docker start -a NAME)"
                    .to_owned()
            }
            Self::NoLog { .. } => {
                "read the log where the driver sends it and pipe it in; or use the driver json-file or local".to_owned()
            }
            Self::Damaged { .. } => "recreate the container to begin a new log file".to_owned(),
            Self::Long { .. } => "look at the answer: docker inspect NAME, or docker ps -a".to_owned(),
            Self::Refused { .. } | Self::Broken { .. } | Self::Late { .. } => {
                "see whether docker ps answers, and try again".to_owned()
            }
        }
    }

    /// Whether a log piped in by hand would do without what failed.
    #[must_use]
    pub const fn offers_pipe(&self) -> bool {
        matches!(self, Self::NotThere { .. } | Self::NotPermitted { .. } | Self::NoAnswer { .. } | Self::Setting { .. })
    }

    /// Whether the container is not there (any more).
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::Unknown { .. } | Self::Refused { status: 404, .. })
    }

    /// What a failed call means. `seconds` is how long was waited.
    pub(super) fn of(address: &Address, error: &bollard::errors::Error, seconds: u64) -> Self {
        use bollard::errors::Error as Client;
        let (url, origin) = (address.shown(), address.origin.clone());
        match error {
            Client::RequestTimeoutError => Self::NoAnswer { url, origin, seconds },
            Client::SocketNotFoundError(_) => Self::NotThere { url, origin, why: "no such file".to_owned() },
            Client::DockerResponseServerError { status_code, message } => {
                Self::Refused { url, status: *status_code, message: message.clone() }
            }
            _ => match cause(error) {
                Some((io::ErrorKind::PermissionDenied, _)) => Self::NotPermitted { url, origin },
                Some((io::ErrorKind::TimedOut, _)) => Self::NoAnswer { url, origin, seconds },
                Some((
                    io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe,
                    why,
                )) => Self::Broken { url, why },
                Some((_, why)) => Self::NotThere { url, origin, why },
                None => Self::Broken { url, why: innermost(error) },
            },
        }
    }
}

/// The first error of the system in a chain of causes.
fn cause(error: &(dyn Error + 'static)) -> Option<(io::ErrorKind, String)> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            return Some((io.kind(), io.to_string()));
        }
        next = error.source();
    }
    None
}

pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(deeper) = last.source() {
        last = deeper;
    }
    last.to_string()
}
