"""A lowered program as a file that plain torch loads: a TorchScript module with the shared values as buffers.

The file needs nothing of this package. It is written beside its place and moved there whole, so a killed export
leaves the old file as it was.
"""

from __future__ import annotations

import contextlib
import json
import keyword
import os
import re
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from tgraph.errors import ExportError
from tgraph.graph import Variable, where
from tgraph.lowering.control import Control
from tgraph.lowering.emit import literal
from tgraph.lowering.loop import Loop
from tgraph.lowering.pieces import cut, kernel_sources
from tgraph.lowering.script_engine import compiled_source
from tgraph.lowering.to_fx import Program
from tgraph.ops.random import random_state_type
from tgraph.types import TensorType


@dataclass(frozen=True)
class Face:
    """What callers of the exported module see.

    The program's inputs are ``inputs`` (one name each; ``defaults`` holds a tensor or None for each) followed by the
    state (``state`` names). Its outputs are ``n_outputs`` results followed by new values for the state entries whose
    positions are ``updates``. ``keys`` names the results of a function that returns a dict; ``single`` is True for
    one that returns a bare value.
    """

    inputs: Sequence[str]
    defaults: Sequence[Any]
    state: Sequence[str]
    updates: Sequence[int]
    n_outputs: int
    output_names: Sequence[str]
    single: bool
    as_dict: bool = False


_WITH_MRG = "for random numbers use MRG_RandomStreams, whose state is a tensor"
_RESERVED = frozenset(dir(torch.nn.Module())) | {"self", "torch", "forward", "input_names", "output_names"}


def identifiers(names: Sequence[str | None], stem: str, taken: set[str]) -> list[str]:
    """A distinct Python identifier for each name (``stem0``, ``stem1`` ... for those without one)."""
    result = []
    for i, name in enumerate(names):
        word = re.sub(r"\W", "_", name or f"{stem}{i}")
        if not word.isidentifier() or keyword.iskeyword(word) or word in _RESERVED:
            word = f"{stem}_{word}"
        base, n = word, 2
        while word in taken:
            word, n = f"{base}_{n}", n + 1
        taken.add(word)
        result.append(word)
    return result


def refuse(program: Program) -> None:
    """ExportError, naming the node and the user's line, for what cannot run in plain torch."""
    if program.hosts:
        node = program.hosts[0]
        more = f" (and {len(program.hosts) - 1} more)" if len(program.hosts) > 1 else ""
        raise ExportError(
            f"{node.op} runs on the host (it has no torch form for {[str(x.type) for x in node.inputs]}) and cannot be "
            f"exported{more}: {node}",
            where=where(node),
            fix=_WITH_MRG if any(x.type == random_state_type for x in node.inputs) else
            "compute it outside of the exported function, or give the op a `lower` method in torch calls",
        )
    for variable in [*program.inputs, *program.outputs]:
        if not isinstance(variable.type, TensorType):
            raise ExportError(
                f"{variable} is of type {variable.type}: only tensors can be exported", where=where(variable),
                fix=_WITH_MRG if variable.type == random_state_type else "hold an array in it, or keep it out of the "
                "exported function",
            )


def unwatch(program: Program) -> None:
    """Let no mode look at the steps of the loops in the program: that takes Python."""
    stack = [program]
    while stack:
        for node in stack.pop().graph.nodes:
            if isinstance(node.target, Control):
                stack.extend(node.target.programs)
                if isinstance(node.target, Loop):
                    node.target.watch = None


def _methods(program: Program) -> list[str]:
    """Kernels and pieces of the program as methods of the module."""
    pieces = cut(program)
    targets, texts = compiled_source(pieces, "self.", method=True)
    kernels = kernel_sources(targets)
    names = [re.match(r"def (\w+)\(", text).group(1) for text in kernels]  # type: ignore[union-attr]
    calls = re.compile(r"(?<![\w.])(" + "|".join(names) + r")\(") if names else None
    methods = []
    for text in kernels:
        head, rest = text.split("(", 1)
        rest = calls.sub(r"self.\1(", rest) if calls else rest
        methods.append(f"{head}(self, {rest}")
    return methods + texts


def _check(name: str, type: TensorType) -> list[str]:
    wanted = f"input '{name}' must be a {type.dtype} tensor of {type.ndim} dimensions"
    conditions = [f"{name}.dtype != torch.{type.dtype}", f"{name}.dim() != {type.ndim}"]
    lines = [f"    if {' or '.join(conditions)}:", f'        raise ValueError("{wanted}")']
    for axis, b in enumerate(type.broadcastable):
        if b:
            lines += [f"    if {name}.size({axis}) != 1:",
                      f'        raise ValueError("input \'{name}\' must have size 1 in dimension {axis}")']
    return lines


