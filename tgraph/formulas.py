"""Graphs as one formula: ``pp(x)`` gives ``((a + b) * exp(c))``.

What an op looks like is for a *printer* to say: an object with ``process(output, state)``. ``pprint.assign`` takes
new ones, for an op, a class of ops, or whatever a condition holds for.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

from tgraph.graph import Op, Scratchpad, Type, Variable, io_toposort, late, toposort
from tgraph.ops.elemwise import DimShuffle, Elemwise, elemwise
from tgraph.ops.rows import rows
from tgraph.ops.scalar import Cast

__all__ = [
    "DefaultPrinter",
    "FunctionPrinter",
    "IgnorePrinter",
    "LeafPrinter",
    "OperatorPrinter",
    "PPrinter",
    "PatternPrinter",
    "PrinterState",
    "default_printer",
    "greek",
    "leaf_printer",
    "pp",
    "pprint",
    "special",
]

VALID_ASSOC = {"left", "right", "either"}
use_ascii = True
special = {"middle_dot": "\\dot", "big_sigma": "\\Sigma"}
greek = {name: "\\" + name for name in ("alpha", "beta", "gamma", "delta", "epsilon")}
#: graphs of more nodes than this are not left to Python's own stack
_DEEP = 200


class PrinterState(Scratchpad):
    """What printers pass on: ``pprinter``, ``memo`` (variable -> its text), ``precedence`` of what is around."""

    def __init__(self, props: Any = None, **more_props: Any):
        self.__dict__.update(props.__dict__ if isinstance(props, Scratchpad) else props or {})
        self.__dict__.update(more_props)
        self.memo: dict[Any, str] = {}


class _Printer:
    """Remembers the texts that ``text`` gives; ``noun`` and ``what`` are for the error where there is no op."""

    noun = "operation"
    what: Any = ""

    def process(self, output: Any, pstate: Any) -> str:
        """The text of a variable. TypeError for one that no op made."""
        if output in pstate.memo:
            return pstate.memo[output]
        if output.owner is None:
            raise TypeError(
                f"{self.noun} {self.what} cannot represent a variable that is not the result of an operation"
            )
        made = pstate.memo[output] = self.text(output, pstate)
        return made

    def text(self, output: Any, pstate: Any) -> str:
        """The text of what an op made."""
        raise NotImplementedError(type(self).__name__)

    def inside(self, inputs: Iterable[Any], pstate: Any, precedences: Iterable[float]) -> list[str]:
        """The texts of inputs, each with the precedence that it stands in."""
        before = getattr(pstate, "precedence", None)
        found = []
        try:
            for x, precedence in zip(inputs, precedences, strict=False):
                pstate.precedence = precedence
                found.append(pstate.pprinter.process(x, pstate))
        finally:
            pstate.precedence = before
        return found


class OperatorPrinter(_Printer):
    """``(a + b)``, or ``(-a)`` for one input."""

    noun = "operator"

    def __init__(self, operator: str, precedence: float, assoc: str = "left"):
        assert assoc in VALID_ASSOC
        self.operator, self.precedence, self.assoc = operator, precedence, assoc
        self.what = operator

    def text(self, output: Any, pstate: Any) -> str:
        inputs = output.owner.inputs
        closed = {"left": 0, "right": len(inputs) - 1}.get(self.assoc)
        tighter = [closed is not None and i != closed for i in range(len(inputs))]
        texts = self.inside(inputs, pstate, [self.precedence + 1e-6 if t else self.precedence for t in tighter])
        if len(texts) == 1:
            return f"({self.operator}{texts[0]})"
        return "(" + f" {self.operator} ".join(texts) + ")"


class PatternPrinter(_Printer):
    """A pattern for each output, such as ``"|%(0)s|"``, alone or as (pattern, precedence of each input ...)."""

    noun = "Patterns"

    def __init__(self, *patterns: Any):
        self.patterns = self.what = [(p, ()) if isinstance(p, str) else (p[0], p[1:]) for p in patterns]

    def text(self, output: Any, pstate: Any) -> str:
        node = output.owner
        pattern, precedences = self.patterns[node.outputs.index(output)]
        texts = self.inside(node.inputs, pstate, tuple(precedences) + (1000,) * len(node.inputs))
        return pattern % {str(i): text for i, text in enumerate(texts)}


class FunctionPrinter(_Printer):
    """``name(a, b)``, one name for each output."""

    noun = "function"

    def __init__(self, *names: str):
        self.names = self.what = names

    def text(self, output: Any, pstate: Any) -> str:
        node = output.owner
        return _call(self.names[node.outputs.index(output)], self, node, pstate)


class IgnorePrinter(_Printer):
    """The first input, as if the op were not there."""

    def text(self, output: Any, pstate: Any) -> str:
        return str(pstate.pprinter.process(output.owner.inputs[0], pstate))


class LeafPrinter:
    """A variable by its own name."""

    def process(self, output: Any, pstate: Any) -> str:
        if output not in pstate.memo:
            pstate.memo[output] = greek.get(output.name) or str(output)
        return pstate.memo[output]


class DefaultPrinter(_Printer):
    """``op(a, b)``, and leaves by name."""

    def process(self, output: Any, pstate: Any) -> str:
        return leaf_printer.process(output, pstate) if output.owner is None else super().process(output, pstate)

    def text(self, output: Any, pstate: Any) -> str:
        return _call(str(output.owner.op), self, output.owner, pstate)


def _call(name: str, printer: _Printer, node: Any, pstate: Any) -> str:
    return f"{name}({', '.join(printer.inside(node.inputs, pstate, [-1000] * len(node.inputs)))})"


leaf_printer = LeafPrinter()
default_printer = DefaultPrinter()


class PPrinter:
    """Writes formulas: finds the printer for each variable, those that were assigned last first."""

    def __init__(self) -> None:
        self.printers: list[tuple[Callable[[Any, Any], Any], Any]] = []
        self.printers_dict: dict[Any, Any] = {}

    def assign(self, condition: Any, printer: Any) -> None:
        """Use a printer for an op, a class of ops, or where ``condition(state, variable)`` holds."""
        if isinstance(condition, (Op, type)):
            self.printers_dict[condition] = printer
        else:
            self.printers.insert(0, (condition, printer))

    def process(self, r: Any, pstate: Any = None) -> Any:
        """The text of a variable; ``pstate`` is a state, or a dict of what a new one holds."""
        if pstate is None or isinstance(pstate, dict):
            pstate = PrinterState(pstate, pprinter=self)
            if isinstance(r, Variable):
                self._prepare(r, pstate)
        owner = getattr(r, "owner", None)
        if owner is not None:
            for key in (owner.op, type(owner.op)):
                if key in self.printers_dict:
                    return self.printers_dict[key].process(r, pstate)
        for condition, printer in self.printers:
            if condition(pstate, r):
                return printer.process(r, pstate)
        return None

    def _prepare(self, r: Variable, pstate: PrinterState) -> None:
        """Write a large graph from its leaves on, so that no printer calls others to any depth."""
        order = toposort([r])
        if len(order) <= _DEEP:
            return
        left: dict[Variable, int] = {r: 1}
        for node in order:
            for x in node.inputs:
                left[x] = left.get(x, 0) + 1
        for node in order:
            for output in node.outputs:
                self.process(output, pstate)
            for x in node.inputs:
                left[x] -= 1
                if not left[x]:  # texts grow with depth: those that nobody needs any more must go
                    pstate.memo.pop(x, None)

    def clone(self) -> PPrinter:
        """A copy that can be assigned to on its own."""
        made = copy.copy(self)
        made.printers, made.printers_dict = list(self.printers), dict(self.printers_dict)
        return made

    def clone_assign(self, condition: Any, printer: Any) -> PPrinter:
        """A copy with one more printer."""
        made = self.clone()
        made.assign(condition, printer)
        return made

    def process_graph(
        self, inputs: Any, outputs: Any, updates: dict[Any, Any] | None = None, display_inputs: bool = False
    ) -> str:
        """One line for each output, update and named variable between ``inputs`` and ``outputs``."""
        updates = updates or {}
        ins = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        outs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
        current: list[Any] = [None]
        named = self.clone_assign(lambda _, r: r.name is not None and r is not current[0], leaf_printer)
        lines = []
        if display_inputs:
            lines.append((0, "inputs: " + ", ".join(map(str, [*ins, *updates]))))
        replaced = {new: old for old, new in updates.items()}
        for node in io_toposort([*ins, *updates], [*outs, *updates.values()]):
            for output in node.outputs:
                if output in replaced:
                    lines.append((1000 + len(lines), f"{replaced[output]} <- {named.process(output)}"))
                if output.name is None and output not in outs:
                    continue
                current[0] = output
                name = output.name or f"out[{outs.index(output)}]"
                text = "return " if outs == [output] else f"{name} = "
                place = 2000 + outs.index(output) if output in outs else len(lines)
                lines.append((place, text + named.process(output)))
        return "\n".join(text for _, text in sorted(lines))

    def __call__(self, *args: Any) -> Any:
        """``process`` for one variable (and a state), ``process_graph`` for inputs, outputs and more."""
        if len(args) == 1 or (len(args) == 2 and isinstance(args[1], (PrinterState, dict))):
            return self.process(*args)
        if len(args) > 2:
            return self.process_graph(*args)
        raise TypeError("Not enough arguments to call.")


class _ShufflePrinter(_Printer):
    """Nothing for new axes, ``.T`` for a transposed matrix."""

    def text(self, output: Any, pstate: Any) -> str:
        node = output.owner
        text = self.inside(node.inputs, pstate, [1000])[0]
        order = list(node.op.new_order)
        while order and order[0] == "x":
            del order[0]
        ndim = node.inputs[0].type.ndim
        if order == list(range(ndim)):
            return text
        if order == list(reversed(range(ndim))):
            return f"{text}.T"
        return f"DimShuffle{{{', '.join(map(str, order))}}}({text})"


class _IndexPrinter(_Printer):
    """``x[i, a:b]``: a position shows its value, the ends of a slice their types."""

    def text(self, output: Any, pstate: Any) -> str:
        node = output.owner
        inputs = list(node.inputs[1:])

        def end(part: Any) -> str:
            if isinstance(part, Type):
                inputs.pop(0)
            return "" if part is None else str(getattr(part, "dtype", part))

        def one(index: Any) -> str:
            if isinstance(index, slice):
                ends = [end(part) for part in (index.start, index.stop, index.step)]
                return ":".join(ends if ends[2] else ends[:2])
            if not isinstance(index, Type):
                return str(index)
            x = inputs.pop(0)
            return f"Constant{{{x.data}}}" if hasattr(x, "data") else pstate.pprinter.process(x, pstate)

        places = ", ".join(map(one, node.op.idx_list))
        return f"{self.inside(node.inputs[:1], pstate, [1000])[0]}[{places}]"


class _VectorPrinter(_Printer):
    """``[a, b, c]``."""

    def text(self, output: Any, pstate: Any) -> str:
        node = output.owner
        return f"[{', '.join(self.inside(node.inputs, pstate, [1000] * len(node.inputs)))}]"


class _RowPrinter(_Printer):
    """Rows of the table of scalar ops under their own names: on tensors, and casts by their dtype."""

    def text(self, output: Any, pstate: Any) -> str:
        op = output.owner.op.scalar_op
        name = getattr(op, "key", None)
        if isinstance(op, Cast):
            name = op.dtype
        return _call(name or str(output.owner.op), self, output.owner, pstate)


pprint = pp = PPrinter()
pprint.assign(lambda pstate, r: True, default_printer)
pprint.assign(
    lambda pstate, r: (
        r.owner is not None
        and isinstance(r.owner.op, Elemwise)
        and (isinstance(r.owner.op.scalar_op, Cast) or hasattr(r.owner.op.scalar_op, "key"))
    ),
    _RowPrinter(),
)
pprint.assign(lambda pstate, r: r.owner is not None and type(r.owner.op).__name__ == "MakeVector", _VectorPrinter())
pprint.assign(lambda pstate, r: r.owner is not None and type(r.owner.op).__name__ == "Subtensor", _IndexPrinter())
pprint.assign(
    lambda pstate, r: r.owner is not None and type(r.owner.op).__name__ == "Dot",
    OperatorPrinter(special["middle_dot"], -1, "left"),
)
for _name in ("Join", "Alloc"):
    pprint.assign(
        lambda pstate, r, name=_name: r.owner is not None and type(r.owner.op).__name__ == name,
        FunctionPrinter(_name.lower()),
    )
pprint.assign(DimShuffle, _ShufflePrinter())
for _name, _sign, _precedence, _assoc in (
    ("add", "+", -2, "either"),
    ("mul", "*", -1, "either"),
    ("sub", "-", -2, "left"),
    ("neg", "-", 0, "either"),
    ("true_div", "/", -1, "left"),
    ("int_div", "//", -1, "left"),
    ("pow", "**", 1, "right"),
):
    pprint.assign(rows[_name], OperatorPrinter(_sign, _precedence, _assoc))
    pprint.assign(elemwise(rows[_name]), OperatorPrinter(_sign, _precedence, _assoc))
pprint.assign(rows["mod"], OperatorPrinter("%", -1, "left"))
pprint.assign(elemwise(rows["abs_"]), PatternPrinter(("|%(0)s|", -1000)))
pprint.assign(elemwise(rows["second"]), FunctionPrinter("fill"))
pprint.assign(elemwise(rows["identity"]), IgnorePrinter())
late["pprint"] = pprint
