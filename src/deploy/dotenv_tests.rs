use super::*;

fn values(text: &str) -> Vec<(String, Option<String>)> {
    let found = parse(text);
    assert_eq!(found.faults, [], "{text:?}");
    found.entries.into_iter().map(|entry| (entry.key, entry.value)).collect()
}

fn value(text: &str) -> String {
    match values(text).pop() {
        Some((_, Some(value))) => value,
        other => panic!("{text:?}: {other:?}"),
    }
}

fn faults(text: &str) -> Vec<(FaultKind, &str)> {
    let found = parse(text);
    found.faults.into_iter().map(|fault| (fault.kind, text.get(fault.range).unwrap())).collect()
}

#[test]
fn plain_values_end_at_their_line_or_comment() {
    assert_eq!(value("A=b c # not this\n"), "b c");
    assert_eq!(value("A=b#c"), "b#c");
    assert_eq!(value("A=  b  \r\n"), "b");
    assert_eq!(value("export A=b"), "b");
    assert_eq!(value("exported=b"), "b");
    assert_eq!(value("A : b"), "b");
    assert_eq!(value("A=\nB="), "");
    assert_eq!(value("A=#b"), "#b");
    assert_eq!(value("A=b=c"), "b=c");
    assert_eq!(value("\u{feff}A=b"), "b");
}

#[test]
fn quotes_hold_comments_newlines_and_escapes() {
    assert_eq!(value(r#"A="b # c" # not this"#), "b # c");
    assert_eq!(value("A=\"b\nc\""), "b\nc");
    assert_eq!(value(r#"A="b\nc\"d\\e""#), "b\nc\"d\\e");
    assert_eq!(value(r"A='b\nc\'d'"), r"b\nc'd");
    assert_eq!(value(r#"A="b\$c""#), "b$$c");
    let single = parse("A='$b'").entries;
    assert!(!single[0].interpolated());
    assert!(parse("A=\"$b\"").entries[0].interpolated());
}

#[test]
fn a_name_alone_has_no_value() {
    assert_eq!(values("A\nB=c\n"), [("A".into(), None), ("B".into(), Some("c".into()))]);
}

#[test]
fn the_last_of_two_holds() {
    let found = parse("A=1\n# A=2\nA=3\n");
    assert_eq!(found.entries.len(), 2);
    assert_eq!(found.get("A").unwrap().value.as_deref(), Some("3"));
}

#[test]
fn ranges_point_at_name_and_value() {
    let text = "# first\nexport KEY = \"a b\" # c\nB=\n";
    let found = parse(text);
    assert_eq!(text.get(found.entries[0].key_range.clone()).unwrap(), "KEY");
    assert_eq!(text.get(found.entries[0].value_range.clone()).unwrap(), "\"a b\"");
    assert_eq!(found.entries[1].value_range, text.len() - 1..text.len() - 1);
}

#[test]
fn faults_have_their_place_and_the_rest_is_read() {
    let text = "A B=1\nC(=2\n=3\nD=\"4\nE=5\n";
    use FaultKind::{BadName, BlankInName, NoName, Unterminated};
    assert_eq!(faults(text), [(BlankInName, "A B"), (BadName, "("), (NoName, "="), (Unterminated, "\"4")]);
    assert_eq!(parse(text).get("E").unwrap().value.as_deref(), Some("5"));
}

#[test]
fn what_is_lost_or_becomes_a_value_by_mistake_is_noted() {
    assert_eq!(faults("A=\"b\"c\nD=e"), [(FaultKind::BehindQuote, "c")]);
    assert_eq!(faults("A= # a comment\n"), [(FaultKind::CommentAsValue, "# a comment")]);
    assert_eq!(faults("A=\"b\" B=c"), []);
    assert!(!FaultKind::BehindQuote.refuses() && FaultKind::Unterminated.refuses());
}

#[test]
fn any_text_ends() {
    for text in
        ["", "\u{feff}", "\"", "'", "=", ":", "export", "export ", "A='", "A=\"\\", "\\", "#", "ä=ö", "A=\u{a0}b"]
    {
        let _ = parse(text);
    }
    let _ = parse(&"A=\"\\\"\n".repeat(10_000));
}
