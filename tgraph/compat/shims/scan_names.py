"""What old code took from ``theano.scan_module.scan_utils``: helpers that walk, copy and compare graphs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from tgraph import loops
from tgraph.config import config
from tgraph.graph import Constant, Variable, inputs, late, replace
from tgraph.operators import as_tensor_variable
from tgraph.ops.constants import get_scalar_constant_value
from tgraph.ops.create import AllocEmpty
from tgraph.ops.index import set_subtensor
from tgraph.ops.loop import Scan
from tgraph.rewrite.shapes import infer_shape as infer_shape


def safe_new(x: Any, tag: str = "", dtype: str | None = None) -> Any:
    """A new variable of the type of ``x``, cast to ``dtype`` if given, named as ``x`` with ``tag`` behind it."""
    name = None if getattr(x, "name", None) is None else x.name + tag
    if isinstance(x, Constant):
        return x.astype(dtype) if dtype and x.dtype != dtype else x.clone()
    if not isinstance(x, Variable):
        x = as_tensor_variable(x)
    if dtype and x.dtype != dtype:
        x = x.astype(dtype)
    new = x.type(name)
    if config.compute_test_value != "off" and (value := late["test_value"](x)) is not None:
        new.tag.test_value = copy.deepcopy(value)
    return new


def hash_listsDictsTuples(x: Any) -> int:
    """A hash of nested lists, tuples and dicts of what can be hashed."""
    found, stack = 0, [x]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            stack.extend([*part, *part.values()])
        elif isinstance(part, (list, tuple)):
            stack.extend(part)
        else:
            found ^= hash(part)
    return found


def isNaN_or_Inf_or_None(x: Any) -> bool:
    """True for what stands for "no number of steps": None, NaN, infinity, and constants of these values."""
    if x is None:
        return True
    try:
        return not np.isfinite(get_scalar_constant_value(x))
    except Exception:  # neither a number nor a constant
        return False


def get_updates_and_outputs(ls: Any) -> tuple[Any, list[Any], Any]:
    """(condition or None, outputs, updates) of what the function of a step returned; ValueError for what is not
    made of these."""
    return loops.returned(ls)


def expand_empty(tensor_var: Any, size: Any) -> Any:
    """``tensor_var`` with ``size`` more rows, of any values, behind it."""
    if isinstance(size, int) and size == 0:
        return tensor_var
    lengths = [tensor_var.shape[i] for i in range(tensor_var.ndim)]
    empty = AllocEmpty(tensor_var.dtype)(size + lengths[0], *lengths[1:])
    return set_subtensor(empty[: lengths[0]], tensor_var)


def map_variables(replacer: Callable[[Any], Any], graphs: Iterable[Any], additional_inputs: Sequence[Any] = ()) -> Any:
    """New graphs in which every variable is what ``replacer`` makes of it, also inside of loops and of ops made of
    graphs. NotImplementedError where that brings a shared variable with an update into one of these.

    A replacement is searched for variables to replace too, but is not replaced itself.
    """
    settled: set[Any] = set()

    def once(variable: Any) -> Any:
        if variable in settled:
            return variable
        new = replacer(variable)
        settled.add(new)
        return new

    return _mapped(once, list(graphs))


def _mapped(replacer: Callable[[Any], Any], graphs: list[Any]) -> list[Any]:
    memo: dict[Any, Any] = {}
    instead: dict[Any, Any] = {}
    stack = list(graphs)
    while stack:
        variable = stack[-1]
        if variable in memo:
            stack.pop()
            continue
        if variable not in instead:
            instead[variable] = replacer(variable)
        new = instead[variable]
        if new.owner is None:
            memo[variable] = new
            continue
        waiting = [x for x in new.owner.inputs if x not in memo]
        if waiting:
            stack.extend(waiting)
            continue
        memo[variable] = _remade(replacer, new.owner, memo).outputs[new.index]
    return [memo[g] for g in graphs]


def _remade(replacer: Callable[[Any], Any], node: Any, memo: dict[Any, Any]) -> Any:
    """The node over mapped inputs, with the graph that it holds mapped as well; made once."""
    if node in memo:
        return memo[node]
    given = [memo[x] for x in node.inputs]
    held = getattr(node.op, "with_graph", None)
    if held is None:
        same = all(a is b for a, b in zip(given, node.inputs, strict=True))
        memo[node] = node if same else node.clone_with_new_inputs(given, strict=False)
        return memo[node]
    outer = node.inputs[1:] if isinstance(node.op, Scan) else node.inputs
    inner = [*node.op.inputs, *getattr(node.op, "shared_inputs", ())]
    twins = dict(zip(outer, inner, strict=True))
    new = _mapped(replacer, list(node.op.outputs))
    own, extra = set(inner), {}
    for leaf in inputs(new):
        if leaf in own or isinstance(leaf, Constant):
            continue
        if getattr(leaf, "update", None) is not None or getattr(leaf, "default_update", None) is not None:
            raise NotImplementedError(
                f"Replacement introduces shared variable {leaf} which has an update associated "
                f"with it into the inner graph of {node.op}. This is not currently supported."
            )
        extra[leaf] = twins.get(leaf) or leaf.type(leaf.name)
    added = {leaf: twin for leaf, twin in extra.items() if leaf not in twins}
    op = held([*inner, *added.values()], replace(new, extra, strict=False))
    memo[node] = op.make_node(*given, *added)
    return memo[node]
