"""``Composite``: a scalar op that is itself a graph of scalar ops.

Applied to tensors it is the graph that it holds: that one is differentiated, and lowered op by op.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.grad import Lop
from tgraph.graph import Apply, Constant, Variable, clone, io_toposort, late, replace, toposort, torch_form
from tgraph.graph import variables as all_variables
from tgraph.operators import TensorConstant
from tgraph.ops.elemwise import elemwise
from tgraph.ops.rows import ScalarOp, numpy_form, rows
from tgraph.ops.scalar import Cast
from tgraph.ops.scalar_types import ScalarConstant, as_scalar
from tgraph.types import DisconnectedType, Scalar, TensorType, discrete_dtypes

__all__ = ["Composite", "Compositef32", "composite_f32"]


class Composite(ScalarOp):
    """``outputs`` as a function of ``inputs``: numbers (type ``Scalar``) with scalar ops between them.

    A composite as the only output is opened into its graph. On inputs of other dtypes it is built again with
    those. AssertionError for an input among the outputs, ValueError for ops that are no scalar ops, and for
    variables that are neither inputs nor constants.
    """

    init_param = ("inputs", "outputs")

    def __init__(self, inputs: Sequence[Any], outputs: Sequence[Any]):
        for x in inputs:
            assert x not in outputs, "an input cannot be an output: use identity"
        if len(outputs) == 1 and isinstance(outputs[0].owner.op, Composite):
            node = outputs[0].owner
            outputs = node.op.applied(node.inputs)
        self.inputs, self.outputs = clone(inputs, outputs)
        for node in toposort(self.outputs):
            if not isinstance(node.op, ScalarOp):
                raise ValueError("The fgraph to Composite must be exclusively composed of ScalarOp instances.")
            for x in node.inputs:
                if x.owner is None and x not in self.inputs and not isinstance(x, Constant):
                    raise ValueError("All orphans in the fgraph to Composite must be Constant instances.")
        self.inputs_type = tuple(x.type for x in self.inputs)
        self.outputs_type = tuple(z.type for z in self.outputs)
        self.nin, self.nout = len(self.inputs), len(self.outputs)

    @property
    def fgraph(self) -> Any:
        """The inner graph, to look at."""
        return late["function_graph"](self.inputs, self.outputs)

    def __str__(self) -> str:
        if self.name is None:
            ins, outs = clone(self.inputs, self.outputs)
            used = [x for node in toposort(outs) for x in node.inputs]
            for i, x in enumerate(all_variables(ins, outs)):
                if x.owner is not None and x not in outs and used.count(x) > 1:
                    x.name = f"t{i}"
            for letter, ends in (("i", ins), ("o", outs)):
                for i, x in enumerate(ends):
                    x.name = f"{letter}{i}"
            self.name = f"Composite{{{', '.join(late['pprint'](z) for z in outs)}}}"
        return self.name

    __repr__ = __str__

    def _key(self) -> tuple:
        """The inner graph as a value: equal for equal graphs."""
        known: dict[Variable, Any] = {x: (i, x.type) for i, x in enumerate(self.inputs)}
        found: list[Any] = []
        for node in io_toposort(self.inputs, self.outputs):
            ins = tuple(known[x] if x in known else ("c", x.signature()) for x in node.inputs)
            for i, z in enumerate(node.outputs):
                known[z] = (len(found), i)
            found.append((node.op, ins))
        return (*found, *(known[z] for z in self.outputs))

    def __eq__(self, other: Any) -> bool:
        return self is other or (type(self) is type(other) and self._key() == other._key())

    def __hash__(self) -> int:
        return hash((type(self), self.inputs_type, self.outputs_type))

    def __getstate__(self) -> dict:
        return dict(self.__dict__)

    # -- applied -------------------------------------------------------------------------------------------

    def applied(self, inputs: Sequence[Variable]) -> list[Any]:
        """The outputs of the graph on other inputs: on numbers, or on tensors of one number of dimensions."""
        numbers = all(isinstance(x.type, Scalar) for x in inputs)
        memo: dict[Variable, Any] = dict(zip(self.inputs, inputs, strict=True))
        for node in toposort(self.outputs):
            ins = []
            for x in node.inputs:
                if x not in memo:
                    memo[x] = x if numbers else TensorConstant(TensorType(x.type.dtype, ()), x.data)
                ins.append(memo[x])
            op = node.op if numbers else elemwise(node.op)
            memo.update(zip(node.outputs, op.make_node(*ins).outputs, strict=True))
        outs = [memo[z] for z in self.outputs]
        return outs if numbers else [_in_shape(z, inputs) for z in outs]

    def output_types(self, types: Sequence[Any]) -> Sequence[Any]:
        if tuple(types) == self.inputs_type:
            return self.outputs_type
        return [z.type for z in self.applied([t() for t in types])]

    def make_node(self, *inputs: Any) -> Apply:
        ins = [as_scalar(x) for x in inputs]
        if len(ins) == self.nin and tuple(x.type for x in ins) != self.inputs_type:
            fresh = [x.type() for x in ins]
            return Composite(fresh, self.applied(fresh)).make_node(*ins)
        return super().make_node(*ins)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        outs = self.applied(inputs)
        known = [
            (z, g) for z, g in zip(outs, output_grads, strict=True)
            if z.type.dtype not in discrete_dtypes and not isinstance(g.type, DisconnectedType)
        ]  # fmt: skip
        found = Lop([z for z, _ in known], list(inputs), [g for _, g in known], disconnected_inputs="ignore")
        # what was built only to differentiate it is the node's own output
        return replace(found, dict(zip(outs, outputs, strict=True)), strict=False)

    def gradient_of(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return self.L_op(inputs, outputs, output_grads)

    # -- run -----------------------------------------------------------------------------------------------

    def forms(self, arrays: Sequence[np.ndarray], outs: Sequence[str]) -> tuple[np.ndarray, ...]:
        """The numpy form: every inner op on whole arrays."""
        memo: dict[Variable, Any] = dict(zip(self.inputs, arrays, strict=True))
        for node in toposort(self.outputs):
            ins = [memo[x] if x in memo else np.asarray(x.data) for x in node.inputs]
            dtypes = node.op.output_dtypes(*[str(a.dtype) for a in ins])
            memo.update(zip(node.outputs, numpy_form(node.op, ins, dtypes), strict=True))
        shape = np.broadcast_shapes(*[a.shape for a in arrays])
        return tuple(
            np.array(np.broadcast_to(memo[z], shape), dtype=out) for z, out in zip(self.outputs, outs, strict=True)
        )

    def impl(self, *values: Any) -> Any:
        outs = [t.dtype for t in self.outputs_type]
        found: list[Any] = [a[()] for a in self.forms([np.asarray(v) for v in values], outs)]
        return tuple(found) if self.nout > 1 else found[0]

    def lower_inner(self, node: Apply, ctx: Any, xs: Sequence[Any]) -> Any:
        """The inner ops, one after the other."""
        outs = self.applied(node.inputs)
        values: dict[Variable, Any] = dict(zip(node.inputs, xs, strict=True))
        for inner in toposort(outs, node.inputs):
            ins = [values[x] if x in values else ctx.tensor(x.data) for x in inner.inputs]
            found = torch_form(inner.op)(inner.op, inner, ctx, *ins)
            found = found if isinstance(found, tuple) else (found,)
            values.update(zip(inner.outputs, found, strict=True))
            for z, value in zip(inner.outputs, found, strict=True):
                ctx.env.setdefault(z, value)
            ctx.note_sizes(inner)
        results = tuple(
            values[z] if z.type.dtype == o.type.dtype else ctx.cast(values[z], o.type.dtype)
            for z, o in zip(outs, node.outputs, strict=True)
        )
        return results if len(results) > 1 else results[0]  # type: ignore[reportGeneralTypeIssues]

    # -- what old code calls -------------------------------------------------------------------------------

    def init_name(self) -> None:
        """Make the name (it is made when it is asked for anyway)."""
        str(self)

    def init_py_impls(self) -> None:
        """Nothing to prepare."""

    init_fgraph = init_c_code = init_py_impls

    def make_new_inplace(self, output_types_preference: Any = None, name: str | None = None) -> Composite:
        """A copy, under another name if one is given."""
        made = Composite(self.inputs, self.outputs)
        made.name = name or self.name
        return made

    def clone_float32(self) -> Composite:
        """The same with float32 wherever there is float16."""
        return Composite(*composite_f32.apply(self))


class Compositef32:
    """From graphs with float16 to the same with float32."""

    def apply(self, graph: Any) -> tuple[list[Any], list[Any]]:
        """New inputs and outputs for those of a graph (anything with ``inputs`` and ``outputs``)."""

        def wide(x: Any) -> Any:
            if x.type.dtype != "float16":
                return x if isinstance(x, Constant) else x.type(x.name)
            if isinstance(x, Constant):
                return ScalarConstant(Scalar("float32"), np.asarray(x.data).astype("float32"))
            return Scalar("float32")(x.name)

        memo: dict[Variable, Any] = {x: wide(x) for x in graph.inputs}
        for node in toposort(graph.outputs):
            for x in node.inputs:
                if x not in memo:
                    memo[x] = wide(x)
            op: Any = node.op
            if isinstance(op, Composite):
                op = op.clone_float32()
            elif isinstance(op, Cast) and op.dtype == "float16":
                op = Cast("float32")
            memo.update(zip(node.outputs, op.make_node(*[memo[x] for x in node.inputs]).outputs, strict=True))
        return [memo[x] for x in graph.inputs], [memo[z] for z in graph.outputs]


composite_f32 = Compositef32()


def _in_shape(z: Any, inputs: Sequence[Any]) -> Any:
    """``z`` in the shape to which all inputs broadcast, those that it does not depend on among them."""
    second = elemwise(rows["second"])
    leaves = {x for node in toposort([z]) for x in node.inputs} | {z}
    for x in inputs:
        if x.type.ndim and x not in leaves:
            z = second(x, z)
    return z
