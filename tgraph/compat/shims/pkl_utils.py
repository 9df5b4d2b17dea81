"""Zip archives of objects: arrays stand beside the pickle, as files that `numpy.load` reads."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import defaultdict
from collections.abc import Callable
from pickle import DEFAULT_PROTOCOL, HIGHEST_PROTOCOL
from typing import Any

import numpy as np

from tgraph.graph import Scratchpad
from tgraph.shared import SharedVariable

__all__ = [
    "DEFAULT_PROTOCOL",
    "HIGHEST_PROTOCOL",
    "CompatUnpickler",
    "PersistentGpuArrayID",
    "PersistentNdarrayID",
    "PersistentNdarrayLoad",
    "PersistentSharedVariableID",
    "StripPickler",
    "dump",
    "load",
    "load_reduce",
    "min_recursion",
    "zipadd",
]

#: graphs are pickled without recursion here; the number is kept for code that reads it
min_recursion = 3000


class StripPickler(pickle.Pickler):
    """A pickler that leaves out what only helps to find mistakes: `tag.trace`, `tag.test_value` and the tags in
    `extra_tag_to_remove`. What is pickled stays as it is."""

    def __init__(self, file: Any, protocol: int = 0, extra_tag_to_remove: Any = None):
        super().__init__(file, protocol)
        self.tag_to_remove = ["trace", "test_value", *(extra_tag_to_remove or ())]

    def reducer_override(self, obj: Any) -> Any:
        """Scratchpads without those tags; everything else as usual."""
        if not isinstance(obj, Scratchpad):
            return NotImplemented
        kept = {k: v for k, v in obj.__dict__.items() if k not in self.tag_to_remove}
        return type(obj), (), kept


def load_reduce(self: Any) -> None:
    """How `CompatUnpickler` calls what a pickle calls: if that fails, texts become bytes for a second try."""
    args = self.stack.pop()
    function = self.stack[-1]
    try:
        self.stack[-1] = function(*args)
    except Exception:
        again = tuple(a.encode(self.encoding) if isinstance(a, str) else a for a in args)
        if again == args:
            raise
        self.stack[-1] = function(*again)


class CompatUnpickler(pickle._Unpickler):  # type: ignore[name-defined,misc]
    """Opens pickles that Python 2 wrote: `CompatUnpickler(file, encoding="latin1").load()`."""

    dispatch = {**pickle._Unpickler.dispatch, pickle.REDUCE[0]: load_reduce}  # type: ignore[attr-defined]


class PersistentNdarrayID:
    """What a pickler asks for each object: arrays go into the archive, each once, as `array_0`, `array_1` ...

    An id is `type.name`: how to open the file, and its name in the archive.
    """

    def __init__(self, zip_file: zipfile.ZipFile):
        self.zip_file = zip_file
        self.count = 0
        self.seen: dict[int, str] = {}
        self._alive: list[Any] = []  # an id counts as long as its object lives

    def _resolve_name(self, obj: Any) -> str:
        name = f"array_{self.count}"
        self.count += 1
        return name

    def __call__(self, obj: Any) -> str | None:
        """The id of an array; None for what belongs into the pickle."""
        if type(obj) is not np.ndarray or obj.dtype.hasobject:
            return None
        if id(obj) not in self.seen:
            name = self._resolve_name(obj)
            zipadd(lambda file: np.lib.format.write_array(file, obj), self.zip_file, name)
            self.seen[id(obj)] = f"ndarray.{name}"
            self._alive.append(obj)
        return self.seen[id(obj)]


class PersistentGpuArrayID(PersistentNdarrayID):
    """The same: arrays of the GPU are arrays."""


class PersistentSharedVariableID(PersistentGpuArrayID):
    """As `PersistentNdarrayID`; the array of a shared variable has its name: `w`, `w_2` for the next of that name.

    ValueError for a shared variable without name or with a name that was there, where that is not allowed.
    """

    def __init__(self, zip_file: zipfile.ZipFile, allow_unnamed: bool = True, allow_duplicates: bool = True):
        super().__init__(zip_file)
        self.name_counter: dict[str, int] = defaultdict(int)
        self.ndarray_names: dict[int, str] = {}
        self.allow_unnamed, self.allow_duplicates = allow_unnamed, allow_duplicates

    def _resolve_name(self, obj: Any) -> str:
        name = self.ndarray_names.get(id(obj))
        if name is None:
            return super()._resolve_name(obj)
        count = self.name_counter[name]
        self.name_counter[name] += 1
        if not count:
            return name
        if not self.allow_duplicates:
            raise ValueError(f"multiple shared variables with the name `{name}` found")
        return f"{name}_{count + 1}"

    def __call__(self, obj: Any) -> str | None:
        if isinstance(obj, SharedVariable):
            if obj.name == "pkl":
                raise ValueError("can't pickle shared variable with name `pkl`")
            if obj.name:
                value = obj.container.value
                self._alive.append(value)
                self.ndarray_names[id(value)] = obj.name
            elif not self.allow_unnamed:
                raise ValueError(f"unnamed shared variable, {obj}")
        return super().__call__(obj)


class PersistentNdarrayLoad:
    """What an unpickler asks for each id: the array of that file in the archive, read once.

    Arrays that were on a GPU are read as arrays.
    """

    def __init__(self, zip_file: zipfile.ZipFile):
        self.zip_file = zip_file
        self.cache: dict[str, np.ndarray] = {}

    def __call__(self, persid: str) -> np.ndarray:
        kind, _, name = persid.partition(".")
        if name not in self.cache:
            with self.zip_file.open(name) as file:
                if kind == "gpuarray":
                    pickle.load(file)  # the name of the GPU
                self.cache[name] = np.lib.format.read_array(file)
        return self.cache[name]


def dump(
    obj: Any,
    file_handler: Any,
    protocol: int = DEFAULT_PROTOCOL,
    persistent_id: Callable[[zipfile.ZipFile], Callable[[Any], str | None]] = PersistentSharedVariableID,
) -> None:
    """Write an object into a zip archive: its pickle as `pkl`, its arrays as files of their own.

    `file_handler` is an open file, or a path. `persistent_id(archive)` says what is kept beside the pickle.
    """
    with zipfile.ZipFile(file_handler, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        buffer = io.BytesIO()
        pickler = pickle.Pickler(buffer, protocol)
        pickler.persistent_id = persistent_id(archive)  # type: ignore[method-assign]
        pickler.dump(obj)
        archive.writestr("pkl", buffer.getvalue())


def load(f: Any, persistent_load: Callable[[zipfile.ZipFile], Callable[[str], Any]] = PersistentNdarrayLoad) -> Any:
    """The object that `dump` wrote. Only for files that you trust: pickles run code."""
    with zipfile.ZipFile(f, "r") as archive:
        data, arrays = archive.read("pkl"), persistent_load(archive)

        def opened(encoding: str) -> Any:
            unpickler = pickle.Unpickler(io.BytesIO(data), encoding=encoding)
            unpickler.persistent_load = arrays  # type: ignore[method-assign]
            return unpickler.load()

        try:
            return opened("ASCII")
        except UnicodeDecodeError:  # Python 2 wrote it
            return opened("latin-1")


def zipadd(func: Callable[[Any], Any], zip_file: zipfile.ZipFile, name: str) -> None:
    """Call `func` with an open file; what it writes becomes the file `name` of an archive."""
    buffer = io.BytesIO()
    func(buffer)
    zip_file.writestr(zipfile.ZipInfo(name), buffer.getvalue(), compress_type=zip_file.compression)
