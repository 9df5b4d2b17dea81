"""The Python side of a call, written as source for each function: check arguments, read state, run, commit.

A call computes first and commits last: nothing is stored before all results exist, and storing cannot fail.
The boxes that a function writes are locked, in one fixed order, from reading to storing.
"""

from __future__ import annotations

import copy
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from tgraph import kernels
from tgraph.config import config
from tgraph.shared import BUSY, Container, committing, device_of, read_later
from tgraph.types import Scalar, TensorType
from tgraph.values import to_numpy

#: stands for an argument that was not given
NOTHING: Any = type("Nothing", (), {"__repr__": lambda self: "<not given>"})()


@dataclass
class Slot:
    """One input of a function: a parameter, or (``shared``) a shared variable.

    ``leaf`` is the variable that stands for it in the compiled graph. ``kind``: ``required``; ``default``
    (its ``default`` returns after every call); ``kept`` (what was last given or computed stays); ``implicit``
    (kept, and callers cannot give it).
    """

    spec: Any
    leaf: Any
    container: Container
    kind: str
    default: Any = None
    shared: bool = False


@dataclass
class Plan:
    """All that the source of a call depends on.

    ``used``: positions of the slots whose values the engine takes, in order. ``outputs``: the variables
    returned. ``writes``: positions of the slots that get a new value from the engine's results after the
    outputs. ``aliased``: for outputs and writes that are no tensors, True where a copy has to be made.
    ``keys``: names of the results if they are returned as a dictionary. ``overwritten``: positions of the slots
    whose arrays take what the engine gives last.
    ``parts``: position of a write after the
    outputs -> the lines that write it into the tensor in its box (``lowering/parts.py``). ``lends``: positions of the
    slots whose memory the results may share.
    """

    slots: Sequence[Slot]
    used: Sequence[int]
    outputs: Sequence[Any]
    writes: Sequence[int]
    aliased: Sequence[bool]
    device: str
    single: bool
    keys: Sequence[str] | None
    overwritten: Sequence[int] = ()
    parts: dict[int, list[str]] = field(default_factory=dict)
    extra: int = 0
    lends: Sequence[int] = ()


def _references() -> int:
    held = object()
    return sys.getrefcount(held)


#: what ``getrefcount`` says of an object that one local variable holds
_ALONE = _references()


class Locks:
    """Several locks as one context manager."""

    def __init__(self, locks: Sequence[Any]):
        self.locks = locks

    def __enter__(self) -> None:
        taken = 0
        try:
            for lock in self.locks:
                lock.acquire()
                taken += 1
        except BaseException:
            for lock in self.locks[:taken]:
                lock.release()
            raise

    def __exit__(self, *info: Any) -> None:
        for lock in reversed(self.locks):
            lock.release()


def _is_tensor(variable: Any) -> bool:
    return isinstance(variable.type, TensorType)


