"""Arrays read from files when a function runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.graph import Apply, Constant, Op
from tgraph.types import TensorType, generic


class LoadFromDisk(Op):
    """The array in a ``.npy`` file whose path is the input (text, or a variable of type ``generic``).

    ``dtype`` and ``broadcastable`` say what the file holds (TypeError at run time where it does not);
    ``mmap_mode`` is None or 'c' (ValueError for others). It has no gradient. A ``.npz`` file is a ValueError.
    """

    __props__: tuple[str, ...] = ("dtype", "broadcastable", "mmap_mode")
    #: the file may be another one at the next call
    effects = True

    def __init__(self, dtype: Any, broadcastable: Sequence[bool], mmap_mode: str | None = None):
        self.dtype = np.dtype(dtype)
        self.broadcastable = broadcastable
        if mmap_mode not in (None, "c"):
            raise ValueError(f"The only supported values for mmap_mode are None and 'c', got {mmap_mode}")
        self.mmap_mode = mmap_mode

    def make_node(self, path: Any) -> Apply:
        if isinstance(path, str):
            path = Constant(generic, path)
        return Apply(self, [path], [TensorType(self.dtype, self.broadcastable)()])

    def compute(self, node: Apply, path: str) -> np.ndarray:
        if path.rpartition(".")[2] == "npz":
            raise ValueError(f"Expected a .npy file, got {path} instead")
        array = np.load(path, mmap_mode=self.mmap_mode)  # type: ignore[call-overload]
        if array.dtype != self.dtype:
            raise TypeError(f"Expected an array of type {self.dtype}, got {array.dtype} instead")
        return array

    def do_constant_folding(self, node: Apply) -> bool:
        """Never: the file is read when the function is called."""
        return False

    def __str__(self) -> str:
        return f"Load{{dtype: {self.dtype}, broadcastable: {self.broadcastable}, mmep: {self.mmap_mode}}}"


def load(path: Any, dtype: Any, broadcastable: Sequence[bool], mmap_mode: str | None = None) -> Any:
    """The array in a ``.npy`` file, read at each call: see ``LoadFromDisk``."""
    return LoadFromDisk(dtype, broadcastable, mmap_mode)(path)


__all__ = ["LoadFromDisk", "load"]
