"""Programs as data: source text, small constants and the loops and branches inside, so that another process can build
the same callable (``inductor_worker.py``), and equal programs of different processes have equal texts."""

from __future__ import annotations

import builtins
import linecache
import operator
import re
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.fx

from tgraph import kernels
from tgraph.lowering.control import Control
from tgraph.lowering.emit import effect, literal, statement
from tgraph.lowering.loop import Loop
from tgraph.lowering.pieces import Piece, kernel_sources
from tgraph.lowering.to_fx import HostCall, Program

#: how the names of files begin that tracebacks give for lines of a recipe
RECIPE = "<tgraph recipe "
#: constants of no more elements are part of a recipe; larger ones are arguments
SMALL = 16


class NoRecipeError(ValueError):
    """A program, or part of one, that cannot be written as a recipe; says which node."""


def _text(nodes: Sequence[torch.fx.Node], takes: Sequence[str], gives: Any, controls: dict[str, str]) -> str:
    """The nodes as a Python function; loops and branches under the names that ``controls`` has for them."""
    lines = []
    for node in nodes:
        if node.op not in ("call_function", "call_method"):
            continue
        picked = _picked(node)
        if picked:
            lines.append(f"{node.name} = {picked}")
        elif not _is_only_picked(node):
            lines += [f"{node.name} = {statement(node)}"] if node.users else effect(node)
    body = [*lines, f"return {literal(gives)}"]
    text = f"def run({', '.join(takes)}):\n" + "".join(f"    {line}\n" for line in body)
    # numbers that count the loops of a process are not part of what a program is
    return re.sub(r"\b(?:loop|branch)_\d+(?=_|\()", lambda m: controls.get(m.group(), m.group()), text)


def _picked(node: torch.fx.Node) -> str:
    """``x[i]`` with an ``i`` that was read from a tensor, as ``pick(x, ...)`` of that tensor; else nothing."""
    if node.target is not operator.getitem:
        return ""
    keys = node.args[1] if isinstance(node.args[1], tuple) else (node.args[1],)
    read = [k.args[0] if isinstance(k, torch.fx.Node) and k.target is builtins.int else None for k in keys]
    if not any(read):
        return ""
    texts = [_key(k) if r is None else literal(r) for k, r in zip(keys, read, strict=True)]
    return f"pick({literal(node.args[0])}, {', '.join(texts)})"


def _is_only_picked(node: torch.fx.Node) -> bool:
    """True for a number that is read from a tensor to index with it, and for nothing else."""
    return node.target is builtins.int and bool(node.users) and all(
        _picked(user) and node in (user.args[1] if isinstance(user.args[1], tuple) else user.args[1:])
        for user in node.users)


def _key(key: Any) -> str:
    if isinstance(key, slice):
        return f"slice({literal(key.start)}, {literal(key.stop)}, {literal(key.step)})"
    return "..." if key is Ellipsis else literal(key)


def pick(x: torch.Tensor, *keys: Any) -> torch.Tensor:
    """``x[keys]``, where those keys that are tensors without dimensions are not read: out of bounds is an error of the
    compiled code."""
    axis = 0
    for key in keys:
        if isinstance(key, torch.Tensor):
            x = torch.ops.aten.index.Tensor(x, [*[None] * axis, key.to(torch.int64)])
        elif isinstance(key, slice):
            x = x[(*[slice(None)] * axis, key)]
            axis += 1
        elif isinstance(key, int):
            x = x.select(axis, key)
        else:
            raise NoRecipeError(f"an index {key} beside one that is read from a tensor")
    return x


def _inside(nodes: Sequence[torch.fx.Node]) -> tuple[dict[str, str], dict[str, Any], set[str]]:
    """(new names of the loops and branches among the nodes, their recipes, the kernels that are called)."""
    names: dict[str, str] = {}
    found: dict[str, Any] = {}
    used: set[str] = set()
    for node in nodes:
        if isinstance(node.target, HostCall):
            raise NoRecipeError(f"{node.target.node} runs on the host")
        if isinstance(node.target, Loop):
            raise NoRecipeError(f"it holds another loop, {node.target.op}")
        if isinstance(node.target, Control):
            name = names.setdefault(node.target.__name__, f"control_{len(names)}")
            found[name] = describe_control(node.target)
        elif kernels.is_kernel(node.target):
            used.add(node.target.__name__)
    return names, found, used


def _sources(names: set[str]) -> list[str]:
    return kernel_sources(kernels.table[name] for name in sorted(names))


