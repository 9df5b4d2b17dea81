"""What a run-time error says: the node that failed, its values, the line that built it."""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

import numpy as np

from tgraph.config import config
from tgraph.errors import names
from tgraph.graph import Apply, Variable, toposort
from tgraph.lowering.interpret import NodeFailure, as_numpy_raises, interpret
from tgraph.lowering.to_fx import HostCall
from tgraph.types import TensorType
from tgraph.values import to_numpy

_SITE = os.path.dirname(os.path.dirname(np.__file__))
# files whose frames say nothing to a user
_LIBRARIES = ("<tgraph", *(os.path.join(_SITE, name, "") for name in ("numpy", "scipy", "torch")),
              os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), ""))


class NoValueError(AttributeError, ValueError):
    """None was passed for a tensor. (Old code gets an AttributeError or a ValueError, depending on the
    engine.)"""


def frames(place: tuple[str, int] | None) -> str:
    """The user's line as a traceback shows it."""
    if not place:
        return ""
    file, line = place
    text = linecache.getline(file, line).strip()
    return f'  File "{file}", line {line}, in <module>\n' + (f"    {text}\n" if text else "")


def birth(variable: Any) -> str:
    """Where a variable was made, for messages about it; empty if unknown."""
    place = getattr(variable, "place", None)
    if place is None and getattr(variable, "owner", None) is not None:
        place = variable.owner.place
    return f" \nBacktrace when that variable is created:\n\n{frames(place)}" if place else ""


def explain_failure(
    error: Exception,
    inputs: Sequence[Variable],
    outputs: Sequence[Variable],
    values: Sequence[Any],
    device: str,
) -> Exception:
    """The exception to raise for a call that failed: found by running the graph node by node on the same
    values.

    ``inputs`` with their ``values`` as the engine got them. The class is the one that the node's numpy form
    raises. The engine's own ``error`` comes back where the second run does not fail.
    """
    text = str(error)
    if isinstance(error, MemoryError) or "allocate memory" in text or "out of memory" in text:
        return error if isinstance(error, MemoryError) else MemoryError(text)
    failure = _on_the_host(error, inputs, outputs)
    if failure is not None:
        return _raised(failure, error, inputs, outputs)
    try:
        interpret(inputs, outputs, values, device)
    except NodeFailure as failure:
        return _raised(failure, _none_given(failure) or as_numpy_raises(failure), inputs, outputs)
    return ValueError(text) if type(error) is RuntimeError else error


