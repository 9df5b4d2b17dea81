"""Loops as users write them: ``scan``, and ``map``, ``reduce``, ``foldl``, ``foldr`` made of it; the Jacobian and the
Hessian, which are loops over rows of gradients."""

from __future__ import annotations

import contextlib
import warnings
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tgraph.arguments import OrderedUpdates
from tgraph.config import config
from tgraph.errors import MissingInputError, NotScalarConstantError
from tgraph.grad import format_as, grad
from tgraph.graph import Constant, Variable, late, replace, toposort, where
from tgraph.graph import inputs as leaves_of
from tgraph.modes import get_mode
from tgraph.operators import as_tensor_variable
from tgraph.ops.buffers import old_loop
from tgraph.ops.constants import get_scalar_constant_value
from tgraph.ops.create import arange, zeros
from tgraph.ops.elemwise import elemwise
from tgraph.ops.index import set_subtensor
from tgraph.ops.join import join
from tgraph.ops.loop import Scan
from tgraph.ops.rows import rows as rows_of_numbers
from tgraph.ops.shape import patternbroadcast, reshape, shape_padleft, unbroadcast
from tgraph.shared import SharedVariable
from tgraph.types import TensorType, discrete_dtypes, integer_dtypes
from tgraph.watching import WatchingMode

__all__ = ["foldl", "foldr", "hessian", "jacobian", "map", "reduce", "scan", "scan_checkpoints", "until"]


class until:
    """``return outputs, until(condition)``: the loop ends after the first step whose condition is not zero.

    AssertionError for a condition that is no scalar.
    """

    def __init__(self, condition: Any):
        self.condition = as_tensor_variable(condition)
        if self.condition.type.ndim:
            raise AssertionError(
                f"the condition of until must be a scalar, not {self.condition.type}; fix: T.all(..) or T.any(..) of it"
            )


def _listed(x: Any) -> list[Any]:
    return [] if x is None else list(x) if isinstance(x, (list, tuple)) else [x]


def _at(name: str | None, tap: int) -> str | None:
    return None if name is None else f"{name}[t{tap:+d}]" if tap else f"{name}[t]"


def _row_like(x: Any, name: str | None) -> Any:
    """A leaf of x's type, with its test value where those are computed."""
    leaf = x.type(name)
    if config.compute_test_value != "off":
        with contextlib.suppress(AttributeError):
            leaf.tag.test_value = Scan._get_test_value(x)
    return leaf


# -- what the step function returns --------------------------------------------------------------------------


def _are_outputs(x: Any) -> bool:
    return isinstance(x, Variable) or (isinstance(x, (list, tuple)) and all(isinstance(v, Variable) for v in x))


def _are_updates(x: Any) -> bool:
    if isinstance(x, dict):
        if not isinstance(x, OrderedDict) and len(x) > 1:
            warnings.warn(f"Expected OrderedDict or OrderedUpdates, got {type(x)}. This can make your script "
                          "non-deterministic.", stacklevel=4)
        return True
    return isinstance(x, (list, tuple)) and all(isinstance(p, (list, tuple)) and len(p) == 2 for p in x)


def _allowed(x: Any) -> bool:
    stack = [x]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            stack.extend(part.items())
        elif isinstance(part, (list, tuple)):
            stack.extend(part)
        elif not isinstance(part, (Variable, until)):
            return False
    return True


def returned(parts: Any) -> tuple[Any, list[Any], OrderedDict]:
    """(condition or None, outputs, updates) of what a step function returned."""
    if not _allowed(parts):
        raise ValueError(
            "The return value of your scan lambda expression may only be made of lists, tuples, or dictionaries "
            "containing variables (or `until` objects for conditions). In particular if you need to use constant "
            "values, you can use `tensor.constant` to turn them into variables."
        )
    if _are_outputs(parts):
        return None, _listed(parts), OrderedDict()
    if _are_updates(parts):
        return None, [], OrderedDict(parts)
    whole = parts
    parts = list(parts) if isinstance(parts, (list, tuple)) else []
    condition = parts.pop().condition if parts and isinstance(parts[-1], until) else None
    if len(parts) == 1 and _are_outputs(parts[0]):
        return condition, _listed(parts[0]), OrderedDict()
    if len(parts) == 1 and _are_updates(parts[0]):
        return condition, [], OrderedDict(parts[0])
    if len(parts) == 2 and _are_outputs(parts[0]) and _are_updates(parts[1]):
        return condition, _listed(parts[0]), OrderedDict(parts[1])
    if len(parts) == 2 and _are_updates(parts[0]) and _are_outputs(parts[1]):
        raise ValueError("the step function of scan must return its outputs first, then updates, then the condition")
    raise ValueError(f"Scan cannot parse the return value of your lambda expression, which is: {whole}")


