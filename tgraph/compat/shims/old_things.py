"""What old pickles hold and programs no longer get: values and types of the GPU back ends, which come in as those of
the CPU, and remnants of everything else that is gone, which open and refuse to be used."""

from __future__ import annotations

from functools import cache
from typing import Any, NoReturn

import numpy as np

from tgraph.compat.names import names
from tgraph.errors import NotPortedError
from tgraph.graph import Op
from tgraph.ops.barriers import ViewOp
from tgraph.ops.blas import Gemv, Ger
from tgraph.ops.shape import AllocDiag
from tgraph.shared import TensorSharedVariable
from tgraph.tensor import TensorConstant, TensorVariable
from tgraph.types import TensorType

__all__ = ["ON_GPU", "RENAMED", "Remnant", "remnant"]


class OldGpuType(TensorType):
    """The type of an array on a GPU, until its state comes: then it is that of the same array on the CPU."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__class__ = TensorType  # type: ignore[assignment]
        facts = {"dtype": "float32", **state}  # the first back end had this dtype alone
        TensorType.__init__(self, facts["dtype"], facts["broadcastable"], facts.get("name"))


class Transfer(ViewOp):
    """z = x: a copy of an array to or from a GPU."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Which GPU it was is let go."""


def from_gpu(array: np.ndarray, context: Any = None) -> np.ndarray:
    """An array that was pickled on a GPU: it is in the pickle as an array of numpy."""
    return array


#: what had another name before, or as rewriting made it
RENAMED: dict[str, Any] = {
    "theano.tensor.basic.Diag": AllocDiag,
    "theano.tensor.blas_c.CGemv": Gemv,
    "theano.tensor.blas_c.CGer": Ger,
    "theano.tensor.blas_scipy.ScipyGer": Ger,
}

#: class of the GPU back ends -> what its pickles become
ON_GPU: dict[str, Any] = {
    "CudaNdarrayType": OldGpuType,
    "CudaNdarrayVariable": TensorVariable,
    "CudaNdarrayConstant": TensorConstant,
    "CudaNdarraySharedVariable": TensorSharedVariable,
    "CudaNdarray_unpickler": from_gpu,
    "GpuArrayType": OldGpuType,
    "GpuArrayVariable": TensorVariable,
    "GpuArrayConstant": TensorConstant,
    "GpuArraySharedVariable": TensorSharedVariable,
    "GpuArray_unpickler": from_gpu,
    "GpuFromHost": Transfer,
    "HostFromGpu": Transfer,
    "GpuToGpu": Transfer,
}


class Remnant(Op):
    """Stands for an object of a class that is not offered: it opens, and raises NotPortedError when it is used."""

    _name = ""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return object.__new__(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._arguments = args

    def __setstate__(self, state: Any) -> None:
        self._state = state

    def __reduce__(self) -> Any:
        return _again, self._name.rpartition(".")[::2], getattr(self, "_state", None)

    def __eq__(self, other: Any) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __str__(self) -> str:
        return self._name.rpartition(".")[2]

    __repr__ = __str__

    def extend(self, items: Any) -> None:
        """Elements of what was a list."""

    append = extend

    def __setitem__(self, key: Any, value: Any) -> None:
        """An element of what was a dictionary."""

    def _refused(self, *args: Any, **kwargs: Any) -> NoReturn:
        module, _, last = self._name.rpartition(".")
        _, fix = names().why(self._name) if self._name in names().things else ("", "build the graph of your program "
                                                                               "again; the values in it can be used")
        raise NotPortedError(f"the pickle that was opened holds a {last} ({module}), which is not offered", fix=fix)

    __call__ = make_node = perform = lower = compute = grad = L_op = R_op = _refused


@cache
def remnant(module: str, name: str) -> type[Remnant]:
    """The class that stands for a name of a module."""
    return type(name, (Remnant,), {"_name": f"{module}.{name}", "__module__": module})


def _again(module: str, name: str) -> Remnant:
    return remnant(module, name)()
