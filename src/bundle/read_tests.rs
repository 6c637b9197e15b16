//! Archives as somebody would make them who wishes us harm.

use std::io::{self, Read};

use super::*;

/// A header with a name as it is, which the library would not write.
fn header(name: &str, size: u64, kind: EntryType) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(size);
    header.set_entry_type(kind);
    header.set_cksum();
    header.as_bytes().to_vec()
}

fn entry(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut out = header(name, crate::num::wide(bytes.len()), EntryType::Regular);
    out.extend_from_slice(bytes);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

fn manifest(change: impl FnOnce(&mut Manifest)) -> Manifest {
    let mut manifest = Manifest {
        schema: SCHEMA.to_owned(),
        inputs: vec![manifest::Input {
            name: "a.log".to_owned(),
            member: "logs/a".to_owned(),
            ..manifest::Input::default()
        }],
        members: vec![manifest::Member { name: "logs/a".to_owned(), bytes: 3, sha256: write::sha256(b"abc") }],
        ..Manifest::default()
    };
    change(&mut manifest);
    manifest
}

fn bundle(manifest: &Manifest, more: &[Vec<u8>]) -> Vec<u8> {
    let text = serde_json::to_vec(manifest).unwrap();
    [entry("manifest.json", &text), more.concat(), vec![0; 1024]].concat()
}

fn error(bytes: Vec<u8>) -> String {
    read(Box::new(io::Cursor::new(bytes))).unwrap_err().to_string()
}

#[test]
fn a_good_one_is_read() {
    let bytes = bundle(&manifest(|_| {}), &[entry("logs/a", b"abc")]);
    let mut bundle = read(Box::new(io::Cursor::new(bytes))).unwrap();
    let mut text = |index| io::read_to_string(bundle.input(index)).unwrap();
    assert_eq!((text(0).as_str(), text(0).as_str(), text(7).as_str()), ("abc", "", ""));
}

/// Each text with what a terminal, a page or a reader's eye would obey.
#[test]
fn every_text_is_clean() {
    let evil = || "a\u{1b}[31m\u{202e}\u{90}\u{200b}\nb".to_owned();
    let bytes = bundle(
        &manifest(|manifest| {
            manifest.tool = manifest::Tool { name: evil(), version: evil() };
            (manifest.engine, manifest.profile, manifest.made_at) = (Some(evil()), Some(evil()), evil());
            manifest.arguments = vec![evil()];
            (manifest.notes, manifest.left_out) = (vec![evil()], vec![evil()]);
            let input = &mut manifest.inputs[0];
            (input.name, input.kind, input.format, input.incomplete) = (evil(), evil(), evil(), Some(evil()));
            let container = manifest::Container {
                state: "inspect/a.json".to_owned(),
                facts: "inspect/a.txt".to_owned(),
                ..manifest::Container::default()
            };
            manifest.containers = vec![manifest::Container { name: evil(), ..container }];
            for (name, bytes) in [("inspect/a.json", STATE), ("inspect/a.txt", "")] {
                let sha256 = write::sha256(bytes.as_bytes());
                manifest.members.push(manifest::Member { name: name.to_owned(), bytes: 0, sha256 });
            }
        }),
        &[entry("logs/a", b"abc"), entry("inspect/a.json", STATE.as_bytes()), entry("inspect/a.txt", b"")],
    );
    let bundle = read(Box::new(io::Cursor::new(bytes))).unwrap();
    let text = format!("{:?} {:?}", bundle.manifest, bundle.containers().unwrap());
    for raw in ["\\u{", "\\n", "\\x"] {
        assert!(!text.contains(raw), "{raw} in {text}");
    }
    assert!(text.contains('\u{fffd}'));
}

const STATE: &str = r#"{"state": {"name": "a\u001b[31m\u202e\n", "image": "\u0090b", "command": ["\u200b"], "events": [{"time": 0, "what": "\u001b[2J"}],
    "health": {"status": "\u202e", "log": [{"output": "\u001b]0;x"}]}, "networks": [{"network": "\u202e", "aliases": ["\u001bc"]}]}}"#;

