"""Products by the names of the BLAS: ``gemm``, ``gemv``, ``ger``, ``Dot22``, for programs that call them themselves.

Nothing is gained by them here: products and sums of products are recognized, whatever they are written with.
The forms that wrote to their first input give a new value too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.errors import NoGradientError
from tgraph.graph import Apply, Op, Sized
from tgraph.operators import as_tensor_variable
from tgraph.ops.linalg import BatchedDot
from tgraph.types import TensorType


class GemmRelated(Sized, Op):
    """What ``Gemm`` and ``Dot22`` have in common."""

    __props__: tuple[str, ...] = ()
    #: the number of dimensions of each input
    ranks: tuple[int, ...] = ()

    def make_node(self, *inputs: Any) -> Apply:
        """TypeError for another number of inputs or dimensions, for unlike dtypes and for integers."""
        if len(inputs) != len(self.ranks):
            raise TypeError(f"Wrong number of inputs for {self} (expected {len(self.ranks)}, got {len(inputs)})")
        ins = [as_tensor_variable(v) for v in inputs]
        for v, rank in zip(ins, self.ranks, strict=True):
            if v.type.ndim != rank:
                raise TypeError(f"{self} takes {rank} dimensions here", v)
        if len({v.type.dtype for v in ins}) > 1:
            raise TypeError(f"{self} requires matching dtypes", tuple(v.type.dtype for v in ins))
        if ins[0].type.dtype[0] not in "fc":
            raise TypeError(f"{self} requires floats or complex numbers", ins[0].type.dtype)
        return Apply(self, ins, [self.result(*ins)()])

    def result(self, *inputs: Any) -> Any:
        """The type of the result."""
        return inputs[0].type

    def formula(self, *inputs: Any, product: Any, outer: Any) -> Any:
        """The result, with the product of matrices and vectors at hand."""
        raise NotImplementedError

    def compute(self, node: Apply, *inputs: np.ndarray) -> Any:
        return np.asarray(self.formula(*inputs, product=np.dot, outer=np.outer)).astype(node.outputs[0].type.dtype)

    def lower(self, node: Apply, ctx: Any, *inputs: Any) -> Any:
        return self.formula(*inputs, product=torch.matmul, outer=torch.outer)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        raise NoGradientError(f"{self} has no gradient", fix="write it with dot, which has one")


class Dot22(GemmRelated):
    """z = dot(x, y) of two matrices of one dtype."""

    ranks = (2, 2)

    def result(self, x: Any, y: Any, *_: Any) -> Any:
        return TensorType(x.type.dtype, (x.type.broadcastable[0], y.type.broadcastable[1]))

    def formula(self, x: Any, y: Any, product: Any, outer: Any) -> Any:
        return product(x, y)


class Dot22Scalar(Dot22):
    """z = a * dot(x, y) of two matrices and a scalar of one dtype."""

    ranks = (2, 2, 0)

    def formula(self, x: Any, y: Any, a: Any, product: Any, outer: Any) -> Any:
        return product(x, y) * a


class _Updating(GemmRelated):
    __props__ = ("inplace",)

    def __init__(self, inplace: bool):
        self.inplace = bool(inplace)

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{'inplace' if self.inplace else 'no_inplace'}}}"


class Gemm(_Updating):
    """b * z + a * dot(x, y) of ``(z, a, x, y, b)``: matrices, scalars a and b; in the type of z."""

    ranks = (2, 0, 2, 2, 0)

    def formula(self, z: Any, a: Any, x: Any, y: Any, b: Any, product: Any, outer: Any) -> Any:
        return z * b + product(x, y) * a


class Gemv(_Updating):
    """beta * y + alpha * dot(A, x) of ``(y, alpha, A, x, beta)``: vectors, a matrix, scalars; in the type of y."""

    ranks = (1, 0, 2, 1, 0)

    def formula(self, y: Any, alpha: Any, A: Any, x: Any, beta: Any, product: Any, outer: Any) -> Any:
        return y * beta + product(A, x) * alpha


class Ger(_Updating):
    """A + alpha * outer(x, y) of ``(A, alpha, x, y)``: a matrix, a scalar, vectors; in the type of A."""

    __props__ = ("destructive",)
    ranks = (2, 0, 1, 1)

    def __init__(self, destructive: bool):
        super().__init__(destructive)
        self.destructive = self.inplace

    def formula(self, A: Any, alpha: Any, x: Any, y: Any, product: Any, outer: Any) -> Any:
        return A + outer(x, y) * alpha

    def __str__(self) -> str:
        return f"Ger{{{'destructive' if self.destructive else 'non-destructive'}}}"


batched_dot = BatchedDot()
dot22, dot22scalar = Dot22(), Dot22Scalar()
gemm_no_inplace, gemm_inplace = Gemm(inplace=False), Gemm(inplace=True)
gemm = gemm_no_inplace
gemv_no_inplace, gemv_inplace = Gemv(inplace=False), Gemv(inplace=True)
gemv = gemv_no_inplace
ger, ger_destructive = Ger(destructive=False), Ger(destructive=True)

__all__ = [
    "BatchedDot",
    "Dot22",
    "Dot22Scalar",
    "Gemm",
    "GemmRelated",
    "Gemv",
    "Ger",
    "batched_dot",
    "dot22",
    "dot22scalar",
    "gemm",
    "gemm_inplace",
    "gemm_no_inplace",
    "gemv",
    "gemv_inplace",
    "gemv_no_inplace",
    "ger",
    "ger_destructive",
]
