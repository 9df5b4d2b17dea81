"""Shapes without values: sizes come from the sizes of leaves, not from running what has that size, and what
is picked out of an elementwise result is computed alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tgraph.graph import Apply, Constant, Sized, Variable, late, replace, toposort
from tgraph.graph import inputs as leaves_of
from tgraph.operators import as_tensor_variable
from tgraph.ops.advanced import BaseAdvancedIncSubtensor
from tgraph.ops.assertion import Assert
from tgraph.ops.create import Alloc, AllocEmpty
from tgraph.ops.elemwise import DimShuffle, Elemwise, scalar_constant
from tgraph.ops.from_graph import OpFromGraph
from tgraph.ops.fused import SoftmaxNll
from tgraph.ops.join import Join
from tgraph.ops.linalg import Dot
from tgraph.ops.loop import Scan
from tgraph.ops.nnet_losses import CrossentropyCategorical1HotGrad, CrossentropySoftmax1HotWithBiasDx
from tgraph.ops.reduce import CAReduce, Prod, Sum
from tgraph.ops.shape import MakeVector, Rebroadcast, Reshape, Shape, Shape_i, SpecifyShape
from tgraph.ops.softmax import LogSoftmax, Softmax, SoftmaxGrad, SoftmaxWithBias
from tgraph.ops.subtensor import IncSubtensor, Subtensor, is_full
from tgraph.rewrite.engine import Rewriter, cast_to, row_of, rule
from tgraph.rewrite.views import plus, times
from tgraph.types import TensorType

_ONE = as_tensor_variable(np.asarray(1, dtype="int64"))

#: ops whose output 0 has the shape of the input of that number
_SAME = {
    Softmax: 0,
    LogSoftmax: 0,
    SoftmaxWithBias: 0,
    SoftmaxGrad: 1,
    IncSubtensor: 0,
    Rebroadcast: 0,
    SpecifyShape: 0,
    Assert: 0,
    CrossentropySoftmax1HotWithBiasDx: 1,
    CrossentropyCategorical1HotGrad: 1,
    SoftmaxNll: 1,
}


def _int(value: int) -> Any:
    return as_tensor_variable(np.asarray(value, dtype="int64"))


def _is_size(number: Any) -> bool:
    """True if a number is sure not to be negative: a constant, a size, or a sum or product of such."""
    todo = [number]
    for _ in range(100):
        if not todo:
            return True
        v = todo.pop()
        value = scalar_constant(v)
        if value is not None:
            if value < 0:
                return False
        elif v.owner is None:
            return False
        elif row_of(v) in ("add", "mul") or (row_of(v) or "").startswith("convert_to_"):
            todo.extend(v.owner.inputs)
        elif not isinstance(v.owner.op, Shape_i):
            return False
    return False


def source(x: Any, axis: int) -> tuple[Any, int | None]:
    """(y, i): the size of x along an axis is that of y along i, y as near to the leaves as the ops tell; i is
    None where y is that size itself."""
    for _ in range(100_000):
        if isinstance(x.type, TensorType) and x.type.broadcastable[axis]:
            return _ONE, None
        if isinstance(x, Constant):
            return _int(x.data.shape[axis]), None
        node = x.owner
        if node is None:
            return x, axis
        op = node.op
        if type(op) is Elemwise:
            nearest = [i for i in node.inputs if not i.type.broadcastable[axis]]
            # a leaf among the operands ends the walk at once
            x = next((i for i in nearest if i.owner is None), nearest[0]) if nearest else x
            if not nearest:
                return x, axis
            continue
        if type(op) is DimShuffle:
            x, axis = node.inputs[0], op.new_order[axis]
            continue
        if isinstance(op, Dot):
            a, b = node.inputs
            left = a.type.ndim - 1
            x, axis = (a, axis) if axis < left else (b, b.type.ndim - 1)
            continue
        if isinstance(op, CAReduce):
            axes = op.axes(node)
            x, axis = node.inputs[0], [i for i in range(node.inputs[0].type.ndim) if i not in axes][axis]
            continue
        same = next((n for cls, n in _SAME.items() if isinstance(op, cls)), None)
        if same is not None or isinstance(op, BaseAdvancedIncSubtensor):
            x = node.inputs[same or 0]
            continue
        if isinstance(op, (Alloc, AllocEmpty)):
            return cast_to(node.inputs[axis + (1 if isinstance(op, Alloc) else 0)], "int64"), None
        if isinstance(op, Subtensor):
            entries = [*op.idx_list, *[slice(None)] * (node.inputs[0].type.ndim - len(op.idx_list))]
            kept = [i for i, e in enumerate(entries) if isinstance(e, slice)]
            if not is_full(entries[kept[axis]]):
                return x, axis
            x, axis = node.inputs[0], kept[axis]
            continue
        if isinstance(op, Reshape):
            given = element(node.inputs[1], axis)
            if given is None or not _is_size(given):
                return x, axis  # a number that is not known may be the -1 that stands for "the rest"
            return cast_to(given, "int64"), None
        if isinstance(op, Join):
            where = scalar_constant(node.inputs[0])
            if where is None:
                return x, axis
            tensors = node.inputs[1:]
            if int(where) % x.type.ndim == axis:
                return plus([size_along(t, axis) for t in tensors]), None
            x = next((t for t in tensors if t.owner is None), tensors[0])
            continue
        if isinstance(op, Scan):
            size = _of_loop(x, node, axis)
            return (x, axis) if size is None else (size, None)
        if isinstance(op, OpFromGraph):
            outer = dict(zip(op.local_inputs, node.inputs, strict=True))
            y, i = source(op.local_outputs[node.outputs.index(x)], axis)
            if i is None:
                return replace([y], outer)[0], None
            if y not in outer:
                return x, axis
            x, axis = outer[y], i
            continue
        told = _told(x, node, axis)
        if told is None:
            return _inferred(x, node, axis)
        if isinstance(told, int):
            return _int(told), None
        x, axis = node.inputs[told.input], told.axis
    return x, axis


class _At(NamedTuple):
    """The size of an input along an axis."""

    input: int
    axis: int


def _told(x: Any, node: Apply, axis: int) -> _At | int | None:
    """What an op's ``dims`` says about a size of its output: that of an input, a number, or None."""
    known = [
        tuple(1 if b else _At(k, i) for i, b in enumerate(getattr(v.type, "broadcastable", ())))
        for k, v in enumerate(node.inputs)
    ]
    try:
        found = node.op.dims(node, known, object)[node.outputs.index(x)][axis]
    except Exception:  # what an op computes with sizes it may not be able to compute with these
        return None
    return found if isinstance(found, (_At, int)) else None


