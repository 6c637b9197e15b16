//! Where the engine is: DOCKER_HOST, DOCKER_CONTEXT, the current context of the Docker configuration, then the usual sockets.
//!
//! The client library reads no contexts, silently ignores a DOCKER_HOST that is not unix, and takes an empty one for an address; therefore
//! all of it is resolved here, as the `docker` command does.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::EngineError;

/// What the resolution looks at besides files; given as an argument so that tests need no process environment.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `DOCKER_HOST`.
    pub host: Option<String>,
    /// `DOCKER_CONTEXT`.
    pub context: Option<String>,
    /// `DOCKER_CONFIG`.
    pub config: Option<PathBuf>,
    /// `DOCKER_CERT_PATH`.
    pub certificates: Option<PathBuf>,
    /// Whether `DOCKER_TLS_VERIFY` is set.
    pub tls: bool,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `XDG_RUNTIME_DIR`.
    pub runtime: Option<PathBuf>,
}

impl Environment {
    /// That of this process. Empty variables count as unset.
    #[must_use]
    pub fn of_process() -> Self {
        let get = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let path = |name: &str| get(name).map(PathBuf::from);
        Self {
            host: get("DOCKER_HOST"),
            context: get("DOCKER_CONTEXT"),
            config: path("DOCKER_CONFIG"),
            certificates: path("DOCKER_CERT_PATH"),
            tls: get("DOCKER_TLS_VERIFY").is_some(),
            home: path("HOME"),
            runtime: path("XDG_RUNTIME_DIR"),
        }
    }

    fn config_dir(&self) -> Option<PathBuf> {
        self.config.clone().or_else(|| self.home.as_ref().map(|home| home.join(".docker")))
    }
}

/// Where an engine is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://user@host`.
    pub url: String,
    /// Where it was read, as a phrase: `DOCKER_HOST`, `the context "prod"`, `the default socket`.
    pub origin: String,
    /// The folder with `ca.pem`, `cert.pem` and `key.pem`, for TLS.
    pub certificates: Option<PathBuf>,
}

impl Address {
    /// The address as it is shown: without a password.
    #[must_use]
    pub fn shown(&self) -> String {
        shown(&self.url)
    }

    /// Whether files of the engine can be files of this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.url.starts_with("unix://")
    }
}

/// The engine's address by these settings.
///
/// # Errors
/// When a setting names a context that does not exist or an address of an unknown kind.
pub fn resolve(environment: &Environment) -> Result<Address, EngineError> {
    if let Some(host) = &environment.host {
        let tls = environment.tls || environment.certificates.is_some();
        let folder = environment.certificates.clone().or_else(|| environment.config_dir()).filter(|_| tls);
        return known(host, "DOCKER_HOST", folder);
    }
    let named = environment.context.clone().map(|name| (name, "DOCKER_CONTEXT".to_owned()));
    let (name, origin) = match named.or_else(|| current(environment)) {
        Some((name, origin)) if name != "default" => (name, origin),
        _ => return Ok(default_socket(environment, &Path::exists)),
    };
    let context = environment.config_dir().and_then(|folder| context(&folder, &name));
    let missing = || EngineError::Setting { what: format!("the context \"{name}\" (from {origin}) does not exist") };
    let (host, certificates) = context.ok_or_else(missing)?;
    known(&host, &format!("the context \"{name}\", from {origin}"), certificates)
}

/// An address without the password that somebody may have put into it.
fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    match authority.rsplit_once('@').and_then(|(user, host)| Some((user.split_once(':')?.0, host))) {
        Some((user, host)) => format!("{scheme}://{user}:[redacted]@{host}{path}"),
        None => url.to_owned(),
    }
}

/// An address of ssh without its port: the client library hands the host on to ssh with all that follows it. The usual port is none to ssh.
fn without_port(url: String, origin: &str) -> Result<String, EngineError> {
    let authority = url.strip_prefix("ssh://").map(|rest| rest.split('/').next().unwrap_or_default());
    let port = authority.and_then(|text| text.rsplit_once(':')).and_then(|(_, port)| port.parse::<u16>().ok());
    match port {
        None => Ok(url),
        Some(22) => Ok(url.replacen(":22", "", 1)),
        Some(port) => {
            let what = format!(
                "{origin} names port {port} of an ssh host, which cannot be handed on: give the host \"Port {port}\" in ~/.ssh/config, and leave it out of {}",
                shown(&url)
            );
            Err(EngineError::Setting { what })
        }
    }
}

