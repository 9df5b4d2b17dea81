"""Sparse matrices: every public function on them under one name. Re-exports, and what finds scipy's classes late."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from tgraph.ops.advanced import AdvancedSubtensor1
from tgraph.ops.sparse_arithmetic import *
from tgraph.ops.sparse_dot import *
from tgraph.ops.sparse_dot import _dot, _structured_dot
from tgraph.ops.sparse_parts import *
from tgraph.ops.sparse_patches import *
from tgraph.ops.sparse_random import *
from tgraph.ops.sparse_type import *
from tgraph.ops.sparse_type import (
    SparseType,
    _is_dense,
    _is_dense_variable,
    _is_sparse,
    _is_sparse_variable,
    _sparse_py_operators,
)

enable_sparse = imported_scipy = True


def sparse_grad(var: Any) -> Any:
    """``W[i]``, for a vector i of positions, with a sparse gradient (csc) for W: only the rows that were picked.

    AssertionError for any other expression.
    """
    node: Any = getattr(var, "owner", None)
    picks = node is not None and isinstance(node.op, AdvancedSubtensor1)
    assert picks, "sparse_grad takes W[i], rows of a matrix picked by a vector of positions"
    return AdvancedSubtensor1(sparse_grad=True)(*node.inputs)


def __getattr__(name: str) -> Any:
    if name == "_mtypes":
        return [SparseType.format_cls["csc"], SparseType.format_cls["csr"]]
    if name == "_mtype_to_str":
        return {SparseType.format_cls[format]: format for format in ("csc", "csr")}
    if name == "scipy_ver":
        return [int(number) for number in version("scipy").split(".")[:2]]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
