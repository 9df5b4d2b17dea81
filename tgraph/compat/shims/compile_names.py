"""Helpers of the old compile package that code reached for: what a function is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tgraph.arguments import SymbolicInput, as_input
from tgraph.function_graph import FunctionGraph
from tgraph.graph import Variable

NODEFAULT = ["NODEFAULT"]


class AliasedMemoryError(Exception):
    """Two values that must not share memory do."""


# --- views ----------------------------------------------------------------------------------------------------------


def alias_root(v: Variable) -> Variable:
    """The variable that this one is a view of, through all its makers; itself if it is none.

    NotImplementedError for a view of several.
    """
    while v.owner is not None:
        views = {**(getattr(v.owner.op, "view_map", None) or {}), **(getattr(v.owner.op, "destroy_map", None) or {})}
        which = views.get(v.index, [])
        if len(which) > 1:
            raise NotImplementedError(
                f"{v.owner.op} is a view/destroyed version of more then one inputs. Currently, we only support the "
                "case where an output is a view or a destroyed version of one input."
            )
        if not which:
            break
        v = v.owner.inputs[which[0]]
    return v


def view_tree_set(v: Variable, treeset: set) -> None:
    """Nothing is added: variables do not know their views here."""


def infer_reuse_pattern(fgraph: Any, outputs_to_disown: Sequence[Variable]) -> list[Variable]:
    """The variables whose memory may be the memory of one of these."""
    roots = {alias_root(v) for v in outputs_to_disown}
    return [v for v in fgraph.variables if alias_root(v) in roots]


# --- how functions are made -----------------------------------------------------------------------------------------


def convert_function_input(input: Any) -> Any:
    """A parameter of `function` in its long form; TypeError for what is none."""
    return input if isinstance(input, SymbolicInput) else as_input(input)


def fgraph_updated_vars(fgraph: Any, expanded_inputs: Sequence[Any]) -> dict[Variable, Variable]:
    """Input -> the output that is its new value."""
    outputs = list(fgraph.outputs)
    updated = [spec for spec in expanded_inputs if getattr(spec, "update", None) is not None]
    return {spec.variable: new for spec, new in zip(updated, outputs[len(outputs) - len(updated) :], strict=True)}


def std_fgraph(input_specs: Sequence[Any], output_specs: Sequence[Any], accept_inplace: bool = False) -> Any:
    """(the graph of a function, the new values of its inputs)."""
    updates = [spec.update for spec in input_specs if getattr(spec, "update", None) is not None]
    outputs = [spec.variable for spec in output_specs] + updates
    return FunctionGraph([spec.variable for spec in input_specs], outputs), updates


def insert_deepcopy(fgraph: Any, wrapped_inputs: Any, wrapped_outputs: Any) -> None:
    """Nothing to insert: results are copied where they could share memory."""


_checkers: list[Callable[[Any, Any], bool]] = []


def register_checker(checker: Callable[[Any, Any], bool]) -> None:
    """One more function that tells whether two values are equal."""
    _checkers.insert(0, checker)


def check_equal(x: Any, y: Any) -> bool:
    """Are two values equal? The registered functions are asked first."""
    for checker in _checkers:
        if (found := checker(x, y)) is not None:
            return found
    if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
        return isinstance(x, np.ndarray) and isinstance(y, np.ndarray) and np.array_equal(x, y)
    return x == y
