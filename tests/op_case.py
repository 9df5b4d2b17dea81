"""What a line of the table of ops says: how to build it, on what numbers, and what numpy gives."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

FLOATS = ("float64", "float32")
NUMBERS = (*FLOATS, "int64", "int8", "bool")


@dataclass(frozen=True, eq=False)
class Case:
    """``build(*variables)`` gives the outputs; ``covers`` is the class of an op that must stand in the graph."""

    name: str
    covers: type
    build: Callable[..., Any]
    values: Sequence[Any]
    twin: Callable[..., Any] | None = None
    dtypes: Sequence[str] = NUMBERS
    #: position -> broadcast pattern, where a dimension of size 1 is declared as such
    patterns: Any = ()
    #: inputs to differentiate for; None: the op has no gradient, or one that is not its derivative
    wrt: Sequence[int] | None = ()
    #: dtypes of which the numpy form runs on the host, so that there is no export
    host: Sequence[str] = ()
    #: its values are not defined by its inputs
    undefined: bool = False

    def __repr__(self):
        return self.name


def num(*shape, low=-2.0, high=2.0, seed=0):
    """Numbers between ``low`` and ``high``, other ones for every shape and seed."""
    state = np.random.RandomState(zlib.crc32(repr((shape, seed)).encode()))
    return state.uniform(low, high, shape)


def ints(*numbers):
    return np.array(numbers, "int64")