def _of_loop(x: Any, node: Apply, axis: int) -> Any:
    """A size of what a loop gives, from the sizes of what goes in; None where it takes steps to know it. Carried
    values keep their sizes from step to step."""
    op: Scan = node.op
    at = node.outputs.index(x)
    outer = dict(zip(op.inputs, node.inputs[1:], strict=True))
    if at < op.n_carries:
        first = op.split(node.inputs[1:])[1][at]
        return size_along(first, axis)
    if axis == 0:
        return node.outputs[-1] if op.is_while else node.inputs[0]
    y, i = source(op.outputs[at], axis - 1)
    if i is not None and y in outer:
        return size_along(outer[y], i + 1 if op.inputs.index(y) < op.n_seqs else i)
    y = y if i is None else Shape_i(i)(y)
    fixed = set(op.split(op.inputs)[2])
    leaves = [v for v in leaves_of([y]) if not isinstance(v, Constant)]
    if not all(v in fixed for v in leaves):
        return None
    return replace([y], {v: outer[v] for v in leaves})[0]


def _inferred(x: Any, node: Apply, axis: int) -> tuple[Any, int | None]:
    """What a legacy op's ``infer_shape(node, shapes)`` says."""
    infer = getattr(node.op, "infer_shape", None)
    if infer is None or getattr(type(node.op), "infer_shape", None) is Sized.infer_shape:
        return x, axis
    shapes = [
        tuple(Shape_i(k)(v) for k in range(v.type.ndim)) if v.type.shaped else None
        for v in node.inputs
    ]
    try:
        found = infer(node, shapes)[node.outputs.index(x)][axis]
    except Exception:  # an op may refuse in any way; then its value tells
        return x, axis
    if found is None:
        return x, axis
    return cast_to(as_tensor_variable(found), "int64"), None


def size_along(x: Any, axis: int) -> Any:
    """The size of x along an axis as an int64 scalar that needs as little of x as possible."""
    y, i = source(x, axis)
    return y if i is None else Shape_i(i)(y)


