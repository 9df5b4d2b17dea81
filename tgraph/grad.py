"""Gradients: ``grad``, ``Lop`` (vector times Jacobian), ``Rop`` (Jacobian times vector). Walks over the graph
that ask each op; the answer is again a graph.

Reverse accumulation as in Griewank and Walther, *Evaluating Derivatives*, 2nd ed., chapter 3.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from tgraph.config import config, warn
from tgraph.errors import DisconnectedInputError, NoGradientError, NullTypeGradError
from tgraph.garbage import uncollected
from tgraph.graph import Apply, Op, Variable, is_ours, late, replace, toposort, where
from tgraph.operators import as_tensor_variable, table
from tgraph.types import (
    DisconnectedType,
    NullType,
    TensorType,
    continuous_dtypes,
    disconnected_type,
    discrete_dtypes,
)

grad_time = 0.0


def format_as(use_list: bool, use_tuple: bool, outputs: Any) -> Any:
    """``outputs`` as a list, a tuple or the single item it holds. Raises AssertionError if both flags are set."""
    assert not (use_list and use_tuple), "Both flags cannot be simultaneously True"
    if use_list or use_tuple:
        if not isinstance(outputs, (list, tuple)):
            outputs = [outputs]
        return tuple(outputs) if use_tuple else list(outputs)
    if isinstance(outputs, (list, tuple)):
        assert len(outputs) == 1, "Wrong arguments. Expected a one element list"
        return outputs[0]
    return outputs


def grad_not_implemented(op: Any, x_pos: int, x: Any, comment: str = "") -> Any:
    """What an op returns as the gradient with respect to an input where it has none (yet)."""
    return NullType(
        f"This variable is Null because the grad method for input {x_pos} ({x}) of the {op} op is not implemented. "
        f"{comment}"
    )()


def grad_undefined(op: Any, x_pos: int, x: Any, comment: str = "") -> Any:
    """What an op returns as the gradient with respect to an input where it is mathematically undefined."""
    return NullType(
        f"This variable is Null because the grad method for input {x_pos} ({x}) of the {op} op is mathematically "
        f"undefined. {comment}"
    )()


def _ones(variable: Any) -> Any:
    dtype = variable.type.dtype
    return variable.ones_like(dtype=dtype if dtype in continuous_dtypes else config.floatX)


def _zeros(variable: Any) -> Any:
    if not isinstance(variable.type, TensorType):
        zeros = getattr(variable, "zeros_like", None)
        return disconnected_type() if zeros is None else zeros()
    dtype = variable.type.dtype
    return variable.zeros_like(dtype=dtype if dtype in continuous_dtypes else config.floatX)


def _add(terms: Sequence[Any]) -> Any:
    total = terms[0]
    for term in terms[1:]:
        if isinstance(total.type, NullType):
            return total
        total = term if isinstance(term.type, NullType) else total + term
    return total


def _pull(node: Apply, gradients: Sequence[Any]) -> list[Any]:
    """What one node passes back to its inputs, checked."""
    outs = []
    for output, g in zip(node.outputs, gradients, strict=True):
        dtype, theirs = getattr(output.type, "dtype", None), getattr(g.type, "dtype", None)
        if dtype is not None and theirs is not None and dtype not in discrete_dtypes and theirs != dtype \
                and theirs not in discrete_dtypes:
            g = g.astype(dtype)
        outs.append(g)
    if any(isinstance(g.type, NullType) for g in outs):
        null = next(g for g in outs if isinstance(g.type, NullType))
        return [NullType(null.type.why_null)() for _ in node.inputs]
    try:
        back = node.op.L_op(node.inputs, node.outputs, outs)
    except NotImplementedError as error:
        if isinstance(error, NoGradientError) or not is_ours(type(node.op)):
            raise
        place = where(node)
        back = [NullType(f"{error}" + (f" (built at {place})" if place else ""))() for _ in node.inputs]
    if back is None or isinstance(back, Variable) or not isinstance(back, (list, tuple)):
        raise TypeError(f"{node.op}.grad should return a list or tuple, got {type(back)}")
    back = list(back)
    if len(back) != len(node.inputs):
        raise ValueError(f"{node.op} returned the wrong number of gradient terms.")
    for i, (x, g) in enumerate(zip(node.inputs, back, strict=True)):
        if g is None:
            raise TypeError(
                f"{node.op}.grad returned None for a gradient term, this is prohibited. Instead use zeros_like(input), "
                f"disconnected_type(), or a NullType variable such as those made with the grad_undefined or "
                f"grad_unimplemented helper functions."
            )
        if not isinstance(g, Variable):
            g = back[i] = as_tensor_variable(g)
        if isinstance(g.type, (NullType, DisconnectedType)):
            continue
        if isinstance(x.type, TensorType) and g.type.ndim != x.type.ndim:
            raise ValueError(
                f"{node.op}.grad returned a term with {g.type.ndim} dimensions, but {x.type.ndim} are required."
            )
        if isinstance(x.type, TensorType) and x.type.dtype not in discrete_dtypes and g.type.dtype in discrete_dtypes:
            raise TypeError(
                f"{node.op}.grad illegally returned an integer-valued variable. (Input index {i}, dtype {g.type.dtype})"
            )
    return back


def _active(order: Sequence[Apply], wrt: set[Variable]) -> set[Variable]:
    """Variables that depend on ``wrt`` by way of values."""
    active = set(wrt)
    for node in order:
        live = [x in active for x in node.inputs]
        if not any(live):
            continue
        pattern = node.op.connects(node) if hasattr(node.op, "connects") else None
        for j, output in enumerate(node.outputs):
            if pattern is None or any(pattern[i][j] for i, on in enumerate(live) if on):
                active.add(output)
    return active


@uncollected
def _backward(known: dict[Variable, Any], wrt: Sequence[Variable], consider_constant: Any) -> dict[Variable, Any]:
    """Gradient terms of the variables in ``wrt``; those that are not connected are absent."""
    blocked = set(consider_constant or ())
    order = toposort(list(known), blocked)
    active = _active(order, set(wrt))
    terms: dict[Variable, list[Any]] = {}
    for variable, g in known.items():
        terms.setdefault(variable, []).append(g)
    fixed = set(known)
    for node in reversed(order):
        if not any(x in active for x in node.inputs):
            continue
        gradients = []
        for output in node.outputs:
            mine = terms.get(output)
            if mine is None:
                gradients.append(disconnected_type())
                continue
            total = mine[0] if len(mine) == 1 else _add(mine)
            terms[output] = [total]
            gradients.append(total)
        if all(isinstance(g.type, DisconnectedType) for g in gradients):
            continue
        back = _pull(node, gradients)
        for x, g in zip(node.inputs, back, strict=True):
            if x in fixed or x not in active or isinstance(g.type, DisconnectedType):
                continue
            terms.setdefault(x, []).append(g)
    return {x: _add(terms[x]) for x in wrt if x in terms}


def grad(
    cost: Any,
    wrt: Any,
    consider_constant: Sequence[Any] | None = None,
    disconnected_inputs: str = "raise",
    add_names: bool = True,
    known_grads: dict[Any, Any] | None = None,
    return_disconnected: str = "zero",
    null_gradients: str = "raise",
) -> Any:
    """Symbolic gradient of a scalar ``cost`` with respect to ``wrt`` (a variable, or a list or tuple of them).

    ``known_grads`` maps variables to gradients that are taken as given (``cost`` may then be None);
    ``consider_constant`` lists variables not to look behind. ``disconnected_inputs``: 'raise'
    (DisconnectedInputError), 'warn' or 'ignore' where the cost does not depend on a variable;
    ``return_disconnected``: 'zero', 'None' or 'Disconnected' is what such a variable gets. ``null_gradients``:
    'raise' (NullTypeGradError) or 'return' for gradients that are undefined.

    Returns variables of the dtype that reverse accumulation gives (integer variables get floats), in the form of
    ``wrt``. Raises TypeError for a cost that is not a scalar.
    """
    if cost is None and known_grads is None:
        raise AssertionError("cost and known_grads can't both be None.")
    if cost is not None:
        if isinstance(cost.type, NullType):
            raise ValueError(f"Can't differentiate a NaN cost. cost is NaN because {cost.type.why_null}")
        if cost.type.ndim != 0:
            raise TypeError("cost must be a scalar.")
    use_list, use_tuple = isinstance(wrt, list), isinstance(wrt, tuple)
    targets = list(wrt) if use_list or use_tuple else [wrt]
    for variable in targets:
        if not isinstance(variable, Variable):
            raise TypeError(f"Expected Variable, got {variable} of type {type(variable)}")
    known: dict[Variable, Any] = OrderedDict()
    if cost is not None:
        known[cost] = _ones(cost)
    for variable, g in (known_grads or {}).items():
        if not hasattr(g, "type"):
            raise TypeError(f"output grads must be symbolic variables. Ambiguous whether {type(g)} should be made into "
                            "a variable or not")
        known[variable] = g
    found = _backward(known, targets, consider_constant)
    results: list[Any] = []
    for variable in targets:
        g = found.get(variable)
        if g is None:
            _disconnected(variable, disconnected_inputs)
            if return_disconnected == "zero":
                g = _zeros(variable)
            elif return_disconnected == "none" or return_disconnected == "None":
                g = None
            elif return_disconnected.lower() == "disconnected":
                g = disconnected_type()
            else:
                raise AssertionError(f"unknown return_disconnected: {return_disconnected}")
        elif isinstance(g.type, NullType) and null_gradients != "return":
            if null_gradients != "raise":
                raise AssertionError(f"Expected null_gradients to be 'raise' or 'return', got {null_gradients}")
            raise NullTypeGradError(f"tensor.grad encountered a NaN. {g.type.why_null}", where=where(variable),
                                    fix="give the op a gradient, or cut it off with disconnected_grad")
        elif add_names and g.name is None and cost is not None and cost.name and variable.name:
            g.name = f"(d{cost.name}/d{variable.name})"
        results.append(g)
    return format_as(use_list, use_tuple, results)


_OF_COST = (
    "grad method was asked to compute the gradient with respect to a variable that is not part of the computational "
    "graph of the cost, or is used only by a non-differentiable operator"
)
_OF_OUTPUT = (
    "Rop method was asked to compute the gradient with respect to a variable that is not part of the computational "
    "graph of the output"
)


def _disconnected(variable: Any, reaction: str, what: str = _OF_COST, keyword: str = "disconnected_inputs") -> None:
    """React, as the caller asked by ``keyword``, to a variable without connection; ``what`` says between what."""
    message = f"{what}: {variable}"
    if reaction == "ignore":
        return
    if reaction == "warn":
        warn(message)
    elif reaction == "raise":
        raise DisconnectedInputError(message, where=where(variable), fix=f"{keyword}='ignore' gives zeros")
    else:
        raise ValueError(f"Invalid value for keyword '{keyword}', valid values are 'ignore', 'warn' and 'raise', got "
                         f"{reaction!r}.")


def subgraph_grad(wrt: Sequence[Any], end: Sequence[Any], start: dict[Any, Any] | None = None, cost: Any = None,
                  details: bool = False) -> Any:
    """Gradients with respect to ``wrt`` of a subgraph whose inner ends are ``end``.

    ``start`` maps variables to known gradients, ``cost`` adds its own. Returns (gradients of wrt, gradients of end),
    with ``details`` also both cost-only and start-only gradients of ``wrt``.
    """
    if cost is None and start is None:
        raise AssertionError("`cost` or `start` must be specified.")
    params = list(dict.fromkeys([*wrt, *end]))
    start_grads = cost_grads = None
    if start is not None:
        start_grads = list(grad(None, params, known_grads=start, consider_constant=end, disconnected_inputs="ignore"))
    if cost is not None:
        cost_grads = list(grad(cost, params, consider_constant=end, disconnected_inputs="ignore"))
    if start_grads is None or cost_grads is None:
        grads = start_grads if cost_grads is None else cost_grads
    else:
        grads = [a + b for a, b in zip(start_grads, cost_grads, strict=True)]
    by = dict(zip(params, grads, strict=True))
    results = [by[v] for v in wrt], [by[v] for v in end]
    if details:
        only = {k: None if g is None else [g[params.index(v)] for v in wrt]
                for k, g in (("start", start_grads), ("cost", cost_grads))}
        return (*results, only["start"], only["cost"])
    return results


def Lop(f: Any, wrt: Any, eval_points: Any, consider_constant: Sequence[Any] | None = None,
        disconnected_inputs: str = "raise") -> Any:
    """``eval_points`` times the Jacobian of ``f`` with respect to ``wrt``: a row vector times d f / d wrt.

    Each argument is a variable, or a list or tuple of them; ``eval_points`` are shaped like ``f``.
    """
    fs = list(f) if isinstance(f, (list, tuple)) else [f]
    points = list(eval_points) if isinstance(eval_points, (list, tuple)) else [eval_points]
    use_list, use_tuple = isinstance(wrt, list), isinstance(wrt, tuple)
    targets = list(wrt) if use_list or use_tuple else [wrt]
    points = [p if isinstance(p, Variable) else as_tensor_variable(p) for p in points]
    if len(fs) != len(points):
        raise AssertionError(f"f has {len(fs)} entries and eval_points {len(points)}")
    known: dict[Variable, Any] = {}
    for out, point in zip(fs, points, strict=True):
        known[out] = point if out not in known else known[out] + point
    found = _backward(known, targets, consider_constant)
    results = []
    for variable in targets:
        if variable not in found:
            _disconnected(variable, disconnected_inputs)
        results.append(found[variable] if variable in found else _zeros(variable))
    return format_as(use_list, use_tuple, results)


def _own_r_op(op: Any) -> bool:
    own = getattr(type(op), "R_op", None)
    return own is not None and own is not getattr(Op, "R_op", None)


def _zeros_like(x: Any) -> Any:
    return x.zeros_like() if isinstance(x.type, TensorType) else None


def _push(node: Apply, tangents: Sequence[Any]) -> list[Any]:
    """Tangents of a node's outputs, given those of its inputs (None: zero).

    As the transpose of the op's transpose: what the node passes back is linear in the output gradients u, so passing
    the tangents back through *that* gives J t (see Townsend, "A new trick for calculating Jacobian vector products",
    2017).
    """
    seeds = {}
    for output in node.outputs:
        if isinstance(output.type, TensorType) and output.type.dtype not in discrete_dtypes:
            seeds[output] = output.type.make_variable()
    if not seeds:
        return [None] * len(node.outputs)
    back = _pull(node, [seeds.get(o) if o in seeds else disconnected_type() for o in node.outputs])
    known: dict[Variable, Any] = {}
    for t, g in zip(tangents, back, strict=True):
        if t is None or isinstance(g.type, DisconnectedType):
            continue
        if isinstance(g.type, NullType):
            raise NotImplementedError(f"R_op is not defined for {node.op}: {g.type.why_null}")
        # a copy: the gradient of a term is the seed itself, and one that others are made of must not hide theirs
        known[table["identity"](g)] = t
    found = _backward(known, list(seeds.values()), None) if known else {}
    # a seed may still stand in the answer for its shape alone
    stand_ins = {seed: _zeros(output) for output, seed in seeds.items()}
    pushed = []
    for output in node.outputs:
        t = found.get(seeds.get(output))
        pushed.append(None if t is None else replace([t], stand_ins)[0])
    return pushed


def Rop(f: Any, wrt: Any, eval_points: Any, disconnected_outputs: str = "raise",
        return_disconnected: str = "zero") -> Any:
    """The Jacobian of ``f`` with respect to ``wrt`` times ``eval_points`` (shaped like ``wrt``).

    Pushes tangents forward node by node. An ``f`` that does not depend on ``wrt`` gets zeros or None
    (``return_disconnected``), after ``disconnected_outputs`` ('raise', 'warn', 'ignore').
    """
    use_list, use_tuple = isinstance(f, list), isinstance(f, tuple)
    fs = list(f) if use_list or use_tuple else [f]
    targets = list(wrt) if isinstance(wrt, (list, tuple)) else [wrt]
    points = list(eval_points) if isinstance(eval_points, (list, tuple)) else [eval_points]
    if len(targets) != len(points):
        raise AssertionError(f"wrt has {len(targets)} entries and eval_points {len(points)}")
    tangents: dict[Variable, Any] = {}
    for i, (x, t) in enumerate(zip(targets, points, strict=True)):
        t = as_tensor_variable(t)
        if x.type.ndim != t.type.ndim:
            raise ValueError(
                f"Element {i} of wrt/eval_point have mismatched dimensionality: {x.type.ndim} versus {t.type.ndim}"
            )
        if x.type.dtype in continuous_dtypes and t.type.dtype in discrete_dtypes:
            t = t.astype(x.type.dtype)
        # a function of the result may name x among its inputs, as with Theano: keep a link, which rewriting drops
        tangents[x] = table["second"](x, t) if x.type == t.type else t
    # a variable without a tangent has one of zeros, unless an op says that there is none: then it is broken
    broken: set[Variable] = set()
    for node in toposort(fs, tangents):
        ins = [tangents.get(x) for x in node.inputs]
        cut = any(x in broken for x in node.inputs)
        if all(t is None for t in ins):
            pushed = [None] * len(node.outputs)
            values = [x for x in node.inputs if getattr(x.type, "dtype", None) in continuous_dtypes]
            # sums and products of tangents count those that there are; other ops need all of theirs
            enough = all if hasattr(node.op, "scalar_op") or type(node.op).__name__ == "Dot" else any
            cut = bool(values) and enough(x in broken for x in values)
            if not cut and _own_r_op(node.op):
                # an op that has no tangent even for zeros cannot be differentiated, wherever it stands
                found = node.op.R_op(node.inputs, [_zeros_like(x) for x in node.inputs])
                broken.update(output for output, t in zip(node.outputs, found, strict=True) if t is None)
        elif _own_r_op(node.op):
            given = [_zeros_like(x) if t is None and x not in broken else t
                     for x, t in zip(node.inputs, ins, strict=True)]
            pushed, cut = list(node.op.R_op(node.inputs, given)), True
        else:
            pushed = _push(node, ins)
        for output, t in zip(node.outputs, pushed, strict=True):
            if t is not None and not isinstance(t.type, DisconnectedType):
                tangents.setdefault(output, t)
            elif cut:
                broken.add(output)
    results = []
    for out in fs:
        t = tangents.get(out)
        if t is None:
            # the place of a maximum has no derivative; rounding and comparing have one of zeros
            integer = getattr(out.type, "dtype", None) in discrete_dtypes
            if out.owner is None or out in broken or (integer and not hasattr(out.owner.op, "scalar_op")):
                _disconnected(out, disconnected_outputs, _OF_OUTPUT, "disconnected_outputs")
            if return_disconnected.lower() == "zero":
                t = _zeros(out)
            elif return_disconnected.lower() == "disconnected":
                t = disconnected_type()
        results.append(t)
    return format_as(use_list, use_tuple, results)


late["grad"] = grad
