"""Hostile rule folders and deployments."""

import os

from case import FAULT, MIB, Case, caused, files, write

RULE = """\
schema = 1
id = "{area}/{name}"
title = "t"
severity = "error"
role = "cause"
summary = "s"
impact = "i"
[match]
any = [{{ name = "a", {clause} }}]
[[remedy]]
step = "r"
risk = "none"
[[verify]]
run = "v"
expect = "e"
[[reference]]
title = "t"
url = "https://example.com"
[[example]]
name = "x"
matches = "a"
log = "nothing of it"
"""


def rule(clause, name="x", area="a"):
    return RULE.format(area=area, name=name, clause=clause)


def many_rules(count):
    def make(folder):
        os.makedirs(f"{folder}/rules/a")
        for number in range(count):
            with open(f"{folder}/rules/a/x{number}.toml", "w", encoding="utf-8") as file:
                file.write(rule(f'contains = "literal number {number}"', f"x{number}"))

    return make


def loops(folder):
    os.makedirs(f"{folder}/rules/a")
    for name in ("l1", "l2", "l3"):
        os.symlink("..", f"{folder}/rules/a/{name}")
    os.symlink("self.toml", f"{folder}/rules/a/self.toml")


def link_out(folder):
    os.makedirs(f"{folder}/rules/a")
    os.symlink("/", f"{folder}/rules/a/all")


def pipe_in_rules(folder):
    os.makedirs(f"{folder}/rules/a")
    os.mkfifo(f"{folder}/rules/a/x.toml")


def endless_rule(folder):
    os.makedirs(f"{folder}/rules/a")
    os.symlink("/dev/zero", f"{folder}/rules/a/x.toml")


def named(run):
    said = run.err.decode()
    return None if "rules/a/x.toml:" in said and "help:" in said else said


def rules():
    def one(name, text, codes=(1, 2), **more):
        return Case(f"rules: {name}", ["rules", "check", "rules"], make=files({"rules/a/x.toml": text}), codes=codes, **more)

    def used(name, make, codes=(2,), **more):
        return Case(f"rules in use: {name}", ["--patterns", "rules", "--format", "json"], make=make, stdin=lambda: iter([FAULT * 100, b"a" * MIB]), codes=codes, **more)

    bombs = {
        "a regex that repeats a million times": "regex = '(a{1000}){1000}'",
        "a regex of repetitions inside each other": "regex = 'abcd((((a{1,90}){1,90}){1,90}){1,90})'",
        "a regex that others try for ever": "regex = 'abcd(a*)*(a|aa)+$'",
        "a regex nested too deep": "regex = 'abcd" + "(" * 20_000 + ")" * 20_000 + "'",
        "a class of all characters, often": "regex = 'abcd" + r"\\p{L}{100}" * 200 + "'",
        "alternatives without end": "regex = '" + "|".join(f"word{n}" for n in range(50_000)) + "'",
        "all of everything": "regex = 'abcd.*.*.*.*.*.*.*.*x'",
    }
    return [
        *(one(name, rule(clause)) for name, clause in bombs.items()),
        *(used(name, files({"rules/a/x.toml": rule(clause)}), codes=(1, 2)) for name, clause in bombs.items()),
        one("10 MB of text", 'title = "' + "x" * 10_000_000 + '"\n'),
        one("tables nested without end", "a = " + "[" * 200_000),
        one("keys nested without end", ".".join(["a"] * 200_000) + " = 1"),
        one("noise", os.urandom(100_000), codes=(1, 2)),
        one("NULs", b"\0" * 100_000),
        one("control sequences", rule("contains = 'x'", name="\x1b]0;x\x07")),
        one("titles nested without end", rule("contains = 'some text'").replace('"t"', '"' + "[" * 100_000 + '"', 1)),
        used("ten thousand rules", many_rules(10_000), codes=(1, 2), slow=True),
        used("a hundred thousand rules", many_rules(100_000), codes=(2,), slow=True),
        used("folders that hold themselves", loops, codes=(1, 2)),
        Case("rules: folders that hold themselves", ["rules", "check", "rules"], make=loops, codes=(0, 1, 2)),
        used("a pipe for a rule", pipe_in_rules),
        used("a link to the whole disk", link_out),
        Case("rules: a link to the whole disk", ["rules", "check", "rules"], make=link_out, codes=(2,)),
        used("a hundred large regexes", files({f"rules/a/x{n}.toml": rule(f"regex = 'EADDR(a{{1,60}}|I){{1,30}}{n}'", f"x{n}") for n in range(100)}), codes=(1, 2)),
        used("a regex larger than is given", files({"rules/a/x.toml": rule("regex = 'EADDR(a{1,200}){1,200}N'")}), check=named),
        used("a rule without an end", endless_rule),
    ]


