"""cPickle: the pickle of today, which also opens what Python 2 wrote.

Python 2 wrote its byte strings, arrays among them, in a way that Python 3 decodes as ASCII and so refuses.
The second try reads them as Latin-1, which loses nothing: it is what numpy's documentation tells people to
ask for.
"""

from __future__ import annotations

import io
import pickle
from pickle import (
    DEFAULT_PROTOCOL,
    HIGHEST_PROTOCOL,
    PickleError,
    Pickler,
    PicklingError,
    Unpickler,
    UnpicklingError,
    dump,
    dumps,
)
from typing import Any

__all__ = [
    "DEFAULT_PROTOCOL",
    "HIGHEST_PROTOCOL",
    "BadPickleGet",
    "PickleError",
    "Pickler",
    "PicklingError",
    "UnpickleableError",
    "Unpickler",
    "UnpicklingError",
    "dump",
    "dumps",
    "format_version",
    "load",
    "loads",
]

format_version = "4.0"
UnpickleableError = PicklingError
BadPickleGet = UnpicklingError


def loads(data: bytes | str, **options: Any) -> Any:
    """The object in `data`, which may be a str as Python 2 had it."""
    raw = data.encode("latin-1") if isinstance(data, str) else data
    if "encoding" in options:
        return pickle.loads(raw, **options)
    try:
        return pickle.loads(raw, **options)
    except UnicodeDecodeError:
        return pickle.loads(raw, encoding="latin-1", **options)


def load(file: Any, **options: Any) -> Any:
    """The next object in a file. The file stands behind that object afterwards."""
    if "encoding" in options:
        return pickle.load(file, **options)
    start = file.tell() if _seekable(file) else None
    source = file if start is not None else _Remembering(file)
    try:
        return pickle.load(source, **options)
    except UnicodeDecodeError:
        if start is not None:
            file.seek(start)
        else:
            source.rewind()
        return pickle.load(source, encoding="latin-1", **options)


def _seekable(file: Any) -> bool:
    try:
        return bool(file.seekable())
    except AttributeError:
        return hasattr(file, "seek") and hasattr(file, "tell")


class _Remembering:
    """A stream that can be read once more from where it was taken over: a pipe or a socket."""

    def __init__(self, file: Any) -> None:
        self.file, self.past, self.again = file, bytearray(), io.BytesIO()

    def rewind(self) -> None:
        self.again = io.BytesIO(bytes(self.past))
        self.past.clear()

    def _fill(self, known: bytes, new: bytes) -> bytes:
        self.past += known + new
        return known + new

    def read(self, size: int = -1) -> bytes:
        known = self.again.read(size)
        missing = size - len(known) if size >= 0 else -1
        return self._fill(known, self.file.read(missing) if missing else b"")

    def readline(self) -> bytes:
        known = self.again.readline()
        return self._fill(known, b"" if known.endswith(b"\n") else self.file.readline())
