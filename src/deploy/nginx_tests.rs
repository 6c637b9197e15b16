use super::*;

/// The directives in one line each, blocks in braces.
fn shown(directives: &[Directive]) -> String {
    let one = |directive: &Directive| {
        let words: Vec<_> = std::iter::once(&directive.name).chain(&directive.args).map(|word| &*word.text).collect();
        let block = directive.block.as_ref().map_or(String::from(";"), |block| format!(" {{ {}}}", shown(block)));
        format!("{}{block} ", words.join("|"))
    };
    directives.iter().map(one).collect()
}

fn read(text: &str) -> String {
    let found = parse(text);
    assert_eq!(found.faults, [], "{text}");
    shown(&found.directives)
}

fn faults(text: &str) -> Vec<(FaultKind, &str)> {
    let found = parse(text);
    found.faults.into_iter().map(|fault| (fault.kind, text.get(fault.range).unwrap())).collect()
}

#[test]
fn directives_and_blocks() {
    assert_eq!(read("a b c;\nd { e f; g { } }"), "a|b|c; d { e|f; g { } } ");
    assert_eq!(read("server{listen 80;}"), "server { listen|80; } ");
    assert_eq!(read("# all { of ; this\na b#c; # d\n"), "a|b#c; ");
}

#[test]
fn quotes_count_where_a_word_begins() {
    assert_eq!(read(r#"log "a ; {b} \" c" 'd "e"';"#), r#"log|a ; {b} " c|d "e"; "#);
    assert_eq!(read(r#"return 200 a"b;"#), r#"return|200|a"b; "#);
    assert_eq!(read(r"rewrite ^/a\;b\{1\}$ /c;"), r"rewrite|^/a\;b\{1\}$|/c; ");
}

#[test]
fn a_variable_opens_no_block() {
    assert_eq!(read("listen ${PORT};\nproxy_pass http://$up;"), "listen|${PORT}; proxy_pass|http://$up; ");
    assert_eq!(read("if ($a = b) { return 1; }"), "if|($a|=|b) { return|1; } ");
}

#[test]
fn ranges_point_at_words_and_directives() {
    let text = "http {\n  listen \"80\";\n}\n";
    let http = &parse(text).directives[0];
    assert_eq!(text.get(http.range.clone()).unwrap(), "http {\n  listen \"80\";\n}");
    let listen = &http.children()[0];
    assert_eq!(text.get(listen.args[0].range.clone()).unwrap(), "\"80\"");
    assert_eq!(text.get(listen.range.clone()).unwrap(), "listen \"80\";");
    assert_eq!((listen.arg(0), listen.arg(1)), (Some("80"), None));
}

#[test]
fn lua_is_skipped() {
    let text =
        "content_by_lua_block {\n  -- } \n --[[ } ]]\n local a = \"}\" .. [=[ } ]=]\n if a then t = {} end\n}\nb c;";
    assert_eq!(read(text), "content_by_lua_block; b|c; ");
    assert_eq!(read("a_by_lua_block { \"unclosed }\n"), "a_by_lua_block; ");
}

#[test]
fn faults_have_their_place_and_the_rest_is_read() {
    use FaultKind::{BehindQuote, ExtraBrace, NoDirective, NoSemicolon, OpenBlock, OpenQuote};
    assert_eq!(faults("a { b c\n}\nd;"), [(NoSemicolon, "b c")]);
    assert_eq!(shown(&parse("a { b c\n}\nd;").directives), "a { b|c; } d; ");
    assert_eq!(faults("a;}\nb;"), [(ExtraBrace, "}")]);
    assert_eq!(faults("a { b;\nc {d;}"), [(OpenBlock, "a {")]);
    assert_eq!(faults("a \"b;\nc;"), [(OpenQuote, "\"b;")]);
    assert_eq!(faults(";{a;}b;"), [(NoDirective, ";"), (NoDirective, "{")]);
    assert_eq!(faults("a \"b\"c;"), [(BehindQuote, "\"b\"")]);
    assert_eq!(faults("a b"), [(NoSemicolon, "a b")]);
}

#[test]
fn templates_are_filled_in() {
    let value = |name: &str| (name == "PORT").then(|| "3000".to_owned());
    assert_eq!(substitute("a:${PORT}/$PORT $uri ${x $ $$PORT", value), "a:3000/3000 $uri ${x $ $3000");
    assert_eq!(substitute("", value), "");
    assert_eq!(variable("{HOST}:1"), ("HOST", ":1"));
    assert_eq!(variable("uri;"), ("uri", ";"));
}

#[test]
fn hostile_texts_end() {
    assert_eq!(parse(&"a{".repeat(100_000)).faults[0].kind, FaultKind::TooDeep);
    for text in
        ["\"", "{", "}", "a\\", "$", "${", "a_by_lua_block{", "a_by_lua_block{[", "a_by_lua_block{--", "\u{feff}"]
    {
        let _ = parse(text);
    }
    let _ = parse(&"a_by_lua_block{[".repeat(10_000));
    let _ = parse(&"}".repeat(100_000));
}
