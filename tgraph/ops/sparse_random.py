"""Sparse matrices of random numbers. They come from numpy's global generator, so each run gives others; there are no
gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.grad import grad_undefined
from tgraph.graph import Apply
from tgraph.operators import as_tensor_variable
from tgraph.ops.sparse_parts import SparseOp, with_data
from tgraph.ops.sparse_type import SparseType, as_csm, discrete_dtypes
from tgraph.ops.sparse_type import float_dtypes as sparse_float_dtypes
from tgraph.types import disconnected_type

__all__ = [
    "Binomial", "Multinomial", "Poisson", "csc_dbinomial", "csc_fbinomial", "csr_dbinomial", "csr_fbinomial",
    "multinomial", "poisson",
]  # fmt: skip


class _Draws(SparseOp):
    """An op whose values are drawn: two nodes of it are never made one."""

    effects = True

    def do_constant_folding(self, node: Apply) -> bool:
        return False

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        comment = "what is drawn has no derivative"
        return [grad_undefined(self, i, x, comment) for i, x in enumerate(inputs)]


class Poisson(_Draws):
    """Poisson draws with the means that a matrix stores; zeros that come out are not stored."""

    def make_node(self, x: Any) -> Apply:
        x = as_csm(x)
        return Apply(self, [x], [x.type()])

    def compute(self, node: Apply, x: Any) -> Any:
        drawn = with_data(x, np.asarray(np.random.poisson(x.data), dtype=x.dtype))
        drawn.eliminate_zeros()
        return drawn


class Binomial(_Draws):
    """A matrix of a given shape, in a ``format`` and ``dtype``, of the number of successes in n trials with the
    probability p, for each element."""

    __props__ = ("format", "dtype")

    def __init__(self, format: str, dtype: str):
        self.format, self.dtype = format, dtype

    def make_node(self, n: Any, p: Any, shape: Any) -> Apply:
        n, p, shape = (as_tensor_variable(v) for v in (n, p, shape))
        assert n.type.dtype in discrete_dtypes, "the number of trials is an integer"
        assert p.type.dtype in sparse_float_dtypes, "the probability is a float"
        assert shape.type.dtype in discrete_dtypes, "a shape is integers"
        return Apply(self, [n, p, shape], [SparseType(self.format, self.dtype)()])

    def compute(self, node: Apply, n: np.ndarray, p: np.ndarray, shape: np.ndarray) -> Any:
        return SparseType.format_cls[self.format](np.random.binomial(n, p, size=tuple(shape)), dtype=self.dtype)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [True], [False]]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        shape = node.inputs[2]
        return [(shape[0], shape[1])]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [*super().grad(inputs, output_grads)[:2], disconnected_type()]


class Multinomial(_Draws):
    """For each row of a csr matrix p of probabilities, how often each stored element came in ``n`` draws, a number or
    one for each row (ValueError for another length). NotImplementedError at run time for other formats."""

    def make_node(self, n: Any, p: Any) -> Apply:
        p = as_csm(p)
        return Apply(self, [as_tensor_variable(n), p], [p.type()])

    def compute(self, node: Apply, n: np.ndarray, p: Any) -> Any:
        if p.format != "csr":
            raise NotImplementedError("the probabilities have to be a csr matrix")
        if n.ndim == 1 and n.shape[0] != p.shape[0]:
            raise ValueError("The number of element of n must be the same as the number of row of p.")
        drawn = p.copy()
        for i in range(p.shape[0]):
            row = slice(p.indptr[i], p.indptr[i + 1])
            drawn.data[row] = np.random.multinomial(n[i] if n.ndim else n, p.data[row])
        return drawn

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [shapes[1]]


poisson, multinomial = Poisson(), Multinomial()
csr_fbinomial, csc_fbinomial = Binomial("csr", "float32"), Binomial("csc", "float32")
csr_dbinomial, csc_dbinomial = Binomial("csr", "float64"), Binomial("csc", "float64")
