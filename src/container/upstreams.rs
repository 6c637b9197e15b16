//! The hosts and ports that a proxy's configuration names.

/// Most that are read of one configuration.
const MOST: usize = 64;

/// `crm:3000`, `api` of a configuration, each once. Lines that are comments name nothing.
#[must_use]
pub fn upstreams(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let words = line.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '{' | '}' | ','));
        for host in words.filter_map(place) {
            if found.len() < MOST && !found.contains(&host) {
                found.push(host);
            }
        }
    }
    found
}

/// Names and addresses of HAProxy's `server feed feed:9000 check`.
#[must_use]
pub fn servers(text: &str) -> Vec<(String, String)> {
    let server = |line: &str| {
        let mut words = line.split_whitespace();
        words.next().filter(|word| *word == "server")?;
        Some((words.next()?.to_owned(), words.next().and_then(place)?))
    };
    text.lines().filter_map(server).take(MOST).collect()
}

/// A word that is an address: with a scheme, or with a port.
fn place(word: &str) -> Option<String> {
    let (scheme, rest) = word.split_once("://").map_or((false, word), |(_, rest)| (true, rest));
    let authority = rest.split(['/', '?']).next()?;
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let named = host.starts_with(|c: char| c.is_ascii_alphabetic())
        && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let numbered = port.is_none_or(|port| port.parse::<u16>().is_ok());
    (named && numbered && (scheme || port.is_some())).then(|| authority.to_owned())
}

/// The file that a command names with `-c` as its configuration.
#[must_use]
pub fn configuration(command: &[String]) -> Option<String> {
    let text = command.join(" ");
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        if word == "-c"
            && let Some(path) = words.clone().next().filter(|path| path.starts_with('/'))
        {
            return Some(path.trim_end_matches([';', '\'', '"']).to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_from_nginx_haproxy_and_caddy() {
        let nginx = "events{}\n# proxy_pass http://old:3000;\nserver { listen 80; server_name crm.example.com; location / { proxy_pass http://crm:3000/; } }\nupstream api { server api-1:8080 max_fails=3; }\nset $up http://front;";
        assert_eq!(upstreams(nginx), ["crm:3000", "api-1:8080", "front"]);
        assert_eq!(upstreams("  server s1 crm:3000 check\n"), ["crm:3000"]);
        let named = servers("backend be\n  server s1 crm:3000 check\nserver api-1:8080;\nserver { listen 80; }\n");
        assert_eq!(named, [("s1".to_owned(), "crm:3000".to_owned())]);
        assert_eq!(upstreams("crm.example.com {\n\treverse_proxy crm:3000\n}\n"), ["crm:3000"]);
        assert_eq!(upstreams("error_log /dev/stderr notice; listen 80; map $a:b c;"), Vec::<String>::new());
    }

    #[test]
    fn a_command_names_its_configuration() {
        let words = |text: &[&str]| configuration(&text.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(words(&["nginx", "-c", "/tmp/n.conf", "-g", "daemon off;"]).as_deref(), Some("/tmp/n.conf"));
        assert_eq!(words(&["sh", "-c", "exec nginx -c /tmp/n.conf -g 'daemon off;'"]).as_deref(), Some("/tmp/n.conf"));
        assert_eq!(words(&["sh", "-c", "nginx"]), None);
    }
}