# -- what goes in --------------------------------------------------------------------------------------------


def _sequence_rows(sequences: Any, go_backwards: bool) -> list[tuple[Any, Any]]:
    """(the rows that the loop goes through, the variable of one) for each tap of each sequence."""
    found = []
    for item in _listed(sequences):
        spec = item if isinstance(item, dict) else {"input": item}
        whole, taps = as_tensor_variable(spec["input"]), spec.get("taps")
        taps = [0] if taps is None else [int(t) for t in _listed(taps)]
        high, low = max([*taps, 0]), min([*taps, 0])
        name = getattr(spec["input"], "name", None)
        for tap in taps:
            start, end = tap - low, tap - high
            rows = whole[start:end] if end else whole[start:]
            row = _row_like(rows[0], _at(name, tap))
            found.append((rows[::-1] if go_backwards else rows, row))
    return found


class _State:
    """One entry of ``outputs_info``: ``first[k]`` is the value carried for tap ``-1 - k``; ``taps`` as written.

    Without taps nothing is carried: the output is only stacked.
    """

    def __init__(self, spec: Any):
        spec = spec if isinstance(spec, dict) else {"initial": spec}
        initial, taps = spec.get("initial"), spec.get("taps")
        if spec.get("return_steps") is not None:
            raise ValueError("Using `return_steps` has been deprecated. Simply select the entries you need using a "
                             "subtensor: what is not used is not kept.")
        self.taps: list[int] = []
        self.first: list[Any] = []
        self.inner: list[Any] = []
        if initial is None:
            if taps is not None:
                raise ValueError("If you are using slices of an output you need to provide a initial state for it",
                                 spec)
            return
        self.taps = [-1] if taps is None else [int(t) for t in _listed(taps)]
        if len(set(self.taps)) < len(self.taps):
            raise ValueError("All the taps must be different in `outputs_info`", spec)
        if any(t >= 0 for t in self.taps):
            raise ValueError("All the tap values must be smaller than 0.", spec)
        start = initial if isinstance(initial, Variable) else as_tensor_variable(initial)
        depth = -min(self.taps)
        name = getattr(initial, "name", None)
        # with -1 alone the initial state is one row, else as many as the taps reach back
        self.first = [start] if self.taps == [-1] else [start[depth - 1 - k] for k in range(depth)]
        self.inner = [_row_like(x, _at(name, -1 - k)) for k, x in enumerate(self.first)]

    def arguments(self) -> list[Any]:
        return [self.inner[-1 - t] for t in self.taps]


def _steps(n_steps: Any, rows: Sequence[Any]) -> Any:
    """The number of steps: ``n_steps``, else the length of the shortest sequence."""
    if _given(n_steps):
        n = as_tensor_variable(n_steps)
        if n.type.dtype not in integer_dtypes and isinstance(n_steps, (float, np.floating)):
            n = as_tensor_variable(int(n_steps))
        if n.type.dtype not in integer_dtypes:
            raise ValueError(f" n_steps must be an int. dtype provided is {n.type.dtype}")
        return n
    if not rows:
        raise ValueError("No information about the number of steps provided. Either provide a value for n_steps "
                         "argument of scan or provide an input sequence")
    lengths = [r.shape[0] for r in rows]
    shortest = lengths[0]
    for length in lengths[1:]:
        shortest = elemwise(rows_of_numbers["minimum"])(shortest, length)
    return shortest


def _fixed(n_steps: Any) -> int | None:
    """The number of steps where it is known while the graph is built."""
    if not _given(n_steps):
        return None
    try:
        return int(get_scalar_constant_value(n_steps))
    except NotScalarConstantError:
        return None


