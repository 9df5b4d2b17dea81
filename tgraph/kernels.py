"""Kernels: small functions that emitted code calls, plain torch in the subset of Python that TorchScript reads.

A kernel stands beside the op that uses it and is marked with ``@kernel``. Its source text is compiled into TorchScript
programs and exported files, so it stands alone: annotated (``torch.Tensor``, ``int``, ``list[int]``, ``tuple[..]``),
no defaults, no closures, calls only torch and other kernels; names are distinct over the whole package.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch

#: name -> kernel
table: dict[str, Callable[..., Any]] = {}

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Decorator: enter a function into the table of kernels."""
    if function.__name__ in table:
        raise ValueError(f"there is a kernel of the name {function.__name__} already")
    table[function.__name__] = function
    return function


#: kernels whose results never share memory with their arguments
fresh: set[Callable[..., Any]] = set()


def fresh_kernel(function: F) -> F:
    """Decorator: a kernel whose results are always new memory, so that a function may return them as they are."""
    fresh.add(kernel(function))
    return function


#: kernel that writes a part of its first argument -> the one that checks what it would refuse
fits: dict[Callable[..., Any], Callable[..., Any]] = {}


def fits_for(writer: Callable[..., Any]) -> Callable[[F], F]:
    """Decorator: a kernel of the parameters of ``writer`` less its last, ``own``. It raises whatever ``writer`` would
    raise, and returns what is written (the second argument, broadcast), with which ``writer`` then cannot fail."""

    def enter(function: F) -> F:
        fits[writer] = kernel(function)
        return function

    return enter


def is_kernel(function: Any) -> bool:
    """True for functions marked with ``@kernel``."""
    return table.get(getattr(function, "__name__", "")) is function


@kernel
def check_axis(x: torch.Tensor, y: torch.Tensor, axis: int, i: int, j: int) -> None:
    """Operands i and j of an elementwise op must agree in the size of an axis that is not broadcastable."""
    if x.size(axis) != y.size(axis):
        raise ValueError(
            "Input dimension mis-match. (input["
            + str(i) + "].shape[" + str(axis) + "] = " + str(x.size(axis)) + ", input["
            + str(j) + "].shape[" + str(axis) + "] = " + str(y.size(axis)) + ")"
        )


@kernel
def check_shape(x: torch.Tensor, y: torch.Tensor, i: int, j: int) -> None:
    """Operands i and j of an elementwise op without broadcastable axes must have one shape."""
    if x.size() != y.size():
        raise ValueError("Input dimension mis-match. (input[" + str(i) + "].shape = " + str(x.size())
                         + ", input[" + str(j) + "].shape = " + str(y.size()) + ")")


@kernel
def int_list(x: torch.Tensor) -> list[int]:
    """The elements of an integer vector."""
    out: list[int] = x.to(torch.int64).tolist()
    return out
