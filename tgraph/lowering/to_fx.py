"""The walk from a graph of ours to a torch.fx graph: every op's ``lower`` is called with fx proxies, so what it does
is recorded. Called with tensors the same line is the interpreter (``lowering/interpret.py``)."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.fx

from tgraph import kernels
from tgraph.errors import MissingInputError
from tgraph.garbage import uncollected
from tgraph.graph import Apply, Constant, Variable, sizes_form, toposort, torch_form, where
from tgraph.lowering.branch import Fork
from tgraph.lowering.host import HostCall
from tgraph.lowering.loop import Loop, drive
from tgraph.lowering.masks import compare_to_numbers
from tgraph.lowering.own import own_buffers
from tgraph.lowering.record import Recorder
from tgraph.lowering.reuse import reuse_buffers
from tgraph.ops.constants import element_of, get_vector_length
from tgraph.ops.elemwise import DimShuffle, Elemwise, scalar_constant
from tgraph.ops.rows import rows
from tgraph.rewrite.branches import close
from tgraph.types import discrete_dtypes
from tgraph.values import TORCH_DTYPES, to_value


@dataclass(frozen=True)
class _Size:
    """The size of one axis of a variable (None: the number of its elements)."""

    of: Variable
    axis: int | None


#: rows of integer arithmetic that Python and TorchScript ints do alike
_INTEGER_ROWS = {type(rows[name]): function for name, function in (
    ("add", operator.add), ("sub", operator.sub), ("mul", operator.mul), ("int_div", operator.floordiv),
    ("mod", operator.mod), ("maximum", builtins.max), ("minimum", builtins.min))}
#: sums and products of more sizes than this prove nothing: their names would grow without end
_MANY = 16
#: the right operand that changes nothing
_NEUTRAL = {operator.add: 0, operator.sub: 0, operator.mul: 1, operator.floordiv: 1}
_SAME_ROWS = (type(rows["identity"]), type(rows["second"]))


def _integer_parts(node: Apply) -> Any:
    """How an integer scalar is made: a ``_Size``, (function, operands), or None for any other way.

    One operand means "the same integer".
    """
    op = node.op
    # an op of several outputs (a draw, a loop) may hold what has no dtype; none of them says how its integers are made
    if len(node.outputs) != 1 or node.outputs[0].type.dtype not in ("int64", "int32"):
        return None
    if isinstance(op, Elemwise):
        kind = type(op.scalar_op)
        if any(x.type.ndim or x.type.dtype not in discrete_dtypes for x in node.inputs):
            return None
        if kind in _SAME_ROWS or kind.__name__ == "Cast":
            return operator.pos, node.inputs[-1:]
        function = _INTEGER_ROWS.get(kind)
        return None if function is None else (function, node.inputs)
    if isinstance(op, DimShuffle):
        return (operator.pos, node.inputs) if not node.inputs[0].type.ndim else None
    if type(op).__name__ == "Prod":
        # x.size
        maker = node.inputs[0].owner
        if maker is not None and type(maker.op).__name__ == "Shape":
            return _Size(maker.inputs[0], None)
        return None
    part = getattr(op, "integer_part", None)
    found = None if part is None else part(node)
    if isinstance(found, tuple):
        return _Size(*found)
    return None if found is None else (operator.pos, [found])


def drop_unused(graph: torch.fx.Graph) -> None:
    """Remove calls whose results nobody uses (shapes that were read as ints); checks and host calls stay."""
    for node in reversed(graph.nodes):
        if node.users or node.op not in ("call_function", "call_method", "get_attr"):
            continue
        if node.op == "call_function":
            if isinstance(node.target, HostCall) and node.target.node.op.effects:
                continue
            notes = getattr(node.target, "__annotations__", {})
            if notes.get("return", "") in ("None", None):
                continue
        if node.op == "call_method" and node.target.endswith("_"):
            continue
        graph.erase_node(node)


class Context:
    """What ``Op.lower`` may ask for, besides calling torch.

    ``graph`` is the fx graph that is being written, or None when tensors are run directly.
    """

    def __init__(self, graph: torch.fx.Graph | None = None, device: str = "cpu"):
        self.graph, self.device = graph, device
        self.tracer = Recorder(graph) if graph is not None else None
        self.constants: dict[str, Any] = {}
        self._by_value: dict[Any, Any] = {}
        self.symbols: dict[Variable, tuple[Any, ...]] = {}
        self._parent: dict[Any, Any] = {}
        self._fresh = 0
        #: what the engines hold for each variable that has been computed
        self.env: dict[Variable, Any] = {}
        # ints known without reading a tensor, sizes already read (by symbol), symbols of integer variables
        self._ints: dict[Variable, Any] = {}
        self._read: dict[Any, Any] = {}
        self._held: dict[Variable, Any] = {}
        # symbols that were proved for integer variables
        self._sized: dict[Variable, Any] = {}
        #: symbol of a product or sum of sizes -> the number in it and its other parts
        self._products: dict[Any, tuple[int, list[Any]]] = {}
        self._sums: dict[Any, tuple[int, list[Any]]] = {}
        self.hosts: list[Apply] = []

    # -- values ------------------------------------------------------------------------------------------------

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a function (a kernel, ``int`` ...) now, or record the call."""
        if self.graph is None:
            return function(*args, **kwargs)
        # a result must not carry the name of the kernel that makes it
        name = f"{function.__name__}_0" if kernels.is_kernel(function) else None
        return self.tracer.create_proxy("call_function", function, args, kwargs, name)

    def cast(self, x: Any, dtype: str) -> Any:
        """``x`` as another dtype (complex to real takes the real part)."""
        return x.to(TORCH_DTYPES[dtype])

    def tensor(self, value: Any) -> Any:
        """A constant: the value itself, or a reference to it in the recorded graph."""
        held = to_value(np.array(value) if isinstance(value, np.ndarray) else value, self.device)
        if self.graph is None:
            return held
        key = (held.dtype, tuple(held.shape), value.tobytes()) if isinstance(value, np.ndarray) else id(value)
        proxy = self._by_value.get(key)
        if proxy is None:
            name = f"c{len(self.constants)}"
            self.constants[name] = held
            proxy = self._by_value[key] = self.tracer.create_proxy("get_attr", name, (), {})
        return proxy

    def number(self, variable: Variable, dtype: str) -> Any:
        """The Python number of a constant of one element, as it is in ``dtype``; None where there is none."""
        value = scalar_constant(variable)
        if value is None or dtype in ("float16", "complex64", "complex128") or value.dtype.kind == "c":
            return None
        with np.errstate(all="ignore"):
            return value.astype(dtype).item()

    def integer(self, variable: Variable, x: Any) -> Any:
        """An int (or the record of one) from a 0-d integer tensor: constants at compile time, else a read."""
        known = self.known_integer(variable)
        if known is None:
            # read once, however often it is asked for
            known = self._ints[variable] = self.call(builtins.int, x)
        return known

    def integers(self, variable: Variable, x: Any) -> Any:
        """The ints of an integer vector: a list of ints if its length is known, else the record of a list."""
        try:
            length = get_vector_length(variable)
        except ValueError:
            return self.call(kernels.int_list, x)
        parts = [element_of(variable, i) for i in range(length)]
        if all(isinstance(p, Variable) or p is not None for p in parts):
            known = [self.known_integer(p) if isinstance(p, Variable) else int(p) for p in parts]
            if all(k is not None for k in known):
                return known
        whole = self.call(kernels.int_list, x)
        return [whole[i] for i in range(length)]

    def add_ints(self, a: Any, b: Any) -> Any:
        """The sum of two ints, each known or recorded."""
        if isinstance(a, int) and isinstance(b, int):
            return a + b
        return b if isinstance(a, int) and a == 0 else self.call(operator.add, a, b)

    def known_number(self, variable: Variable) -> Any:
        """As ``known_integer``, for an integer scalar that dimshuffles may have given more dimensions."""
        while variable.owner is not None and isinstance(variable.owner.op, DimShuffle):
            variable = variable.owner.inputs[0]
        if variable.type.ndim or variable.type.dtype not in ("int64", "int32"):
            return None
        return self.known_integer(variable)

    def known_integer(self, variable: Variable) -> Any:
        """The int that an integer scalar holds, recorded without making a tensor; None where that is impossible.

        Found through constants, sizes of tensors, and arithmetic of such.
        """
        # two visits to each variable: first its operands are asked for, then it is computed from them
        stack: list[tuple[Any, Any]] = [(variable, None)]
        while stack:
            v, parts = stack.pop()
            if v in self._ints:
                continue
            if parts is not None:
                known = [self._ints[p] for p in parts[1]]
                self._ints[v] = None if any(k is None for k in known) else self._combine(parts[0], known)
                continue
            value = scalar_constant(v)
            if value is not None:
                self._ints[v] = int(value) if value.dtype.kind in "biu" else None
                continue
            node = v.owner
            parts = None if node is None else _integer_parts(node)
            if parts is None:
                self._ints[v] = None
            elif isinstance(parts, _Size):
                self._ints[v] = self._size(parts)
            else:
                stack.append((v, parts))
                stack.extend((p, None) for p in parts[1])
        return self._ints[variable]

    def _combine(self, function: Callable[..., Any], known: Sequence[Any]) -> Any:
        result = known[0]
        neutral = _NEUTRAL.get(function)
        for k in known[1:]:
            if isinstance(result, int) and isinstance(k, int):
                if function in (operator.floordiv, operator.mod) and k == 0:
                    return None
                result = function(result, k)
            elif isinstance(k, int) and k == neutral:
                continue
            elif isinstance(result, int) and result == neutral and function in (operator.add, operator.mul):
                result = k
            else:
                result = self.call(function, result, k)
        return result

    def _size(self, size: _Size) -> Any:
        if size.axis is None:
            x = self.env.get(size.of)
            return None if x is None else x.numel()
        symbol = self.find(self.sizes(size.of)[size.axis])
        if isinstance(symbol, int):
            return symbol
        found = self._read.get(symbol)
        if found is None:
            x = self.env.get(size.of)
            found = None if x is None else x.size(size.axis)
            self._read[symbol] = found
        return found

    def size_symbol(self, variable: Variable) -> Any:
        """The symbol for a size that an integer scalar variable holds."""
        symbol = self.proved_size(variable)
        if symbol is None:
            symbol = self._held.get(variable)
            if symbol is None:
                symbol = self._held[variable] = self.fresh()
        return symbol

    def proved_size(self, variable: Variable) -> Any:
        """As ``size_symbol``, where the graph shows that it is a size: a constant, sizes of tensors, products
        and sums of such. None for any other integer (it may be negative)."""
        done = self._sized
        stack: list[tuple[Any, Any]] = [(variable, None)]
        while stack:
            v, parts = stack.pop()
            if v in done:
                continue
            if parts is not None:
                done[v] = self._combined_size(parts[0], [done[p] for p in parts[1]])
                continue
            value = scalar_constant(v)
            if value is not None:
                done[v] = int(value) if value.dtype.kind in "biu" else None
                continue
            parts = None if v.owner is None else _integer_parts(v.owner)
            if parts is None:
                done[v] = None
            elif isinstance(parts, _Size):
                sizes = self.sizes(parts.of)
                done[v] = self.find(sizes[parts.axis]) if parts.axis is not None else self.product(sizes)
            else:
                stack.append((v, parts))
                stack.extend((p, None) for p in parts[1])
        symbol = done[variable]
        return None if symbol is None else self.find(symbol)

    def _combined_size(self, function: Callable[..., Any], symbols: list[Any]) -> Any:
        if any(s is None for s in symbols):
            return None
        if len(symbols) == 1:
            return symbols[0]
        if function is operator.mul:
            return self.product(symbols)
        return self.total(symbols) if function is operator.add else None

    def product(self, symbols: Sequence[Any]) -> Any:
        """The symbol of a product of sizes: an int, or a name made of the names of the factors."""
        number, names = self._factors(symbols)
        if number == 0 or not names:
            return number
        if len(names) > _MANY:
            return self.fresh()
        name = "*".join(([str(number)] if number != 1 else []) + sorted(names))
        if len(names) > 1 or number != 1:
            self._products[name] = (number, names)
        return name

    def quotient(self, symbols: Sequence[Any], divisors: Sequence[Any]) -> Any:
        """The symbol of a product of sizes over another, where all divisors cancel; else None."""
        number, names = self._factors(symbols)
        divisor, others = self._factors(divisors)
        for name in others:
            if name not in names:
                return None
            names.remove(name)
        if divisor == 0 or number % divisor:
            return None
        return self.product([number // divisor, *names])

    def _factors(self, symbols: Sequence[Any]) -> tuple[int, list[str]]:
        number, names = 1, []
        for symbol in symbols:
            symbol = self.find(symbol)
            if isinstance(symbol, int):
                number *= symbol
            else:
                factor, parts = self._products.get(symbol, (1, [symbol]))
                number *= factor
                names.extend(parts)
        return number, names

    def total(self, symbols: Sequence[Any]) -> Any:
        """The symbol of a sum of sizes: an int, or a name made of the names of the terms."""
        number, names = 0, []
        for symbol in symbols:
            symbol = self.find(symbol)
            if isinstance(symbol, int):
                number += symbol
            else:
                offset, parts = self._sums.get(symbol, (0, [symbol]))
                number += offset
                names.extend(parts)
        if not names:
            return number
        if len(names) == 1 and not number:
            return names[0]
        if len(names) > _MANY:
            return self.fresh()
        names.sort()
        name = f"({'+'.join([*names, *([str(number)] if number else [])])})"
        self._sums[name] = (number, names)
        return name

    def host(self, node: Apply, *xs: Any) -> Any:
        """Run the node's numpy form on the host."""
        function = HostCall(node, self.device)
        if self.graph is None:
            return function(*xs)
        self.hosts.append(node)
        result = self.tracer.create_proxy("call_function", function, tuple(xs), {})
        if len(node.outputs) == 1:
            return result
        return tuple(result[i] for i in range(len(node.outputs)))

    def loop(self, node: Apply, steps: Any, *xs: Any) -> Any:
        """Run the graph of a loop once for each step: now, or as a program of its own that is recorded in one call."""
        op = node.op
        if self.graph is None:
            return drive(op, self._step(op), steps, *xs)
        program = lower(op.inputs, op.outputs, self.device)
        self.hosts += program.hosts
        held = [self._hold(program.constants[n.target]) for n in program.graph.nodes if n.op == "get_attr"]
        target = Loop(op, program)
        result = self.tracer.create_proxy("call_function", target, (steps, *xs, *held), {},
                                          f"{target.__name__}_0")
        return tuple(result[i] for i in range(len(node.outputs)))

    def inner(self, held: Any, *xs: Any) -> tuple:
        """Run a graph that an op holds, now; in what is recorded ``close`` has put such graphs in their place."""
        return self._runs(held.inputs, held.outputs)(*xs)

    def branch(self, node: Apply, c: Any, *xs: Any) -> Any:
        """Run the graph of the side that is taken: now, or as programs of their own that are recorded in one call."""
        op = node.op
        if self.graph is None:
            return self._runs(op.inputs, op.side(bool(c)))(*xs)
        programs = [lower(op.inputs, side, self.device) for side in (op.thens, op.elses)]
        self.hosts += [host for program in programs for host in program.hosts]
        held = [self._hold(p.constants[n.target]) for p in programs for n in p.graph.nodes if n.op == "get_attr"]
        target = Fork(op, programs)
        result = self.tracer.create_proxy("call_function", target, (c, *xs, *held), {}, f"{target.__name__}_0")
        return tuple(result[i] for i in range(len(node.outputs)))

    def _hold(self, value: Any) -> Any:
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return self.tracer.create_proxy("get_attr", name, (), {})

    def _step(self, op: Any) -> Callable[..., tuple]:
        """A step of a loop, run node by node, by the mode that looks at its nodes if there is one."""
        if op.watch is None:
            return self._runs(op.inputs, op.outputs)
        outputs = close(op.outputs, op.inputs)
        return op.watch.linker.build(Program(torch.fx.Graph(), op.inputs, outputs, {}, {}, [], self.device))

    def _runs(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> Callable[..., tuple]:
        """A graph that is run node by node."""
        outputs = close(outputs, inputs)
        order = toposort(outputs, inputs)

        def run(*values: Any) -> tuple:
            ctx = Context(None, self.device)
            env = ctx.env
            env.update(zip(inputs, values, strict=True))
            for node in order:
                for x in node.inputs:
                    if x not in env and isinstance(x, Constant):
                        env[x] = to_value(x.data, self.device)
                results = torch_form(node.op)(node.op, node, ctx, *[env[x] for x in node.inputs])
                env.update(zip(node.outputs, results if isinstance(results, tuple) else (results,), strict=True))
            return tuple(env[o] if o in env else to_value(o.data, self.device) for o in outputs)

        return run

    # -- sizes that are proved equal ---------------------------------------------------------------------------

    def fresh(self) -> Any:
        """A symbol for a size about which nothing is known."""
        self._fresh += 1
        return f"s{self._fresh}"

    def find(self, symbol: Any) -> Any:
        """The representative of a symbol (known sizes are ints and stand for themselves)."""
        while symbol in self._parent:
            symbol = self._parent[symbol]
        return symbol

    def unify(self, a: Any, b: Any) -> None:
        """Note that two sizes are equal from here on."""
        a, b = self.find(a), self.find(b)
        if a == b:
            return
        if isinstance(a, int):
            a, b = b, a
        if not isinstance(a, int):
            self._parent[a] = b

    def sizes(self, variable: Variable) -> tuple[Any, ...]:
        """The size symbols of a tensor variable."""
        known = self.symbols.get(variable)
        if known is None:
            if isinstance(variable, Constant) and isinstance(variable.data, np.ndarray):
                known = tuple(variable.data.shape)
            else:
                known = tuple(1 if b else self.fresh() for b in getattr(variable.type, "broadcastable", ()))
            self.symbols[variable] = known
        return known

    def align(self, node: Apply, xs: Sequence[Any]) -> None:
        """Check, at run time where it is not proved, that sizes agree in all dimensions that do not broadcast."""
        ndim = node.outputs[0].type.ndim
        if ndim == 0 or len(xs) < 2:
            return
        open_axes: list[tuple[int, int, int]] = []
        for axis in range(ndim):
            first = None
            for i, x in enumerate(node.inputs):
                if x.type.broadcastable[axis]:
                    continue
                if first is None:
                    first = i
                    continue
                a, b = self.sizes(node.inputs[first])[axis], self.sizes(x)[axis]
                if self.find(a) != self.find(b):
                    open_axes.append((axis, first, i))
        plain = ndim > 1 and not any(any(x.type.broadcastable) for x in node.inputs)
        done: set[tuple[int, int]] = set()
        for axis, i, j in open_axes:
            if plain and (i, j) not in done and len([1 for _, a, b in open_axes if (a, b) == (i, j)]) > 1:
                done.add((i, j))
                self.call(kernels.check_shape, xs[i], xs[j], i, j)
            elif (i, j) not in done:
                self.call(kernels.check_axis, xs[i], xs[j], axis, i, j)
            self.unify(self.sizes(node.inputs[i])[axis], self.sizes(node.inputs[j])[axis])

    def note_sizes(self, node: Apply) -> None:
        """Let the op tell the size symbols of its outputs."""
        if not any(getattr(o.type, "ndim", 0) for o in node.outputs):
            return
        sized = getattr(node.op, "sized", None)
        if sized is not None:
            found = sized(node, self)
        else:
            found = sizes_form(node.op)(node.op, node, [self.sizes(x) for x in node.inputs], self.fresh)
        for output, symbols in zip(node.outputs, found, strict=True):
            self.symbols[output] = tuple(symbols)


class Program:
    """A graph in torch calls.

    ``graph``: fx; one placeholder for each of ``inputs``; returns one value for each of ``outputs``.
    ``constants``: name -> value, for its ``get_attr`` nodes. ``origin``: fx node -> the Apply that it came from.
    ``hosts``: the nodes that run on the host. ``name``: that of the function it is for.
    """

    name: str | None = None

    def __init__(self, graph: torch.fx.Graph, inputs: list[Variable], outputs: list[Variable],
                 constants: dict[str, Any], origin: dict[torch.fx.Node, Apply], hosts: list[Apply], device: str):
        self.graph, self.inputs, self.outputs = graph, inputs, outputs
        self.constants, self.origin, self.hosts, self.device = constants, origin, hosts, device

    @property
    def results(self) -> tuple[Any, ...]:
        """What the recorded graph returns: one value for each output, and possibly more after those."""
        return next(reversed(self.graph.nodes)).args[0]  # type: ignore[return-value]


@uncollected
def lower(inputs: Sequence[Variable], outputs: Sequence[Variable], device: str = "cpu") -> Program:
    """Record the graph between ``inputs`` (leaves) and ``outputs`` as torch calls.

    Raises MissingInputError for a leaf that is neither an input nor a constant.
    """
    outputs = close(outputs, inputs)
    graph = torch.fx.Graph()
    ctx = Context(graph, device)
    env = ctx.env
    for i, variable in enumerate(inputs):
        env[variable] = ctx.tracer.create_proxy("placeholder", f"a{i}", (), {})

    def value(variable: Variable) -> Any:
        found = env.get(variable)
        if found is not None:
            return found
        if isinstance(variable, Constant):
            found = env[variable] = ctx.tensor(variable.data)
            return found
        raise MissingInputError(
            f"Input {variable} of type {variable.type} was not provided and not given a value.",
            where=where(variable), fix="add it to the inputs of the function, or to givens",
        )

    origin: dict[torch.fx.Node, Apply] = {}
    nodes = graph._root  # walked by hand: fx offers no "nodes since"
    for node in toposort(outputs, env):
        last = nodes._prev
        results = torch_form(node.op)(node.op, node, ctx, *[value(x) for x in node.inputs])
        made = last._next
        while made is not nodes:
            origin[made] = node
            made = made._next
        results = results if isinstance(results, tuple) else (results,)
        for output, result in zip(node.outputs, results, strict=True):
            if output not in env:
                env[output] = result
        ctx.note_sizes(node)
        for output, result in zip(node.outputs, results, strict=True):
            if isinstance(result, torch.fx.Proxy) and output in ctx.symbols:
                result.node.meta["sizes"] = ctx.symbols[output]
    finals = [value(o) for o in outputs]
    graph.output(tuple(f.node if isinstance(f, torch.fx.Proxy) else f for f in finals))
    drop_unused(graph)
    compare_to_numbers(graph, origin)
    own_buffers(graph)
    reuse_buffers(graph, origin, ctx.find)
    return Program(graph, list(inputs), list(outputs), ctx.constants, origin, ctx.hosts, device)
