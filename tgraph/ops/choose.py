"""Elements picked from several tensors by number: ``choose``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.graph import Apply, Op, Variable
from tgraph.kernels import kernel
from tgraph.operators import as_tensor_variable, offers
from tgraph.ops.subtensor import HOST_DTYPES
from tgraph.types import TensorType, discrete_dtypes


@kernel
def settled_choice(a: torch.Tensor, n: int, mode: str) -> torch.Tensor:
    """Numbers of n choices, as ``mode`` treats those out of range."""
    if n == 0:
        raise ValueError("there is nothing to choose from")
    if mode == "wrap":
        return torch.remainder(a, n)
    if mode == "clip":
        return torch.clamp(a, 0, n - 1)
    if a.numel() > 0:
        low, high = torch.aminmax(a)
        if int(low) < 0 or int(high) >= n:
            raise ValueError("invalid entry in choice array")
    return a


@kernel
def choose_from(a: torch.Tensor, choices: torch.Tensor, mode: str) -> torch.Tensor:
    """z[..] = choices[a[..], ..], a and choices[k] broadcast."""
    a = settled_choice(a, choices.size(0), mode).to(choices.device)
    places, _ = torch.broadcast_tensors(a.unsqueeze(0), choices[:1])
    shape = list(places.size())
    shape[0] = choices.size(0)
    return torch.gather(choices.expand(shape), 0, places).squeeze(0)


@kernel
def choose_among(a: torch.Tensor, choices: list[torch.Tensor], mode: str) -> torch.Tensor:
    """z[..] = choices[a[..]][..], everything broadcast."""
    whole = choices[0]
    for c in choices:
        whole = torch.broadcast_tensors(whole, c)[0]
    return choose_from(a, torch.stack([c.expand(whole.size()) for c in choices]), mode)


class Choose(Op):
    """z[..] = choices[a[..]][..]: for each place the number of the tensor whose element it gets, broadcast.

    ``choices``: a tensor (its first axis counts the choices), a list or tuple of tensors of one type, or a typed
    list. ``mode``: 'raise' (ValueError at run time for a number out of range), 'wrap' or 'clip'. Raises TypeError
    where ``a`` does not hold integers, and for tensors of several types.
    """

    __props__ = ("mode",)

    def __init__(self, mode: str):
        assert mode in ("raise", "wrap", "clip")
        self.mode = mode

    def make_node(self, a: Any, choices: Any) -> Apply:
        a = as_tensor_variable(a)
        if a.type.dtype not in discrete_dtypes:
            raise TypeError(f"choose first argument must have an [u]int* dtype. Got {a.type.dtype}.")
        if isinstance(choices, (list, tuple)):
            given = [as_tensor_variable(c) for c in choices]
            if any(c.type != given[0].type for c in given):
                raise TypeError("choose needs all choices to be of the same type.", [c.type for c in given])
            kind, own, listed = given[0].type, given[0].type.broadcastable, True
        else:
            listed = isinstance(choices, Variable) and hasattr(choices.type, "ttype")
            given = [choices if listed else as_tensor_variable(choices)]
            kind = given[0].type.ttype if listed else given[0].type
            own = kind.broadcastable if listed else kind.broadcastable[1:]
        ndim = max(a.type.ndim, len(own))
        if len(own) != ndim and listed:
            raise NotImplementedError(
                "the choices of a list have fewer dimensions than what chooses among them; give them broadcastable ones"
            )
        if len(own) != ndim:
            given = [given[0].dimshuffle(0, *["x"] * (ndim - len(own)), *range(1, len(own) + 1))]
        a = a.dimshuffle(*["x"] * (ndim - a.type.ndim), *range(a.type.ndim))
        own = (True,) * (ndim - len(own)) + tuple(own)
        pattern = [x and y for x, y in zip(a.type.broadcastable, own, strict=True)]
        return Apply(self, [a, *given], [TensorType(kind.dtype, pattern)()])

    def _from_tensor(self, node: Apply) -> bool:
        type = node.inputs[1].type
        return len(node.inputs) == 2 and isinstance(type, TensorType) and type.ndim > node.outputs[0].type.ndim

    def compute(self, node: Apply, a: np.ndarray, *choices: Any) -> np.ndarray:
        held = choices[0] if self._from_tensor(node) or not isinstance(node.inputs[1].type, TensorType) else choices
        # numpy takes only so many arrays at once
        stacked = held if isinstance(held, np.ndarray) else np.stack(np.broadcast_arrays(*held))
        count = len(stacked)
        if count == 0:
            raise ValueError("there is nothing to choose from")
        if self.mode == "raise" and a.size and (a.min() < 0 or a.max() >= count):
            raise ValueError("invalid entry in choice array")
        places = np.asarray(a).astype("int64")
        places = places % count if self.mode == "wrap" else places.clip(0, count - 1)
        shape = np.broadcast_shapes(places.shape, stacked.shape[1:])
        places = np.broadcast_to(places, shape)[None]
        return np.take_along_axis(np.broadcast_to(stacked, (count, *shape)), places, 0)[0]

    def lower(self, node: Apply, ctx: Any, a: Any, *choices: Any) -> Any:
        dtypes = {getattr(v.type, "dtype", "uint64") for v in node.inputs[1:]}
        if dtypes.intersection(HOST_DTYPES) or node.inputs[0].type.dtype in HOST_DTYPES:
            return ctx.host(node, a, *choices)
        a = ctx.cast(a, "int64")
        if self._from_tensor(node):
            return ctx.call(choose_from, a, choices[0], self.mode)
        return ctx.call(choose_among, a, list(choices), self.mode)

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        sizes: list[Any] = []
        given = [inputs[0], *(s[1:] if self._from_tensor(node) else s for s in inputs[1:])]
        for i, b in enumerate(node.outputs[0].type.broadcastable):
            # sizes that do not promise to be 1 may be 1 all the same, as numpy broadcasts
            named = {s[i] for s in given if i < len(s)} - {1}
            proved = len(named) == 1 and all(isinstance(s, int) for s in named)
            sizes.append(1 if b else named.pop() if proved else fresh())
        return [tuple(sizes)]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        own = shapes[1][1:] if self._from_tensor(node) else shapes[1]
        return [
            tuple(
                theirs if b else mine
                for mine, theirs, b in zip(shapes[0], own, node.inputs[0].type.broadcastable, strict=True)
            )
        ]


@offers("choose")
def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    """Elements picked from ``choices`` by number: see ``Choose``. ``out`` is None."""
    assert out is None
    return Choose(mode)(a, choices)


__all__ = ["Choose", "choose"]
