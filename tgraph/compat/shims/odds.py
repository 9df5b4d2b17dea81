"""Small things that old programs import from odd corners: array conversion, locks without a purpose."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tgraph.config import config

__all__ = [
    "M1",
    "M2",
    "MASK2",
    "MASK12",
    "MASK13",
    "MULT2",
    "_allclose",
    "_asarray",
    "cpuCount",
    "dct_matrix",
    "disturb_mem",
    "enable_sparse",
    "force_unlock",
    "get_lock",
    "hashtype",
    "key_to_cmp",
    "local_bitwidth",
    "lock_ctx",
    "logger",
    "memodict",
    "np_int32_vals",
    "p",
    "python_int_bitwidth",
    "release_lock",
    "rpath",
    "set_lock_status",
]

#: what modules of Theano logged by
logger = logging.getLogger("theano")
#: where Theano was installed: the folder of this package
rpath = str(Path(__file__).parents[2])
p = str(Path(rpath).parent)
#: numbers of the MRG31k3p generator, as arrays of no dimension
M1, M2, MASK12, MASK13, MASK2, MULT2 = (
    np.asarray(n, dtype="int32") for n in (2147483647, 2147462579, 511, 16777215, 65535, 21069)
)
np_int32_vals = [np.int32(n) for n in (0, 7, 9, 15, 16, 22, 24)]


def dct_matrix(rows: int, cols: int, unitary: bool = True) -> np.ndarray:
    """c[k, n] = sqrt(2 / cols) cos(pi k (2 n + 1) / (2 cols)): the discrete cosine transform of type II; the first row
    over sqrt(2) where ``unitary``, so that rows are orthonormal."""
    k, n = np.arange(rows)[:, None], np.arange(cols)
    found = np.cos(k * (2 * n + 1) / (2.0 * cols) * np.pi) * np.sqrt(2.0 / cols)
    if unitary:
        found[0] *= np.sqrt(0.5)
    return found

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
enable_sparse = True
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