fn known(host: &str, origin: &str, certificates: Option<PathBuf>) -> Result<Address, EngineError> {
    let host = host.trim();
    let url = if host.starts_with('/') { format!("unix://{host}") } else { host.to_owned() };
    let schemes = ["unix://", "tcp://", "http://", "https://", "ssh://"];
    if !schemes.iter().any(|scheme| url.starts_with(scheme) && url.len() > scheme.len()) {
        let what =
            format!("{origin} is \"{}\", which is no address of an engine (unix://, tcp:// or ssh://)", shown(host));
        return Err(EngineError::Setting { what });
    }
    let url = without_port(url, origin)?;
    let certificates = certificates.filter(|_| !url.starts_with("unix://") && !url.starts_with("ssh://"));
    Ok(Address { url, origin: origin.to_owned(), certificates })
}

/// The first of the usual sockets that exists; Docker's own when none does, so that the message names it.
fn default_socket(environment: &Environment, exists: &dyn Fn(&Path) -> bool) -> Address {
    let under = |base: &Option<PathBuf>, path: &str| base.as_ref().map(|base| base.join(path));
    let rootless = [
        (under(&environment.runtime, "docker.sock"), "the rootless socket"),
        (under(&environment.home, ".docker/run/docker.sock"), "the socket of Docker Desktop"),
        (under(&environment.home, ".docker/desktop/docker.sock"), "the socket of Docker Desktop"),
        (under(&environment.runtime, "podman/podman.sock"), "podman's socket"),
        (Some(PathBuf::from("/run/podman/podman.sock")), "podman's socket"),
    ];
    let first = (Some(PathBuf::from("/var/run/docker.sock")), "the default socket");
    let all = std::iter::once(first.clone()).chain(rootless);
    let found = all.filter_map(|(path, origin)| Some((path?, origin))).find(|(path, _)| exists(path));
    let (path, origin) = found.unwrap_or_else(|| (first.0.unwrap_or_default(), first.1));
    Address { url: format!("unix://{}", path.display()), origin: origin.to_owned(), certificates: None }
}

#[derive(Deserialize)]
struct Config {
    #[serde(rename = "currentContext")]
    current: Option<String>,
}

