"""The covariance matrix."""

from __future__ import annotations

from typing import Any

from tgraph.operators import as_tensor_variable, constant
from tgraph.ops.join import concatenate
from tgraph.ops.linalg import dot


def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
) -> Any:
    """c[i, j] = sum_k (m[i, k] - mean_i) (m[j, k] - mean_j) / (n - ddof), squeezed.

    ``m``: (variables, observations), or the other way round without ``rowvar``; ``y``: more variables. ``ddof``
    is 1, with ``bias`` 0. Weights are a NotImplementedError.
    """
    for name, weights in (("fweights", fweights), ("aweights", aweights)):
        if weights is not None:
            raise NotImplementedError(f"{name} are not implemented")
    parts = [as_tensor_variable(part) for part in (m, y) if part is not None]
    if not rowvar:
        parts = [part.T for part in parts]
    x = parts[0] if y is None else concatenate(parts, axis=0)
    count = x.shape[1] - ((0 if bias else 1) if ddof is None else ddof)
    x = x - x.mean(axis=1, keepdims=True)
    return (dot(x, x.T) * (constant(1) / count)).squeeze()


__all__ = ["cov"]
