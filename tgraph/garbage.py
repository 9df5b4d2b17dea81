"""Python's collector of reference cycles, off while large graphs are built.

A graph is many objects and no garbage. The collector looks through all of them again and again as their number grows:
with 100,000 nodes that takes a third of the time.
"""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def uncollected(function: Callable[P, R]) -> Callable[P, R]:
    """Decorator: the function runs without the collector, which is then as it was, whatever happens."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if not gc.isenabled():
            return function(*args, **kwargs)
        gc.disable()
        try:
            return function(*args, **kwargs)
        finally:
            gc.enable()

    return call


__all__ = ["uncollected"]
