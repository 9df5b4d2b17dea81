"""Checks of derivatives against finite differences: ``numeric_grad``, ``verify_grad``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tgraph.errors import GradientError
from tgraph.grad import grad
from tgraph.graph import late
from tgraph.ops.reduce import sum as sum_over
from tgraph.shared import shared
from tgraph.types import TensorType

_EPS = {"float64": 1e-7, "float32": 3e-4, "float16": 1e-1}
_TOLERANCE = {"float64": 1e-4, "float32": 1e-2, "float16": 5e-2}


class numeric_grad:
    """Gradient of a function of arrays by forward differences: (f(x + eps) - f(x)) / eps, entry by entry.

    ``f`` takes the arrays of ``pt`` and gives one number. ``gf`` holds the gradients: a list of arrays shaped
    like ``pt``, or one array where ``pt`` is one. ``eps`` defaults to what suits the narrowest dtype among
    ``pt`` and ``out_type``.
    """

    type_eps = {**_EPS, **{np.dtype(name): eps for name, eps in _EPS.items()}}

    def __init__(self, f: Callable[..., Any], pt: Any, eps: float | None = None, out_type: Any = None):
        packed = isinstance(pt, (list, tuple))
        points = [np.array(p) for p in (pt if packed else [pt])]
        dtypes = [str(p.dtype) for p in points] + ([str(out_type)] if out_type is not None else [])
        if eps is None:
            eps = max([self.type_eps[d] for d in dtypes if d in self.type_eps] or [_EPS["float64"]])
        base = np.array(f(*[p.copy() for p in points]))
        grads = []
        for k, point in enumerate(points):
            g = np.zeros(point.shape, dtype=point.dtype)
            for place in np.ndindex(*point.shape):
                moved = [p.copy() for p in points]
                moved[k][place] += point.dtype.type(eps)
                with np.errstate(all="ignore"):
                    g[place] = (np.array(f(*moved)) - base) / eps
            grads.append(g)
        self.gf: Any = grads if packed else grads[0]

    @staticmethod
    def abs_rel_err(a: Any, b: Any) -> tuple[Any, Any]:
        """|a - b|, and the same relative to |a| + |b| (at least 1e-8)."""
        error = abs(a - b)
        return error, error / np.maximum(abs(a) + abs(b), 1e-8)

    def abs_rel_errors(self, g_pt: Sequence[Any]) -> list[tuple[Any, Any]]:
        """``abs_rel_err`` of each numeric gradient and the one in ``g_pt``.

        Raises ValueError where number or shapes differ.
        """
        if len(g_pt) != len(self.gf):
            raise ValueError("argument has wrong number of elements", len(g_pt))
        errors = []
        for i, (mine, theirs) in enumerate(zip(self.gf, g_pt, strict=True)):
            if np.shape(mine) != np.shape(theirs):
                raise ValueError(f"argument element {i} has wrong shape {(np.shape(mine), np.shape(theirs))}")
            errors.append(self.abs_rel_err(mine, theirs))
        return errors

    def max_err(self, g_pt: Sequence[Any], abs_tol: float, rel_tol: float) -> tuple[int, int, Any, Any]:
        """(argument, flat position, absolute error, relative error) of the entry furthest out of tolerance.

        An entry is as bad as the better of its two errors, each in units of its tolerance; NaN is the worst.
        """
        worst: tuple[float, int, int, Any, Any] | None = None
        for i, (absolute, relative) in enumerate(self.abs_rel_errors(g_pt)):
            if not np.size(absolute):
                continue
            score = np.minimum(np.asarray(absolute) / abs_tol, np.asarray(relative) / rel_tol).reshape(-1)
            bad = np.where(np.isnan(score), np.inf, score)
            at = int(np.argmax(bad))
            if worst is None or bad[at] > worst[0]:
                worst = (bad[at], i, at, np.ravel(absolute)[at], np.ravel(relative)[at])
        return (0, 0, 0.0, 0.0) if worst is None else worst[1:]


def verify_grad(
    fun: Callable[..., Any],
    pt: Sequence[Any],
    n_tests: int = 2,
    rng: Any = None,
    eps: float | None = None,
    out_type: Any = None,
    abs_tol: float | None = None,
    rel_tol: float | None = None,
    mode: Any = None,
    cast_to_output_type: bool = False,
    no_debug_ref: bool = True,
) -> None:
    """Compare the symbolic gradient of ``fun`` with finite differences at ``pt``, ``n_tests`` times.

    ``fun`` takes as many symbolic tensors as there are arrays in ``pt`` and gives one tensor; what is
    differentiated is its sum weighted by random numbers from ``rng`` (a RandomState). Raises GradientError
    where an entry is out of both tolerances, TypeError for points that are not floats and for no ``rng``,
    NotImplementedError for several outputs.
    """
    if not isinstance(pt, (list, tuple)):
        raise AssertionError("pt must be a list or tuple of arrays")
    points = [np.array(p) for p in pt]
    for i, point in enumerate(points):
        if str(point.dtype) not in _EPS:
            raise TypeError(
                f"verify_grad can work only with floating point inputs, but input {i} has dtype "
                f'"{point.dtype}".'
            )
    if rng is None:
        raise TypeError("rng should be a valid instance of numpy.random.RandomState.")
    tolerance = max(_TOLERANCE[str(p.dtype)] for p in points)
    abs_tol = tolerance if abs_tol is None else abs_tol
    rel_tol = tolerance if rel_tol is None else rel_tol

    ins = [TensorType(p.dtype, [n == 1 for n in p.shape])(f"input {i}") for i, p in enumerate(points)]
    output = fun(*ins)
    if isinstance(output, (list, tuple)):
        raise NotImplementedError("can't (yet) autotest gradient of fun with multiple outputs")

    def compiled(outputs: Any, name: str) -> Any:
        settings = {} if mode is None else {"mode": mode}
        return late["function"](
            ins, outputs, name=name, allow_input_downcast=True, on_unused_input="ignore", **settings
        )

    value = np.asarray(compiled(output, "gradient.py fwd")(*[p.copy() for p in points]))

    def weights() -> np.ndarray:
        drawn = np.asarray(rng.rand(*value.shape) + 0.5)
        return drawn.astype(output.type.dtype) if cast_to_output_type else drawn

    weight = shared(weights(), borrow=True, name="random_projection")
    cost = sum_over(weight * output)
    cost_at = compiled(cost, "gradient.py cost")
    gradient_at = compiled(grad(cost, ins, disconnected_inputs="ignore"), "gradient.py symbolic grad")
    for test in range(n_tests):
        try:
            numeric = numeric_grad(cost_at, [p.copy() for p in points], eps, out_type)
            symbolic = gradient_at(*[p.copy() for p in points])
            arg, place, absolute, relative = numeric.max_err(symbolic, abs_tol, rel_tol)
            if not (absolute <= abs_tol or relative <= rel_tol):
                raise GradientError(
                    arg,
                    place,
                    points[arg].shape,
                    np.asarray(symbolic[arg]).reshape(-1)[place],
                    numeric.gf[arg].reshape(-1)[place],
                    absolute,
                    relative,
                    abs_tol,
                    rel_tol,
                )
        except Exception as error:
            error.args += (
                "\nThe error happened with the following inputs:",
                points,
                "\nThe value of eps is:",
                eps,
                "\nThe out_type is:",
                out_type,
            )
            raise
        if test + 1 < n_tests:
            weight.set_value(weights(), borrow=True)


# legacy tests name the error by way of the function that raises it
vars(verify_grad)["E_grad"] = GradientError

__all__ = ["numeric_grad", "verify_grad"]
