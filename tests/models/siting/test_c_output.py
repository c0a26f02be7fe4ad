"""C's standard output is dropped, Python's is not: told by a process of its own, whose output is a pipe."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAMME = """
import ctypes, os, threading
from models.siting.c_output import c_output_dropped

libc = ctypes.CDLL(None)
libc.puts(b"before")
inside, leave = threading.Event(), threading.Event()

def other():
    with c_output_dropped():
        inside.set()
        leave.wait()

thread = threading.Thread(target=other)
with c_output_dropped():
    thread.start()
    inside.wait()
    libc.puts(b"lost")
    print("python", flush=True)
    os.write(1, b"descriptor\\n")
libc.puts(b"lost as well")  # the other thread is still inside
leave.set()
thread.join()
libc.puts(b"after")
libc.fflush(None)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the C library's stdout is swapped on Linux only")
def test_only_what_c_prints_meanwhile_is_lost() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAMME], capture_output=True, text=True, check=True)
    assert sorted(done.stdout.split()) == ["after", "before", "descriptor", "python"]
    assert done.stderr == ""
