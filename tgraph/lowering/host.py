"""Nodes that run on the host, by their Python form, between compiled parts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from torch import from_numpy

from tgraph.graph import Apply, Variable
from tgraph.performing import performer
from tgraph.types import TensorType
from tgraph.values import to_numpy, to_value


class Complaints(threading.local):
    """Who in this thread wants to know of arrays that are none of the declared type: ``about(output, array)``."""

    about: Callable[[Variable, np.ndarray], None] | None = None


complaints = Complaints()


class HostCall:
    """One node run on the host by its numpy form: takes and returns what the engines hold.

    Raises CodeInCError or MethodNotDefined, when it is made, for an op that has no such form.
    """

    def __init__(self, node: Apply, device: str = "cpu"):
        self.node, self.device = node, device
        self.__name__ = f"host_{type(node.op).__name__}"
        self.__qualname__ = self.__name__
        self.__module__ = __name__
        self.perform = performer(node)
        # (dtype, ndim) of outputs that are plain arrays: what fits is passed on without further questions
        self.plain = [
            (o.type.numpy_dtype, o.type.ndim) if isinstance(o.type, TensorType) else (None, 0) for o in node.outputs
        ]
        self.single = len(node.outputs) == 1

    def __call__(self, *values: Any) -> Any:
        try:
            args = [v.numpy() for v in values]
        except (AttributeError, TypeError, RuntimeError):  # no tensor, not in this memory, or a lazy conjugate
            args = [to_numpy(v) for v in values]
        results = self.perform(args)
        if self.single:
            return self.held(results[0], 0)
        return tuple([self.held(value, i) for i, value in enumerate(results)])

    def held(self, value: Any, i: int) -> Any:
        """What the engines hold for the value that was left for output ``i``."""
        dtype, ndim = self.plain[i]
        if type(value) is np.ndarray and value.dtype is dtype and value.ndim == ndim and value.flags.carray:
            try:
                tensor = from_numpy(value)
            except ValueError:  # a dimension of one element or none may have any stride
                return to_value(value, self.device)
            return tensor if self.device == "cpu" else tensor.to(self.device)
        if type(value) is not np.ndarray or value.dtype is not dtype or value.ndim != ndim:
            if complaints.about is not None and isinstance(value, np.ndarray):
                complaints.about(self.node.outputs[i], value)
            value = checked(value, self.node.outputs[i])
        return to_value(value, self.device)


def checked(value: Any, output: Variable) -> Any:
    """What a ``perform`` left for an output: an array of the declared dtype and ndim, or TypeError/ValueError."""
    if not isinstance(output.type, TensorType):
        return value
    if value is None:
        raise ValueError(f"{output.owner.op}.perform left output {output.index} empty" if output.owner else "no value")
    array = np.asarray(value)
    if array.dtype != output.type.numpy_dtype:
        # an array must fit; a number is converted
        wanted = output.type
        array = wanted.filter(array) if isinstance(value, np.ndarray) else array.astype(wanted.numpy_dtype)
    if array.ndim != output.type.ndim:
        raise ValueError(
            f"{output.owner.op if output.owner else output} gave {array.ndim} dimensions for an output of type "
            f"{output.type}"
        )
    return array
