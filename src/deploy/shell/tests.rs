use super::*;

fn steps(text: &str) -> Vec<String> {
    let script = parse(text);
    assert_eq!(script.error, None, "{text}");
    let mut seen = Vec::new();
    walk(&script, State::default(), &mut |step| {
        let words: Vec<String> =
            step.simple.words.iter().map(|word| step.state.expand(word).unwrap_or_else(|| "?".to_owned())).collect();
        seen.push(words.join(" "));
    });
    seen
}

fn fault(text: &str) -> (String, usize) {
    let error = parse(text).error.unwrap_or_else(|| panic!("no error in {text}"));
    let line = text.get(..error.span.start).unwrap().matches('\n').count() + 1;
    (error.message, line)
}

#[test]
fn commands_are_shown_in_the_order_of_their_run() {
    let text = "#!/bin/sh\nmain() {\n  cd /app && exec node server.js\n}\nset -e\nfor i in 1 2; do sleep 1; done\nmain \"$@\"\n";
    assert_eq!(steps(text), ["set -e", "sleep 1", "main ?", "cd /app", "exec node server.js"]);
}

#[test]
fn words_lose_their_quotes_and_keep_their_places() {
    let text = "echo 'a b'\"c $HOME\" d\\ e ${X:-f g}\n";
    let script = parse(text);
    let CommandKind::Simple(simple) = &script.body.items[0].chain[0].pipeline.commands[0].kind else { panic!() };
    assert_eq!(simple.words.len(), 4);
    assert_eq!(text.get(simple.words[1].span.clone()), Some("'a b'\"c $HOME\""));
    assert_eq!(simple.words[2].literal().as_deref(), Some("d e"));
    assert_eq!(State::default().expand(&simple.words[3]).as_deref(), Some("f g"));
}

#[test]
fn quotes_around_a_variable_leave_the_variable_alone() {
    let script = parse("exec \"$@\" '' \"\"\n");
    let CommandKind::Simple(simple) = &script.body.items[0].chain[0].pipeline.commands[0].kind else { panic!() };
    assert!(matches!(simple.words[1].parts.as_slice(), [Part::Parameter(parameter)] if parameter.name == "@"));
    assert_eq!((simple.words[2].literal().as_deref(), simple.words[3].literal().as_deref()), (Some(""), Some("")));
}

#[test]
fn waits_are_added_up() {
    let text = "for i in $(seq 1 30); do nc -z db 5432 && break; sleep 2; done\nn=0\nuntil true; do n=$((n+1)); if [ $n -gt 10 ]; then exit 1; fi; sleep 3; done\nwhile true; do sleep 60; done\nsleep 1m\n";
    let waits: Vec<_> =
        waits(&parse(text), State::default()).into_iter().map(|wait| (wait.most.as_secs(), wait.ends_early)).collect();
    assert_eq!(waits, [(60, true), (30, true), (60, false)]);
}

#[test]
fn what_is_in_force_follows_the_script() {
    let text =
        "APP=/app\nset -euo pipefail\ncd \"$APP/server\"\n(cd /tmp; set +e)\nif true; then cd ..; fi\nnode x | tee y\n";
    let script = parse(text);
    let mut states = Vec::new();
    walk(&script, State::default(), &mut |step| states.push(step.state.clone()));
    let last = states.last().unwrap();
    assert!(last.errexit && last.nounset && last.pipefail);
    assert_eq!(last.directory, Directory::Unknown);
    let in_branch = &states[states.len() - 3];
    assert_eq!(in_branch.directory, Directory::Moved("/app/server".to_owned()));
}

#[test]
fn the_background_and_the_output_are_known() {
    let text = "{ yarn start; } > /tmp/app.log 2>&1 &\nnode worker.js > /dev/null\n";
    let script = parse(text);
    let mut seen = Vec::new();
    walk(&script, State::default(), &mut |step| {
        seen.push((step.place.background.is_some(), step.output_file()));
    });
    assert_eq!(seen, [(true, Some("/tmp/app.log".to_owned())), (false, Some("/dev/null".to_owned()))]);
}

#[test]
fn programs_are_found_behind_their_wrappers() {
    let text = "exec gosu node env A=1 timeout -k 5 30 dumb-init -- node --inspect dist/main\n";
    let script = parse(text);
    let mut found = None;
    walk(&script, State::default(), &mut |step| found = Some(step.invocation()));
    let found = found.unwrap();
    assert!(found.is_exec());
    assert_eq!((found.program(), found.subcommand()), (Some("node"), Some("dist/main")));
}

#[test]
fn here_documents_are_no_commands() {
    let text = "cat <<'EOF' > /tmp/x\nnot ( a command\nEOF\ncat <<-END; echo x\n\tif\n\tEND\necho $(cat <<A\n)\nA\n)\n";
    assert_eq!(steps(text), ["cat", "cat", "echo x", "cat", "echo ?"]);
}

