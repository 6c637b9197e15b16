//! The images of the tests. No registry is needed: they are imported from programs of this machine, once, and kept by tag.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::stage::docker;

/// busybox and the scripts and programs of `furnish`. Another content needs another number.
const BOX: &str = "diagnose-test-box:1";
/// The same with nginx, Node.js and ss.
const WEB: &str = "diagnose-test-web:1";

/// An image with busybox, about 2 MB.
pub(crate) fn small() -> &'static str {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        if docker(&["image", "inspect", BOX]).code != 0 {
            import();
        }
    });
    BOX
}

/// An image with nginx, Node.js and ss, about 120 MB.
pub(crate) fn web() -> &'static str {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/docker/web-image.sh");
        let status = Command::new(script).arg(WEB).stdin(Stdio::null()).status().expect("the image's script runs");
        assert!(status.success(), "the image {WEB} could not be made: see the messages above");
    });
    WEB
}

fn import() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let mut tar = Command::new("tar")
        .args(["-C", folder.path().to_str().unwrap(), "-c", "."])
        .stdout(Stdio::piped())
        .spawn()
        .expect("tar starts");
    let status = Command::new("docker")
        .args(["import", "-", BOX])
        .stdin(tar.stdout.take().unwrap())
        .stdout(Stdio::null())
        .status()
        .expect("docker starts");
    assert!(tar.wait().unwrap().success() && status.success(), "docker import failed");
}

fn furnish(root: &Path) {
    for folder in ["bin", "etc", "tmp", "proc", "sys", "dev", "app", "www"] {
        fs::create_dir(root.join(folder)).unwrap();
    }
    let busybox = ["/bin/busybox", "/usr/bin/busybox"].into_iter().find(|path| Path::new(path).is_file());
    let busybox = busybox.expect("no busybox on this machine: apt-get install busybox-static");
    fs::copy(busybox, root.join("bin/busybox")).unwrap();
    let list = Command::new(busybox).arg("--list").output().unwrap().stdout;
    for tool in String::from_utf8(list).unwrap().lines().filter(|tool| *tool != "busybox") {
        symlink("busybox", root.join("bin").join(tool)).unwrap();
    }
    put(root, "etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n", 0o644);
    put(root, "etc/group", b"root:x:0:\n", 0o644);
    put(root, "www/healthz", b"{\"status\":\"ok\"}\n", 0o644);
    put(root, "docker-entrypoint.sh", b"#!/bin/sh\r\necho started\r\n", 0o755);
    put(root, "not-executable.sh", b"#!/bin/sh\necho started\n", 0o644);
    put(root, "no-interpreter.sh", b"echo started\n", 0o755);
    put(root, "segfault", &segfault(62), 0o755);
    put(root, "foreign", &segfault(if cfg!(target_arch = "aarch64") { 62 } else { 183 }), 0o755);
}

fn put(root: &Path, name: &str, content: &[u8], mode: u32) {
    let path = root.join(name);
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The smallest ELF program for a machine type: one that (on x86-64, 62) reads address 0.
fn segfault(machine: u16) -> Vec<u8> {
    let code = [0x31, 0xc0, 0x89, 0x00];
    let (head, base) = (0x78_u64, 0x40_0000_u64);
    let size = head + 4;
    let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
    elf.resize(16, 0);
    for half in [2, machine] {
        elf.extend(half.to_le_bytes());
    }
    elf.extend(1_u32.to_le_bytes());
    for long in [base + head, 64, 0] {
        elf.extend(long.to_le_bytes());
    }
    elf.extend(0_u32.to_le_bytes());
    for half in [64_u16, 56, 1, 0, 0, 0] {
        elf.extend(half.to_le_bytes());
    }
    for word in [1_u32, 5] {
        elf.extend(word.to_le_bytes());
    }
    for long in [0, base, base, size, size, 0x1000] {
        elf.extend(long.to_le_bytes());
    }
    elf.extend(code);
    elf
}