def _given(n_steps: Any) -> bool:
    """False for None, and for what stood for it: NaN and infinity."""
    return n_steps is not None and not (isinstance(n_steps, (float, np.floating)) and not np.isfinite(n_steps))


# -- the loop ------------------------------------------------------------------------------------------------


def scan(
    fn: Callable[..., Any],
    sequences: Any = None,
    outputs_info: Any = None,
    non_sequences: Any = None,
    n_steps: Any = None,
    truncate_gradient: int = -1,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
    profile: Any = False,
    allow_gc: Any = None,
    strict: bool = False,
    return_list: bool = False,
) -> tuple[Any, OrderedUpdates]:
    """Run ``fn`` once for each step and stack what it returns along a new first axis.

    ``fn`` is called once, with variables: a row for each tap of each of the ``sequences``, the former values of each
    output with an entry in ``outputs_info`` (tap by tap), and the ``non_sequences``. It returns outputs, updates of
    shared variables, and ``until(condition)``: any of them, in this order.

    ``sequences``: variables, or ``dict(input=x, taps=[-1, 0])``. ``outputs_info``: for each output its initial value,
    ``dict(initial=x, taps=[-2, -1])`` with the former values along the first axis, or None for one that does not feed
    back. ``n_steps``: integer, may be symbolic; without it the shortest sequence counts. ``truncate_gradient``: how
    many of the last steps a gradient follows, -1 for all. ``go_backwards``: through the sequences from their ends.
    ``strict``: shared variables must be among ``non_sequences`` (MissingInputError). ``mode``: one that looks at nodes
    (MonitorMode, NanGuardMode, DebugMode) looks at those of every step, which Python drives then; any other has no
    effect, nor have ``profile`` and ``allow_gc``: the loop is compiled with the function that it stands in.

    Returns (outputs, updates): one variable or a list of them (always a list with ``return_list``, None where ``fn``
    returns only updates); ``updates`` must be given to ``function``. Raises ValueError where an output has not the
    dtype of its initial value, TypeError where it is broadcast otherwise, and at run time ValueError for a sequence
    that is too short, IndexError for a negative number of steps, NotImplementedError for none with a recurrent state.
    """
    rows = _sequence_rows(sequences, go_backwards)
    states = [_State(info) for info in _listed(outputs_info)]
    extra = [x if isinstance(x, Variable) else as_tensor_variable(x) for x in _listed(non_sequences)]
    steps = _steps(n_steps, [r for r, _ in rows])
    if _fixed(n_steps) in (1, -1):
        return _once(fn, rows, states, extra, return_list)
    arguments = [row for _, row in rows] + [x for s in states for x in s.arguments()] + extra
    condition, outputs, updates = returned(fn(*arguments))
    outputs = [o if isinstance(o, Variable) else as_tensor_variable(o) for o in outputs]
    if outputs_info is not None and _listed(outputs_info) and len(states) != len(outputs):
        raise ValueError("Please provide None as outputs_info for any output that does not feed back into scan "
                         "(i.e. it behaves like a map) ")
    states = states or [_State(None) for _ in outputs]
    misfits = [_misfit(state, output, i) for i, (state, output) in enumerate(zip(states, outputs, strict=True))]
    outputs = [patternbroadcast(o, s.inner[0].type.broadcastable)
               if s.inner and isinstance(o.type, TensorType) and not misfit else o
               for s, o, misfit in zip(states, outputs, misfits, strict=True)]
    return _loop(rows, states, extra, steps, condition, outputs, updates, strict, return_list,
                 truncate_gradient, name, [x for s in states for x in s.inner], next(filter(None, misfits), None),
                 not _given(n_steps), _watching(mode))


def _watching(mode: Any) -> Any:
    """A mode, that of the settings for None, if it looks at nodes."""
    found = get_mode(mode)
    return found if isinstance(found, WatchingMode) else None


def _once(fn: Any, rows: Any, states: Any, extra: Any, return_list: bool) -> tuple[Any, Any]:
    """One step, known to be one: no loop."""
    given = [r[0] for r, _ in rows] + [s.first[-1 - t] for s in states for t in s.taps] + extra
    _, outputs, updates = returned(fn(*given))
    outputs = [unbroadcast(shape_padleft(o), 0) if isinstance(o.type, TensorType) else o
               for o in outputs]
    return (outputs[0] if len(outputs) == 1 and not return_list else outputs), updates