class _Writer:
    """Collects the lines of a call and the objects they name."""

    def __init__(self, plan: Plan, run: Callable[..., tuple]):
        self.plan, self.run = plan, run
        self.lines: list[str] = []
        self.scope: dict[str, Any] = {
            "ndarray": np.ndarray,
            "array": np.array,
            "from_numpy": torch.from_numpy,
            "NOTHING": NOTHING,
            "run": run,
            "to_numpy": to_numpy,
            "deepcopy": copy.deepcopy,
            "config": config,
            "committing": committing,
            "BUSY": BUSY,
            "read_later": read_later,
            "np_float64": np.float64,
            "np_int64": np.int64,
        }
        self.move = "" if plan.device == "cpu" else f".to({plan.device!r})"

    def put(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    # -- arguments -----------------------------------------------------------------------------------------

    def argument(self, depth: int, i: int) -> None:
        slot = self.plan.slots[i]
        if slot.kind == "implicit":
            return
        if slot.kind != "required":
            self.put(depth, f"if A{i} is NOTHING:")
            self.put(depth + 1, f"T{i} = NOTHING")
            self.convert(depth, i, "elif")
        else:
            self.convert(depth, i, "if")

    def convert(self, depth: int, i: int, word: str) -> None:
        """From the argument ``A{i}`` to what the engine takes, ``T{i}``."""
        type = self.plan.slots[i].leaf.type
        if not isinstance(type, TensorType) or type.filter_checks_isfinite:
            if word == "elif":
                self.put(depth, "else:")
                depth += 1
            self.put(depth, f"T{i} = self._take({i}, A{i})")
            return
        self.scope[f"D{i}"] = type.numpy_dtype
        test = f"type(A{i}) is ndarray and A{i}.dtype is D{i} and A{i}.ndim == {type.ndim}"
        test += f" and A{i}.flags.behaved"
        ones = [k for k, b in enumerate(type.broadcastable) if b]
        if ones:
            test += f" and {' == '.join(f'A{i}.shape[{k}]' for k in ones)} == 1"
        self.put(depth, f"{word} {test}:")
        self.put(depth + 1, f"T{i} = from_numpy(A{i}){self.move}")
        strict = getattr(self.plan.slots[i].spec, "strict", False)
        if not type.ndim and not strict:
            if type.dtype == "float64":
                self.put(depth, f"elif type(A{i}) is float or type(A{i}) is np_float64:")
                self.put(depth + 1, f"T{i} = from_numpy(array(A{i})){self.move}")
            elif type.dtype == "int64":
                self.put(
                    depth,
                    f"elif (type(A{i}) is int and -0x8000000000000000 <= A{i} <= 0x7fffffffffffffff) "
                    f"or type(A{i}) is np_int64:",
                )
                self.put(depth + 1, f"T{i} = from_numpy(array(A{i}, D{i})){self.move}")
            elif type.dtype == "float32" and getattr(self.plan.slots[i].spec, "allow_downcast", None) is None:
                self.put(
                    depth, f"elif type(A{i}) is float and config.floatX == 'float32' and -3e38 < A{i} < 3e38:"
                )
                self.put(depth + 1, f"T{i} = from_numpy(array(A{i}, D{i})){self.move}")
        self.put(depth, "else:")
        self.put(depth + 1, f"T{i} = self._take({i}, A{i})")

    # -- state ---------------------------------------------------------------------------------------------

    def box(self, i: int) -> str:
        """The name of the list that holds the value of a slot."""
        self.scope[f"S{i}"] = self.plan.slots[i].container.storage
        self.scope[f"C{i}"] = self.plan.slots[i].container
        return f"S{i}[0]"

    def read(self, i: int) -> str:
        slot = self.plan.slots[i]
        move = self.move if self.move and _is_tensor(slot.leaf) and device_of(slot.leaf.type) == "cpu" else ""
        return self.box(i) + move

    def call(self) -> str:
        plan, slots = self.plan, self.plan.slots
        params = [i for i, s in enumerate(slots) if not s.shared]
        names = [f"A{i}" for i in params]
        head = ", ".join(f"{n}=NOTHING" for n in names)
        self.put(0, f"def call(self, {head + ', ' if head else ''}/, *rest, **named):")
        required = [f"A{i} is NOTHING" for i in params if slots[i].kind == "required"]
        implicit = [f"A{i} is not NOTHING" for i in params if slots[i].kind == "implicit"]
        takes = [f"T{i}" for i in params if slots[i].kind != "implicit"]
        odd = ["rest", "named", *required, *implicit]
        self.put(1, f"if {' or '.join(odd)}:")
        self.put(2, "if 'output_subset' in named:")
        self.put(3, f"return self._subset(({', '.join([*names, '*rest'])},), named)")
        bind = f"self._bind(({', '.join([*names, '*rest'])},), named)"
        bound = f"{', '.join(takes)}, = {bind}" if takes else bind
        self.put(2, bound)
        if takes:
            self.put(1, "else:")
            self.put(2, "try:")
            for i in params:
                self.argument(3, i)
            # strides that torch refuses: the long way copies them, or refuses for a better reason
            self.put(2, "except ValueError:")
            self.put(3, bound)
        depth = 1
        written = sorted(
            {slots[i].container for i in plan.writes}
            | {s.container for s in slots if s.kind == "kept" and not s.shared},
            key=lambda c: c.order,
        )
        if written:
            self.scope["lock"] = written[0].lock if len(written) == 1 else Locks([c.lock for c in written])
            self.put(1, "with lock:")
            depth = 2
        self.body(depth)
        self.results(1)
        return "\n".join(self.lines) + "\n"

    def body(self, depth: int) -> None:
        plan, slots = self.plan, self.plan.slots
        boxes = [i for i in plan.used if slots[i].kind == "implicit"]
        for i in plan.lends:
            self.box(i)
            self.put(depth, f"C{i}.held(lend=True)")
        at = depth
        if len({id(slots[i].container) for i in boxes}) > 1:
            # several boxes are read as of one moment
            self.put(depth, "with committing:")
            at = depth + 1
        for i in boxes:
            self.put(at, f"T{i} = {self.read(i)}")
            if at == depth and i not in plan.writes and _is_tensor(slots[i].leaf):
                self.put(at, f"if T{i} is BUSY:")
                self.put(at + 1, f"T{i} = read_later(S{i}){self.move}")
        optional = [i for i, s in enumerate(slots) if s.kind in ("default", "kept")]
        for i in optional:
            if slots[i].kind == "kept" and i not in plan.writes:
                self.put(depth, f"given{i} = T{i} is not NOTHING")
            self.put(depth, f"if T{i} is NOTHING:")
            self.put(depth + 1, f"T{i} = {self.read(i)}")
        values = ", ".join(f"T{i}" for i in plan.used)
        n = len(plan.outputs)
        names = [f"R{k}" for k in range(n + len(plan.writes) + len(plan.overwritten) + plan.extra)]
        self.put(depth, "try:")
        for line in self.inlined(names) or [
            f"{', '.join(names)}, = run({values})" if names else f"run({values})"
        ]:
            self.put(depth + 1, line)
        self.put(depth, "except Exception as error:")
        comma = "," if values else ""
        failed = f"self._failed(error, ({values}{comma}))"
        self.put(depth + 1, f"{', '.join(names)}, = {failed}" if names else failed)
        for k, variable in enumerate(plan.outputs):
            self.put(depth, f"R{k} = {self.result(k, variable)}")
        self.commit(depth, n)
        for k, i in enumerate(plan.overwritten, n + len(plan.writes)):
            # the tensor shares the memory of the caller's array, where that needed no conversion
            tensor = hasattr(slots[i].leaf.type, "broadcastable")
            self.put(depth, f"T{i}.copy_(R{k})" if tensor else f"T{i}.set_state(R{k}.get_state())")
        for i in optional:
            if slots[i].kind == "default":
                self.scope[f"V{i}"] = slots[i].default
                self.put(depth, f"{self.box(i)} = V{i}")

    def inlined(self, names: Sequence[str]) -> list[str]:
        """The lines of a short run by generated Python, to stand in place of a call of it; none where that is
        not possible. Names of ours begin with a capital, or must not be among its own."""
        text = getattr(self.run, "source", "")
        lines = text.rstrip("\n").split("\n")
        if not text.startswith("def run(") or len(lines) > 14 or not names or self.plan.parts:
            return []
        args = [a for a in lines[0].removeprefix("def run(").removesuffix("):").split(", ") if a]
        body = [line.removeprefix("    ") for line in lines[1:]]
        own = {*args, *(line.split(" = ")[0] for line in body if " = " in line)}
        plain = body[-1].startswith("return (") and all(re.match(r"\w+ = |del ", line) for line in body[:-1])
        if not plain or own.intersection(self.scope, ("self", "rest", "named", "error", "lock", "call")):
            return []
        words = set(re.findall(r"[A-Za-z_]\w*", text)) - {"run"}
        self.scope.update(
            {k: v for k, v in self.run.__globals__.items() if k in words and k not in self.scope}
        )
        takes = [f"{a} = T{i}" for a, i in zip(args, self.plan.used, strict=True)]
        return [*takes, *body[:-1], f"{', '.join(names)}, = {body[-1].removeprefix('return ')}"]

    def result(self, k: int, variable: Any) -> str:
        if not _is_tensor(variable):
            return f"to_numpy(deepcopy(R{k}))" if self.plan.aliased[k] else f"to_numpy(R{k})"
        if isinstance(variable.type, Scalar):
            return f"to_numpy(R{k})[()]"
        if self.plan.device == "cpu" and not variable.type.dtype.startswith("complex"):
            return f"R{k}.numpy()"
        return f"to_numpy(R{k})"

    def commit(self, depth: int, first: int) -> None:
        plan, slots = self.plan, self.plan.slots
        stores = []
        for k, i in enumerate(plan.writes, first):
            if k in plan.parts:
                continue
            leaf = slots[i].leaf
            value = f"R{k}"
            if not _is_tensor(leaf) and plan.aliased[k]:
                value = f"deepcopy({value})"
            elif self.move and _is_tensor(leaf) and device_of(leaf.type) == "cpu":
                value = f"{value}.cpu()"
            if value != f"R{k}":
                self.put(depth, f"R{k} = {value}")
            stores.append((k, i))
        kept = [i for i, s in enumerate(slots) if s.kind == "kept" and not s.shared and i not in plan.writes]
        for i in kept:
            self.put(depth, f"if given{i}:")
            copied = f"T{i}.clone()" if _is_tensor(slots[i].leaf) else f"T{i}"
            if self.move and _is_tensor(slots[i].leaf) and device_of(slots[i].leaf.type) == "cpu":
                copied = f"T{i}.cpu()"
            self.put(depth + 1, f"{self.box(i)} = {copied}")
        parts = [(i, plan.parts[k]) for k, i in enumerate(plan.writes, first) if k in plan.parts]
        for i, _ in parts:
            self.box(i)
            # copied once, before anybody has to wait for it
            self.put(depth, f"if C{i}.own is None or C{i}.own() is not T{i}:")
            self.put(depth + 1, f"T{i} = C{i}.copied(T{i})")
        if len(stores) > 1 or parts:
            self.put(depth, "with committing:")
            depth += 1
        if not parts:
            for k, i in stores:
                self.put(depth, f"{self.box(i)} = R{k}")
            return
        self.put(depth, "try:")
        self.scope.update(kernels.table, getrefcount=sys.getrefcount)
        for i, _ in parts:
            self.put(depth + 1, f"S{i}[0] = BUSY")
            # somebody reads it, or was lent its memory meanwhile
            self.put(depth + 1, f"if getrefcount(T{i}) > {_ALONE} or C{i}.own is None or C{i}.own() is not T{i}:")
            self.put(depth + 2, f"T{i} = C{i}.copied(T{i})")
        for _, lines in parts:
            for line in lines:
                self.put(depth + 1, line)
        for k, i in stores:
            self.put(depth + 1, f"{self.box(i)} = R{k}")
        self.put(depth, "finally:")
        for i, _ in parts:
            self.put(depth + 1, f"S{i}[0] = T{i}")

    def results(self, depth: int) -> None:
        plan = self.plan
        names = [f"R{k}" for k in range(len(plan.outputs))]
        if plan.single:
            self.put(depth, "return R0")
        elif plan.keys is not None:
            self.put(
                depth,
                "return {"
                + ", ".join(f"{key!r}: {n}" for key, n in zip(plan.keys, names, strict=True))
                + "}",
            )
        else:
            self.put(depth, f"return [{', '.join(names)}]")


_count = 0


def build(plan: Plan, run: Callable[..., tuple]) -> Callable[..., Any]:
    """The ``__call__`` of a function: a Python function whose first argument is the ``Function``."""
    global _count
    _count += 1
    writer = _Writer(plan, run)
    text = writer.call()
    # no source for tracebacks: these lines say nothing to the reader of one
    exec(compile(text, f"<tgraph call {_count}>", "exec"), writer.scope)
    call = writer.scope["call"]
    call.source = text
    return call
