"""What a hostile case is, and the pieces that many share."""

import os
import subprocess
from dataclasses import dataclass, field
from typing import Callable, Optional

FAULT = b"Error: listen EADDRINUSE: address already in use :::3000\n"
CAUSE = "listen/port-in-use"
GIB = 1 << 30
MIB = 1 << 20


@dataclass
class Case:
    """A name, what is made and run, and how it must end."""

    name: str
    args: list = field(default_factory=list)
    codes: tuple = (3,)
    make: Optional[Callable] = None
    # A function giving chunks, "open" for a pipe into which nothing comes, "closed"; else there is nothing to read.
    stdin: object = None
    stdout: Optional[str] = None
    env: Optional[dict] = None
    limits: list = field(default_factory=list)
    user: int = 0
    # Runs beside the program, given the folder and its process id.
    meanwhile: Optional[Callable] = None
    signal: bool = False
    check: Optional[Callable] = None
    mebibytes: int = 64
    slow: bool = False


def write(name, *chunks):
    """Makes a file of chunks; a chunk may be a function that gives some."""

    def make(folder):
        with open(os.path.join(folder, name), "wb") as file:
            for chunk in chunks:
                for part in chunk() if callable(chunk) else (chunk,):
                    file.write(part)

    return make


def files(contents):
    """Makes several files."""

    def make(folder):
        for name, content in contents.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                for part in content() if callable(content) else (content,):
                    file.write(part if isinstance(part, bytes) else part.encode())

    return make


def repeat(block, size):
    """Chunks of about 256 KiB that repeat a block until `size` bytes are there."""
    large = block * max(1, (256 << 10) // len(block))

    def chunks():
        left = size
        while left > 0:
            yield large[:left]
            left -= len(large)

    return chunks


def literals():
    """What the scan looks for, as the program lists it: `run` names the program in the environment."""
    return subprocess.run([os.environ["DIAGNOSE"], "rules", "literals"], check=True, capture_output=True, text=True).stdout.splitlines()


def caused(run, cause=CAUSE):
    """Says what is wrong when the root cause is another one."""
    found = run.json()["causes"]
    return None if found and found[0]["rule"] == cause else f"the cause is {found and found[0]['rule']}"


def incomplete(run, word=""):
    """Says what is wrong when the report does not say that reading ended early."""
    said = run.json()["inputs"][0].get("incomplete") or ""
    return None if said and word in said else f"incomplete: {said!r}"
