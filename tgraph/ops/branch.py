"""Branches: ``ifelse(condition, then, else)`` computes only the side that is taken.

``IfElse`` is what graphs hold: an op of a condition and the values of both sides. When a function is compiled, what
only one side needs becomes a graph inside of an op ``Branch`` (``rewrite/branches.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.config import config
from tgraph.graph import Apply, Op, Variable
from tgraph.operators import as_tensor_variable
from tgraph.ops.rows import zero_for
from tgraph.performing import graph_performer
from tgraph.types import TensorType, disconnected_type

__all__ = ["Branch", "IfElse", "ifelse"]

_NO_SCALAR = "Condition given to the op has to be a scalar with 0 standing for False, anything else for True"


def _as_variable(x: Any) -> Any:
    if hasattr(x, "_as_TensorVariable"):
        return x._as_TensorVariable()
    return x if isinstance(x, Variable) else as_tensor_variable(x)


class IfElse(Op):
    """``IfElse(n)(condition, then_1, .., then_n, else_1, .., else_n)``: the first n values where the condition is not
    0, else the last n.

    ``as_view`` and ``gpu`` change nothing here; ops that differ in them are different.
    Raises TypeError for a condition that is no scalar, or values of different types.
    """

    def __init__(self, n_outs: int, as_view: bool = False, gpu: bool = False, name: str | None = None):
        if as_view:
            self.view_map = {i: [i + 1] for i in range(n_outs)}
        self.n_outs, self.as_view, self.gpu, self.name = n_outs, as_view, gpu, name

    def _look(self) -> tuple:
        return (self.n_outs, self.as_view, self.gpu)

    def __eq__(self, other: Any) -> bool:
        return type(self) is type(other) and self._look() == other._look()

    def __hash__(self) -> int:
        return hash((type(self), self._look()))

    def __str__(self) -> str:
        words = [self.name, "inplace" if self.as_view else None, "gpu" if self.gpu else None]
        return f"if{{{','.join(w for w in words if w is not None)}}}"

    def like(self, n_outs: int | None = None, suffix: str = "") -> IfElse:
        """An op of the same manner, for another number of values; the suffix is added to a name."""
        name = None if self.name is None else self.name + suffix
        return IfElse(self.n_outs if n_outs is None else n_outs, self.as_view, self.gpu, name)

    def sides(self, values: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """What belongs to the inputs of a node, as (then, else)."""
        return list(values[1 : 1 + self.n_outs]), list(values[1 + self.n_outs :])

    def make_node(self, c: Any, *args: Any) -> Apply:
        if len(args) != 2 * self.n_outs:
            raise AssertionError(f"Wrong number of arguments to make_node: expected {2 * self.n_outs}, got {len(args)}")
        c = as_tensor_variable(c)
        values = list(args) if self.gpu else [_as_variable(x) for x in args]
        thens, elses = values[: self.n_outs], values[self.n_outs :]
        for t, f in zip(thens, elses, strict=True):
            if t.type != f.type:
                raise TypeError("IfElse requires same types for true and false return values", t, f, t.type, f.type)
        if c.type.ndim > 0:
            raise TypeError(_NO_SCALAR)
        return Apply(self, [c, *values], [t.type() for t in thens])

    def compute(self, node: Apply, c: Any, *values: Any) -> tuple:
        thens, elses = self.sides((c, *values))
        return tuple(thens if c != 0 else elses)

    def lower(self, node: Apply, ctx: Any, c: Any, *values: Any) -> Any:
        # alone it picks among values that are there already; what is lazy is a Branch
        closed = Branch.picking(node)
        return closed.lower(closed.make_node(*node.inputs), ctx, c, *values)

    def dims(self, node: Apply, inputs: Sequence[Any], fresh: Any) -> list[Any]:
        """A size is known where both sides agree in it."""
        thens, elses = self.sides(inputs)
        return [
            tuple(a if a == b else fresh() for a, b in zip(t, f, strict=True))
            for t, f in zip(thens, elses, strict=True)
        ]

    def infer_shape(self, node: Apply, inputs_shapes: Sequence[Any]) -> list[Any]:
        """For each value the sizes of the side that is taken (None for what has no shape)."""
        thens, elses = self.sides(inputs_shapes)
        if not all(isinstance(s, (list, tuple)) for s in (*thens, *elses)):
            return [None] * self.n_outs
        pairs = [pair for t, f in zip(thens, elses, strict=True) for pair in zip(t, f, strict=True)]
        open_pairs = [(t, f) for t, f in pairs if t is not f]
        made: list[Any] = []
        if open_pairs:
            op = IfElse(len(open_pairs), name="shape" if self.name is None else f"shape_{self.name}")
            made = op(node.inputs[0], *[t for t, _ in open_pairs], *[f for _, f in open_pairs], return_list=True)
        rest = iter(made)
        sizes = iter([t if t is f else next(rest) for t, f in pairs])
        return [tuple(next(sizes) for _ in t) for t in thens]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        """The gradient goes to the side that is taken, the other gets zeros. The condition gets zeros too: that
        it is a little more or less changes nothing."""
        c, (thens, elses) = inputs[0], self.sides(inputs)
        live = [i for i, g in enumerate(output_grads) if isinstance(g.type, TensorType)]
        to_then, to_else = (
            [zero_for(x) if isinstance(x.type, TensorType) else disconnected_type() for x in side]
            for side in (thens, elses)
        )
        if live:
            gs = [output_grads[i] for i in live]
            zeros_t, zeros_f = (
                [side[i].zeros_like(dtype=g.type.dtype) for i, g in zip(live, gs, strict=True)]
                for side in (thens, elses)
            )
            for to, suffix, values in ((to_then, "_grad_t", (*gs, *zeros_t)), (to_else, "_grad_f", (*zeros_f, *gs))):
                made = self.like(len(live), suffix)(c, *values, return_list=True)
                for i, g in zip(live, made, strict=True):
                    to[i] = g
        return [c.zeros_like().astype(config.floatX), *to_then, *to_else]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        points = [x.zeros_like() if t is None else t for x, t in zip(inputs[1:], eval_points[1:], strict=True)]
        return self.like()(inputs[0], *points, return_list=True)


def ifelse(condition: Any, then_branch: Any, else_branch: Any, name: str | None = None) -> Any:
    """``then_branch`` where the scalar ``condition`` is not 0, else ``else_branch``; only that side is computed.

    Each side is a variable, or a list or tuple of as many. The result has the form of ``then_branch``. Raises
    TypeError where the types of both sides differ (in dtype, dimensions or broadcast pattern), ValueError where one
    has more values.
    """
    kind = type(then_branch) if type(then_branch) in (list, tuple) else None
    thens = list(then_branch) if kind else [then_branch]
    elses = list(else_branch) if type(else_branch) in (list, tuple) else [else_branch]
    pairs = [_reconciled(t, f) for t, f in zip(thens, elses, strict=False)]
    if len(thens) != len(elses):
        raise ValueError(
            "The number of values on the `then` branch should have the same number of variables as the `else` branch "
            f": (variables on `then` {len(thens)}, variables on `else` {len(elses)})"
        )
    op = IfElse(n_outs=len(thens), name=name)
    made = op(condition, *[t for t, _ in pairs], *[f for _, f in pairs], return_list=True)
    return kind(made) if kind else made[0]


def _reconciled(t: Any, f: Any) -> tuple[Any, Any]:
    """A value of each side as variables of one type, or TypeError."""
    t = t if isinstance(t, Variable) else as_tensor_variable(t)
    f = f if isinstance(f, Variable) else as_tensor_variable(f)
    if t.type != f.type:
        if isinstance(t.type, TensorType) and not isinstance(f.type, TensorType):
            f = t.type.filter_variable(f)
        elif isinstance(f.type, TensorType) and not isinstance(t.type, TensorType):
            t = f.type.filter_variable(t)
    if t.type != f.type:
        raise TypeError(
            f"The two branches should have identical types, but they are {t.type} and {f.type} respectively. This "
            "error could be raised if for example you provided a one element list on the `then` branch but a tensor on "
            "the `else` branch."
        )
    return t, f


class Branch(Op):
    """``Branch(inputs, thens, elses)(condition, *outer)``: the graph from ``inputs`` to ``thens`` where the condition
    is not 0, else that to ``elses``, run on ``outer``.

    Made when a function is compiled. Values at the same place of both sides are of one type.
    """

    def __init__(self, inputs: Sequence[Any], thens: Sequence[Any], elses: Sequence[Any], name: str | None = None):
        self.inputs, self.thens, self.elses, self.name = list(inputs), list(thens), list(elses), name

    @classmethod
    def picking(cls, node: Apply) -> Branch:
        """What an ``IfElse`` node does, with both sides computed before."""
        inner = [x.type() for x in node.inputs[1:]]
        n = node.op.n_outs
        return cls(inner, inner[:n], inner[n:], node.op.name)

    def __str__(self) -> str:
        return f"branch{{{self.name or ''}}}"

    def make_node(self, c: Any, *outer: Any) -> Apply:
        if len(outer) != len(self.inputs):
            raise ValueError(f"{self} takes {len(self.inputs)} arguments besides the condition, got {len(outer)}")
        return Apply(self, [c, *outer], [t.type() for t in self.thens])

    def side(self, taken: bool) -> list[Any]:
        """The results of the side that is taken."""
        return self.thens if taken else self.elses

    def compute(self, node: Apply, c: np.ndarray, *outer: Any) -> tuple:
        return tuple(graph_performer(self.inputs, self.side(bool(c != 0)))(outer))

    def lower(self, node: Apply, ctx: Any, c: Any, *outer: Any) -> Any:
        return ctx.branch(node, c, *outer)
