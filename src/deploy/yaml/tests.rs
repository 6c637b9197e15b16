use super::*;

fn parse(text: &str, file: Source) -> Parsed {
    super::parse(text, file, &mut Default::default())
}

fn ok(text: &str) -> Node {
    let parsed = parse(text, 0);
    assert_eq!(parsed.errors, Vec::new(), "{text}");
    assert!(parsed.complete);
    parsed.documents.into_iter().next().unwrap()
}

fn written<'t>(text: &'t str, node: &Node) -> &'t str {
    text.get(node.spot.range.clone()).unwrap()
}

#[test]
fn scalars_stand_where_they_are_written() {
    let text = "# ü\na: \"ü \\\" q\" # c\nb: 'it''s' # d\nc: |\n  l1\n  l2\n\nd: plain text # e\n";
    let node = ok(text);
    assert_eq!(written(text, node.get("a").unwrap()), "\"ü \\\" q\"");
    assert_eq!(written(text, node.get("b").unwrap()), "'it''s'");
    assert_eq!(written(text, node.get("c").unwrap()), "l1\n  l2");
    assert_eq!(written(text, node.get("d").unwrap()), "plain text");
    assert_eq!(node.get("c").unwrap().known(), Some("l1\nl2\n"));
}

#[test]
fn aliases_and_merges_are_expanded() {
    let node = ok("x: &x {a: 1, b: 2}\ny: &y {c: 3}\nz:\n  <<: [*x, *y]\n  b: own\nl: [*y]\n");
    let z = node.get("z").unwrap();
    assert_eq!(["a", "b", "c"].map(|key| z.get(key).unwrap().known().unwrap()), ["1", "own", "3"]);
    assert_eq!(node.get("l").unwrap().items()[0].get("c").unwrap().known(), Some("3"));
}

#[test]
fn blocks_end_with_their_last_part() {
    let text = "a:\n  b: 1\n  c: [x, y]\n\n# comment\nd:\n";
    let node = ok(text);
    assert_eq!(written(text, node.get("a").unwrap()), "b: 1\n  c: [x, y]");
    assert!(node.get("d").unwrap().is_null());
}

#[test]
fn errors_have_their_place_and_what_stood_before_is_kept() {
    for (text, line, words) in [
        ("a:\n  b: 1\n\tc: 2\n", 3, "a tab"),
        ("a: b: c\n", 1, "a `:` stands"),
        ("a:\n  b: 1\n c: 2\n", 3, "indented like"),
        ("a:\n  - b\n  c: 2\n", 3, "belongs to a list"),
        ("a:\n  b: \"x\n  c: 1\nd: 2\n", 2, "quote that begins here"),
        ("a: *nope\n", 1, "anchor"),
        ("a: 1\na: 2\n", 2, "twice"),
    ] {
        let parsed = parse(text, 0);
        let error = parsed.errors.first().unwrap_or_else(|| panic!("{text}"));
        let at = 1 + text.get(..error.range.start).unwrap().matches('\n').count();
        assert_eq!((at, error.message.contains(words)), (line, true), "{text}: {}", error.message);
        assert_eq!(parsed.documents.len(), 1, "{text}");
    }
}

#[test]
fn hostile_input_ends() {
    let bomb: String = (1..30).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, n| {
        let inner = vec![format!("*a{}", n - 1); 9].join(", ");
        format!("{text}a{n}: &a{n} [{inner}]\n")
    });
    for text in
        [bomb, "[".repeat(50_000), "{a: ".repeat(50_000), (0..500).map(|n| format!("{}a:\n", " ".repeat(n))).collect()]
    {
        let parsed = parse(&text, 0);
        assert!(parsed.errors.iter().any(|error| error.limit) && !parsed.complete, "{:?}", parsed.errors);
    }
    let long = format!("a: &a \"{}\"\nb: [{}]\n", "x".repeat(900_000), ["*a"; 50].join(", "));
    let parsed = parse(&long, 0);
    assert!(parsed.errors.iter().any(|error| error.limit && error.message.contains("aliases")), "{:?}", parsed.errors);
    let own = parse("a: &a [*a]\n", 0);
    assert!(own.errors[0].message.contains("inside"), "{:?}", own.errors);
}

#[test]
fn tags_and_byte_order_marks_are_known() {
    let text = "\u{feff}a: !reset null\nb: !override [1]\nü: !!str 3\n";
    let node = ok(text);
    assert_eq!((node.get("a").unwrap().tag, node.get("b").unwrap().tag), (Tag::Reset, Tag::Override));
    let entry = node.entry("ü").unwrap();
    assert_eq!((text.get(entry.key_spot.range.clone()).unwrap(), written(text, &entry.value)), ("ü", "3"));
}

#[test]
fn a_bracket_below_its_key_ends_the_list() {
    let text = "s:\n  command: [\n    \"run\", # [it\n    '--x',\n  ]\n  port: 80\n";
    let node = ok(text);
    let service = node.get("s").unwrap();
    assert_eq!(written(text, &service.get("command").unwrap().items()[1]), "'--x'");
    assert_eq!(written(text, service.get("port").unwrap()), "80");
}