def _on_the_host(
    error: Exception, inputs: Sequence[Variable], outputs: Sequence[Variable]
) -> NodeFailure | None:
    """The failure of a node that ran its numpy form: known without a second run, which could have effects."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code is HostCall.__call__.__code__:
            node, held = trace.tb_frame.f_locals["self"].node, trace.tb_frame.f_locals["values"]
            order = toposort(outputs, inputs)
            return NodeFailure(node, order.index(node) if node in order else -1, list(held), error)
        trace = trace.tb_next
    return None


def _raised(
    failure: NodeFailure, cause: Exception, inputs: Sequence[Variable], outputs: Sequence[Variable]
) -> Exception:
    cls: type[Exception] = type(cause)
    try:
        made = cls(str(cause) + describe(failure, inputs, outputs))
    except Exception:  # a class that wants other arguments: its own exception is still the right one
        made = cause
    if made is not failure.error:
        made.__cause__ = _users_part(failure.error)
    # old code finds the node here
    made.__dict__.update(__op_instance__=failure.node, __applynode_index__=failure.index)
    return made


def _from_users_line(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_LIBRARIES):
        trace = trace.tb_next
    return trace


def _users_part(error: Exception) -> Exception | None:
    """An exception from inside an op as the op's author should read it: from the first line that is neither ours nor a
    library's, and without the engine's own trouble in front; None where there is no such line."""
    first = _from_users_line(error.__traceback__)
    if first is None:
        return None
    error.__traceback__ = first
    link: BaseException = error
    while (before := link.__cause__ or link.__context__) is not None:
        trace = _from_users_line(before.__traceback__)
        if trace is None:
            link.__cause__ = None  # which hides the context too
            break
        before.__traceback__ = trace
        link = before
    return error


def _none_given(failure: NodeFailure) -> Exception | None:
    for x, value in zip(failure.node.inputs, failure.values, strict=True):
        if value is None and isinstance(x.type, TensorType):
            return NoValueError(
                f"'NoneType' object has no attribute 'shape' (expected an ndarray for {x}, not None)"
            )
    return None


def describe(failure: NodeFailure, inputs: Sequence[Variable], outputs: Sequence[Variable]) -> str:
    """The failing node with the types, shapes, strides and values of its inputs, and where it was built."""
    node = failure.node
    values = [to_numpy(v) for v in failure.values]
    small = [
        v if getattr(v, "size", 99) <= 5 or np.isscalar(v) else None if v is None else "not shown"
        for v in values
    ]
    lines = [
        "",
        f"Apply node that caused the error: {node}",
        f"Toposort index: {failure.index}",
        f"Inputs types: {[x.type for x in node.inputs]}",
        f"Inputs shapes: {[getattr(v, 'shape', 'No shapes') for v in values]}",
        f"Inputs strides: {[getattr(v, 'strides', 'No strides') for v in values]}",
        f"Inputs values: {small}",
    ]
    high = config.exception_verbosity == "high"
    if high:
        lines.append(f"Inputs type_num: {[getattr(getattr(v, 'dtype', ''), 'num', '') for v in values]}")
    lines += [f"Outputs clients: {clients(node, inputs, outputs)}", ""]
    hints = []
    if node.place:
        lines.append("Backtrace when the node is created (the line outside of this package):")
        lines.append(frames(node.place))
    else:
        hints.append(
            "HINT: Re-running with most rewrites disabled could give you a back-trace of when this node was "
            "created. This can be done by setting the flag 'optimizer=fast_compile'. If that does not work, "
            "rewrites can be disabled with 'optimizer=None'."
        )
    if high:
        lines += [
            "Debugprint of the apply node: ",
            tree(node),
            "Storage map footprint:",
            footprint(inputs),
            "",
        ]
    else:
        hints.append(
            f"HINT: Use the {names['package']} flag 'exception_verbosity=high' for a debugprint and storage "
            f"map footprint of this apply node."
        )
    return "\n".join(lines + hints)


def clients(node: Apply, inputs: Iterable[Variable], outputs: Sequence[Variable]) -> list[list[Any]]:
    """For each output of a node, the nodes that use it, and 'output' where the function returns it."""
    found: list[list[Any]] = []
    order = toposort(outputs, inputs)
    for output in node.outputs:
        users: list[Any] = [n for n in order if any(x is output for x in n.inputs)]
        found.append(users + ["output"] * any(o is output for o in outputs))
    return found


def tree(node: Apply, depth: int = 3) -> str:
    """A node and what it is made of, a few levels deep."""
    lines: list[str] = []
    stack: list[tuple[Any, int]] = [(node.outputs[0], 0)]
    while stack and len(lines) < 200:
        variable, level = stack.pop()
        label = variable if variable.owner is None else variable.owner.op
        lines.append(f"{' |' * level}{label} <{variable.type}> {variable.name or ''!r}")
        if variable.owner is not None and level < depth and (level == 0 or not variable.name):
            stack.extend((x, level + 1) for x in reversed(variable.owner.inputs))
    return "\n".join(lines) + "\n"


def footprint(inputs: Sequence[Variable]) -> str:
    """The inputs of a function by name and type."""
    lines = []
    for x in inputs:
        container = getattr(x, "container", None)
        kind = "Input" if container is None else "Shared Input"
        value = None if container is None else container.value
        size = (
            f", Shape: {value.shape}, ElemSize: {value.itemsize} Byte(s), TotalSize: {value.nbytes} Byte(s)"
            if isinstance(value, np.ndarray)
            else ""
        )
        lines.append(f" - {x}, {kind}{size}")
    return "\n".join(lines)
