"""Hostile logs: packed, endless, torn, deceiving, too many."""

import gzip
import random
import struct
import zlib

from case import CAUSE, FAULT, GIB, MIB, Case, caused, incomplete, literals, repeat, write

JSON = ["--format", "json"]


# --- compressed ---------------------------------------------------------------------------------------------------------------------

ZSTD = b"\x28\xb5\x2f\xfd"


def zstd_frame(blocks, window=0x38, last=True):
    """A frame of blocks (kind, size, content): kind 0 is raw, 1 a repeated byte. 0x38 is a window of 128 KiB."""
    out = ZSTD + bytes([0, window])
    for index, (kind, size, content) in enumerate(blocks):
        end = last and index == len(blocks) - 1
        out += struct.pack("<I", size << 3 | kind << 1 | end)[:3] + content
    return out


def raw(text):
    return (0, len(text), text)


def zstd_bomb():
    """Each block of four bytes stands for 128 KiB."""
    block = struct.pack("<I", (128 << 10) << 3 | 1 << 1)[:3] + b"A"
    yield zstd_frame([raw(FAULT)], last=False)
    for _ in range(64):
        yield block * (1 << 14)


def gzip_bomb(first=b""):
    member = gzip.compress(b"\0" * (16 * MIB), 9)

    def chunks():
        yield gzip.compress(first)
        for _ in range(1024):
            yield member

    return chunks


def nested(text, times):
    for _ in range(times):
        text = gzip.compress(text)
    return text


def nested_bomb():
    inner = gzip.compress(b"\0" * (256 * MIB), 9)
    return gzip.compress(gzip.compress(inner * 64, 9), 9)


def zstd_window(descriptor):
    return zstd_frame([raw(FAULT)], window=descriptor)


def single_segment(size, text):
    block = struct.pack("<I", len(text) << 3 | 1)[:3] + text
    return ZSTD + bytes([0xE0]) + struct.pack("<Q", size) + block


def zstd_text(text, torn=0):
    """A frame of raw blocks, the last `torn` bytes missing."""
    blocks = [raw(text[at:at + 50_000]) for at in range(0, len(text), 50_000)]
    frame = zstd_frame(blocks)
    return frame[:len(frame) - torn]


def zstd_checked(text, checksum):
    """A frame of one raw block that ends in a checksum."""
    return ZSTD + bytes([4, 0x38]) + struct.pack("<I", len(text) << 3 | 1)[:3] + text + checksum


def skippable(count):
    return (struct.pack("<II", 0x184D2A5F, 3) + b"abc") * count


def long_name():
    yield b"\x1f\x8b\x08\x08\0\0\0\0\0\x03"
    yield from repeat(b"name", 100 * MIB)()


def flipped():
    packed = bytearray(gzip.compress(FAULT * 2000))
    packed[-6] ^= 0xFF
    return bytes(packed)


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


