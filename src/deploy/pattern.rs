//! Patterns of paths with `*` and `?`, as nginx, Docker and shells write them.

/// Whether a path fits a pattern with `*` and `?`, neither of which goes beyond a slash.
pub(super) fn fits(pattern: &str, path: &str) -> bool {
    let (mut patterns, mut parts) = (pattern.split('/'), path.split('/'));
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) if part_fits(pattern, part) => {}
            _ => return false,
        }
    }
}

/// The same for one part of a path: each piece between stars is looked for behind the one before.
pub(super) fn part_fits(pattern: &str, part: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = behind(part, first) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        let Some(found) = rest.char_indices().find_map(|(at, _)| behind(rest.get(at..)?, piece)) else { return false };
        rest = found;
    }
    let length = last.chars().count();
    let total = rest.chars().count();
    let tail =
        total.checked_sub(length).and_then(|at| rest.char_indices().map(|(at, _)| at).chain([rest.len()]).nth(at));
    tail.and_then(|at| behind(rest.get(at..)?, last)).is_some_and(str::is_empty)
}

/// What follows a piece at the beginning of a text; `?` in it is any character.
fn behind<'a>(text: &'a str, piece: &str) -> Option<&'a str> {
    let mut characters = text.chars();
    for wanted in piece.chars() {
        let found = characters.next()?;
        if wanted != '?' && wanted != found {
            return None;
        }
    }
    Some(characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_stay_within_a_folder() {
        assert!(fits("/etc/nginx/conf.d/*.conf", "/etc/nginx/conf.d/a.conf"));
        assert!(
            fits("/a/*", "/a/b") && fits("/a/b", "/a/b") && fits("/a/x*y*z", "/a/x1y2y3z") && fits("/a/?.c", "/a/ü.c")
        );
        for (pattern, path) in [
            ("/etc/nginx/conf.d/*.conf", "/etc/nginx/conf.d/a/b.conf"),
            ("/etc/nginx/conf.d/*.conf", "/etc/nginx/conf.d/a.conf.off"),
            ("/a/x*x", "/a/x"),
            ("/a/*", "/a"),
        ] {
            assert!(!fits(pattern, path), "{pattern} {path}");
        }
    }
}