# --- preflight ----------------------------------------------------------------------------------------------------------------------

SERVICE = "services:\n  a:\n    image: alpine\n"
BUILT = "services:\n  a:\n    build: .\n"
SCRIPTED = BUILT + "    entrypoint: [/entrypoint.sh]\n"
DOCKERFILE = "FROM alpine\nCOPY entrypoint.sh /entrypoint.sh\nENTRYPOINT [\"/entrypoint.sh\"]\n"


def aliases(levels=40):
    text = "x-0: &a0 [a, a]\n"
    for level in range(1, levels):
        text += f"x-{level}: &a{level} [*a{level - 1}, *a{level - 1}]\n"
    return text + SERVICE + f"    command: *a{levels - 1}\n"


def merges(levels=40):
    text = "x-0: &a0 {a: b}\n"
    for level in range(1, levels):
        text += f"x-{level}: &a{level} {{<<: [*a{level - 1}, *a{level - 1}], k{level}: *a{level - 1}}}\n"
    return text + SERVICE + f"    environment: *a{levels - 1}\n"


def doubling(form, times=60):
    return "".join(form.format(number + 1, number) for number in range(times))


def calls(levels=60):
    text = "#!/bin/sh\nf0() { npm run start; }\n"
    for level in range(1, levels):
        text += f"f{level}() {{ f{level - 1}; f{level - 1}; }}\n"
    return text + f"f{levels - 1}\n"


def scripts(count=60):
    """Scripts that call each other twice."""
    contents = {"compose.yaml": SCRIPTED, "Dockerfile": "FROM alpine\nCOPY . /\nENTRYPOINT [\"/entrypoint.sh\"]\n", "entrypoint.sh": "#!/bin/sh\n/s0.sh\n"}
    for number in range(count):
        contents[f"s{number}.sh"] = f"#!/bin/sh\n/s{number + 1}.sh\n/s{number + 1}.sh\n. /s{number + 1}.sh\n"
    return contents


def odd_files(folder):
    os.mkfifo(f"{folder}/.env")
    os.mkfifo(f"{folder}/entrypoint.sh")
    os.symlink("/dev/zero", f"{folder}/nginx.conf")
    os.symlink("Dockerfile", f"{folder}/Dockerfile")
    write("compose.yaml", SCRIPTED.encode(), b"    env_file: [.env, missing.env, /dev/zero, /proc/self/mem]\n    volumes: [./nginx.conf:/etc/nginx/nginx.conf]\n")(folder)


def pipe_for_compose(folder):
    os.mkfifo(f"{folder}/compose.yaml")


def included(folder):
    files({
        "compose.yaml": "include: [compose.yaml, b.yaml]\n" + SERVICE + "    extends: {file: b.yaml, service: a}\n",
        "b.yaml": "include: [compose.yaml, b.yaml]\n" + SERVICE + "    extends: {file: compose.yaml, service: a}\n",
    })(folder)


def services(count, form):
    return "services:\n" + "".join(form.format(number) for number in range(count))


