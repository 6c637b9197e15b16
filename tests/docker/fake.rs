//! A small engine of our own, for what a real one does not do on demand: going away, not answering, answering like podman.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// How one request is answered.
#[derive(Clone)]
pub(crate) enum Reply {
    Json(u16, Value),
    /// Pieces of a stream, and its proper end.
    Stream(Vec<Vec<u8>>),
    /// Pieces of a stream, and then the engine is gone: this connection and all later ones.
    Gone(Vec<Vec<u8>>),
    /// Pieces of a stream, and then nothing, for ever.
    Stalled(Vec<Vec<u8>>),
}

/// An engine on a socket in a folder of its own.
pub(crate) struct Fake {
    folder: tempfile::TempDir,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// An engine with one container; `replies` are by the path's end, before the query.
    pub(crate) fn begin(inspect: Value, replies: &[(&str, Reply)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("engine.sock")).unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let desk = Desk {
            inspect,
            replies: replies.iter().map(|(path, reply)| ((*path).to_owned(), reply.clone())).collect(),
            gone: AtomicBool::new(false),
            asked: Arc::clone(&asked),
        };
        std::thread::spawn(move || {
            let desk = Arc::new(desk);
            for stream in listener.incoming().flatten() {
                let desk = Arc::clone(&desk);
                std::thread::spawn(move || desk.serve(stream));
            }
        });
        Self { folder, asked }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("engine.sock")
    }

    /// As DOCKER_HOST takes it.
    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// The requests so far: method and path.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

struct Desk {
    inspect: Value,
    replies: BTreeMap<String, Reply>,
    gone: AtomicBool,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Desk {
    fn serve(&self, stream: UnixStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut stream = stream;
        while !self.gone.load(Ordering::SeqCst) {
            let Some((method, path)) = request(&mut reader) else { return };
            self.asked.lock().unwrap().push(format!("{method} {path}"));
            if self.reply(&mut stream, &path).is_none() {
                return;
            }
        }
    }

    /// Answers; none when the connection is over.
    fn reply(&self, stream: &mut UnixStream, path: &str) -> Option<()> {
        let path = path.split('?').next()?;
        let own = self.replies.iter().find(|(end, _)| path.ends_with(end.as_str()));
        let reply = own.map_or_else(|| self.usual(path), |(_, reply)| reply.clone());
        match reply {
            Reply::Json(status, value) => {
                let body = value.to_string();
                let head = format!(
                    "HTTP/1.1 {status} Answer\r\nApi-Version: 1.41\r\nServer: Docker/20.10.24 (linux)\r\nContent-Type: application/json\r\n"
                );
                write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).ok()
            }
            Reply::Stream(pieces) => {
                send(stream, &pieces)?;
                write!(stream, "0\r\n\r\n").ok()
            }
            Reply::Gone(pieces) => {
                send(stream, &pieces)?;
                self.gone.store(true, Ordering::SeqCst);
                None
            }
            Reply::Stalled(pieces) => {
                send(stream, &pieces)?;
                std::thread::sleep(Duration::from_secs(600));
                None
            }
        }
    }

    fn usual(&self, path: &str) -> Reply {
        let ok = |value: Value| Reply::Json(200, value);
        let name = self.inspect["Name"].as_str().unwrap().trim_start_matches('/');
        if path.ends_with("/_ping") {
            ok(json!("OK"))
        } else if path.ends_with("/version") {
            ok(
                json!({"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12", "Os": "linux", "Arch": "amd64", "GitCommit": "x", "GoVersion": "go1.19", "KernelVersion": "6.1"}),
            )
        } else if path.ends_with("/info") {
            ok(
                json!({"ID": "fake", "Name": "fake", "ServerVersion": "20.10.24", "OSType": "linux", "SystemTime": "2026-11-26T12:00:00Z"}),
            )
        } else if path.ends_with("/containers/json") {
            ok(
                json!([{"Id": self.inspect["Id"], "Names": [self.inspect["Name"]], "Image": "crm:1.2", "ImageID": "sha256:0", "State": self.inspect["State"]["Status"],
                "Status": "Exited (1) 1 second ago", "Labels": {}, "Ports": [], "Created": 1_795_695_541, "HostConfig": {"NetworkMode": "default"},
                "NetworkSettings": {"Networks": {}}, "Mounts": []}]),
            )
        } else if path.ends_with(&format!("/containers/{name}/json"))
            || path.ends_with(&format!("/{}/json", self.inspect["Id"].as_str().unwrap()))
        {
            ok(self.inspect.clone())
        } else if path.ends_with("/events") {
            Reply::Stream(Vec::new())
        } else {
            Reply::Json(404, json!({"message": format!("page not found: {path}")}))
        }
    }
}

fn request(reader: &mut impl BufRead) -> Option<(String, String)> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        if line.trim().is_empty() {
            break;
        }
    }
    let mut words = first.split_whitespace();
    Some((words.next()?.to_owned(), words.next()?.to_owned()))
}

fn send(stream: &mut UnixStream, pieces: &[Vec<u8>]) -> Option<()> {
    let head = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/vnd.docker.raw-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    write!(stream, "{head}").ok()?;
    for piece in pieces {
        write!(stream, "{:x}\r\n", piece.len()).ok()?;
        stream.write_all(piece).ok()?;
        write!(stream, "\r\n").ok()?;
    }
    stream.flush().ok()
}

/// A piece of a log as the engine frames it: 1 is standard output, 2 is standard error.
pub(crate) fn frame(stream: u8, text: &str) -> Vec<u8> {
    let size = u32::try_from(text.len()).unwrap();
    [&[stream, 0, 0, 0], size.to_be_bytes().as_slice(), text.as_bytes()].concat()
}

/// Lines of standard error, each in a frame with its time.
pub(crate) fn frames(stamp: &str, text: &str) -> Vec<Vec<u8>> {
    text.lines().map(|line| frame(2, &format!("{stamp} {line}\n"))).collect()
}

/// A container that has ended with 1, as `inspect` tells it.
pub(crate) fn ended(name: &str) -> Value {
    json!({
        "Id": "4be1c0ffee00f0e1d2c3b4a5968778695a4b3c2d1e0f00112233445566778899",
        "Created": "2026-11-26T12:00:00.000000000Z",
        "Name": format!("/{name}"), "Path": "sh", "Args": ["-c", "start"], "Image": "sha256:0", "RestartCount": 0, "Driver": "overlay2", "Platform": "linux",
        "LogPath": "/nowhere/4be1-json.log", "HostsPath": "/nowhere/hosts", "MountLabel": "", "ProcessLabel": "", "AppArmorProfile": "",
        "State": {"Status": "exited", "Running": false, "Paused": false, "Restarting": false, "OOMKilled": false, "Dead": false, "Pid": 0, "ExitCode": 1, "Error": "",
            "StartedAt": "2026-11-26T12:00:02.100000000Z", "FinishedAt": "2026-11-26T12:00:09.000000000Z"},
        "HostConfig": {"LogConfig": {"Type": "json-file", "Config": {}}, "NetworkMode": "default", "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}, "Memory": 0, "PortBindings": {}},
        "Mounts": [],
        "Config": {"Hostname": "4be1c0ffee00", "User": "", "Tty": false, "Env": [], "Cmd": ["sh", "-c", "start"], "Image": "crm:1.2", "WorkingDir": "", "Entrypoint": null, "Labels": {}},
        "NetworkSettings": {"Ports": {}, "Networks": {}}
    })
}
