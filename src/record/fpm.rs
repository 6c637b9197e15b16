//! What PHP-FPM writes around the messages of the programs that it runs.

use nom::{
    Parser as _,
    branch::alt,
    bytes::complete::{tag, take_while_m_n},
    character::complete::char,
    combinator::{opt, verify},
    sequence::delimited,
};

use super::layers::Layers;
use super::line::Layer;
use super::time::{Res, dashed, digits, no};

/// What stands before each message that a program hands to PHP's log. Its level is PHP-FPM's own and the same for all of them.
const MESSAGE: &str = "NOTICE: PHP message: ";

/// `NOTICE: PHP message: `, and `[19-Nov-2026 05:41:30] WARNING: [pool www] child 9 said into stderr: "` around it: of each line that a process of a
/// pool prints. Only the first line of a message bears the mark, so the others begin no record. No level is known.
pub(super) fn message(i: &str) -> Res<'_, Layer<'_>> {
    alt((said, marked)).parse(i)
}

fn marked(i: &str) -> Res<'_, Layer<'_>> {
    let (i, _) = tag(MESSAGE).parse(i)?;
    Ok((i, Layer { seen: Layers::SCRIPT, head: true, ..Layer::default() }))
}

fn said(i: &str) -> Res<'_, Layer<'_>> {
    let (i, time) = opt(delimited(char('['), dashed, tag("] "))).parse(i)?;
    let (i, _) = opt(tag("WARNING: ")).parse(i)?;
    let pool = verify(take_while_m_n(1, 80, |c: char| c != ']'), |name: &str| !name.contains('['));
    let (i, (_, _, _, _, _)) = (tag("[pool "), pool, tag("] child "), digits(1, 9), tag(" said into std")).parse(i)?;
    let (i, _) = alt((tag("err: \""), tag("out: \""))).parse(i)?;
    let inside = i.strip_suffix(", pipe is closed").unwrap_or(i);
    let Some(inside) = inside.strip_suffix('"') else { return no() };
    let layer = Layer { seen: Layers::SCRIPT, time, ..Layer::default() };
    Ok(marked(inside).map_or((inside, layer), |(text, mark)| (text, Layer { time, ..mark })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_in_each_of_its_wrappings() {
        for (text, body, head) in [
            ("NOTICE: PHP message: it broke", "it broke", true),
            ("[19-Nov-2026 05:41:30] WARNING: [pool www] child 9 said into stderr: \"it broke\"", "it broke", false),
            (
                "[19-Nov-2026 05:41:30.104233] WARNING: [pool www] child 9 said into stdout: \"it broke\", pipe is closed",
                "it broke",
                false,
            ),
            (
                "WARNING: [pool shop.example] child 9 said into stderr: \"NOTICE: PHP message: it \"broke\"\"",
                "it \"broke\"",
                true,
            ),
            ("[pool www] child 9 said into stderr: \"\"", "", false),
        ] {
            let (rest, layer) = message(text).unwrap();
            assert_eq!((rest, layer.head, layer.level), (body, head, None), "{text}");
            assert_eq!(layer.time.is_some(), text.starts_with("[19"), "{text}");
        }
    }

    #[test]
    fn what_php_fpm_says_of_itself_is_left() {
        for text in [
            "[19-Nov-2026 05:41:30] WARNING: [pool www] child 9 exited on signal 11 (SIGSEGV) after 3.1 seconds from start",
            "[19-Nov-2026 05:41:30] NOTICE: fpm is running, pid 1",
            "[19-Nov-2026 05:41:30] WARNING: [pool www] child 9 said into stderr: \"torn off",
            "NOTICE: ready to handle connections",
            "PHP message: it broke",
        ] {
            assert!(message(text).is_err(), "{text}");
        }
    }
}
