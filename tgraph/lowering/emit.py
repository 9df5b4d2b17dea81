"""From a lowered program to source text: one emitter for the Python engine, the TorchScript engine and exports."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from typing import Any

import torch
import torch.fx

from tgraph import kernels
from tgraph.kernels import is_kernel
from tgraph.lowering.control import Control
from tgraph.lowering.to_fx import HostCall

_INFIX = {operator.add: "+", operator.sub: "-", operator.mul: "*", operator.floordiv: "//", operator.mod: "%",
          operator.eq: "==", operator.ne: "!=", operator.lt: "<", operator.le: "<=", operator.gt: ">",
          operator.ge: ">="}
_names: dict[Any, str] = {}


def function_name(function: Callable[..., Any]) -> str:
    """How emitted code spells a function: ``torch.add``, ``torch.special.erf``, a kernel's own name, a builtin."""
    known = _names.get(function)
    if known is not None:
        return known
    name = function.__name__
    found = None
    if is_kernel(function) or getattr(builtins, name, None) is function:
        found = name
    else:
        for prefix, module in (("torch", torch), ("torch.special", torch.special), ("torch.linalg", torch.linalg),
                               ("torch.fft", torch.fft), ("torch.nn.functional", torch.nn.functional)):
            for spelling in (name, name.removeprefix("special_"), name.removeprefix("linalg_")):
                if getattr(module, spelling, None) is function:
                    found = f"{prefix}.{spelling}"
                    break
            if found:
                break
    if found is None:
        raise TypeError(f"{function} is neither a torch function nor a kernel: it cannot be written as source")
    _names[function] = found
    return found


def literal(value: Any) -> str:
    """An argument as source text."""
    if isinstance(value, torch.fx.Node):
        return value.name
    if isinstance(value, (list, tuple)):
        inner = ", ".join(literal(v) for v in value)
        if isinstance(value, tuple) and len(value) == 1:
            inner += ","
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    if isinstance(value, torch.device):
        return repr(str(value))
    if isinstance(value, slice):
        return ":".join("" if v is None else literal(v) for v in (value.start, value.stop, value.step))
    return repr(value)


def statement(node: torch.fx.Node, prefix: str = "") -> str:
    """One fx node as an expression; ``prefix`` stands before the names of kernels (``self.`` in a module)."""
    args = [literal(a) for a in node.args]
    args += [f"{k}={literal(v)}" for k, v in node.kwargs.items()]
    if node.op == "call_method":
        return f"{args[0]}.{node.target}({', '.join(args[1:])})"
    if node.target is operator.getitem:
        key = node.args[1]
        inner = ", ".join(literal(k) for k in key) if isinstance(key, tuple) else literal(key)
        return f"{args[0]}[{inner}]"
    if node.target in _INFIX:
        return f"({args[0]} {_INFIX[node.target]} {args[1]})"
    if node.target is operator.neg:
        return f"(-{args[0]})"
    if isinstance(node.target, HostCall):
        return f"{node.name}_host({', '.join(args)})"
    if isinstance(node.target, Control):
        return f"{'' if node.target.is_host else prefix}{node.target.__name__}({', '.join(args)})"
    if node.target is builtins.getattr:
        return f"{args[0]}.{node.args[1]}"
    name = function_name(node.target)
    if prefix and "." not in name and not hasattr(builtins, name):
        name = prefix + name
    return f"{name}({', '.join(args)})"


def effect(node: torch.fx.Node, prefix: str = "") -> list[str]:
    """A node whose value nobody uses, as statements. Size checks test in line and call their kernel only to
    complain: a call costs TorchScript 0.35 us, the test 0.1 us."""
    call = statement(node, prefix)
    if node.target is kernels.check_axis:
        x, y, axis = (literal(a) for a in node.args[:3])
        return [f"if {x}.size({axis}) != {y}.size({axis}):", f"    {call}"]
    if node.target is kernels.check_shape:
        x, y = (literal(a) for a in node.args[:2])
        return [f"if {x}.size() != {y}.size():", f"    {call}"]
    return [call]
