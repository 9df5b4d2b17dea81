"""From the arguments of ``function()`` to one graph: givens replaced, updates and shared variables collected,
and the inputs checked for being too many or too few."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tgraph.arguments import In, SymbolicOutput, pairs
from tgraph.config import config, warn
from tgraph.errors import MissingInputError, UnusedInputError, names
from tgraph.graph import Constant, Variable, toposort
from tgraph.graph import inputs as leaves_of
from tgraph.lowering.failures import birth
from tgraph.shared import SharedVariable, shared
from tgraph.types import NullType


def rebuild(outputs: Sequence[Variable], memo: dict[Any, Any], strict: bool) -> list[Any]:
    """The outputs with the variables in ``memo`` replaced. Nodes that change are made again; with ``strict``
    their inputs have to keep their types (TypeError), otherwise the op infers its outputs anew. Extends
    ``memo``."""
    for node in toposort(outputs, memo):
        inputs = [memo.get(x, x) for x in node.inputs]
        if all(a is b for a, b in zip(inputs, node.inputs, strict=True)):
            continue
        twin = node.clone_with_new_inputs(inputs, strict=strict)
        for old, new in zip(node.outputs, twin.outputs, strict=True):
            memo.setdefault(old, new)
    return [memo.get(o, o) for o in outputs]


def read_givens(givens: Any, memo: dict[Any, Any], strict: bool) -> list[Variable]:
    """Enter givens into ``memo``, which holds the inputs already; each may use those before it. Returns what stands
    in for the variables, in order."""
    seen: set[Any] = set()
    blocked = set(memo)
    items = pairs(givens)
    for old, _ in items:
        if isinstance(old, Variable) and old in blocked:
            package = names["package"]
            raise RuntimeError(
                f"You are trying to replace variable '{old}' through the `givens` parameter, but this "
                "variable is an "
                "input to your function. Replacing inputs is currently forbidden because it has no "
                "effect. One way "
                f"to modify an input `x` to a function evaluating f(x) is to define a new input `y` and use "
                f"`{package}.function([y], f(x), givens={{x: g(y)}})`. Another solution consists in using "
                f"`{package}.clone`, e.g. like this: `{package}.function([x], {package}.clone(f(x), "
                f"replace={{x: g(x)}}))`."
            )
    for old, new in items:
        if not isinstance(old, Variable):
            raise TypeError("given keys must be Variable", old)
        if not isinstance(new, Variable):
            new = shared(new)
        if old in memo or old in seen:
            raise AssertionError(
                "When using 'givens' or 'replace' with several (old_v, new_v) replacement pairs, you can "
                "not have a "
                f"new_v variable depend on an old_v one. For instance, givens = {{a:b, b:(a+1)}} is not "
                "allowed. "
                f"Here, the old_v {old} is used to compute other new_v's, but it is scheduled to be "
                f"replaced by {new}."
            )
        if len(items) > 1:
            for node in toposort([new], memo):
                seen.update(node.inputs)
                seen.update(node.outputs)
            seen.add(new)
        memo[old] = rebuild([new], memo, strict)[0]
    return [memo[old] for old, _ in items]


def _check_update(target: Any, value: Any) -> Any:
    """An update as a variable of its target's type, or TypeError."""
    try:
        return target.type.filter_variable(value, allow_convert=False)
    except TypeError as error:
        raise TypeError(
            f"An update must have the same type as the original shared variable (shared_var={target}, "
            f"shared_var.type={target.type}, update_val={value}, "
            f"update_val.type={getattr(value, 'type', None)}).",
            "If the difference is related to the broadcast pattern, you can call the tensor.unbroadcast(var, "
            "axis_to_unbroadcast[, ...]) function to remove broadcastable dimensions.",
        ) from error


def read_updates(updates: Any) -> OrderedDict[Any, Any]:
    items = pairs(updates)
    if any(isinstance(item, Variable) for item in items):
        raise ValueError(
            "The updates parameter must be an OrderedDict/dict or a list of lists/tuples with 2 elements"
        )
    found: OrderedDict[Any, Any] = OrderedDict()
    for target, value in items:
        if not isinstance(target, SharedVariable):
            raise TypeError("update target must be a SharedVariable", target)
        if target in found:
            raise ValueError("this shared variable already has an update expression", (target, found[target]))
        found[target] = _check_update(target, value)
    return found


def shared_leaves(roots: Iterable[Variable], stop: set, seen: set) -> Iterator[Any]:
    """Shared variables that the roots depend on, in reading order; ``seen`` variables are passed over."""
    for root in roots:
        stack = [root]
        while stack:
            variable = stack.pop()
            if variable in seen:
                continue
            seen.add(variable)
            if variable in stop:
                continue
            if variable.owner is not None:
                stack.extend(x for x in reversed(variable.owner.inputs) if x not in seen)
            elif isinstance(variable, SharedVariable):
                yield variable