#[test]
fn constructs_of_bash_are_read_and_noted() {
    let text = "a=(1 2)\n[[ $x =~ ^(a|b)$ && -n \"$y\" ]] && echo yes\n((i++))\ndiff <(ls a) <(ls b) &> out\necho ${x^^} <<< y |& cat\nfunction f { :; }\n";
    let script = parse(text);
    assert_eq!(script.error, None);
    use ExtensionKind::*;
    let kinds: Vec<_> = script.extensions.iter().map(|extension| extension.kind).collect();
    assert_eq!(
        kinds,
        [
            Array,
            DoubleBracket,
            ArithmeticCommand,
            ProcessSubstitution,
            ProcessSubstitution,
            RedirectBoth,
            ParameterOperator,
            HereString,
            PipeBoth,
            FunctionKeyword
        ]
    );
}

#[test]
fn faults_have_their_place() {
    assert_eq!(fault("echo a\nif true; then\n  echo b\n").1, 2);
    assert_eq!(fault("echo a\nfi\n").1, 2);
    assert_eq!(fault("x() {\n echo\n").1, 1);
    assert_eq!(fault("echo \"a\necho \"b\"\n").1, 1);
    assert_eq!(fault("echo 'a\necho b\n").1, 1);
    assert_eq!(fault("for i in a; do\ndone\n").1, 2);
    assert_eq!(fault("a && \n").1, 2);
    assert_eq!(fault("echo $(date\n").1, 1);
    assert_eq!(fault("case x in\n a) b ;;\n").1, 1);
}

#[test]
fn what_stands_before_a_fault_is_kept() {
    let script = parse("set -e\nnode x &\nif\n");
    assert!(script.error.is_some());
    assert_eq!(script.body.items.len(), 2);
}

#[test]
fn hostile_nesting_is_bounded() {
    for piece in
        ["( ", "{ ", "$(", "\"$(", "if ", "case x in a) ", "((", "${a:-", "a() ", "a=(", "`", "<<E ", "! ", "a[ "]
    {
        let _ = parse(&piece.repeat(20_000));
        let _ = parse(&format!("echo {}", piece.repeat(20_000)));
    }
}

#[test]
fn dos_line_ends_are_told_and_read_over() {
    let script = parse("#!/bin/sh\r\nif true; then \\\r\n  echo a\r\nfi\r\n");
    assert_eq!(script.error, None);
    assert_eq!(script.carriage_return, Some(9..10));
}

/// Where the last command of a script is run, and what `$V` is there.
fn end(text: &str) -> (Directory, Option<String>) {
    let mut end = (Directory::Start, None);
    walk(&parse(text), State::default(), &mut |step| {
        end = (step.state.directory.clone(), step.state.variables.get("V").cloned());
    });
    end
}

#[test]
fn directories_and_variables_have_an_end() {
    assert_eq!(end("cd a/b\nV=1\nx\n"), (Directory::Moved("a/b".to_owned()), Some("1".to_owned())));
    assert_eq!(end(&format!("{}x\n", "cd a/b/c\n".repeat(2000))).0, Directory::Unknown);
    let long =
        format!("A={}\n{}V=1\nx\n", "x".repeat(4_000), (0..300).map(|n| format!("B{n}=$A\n")).collect::<String>());
    assert_eq!(end(&long).1, None);
    let many: String = (0..2000).map(|n| format!("B{n}=1\n")).collect();
    assert_eq!(end(&format!("V=0\n{many}{}V=1\nx\n", "a || B=1\n".repeat(200))).1, None);
}

#[test]
fn behind_a_compound_command_a_closing_word_needs_no_semicolon() {
    let sound = [
        "if a; then if b; then c; fi fi\n",
        "if a; then for i in 1; do b; done fi\n",
        "while a; do case $x in 1) b ;; esac done\n",
        "if (a) then (b) else { c; } fi\n",
        "if [[ a ]] then b; fi\nif ((1)) then b; fi\n",
        "if ! { a; } then b; fi\nf() { if a; then b; fi }\nif a; then g() { b; } fi\n",
    ];
    for text in sound {
        assert_eq!(parse(text).error, None, "{text}");
    }
    assert_eq!(fault("if true then a; fi\n").1, 1);
    assert_eq!(fault("if true; then echo a fi\n").1, 1);
    assert_eq!(fault("(a) b\n").1, 1);
}

#[test]
fn a_word_ends_at_a_continued_line_that_goes_on_with_a_blank() {
    for text in ["if a; then b; fi\\\n  && c\n", "if a; then\\\n b; fi\\\n\n", "(a)\\\n&& if b; then c; fi\\\n;d\n"] {
        assert_eq!(parse(text).error, None, "{text}");
    }
    // `fix` is no `fi`.
    assert_eq!(fault("if a; then b; fi\\\nx\n").1, 1);
}

#[test]
fn the_status_of_a_substitution_counts_where_a_variable_takes_it() {
    let text = "if [ \"$(a)\" ]; then b; fi\nx=$(c) || d\n";
    let script = parse(text);
    let mut lost = Vec::new();
    walk(&script, State::default(), &mut |step| {
        if step.place.substituted {
            lost.push(step.place.lost);
        }
    });
    assert_eq!(lost, [true, false]);
}