def _misfit(state: _State, output: Any, index: int) -> str | None:
    """Why an output that feeds back cannot: it is broadcast otherwise than its initial value. ValueError for another
    dtype or number of dimensions."""
    if not state.first:
        return None
    wanted = state.inner[0].type
    if not isinstance(wanted, TensorType) or output.type == wanted:
        return None
    what = state.inner[0].name or f"number {index}"
    if output.type.dtype != wanted.dtype:
        raise ValueError(
            f"When compiling the inner function of scan the following error has been encountered: The initial state "
            f"(`outputs_info` in scan nomenclature) of variable {what} (argument number {index}) has dtype "
            f"{wanted.dtype}, while the result of the inner function (`fn`) has dtype {output.type.dtype}. This can "
            f"happen if the inner function of scan results in an upcast or downcast. (output: {where(output) or output}"
            f"; fix: cast one of them, for example to config.floatX)"
        )
    if output.type.ndim != wanted.ndim:
        raise ValueError(
            f"The initial state (`outputs_info` in scan nomenclature) of variable {what} (argument number {index}) has "
            f"{wanted.ndim} dimension(s), while the corresponding variable in the result of the inner function of scan "
            f"(`fn`) has {output.type.ndim} dimension(s). (types: {wanted} and {output.type}; output: "
            f"{where(output) or output}; fix: give the initial state the dimensions that the step returns, or reduce, "
            f"index or dimshuffle what it returns)"
        )
    if any(w and not b for w, b in zip(wanted.broadcastable, output.type.broadcastable, strict=True)):
        return (
            f"Inconsistency in the inner graph of scan: an input and an output are associated with the same recurrent "
            f"state and should have the same type but have type '{wanted}' and '{output.type}' respectively, for "
            f"{what}. Use tensor.unbroadcast on the initial state, or patternbroadcast on the output "
            f"({where(output) or output})."
        )
    return None


def _reached(roots: Sequence[Any], starts: set[Any], ends: set[Any]) -> set[Any]:
    """Variables that depend on ``starts``, in the graph down to ``ends``."""
    found = set(starts)
    for node in toposort(roots, ends):
        if any(x in found for x in node.inputs):
            found.update(node.outputs)
    return found


def _updated(roots: list[Any], updates: OrderedDict, given: set[Any]) -> OrderedDict:
    """The updates that the step gives, and the default ones of shared variables that it reads, other than through
    what it was ``given``."""
    found = OrderedDict()
    for target, value in updates.items():
        if not isinstance(target, SharedVariable):
            raise TypeError("update target must be a SharedVariable", target)
        found[target] = target.type.filter_variable(value)
    todo = [*roots, *found.values()]
    while todo:
        more = []
        for leaf in leaves_of(todo, given):
            default = getattr(leaf, "default_update", None) if isinstance(leaf, SharedVariable) else None
            if default is not None and leaf not in found:
                found[leaf] = leaf.type.filter_variable(default)
                more.append(found[leaf])
        todo = more
    return found


