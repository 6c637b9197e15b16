//! The containers, networks and images of one test, removed when it ends.

use std::cell::RefCell;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::image;

/// How long a state may take to come about on a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What a command gave.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.stdin(Stdio::null()).output().expect("the command starts");
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs the `docker` command line.
pub(crate) fn docker(args: &[&str]) -> Run {
    Run::of(Command::new("docker").args(args))
}

/// The same, where a failure is the test's own fault.
pub(crate) fn must(args: &[&str]) -> String {
    let run = docker(args);
    assert!(run.code == 0, "docker {args:?} failed: {}{}", run.stdout, run.stderr);
    run.stdout.trim().to_owned()
}

/// Containers, networks and images with a common prefix.
pub(crate) struct Stage {
    prefix: String,
    containers: RefCell<Vec<String>>,
    networks: RefCell<Vec<String>>,
    images: RefCell<Vec<String>>,
}

impl Stage {
    /// A stage whose names no other test, and no other run, uses.
    pub(crate) fn new(topic: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("dtest{}n{number}-{topic}", std::process::id());
        Self { prefix, containers: RefCell::default(), networks: RefCell::default(), images: RefCell::default() }
    }

    /// The full name of something on this stage; a compose project's name, if the rest is empty.
    pub(crate) fn name(&self, rest: &str) -> String {
        if rest.is_empty() { self.prefix.clone() } else { format!("{}-{rest}", self.prefix) }
    }

    /// `docker VERB --name NAME OPTIONS… IMAGE COMMAND…`, whether it works or not.
    fn begin(&self, verb: &[&str], rest: &str, options: &[&str], image: &str, command: &[&str]) -> (String, Run) {
        let name = self.name(rest);
        self.containers.borrow_mut().push(name.clone());
        let args = [verb, &["--name", &name], options, &[image], command].concat();
        let run = docker(&args);
        (name, run)
    }

    /// A container that runs a script. The script is a file, so that its words, which it prints, do not stand in the container's command.
    fn begin_script(&self, rest: &str, options: &[&str], image: &str, script: &str) -> (String, Run) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), script).unwrap();
        let (name, run) = self.begin(&["create"], rest, options, image, &["sh", "/start.sh"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        must(&["cp", file.path().to_str().unwrap(), &format!("{name}:/start.sh")]);
        let run = docker(&["start", &name]);
        (name, run)
    }

    /// A container that the engine cannot start.
    pub(crate) fn cannot_start(&self, rest: &str, options: &[&str], command: &[&str]) -> String {
        let (name, run) = self.begin(&["run", "-d"], rest, options, image::small(), command);
        assert_ne!(run.code, 0, "{name} was started");
        name
    }

    /// A container that was only created.
    pub(crate) fn create(&self, rest: &str, options: &[&str], command: &[&str]) -> String {
        let (name, run) = self.begin(&["create"], rest, options, image::small(), command);
        assert_eq!(run.code, 0, "{}", run.stderr);
        name
    }

    /// A container of the small image that the engine starts.
    pub(crate) fn start(&self, rest: &str, options: &[&str], command: &[&str]) -> String {
        self.start_of(image::small(), rest, options, command)
    }

    /// A container of an image that the engine starts. `sh -c` runs its script from a file.
    pub(crate) fn start_of(&self, image: &str, rest: &str, options: &[&str], command: &[&str]) -> String {
        let (name, run) = match command {
            ["sh", "-c", script] => self.begin_script(rest, options, image, script),
            _ => self.begin(&["run", "-d"], rest, options, image, command),
        };
        assert_eq!(run.code, 0, "{}", run.stderr);
        name
    }

    /// A container that runs a shell script and has ended.
    pub(crate) fn ended(&self, rest: &str, options: &[&str], script: &str) -> String {
        let name = self.start(rest, options, &["sh", "-c", script]);
        wait(&name, "{{.State.Status}}", "exited");
        name
    }

    /// The small image with a change, as an instruction of a Dockerfile.
    pub(crate) fn image(&self, change: &str) -> String {
        let name = self.name("image");
        let base = self.create("base", &[], &["true"]);
        must(&["commit", "--change", change, &base, &name]);
        self.images.borrow_mut().push(name.clone());
        name
    }

    /// A user network.
    pub(crate) fn network(&self, rest: &str) -> String {
        let name = self.name(rest);
        must(&["network", "create", &name]);
        self.networks.borrow_mut().push(name.clone());
        name
    }

    /// The options that make a container a service of this stage's compose project, in its network. Real images tell their port (EXPOSE).
    pub(crate) fn service(&self, network: &str, service: &str, port: u16) -> Vec<String> {
        let label = |key: &str, value: &str| format!("--label=com.docker.compose.{key}={value}");
        vec![
            format!("--network={network}"),
            format!("--network-alias={service}"),
            format!("--expose={port}"),
            label("project", &self.prefix),
            label("service", service),
            label("container-number", "1"),
            label("oneoff", "False"),
        ]
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for name in self.containers.borrow().iter() {
            docker(&["rm", "--force", "--volumes", name]);
        }
        for name in self.networks.borrow().iter() {
            docker(&["network", "rm", name]);
        }
        for name in self.images.borrow().iter() {
            docker(&["image", "rm", name]);
        }
    }
}

/// Waits until a container's field has a value.
pub(crate) fn wait(name: &str, format: &str, wanted: &str) {
    let mut last = String::new();
    until(&format!("{name}: {format} is {wanted}"), || {
        last = docker(&["inspect", "--format", format, name]).stdout.trim().to_owned();
        last == wanted
    });
}

/// Waits until a container has printed a text, and has printed it `times` times.
pub(crate) fn wait_for_log(name: &str, text: &str, times: usize) {
    until(&format!("{name} prints {text:?} {times} times"), || {
        let run = docker(&["logs", name]);
        run.stdout.matches(text).count() + run.stderr.matches(text).count() >= times
    });
}

/// Waits until something holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < PATIENCE, "did not come about in {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// One field of `docker inspect`.
pub(crate) fn inspect(name: &str, format: &str) -> String {
    must(&["inspect", "--format", format, name])
}

/// Options as the methods of a stage take them.
pub(crate) fn refs(options: &[String]) -> Vec<&str> {
    options.iter().map(String::as_str).collect()
}
