"""The walk from a graph of ours to a torch.fx graph: every op's ``lower`` is called with fx proxies, so what it does
is recorded. Called with tensors the same line is the interpreter (``lowering/interpret.py``)."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
import torch.fx

from tgraph.errors import MissingInputError
from tgraph.graph import Apply, Constant, Variable, toposort, where
from tgraph.lowering import kernels
from tgraph.ops.elemwise import scalar_constant
from tgraph.types import TensorType
from tgraph.values import TORCH_DTYPES, to_numpy, to_value

class HostCall:
    """One node run on the host by its numpy form: takes and returns what the engines hold."""

    def __init__(self, node: Apply, device: str = "cpu"):
        self.node, self.device = node, device
        self.__name__ = f"host_{type(node.op).__name__}"
        self.__qualname__ = self.__name__
        self.__module__ = __name__

    def __call__(self, *values: Any) -> Any:
        node = self.node
        cells: list[list[Any]] = [[None] for _ in node.outputs]
        params = node.run_params()
        args = [to_numpy(v) for v in values]
        if params is None:
            node.op.perform(node, args, cells)
        else:
            node.op.perform(node, args, cells, params)
        results = tuple(
            to_value(checked(cell[0], output), self.device) for cell, output in zip(cells, node.outputs, strict=True)
        )
        return results[0] if len(results) == 1 else results


def checked(value: Any, output: Variable) -> Any:
    """What a ``perform`` left for an output: an array of the declared dtype and ndim, or TypeError/ValueError."""
    if not isinstance(output.type, TensorType):
        return value
    if value is None:
        raise ValueError(f"{output.owner.op}.perform left output {output.index} empty" if output.owner else "no value")
    array = np.asarray(value)
    if array.dtype != output.type.numpy_dtype:
        if isinstance(value, np.ndarray):
            array = output.type.filter(array)
        else:
            array = array.astype(output.type.numpy_dtype)
    if array.ndim != output.type.ndim:
        raise ValueError(
            f"{output.owner.op if output.owner else output} gave {array.ndim} dimensions for an output of type "
            f"{output.type}"
        )
    return array


class Context:
    """What ``Op.lower`` may ask for, besides calling torch.

    ``graph`` is the fx graph that is being written, or None when tensors are run directly.
    """

    def __init__(self, graph: torch.fx.Graph | None = None, device: str = "cpu"):
        self.graph, self.device = graph, device
        self.tracer = torch.fx.proxy.GraphAppendingTracer(graph) if graph is not None else None
        self.constants: dict[str, Any] = {}
        self._by_value: dict[Any, Any] = {}
        self.symbols: dict[Variable, tuple[Any, ...]] = {}
        self._parent: dict[Any, Any] = {}
        self._fresh = 0
        self.hosts: list[Apply] = []

    # -- values ------------------------------------------------------------------------------------------------

    def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call a function (a kernel, ``int`` ...) now, or record the call."""
        if self.graph is None:
            return function(*args)
        return self.tracer.create_proxy("call_function", function, args, {})

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
        value = scalar_constant(variable)
        if value is not None:
            return int(value)
        return self.call(builtins.int, x)

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
        found = node.op.dims(node, [self.sizes(x) for x in node.inputs], self.fresh)
        for output, symbols in zip(node.outputs, found, strict=True):
            self.symbols[output] = tuple(symbols)


class Program:
    """A graph in torch calls.

    ``graph``: fx; one placeholder for each of ``inputs``; returns one value for each of ``outputs``.
    ``constants``: name -> value, for its ``get_attr`` nodes. ``origin``: fx node -> the Apply that it came from.
    ``hosts``: the nodes that run on the host.
    """

    def __init__(self, graph: torch.fx.Graph, inputs: list[Variable], outputs: list[Variable],
                 constants: dict[str, Any], origin: dict[torch.fx.Node, Apply], hosts: list[Apply], device: str):
        self.graph, self.inputs, self.outputs = graph, inputs, outputs
        self.constants, self.origin, self.hosts, self.device = constants, origin, hosts, device


def lower(inputs: Sequence[Variable], outputs: Sequence[Variable], device: str = "cpu") -> Program:
    """Record the graph between ``inputs`` (leaves) and ``outputs`` as torch calls.

    Raises MissingInputError for a leaf that is neither an input nor a constant.
    """
    graph = torch.fx.Graph()
    ctx = Context(graph, device)
    env: dict[Variable, Any] = {}
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
        results = node.op.lower(node, ctx, *[value(x) for x in node.inputs])
        made = last._next
        while made is not nodes:
            origin[made] = node
            made = made._next
        results = results if isinstance(results, tuple) else (results,)
        for output, result in zip(node.outputs, results, strict=True):
            if output not in env:
                env[output] = result
        ctx.note_sizes(node)
    finals = [value(o) for o in outputs]
    graph.output(tuple(f.node if isinstance(f, torch.fx.Proxy) else f for f in finals))
    return Program(graph, list(inputs), list(outputs), ctx.constants, origin, ctx.hosts, device)