def collect(
    outs: Sequence[SymbolicOutput],
    own: Sequence[Variable],
    givens: Sequence[Variable],
    wanted: dict,
    memo: dict,
    cut: set,
    strict: bool,
    no_default_updates: Any,
) -> tuple[list, dict, list]:
    """Replacements made in everything that a function computes, and the shared variables found there.

    Returns the new outputs followed by the new updates of inputs (``own``); the new value of each shared
    variable, by ``wanted`` or by default; the shared variables, in the order in which they are met: those of
    ``givens`` first, used or not.
    """
    roots = [o.variable for o in outs] + list(own)
    finals = rebuild(roots + list(wanted.values()), memo, strict)
    new_values = dict(zip(wanted, finals[len(roots) :], strict=True))
    seen: set[Any] = set()
    found: list[Any] = []
    by_default: list[Any] = []

    def meet(variables: Iterable[Variable]) -> None:
        for s in shared_leaves(variables, cut, seen):
            found.append(s)
            excepted = no_default_updates if isinstance(no_default_updates, list) else ()
            if s in new_values or no_default_updates is True or s in excepted:
                continue
            if getattr(s, "default_update", None) is not None:
                by_default.append(s)

    def meet_update(target: Any) -> None:
        meet([new_values[target]])
        if target not in seen:
            found.append(target)
            seen.add(target)

    meet(givens)
    meet(finals[: len(roots)])
    for target in wanted:
        meet_update(target)
    for target in by_default:  # which grows: a default update may lead to more
        new_values[target] = rebuild([_check_update(target, target.default_update)], memo, strict)[0]
        meet_update(target)
    return finals[: len(roots)], new_values, found


def check_inputs(inputs: Sequence[In]) -> None:
    where: dict[Any, int] = {}
    for i, spec in enumerate(inputs):
        v = spec.variable
        if v in where:
            raise UnusedInputError(
                f"Variable {v} is used twice in inputs to {names['package']}.function, at indices "
                f"{where[v]} and {i}. "
                " This would result in values provided for it being ignored. Please do not duplicate "
                "variables in "
                f"the inputs list."
            )
        where[v] = i
        if isinstance(v, SharedVariable):
            raise TypeError(
                f"Cannot use a shared variable ({v}) as explicit input. Consider substituting a "
                f"non-shared variable via the `givens` parameter"
            )


def check_leaves(
    inputs: Sequence[In], leaves: Sequence[Variable], finals: Sequence[Variable], on_unused: Any
) -> None:
    """UnusedInputError, MissingInputError, or a warning, for inputs that are too many or too few."""
    if on_unused is None:
        on_unused = config.on_unused_input
    known = set(leaves)
    order = toposort(finals, known)
    used = {x for node in order for x in node.inputs} | set(finals)
    if on_unused != "ignore":
        for i, (spec, leaf) in enumerate(zip(inputs, leaves, strict=True)):
            if leaf not in used and spec.update is None:
                _report_unused(spec.variable, i, on_unused)
    lost = {x for x in used if x.owner is None and x not in known and not isinstance(x, Constant)}
    if not lost:
        return
    null = next((x for x in lost if isinstance(x.type, NullType)), None)
    if null is not None:
        raise TypeError(f"Computation graph contains a NaN. {null.type.why_null}")
    for node in order:
        for position, x in enumerate(node.inputs):
            if x in lost:
                raise _missing(
                    x, f"Input {position} of the graph (indices start from 0), used to compute {node},"
                )
    raise _missing(next(x for x in finals if x in lost), "An output or update of the function")


def _report_unused(variable: Variable, index: int, on_unused: str) -> None:
    package = names["package"]
    text = (
        f"{package}.function was asked to create a function computing outputs given certain inputs, but the "
        f"provided input variable at index {index} is not part of the computational graph needed to "
        "compute the "
        f"outputs: {variable}.\n"
    )
    fix = (
        f"you can pass the parameter on_unused_input={{!r}} to {package}.function. To disable it "
        "completely, use "
        f"on_unused_input='ignore'."
    )
    if on_unused == "warn":
        warn(f"{text}To make this warning into an error, {fix.format('raise')}")
    elif on_unused == "raise":
        raise UnusedInputError(f"{text}To make this error into a warning, {fix.format('warn')}")
    else:
        raise ValueError(
            f"Invalid value for keyword on_unused_input of {package}.function: '{on_unused}'.\n"
            f"Valid values are 'raise', 'warn', and 'ignore'."
        )


def _missing(variable: Variable, use: str) -> MissingInputError:
    error = MissingInputError(
        f"{use} was not provided and not given a value. The variable is {variable} of type "
        f"{variable.type}: add it to the inputs of the function, or to givens. Use the {names['package']} "
        f"flag exception_verbosity='high', for more information on this error.\n{birth(variable)}"
    )
    error.variable = variable  # type: ignore[attr-defined]
    return error


def clone(
    output: Any, replace: Any = None, strict: bool = True, share_inputs: bool = True, copy_inputs: Any = None
) -> Any:
    """A copy of the graph of ``output`` (a variable or a list of them) with some variables replaced.

    ``replace``: a dictionary or pairs, read as the ``givens`` of ``function``. With ``share_inputs`` the
    leaves are those of the old graph, else copies of them (of shared variables: others on the same
    box). With ``strict`` replacements keep the type of what they replace, or TypeError.
    """
    share_inputs = share_inputs if copy_inputs is None else copy_inputs
    items = output if isinstance(output, (list, tuple)) else [output]
    roots = [o.variable if isinstance(o, SymbolicOutput) else o for o in items]
    memo: dict[Any, Any] = {}
    read_givens(replace, memo, strict)
    results = rebuild(roots, memo, strict)
    if not share_inputs:
        # the copy of a shared variable is another name of the same box, with no default update: what batch
        # normalization of old hangs its running averages on
        fresh = {x: x.clone() for x in leaves_of(results) if not isinstance(x, Constant)}
        results = rebuild(results, fresh, True)
    return results if isinstance(output, (list, tuple)) else results[0]
