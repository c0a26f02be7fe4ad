"""What a C library prints, dropped, without touching what Python writes.

HiGHS 1.12 prints a line with ``printf`` whenever it repairs a solution, whatever its options say. Redirecting the file
descriptor would swallow what other threads write meanwhile, and a buffered line would still come out later. So the C
library's own ``stdout`` is pointed elsewhere: Python writes to the descriptor itself and is not concerned.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

__all__ = ["c_output_dropped"]


class _Stream:
    """The C library's ``stdout``, how many want it dropped, and the stream that drops."""

    def __init__(self) -> None:
        self.lock, self.users = Lock(), 0
        self.kept: int | None = None
        self.nowhere: int | None = None
        self.stdout: ctypes.c_void_p | None = None
        try:
            library = ctypes.CDLL(None)
            self.stdout = ctypes.c_void_p.in_dll(library, "stdout")
            library.fopen.restype = ctypes.c_void_p
            self.nowhere = library.fopen(os.devnull.encode(), b"w")
        except (OSError, TypeError, ValueError, AttributeError):  # another C library: its line appears
            self.stdout = None


_STREAM = _Stream()


@contextmanager
def c_output_dropped() -> Iterator[None]:
    """While inside, what C code prints to standard output is dropped (Linux; elsewhere nothing happens).

    May be entered by several threads at once; the last to leave puts the stream back.
    """
    if _STREAM.stdout is None or not _STREAM.nowhere:
        yield
        return
    with _STREAM.lock:
        if _STREAM.users == 0:
            _STREAM.kept = _STREAM.stdout.value
            _STREAM.stdout.value = _STREAM.nowhere
        _STREAM.users += 1
    try:
        yield
    finally:
        with _STREAM.lock:
            _STREAM.users -= 1
            if _STREAM.users == 0:
                _STREAM.stdout.value = _STREAM.kept
