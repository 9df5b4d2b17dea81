"""Small things that old programs import from odd corners: array conversion, locks without a purpose."""

from __future__ import annotations

import contextlib
import functools
import os
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

from tgraph.config import config

__all__ = [
    "OrderedSet",
    "_allclose",
    "_asarray",
    "cpuCount",
    "disturb_mem",
    "enable_sparse",
    "force_unlock",
    "frozendict",
    "get_lock",
    "hashtype",
    "key_to_cmp",
    "local_bitwidth",
    "lock_ctx",
    "may_share_memory",
    "memodict",
    "pydot_imported",
    "python_int_bitwidth",
    "release_lock",
    "render_string",
    "set_lock_status",
]

# (rtol, atol) by the less exact of the two dtypes; float64 and the rest as numpy has them
TOLERANCE = {"float16": (1e-3, 1e-3), "float32": (1e-5, 1e-5), "complex64": (1e-5, 1e-5)}


def _asarray(a: Any, dtype: Any, order: Any = None) -> np.ndarray:
    """An array of that dtype, cut to it as C does; `"floatX"` names the flag's. The same array if it fits."""
    wanted = np.dtype(config.floatX if isinstance(dtype, str) and dtype == "floatX" else dtype)
    return np.asarray(a, order=order).astype(wanted, copy=False)


def _allclose(a: Any, b: Any, rtol: float | None = None, atol: float | None = None) -> bool:
    """`numpy.allclose` with tolerances that fit the dtypes."""
    kinds = {np.asarray(x).dtype.name for x in (a, b)}
    relative, absolute = next((TOLERANCE[k] for k in TOLERANCE if k in kinds), (1e-5, 1e-8))
    return bool(np.allclose(a, b, relative if rtol is None else rtol, absolute if atol is None else atol))


def may_share_memory(a: Any, b: Any, raise_other_type: bool = True) -> bool:
    """Whether two arrays may overlap; TypeError for what is no array, or False where that is asked for."""
    if not all(isinstance(x, np.ndarray) for x in (a, b)):
        if raise_other_type:
            raise TypeError(
                f"may_share_memory wants two arrays, got {type(a).__name__} and {type(b).__name__}"
            )
        return False
    return bool(np.may_share_memory(a, b))


# --- what is not there, asked before it is used -----------------------------------------------------
enable_sparse = False
pydot_imported = False
pydot_imported_msg = "drawings are not ported yet"
imported_scipy = imported_scipy_special = imported_scipy_signal = True
sparse_module_ref = None


def local_bitwidth() -> int:
    """Bits of a pointer."""
    return struct.calcsize("P") * 8


def python_int_bitwidth() -> int:
    """Bits of a C long, which Python 2's int was."""
    return struct.calcsize("l") * 8


# --- locks on a compilation folder that is not there ------------------------------------------------
def get_lock(lock_dir: Any = None, **kw: Any) -> None:
    """Nothing to lock: nothing is compiled into a shared folder."""


def release_lock() -> None:
    """Nothing to release."""


def force_unlock() -> None:
    """Nothing to unlock."""


def set_lock_status(use_lock: bool) -> None:
    """There is no lock to turn off."""


@contextlib.contextmanager
def lock_ctx(lock_dir: Any = None, keep_lock: bool = False, **kw: Any) -> Iterator[None]:
    """`with lock_ctx(): ...` runs its body."""
    yield


# --- counters, containers, texts --------------------------------------------------------------------
def cpuCount() -> int:
    """The number of processors, or -1."""
    return os.cpu_count() or -1


def disturb_mem() -> None:
    """Tests called it to move objects in memory; here results do not depend on that."""


def hashtype(self: Any) -> int:
    """A hash of the type of an object."""
    return hash((type(self).__name__, type(self).__module__))


def key_to_cmp(key: Any) -> Any:
    """A comparison function from a key function."""
    return lambda a, b: (key(a) > key(b)) - (key(a) < key(b))


memodict = functools.cache


def render_string(string: str, sub: dict[str, Any]) -> str:
    """`string % sub`; a missing key is a KeyError that shows the text."""
    try:
        return string % sub
    except KeyError as e:
        raise KeyError(f"{e.args[0]} is not given for: {string}") from None


class frozendict(dict):
    """A dict that can be hashed and not changed."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def _fixed(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("a frozendict cannot be changed; make a copy with other values")

    __setitem__ = __delitem__ = update = _fixed  # type: ignore[assignment]
    pop = popitem = clear = setdefault = _fixed  # type: ignore[assignment]

    def copy(self, **other: Any) -> frozendict:
        return type(self)({**self, **other})


class OrderedSet:
    """A set that remembers the order in which its elements came."""

    def __init__(self, iterable: Any = ()) -> None:
        self._items = dict.fromkeys(iterable)

    def add(self, item: Any) -> None:
        self._items[item] = None

    def discard(self, item: Any) -> None:
        self._items.pop(item, None)

    def remove(self, item: Any) -> None:
        del self._items[item]

    def update(self, iterable: Any) -> None:
        self._items.update(dict.fromkeys(iterable))

    def union(self, other: Any) -> OrderedSet:
        return OrderedSet([*self, *other])

    def difference_update(self, other: Any) -> None:
        for item in list(other):
            self.discard(item)

    def copy(self) -> OrderedSet:
        return OrderedSet(self)

    def pop(self, last: bool = True) -> Any:
        item = next(reversed(self._items) if last else iter(self._items))
        del self._items[item]
        return item

    def __contains__(self, item: object) -> bool:
        return item in self._items

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __reversed__(self) -> Iterator[Any]:
        return reversed(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, OrderedSet):
            return list(self) == list(other)
        return isinstance(other, (set, frozenset)) and set(self) == other

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"OrderedSet({list(self)})"
