"""A hostile machine: odd files, full disks, signals, limits, environments."""

import os
import resource
import signal
import socket
import time

from case import CAUSE, FAULT, MIB, Case, caused, files, repeat, write

JSON = ["--format", "json"]


def fault(folder):
    write("x", FAULT)(folder)


def fifo(folder):
    os.mkfifo(f"{folder}/x")


def into_fifo(folder, _pid):
    with open(f"{folder}/x", "wb") as pipe:
        for _ in range(100):
            pipe.write(b"a line\n")
            pipe.flush()
            time.sleep(0.001)
        pipe.write(FAULT)


def kill(number, after=0.3):
    def at(_folder, pid):
        time.sleep(after)
        os.kill(pid, number)

    return at


def growing(folder, pid):
    with open(f"{folder}/x", "ab") as file:
        for _ in range(2000):
            file.write(b"one more line\n" * 100)
            file.flush()
            try:
                os.kill(pid, 0)
            except OSError:
                return


def shrinking(folder, _pid):
    time.sleep(0.02)
    os.truncate(f"{folder}/x", 1000)


def replaced(folder, _pid):
    time.sleep(0.02)
    os.unlink(f"{folder}/x")
    write("x", b"another file\n")(folder)


def large(folder):
    write("x", FAULT, repeat(b"an ordinary line of a log\n", 300 * MIB))(folder)


def many(folder):
    for number in range(10_000):
        with open(f"{folder}/{number}.log", "wb") as file:
            file.write(b"started\n" if number else FAULT)


def odd_names(folder):
    for name in ("a\x1b]0;x\x07.log", "b\nc.log", "d\u202e.log", "-e.log", "<b>.log"):
        write(name, FAULT)(folder)


def sockets(folder):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/x")


def loop(folder):
    os.symlink("x", f"{folder}/x")


def unreadable(folder):
    fault(folder)
    os.chmod(f"{folder}/x", 0)


def early(folder, _pid):
    """Reads ten bytes of the report and closes the pipe."""
    with open(f"{folder}/out", "rb", buffering=0) as pipe:
        pipe.read(10)


def names_of_the_log(folder):
    """The log under a second and a third name."""
    fault(folder)
    os.link(f"{folder}/x", f"{folder}/hard.json")
    os.symlink("x", f"{folder}/soft.json")


def unharmed(run):
    with open(f"{run.folder}/x", "rb") as file:
        return None if file.read() == FAULT else "the log was written over"


def old_report(folder):
    fault(folder)
    write("x.json", b"old\n")(folder)


def only_the_old_report(run):
    with open(f"{run.folder}/x.json", "rb") as file:
        if file.read() != b"old\n":
            return "the old report is torn"
    names = sorted(os.listdir(run.folder))
    return None if names == [".err", ".out", "x", "x.json"] else f"left behind: {names}"


def out_fifo(folder):
    fault(folder)
    os.mkfifo(f"{folder}/out")


def odd_files():
    def of(name, args, codes, **more):
        return Case(name, args, codes=codes, **more)

    return [
        of("a directory", ["."], (2,)),
        of("a socket", ["x"], (2,), make=sockets),
        of("a link to itself", ["x"], (2,), make=loop),
        of("a file nobody may read", ["x"], (2,), make=unreadable, user=65534),
        of("a name of 5,000 bytes", ["x" * 5000], (2,)),
        of("names that a terminal obeys", ["--", "a\x1b]0;x\x07.log", "b\nc.log", "d\u202e.log", "-e.log", "<b>.log"], (1,), make=odd_names),
        of("a missing file whose name a terminal obeys", ["no\x1b]0;x\x07\u202e\n.log"], (2,)),
        of("a name that is no UTF-8", [b"\xff\xfe.log"], (2,)),
        of("a pipe for a file", ["x", *JSON], (1,), make=fifo, meanwhile=into_fifo, check=caused),
        of("a pipe nobody writes to, SIGTERM", ["x"], (143,), make=fifo, meanwhile=kill(signal.SIGTERM), signal=True),
        of("a file that grows while it is read", ["x", *JSON], (1,), make=fault, meanwhile=growing, check=caused),
        of("a large file that grows while it is read", ["x", *JSON], (1,), make=large, meanwhile=growing, check=caused, slow=True),
        of("a large file that is emptied while it is read", ["x", *JSON], (1, 3), make=large, meanwhile=shrinking, slow=True),
        of("the same with one thread", ["x", "--threads", "1", *JSON], (1, 3), make=large, meanwhile=shrinking, slow=True),
        of("a file that is replaced while it is read", ["x", *JSON], (1,), make=large, meanwhile=replaced, check=caused, slow=True),
        of("ten thousand files", [f"{n}.log" for n in range(10_000)], (1,), make=many, slow=True),
        of("the same file a hundred times", ["x"] * 100 + JSON, (1,), make=fault, check=caused),
        of("a file and standard input, which is empty", ["x", "-", *JSON], (1,), make=fault, check=caused),
        of("/dev/null", ["/dev/null"], (3,)),
        of("/proc/self/mem", ["/proc/self/mem"], (2, 3)),
        of("/proc/self/environ and other files without a size", ["/proc/self/maps", "/proc/meminfo"], (3,)),
        of("/dev/zero, SIGINT", ["/dev/zero"], (130,), meanwhile=kill(signal.SIGINT), signal=True),
        of("/dev/zero, SIGTERM", ["/dev/zero"], (143,), meanwhile=kill(signal.SIGTERM), signal=True),
        of("/dev/urandom, SIGTERM", ["/dev/urandom"], (143,), meanwhile=kill(signal.SIGTERM, 2), signal=True),
        of("/dev/zero, SIGHUP", ["/dev/zero"], (129,), meanwhile=kill(signal.SIGHUP), signal=True),
        of("nothing comes, SIGINT", [], (130,), stdin="open", meanwhile=kill(signal.SIGINT), signal=True),
        of("a terminal that is none", ["/dev/tty"], (2,)),
    ]


