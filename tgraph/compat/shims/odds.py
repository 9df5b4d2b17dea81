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
    "_allclose",
    "_asarray",
    "cpuCount",
    "disturb_mem",
    "enable_sparse",
    "force_unlock",
    "get_lock",
    "hashtype",
    "key_to_cmp",
    "local_bitwidth",
    "lock_ctx",
    "memodict",
    "python_int_bitwidth",
    "release_lock",
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


# --- what is not there, asked before it is used -----------------------------------------------------
enable_sparse = False
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
