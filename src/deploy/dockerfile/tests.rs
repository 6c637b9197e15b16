use super::*;

fn read(text: &str) -> Dockerfile {
    let found = parse(text);
    assert_eq!(found.errors, [], "{text}");
    found
}

fn last(file: &Dockerfile) -> &Instruction {
    file.stages.last().unwrap().instructions.last().unwrap()
}

#[test]
fn stages_and_arguments_are_told_apart() {
    let file = read(
        "# syntax=docker/dockerfile:1\nARG V=20\nFROM --platform=$BUILDPLATFORM node:${V} AS build\nRUN npm ci\nFROM node:20\nCOPY --from=build /app /app\n",
    );
    assert_eq!(file.arguments[0].value.as_ref().unwrap().text, "20");
    assert_eq!(file.stages[0].name.as_ref().unwrap().text, "build");
    assert_eq!(file.stages[0].platform.as_ref().unwrap().text, "$BUILDPLATFORM");
    assert_eq!(last(&file).flag("from").unwrap().text, "build");
}

#[test]
fn a_continued_command_keeps_its_places() {
    let text = "FROM alpine\nRUN apk add --no-cache \\\n  # a comment\n\n  curl \\  \n  bash && \\\n  ls | tee x\n";
    let file = read(text);
    let InstructionKind::Run(Command::Shell { script, .. }) = &last(&file).kind else { panic!() };
    assert_eq!(script.error, None);
    let item = &script.body.items[0];
    assert_eq!(item.chain.len(), 2);
    let pipeline = &item.chain[1].pipeline;
    assert_eq!(text.get(pipeline.span.clone()), Some("ls | tee x"));
}

#[test]
fn lists_are_json_and_nothing_else() {
    let file = read("FROM a\nCMD [\"node\", \\\n  \"a \\\"b\\\"\"]\n");
    let InstructionKind::Cmd(Command::Exec { words, .. }) = &last(&file).kind else { panic!() };
    assert_eq!(words[1].text, "a \"b\"");
    let file = read("FROM a\nCMD ['node', 'x']\n");
    assert!(matches!(&last(&file).kind, InstructionKind::Cmd(Command::Shell { looks_like_list: true, .. })));
    let file = read("FROM a\nCMD []\n");
    assert!(matches!(&last(&file).kind, InstructionKind::Cmd(Command::Exec { words, .. }) if words.is_empty()));
    let file = read("FROM a\nCMD [ -f x ] && y\n");
    assert!(matches!(&last(&file).kind, InstructionKind::Cmd(Command::Shell { looks_like_list: false, .. })));
}

#[test]
fn here_documents_belong_to_their_instruction() {
    let text = "FROM a\nRUN <<EOF\nset -e\nnpm ci || true\nEOF\nRUN cat <<A > x && cat <<-\"B\" > y\nFROM\nA\n\tRUN\n\tB\nCOPY --chmod=755 <<END /entrypoint.sh\n#!/bin/sh\nexec \"$@\"\nEND\nUSER node\n";
    let file = read(text);
    let stage = &file.stages[0];
    assert_eq!(stage.instructions.len(), 4);
    let InstructionKind::Run(Command::Shell { script, .. }) = &stage.instructions[0].kind else { panic!() };
    assert_eq!(text.get(script.body.items[1].span.clone()), Some("npm ci || true"));
    let InstructionKind::Run(Command::Shell { script, .. }) = &stage.instructions[1].kind else { panic!() };
    assert_eq!((script.error.as_ref(), script.body.items[0].chain.len()), (None, 2));
    let InstructionKind::Copy(copy) = &stage.instructions[2].kind else { panic!() };
    assert!(matches!(&copy.sources[0], Source::Inline(text) if text.text.starts_with("#!/bin/sh")));
}

#[test]
fn pairs_come_in_two_forms() {
    let text = "FROM a\nENV A=1 B=\"two words\" \\\n  C=$A\nENV D some text\n";
    let file = read(text);
    let InstructionKind::Env(pairs) = &file.stages[0].instructions[0].kind else { panic!() };
    assert_eq!(pairs[1].value.as_ref().unwrap().text, "two words");
    assert_eq!(text.get(pairs[2].value.as_ref().unwrap().span.clone()), Some("$A"));
    let InstructionKind::Env(pairs) = &last(&file).kind else { panic!() };
    assert_eq!(pairs[0].value.as_ref().unwrap().text, "some text");
}

#[test]
fn the_escape_character_can_be_a_backtick() {
    let file = read("# escape=`\nFROM a\nRUN dir C:\\ `\n  && echo x\nWORKDIR C:\\app\n");
    assert_eq!(file.stages[0].instructions.len(), 2);
}

#[test]
fn faults_have_their_place_and_leave_the_rest() {
    let text = "FROM a\nRUNN x\nCOPY x\nHEALTHCHECK curl x\nCMD [\"a\"]\nCOPY --form=b x y\n";
    let found = parse(text);
    let lines: Vec<usize> =
        found.errors.iter().map(|error| text.get(..error.span.start).unwrap().matches('\n').count() + 1).collect();
    assert_eq!(lines, [2, 3, 4, 6]);
    assert_eq!(found.stages[0].instructions.len(), 1);
    assert_eq!(parse("").errors.len(), 1);
    assert_eq!(parse("RUN x\n").errors.len(), 1);
    assert_eq!(parse("FROM a\nRUN <<EOF\nx\n").errors.len(), 1);
}

#[test]
fn dos_line_ends_and_marks_are_read_over() {
    let file = read("\u{feff}FROM a\r\nRUN a \\\r\n  && b\r\nCMD [\"x\"]\r\n");
    assert_eq!(file.stages[0].instructions.len(), 2);
}

#[test]
fn no_text_breaks_it() {
    let text = "# escape=`\nFROM --platform=x a AS b\nRUN <<EOF && x \\\n # c\n y\nEOF\nCMD [\"a\\u0041é\", 'b']\nENV é=\"ü\nONBUILD RUN x\n";
    for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
        let _ = parse(text.get(..cut).unwrap());
        let _ = parse(text.get(cut..).unwrap());
    }
}
