//! Programs that take a secret on their command line, and how.

/// How a program takes its secret.
#[derive(Clone, Copy)]
pub(super) enum Taken {
    /// `-pSECRET`; a word behind `-p` is something else.
    Attached(char),
    /// `-p SECRET` or `-pSECRET`, for each of these letters.
    Flag(&'static str),
    /// `-k SECRET` only: what is attached makes another flag of it.
    Apart(&'static str),
    /// `-u user:SECRET`, also as a long flag.
    Login(char, char),
    /// The first argument that is no flag: `user/SECRET@place`.
    Account,
    /// The last argument, if this word or flag is among the others.
    Last(&'static [&'static str]),
}

/// A program, what must stand on its line, and how it takes its secret.
pub(super) type Program = (&'static str, &'static str, Taken);

/// The programs that a word may call. A name of the table that ends with `*` may go on.
pub(super) fn called(word: &str) -> impl Iterator<Item = &'static Program> {
    let bytes = word.as_bytes();
    let second = bytes.get(1).copied().unwrap_or(b'*');
    of(bytes.first().copied().unwrap_or(0)).iter().filter(move |(name, _, _)| {
        name.as_bytes().get(1) == Some(&second)
            && name.strip_suffix('*').map_or(*name == word, |head| word.starts_with(head))
    })
}

/// The programs whose names begin with a letter.
#[rustfmt::skip]
const fn of(first: u8) -> &'static [Program] {
    use Taken::{Account, Apart, Attached, Flag, Last, Login};
    match first {
        b'7' => &[("7z*", " -p", Attached('p'))],
        b'a' => &[("az", "login", Flag("p")), ("ab", "-A", Login('A', ':')), ("airflow", "users", Flag("p"))],
        b'b' => &[("bcp", "", Flag("P")), ("beeline", "", Flag("p")), ("buildah", "login", Flag("p"))],
        b'c' => &[
            ("curl", "", Login('u', ':')), ("cqlsh", "", Flag("p")), ("cypher", "-shell", Flag("p")), ("codecov", " -t", Flag("t")),
            ("crane", "login", Flag("p")), ("cargo", "login", Last(&["login"])), ("cloudflared", "install", Last(&["install"])),
        ],
        b'd' => &[("docker", "login", Flag("p")), ("doctl", "init", Flag("t")), ("dotnet", "push", Flag("k"))],
        b'f' => &[("ftp", "-u", Login('u', ','))],
        b'g' => &[("grafana*", "reset-admin-password", Last(&["reset-admin-password"]))],
        b'h' => &[("helm", "login", Flag("p")), ("htpasswd", "", Last(&["-b"])), ("http", " -a", Login('a', ':')), ("https", " -a", Login('a', ':')), ("hey", " -a", Login('a', ':'))],
        b'i' => &[("ipmitool", "", Flag("PE")), ("influx", "", Flag("t"))],
        b'k' => &[("kadmin", "", Flag("w")), ("kinit", "", Flag("w"))],
        b'l' => &[("ldap*", "-", Flag("w")), ("lftp", "-u", Login('u', ','))],
        b'm' => &[
            ("mysqladmin", " password ", Last(&["password"])), ("mysql*", "", Attached('p')), ("mariadb*", "", Attached('p')), ("mycli", "", Attached('p')), ("mongo*", "", Flag("p")),
            ("mc", "", Last(&["alias", "host"])), ("mcli", "", Last(&["alias", "host"])), ("mosquitto_passwd", "", Last(&["-b"])),
            ("mosquitto_*", "", Flag("P")),
        ],
        b'n' => &[("nerdctl", "login", Flag("p")), ("ngrok", "auth", Last(&["authtoken", "add-authtoken"])), ("net", "/user:", Last(&["use"])), ("net", " user ", Last(&["user"])), ("nuget", "setapikey", Last(&["setapikey"]))],
        b'o' => &[("openssl", " passwd ", Last(&["passwd"])), ("openssl", "", Apart("kK")), ("oc", "login", Flag("p"))],
        b'p' => &[("podman", "login", Flag("p")), ("poetry", "publish", Flag("p")), ("poetry", "config", Last(&["pypi-token.pypi"])), ("psexec", "", Flag("p"))],
        b'r' => &[
            ("redis", "-cli", Flag("a")), ("redis", "-benchmark", Flag("a")), ("rar", " -p", Attached('p')), ("rabbitmqctl", "", Last(&["add_user", "change_password", "authenticate_user"])),
            ("rabbitmqadmin", "", Flag("p")), ("rclone", "", Last(&["obscure"])),
        ],
        b's' => &[
            ("sshpass", "", Flag("p")), ("ssh", "-keygen", Flag("NP")), ("skopeo", "login", Flag("p")), ("sqlcmd", "", Flag("P")), ("smbclient", "", Login('U', '%')),
            ("snmp*", "", Flag("AXc")), ("snyk", "auth", Last(&["auth"])), ("sqlplus", "", Account), ("sqlldr", "", Account), ("samba", "-tool", Last(&["create", "setpassword"])),
        ],
        b't' => &[("twine", "", Flag("p")), ("tsh", "", Flag("p"))],
        b'u' => &[("useradd", "", Flag("p")), ("usermod", "", Flag("p")), ("unzip", "", Flag("P")), ("unrar", " -p", Attached('p'))],
        b'v' => &[("valkey", "-cli", Flag("a")), ("vault", "login", Last(&["login"]))],
        b'w' => &[("winexe", "", Login('U', '%'))],
        b'x' => &[("xh", " -a", Login('a', ':')), ("xhs", " -a", Login('a', ':'))],
        b'z' => &[("zip", "", Flag("P"))],
        _ => &[],
    }
}