def describe_nodes(nodes: Sequence[torch.fx.Node], takes: Sequence[torch.fx.Node], gives: Any,
                   constants: dict[torch.fx.Node, torch.Tensor]) -> dict[str, Any]:
    """A recipe of a function of ``takes`` that returns ``gives``. Of the ``constants`` small ones are part of it; the
    others become arguments after ``takes``, under ``"lifted"`` in this order."""
    for n, value in constants.items():
        if not isinstance(value, torch.Tensor):
            raise NoRecipeError(f"the constant {n.name} is a {type(value).__name__}, not a tensor")
    names, controls, used = _inside(nodes)
    held = {n.name: (str(v.dtype), list(v.shape), v.flatten().tolist()) for n, v in constants.items() if _is_small(v)}
    lifted = [n.name for n, v in constants.items() if not _is_small(v)]
    return {
        "source": _text(nodes, [*[n.name for n in takes], *lifted], gives, names),
        "constants": held, "held": [n.name for n in constants], "lifted": lifted,
        "controls": controls, "kernels": _sources(used),
    }


def _is_small(value: torch.Tensor) -> bool:
    return value.numel() <= SMALL and not value.dtype.is_complex


def describe(program: Program) -> dict[str, Any]:
    """The recipe of a whole program. Raises NoRecipeError for what runs on the host or is no tensor."""
    nodes = list(program.graph.nodes)
    constants = {n: program.constants[n.target] for n in nodes if n.op == "get_attr"}
    takes = [n for n in nodes if n.op == "placeholder"]
    return describe_nodes(nodes, takes, nodes[-1].args[0], constants)


def describe_piece(piece: Piece, constants: dict[str, Any]) -> dict[str, Any]:
    """The recipe of part of a program; constants are among what the piece takes."""
    held = {n: constants[n.target] for n in piece.takes if n.op == "get_attr"}
    takes = [n for n in piece.takes if n.op != "get_attr"]
    return describe_nodes(piece.nodes, takes, tuple(piece.gives), held)


def describe_control(control: Control) -> dict[str, Any]:
    """The recipe of a loop or a branch."""
    if control.is_host:
        raise NoRecipeError(f"a node of {control.op} runs on the host")
    op = control.op
    found: dict[str, Any] = {"programs": [describe(program) for program in control.programs]}
    if isinstance(control, Loop):
        found.update(kind="loop", n_seqs=op.n_seqs, n_carries=op.n_carries,
                     is_while=bool(op.is_while), n_inputs=len(op.inputs))
    else:
        found.update(kind="branch", n_inputs=len(op.inputs))
    return found


def read_as_numbers(nodes: Sequence[torch.fx.Node]) -> set[torch.fx.Node]:
    """What the nodes are given and read as numbers, or may read: sizes and the like."""
    wanted: set[torch.fx.Node] = set()
    for node in reversed(nodes):
        reads = node.target in (builtins.int, kernels.int_list) and not _is_only_picked(node)
        if isinstance(node.target, Control):
            wanted.update(a for a in _read_inside(node) if isinstance(a, torch.fx.Node))
            continue
        sizes = node.op == "call_method" and node.target in ("size", "numel", "dim", "stride")
        if reads or (node in wanted and not sizes):
            wanted.update(node.all_input_nodes)
    return wanted.difference(nodes) | {node for node in wanted if node.op == "placeholder"}


def _read_inside(node: torch.fx.Node) -> list[Any]:
    """The arguments of a branch that its sides read as numbers."""
    found: list[Any] = []
    for program in node.target.programs:  # type: ignore[union-attr]
        inner = list(program.graph.nodes)
        read = read_as_numbers(inner)
        places = [n for n in inner if n.op == "placeholder"]
        found += [node.args[1 + i] for i, n in enumerate(places) if n in read]
    return found


def revive(recipe: dict[str, Any], controls: Callable[[dict[str, Any]], Callable[..., Any]]) -> Callable[..., Any]:
    """The function that a recipe describes: Python that calls torch. ``controls`` makes a loop or branch of its
    recipe."""
    scope: dict[str, Any] = {"torch": torch, "pick": pick, **kernels.table}
    for name, (dtype, shape, values) in recipe["constants"].items():
        scope[name] = torch.tensor(values, dtype=getattr(torch, dtype.removeprefix("torch."))).reshape(shape)
    scope.update((name, controls(inner)) for name, inner in recipe["controls"].items())
    name = f"{RECIPE}{len(linecache.cache)}>"
    linecache.cache[name] = (len(recipe["source"]), None, recipe["source"].splitlines(True), name)
    exec(compile(recipe["source"], name, "exec"), scope)
    return scope["run"]


__all__ = ["NoRecipeError", "describe", "describe_control", "describe_piece", "read_as_numbers", "revive"]
