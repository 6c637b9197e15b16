//! Words that programs use for severity → [`Level`].

use super::types::Level;

/// The level that a word of a log prefix names, in any case.
pub(super) fn of_word(word: &str) -> Option<Level> {
    let mut lower = [0_u8; 12];
    let slot = lower.get_mut(..word.len())?;
    for (to, from) in slot.iter_mut().zip(word.bytes()) {
        *to = from.to_ascii_lowercase();
    }
    Some(match &*slot {
        b"trace" | b"verbose" | b"silly" | b"finest" => Level::Trace,
        b"debug" | b"debug1" | b"debug2" | b"debug3" | b"debug4" | b"debug5" | b"fine" => Level::Debug,
        b"info" | b"information" | b"log" | b"notice" | b"note" | b"success" | b"ok" | b"http" | b"system" => {
            Level::Info
        }
        b"warn" | b"warning" => Level::Warn,
        b"error" | b"err" | b"severe" | b"fail" | b"failed" | b"failure" => Level::Error,
        b"fatal" | b"panic" | b"emerg" | b"emergency" | b"alert" | b"crit" | b"critical" => Level::Fatal,
        _ => return None,
    })
}

/// pino's and bunyan's numbers; those between belong to the level below.
pub(super) const fn of_number(number: u32) -> Option<Level> {
    Some(match number {
        10..=19 => Level::Trace,
        20..=29 => Level::Debug,
        30..=39 => Level::Info,
        40..=49 => Level::Warn,
        50..=59 => Level::Error,
        60..=100 => Level::Fatal,
        _ => return None,
    })
}

/// The severity of a PostgreSQL server's message, in the languages that its packages bring most.
pub(super) fn of_postgres(word: &str) -> Option<Level> {
    Some(match word {
        "LOG" | "INFO" | "NOTICE" | "HINWEIS" | "DETAIL" | "HINT" | "STATEMENT" | "CONTEXT" | "QUERY" | "LOCATION" => {
            Level::Info
        }
        "DEBUG" | "DEBUG1" | "DEBUG2" | "DEBUG3" | "DEBUG4" | "DEBUG5" => Level::Debug,
        "TIPP" | "ANWEISUNG" | "KONTEXT" | "ASTUCE" | "DÉTAIL" | "INSTRUCTION" | "CONTEXTE" | "DETALLE"
        | "SENTENCIA" => Level::Info,
        "WARNING" | "WARNUNG" | "ATTENTION" | "ADVERTENCIA" => Level::Warn,
        "ERROR" | "FEHLER" | "ERREUR" => Level::Error,
        "FATAL" | "PANIC" | "PANIK" => Level::Fatal,
        _ => return None,
    })
}

/// Whether a PostgreSQL severity only adds to the message before it.
pub(super) fn adds_to_postgres(word: &str) -> bool {
    matches!(
        word,
        "DETAIL"
            | "HINT"
            | "STATEMENT"
            | "CONTEXT"
            | "QUERY"
            | "LOCATION"
            | "TIPP"
            | "ANWEISUNG"
            | "KONTEXT"
            | "ASTUCE"
            | "DÉTAIL"
            | "INSTRUCTION"
            | "CONTEXTE"
            | "DETALLE"
            | "SENTENCIA"
    )
}

/// Redis' marks.
pub(super) const fn of_redis(mark: char) -> Option<Level> {
    Some(match mark {
        '.' => Level::Debug,
        '-' | '*' => Level::Info,
        '#' => Level::Error,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_any_case() {
        assert_eq!(of_word("ERROR"), Some(Level::Error));
        assert_eq!(of_word("Warning"), Some(Level::Warn));
        assert_eq!(of_word("emerg"), Some(Level::Fatal));
        assert_eq!(of_word("SUCCESS"), Some(Level::Info));
        assert_eq!(of_word("errors"), None);
        assert_eq!(of_word(""), None);
        assert_eq!(of_word("a much longer word than any level"), None);
    }

    #[test]
    fn numbers_and_marks() {
        assert_eq!(of_number(50), Some(Level::Error));
        assert_eq!(of_number(35), Some(Level::Info));
        assert_eq!(of_number(3), None);
        assert_eq!(of_redis('#'), Some(Level::Error));
        assert_eq!(of_redis('!'), None);
    }

    #[test]
    fn postgres_words() {
        assert_eq!(of_postgres("PANIC"), Some(Level::Fatal));
        assert_eq!(of_postgres("FEHLER"), Some(Level::Error));
        assert_eq!(of_postgres("error"), None);
        assert!(adds_to_postgres("HINT") && !adds_to_postgres("NOTICE"));
    }
}