def keys(name, count):
    return "    environment:\n" + "".join(f"      {name}{number}: 1\n" for number in range(count))


def clique(count, more=""):
    names = [f"s{number}" for number in range(count)]
    waits = ((name, "".join(f"      - {other}\n" for other in names if other != name)) for name in names)
    return "services:\n" + "".join(f"  {name}:\n    image: nginx\n{more}    depends_on:\n{others}" for name, others in waits)


def told(run):
    """Says what is wrong when the report does not say that something was left out."""
    return None if b"form/limit" in run.out or b"only these are told" in run.out else "nothing is said of what was left out"


def sums(of):
    """What is small by itself and large all together: aliases, merges, includes, files that many services share."""

    def both(name, small, full, make, honest=True):
        """Of a small size in the quick table, of the full one in the slow one, which must say what it left out."""
        return [of(f"{name}, {small}", make(small)), of(f"{name}, {full}", make(full), slow=True, check=told if honest else None)]

    def anchored(count):
        return {"compose.yaml": "x-b: &b \"" + "x" * 900_000 + "\"\n" + SERVICE + "    command: [" + ", ".join(["*b"] * count) + "]\n"}

    def dockerfile(count):
        text = "FROM alpine\n" + "".join(f"RUN echo {n} && npm ci | tail\n" for n in range(min(1900, 20 * count))) + "#" * 800_000
        return {"compose.yaml": services(count, "  s{0}: {{build: .}}\n"), "Dockerfile": text}

    def script(count):
        text = "#!/bin/sh\n" + "npm run a | tail -1 || exit 1\n" * min(9000, 50 * count) + "#" * 700_000
        return {"compose.yaml": services(count, "  s{0}: {{build: ., entrypoint: [/entrypoint.sh]}}\n"), "Dockerfile": DOCKERFILE, "entrypoint.sh": text}

    def own_scripts(count):
        compose = services(count, "  s{0}: {{image: alpine, volumes: ['./e{0}.sh:/e.sh'], entrypoint: [/e.sh]}}\n")
        return {"compose.yaml": compose, **{f"e{n}.sh": "#!/bin/sh\n" + "npm run a | tail\n" * 9000 + "#" * 700_000 for n in range(count)}}

    def unset(count):
        return {"compose.yaml": SERVICE + "    command: \"" + "".join(f"$V{n}" for n in range(count)) + "\"\n"}

    def put_in(count):
        compose = SERVICE + "    environment:\n" + "".join(f"      V{n}: $A\n" for n in range(count))
        return {"compose.yaml": compose, ".env": "A=" + "x" * 60_000 + "\n"}

    def two_files(count):
        return {"compose.yaml": SERVICE + keys("k", count), "compose.override.yaml": SERVICE + keys("j", count)}

    def included_often(count):
        return {"compose.yaml": "include: [" + ", ".join(["b.yaml"] * count) + "]\n" + SERVICE, "b.yaml": SERVICE + keys("k", 100 * count)}

    def extended(count):
        more = "".join(f"  s{n}: {{extends: a}}\n" for n in range(count))
        return {"compose.yaml": SERVICE + keys("k", 200 * count) + more}

    def variables(count):
        text = "".join(f"V{n}={'x' * 150}\n" for n in range(25 * count))
        return {"compose.yaml": services(count, "  s{0}: {{image: x, env_file: [b.env, b.env, b.env]}}\n"), "b.env": text}

    def own_variables(count):
        compose = services(count, "  s{0}: {{image: x, env_file: e{0}.env}}\n")
        text = "".join(f"A{n}_DB_HOST=postgres://u:changeme@localhost/x\n" for n in range(1000))
        return {"compose.yaml": compose, **{f"e{n}.env": text for n in range(count)}}

    def nginx(count):
        compose = services(count, "  s{0}:\n    image: nginx\n    volumes: [./n.conf:/etc/nginx/nginx.conf]\n")
        places = "".join(f" location /{n} {{ proxy_pass http://h{n}:80; }}\n" for n in range(12 * count))
        return {"compose.yaml": compose, "n.conf": "http { server {\n" + places + "} }\n#" + "x" * 800_000}

    def settings(count):
        compose = services(count, "  s{0}: {{image: redis, command: [redis-server, /r.conf], volumes: ['./r.conf:/r.conf']}}\n")
        return {"compose.yaml": compose, "r.conf": "maxmemory 1gb\n" * (60_000 if count > 50 else 1000)}

    return [
        *both("one large anchor, aliased often", 20, 2000, anchored),
        *both("services that share a Dockerfile", 20, 200, dockerfile),
        *both("services that share a script", 20, 200, script),
        *both("services with large scripts of their own", 4, 200, own_scripts),
        *both("unset variables in one text", 3000, 130_000, unset, honest=False),
        *both("a long value put into many", 300, 20_000, put_in),
        *both("two files of many keys", 900, 50_000, two_files),
        *both("one file included often", 9, 490, included_often),
        *both("one service extended often", 4, 150, extended),
        *both("services that share an environment file", 20, 190, variables),
        *both("services with environment files of their own", 3, 190, own_variables),
        *both("services that share a configuration of nginx", 20, 190, nginx),
        *both("services that share a configuration of Redis", 20, 190, settings),
        *both("services that all wait for each other", 20, 190, lambda count: {"compose.yaml": clique(count)}),
        of("services with health checks that all wait", {"compose.yaml": clique(190, "    healthcheck: {test: x}\n")}, slow=True),
    ]


