//! Turns `patterns/` into one table inside the binary, so that a start parses no TOML and no regex syntax.

#[path = "src/preflight/file.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the program, which uses all of it")]
mod check;
#[path = "src/scan/prefilter/choose.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the program, which uses all of it")]
mod choose;
#[path = "src/rule/digits.rs"]
#[expect(unreachable_pub, reason = "shared with the program")]
mod digits;
#[path = "src/preflight/facts.rs"]
mod facts;
#[path = "src/rule/file.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the program, which uses all of it")]
mod file;
#[path = "src/rule/held.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the program, which uses all of it")]
mod held;
#[path = "src/rule/literal.rs"]
mod literal;
#[path = "src/rule/profile.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the program, which uses all of it")]
mod profile;
#[path = "src/rule/table.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the program, which uses all of it")]
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use check::CheckFile;
use file::RuleFile;
use profile::ProfileFile;
use table::Table;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=patterns");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/ordinary.txt");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut files = Vec::new();
    collect(&root.join("patterns"), &mut files)?;
    let images = files.iter().position(|path| path.ends_with("patterns/images.toml")).ok_or("no images.toml")?;
    let images: facts::ImageFacts = toml::from_str(&fs::read_to_string(files.swap_remove(images))?)?;
    fs::write(out.join("images.bin"), postcard::to_allocvec(&images)?)?;
    files.sort();
    let (checks, files): (Vec<PathBuf>, Vec<PathBuf>) = files.into_iter().partition(|path| is_check(&root, path));
    embed_checks(&root, &out, &checks)?;
    let (mut rules, mut profiles) = (Vec::new(), Vec::new());
    let mut texts = String::from("&[\n");
    for path in &files {
        let name = path.strip_prefix(&root)?.display().to_string();
        let text = fs::read_to_string(path)?;
        if name.starts_with("patterns/profiles/") {
            profiles.push(toml::from_str::<ProfileFile>(&text).map_err(|error| format!("{name}: {error}"))?);
        } else {
            let mut rule = toml::from_str::<RuleFile>(&text).map_err(|error| format!("{name}: {error}"))?;
            rule.example.clear();
            rules.push(rule);
        }
        writeln!(texts, "({name:?}, include_str!({path:?})),", path = path.display().to_string())?;
    }
    texts.push(']');
    println!("cargo::rustc-env=DIAGNOSE_RULES={}", rules.len());
    println!("cargo::rustc-env=DIAGNOSE_COMMIT={}", commit(&root));
    let table = Table::derive(rules, profiles);
    let windows = windows(&table)?;
    let mut table = table.with_windows(&windows);
    let full: Result<Vec<_>, postcard::Error> =
        table.rules.iter().map(|rule| Ok((&rule.id, postcard::to_allocvec(rule)?))).collect();
    fs::write(out.join("full.bin"), postcard::to_allocvec(&full?)?)?;
    table.rules = table.rules.iter().map(RuleFile::brief).collect();
    fs::write(out.join("patterns.bin"), postcard::to_allocvec(&table)?)?;
    fs::write(out.join("profiles.bin"), postcard::to_allocvec(&table.profiles)?)?;
    fs::write(out.join("patterns.rs"), texts)?;
    Ok(())
}

/// The commit that is built: what DIAGNOSE_COMMIT says (for a build from an archive), else what git says of this very folder, else `unknown`.
/// Only what tells a new commit is watched: HEAD, the branch it names, and packed references.
fn commit(root: &Path) -> String {
    println!("cargo::rerun-if-env-changed=DIAGNOSE_COMMIT");
    if let Some(given) = env::var("DIAGNOSE_COMMIT").ok().filter(|given| !given.is_empty()) {
        return given;
    }
    let unknown = || "unknown".to_owned();
    // An archive unpacked inside somebody else's repository must not claim that one's commit.
    let own = git(root, &["rev-parse", "--show-toplevel"]).and_then(|top| fs::canonicalize(top).ok());
    if own.is_none() || own != fs::canonicalize(root).ok() {
        return unknown();
    }
    let branch = git(root, &["symbolic-ref", "--quiet", "HEAD"]);
    for name in ["HEAD", "packed-refs"].into_iter().chain(branch.as_deref()) {
        let Some(path) = git(root, &["rev-parse", "--git-path", name]).map(|path| root.join(path)) else { continue };
        // A missing file would run this at every build. A branch without a file of its own gets one at its next commit: then its folder changes.
        let folders = path.ancestors().take(if name == "packed-refs" { 1 } else { 8 });
        if let Some(path) = folders.into_iter().find(|path| path.exists()) {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    git(root, &["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(unknown)
}

/// The first line that git answers in this folder, if it succeeds.
fn git(folder: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(folder).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn is_check(root: &Path, path: &Path) -> bool {
    path.strip_prefix(root).is_ok_and(|name| name.starts_with("patterns/checks"))
}

/// The checks of `preflight` have a table of their own: the log side does not read it.
fn embed_checks(root: &Path, out: &Path, files: &[PathBuf]) -> Result<(), Box<dyn Error>> {
    let (mut checks, mut texts) = (Vec::new(), String::from("&[\n"));
    for path in files {
        let name = path.strip_prefix(root)?.display().to_string();
        let mut check: CheckFile =
            toml::from_str(&fs::read_to_string(path)?).map_err(|error| format!("{name}: {error}"))?;
        check.failing.clear();
        check.clean.clear();
        checks.push(check);
        writeln!(texts, "({name:?}, include_str!({path:?})),", path = path.display().to_string())?;
    }
    texts.push(']');
    checks.sort_by(|a, b| a.id.cmp(&b.id));
    fs::write(out.join("checks.bin"), postcard::to_allocvec(&checks)?)?;
    fs::write(out.join("checks.rs"), texts)?;
    Ok(())
}

/// The windows of all literals. Those of the scan are chosen without regard to those of the tail, which are common words and looked for apart.
fn windows(table: &Table) -> Result<BTreeMap<String, [usize; 2]>, Box<dyn Error>> {
    let mut windows: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for set in [&table.literals, &table.tail_literals] {
        let literals: BTreeSet<&str> = set.texts.iter().map(String::as_str).collect();
        let bytes: Vec<&[u8]> = literals.iter().map(|literal| literal.as_bytes()).collect();
        let known = |literal: &&str| {
            windows.get(*literal).map(|[offset, bucket]| choose::Window { offset: *offset, bucket: *bucket })
        };
        let known: Vec<_> = literals.iter().map(known).collect();
        let chosen = choose::choose(&bytes, &known, choose::Care::Much).ok_or("a literal is too short")?;
        let named = |(literal, window): (&str, choose::Window)| (literal.to_owned(), [window.offset, window.bucket]);
        windows.extend(literals.into_iter().zip(chosen).map(named));
    }
    Ok(windows)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    Ok(())
}