def infer_shape(outs: Sequence[Any], inputs: Sequence[Any], input_shapes: Sequence[Any]) -> list[Any]:
    """The shapes of ``outs``, as tuples of scalars, by the shapes of ``inputs`` (None where one is not known): None for
    what has no shape."""
    twins = {x: x.type() for x in inputs if isinstance(x.type, TensorType) and not isinstance(x, Constant)}
    back = {twin: x for x, twin in twins.items()}
    sizes: dict[Any, Any] = {}
    for x, shape in zip(inputs, input_shapes, strict=True):
        if shape is None or x not in twins:
            continue
        if len(shape) != x.type.ndim:
            raise AssertionError(f"{x} has {x.type.ndim} dimensions, and a shape of {len(shape)}")
        sizes.update(((twins[x], i), cast_to(as_tensor_variable(size), "int64")) for i, size in enumerate(shape))

    def told(number: Any) -> Any:
        known = {node.outputs[0]: sizes[node.inputs[0], node.op.i] for node in toposort([number])
                 if isinstance(node.op, Shape_i) and (node.inputs[0], node.op.i) in sizes}
        simple = Rewriter([]).run(replace([number], known, strict=False))
        return replace(simple, back)[0]

    return [tuple(told(size_along(out, i)) for i in range(out.type.ndim)) if isinstance(out.type, TensorType) else None
            for out in replace(list(outs), twins)]


late["infer_shape"] = infer_shape


def element(vector: Any, i: int) -> Any:
    """Element i of an integer vector where the graph shows it, else None."""
    if isinstance(vector, Constant):
        return _int(int(vector.data[i]))
    node = vector.owner
    if node is None:
        return None
    if isinstance(node.op, MakeVector):
        return node.inputs[i]
    if isinstance(node.op, Shape):
        return size_along(node.inputs[0], i)
    name = row_of(vector)
    if name is not None and name.startswith("convert_to_int"):
        inner = element(node.inputs[0], i)
        return None if inner is None else cast_to(inner, vector.type.dtype)
    return None


def _length(vector: Any) -> int | None:
    node = vector.owner
    if node is None:
        return None
    if isinstance(node.op, MakeVector):
        return len(node.inputs)
    if isinstance(node.op, Shape):
        return getattr(node.inputs[0].type, "ndim", None)
    return None


# -- rules ---------------------------------------------------------------------------------------------------


@rule(Shape, tags=("shape",))
def shapes(node: Apply, rw: Rewriter) -> Any:
    """The shape of what is computed, from the sizes of what it is computed from."""
    (x,) = node.inputs
    if not isinstance(x.type, TensorType) or x.owner is None:
        return None
    if not x.type.ndim:
        return as_tensor_variable(np.zeros(0, dtype="int64"))
    found = [source(x, i) for i in range(x.type.ndim)]
    if any(y is x for y, _ in found):
        return None
    first = found[0][0]
    if all(y is first and i == k for k, (y, i) in enumerate(found)) and first.type.ndim == len(found):
        return Shape()(first)
    return MakeVector("int64")(*[y if i is None else Shape_i(i)(y) for y, i in found])


@rule(Shape_i, tags=("shape",))
def sizes(node: Apply, rw: Rewriter) -> Any:
    """One size, as far down as the ops tell."""
    (x,) = node.inputs
    if not x.type.shaped:
        return None
    y, i = source(x, node.op.i)
    if i is None:
        return y
    return None if y is x and i == node.op.i else Shape_i(i)(y)


@rule(Subtensor, tags=("shape",))
def shape_elements(node: Apply, rw: Rewriter) -> Any:
    """x.shape[i] without the vector; elements and slices of vectors made of scalars."""
    x = node.inputs[0]
    if x.type.ndim != 1 or len(node.op.idx_list) != 1:
        return None
    n = _length(x)
    if n is None:
        return None
    values = [scalar_constant(v) for v in node.inputs[1:]]
    if any(v is None for v in values):
        return None
    entry = node.op.idx_list[0]
    if not isinstance(entry, slice):
        i = int(values[0])
        return element(x, i % n) if -n <= i < n else None
    given = iter(values)
    bounds = [int(next(given)) if e is not None else None for e in (entry.start, entry.stop, entry.step)]
    if bounds[2] == 0:
        return None
    parts = [element(x, i) for i in range(n)[slice(*bounds)]]
    if any(p is None for p in parts) or not parts:
        return None
    return MakeVector(x.type.dtype)(*parts)


@rule(MakeVector, tags=("shape",))
def whole_shape(node: Apply, rw: Rewriter) -> Any:
    """[x.shape[0], x.shape[1], ..] is x.shape."""
    if node.op.dtype != "int64" or not node.inputs:
        return None
    first = node.inputs[0].owner
    if first is None or not isinstance(first.op, Shape_i):
        return None
    x = first.inputs[0]
    if x.type.ndim != len(node.inputs):
        return None
    for k, v in enumerate(node.inputs):
        made = v.owner
        if made is None or not isinstance(made.op, Shape_i) or made.op.i != k or made.inputs[0] is not x:
            return None
    return Shape()(x)