def _loop(rows: Any, states: Any, extra: Any, steps: Any, condition: Any, outputs: list[Any], updates: Any,
          strict: bool, return_list: bool, truncate_gradient: int, name: str | None, carried: list[Any],
          inconsistent: str | None, exact: bool, watch: Any) -> tuple[Any, OrderedUpdates]:
    """The op, around the graph of one step."""
    roots = [*outputs, *([condition] if condition is not None else [])]
    given = {x for x in extra if not isinstance(x, (Constant, SharedVariable))}
    changed = _updated(roots, updates, given)
    roots += changed.values()
    own = [row for _, row in rows] + carried + list(changed)
    ends = set(own) | given
    inside = _reached(roots, set(own), ends)
    # what does not change from step to step stays outside, and comes in as a constant of the loop; what is said to be
    # a constant comes in whether or not it is used: function() is then given it as an input
    outside: dict[Any, Any] = dict.fromkeys(x for x in extra if x in given)
    for x in [x for node in toposort(roots, ends) if any(o in inside for o in node.outputs)
              for x in node.inputs] + roots:
        if x not in inside and not isinstance(x, Constant):
            outside.setdefault(x)
    if strict:
        allowed = set(extra)
        for leaf in leaves_of(list(outside), given):
            if isinstance(leaf, SharedVariable) and leaf not in allowed:
                raise MissingInputError(f"the shared variable {leaf} is used in a strict scan", where=where(leaf),
                                        fix="add it to non_sequences")
    twins = {x: x.type(x.name) for x in [*changed, *outside]}
    # each output that feeds back, then the values that it had before, one step later
    new_carried: list[Any] = []
    for state, output in zip(states, outputs, strict=True):
        if state.inner:
            new_carried += [output, *state.inner[:-1]]
    new_carried += changed.values()
    inner_outputs = [*new_carried, *outputs, *([condition] if condition is not None else [])]
    op = Scan([twins.get(x, x) for x in [*own, *outside]], replace(inner_outputs, twins), len(rows), len(new_carried),
              condition is not None, any(s.inner for s in states), truncate_gradient, name,
              inconsistent, exact, watch)
    first = [x for s in states for x in s.first] + list(changed)
    made = op(steps, *[r for r, _ in rows], *first, *outside, return_list=True)
    results = made[len(new_carried) : len(new_carried) + len(outputs)]
    finals = made[len(new_carried) - len(changed) : len(new_carried)]
    found = OrderedUpdates(zip(changed, finals, strict=True))
    if not results:
        return None, found
    return (results[0] if len(results) == 1 and not return_list else list(results)), found


def map(fn: Any, sequences: Any, non_sequences: Any = None, truncate_gradient: int = -1, go_backwards: bool = False,
        mode: Any = None, name: str | None = None) -> tuple[Any, OrderedUpdates]:
    """``fn`` of every row of the sequences; see ``scan``."""
    return scan(fn, sequences, [], non_sequences, truncate_gradient=truncate_gradient, go_backwards=go_backwards,
                mode=mode, name=name)


def reduce(fn: Any, sequences: Any, outputs_info: Any, non_sequences: Any = None, go_backwards: bool = False,
           mode: Any = None, name: str | None = None) -> tuple[Any, OrderedUpdates]:
    """The last value of a loop whose outputs feed back; see ``scan``."""
    results, updates = scan(fn, sequences, outputs_info, non_sequences, go_backwards=go_backwards, mode=mode,
                            name=name)
    return ([x[-1] for x in results] if isinstance(results, list) else results[-1]), updates


def foldl(fn: Any, sequences: Any, outputs_info: Any, non_sequences: Any = None, mode: Any = None,
          name: str | None = None) -> tuple[Any, OrderedUpdates]:
    """``reduce`` from the first row on."""
    return reduce(fn, sequences, outputs_info, non_sequences, False, mode, name)


def foldr(fn: Any, sequences: Any, outputs_info: Any, non_sequences: Any = None, mode: Any = None,
          name: str | None = None) -> tuple[Any, OrderedUpdates]:
    """``reduce`` from the last row on."""
    return reduce(fn, sequences, outputs_info, non_sequences, True, mode, name)


