"""What memory the results of calls lie in: which calls always make new memory, and which arguments of a kernel its
result may be a view of.

Torch declares for every function whether its result may be a view of an argument, and kernels are read; anything else
(host calls, but of ops that say ``own_memory``) counts as a view of all its arguments.
"""

from __future__ import annotations

import ast
import inspect
import operator
import textwrap
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import torch
import torch.fx

from tgraph import kernels
from tgraph.kernels import is_kernel
from tgraph.lowering.host import HostCall

#: these may return an argument as it is although their declaration does not say so
_UNDECLARED = frozenset(
    (
        "einsum",
        "atleast_1d",
        "atleast_2d",
        "atleast_3d",
        "broadcast_tensors",
        "meshgrid",
        "sum_to_size",
        "conj_physical",
        "type_as",
        "dropout",
        "combinations",
        "block_diag",
        "resolve_neg",
    )
)
#: results of these may repeat one element in memory
REPEATING = frozenset(
    ("expand", "expand_as", "broadcast_to", "broadcast_tensors", "meshgrid", "as_strided", "expand_copy")
)


@lru_cache(maxsize=1024)
def _fresh_by_name(name: str) -> bool:
    if name in _UNDECLARED or name.endswith("_"):
        return False
    for prefix in ("", "special_", "linalg_", "fft_"):
        packet = getattr(torch.ops.aten, prefix + name, None)
        if packet is None:
            continue
        for overload in packet.overloads():
            schema = getattr(packet, overload)._schema
            if overload.endswith("out") or any(a.is_out for a in schema.arguments):
                continue
            if any(r.alias_info is not None for r in schema.returns):
                return False
        return True
    return False


class _Reading:
    """The source of a kernel: which parameters may its result share memory with?

    ``flags``: values of its bool parameters that are known.
    """

    def __init__(self, function: Callable[..., Any], flags: dict[str, bool]):
        definition: Any = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
        self.function, self.flags = function, flags
        self.parameters = [a.arg for a in definition.args.args]
        self.given: dict[str, list[ast.expr | None]] = {}
        returned: list[ast.expr | None] = []
        for node in self.statements(definition):
            if isinstance(node, ast.Return):
                returned.append(node.value)
            elif isinstance(node, (ast.AnnAssign, ast.For)) and isinstance(node.target, ast.Name):
                self.give(node.target.id, node.value if isinstance(node, ast.AnnAssign) else node.iter)
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    for part in ast.walk(target):
                        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                            self.give(part.id, node.value)
        found = [self.sources(value, frozenset()) for value in returned]
        self.result = None if not found or None in found else frozenset().union(*found)  # type: ignore[arg-type]

    def statements(self, definition: ast.AST) -> Iterator[ast.AST]:
        """All nodes below a definition, less the branches that a known flag rules out."""
        stack = [definition]
        while stack:
            node = stack.pop()
            yield node
            tested = node.test if isinstance(node, ast.If) else None
            known = self.flags.get(tested.id) if isinstance(tested, ast.Name) else None
            dead = () if known is None else node.orelse if known else node.body  # type: ignore[attr-defined]
            stack.extend(child for child in ast.iter_child_nodes(node) if child not in dead)

    def give(self, name: str, value: ast.expr | None) -> None:
        self.given.setdefault(name, []).append(value)

    def union(self, values: Sequence[ast.expr | None], open_names: frozenset[str]) -> frozenset[str] | None:
        found = [self.sources(value, open_names) for value in values]
        return None if None in found else frozenset().union(*found)  # type: ignore[arg-type]

    def sources(self, value: ast.expr | None, open_names: frozenset[str]) -> frozenset[str] | None:
        """Parameters that an expression may share memory with; None: not known."""
        if isinstance(value, ast.Name):
            if value.id in open_names:
                return frozenset()  # a variable that is made from itself: its other sources decide
            own = frozenset([value.id]) if value.id in self.parameters else frozenset()
            rest = self.union(self.given.get(value.id, []), open_names | {value.id})
            return None if rest is None or not (own or value.id in self.given) else own | rest
        if isinstance(value, ast.IfExp):
            known = self.flags.get(value.test.id) if isinstance(value.test, ast.Name) else None
            branches = [value.body] * (known is not False) + [value.orelse] * (known is not True)
            return self.union(branches, open_names)
        if isinstance(value, (ast.Tuple, ast.List)):
            distinct = len({ast.dump(e) for e in value.elts}) == len(value.elts)
            return self.union(value.elts, open_names) if distinct else None
        if isinstance(value, (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Constant)):
            return frozenset()
        if isinstance(value, (ast.Subscript, ast.Attribute)):
            return self.sources(value.value, open_names)
        return self.of_call(value, open_names) if isinstance(value, ast.Call) else None

    def of_call(self, call: ast.Call, open_names: frozenset[str]) -> frozenset[str] | None:
        if isinstance(call.func, ast.Name):
            other = kernels.table.get(call.func.id)
            if other is None or other is self.function or call.keywords:
                return None
            params = aliased_parameters(other, ())
            return None if params is None else self.union([call.args[i] for i in params], open_names)
        if not isinstance(call.func, ast.Attribute):
            return None
        name, root = call.func.attr, call.func.value
        while isinstance(root, ast.Attribute):
            root = root.value
        if name in REPEATING:
            return None
        if _fresh_by_name(name):
            return frozenset()
        if isinstance(root, ast.Name) and root.id == "torch":
            return self.union(call.args[:1], open_names)
        return self.sources(call.func.value, open_names)


@lru_cache(maxsize=4096)
def aliased_parameters(function: Callable[..., Any], flags: tuple[tuple[int, bool], ...]) -> tuple[int, ...] | None:
    """Positions of the parameters that a kernel's result may share memory with, for known values of its bool
    parameters; None where its source does not tell."""
    names = list(inspect.signature(function).parameters)
    found = _Reading(function, {names[i]: value for i, value in flags}).result
    return None if found is None else tuple(sorted(names.index(name) for name in found))


def of_kernel(node: torch.fx.Node) -> tuple[int, ...] | None:
    flags = tuple((i, a) for i, a in enumerate(node.args) if isinstance(a, bool))
    return None if node.kwargs else aliased_parameters(node.target, flags)  # type: ignore[arg-type]


def is_fresh(node: torch.fx.Node) -> bool:
    """True if what a call returns never shares memory with its arguments."""
    if node.op == "call_method":
        return _fresh_by_name(str(node.target))
    if node.op != "call_function":
        return False
    if isinstance(node.target, HostCall):
        return node.target.node.op.own_memory
    target: Callable[..., Any] = node.target  # type: ignore[assignment]
    if is_kernel(target):
        # some kernels say so themselves; the rest is read off their source
        return target in getattr(kernels, "fresh", ()) or of_kernel(node) == ()
    module = getattr(target, "__module__", None) or ""
    name = target.__name__
    if module == "_operator" or module == "operator":
        return target is not operator.getitem
    if getattr(torch, name, None) is target:
        return _fresh_by_name(name)
    if module.startswith("torch") or isinstance(target, type(torch.add)):
        return _fresh_by_name(name)
    return False