@rule(Prod, tags=("shape",))
def product_of_sizes(node: Apply, rw: Rewriter) -> Any:
    """prod([a, b, ..]) = a * b .."""
    x = node.inputs[0]
    made = x.owner
    if made is None or not isinstance(made.op, MakeVector) or not made.inputs:
        return None
    out = node.outputs[0].type
    return cast_to(times([cast_to(v, out.dtype) for v in made.inputs]), out.dtype) if out.ndim == 0 else None


@rule(Reshape, tags=("shape",))
def reshape_to_itself(node: Apply, rw: Rewriter) -> Any:
    """x.reshape(x.shape) is x."""
    x, shape = node.inputs
    made = shape.owner
    if made is not None and isinstance(made.op, Shape) and node.outputs[0].type == x.type:
        given = made.inputs[0]
        if all(_same(source(x, i), source(given, i)) for i in range(x.type.ndim)):
            return x
    inner = x.owner
    if inner is not None and isinstance(inner.op, Reshape):
        return node.op(inner.inputs[0], shape)
    return None


@rule(Sum, tags=("canonicalize", "shape"))
def sum_of_fill(node: Apply, rw: Rewriter) -> Any:
    """sum(fill(x, c)) over axes along which c is the same = c * the number of places."""
    (x,) = node.inputs
    out = node.outputs[0]
    if row_of(x) != "second" or out.type.dtype != x.type.dtype or np.dtype(out.type.dtype).kind not in "f":
        return None
    model, c = x.owner.inputs
    axes = node.op.axes(node)
    if not all(c.type.broadcastable[a] for a in axes):
        return None
    kept = [i for i in range(c.type.ndim) if i not in axes]
    counted = [
        size_along(model if not model.type.broadcastable[a] else x, a)
        for a in axes
        if not x.type.broadcastable[a]
    ]
    c = DimShuffle(c.type.broadcastable, tuple(kept))(c)
    if counted:
        c = times([c, _over(cast_to(times(counted), out.type.dtype), c.type.ndim)])
    if c.type == out.type:
        return c
    return Alloc()(c, *[size_along(x, i) for i in range(x.type.ndim) if i not in axes])


def _over(x: Any, ndim: int) -> Any:
    return x if ndim == 0 else DimShuffle((), ("x",) * ndim)(x)


@rule(Subtensor, tags=("canonicalize", "fast_compile"))
def picked_from_elementwise(node: Apply, rw: Rewriter) -> Any:
    """f(x, y)[i] = f(x[i], y[i]): only what is picked is computed (and only that need fit)."""
    x = node.inputs[0]
    made = x.owner
    if made is None or type(made.op) is not Elemwise or len(made.outputs) > 1 or rw.uses(x) > 1:
        return None
    pattern = x.type.broadcastable
    indices = node.inputs[1:]
    ins = []
    for i in made.inputs:
        if i.type.broadcastable == pattern:
            ins.append(node.op(i, *indices))
        elif all(i.type.broadcastable):
            ins.append(DimShuffle(i.type.broadcastable, ("x",) * node.outputs[0].type.ndim)(i))
        else:
            return None
    z = made.op(*ins)
    return z if z.type == node.outputs[0].type else None


def size_of(n: Any) -> tuple[Any, int] | None:
    """(x, axis) where an integer variable is the size of x along an axis, else None."""
    for _ in range(8):
        owner = n.owner
        if owner is None:
            return None
        name = row_of(n)
        if name is not None and name.startswith("convert_to_int"):
            n = owner.inputs[0]
            continue
        if isinstance(owner.op, Shape_i):
            return owner.inputs[0], owner.op.i
        if isinstance(owner.op, Subtensor) and len(owner.op.idx_list) == 1:
            made = owner.inputs[0].owner
            if made is None or not isinstance(made.op, Shape) or isinstance(owner.op.idx_list[0], slice):
                return None
            value = scalar_constant(owner.inputs[1])
            x = made.inputs[0]
            return None if value is None else (x, int(value) % max(x.type.ndim, 1))
        return None
    return None


def rows_of(n: Any, candidates: Sequence[Variable]) -> bool:
    """True if n is the number of rows (the size along axis 0) of one of the candidates."""
    found = size_of(n)
    if found is None:
        return False
    end = source(found[0], found[1])
    return any(v.type.ndim and _same(source(v, 0), end) for v in candidates)


def _same(a: tuple[Any, int | None], b: tuple[Any, int | None]) -> bool:
    return a[0] is b[0] and a[1] == b[1]


CHEAP = [picked_from_elementwise]
RULES = [shapes, sizes, shape_elements, whole_shape, product_of_sizes, reshape_to_itself, sum_of_fill]

__all__ = ["CHEAP", "RULES", "element", "rows_of", "size_along", "size_of", "source"]