def deployments():
    def of(name, contents, codes=(0, 1), **more):
        return Case(f"preflight: {name}", ["preflight", "."], make=files(contents) if isinstance(contents, dict) else contents, codes=codes, **more)

    def scripted(name, script, **more):
        return of(name, {"compose.yaml": SCRIPTED, "Dockerfile": DOCKERFILE, "entrypoint.sh": script}, **more)

    def built(name, dockerfile, **more):
        return of(name, {"compose.yaml": BUILT, "Dockerfile": dockerfile}, **more)

    def composed(name, text, **more):
        return of(name, {"compose.yaml": text}, codes=(0, 1, 2), **more)

    def proxied(name, text, **more):
        compose = SERVICE.replace("alpine", "nginx:1.27") + "    volumes: [./nginx.conf:/etc/nginx/nginx.conf]\n"
        return of(name, {"compose.yaml": compose, "nginx.conf": text}, **more)

    command = "npm run migrate 2>&1 | tee /tmp/log; "
    stages = "".join(f"FROM alpine AS s{n}\n" + f"COPY --from=s{n - 1} / /\n" * 20 for n in range(1, 9))
    return [
        *sums(of),
        composed("YAML lists nested without end", "services: " + "[" * 200_000),
        composed("YAML maps nested without end", "services: " + "{a: " * 100_000),
        composed("YAML indented without end", "".join(" " * n + "a:\n" for n in range(2000))),
        composed("aliases that double", aliases()),
        composed("merged maps that double", merges()),
        composed("an alias of itself", "services: &a\n  b: *a\n  <<: *a\n"),
        composed("ten thousand services", "services:\n" + "".join(f"  s{n}: {{image: alpine, depends_on: [s{n + 1}]}}\n" for n in range(10_000)), slow=True),
        composed("a thousand services", "services:\n" + "".join(f"  s{n}: {{image: alpine, depends_on: [s{(n + 1) % 1000}]}}\n" for n in range(1000))),
        composed("a hundred thousand variables", SERVICE + "    environment:\n" + "".join(f"      V{n}: ${{V{n + 1}:-x}}\n" for n in range(100_000)), slow=True),
        composed("defaults inside of defaults", SERVICE + "    command: " + "${A:-" * 50_000 + "}" * 50_000 + "\n"),
        composed("5 MiB", SERVICE + "#" * (5 * MIB)),
        composed("a scalar of 3 MiB", SERVICE + "    command: " + "x" * (3 * MIB) + "\n"),
        composed("anchors by the ten thousand", "".join(f"x{n}: &a{n} 1\n" for n in range(50_000)) + SERVICE),
        composed("control sequences and markup", SERVICE.replace("  a:", '  "\\e]0;x\\a<script>\\u202e":') + '    command: "\\e[2J"\n    environment: {"<b>\\e[31m": "```"}\n'),
        composed("noise", os.urandom(100_000)),
        composed("only tabs", "\t" * 100_000),
        of("files that include each other", included, codes=(0, 1, 2)),
        of("pipes and devices for files", odd_files, codes=(0, 1, 2)),
        of("files of the kernel", {"compose.yaml": SERVICE + "    env_file: [/proc/kmsg, /proc/self/mem]\n"}, codes=(0, 1, 2)),
        of("a pipe for the compose file", pipe_for_compose, codes=(2,)),
        Case("preflight: a device for the compose file", ["preflight", "--compose", "/dev/zero"], codes=(2,)),
        Case("preflight: the root of the machine", ["preflight", "/proc/self"], codes=(2,)),
        scripted("a line of commands of 1 MB", "#!/bin/sh\n" + command * (1_000_000 // len(command))),
        scripted("a script of 4 MB", "#!/bin/bash\nset -e\n" + "npm run x || exit 1\n" * 200_000, slow=True),
        scripted("substitutions nested without end", "#!/bin/sh\necho " + "$(" * 100_000),
        scripted("brackets nested without end", "#!/bin/sh\n" + "(" * 100_000 + "\n" + "{ " * 100_000 + "\n" + "if " * 100_000),
        scripted("quotes nested without end", "#!/bin/sh\necho " + '"$(echo ' * 50_000),
        scripted("here-documents by the ten thousand", "#!/bin/sh\ncat " + "<<E " * 20_000 + "\n" + "E\n" * 20_000),
        scripted("functions that call each other twice", calls()),
        scripted("variables that double", "#!/bin/sh\nA0=xxxxxxxx\n" + doubling("A{0}=$A{1}$A{1}\n") + "exec $A60\n"),
        scripted("a variable that doubles itself", "#!/bin/sh\nA=xxxxxxxx\n" + "A=$A$A\n" * 60 + "exec $A\n"),
        scripted("words of one sign", "#!/bin/sh\n" + "\\" * 500_001 + "\n" + "'" * 500_001),
        scripted("noise", os.urandom(200_000)),
        scripted("changes of directory by the thousand", "#!/bin/sh\n" + "cd a/b/c\n" * 4900 + "npm start | tail\n"),
        scripted("redirections by the hundred thousand", "#!/bin/sh\nnpm start " + ">a 2>&1 <b " * 80_000 + "\n"),
        scripted("tests nested without end", "#!/bin/bash\n" + "[[ " * 200_000 + "\n"),
        scripted("words by the hundred thousand", "#!/bin/sh\nnpm start " + "a " * 450_000 + "\n"),
        scripted("expansions by the hundred thousand", "#!/bin/sh\nnpm start " + "$a" * 300_000 + "\n"),
        scripted("variables that are copied for every ||", "#!/bin/sh\n" + "".join(f"V{n}=x\n" for n in range(4900)) + "a || B=1\n" * 4900, slow=True),
        scripted("long variables by the thousand", "#!/bin/sh\nA=" + "x" * 60_000 + "\n" + "".join(f"V{n}=$A\n" for n in range(9000)), slow=True),
        of("scripts that call each other", scripts()),
        built("ENV that doubles", "FROM alpine\nENV A0=xxxxxxxx\n" + doubling("ENV A{0}=$A{1}$A{1}\n") + "ENTRYPOINT [\"$A60\"]\nWORKDIR $A60\n"),
        built("ENV that doubles itself", "FROM alpine\nENV A=xxxxxxxx\n" + "ENV A=$A$A\n" * 60 + "WORKDIR $A\nEXPOSE $A\n"),
        built("ARG that doubles before FROM", "ARG A0=xxxxxxxx\n" + doubling("ARG A{0}=$A{1}$A{1}\n") + "FROM $A60\n"),
        built("ten thousand stages", "".join(f"FROM s{n} AS s{n + 1}\nCOPY --from=s{n} / /\n" for n in range(10_000))),
        built("stages that come from each other", "FROM b AS a\nCOPY --from=b x x\nFROM a AS b\nCOPY --from=a x x\n"),
        built("4 MB of RUN", "FROM alpine\n" + "RUN apk add --no-cache x && npm ci\n" * 100_000, slow=True),
        built("one RUN of 3 MB", "FROM alpine\nRUN " + "true && \\\n" * 300_000 + "true\n", slow=True),
        built("a COPY of 400,000 words", "FROM alpine\nCOPY " + "a " * 400_000 + "/x/\n"),
        built("words by the hundred thousand", "FROM alpine\n" + ("COPY " + "a " * 30_000 + "/x/\n") * 15),
        built("directories without end", "FROM alpine\n" + ("WORKDIR " + "x/" * 250 + "\n") * 1900),
        built("long variables by the thousand", "FROM alpine\nENV A=" + "x" * 60_000 + "\n" + ("ENV " + " ".join(f"K{n}=$A" for n in range(5000)) + "\n") * 10),
        built("stages that copy twenty times from each other", "FROM alpine AS s0\nCOPY x /y\n" + stages + "ENTRYPOINT [\"/entrypoint.sh\"]\n"),
        of("a package.json of maps", {"compose.yaml": BUILT, "Dockerfile": "FROM node\nCMD npm start\n", "package.json": "[" + ",".join(['{"":0}'] * 140_000) + "]"}),
        built("here-documents without end", "FROM alpine\n" + "RUN <<A <<B <<C\n" * 10_000),
        built("noise", os.urandom(200_000)),
        of("an environment file that doubles", {"compose.yaml": SERVICE + "    env_file: .env\n    command: $A60\n", ".env": "A0=xxxxxxxx\n" + doubling("A{0}=${{A{1}}}${{A{1}}}\n")}),
        of("an environment file of 4 MB", {"compose.yaml": SERVICE + "    env_file: .env\n", ".env": "".join(f"V{n}=x\n" for n in range(300_000))}, slow=True),
        of("a quote that never ends", {"compose.yaml": SERVICE + "    env_file: .env\n", ".env": 'A="' + "x\n" * 1_000_000}),
        proxied("blocks nested without end", "http { " * 100_000),
        proxied("a file that includes itself", "include /etc/nginx/nginx.conf;\n" * 100 + "events {}\n"),
        proxied("variables that double", "http { server {\n set $a0 xxxxxxxx;\n" + doubling(" set $a{0} $a{1}$a{1};\n") + " location / { proxy_pass http://$a60; } } }\n"),
        proxied("ten thousand locations", "http { server {\n" + "".join(f" location /{n} {{ proxy_pass http://h{n}:{n}; }}\n" for n in range(10_000)) + "} }\n", slow=True),
        proxied("words by the hundred thousand", "http { server { server_name " + "a " * 450_000 + "; } }"),
        proxied("long variables by the thousand", "http { server {\n set $a " + "x" * 60_000 + ";\n" + "".join(f" set $b{n} $a;\n" for n in range(4000)) + " location / { proxy_pass http://$b1; } } }\n"),
        proxied("a word of 1 MB", "x" * MIB + ";\n" + "'" * MIB),
    ]


def cases():
    return rules() + deployments()