fn current(environment: &Environment) -> Option<(String, String)> {
    let path = environment.config_dir()?.join("config.json");
    let config: Config = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
    let name = config.current.filter(|name| !name.is_empty())?;
    Some((name, path.display().to_string()))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Meta {
    name: String,
    endpoints: Endpoints,
}

#[derive(Deserialize)]
struct Endpoints {
    docker: Option<DockerEndpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DockerEndpoint {
    host: Option<String>,
}

/// Host and folder of certificates of a context. Contexts lie in folders named by a hash of their names; looking into each saves the hash.
fn context(config: &Path, name: &str) -> Option<(String, Option<PathBuf>)> {
    for entry in fs::read_dir(config.join("contexts/meta")).ok()?.flatten() {
        let text = fs::read(entry.path().join("meta.json")).unwrap_or_default();
        let Ok(meta) = serde_json::from_slice::<Meta>(&text) else { continue };
        if meta.name == name {
            let tls = config.join("contexts/tls").join(entry.file_name()).join("docker");
            return Some((meta.endpoints.docker?.host?, tls.join("ca.pem").exists().then_some(tls)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_context(host: &str) -> (tempfile::TempDir, Environment) {
        let home = tempfile::tempdir().unwrap();
        let meta = home.path().join(".docker/contexts/meta/0a1b");
        fs::create_dir_all(&meta).unwrap();
        let text = format!(
            r#"{{"Name":"prod","Metadata":{{}},"Endpoints":{{"docker":{{"Host":"{host}","SkipTLSVerify":false}}}}}}"#
        );
        fs::write(meta.join("meta.json"), text).unwrap();
        let environment = Environment { home: Some(home.path().to_owned()), ..Environment::default() };
        (home, environment)
    }

    #[test]
    fn docker_host_comes_first_and_may_be_a_bare_path() {
        let (_home, mut environment) = with_context("ssh://root@prod");
        environment.context = Some("prod".to_owned());
        environment.host = Some("/tmp/x.sock".to_owned());
        let address = resolve(&environment).unwrap();
        assert_eq!((address.url.as_str(), address.origin.as_str()), ("unix:///tmp/x.sock", "DOCKER_HOST"));
        environment.host = Some("carrier-pigeon://x".to_owned());
        assert!(matches!(resolve(&environment), Err(EngineError::Setting { .. })));
    }

    #[test]
    fn a_port_of_ssh_is_one_of_its_own_configuration() {
        let of = |url: &str| known(url, "DOCKER_HOST", None).map(|address| address.url);
        assert_eq!(of("ssh://root@localhost:22").as_deref(), Ok("ssh://root@localhost"));
        assert_eq!(of("ssh://root@prod").as_deref(), Ok("ssh://root@prod"));
        assert_eq!(of("tcp://prod:2375").as_deref(), Ok("tcp://prod:2375"));
        assert!(of("ssh://root@prod:2222").unwrap_err().to_string().contains("\"Port 2222\" in ~/.ssh/config"));
    }

    #[test]
    fn a_password_in_an_address_is_not_shown() {
        for (url, expected) in [
            ("tcp://admin:S3cret@10.0.0.1:2376", "tcp://admin:[redacted]@10.0.0.1:2376"),
            ("https://admin:p@ss@h/v1", "https://admin:[redacted]@h/v1"),
            ("ssh://root@prod:22", "ssh://root@prod:22"),
            ("unix:///var/run/docker.sock", "unix:///var/run/docker.sock"),
            ("tcp://[::1]:2375", "tcp://[::1]:2375"),
        ] {
            assert_eq!(shown(url), expected);
        }
    }

    #[test]
    fn contexts_are_named_by_variable_or_by_configuration() {
        let (home, mut environment) = with_context("ssh://root@prod");
        environment.context = Some("prod".to_owned());
        assert_eq!(resolve(&environment).unwrap().url, "ssh://root@prod");
        environment.context = Some("stage".to_owned());
        assert!(resolve(&environment).unwrap_err().to_string().contains("\"stage\" (from DOCKER_CONTEXT)"));
        environment.context = None;
        fs::write(home.path().join(".docker/config.json"), r#"{"auths":{},"currentContext":"prod"}"#).unwrap();
        let address = resolve(&environment).unwrap();
        assert_eq!(address.url, "ssh://root@prod");
        assert!(address.origin.contains("config.json"), "{}", address.origin);
    }

    #[test]
    fn a_context_brings_its_certificates() {
        let (home, mut environment) = with_context("tcp://10.0.0.1:2376");
        let tls = home.path().join(".docker/contexts/tls/0a1b/docker");
        fs::create_dir_all(&tls).unwrap();
        fs::write(tls.join("ca.pem"), "").unwrap();
        environment.context = Some("prod".to_owned());
        assert_eq!(resolve(&environment).unwrap().certificates, Some(tls));
    }

    #[test]
    fn the_context_default_is_the_socket() {
        let (_home, mut environment) = with_context("ssh://root@prod");
        environment.context = Some("default".to_owned());
        assert!(resolve(&environment).unwrap().url.starts_with("unix://"));
    }

    #[test]
    fn of_several_sockets_the_usual_one_comes_first() {
        let environment = Environment { runtime: Some(PathBuf::from("/run/user/1000")), ..Environment::default() };
        let found = |there: &'static [&'static str]| {
            default_socket(&environment, &move |path| there.iter().any(|known| Path::new(known) == path)).origin
        };
        assert_eq!(found(&["/run/user/1000/docker.sock", "/var/run/docker.sock"]), "the default socket");
        assert_eq!(found(&["/run/user/1000/docker.sock"]), "the rootless socket");
        assert_eq!(found(&["/run/podman/podman.sock"]), "podman's socket");
        assert_eq!(found(&[]), "the default socket");
    }
}