def _forward(program: Program, face: Face) -> str:
    nodes = list(program.graph.nodes)
    placeholders = [n for n in nodes if n.op == "placeholder"]
    final = nodes[-1]
    args = ["self"]
    lines: list[str] = []
    for name, default, variable in zip(face.inputs, face.defaults, program.inputs, strict=False):
        args.append(f"{name}: Tensor" if default is None else f"{name}: Optional[Tensor] = None")
        if default is not None:
            lines += [f"    if {name} is None:", f"        {name} = self.default_{name}"]
        lines += _check(name, variable.type)  # type: ignore[arg-type]
    sources = [*face.inputs, *(f"self.{s}" for s in face.state)]
    lines += [f"    {n.name} = {source}" for n, source in zip(placeholders, sources, strict=True)]
    lines += [f"    {n.name} = self.{n.name}" for n in nodes if n.op == "get_attr"]
    for piece in cut(program):
        call = f"self.{piece.name}({', '.join(n.name for n in piece.takes)})"
        lines.append(f"    {', '.join(n.name for n in piece.gives)}, = {call}" if piece.gives else f"    {call}")
    results = []
    for value in final.args[0]:
        text = literal(value)
        # what a caller does to a result must not reach the state
        results.append(f"{text}.clone()" if value.op in ("placeholder", "get_attr") else text)
    for position, text in zip(face.updates, results[face.n_outputs:], strict=True):
        lines.append(f"    new_{position} = {text}")
    outs = results[: face.n_outputs]
    lines += [f"    result_{i} = {text}" for i, text in enumerate(outs)]
    lines += [f"    self.{face.state[p]} = new_{p}" for p in face.updates]
    if face.as_dict:
        inner = ", ".join(f"{key!r}: result_{i}" for i, key in enumerate(face.output_names))
        lines.append(f"    return {{{inner}}}")
    elif face.single:
        lines.append("    return result_0")
    elif outs:
        lines.append(f"    return ({', '.join(f'result_{i}' for i in range(len(outs)))},)")
    else:
        lines.append("    return None")
    return f"def forward({', '.join(args)}):\n" + "\n".join(lines) + "\n"


def to_module(program: Program, face: Face, state: Sequence[torch.Tensor]) -> torch.jit.ScriptModule:
    """The program as a TorchScript module; ``state`` are the tensors its buffers start from (copied).

    Raises ExportError for host ops and non-tensor inputs.
    """
    refuse(program)
    base = torch.nn.Module()
    for name, tensor in zip(face.state, state, strict=True):
        base.register_buffer(name, tensor.detach().cpu().clone())
    for name, default in zip(face.inputs, face.defaults, strict=True):
        if default is not None:
            base.register_buffer(f"default_{name}", default.detach().cpu().clone())
    for node in program.graph.nodes:
        if node.op == "get_attr":
            base.register_buffer(node.name, program.constants[node.target].detach().cpu().clone())
    base.input_names = torch.jit.Attribute(list(face.inputs), list[str])  # type: ignore[assignment]
    base.output_names = torch.jit.Attribute(list(face.output_names), list[str])  # type: ignore[assignment]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = torch.jit._recursive.create_script_module(base, lambda _: [], share_types=False)
        module.define("\n".join([*_methods(program), _forward(program, face)]))
    return module


def save(module: torch.jit.ScriptModule, path: str | os.PathLike, about: dict[str, Any]) -> None:
    """Write a module to ``path``, whole or not at all; ``about`` goes in as ``tgraph.json``."""
    path = os.fspath(path)
    folder = os.path.dirname(os.path.abspath(path))
    handle, temporary = tempfile.mkstemp(prefix=os.path.basename(path) + ".", suffix=".part", dir=folder)
    os.close(handle)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.jit.save(module, temporary, _extra_files={"tgraph.json": json.dumps(about, indent=1)})
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def describe(variables: Sequence[Variable], names: Sequence[str]) -> list[dict[str, Any]]:
    """Name, dtype and broadcast pattern of tensors, for ``tgraph.json``."""
    return [{"name": name, "dtype": v.type.dtype, "broadcastable": list(v.type.broadcastable)}  # type: ignore[attr-defined]
            for v, name in zip(variables, names, strict=True)]