def compressed():
    def file(name, *chunks, **more):
        return Case(name, ["x", *JSON], make=write("x", *chunks), **more)

    plain = zlib.compressobj(9, wbits=31)
    whole = plain.compress(FAULT * 50_000) + plain.flush()
    return [
        file("gzip: 16 GiB of zeros", gzip_bomb(), check=lambda run: incomplete(run, "250-fold"), slow=True),
        file("gzip: a fault before 16 GiB of zeros", gzip_bomb(FAULT), codes=(1,), check=caused, slow=True),
        file("gzip: nested three times around 16 GiB", nested_bomb(), check=incomplete, slow=True),
        file("gzip: nested ten times", nested(FAULT, 10)),
        file("gzip: nested three times around a fault", nested(FAULT, 3), codes=(1,), check=caused),
        file("gzip: a million empty members", gzip.compress(b"") * 1_000_000, gzip.compress(FAULT), codes=(1,), check=caused, slow=True),
        file("gzip: torn in the middle", whole[: len(whole) // 2], codes=(1,), check=incomplete),
        file("gzip: only its first two bytes", b"\x1f\x8b", check=incomplete),
        file("gzip: a name of 100 MiB", long_name, check=incomplete),
        file("gzip: a wrong checksum", flipped(), codes=(1,), check=incomplete),
        file("gzip: noise behind it", gzip.compress(FAULT), noise(10_000), codes=(1,), check=caused),
        file("gzip: noise instead of data", b"\x1f\x8b\x08\0\0\0\0\0\0\x03", noise(100_000), check=incomplete),
        file("zstd: 128 GiB in 4 MiB", zstd_bomb, codes=(1,), check=lambda run: incomplete(run, "250-fold"), slow=True),
        file("zstd: a window of 128 MiB", zstd_window(0x88), check=lambda run: incomplete(run, "128 MiB")),
        file("zstd: the largest window there is", zstd_window(0xFF), check=incomplete),
        file("zstd: a window of 32 MiB, filled", zstd_frame([(1, 128 << 10, b"A")] * 2000, 0x78), slow=True),
        file("zstd: one segment of 4 EiB", single_segment(1 << 62, FAULT), check=incomplete),
        file("zstd: one segment of another size", single_segment(1000, FAULT), codes=(1,), check=lambda run: caused(run) or incomplete(run, "length")),
        file("zstd: a wrong checksum", zstd_checked(FAULT, b"abcd"), codes=(1,), check=lambda run: caused(run) or incomplete(run, "checksum")),
        file("zstd: noise behind it", zstd_frame([raw(FAULT)]), b"noise", codes=(1,), check=lambda run: caused(run) or incomplete(run, "no zstd data")),
        file("zstd: a million empty frames", zstd_frame([raw(b"")]) * 1_000_000, zstd_frame([raw(FAULT)]), codes=(1,), check=caused),
        file("zstd: a million frames to skip", zstd_frame([raw(b"x\n")]), skippable(1_000_000), zstd_frame([raw(FAULT)]), codes=(1,), check=caused),
        file("zstd: a frame to skip longer than the file", zstd_frame([raw(FAULT)]), struct.pack("<II", 0x184D2A50, 0xFFFFFFFF) + b"abc", codes=(1,)),
        file("zstd: torn in the middle", zstd_text(FAULT + b"x\n" * 60_000, torn=40_000), codes=(1,), check=lambda run: caused(run) or incomplete(run, "ends too early")),
        file("zstd: noise instead of blocks", ZSTD + bytes([0, 0x38]), noise(100_000), check=incomplete),
        file("zstd inside of gzip", gzip.compress(zstd_text(FAULT * 3)), codes=(1,), check=caused),
        file("gzip that says it is a json-file", gzip.compress(b'{"log":"' + b"x" * MIB), codes=(3,)),
    ]


# --- sizes --------------------------------------------------------------------------------------------------------------------------


def piped(name, chunks, codes=(3,), **more):
    return Case(name, JSON, stdin=chunks, codes=codes, **more)


def once(*parts):
    return lambda: iter(parts)


def numbered(form, count):
    """Lines made of a form with a number in it, many at a time."""

    def chunks():
        for start in range(0, count, 5000):
            yield "".join(form(number) for number in range(start, min(count, start + 5000))).encode()

    return chunks


def sparse(size, *parts):
    def make(folder):
        with open(f"{folder}/x", "wb") as file:
            for part in parts:
                file.write(part)
            file.truncate(size)

    return make


def lines(run, expected):
    found = run.json()["inputs"][0]["lines"]
    return None if found == expected else f"{found} lines, not {expected}"


def kinds(count):
    """Faults of many kinds, from the fault lines of this table."""
    forms = [
        "Error: connect ECONNREFUSED 10.0.0.{}:5432",
        'error: database "d{}" does not exist',
        'FATAL:  password authentication failed for user "u{}"',
        "Error: Cannot find module '/app/m{}.js'",
        "Error: listen EADDRINUSE: address already in use :::{}",
        "/docker-entrypoint.sh: line {}: psql: command not found",
        "Error: getaddrinfo ENOTFOUND db{}",
        "sh: 1: nx{}: not found",
        "nginx: [emerg] host not found in upstream \"u{}\" in /etc/nginx/nginx.conf:3",
        "ERR! code EINTEGRITY {}",
        "QueryFailedError: relation \"t{}\" does not exist",
        "Error: ENOSPC: no space left on device, write {}",
    ]
    return numbered(lambda number: forms[number % len(forms)].format(number) + "\n", count)


def everything(services, padding="", boots=1):
    """A line with each literal of each rule, from every service, in every boot."""

    def chunks():
        for boot in range(boots):
            yield b"Twenty CRM Container Initialization\n" if boots > 1 else b""
            for text in literals():
                yield "".join(f"svc{n}-1  | Error: {text} {padding}\n" if services > 1 else f"{text} {padding}\n" for n in range(services)).encode()

    return chunks


BOOT = "Twenty CRM Container Initialization\nRunning Database Migrations\nError: connect ECONNREFUSED 10.0.0.1:{0}\n"


def sizes():
    two = 2 * len(FAULT)
    return [
        piped("nothing", once(b"")),
        piped("one byte", once(b"x")),
        piped("a line of 1 GiB", repeat(b"x", GIB), check=lambda run: lines(run, 1), slow=True),
        piped("a fault at the end of a line of 1 GiB", lambda: iter([*repeat(b"x", GIB)(), b" ", FAULT]), codes=(1,), check=caused, slow=True),
        piped("a line of 512 MiB full of literals", repeat(b"Error: connect ECONNREFUSED 10.0.0.1:5432 ", 512 * MIB), codes=(1,), slow=True),
        piped("1 GiB of newlines", repeat(b"\n", GIB), check=lambda run: lines(run, GIB), slow=True),
        piped("1 GiB of carriage returns", repeat(b"\r", GIB), slow=True),
        piped("256 MiB of carriage returns and faults", repeat(b"\r" + FAULT.strip(), 256 * MIB), codes=(1,), slow=True),
        piped("1 GiB of ESC [", repeat(b"\x1b[", GIB), slow=True),
        piped("1 GiB of {", repeat(b"{", GIB), slow=True),
        Case("a file of 4 GiB of NULs", ["x", *JSON], make=sparse(4 * GIB), slow=True),
        Case("a file of 1 TiB of NULs, ended by a signal", ["x", *JSON], make=sparse(1 << 40, FAULT), codes=(143,), signal=True, meanwhile=terminate, slow=True),
        Case("a fault before 1 GiB of NULs", ["x", *JSON], make=sparse(GIB, FAULT), codes=(1,), check=caused, slow=True),
        piped("50 MiB of noise", lambda: (noise(MIB, seed) for seed in range(50)), slow=True),
        piped("1 MiB of noise", once(noise(MIB))),
        piped("a million findings of one kind", repeat(FAULT, 1_000_000 * len(FAULT)), codes=(1,), slow=True,
              check=lambda run: caused(run) or (None if run.json()["causes"][0]["count"] == 1_000_000 else "another count")),
        piped("a million findings of a dozen kinds", kinds(1_000_000), codes=(1,), slow=True),
        piped("ten thousand findings of a dozen kinds", kinds(10_000), codes=(1,)),
        piped("two findings", repeat(FAULT, two), codes=(1,), check=caused),
        piped("a million boots", numbered(BOOT.format, 1_000_000), codes=(1,), slow=True),
        piped("every literal from ten services", everything(10), codes=(1,)),
        piped("every literal from 250 services", everything(250), codes=(1,), slow=True),
        piped("every literal from 60 services, in long lines", everything(60, "p" * 1500), codes=(1,), slow=True),
        piped("every literal in 16 boots, in long lines", everything(1, "p" * 1500, 16), codes=(1,), slow=True),
        piped("every literal in one line", lambda: iter(["".join(literals()).encode() * 50, b"\n"]), codes=(1, 3), slow=True),
        piped("400 boots of 250 services", numbered(lambda n: f"svc{n % 250}-1  | Twenty CRM Container Initialization\nsvc{n % 250}-1  | " + FAULT.decode(), 100_000), codes=(1,), slow=True),
        piped("twenty thousand first lines of reports", once(b"<--- Last few GCs --->\n\n\n\n" * 10_000, b"triggerUncaughtException(\n" * 10_000), codes=(1, 3)),
        piped("300,000 first lines of reports", once(*[b"<--- Last few GCs --->\n\n\n\n" * 3000] * 100, *[b"triggerUncaughtException(\n" * 3000] * 100), codes=(1, 3), slow=True),
        piped("a million services", numbered(lambda n: f"s{n}-1  | " + FAULT.decode(), 1_000_000), codes=(1,), slow=True),
        piped("twenty thousand services", numbered(lambda n: f"s{n}-1  | " + FAULT.decode(), 20_000), codes=(1,)),
        piped("a million lanes", numbered(lambda n: f"[{n}] " + FAULT.decode(), 1_000_000), codes=(1,), slow=True),
        piped("a million processes", numbered(lambda n: f"[Nest] {n}  - 01/01/2026, 1:00:00 AM   ERROR [x] connect ECONNREFUSED 10.0.0.1:5432\n", 1_000_000), codes=(1,), slow=True),
        piped("a million unknown errors", numbered(lambda n: f"WidgetError: number {n} could not turn\n", 1_000_000), slow=True),
        piped("a million services with unknown errors", numbered(lambda n: f"s{n}-1  | WidgetError: it could not turn\n", 1_000_000), slow=True),
        piped("captures of megabytes", once(b'error: database "', b"d" * (3 * MIB), b'" does not exist\n'), codes=(1, 3)),
        piped("ten thousand captures of 10 KiB", numbered(lambda n: f'error: database "{n}{"d" * 10_000}" does not exist\n', 10_000), codes=(1, 3), slow=True),
        piped("a stack of a million lines", once(FAULT, b"    at f (/app/x.js:1:1)\n" * 1_000_000), codes=(1,), check=caused),
        piped("a million stacks' first lines", once(b"Error: x\n    at f (/app/x.js:1:1)\n" * 500_000), codes=(3,), slow=True),
        piped("a million marks of NX", once(b" NX   x\n\n" * 500_000), slow=True),
    ]


def terminate(folder, pid):
    import os
    import signal
    import time

    time.sleep(1)
    os.kill(pid, signal.SIGTERM)


# --- forms --------------------------------------------------------------------------------------------------------------------------


def record(text, stream="stderr", stamp="2026-11-26T12:00:00Z"):
    return b'{"log":"' + text + b'","stream":"' + stream.encode() + b'","time":"' + stamp.encode() + b'"}\n'


INNER = FAULT.strip() + b"\\n"


def many_streams():
    for number in range(50_000):
        yield record(b"x" * 9000, f"s{number}")


def endless_pieces():
    for _ in range(20_000):
        yield record(b"x" * 16_384)
    yield record(INNER)


STAMPS = [
    "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2026-12-31T23:59:60Z", "2026-11-26T12:00:00-24:00",
    "2026-13-45T99:99:99Z", "-001-01-01T00:00:00Z", "2026-11-26T12:00:00+99:99", "1970-01-01T00:00:00Z", "2026-02-30T12:00:00Z",
    "292277026596-12-04T15:30:07Z", "2026-11-26T12:00:00.999999999999999999999Z", "2026-11-26T24:00:00Z", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
]


def stamps():
    forms = ["{} {}", "[{}] [ERROR] {}", "{} stderr F {}", '{{"time":"{}","level":50,"msg":"{}"}}', "server-1  | {} {}"]
    for stamp in STAMPS:
        for form in forms:
            yield (form.format(stamp, FAULT.decode().strip()) + "\n").encode()


def epochs():
    for number in ["9" * 18, "-1", "1e300", "9223372036854775807", "1" + "0" * 400]:
        yield f'{{"level":50,"time":{number},"pid":1,"hostname":"x","msg":"{FAULT.decode().strip()}"}}\n'.encode()
        yield f"[{number}.{number}] Out of memory: Killed process 1 (node)\n".encode()
        yield f"[Nest] {number}  - 01/01/2026, 1:00:00 AM   ERROR [x] {FAULT.decode()}".encode()


SEQUENCES = [
    b"\x1b]0;owned\x07", b"\x1b]8;;http://evil\x1b\\", b"\x1bPq#0\x1b\\", b"\x1b[2J\x1b[H", b"\x9b31m", b"\xc2\x9b31m", b"\x1b_x\x1b\\", b"\x1b^x\x1b\\",
    b"\x1b]52;c;ZXZpbA==\x07", b"\x1b[?1049h", b"\x0e", b"\x05", b"\x1bc", b"\x1b[6n", b"\x1b#8", b"\x08" * 40, b"\x1b]", b"\x1bP", b"\x1b[" + b"1;" * 5000,
    "\u202e\u2066\u200f\u061c\u2028\u200b\ufeff".encode(), "\U000e0041".encode(), b"\x7f\x00\x01\xc2\x85\xc2\x90",
]


def sequences():
    for sequence in SEQUENCES:
        yield sequence + FAULT.replace(b"address", b"addr" + sequence + b"ess" + sequence)
        yield b'{"log":"' + "".join(f"\\u{byte:04x}" for byte in sequence[:50]).encode() + INNER + b'","stream":"stderr","time":"2026-11-26T12:00:00Z"}\n'
        yield b'error: database "' + sequence + b'" does not exist\n'
        yield b"Widget" + sequence + b"Error: it broke " + sequence + b"\n"


MARKUP = [
    b"<script>alert(1)</script>", b"<img src=x onerror=alert(1)>", b"```\n# heading\n", b"[x](javascript:alert(1))", b"</pre></details><h1>", b"|a|b|\n|-|-|",
    b"![](http://evil/x.png)", b"<!--", b"]]>", b"&#x1b;", b"@everyone #1", b"::error::x", b"${jndi:ldap://x}", b"=cmd|' /C calc'!A0",
]


def markup():
    for text in MARKUP:
        yield text + b" " + FAULT
        yield b'error: database "' + text + b'" does not exist\n'
        yield b"WidgetError: " + text + b"\n"


def utf16(text, big=False, mark=True):
    codec = "utf-16-be" if big else "utf-16-le"
    return ((b"\xfe\xff" if big else b"\xff\xfe") if mark else b"") + text.encode(codec, "surrogatepass")


def forms():
    text = FAULT.decode()
    plain = ["text", "markdown", "json"]
    return [
        piped("JSON nested a million deep", once(b"[" * 1_000_000, b"\n", FAULT), codes=(1,), check=caused),
        piped("JSON objects nested a million deep", once(b'{"a":' * 1_000_000, b"\n", FAULT), codes=(1,), check=caused),
        piped("a log in a log in a log", once(log_in_log(20)), codes=(1, 3)),
        piped("json-file: torn lines", once(b'{"log":"torn\n', record(INNER), b'{"log":', b"\n", b'"}\n', b'{"log":"x","stream":\n'), codes=(1,), check=caused),
        piped("json-file: a log of 100 MiB", lambda: iter([b'{"log":"', *repeat(b"x", 100 * MIB)(), b'","stream":"stderr","time":"2026-11-26T12:00:00Z"}\n', record(INNER)]), codes=(1,), check=caused, slow=True),
        piped("json-file: 1 GiB without an end", lambda: iter([b'{"log":"', *repeat(b"x", GIB)()]), slow=True),
        piped("json-file: fifty thousand streams of pieces", many_streams, slow=True),
        piped("json-file: a line in twenty thousand pieces", endless_pieces, codes=(1, 3), slow=True),
        piped("json-file: keys twice", once(b'{"log":"x","log":"' + INNER + b'","stream":"stdout","stream":"stderr","time":"","time":1}\n'), codes=(1, 3)),
        piped("json-file: half escapes", once(record(b"\\ud800 \\udc00\\ud800 " + INNER), record(b"\\u12"), record(b"\\x" + INNER), record(b"\\")), codes=(1,)),
        piped("json-file: numbers and nulls", once(b'{"log":1,"stream":null,"time":[]}\n{"log":null}\n{"log":{"log":{"log":"x"}}}\n', record(INNER)), codes=(1,), check=caused),
        piped("json-file: a stream's name of 1 MiB", once(record(INNER), record(b"x" * 9000, "s" * MIB)), codes=(1,)),
        piped("stamps at the borders", stamps, codes=(1,), check=caused),
        piped("numbers that are no times", epochs, codes=(1,)),
        piped("stamps that go backwards", numbered(lambda n: f"2026-11-{28 - n % 28:02} 12:00:00 {text}", 10_000), codes=(1,), check=caused),
        *(Case(f"escape sequences and marks of direction ({form})", ["--format", form], stdin=sequences, codes=(1,)) for form in plain),
        *(Case(f"markup ({form})", ["--format", form], stdin=markup, codes=(1,)) for form in plain),
        piped("bytes that are no UTF-8", once(b"\xfd\xff\xfe caf\xe9 \xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80\n" + FAULT), codes=(1,), check=caused),
        piped("UTF-8 cut in the middle of a character", once("é".encode()[:1], FAULT, "日".encode()[:2]), codes=(1, 3)),
        piped("a mark of UTF-8 alone", once(b"\xef\xbb\xbf")),
        piped("UTF-16 of an odd length", once(utf16(text), b"x"), codes=(1,), check=caused),
        piped("UTF-16 with lone surrogates", once(utf16("\ud800\udc00\udc00\ud800" + text + "\ud800")), codes=(1,), check=caused),
        piped("UTF-16, marks only", once(b"\xfe\xff" * MIB)),
        piped("UTF-16 without a mark", once(utf16("started\n" * 4 + text, big=True, mark=False)), codes=(1,), check=caused),
        piped("100 MiB of UTF-16", lambda: iter([b"\xff\xfe", *repeat(utf16("a line of a log\n", mark=False), 100 * MIB)(), utf16(text, mark=False)]), codes=(1,), check=caused, slow=True),
        piped("a secret of 10 MiB", once(b"DATABASE_PASSWORD=" + b"s" * (10 * MIB) + b" " + FAULT), codes=(1, 3)),
        piped("ten thousand secrets around faults", numbered(lambda n: f"postgres://u{n}:p{n}w@h/d connect ECONNREFUSED 10.0.0.1:5432\n", 10_000), codes=(1, 3)),
        piped("a key without its end", once(b"-----BEGIN PRIVATE KEY-----\n" + b"MIIE" * 16 + b"\n", *[b"MIIE" * 16 + b"\n"] * 20_000, FAULT), codes=(1,), check=caused),
        piped("words that regular expressions dislike", once(b"a" * 50_000 + b"! " + FAULT, b"(" * 50_000 + b" does not exist\n", b'error: database "' * 5000 + b"\n"), codes=(1, 3)),
    ]


def log_in_log(times):
    import json

    text = FAULT.decode()
    for _ in range(times):
        if len(text) > 3 * MIB:
            break
        text = json.dumps({"log": text, "stream": "stderr", "time": "2026-11-26T12:00:00Z"}) + "\n"
    return text.encode()


# What a log may take, and one whose compression asks for a window of its own.
MEBIBYTES = 32
WINDOWED = {"zstd: a window of 32 MiB, filled": 56}


def cases():
    found = compressed() + sizes() + forms()
    for case in found:
        case.mebibytes = WINDOWED.get(case.name, MEBIBYTES)
    return found