def outputs():
    def of(name, args, codes, **more):
        return Case(name, ["x", *args], codes=codes, make=more.pop("make", fault), **more)

    return [
        of("standard output is closed", [], (1, 2), stdout="closed"),
        Case("standard input is closed", [], (2, 3), stdin="closed"),
        Case("standard input is closed, and asked for", ["-"], (2, 3), stdin="closed"),
        *(of(f"a full disk behind standard output ({form})", ["--format", form], (2,), stdout="/dev/full") for form in ("text", "json", "markdown")),
        of("a full disk behind -o", ["--format", "json", "-o", "/dev/full"], (2,)),
        of("-o in a folder that is not there", ["-o", "no/such/folder/x.json"], (2,)),
        of("-o to a folder", ["--format", "json", "-o", "."], (2,)),
        of("a report's reader that goes away", ["--format", "json", "-o", "out"], (1,), make=out_fifo, meanwhile=early),
        of("-o and no room for files", ["-o", "x.json"], (2,), make=old_report, limits=[(resource.RLIMIT_FSIZE, 100)], check=only_the_old_report),
        *(of(f"-o {name}, which is the log", ["--format", "json", "-o", name], (2,), make=names_of_the_log, check=unharmed) for name in ("x", "hard.json", "soft.json")),
        Case("a bundle onto its log", ["bundle", "x", "-o", "x"], (2,), make=fault, check=unharmed),
        Case("preflight onto the compose file", ["preflight", ".", "-o", "compose.yaml", "--format", "json"], (2,), make=files({"compose.yaml": "services: {a: {image: x}}\n"})),
        of("-o /dev/stdout", ["--format", "json", "-o", "/dev/stdout"], (1,), check=caused),
        Case("a flag whose letters a terminal obeys", ["--form\u202eat\u200b\x1b[31m", "x"], (2,)),
        Case("a value whose letters a terminal obeys", ["--format", "j\u202eson\x1b[31m\u200b"], (2,)),
        Case("a rule's name of 100 KB", ["rules", "show", "nx/" * 33_000], (2,)),
        Case("rules list onto a full disk", ["rules", "list"], (2,), stdout="/dev/full"),
        Case("preflight onto a full disk", ["preflight", "."], (2,), stdout="/dev/full", make=files({"compose.yaml": "services: {a: {image: x}}\n"})),
    ]


def environments():
    def of(name, env=None, args=(), codes=(1,), **more):
        return Case(name, ["x", *args], codes=codes, make=fault, env=env, **more)

    return [
        of("no environment at all", {}),
        *(of(f"COLUMNS={columns!r}", {"COLUMNS": columns}) for columns in ("0", "1", "99999", "-5", "99999999999999999999", "abc", "")),
        of("no home", {"HOME": "/no/such/folder"}),
        *(of(f"LC_ALL={locale!r}", {"LC_ALL": locale}) for locale in ("C", "tr_TR.UTF-8", "de_DE.ISO-8859-1", "xx_YY", "\x1b[31m")),
        of("variables that are no UTF-8", {"LC_ALL": b"\xff", "COLUMNS": b"\xfe", "SOURCE_DATE_EPOCH": b"\xff", "NO_COLOR": b"\xff"}),
        *(of(f"SOURCE_DATE_EPOCH={epoch}", {"SOURCE_DATE_EPOCH": epoch}) for epoch in ("-1", "99999999999999999", "9223372036854775807", "x")),
        of("a broken TERM", {"TERM": "\x1b[31m"}),
        of("256 KiB of stack", limits=[(resource.RLIMIT_STACK, 256 << 10)]),
        of("256 MiB of addresses", limits=[(resource.RLIMIT_AS, 256 << 20)]),
        of("ten open files", limits=[(resource.RLIMIT_NOFILE, 10)]),
        of("no further process or thread", user=65534, limits=[(resource.RLIMIT_NPROC, 1)]),
        Case("a large file and no further thread", ["x", *JSON], codes=(1,), make=large, user=65534, limits=[(resource.RLIMIT_NPROC, 1)], check=caused, slow=True),
        *(of(f"--threads {count}", args=["--threads", count], codes=(1, 2)) for count in ("0", "1000000", "-1")),
        Case("no engine behind DOCKER_HOST", ["--container", "x"], codes=(2,), env={"DOCKER_HOST": "unix:///no/such.sock"}),
        Case("DOCKER_HOST is nonsense", ["--container", "x"], codes=(2,), env={"DOCKER_HOST": "\x1b[31m::::"}),
        Case("a container's name that a terminal obeys", ["--container", "\x1b]0;x\x07"], codes=(2,), env={"DOCKER_HOST": "unix:///no/such.sock"}),
    ]


def cases():
    return odd_files() + outputs() + environments()
