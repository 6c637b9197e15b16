use super::super::parse;
use super::*;

fn read(text: &str) -> Routes {
    routes(&parse(text), &|name| (name == "APP_PORT").then(|| "3000".to_owned()))
}

fn passes(text: &str) -> Vec<String> {
    let shown = |pass: Pass| {
        let address = pass.address.map_or("?".to_owned(), |a| format!("{} {}", a.host, a.port.unwrap_or(0)));
        format!("{address}{}", if pass.variable { " late" } else { "" })
    };
    read(text).passes.into_iter().map(shown).collect()
}

#[test]
fn addresses() {
    let shown = |text| address(text, Some(80)).map(|a| format!("{} {}", a.host, a.port.unwrap_or(0)));
    assert_eq!(shown("app").as_deref(), Some("app 80"));
    assert_eq!(shown("app:3000").as_deref(), Some("app 3000"));
    assert_eq!(shown("[::1]:3000").as_deref(), Some("::1 3000"));
    for none in ["unix:/run/app.sock", "$up:1", "app:x", ""] {
        assert_eq!(shown(none), None, "{none}");
    }
}

#[test]
fn targets_and_what_is_known_of_their_variables() {
    assert_eq!(passes("location / { proxy_pass http://app:3000/x; }"), ["app 3000"]);
    assert_eq!(passes("proxy_pass https://app;"), ["app 443"]);
    assert_eq!(passes("fastcgi_pass php:9000;"), ["php 9000"]);
    assert_eq!(passes("fastcgi_pass unix:/run/php.sock;"), ["?"]);
    assert_eq!(passes("set $up http://app:3000; proxy_pass $up;"), ["app 3000 late"]);
    assert_eq!(passes("set $up app; proxy_pass http://$up:${APP_PORT}$request_uri;"), ["app 3000 late"]);
    assert_eq!(passes("set $up app; proxy_pass http://$up:${APP_PORT}/;"), ["app 3000 late"]);
    assert_eq!(passes("set $a b; set $a c; proxy_pass http://$a;"), ["? late"]);
    assert_eq!(passes("proxy_pass http://app:${APP_PORT};"), ["app 3000"]);
    assert_eq!(passes("proxy_set_header a b; proxy_pass_header c;"), [""; 0]);
}

#[test]
fn upstreams_listens_and_locations() {
    let found = read(
        "http { resolver 127.0.0.11; upstream a { server app:3000 weight=2; server b:1 resolve; keepalive 2; }
         server { listen 8080 default_server; listen [::]:8443 ssl; listen 127.0.0.1:9; listen unix:/x;
           location /api/ { proxy_pass http://a; } location ~ \\.php$ { fastcgi_pass php:9000; } } }",
    );
    assert!(found.resolver);
    let servers: Vec<_> =
        found.upstreams[0].servers.iter().map(|s| (s.address.clone().unwrap().host, s.late)).collect();
    assert_eq!(servers, [("app".to_owned(), false), ("b".to_owned(), true)]);
    let ports: Vec<_> = found.listens.iter().map(|listen| (listen.port, listen.loopback)).collect();
    assert_eq!(ports, [(Some(8080), false), (Some(8443), false), (Some(9), true), (None, false)]);
    assert_eq!(found.passes[0].location.as_ref().unwrap().0, "/api/");
    assert_eq!(found.passes[1].location, None);
}