#[test]
fn names_that_lead_out_are_refused() {
    for name in [
        "../../etc/passwd",
        "/etc/passwd",
        "logs/../../x",
        "logs//x",
        "logs/a b",
        "logs\\x",
        "logs/\u{1b}[2J",
        ".",
        "logs/.",
    ] {
        let text = error(bundle(&manifest(|_| {}), &[entry(name, b"x")]));
        assert!(text.contains("it has a member called"), "{name}: {text}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }
}

#[test]
fn what_is_no_file_is_refused() {
    let kinds = [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Char,
        EntryType::Block,
        EntryType::Fifo,
        EntryType::GNULongName,
        EntryType::GNULongLink,
        EntryType::GNUSparse,
        EntryType::new(b'Z'),
    ];
    for kind in kinds {
        let text = error(bundle(&manifest(|_| {}), &[header("logs/a", 0, kind)]));
        assert!(text.contains("\"logs/a\" is no plain file"), "{kind:?}: {text}");
    }
}

#[test]
fn huge_members_are_refused_by_their_headers() {
    for (name, size) in
        [("logs/a", MEMBER + 1), ("report.txt", 1 << 60), ("logs/a", 1 << 40), ("inspect/x", PARSED + 1)]
    {
        let text = error(bundle(&manifest(|_| {}), &[header(name, size, EntryType::Regular)]));
        assert!(text.contains("larger than a bundle may be"), "{name}: {text}");
    }
}

/// Members without end, each allowed by itself: a bomb would give them from a few bytes.
#[test]
fn endless_archives_end() {
    struct Endless(Vec<u8>, usize, u64);
    impl Read for Endless {
        fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
            let mut rest = &self.0[self.1..];
            let count = rest.read(space)?;
            self.1 = (self.1 + count) % self.0.len();
            self.2 += crate::num::wide(count);
            assert!(self.2 < ALL * 2, "it is read for ever");
            Ok(count)
        }
    }
    let endless = |bytes: Vec<u8>| read(Box::new(Endless(bytes, 0, 0))).unwrap_err().to_string();
    assert!(endless(entry("x", b"")).contains("more than 2000 members"));
    assert!(endless(entry("report.txt", &vec![b'x'; 1 << 20])).contains("larger than a bundle may be"));
    assert!(endless(entry("logs/a", b"x")).contains("twice"));
}

#[test]
fn what_is_held_is_bounded_in_all() {
    let big = vec![b'x'; usize::try_from(MEMBER).unwrap()];
    let members: Vec<Vec<u8>> = (0..3).map(|number| entry(&format!("logs/{number}"), &big)).collect();
    assert!(error(bundle(&manifest(|_| {}), &members)).contains("larger than a bundle may be"));
}

#[test]
fn a_manifest_that_does_not_fit_is_refused() {
    let log = || vec![entry("logs/a", b"abc")];
    let state = |it: &mut Manifest, facts: &str| {
        it.containers.push(manifest::Container { facts: facts.to_owned(), ..manifest::Container::default() });
        (it.inputs[0].what, it.inputs[0].container) = (What::State, Some(0));
    };
    let cases: [(Manifest, Vec<Vec<u8>>, &str); 12] = [
        (manifest(|it| it.inputs.push(it.inputs[0].clone())), log(), "logs/a is used twice"),
        (manifest(|it| state(it, "inspect/b")), log(), "input 1 is not the state of its container"),
        (
            manifest(|it| {
                state(it, "logs/a");
                it.inputs.push(it.inputs[0].clone())
            }),
            log(),
            "logs/a is used twice",
        ),
        (manifest(|it| it.schema = "other/1".to_owned()), log(), "another kind"),
        (manifest(|it| it.inputs.clear()), log(), "names no inputs"),
        (manifest(|it| it.inputs[0].container = Some(0)), log(), "input 1 points to nothing"),
        (manifest(|it| it.inputs[0].log = Some(0)), log(), "input 1 points to nothing"),
        (manifest(|it| it.inputs[0].what = What::State), log(), "input 1 points to nothing"),
        (manifest(|it| it.members.clear()), log(), "no checksum of logs/a"),
        (manifest(|_| {}), vec![entry("logs/a", b"abd")], "logs/a is not what the manifest says"),
        (manifest(|_| {}), Vec::new(), "logs/a is missing"),
        (manifest(|it| it.inputs[0].member = "report.txt".to_owned()), log(), "report.txt is missing"),
    ];
    for (manifest, members, words) in cases {
        let text = error(bundle(&manifest, &members));
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(error([entry("logs/a", b"abc"), vec![0; 1024]].concat()).contains("no manifest.json"));
    assert!(error([entry("manifest.json", b"[[[["), vec![0; 1024]].concat()).contains("not usable"));
    let deep = [b"[".repeat(100_000), Vec::new()].concat();
    assert!(error([entry("manifest.json", &deep), vec![0; 1024]].concat()).contains("not usable"));
}

#[test]
fn a_state_that_is_none_is_refused() {
    let state = |it: &mut Manifest| {
        it.containers.push(manifest::Container {
            name: "a".to_owned(),
            asked: true,
            state: "inspect/a".to_owned(),
            facts: "inspect/b".to_owned(),
        });
        it.members.push(manifest::Member { name: "inspect/b".to_owned(), bytes: 0, sha256: write::sha256(b"") });
        it.members.push(manifest::Member { name: "inspect/a".to_owned(), bytes: 2, sha256: write::sha256(b"{}") });
    };
    let bytes =
        bundle(&manifest(state), &[entry("logs/a", b"abc"), entry("inspect/a", b"{}"), entry("inspect/b", b"")]);
    let bundle = read(Box::new(io::Cursor::new(bytes))).unwrap();
    assert!(bundle.containers().unwrap_err().to_string().contains("inspect/a holds no state"));
}

#[test]
fn a_cut_archive_is_called_cut() {
    let whole = bundle(&manifest(|_| {}), &[entry("logs/a", b"abc")]);
    for length in (512..whole.len() - 1024).step_by(128) {
        let text = error(whole[..length].to_vec());
        assert!(text.contains("damaged or cut off") || text.contains("is missing"), "{length}: {text}");
    }
}
