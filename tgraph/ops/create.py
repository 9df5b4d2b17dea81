"""New tensors: the constructors of variables, alloc, zeros, ones, eye, arange."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tgraph.config import config
from tgraph.grad import grad_undefined
from tgraph.graph import Apply, Op, Sized, Variable
from tgraph.kernels import kernel
from tgraph.operators import TensorOperators, as_tensor_variable, constant, offers, table
from tgraph.ops.constants import known_scalar
from tgraph.ops.elemwise import elemwise
from tgraph.ops.rows import rows as scalar_rows
from tgraph.types import (
    TensorType,
    disconnected_type,
    discrete_dtypes,
    int_dtypes,
    integer_dtypes,
    prefixes,
    uint_dtypes,
    upcast,
)
from tgraph.values import TORCH_DTYPES


@kernel
def diagonal_mask(n: int, m: int, k: int) -> torch.Tensor:
    """True where j - i = k, in an n by m matrix."""
    return torch.arange(m).unsqueeze(0) - torch.arange(n).unsqueeze(1) == k


@kernel
def lower_mask(n: int, m: int, k: int) -> torch.Tensor:
    """True where j - i <= k, in an n by m matrix."""
    return torch.arange(m).unsqueeze(0) - torch.arange(n).unsqueeze(1) <= k


@kernel
def arange_whole(start: int, stop: int, step: int) -> torch.Tensor:
    """start, start + step ... before stop; empty where stop lies the other way."""
    if step == 0:
        raise ZeroDivisionError("division by zero")
    if (step > 0 and stop <= start) or (step < 0 and stop >= start):
        return torch.zeros([0], dtype=torch.int64)
    return torch.arange(start, stop, step)


@kernel
def arange_real(start: float, stop: float, step: float, bits: int) -> torch.Tensor:
    """As numpy fills a range of floats: two elements rounded to the dtype, then steps of their difference.

    For 16 bits numpy computes in 32 and rounds each element.
    """
    if step == 0.0:
        raise ZeroDivisionError("division by zero")
    wanted = (stop - start) / step
    length = int(wanted)
    if float(length) < wanted:
        length += 1
    dtype = torch.float64 if bits == 64 else torch.float32
    # not torch.tensor of a list of floats, which TorchScript rounds to 32 bits
    first = torch.arange(2, dtype=torch.float64) * step + start
    if bits == 16:
        first = first.to(torch.float16)
    first = first.to(dtype)
    steps = torch.arange(max(0, length)).to(dtype)
    return first[0] + steps * (first[1] - first[0])


@kernel
def repeat_to(x: torch.Tensor, shape: list[int]) -> torch.Tensor:
    """``x`` repeated to a shape; torch takes a size of -1 for "as it is", which is none here."""
    for size in shape:
        if size < 0:
            raise ValueError("negative dimensions are not allowed")
    return torch.expand_copy(x, shape)


_PATTERNS: dict[str, tuple[bool, ...]] = {
    "scalar": (), "vector": (False,), "row": (True, False), "col": (False, True), "matrix": (False, False),
    **{f"tensor{n}": (False,) * n for n in (3, 4, 5, 6, 7)},
}


def tensor(*args: Any, **kwargs: Any) -> Any:
    """A variable of ``TensorType(*args, **kwargs)``: ``tensor('float32', (False, True), name='x')``."""
    name = kwargs.pop("name", None)
    return TensorType(*args, **kwargs)(name=name)


def _constructor(kind: str) -> Callable[..., Any]:
    pattern = _PATTERNS[kind]

    def construct(name: str | None = None, dtype: str | None = None) -> Any:
        return TensorType(config.floatX if dtype is None else dtype, pattern)(name)

    construct.__name__ = construct.__qualname__ = kind
    construct.__doc__ = f"A symbolic {kind} of a dtype (default: ``config.floatX``) and this name."
    return construct


def _several(construct: Callable[..., Any], name: str) -> Callable[..., Any]:
    def construct_several(*names: Any) -> Any:
        if names and isinstance(names[0], (int, np.integer)):
            return [construct() for _ in range(names[0])]
        if len(names) == 1:
            names = names[0]
        # one name, also as a list of one or as one letter, gives the variable itself
        return construct(names) if len(names) == 1 else [construct(n) for n in names]

    construct_several.__name__ = construct_several.__qualname__ = name
    construct_several.__doc__ = f"Several variables at once: ``{name}('x', 'y')`` or ``{name}(2)``."
    return construct_several


scalar, vector, row, col, matrix = map(_constructor, ("scalar", "vector", "row", "col", "matrix"))
tensor3, tensor4, tensor5, tensor6, tensor7 = (_constructor(f"tensor{n}") for n in (3, 4, 5, 6, 7))

# fmatrix, ivector ...: types, which make a variable when called; dmatrices, scalars ...: several at once
_named: dict[str, Any] = {
    letter + kind: TensorType(dtype, pattern)
    for letter, dtype in prefixes.items() for kind, pattern in _PATTERNS.items()
}
for _kind in _PATTERNS:
    _plural = {"matrix": "matrices"}.get(_kind, _kind + "s")
    _named[_plural] = _several(globals()[_kind], _plural)
    for _letter in "fdil":
        _named[_letter + _plural] = _several(_named[_letter + _kind], _letter + _plural)
globals().update(_named)

fill = table["fill"] = elemwise(scalar_rows["second"])
tensor_copy = table["tensor_copy"] = elemwise(scalar_rows["identity"])


def sizes_of(shape: Sequence[Any]) -> tuple[list[Any], list[bool]]:
    """Sizes as integer scalars, and which of them are known to be 1.

    Raises TypeError for a size that is not an integer or not a scalar.
    """
    sizes = [as_tensor_variable(s) for s in shape]
    for i, s in enumerate(sizes):
        if s.type.dtype not in integer_dtypes:
            raise TypeError("Shape arguments to Alloc must be integers, "
                            f"but argument {i} is not for apply node: {s}")
        if s.type.ndim != 0:
            raise TypeError("Each shape dimension to Alloc must be a scalar, ",
                            f"but dimension {i} have {s.type.ndim} dimensions for apply node: {s}")
    known = [known_scalar(s) for s in sizes]
    return sizes, [k is not None and int(k) == 1 for k in known]


@dataclass(frozen=True)
class Alloc(Sized, Op):
    """z[..., i, j] = value[i, j]: the value repeated to a shape, one integer scalar for each dimension.

    Raises TypeError for sizes that are not integer scalars or a value of more dimensions than sizes.
    """

    def make_node(self, value: Any, *shape: Any) -> Apply:
        value = as_tensor_variable(value)
        sizes, pattern = sizes_of(shape)
        if value.type.ndim > len(sizes):
            raise TypeError("The Alloc value to use has more dimensions than the specified dimensions",
                            value.type.ndim, len(sizes))
        return Apply(self, [value, *sizes], [TensorType(value.type.dtype, pattern)()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (value, *sizes), (g,) = inputs, output_grads
        new = g.type.ndim - value.type.ndim
        repeated = [new + i for i, (mine, theirs) in
                    enumerate(zip(value.type.broadcastable, g.type.broadcastable[new:], strict=True))
                    if mine and not theirs]
        axes = [*range(new), *repeated]
        if axes:
            g = g.sum(axis=axes)
            kept = iter(range(g.type.ndim))
            order = ["x" if new + i in repeated else next(kept) for i in range(value.type.ndim)]
            if repeated:
                g = g.dimshuffle(*order)
        return [g, *[disconnected_type() for _ in sizes]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], *[[False] for _ in node.inputs[1:]]]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        if eval_points[0] is None:
            return [None]
        return self(eval_points[0], *inputs[1:], return_list=True)

    def behind(self, node: Apply) -> Variable:
        return node.inputs[0]

    def compute(self, node: Apply, value: np.ndarray, *sizes: np.ndarray) -> np.ndarray:
        out = np.empty([int(s) for s in sizes], dtype=value.dtype)
        out[...] = value
        return out

    def lower(self, node: Apply, ctx: Any, value: Any, *sizes: Any) -> Any:
        shape = [ctx.integer(v, s) for v, s in zip(node.inputs[1:], sizes, strict=True)]
        dtype = node.outputs[0].type.dtype
        number = ctx.number(node.inputs[0], dtype)
        if number is not None:
            device = "cpu" if dtype in discrete_dtypes else ctx.device
            where = {} if device == "cpu" else {"device": device}
            return ctx.call(torch.full, shape, number, dtype=TORCH_DTYPES[dtype], **where)
        proved = [ctx.proved_size(s) for s in node.inputs[1:]]
        if any(p is None or (isinstance(p, int) and p < 0) for p in proved):
            return ctx.call(repeat_to, value, shape)
        return torch.expand_copy(value, shape)

    def sized(self, node: Apply, ctx: Any) -> list[Any]:
        return [tuple(ctx.size_symbol(s) for s in node.inputs[1:])]

    def __str__(self) -> str:
        return "Alloc"


alloc = table["alloc"] = Alloc()


@dataclass(frozen=True)
class AllocEmpty(Sized, Op):
    """A tensor of a dtype and shape whose values do not matter (ours are zeros, so that runs repeat)."""

    __props__ = ("dtype",)
    dtype: str

    def make_node(self, *shape: Any) -> Apply:
        sizes, pattern = sizes_of(shape)
        out = TensorType(self.dtype, pattern)()
        out.tag.nan_guard_mode_check = False
        return Apply(self, sizes, [out])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[False] for _ in node.inputs]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [disconnected_type() for _ in inputs]

    def compute(self, node: Apply, *sizes: np.ndarray) -> np.ndarray:
        return np.zeros([int(s) for s in sizes], dtype=self.dtype)

    def lower(self, node: Apply, ctx: Any, *sizes: Any) -> Any:
        shape = [ctx.integer(v, s) for v, s in zip(node.inputs, sizes, strict=True)]
        where = {} if ctx.device == "cpu" or self.dtype in discrete_dtypes else {"device": ctx.device}
        return ctx.call(torch.zeros, shape, dtype=TORCH_DTYPES[self.dtype], **where)

    def sized(self, node: Apply, ctx: Any) -> list[Any]:
        return [tuple(ctx.size_symbol(s) for s in node.inputs)]


def _as_shape(shape: Any) -> Any:
    return shape if isinstance(shape, (list, tuple, TensorOperators)) else [shape]


@offers("zeros")
def zeros(shape: Any, dtype: Any = None) -> Any:
    """Zeros of a shape (an int, a list of them, symbolic or not, or a vector of known length).

    ``dtype``: a name, a type, or a variable of that dtype; default floatX.
    """
    return alloc(np.array(0, dtype=_dtype_of(dtype)), *_as_shape(shape))


def _dtype_of(dtype: Any) -> Any:
    # numpy 1 took a variable for its dtype
    return config.floatX if dtype is None else dtype.type.dtype if isinstance(dtype, Variable) else dtype


@offers("ones")
def ones(shape: Any, dtype: Any = None) -> Any:
    """Ones of a shape, as ``zeros``."""
    return alloc(np.array(1, dtype=_dtype_of(dtype)), *_as_shape(shape))


def _like(model: Any, number: float, dtype: Any, opt: bool) -> Any:
    named = isinstance(dtype, str) and dtype == "floatX"
    dtype = config.floatX if named else _dtype_of(model if dtype is None else dtype)
    value = constant(number, dtype=dtype)
    return value if opt and value.type == model.type else fill(model, value)


@offers("zeros_like")
def zeros_like(model: Any, dtype: Any = None, opt: bool = False) -> Any:
    """Zeros of the shape of a variable, in its dtype or another; ``opt``: a constant where that will do."""
    return _like(model, 0.0, dtype, opt)


@offers("ones_like")
def ones_like(model: Any, dtype: Any = None, opt: bool = False) -> Any:
    """Ones of the shape of a variable, as ``zeros_like``."""
    return _like(model, 1.0, dtype, opt)


@dataclass(frozen=True)
class _Diagonals(Sized, Op):
    """What ``Eye`` and ``Tri`` share: (n, m, k) to an n by m matrix of a dtype (default floatX); a call that gives None
    for m means n."""

    dtype: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", config.floatX if self.dtype is None else str(np.dtype(self.dtype)))

    def make_node(self, n: Any, m: Any, k: Any) -> Apply:
        ins = [as_tensor_variable(x) for x in (n, m, k)]
        assert all(x.type.ndim == 0 for x in ins), "sizes and the diagonal are scalars"
        return Apply(self, ins, [TensorType(self.dtype, (False, False))()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [grad_undefined(self, i, x) for i, x in enumerate(inputs)]

    def _integers(self, node: Apply, ctx: Any, xs: Sequence[Any]) -> list[Any]:
        n, m, k = zip(node.inputs, xs, strict=True)
        return [ctx.integer(v, x) for v, x in (n, n if xs[1] is None else m, k)]

    def _finish(self, ctx: Any, mask: Any) -> Any:
        out = ctx.cast(mask, self.dtype)
        return out if ctx.device == "cpu" or self.dtype in discrete_dtypes else out.to(ctx.device)

    def sized(self, node: Apply, ctx: Any) -> list[Any]:
        return [tuple(ctx.size_symbol(s) for s in node.inputs[:2])]

    def __str__(self) -> str:
        return f"{type(self).__name__}{{dtype='{self.dtype}'}}"


@dataclass(frozen=True)
class Eye(_Diagonals):
    """z[i, j] = 1 where j - i = k, else 0."""

    def compute(self, node: Apply, n: np.ndarray, m: np.ndarray, k: np.ndarray) -> np.ndarray:
        return np.eye(int(n), None if m is None else int(m), int(k), dtype=self.dtype)

    def lower(self, node: Apply, ctx: Any, *xs: Any) -> Any:
        return self._finish(ctx, ctx.call(diagonal_mask, *self._integers(node, ctx, xs)))


@dataclass(frozen=True)
class Tri(_Diagonals):
    """z[i, j] = 1 where j - i <= k, else 0."""

    def compute(self, node: Apply, n: np.ndarray, m: np.ndarray, k: np.ndarray) -> np.ndarray:
        return np.tri(int(n), None if m is None else int(m), int(k), dtype=self.dtype)

    def lower(self, node: Apply, ctx: Any, *xs: Any) -> Any:
        return self._finish(ctx, ctx.call(lower_mask, *self._integers(node, ctx, xs)))


def eye(n: Any, m: Any = None, k: Any = 0, dtype: Any = None) -> Any:
    """An n by m matrix (default n by n) with ones on diagonal k and zeros elsewhere."""
    return Eye(dtype)(n, n if m is None else m, k)


def identity_like(x: Any) -> Any:
    """``eye`` of the shape and dtype of a matrix."""
    return eye(x.shape[0], x.shape[1], k=0, dtype=x.type.dtype)


def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> Any:
    """An N by M matrix (default N by N) with ones on and below diagonal k and zeros above."""
    return Tri(dtype)(N, N if M is None else M, k)


def tril(m: Any, k: Any = 0) -> Any:
    """A matrix with the elements above diagonal k made zero."""
    return m * tri(m.shape[0], m.shape[1], k=k, dtype=m.dtype)


def triu(m: Any, k: Any = 0) -> Any:
    """A matrix with the elements below diagonal k made zero."""
    return m * (1 - tri(m.shape[0], m.shape[1], k=k - 1, dtype=m.dtype))


@dataclass(frozen=True)
class ARange(Sized, Op):
    """z[i] = start + i * step, for as long as it is before stop; ``numpy.arange`` with scalars as inputs."""

    dtype: str

    def make_node(self, start: Any, stop: Any, step: Any) -> Apply:
        ins = [as_tensor_variable(x) for x in (start, stop, step)]
        assert all(x.type.ndim == 0 for x in ins), "start, stop and step are scalars"
        return Apply(self, ins, [TensorType(self.dtype, (False,))()])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        start, _, step = inputs
        (g,) = output_grads
        if self.dtype in discrete_dtypes:
            zero_start, zero_step = (x.zeros_like(dtype=config.floatX) for x in (start, step))
            return [zero_start, disconnected_type(), zero_step]
        steps = arange(outputs[0].shape[0], dtype=self.dtype)
        return [g.sum(), disconnected_type(), (g * steps).sum()]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [False], [True]]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        return [None]

    def compute(self, node: Apply, start: np.ndarray, stop: np.ndarray, step: np.ndarray) -> np.ndarray:
        return np.arange(start.item(), stop.item(), step.item(), dtype=self.dtype)

    def lower(self, node: Apply, ctx: Any, *xs: Any) -> Any:
        whole = all(x.type.dtype in discrete_dtypes for x in node.inputs)
        if whole:
            ints = [ctx.integer(v, x) for v, x in zip(node.inputs, xs, strict=True)]
            out = ctx.call(arange_whole, *ints)
            return out if self.dtype == "int64" else self._finish(ctx, out)
        if self.dtype not in ("float16", "float32", "float64"):
            return ctx.host(node, *xs)
        floats = [ctx.number(v, "float64") for v in node.inputs]
        floats = [ctx.call(float, x) if f is None else f for f, x in zip(floats, xs, strict=True)]
        bits = {"float16": 16, "float32": 32}.get(self.dtype, 64)
        return self._finish(ctx, ctx.call(arange_real, *floats, bits))

    def _finish(self, ctx: Any, out: Any) -> Any:
        out = ctx.cast(out, self.dtype)
        return out if ctx.device == "cpu" or self.dtype in discrete_dtypes else out.to(ctx.device)

    def sized(self, node: Apply, ctx: Any) -> list[Any]:
        start, _, step = (known_scalar(x) for x in node.inputs)
        if start is not None and step is not None and start == 0 and step == 1:
            symbol = ctx.size_symbol(node.inputs[1])
            if not isinstance(symbol, int) or symbol >= 0:
                return [(symbol,)]
        return [(ctx.fresh(),)]

    def __str__(self) -> str:
        return f"ARange{{dtype='{self.dtype}'}}"


@offers("arange")
def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Any:
    """``start``, ``start + step`` ... before ``stop`` (``arange(n)``: 0 to n - 1).

    The dtype is the promoted one of the arguments, where integers give int64 (all unsigned: uint64).
    """
    if stop is None:
        start, stop = 0, start
    ins = [as_tensor_variable(x) for x in (start, stop, step)]
    if dtype is None:
        dtypes = [x.type.dtype for x in ins]
        dtype = upcast(*dtypes)
        if dtype in int_dtypes:
            dtype = "int64"
        elif dtype in uint_dtypes:
            dtype = "uint64"
        if config.cast_policy in ("numpy", "numpy+floatX"):
            samples = [np.array(n, dtype=d) for n, d in zip((0, 1, 1), dtypes, strict=True)]
            dtype = str(np.arange(*samples).dtype)
            narrow = config.cast_policy == "numpy+floatX" and config.floatX == "float32"
            if narrow and dtype == "float64" and "float64" not in dtypes:
                dtype = "float32"
    return ARange(str(np.dtype(dtype)))(*ins)


@kernel
def bartlett_window(m: int) -> torch.Tensor:
    """A triangle of m points from 0 over 1 to 0 (one point: 1)."""
    if m < 1:
        return torch.zeros([0], dtype=torch.float64)
    if m == 1:
        return torch.ones([1], dtype=torch.float64)
    n = torch.arange(1 - m, m, 2)
    return torch.where(n <= 0, 1 + n.to(torch.float64) / (m - 1), 1 - n.to(torch.float64) / (m - 1))


@dataclass(frozen=True)
class Bartlett(Op):
    """The Bartlett window: a float64 vector of M points from 0 over 1 back to 0; empty for an M below 1.

    Raises TypeError for an M that is no integer scalar.
    """

    def make_node(self, M: Any) -> Apply:
        M = as_tensor_variable(M)
        if M.type.ndim != 0:
            raise TypeError("Bartlett only works on scalar input")
        if M.type.dtype not in integer_dtypes:
            raise TypeError("Bartlett only works on integer input")
        return Apply(self, [M], [TensorType("float64", (False,))()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [grad_undefined(self, 0, inputs[0])]

    def compute(self, node: Apply, M: np.ndarray) -> np.ndarray:
        return np.bartlett(int(M))

    def lower(self, node: Apply, ctx: Any, M: Any) -> Any:
        out = ctx.call(bartlett_window, ctx.integer(node.inputs[0], M))
        return out if ctx.device == "cpu" else out.to(ctx.device)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [(table["maximum"](node.inputs[0], 0),)]


bartlett_ = Bartlett()


def bartlett(M: Any) -> Any:
    """The Bartlett window of ``M`` points: see ``Bartlett``."""
    return bartlett_(M)


@dataclass(frozen=True)
class Grid:
    """``mgrid[0:5, 0:3]`` (dense) and ``ogrid[0:5, 0:3]`` (open): one index tensor for each slice."""

    sparse: bool = False

    def __getitem__(self, slices: Any) -> list[Any]:
        """Raises NotImplementedError for complex steps."""
        ndim = len(slices)
        if any(isinstance(s.step, complex) for s in slices):
            raise NotImplementedError("Not implemented for slices whose step is complex")
        ranges = []
        for j, s in enumerate(slices):
            r = arange(s.start or 0, s.stop, s.step or 1)
            ranges.append(r.dimshuffle(*["x"] * j, 0, *["x"] * (ndim - 1 - j)))
        if self.sparse:
            return ranges
        grids = []
        for i in range(ndim):
            grid = ranges[i]
            for j in range(ndim):
                if j != i:
                    grid = grid * ones_like(ranges[j])
            grids.append(grid)
        return grids


mgrid = Grid()
ogrid = Grid(sparse=True)

__all__ = [
    "ARange", "Alloc", "AllocEmpty", "Bartlett", "Eye", "Tri", "alloc", "arange", "bartlett", "bartlett_",
    "col", "eye", "fill", "identity_like", "matrix", "mgrid", "ogrid", "ones", "ones_like", "row", "scalar",
    "tensor", "tensor3", "tensor4", "tensor5", "tensor6", "tensor7", "tensor_copy", "tri", "tril", "triu",
    "vector", "zeros", "zeros_like",
    *_named,
]