def scan_checkpoints(fn: Any, sequences: Any = None, outputs_info: Any = None, non_sequences: Any = None,
                     name: str = "checkpointscan_fn", n_steps: Any = None, save_every_N: int = 10,
                     padding: bool = True) -> tuple[Any, OrderedUpdates]:
    """``scan`` in two levels, whose gradient keeps every ``save_every_N``-th state and computes the others again.

    The outputs have a row for each ``save_every_N``-th step, and one for the last. All sequences have one row for
    each step; where their number is no multiple of ``save_every_N`` they are padded with zeros, unless ``padding`` is
    False. RuntimeError for taps in ``outputs_info``.
    """
    whole = [as_tensor_variable(x) for x in _listed(sequences)]
    infos = _listed(outputs_info) if outputs_info is not None else [None]
    extra = _listed(non_sequences)
    if any(isinstance(info, dict) and "taps" in info for info in infos):
        raise RuntimeError("scan_checkpoints doesn't work with taps.")
    every = as_tensor_variable(np.int64(save_every_N))
    steps = as_tensor_variable(whole[0].shape[0] if n_steps is None else n_steps).astype("int64")
    spans = (steps + every - 1) // every
    last = steps - (spans - 1) * every
    lengths = set_subtensor((zeros((spans,), "int64") + every)[-1], last)
    if padding:
        whole = [join(0, x, zeros([spans * every - x.shape[0], *[x.shape[i] for i in range(1, x.ndim)]], x.dtype))
                 for x in whole]
    blocks = [reshape(x, [spans, every, *[x.shape[i] for i in range(1, x.ndim)]], x.ndim + 1) for x in whole]
    fed_back = [info for info in infos if info is not None]

    def block(*given: Any) -> tuple[list[Any], Any]:
        parts, length = list(given[: len(blocks)]), given[len(blocks)]
        before = iter(given[len(blocks) + 1 : len(blocks) + 1 + len(fed_back)])
        rows, updates = scan(fn, parts, [None if info is None else next(before) for info in infos],
                             list(given[len(blocks) + 1 + len(fed_back) :]), length, name=f"{name}_inner",
                             return_list=True)
        return [row[-1] for row in rows], updates

    return scan(block, [*blocks, lengths], infos, extra, spans, name=f"{name}_outer")


# -- Jacobian and Hessian ------------------------------------------------------------------------------------


def jacobian(expression: Any, wrt: Any, consider_constant: Any = None, disconnected_inputs: str = "raise") -> Any:
    """d expression / d wrt: for a vector ``expression`` row i is the gradient of element i, for a scalar the gradient.

    ``wrt``: a variable, or a list or tuple of them, whose form the result has. Raises ValueError for an expression of
    more dimensions.
    """
    if not isinstance(expression, Variable):
        raise TypeError("jacobian expects a Variable as `expression`")
    if expression.type.ndim > 1:
        raise AssertionError("jacobian expects a 1 dimensional variable as `expression`. If not use flatten to make it "
                             "a vector")
    use_list, use_tuple = isinstance(wrt, list), isinstance(wrt, tuple)
    targets = list(wrt) if use_list or use_tuple else [wrt]
    if expression.type.ndim == 0:
        return format_as(use_list, use_tuple, grad(expression, targets, consider_constant=consider_constant,
                                                   disconnected_inputs=disconnected_inputs))

    def row(i: Any, *_: Any) -> list[Any]:
        return grad(expression[i], targets, consider_constant=consider_constant,
                    disconnected_inputs=disconnected_inputs)

    rows, updates = scan(row, sequences=arange(expression.shape[0]), non_sequences=[expression, *targets],
                         return_list=True)
    if updates:
        raise ValueError("Scan has returned a list of updates. This should not happen: the expression draws random "
                         "numbers")
    return format_as(use_list, use_tuple, rows)


def hessian(cost: Any, wrt: Any, consider_constant: Any = None, disconnected_inputs: str = "raise") -> Any:
    """The second derivatives of a scalar with respect to a vector (or each vector of a list or tuple): matrices.

    Raises AssertionError for a cost that is not a scalar, or a ``wrt`` that is not a vector.
    """
    if not isinstance(cost, Variable):
        raise TypeError("hessian expects a Variable as `cost`")
    if cost.type.ndim:
        raise AssertionError("hessian expects a 0 dimensional variable as `cost`")
    use_list, use_tuple = isinstance(wrt, list), isinstance(wrt, tuple)
    found = []
    for x in list(wrt) if use_list or use_tuple else [wrt]:
        if not isinstance(x, Variable) or x.type.ndim != 1:
            raise AssertionError("hessian expects a (list of) 1 dimensional variable as `wrt`")
        if x.type.dtype in discrete_dtypes:
            raise TypeError(f"hessian with respect to {x}, which holds integers")
        first = grad(cost, x, consider_constant=consider_constant, disconnected_inputs=disconnected_inputs)
        # a gradient that no longer depends on x has a derivative of zeros
        found.append(jacobian(first, x, consider_constant, "ignore"))
    return format_as(use_list, use_tuple, found)


late["old_loop"] = old_loop
