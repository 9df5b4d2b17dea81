"""Running one node by its Python form: ``perform``, or the thunk of a legacy op that makes its own."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Sequence
from typing import Any

from tgraph.errors import CodeInCError, MethodNotDefined
from tgraph.graph import Apply, Constant, NoParams, Op, toposort, where

#: takes the values of a node's inputs, gives those of its outputs
Performer = Callable[[Sequence[Any]], list[Any]]


def _overrides(op: Any, name: str) -> bool:
    return getattr(type(op), name, None) is not getattr(Op, name) or name in vars(op)


def performer(node: Apply) -> Performer:
    """How to run a node by its Python form, prepared once (``prepare_node``, ``get_params``).

    Inputs that the op destroys are copied first. Raises CodeInCError for an op that has only C code, and
    MethodNotDefined for one that has nothing.
    """
    op: Any = node.op
    destroyed = sorted({i for which in (getattr(op, "destroy_map", None) or {}).values() for i in which})
    if _overrides(op, "make_thunk") or _overrides(op, "make_py_thunk"):
        run = _by_thunk(node)
    else:
        _refuse_bare(node)
        if _overrides(op, "prepare_node"):
            storage = {v: [None] for v in (*node.inputs, *node.outputs)}
            op.prepare_node(node, storage_map=storage, compute_map={v: [False] for v in storage}, impl="py")
        run = _by_perform(node)
    if not destroyed:
        return run

    def on_copies(args: Sequence[Any]) -> list[Any]:
        args = list(args)
        for i in destroyed:
            args[i] = copy.copy(args[i])
        return run(args)

    return on_copies


def _refuse_bare(node: Apply) -> None:
    op: Any = node.op
    if _overrides(op, "perform") or _overrides(op, "compute"):
        return
    if _overrides(op, "c_code"):
        raise CodeInCError(
            f"{op} ({type(op).__module__}.{type(op).__qualname__}) has C code and no other, and C is not compiled here",
            where=where(node),
            fix="one of three: (1) give the class `perform(self, node, inputs, output_storage)` in numpy; "
            "(2) give it `lower(self, node, ctx, *inputs)` in torch calls, which is compiled and exported; "
            "(3) replace the op by a Python function under `as_op(itypes, otypes)`. See migration_guide/writing_ops.md",
        )
    raise MethodNotDefined("perform", type(op), type(op).__name__)


def _by_perform(node: Apply) -> Performer:
    perform, count = node.op.perform, range(len(node.outputs))
    params = node.run_params()
    if params is not NoParams:
        kind = node.params_type
        params = params if kind is None else kind.filter(params)

        def run(args: Sequence[Any]) -> list[Any]:
            cells: list[list[Any]] = [[None] for _ in count]
            perform(node, list(args), cells, params)
            return [cell[0] for cell in cells]

    elif len(count) == 1:

        def run(args: Sequence[Any]) -> list[Any]:
            cell: list[Any] = [None]
            perform(node, list(args), [cell])
            return cell

    else:

        def run(args: Sequence[Any]) -> list[Any]:
            cells: list[list[Any]] = [[None] for _ in count]
            perform(node, list(args), cells)
            return [cell[0] for cell in cells]

    return run


def _by_thunk(node: Apply) -> Performer:
    # the thunk holds its cells, so one call at a time
    lock = threading.RLock()
    storage: dict[Any, list[Any]] = {v: [None] for v in (*node.inputs, *node.outputs)}
    computed: dict[Any, list[bool]] = {v: [False] for v in storage}
    thunk = node.op.make_thunk(node, storage, computed, [])

    def run(args: Sequence[Any]) -> list[Any]:
        with lock:
            for x, value in zip(node.inputs, args, strict=True):
                storage[x][0], computed[x][0] = value, True
            try:
                thunk()
                return [storage[o][0] for o in node.outputs]
            finally:
                for v, cell in storage.items():
                    cell[0], computed[v][0] = None, False

    return run


def graph_performer(inputs: Sequence[Any], outputs: Sequence[Any]) -> Performer:
    """How to run the graph between ``inputs`` and ``outputs`` by Python forms, prepared once: values in, values out."""
    order = [(node, performer(node)) for node in toposort(outputs, inputs)]

    def run(args: Sequence[Any]) -> list[Any]:
        env = dict(zip(inputs, args, strict=True))
        for node, perform in order:
            results = perform([x.data if isinstance(x, Constant) else env[x] for x in node.inputs])
            env.update(zip(node.outputs, results, strict=True))
        return [o.data if isinstance(o, Constant) else env[o] for o in outputs]

    return run
