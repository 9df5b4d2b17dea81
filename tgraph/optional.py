"""The one place for imports that wait until they are needed: sympy, scipy's heavy parts, inductor, extras."""

from __future__ import annotations

from typing import Any


def scipy_special() -> Any:
    """``scipy.special``: special functions on arrays."""
    import scipy.special

    return scipy.special


def scipy_linalg() -> Any:
    """``scipy.linalg``: what numpy.linalg lacks."""
    import scipy.linalg

    return scipy.linalg


def scipy_sparse() -> Any:
    """``scipy.sparse``: sparse matrices."""
    import scipy.sparse

    return scipy.sparse


def sympy() -> Any:
    """``sympy``: symbolic algebra (a second to import)."""
    import sympy

    return sympy


def pydot() -> Any:
    """``pydot`` (or its older fork): graphs as Graphviz draws them. ImportError where neither is installed."""
    try:
        import pydot_ng as pydot  # type: ignore[reportMissingImports]
    except ImportError:
        import pydot  # type: ignore[reportMissingImports]

    return pydot
