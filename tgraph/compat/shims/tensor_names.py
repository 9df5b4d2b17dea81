"""Names of the legacy tensor modules that are no operations: tuples of types, tolerances, comparisons, hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tgraph.function import function
from tgraph.graph import Constant, Variable
from tgraph.operators import as_tensor_variable
from tgraph.ops.create import sizes_of
from tgraph.ops.rows import rows
from tgraph.shared import shared
from tgraph.types import TensorType

_SHAPES: dict[str, tuple[bool, ...]] = {"scalar": (), "vector": (False,), "matrix": (False, False)}
_DTYPES = {
    "int": ("int8", "int16", "int32", "int64"),
    "float": ("float32", "float64"),
    "complex": ("complex64", "complex128"),
}
# int_types ... complex_types, of scalars, and int_scalar_types ... complex_matrix_types
int_types, float_types, complex_types = (
    tuple(TensorType(d, ()) for d in dtypes)
    for dtypes in (("int8", "int16", "int32", "int64"), ("float32", "float64"), ("complex64", "complex128"))
)
globals().update(
    {
        f"{family}_{shape}_types": tuple(TensorType(d, pattern) for d in dtypes)
        for family, dtypes in _DTYPES.items()
        for shape, pattern in _SHAPES.items()
    }
)

float16_atol, float16_rtol = 1e-3, 1e-3
float32_atol, float32_rtol = 1e-5, 1e-5
float64_atol, float64_rtol = 1e-8, 1e-5

numpy_diagonal_return_view = True
#: messages between processes were an experiment; programs ask before they use them
mpi_enabled = False
#: classes of scalar ops whose value is worked out for `get_scalar_constant_value`
get_scalar_constant_value_elemwises = tuple(
    type(rows[name])
    for name in (
        "convert_to_int8",
        "switch",
        "neq",
        "eq",
        "lt",
        "gt",
        "le",
        "ge",
        "sub",
        "add",
        "mod",
        "mul",
        "int_div",
        "true_div",
        "minimum",
        "maximum",
    )
)
#: the module that sparse matrices set; asked by code that must not import it
sparse_module_ref = None


def load_shared_variable(val: Any) -> Any:
    """How pickles of 2011 hold a shared tensor."""
    return shared(val)


def constructor(f: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator that listed functions in the documentation."""
    return f


def alloc_validate_shape(shape: Sequence[Any]) -> tuple[list[Any], list[bool]]:
    """Sizes as integer scalars, and which of them are known to be 1. TypeError for what is no size."""
    return sizes_of(shape)


def transfer(var: Any, target: str) -> Any:
    """``var`` on a device: itself for 'cpu', else what a registered function makes of it. ValueError for others."""
    if target == "cpu":
        return as_tensor_variable(var)
    for function_ in _transfers:
        result = function_(var, target)
        if result is not None:
            return result
    raise ValueError(f"Can't transfer to target {target}")


_transfers: list[Callable[[Any, str], Any]] = []


def register_transfer(fn: Callable[[Any, str], Any]) -> None:
    """``transfer`` asks ``fn(var, target)``, which gives a variable or None."""
    _transfers.append(fn)


def check_equal_numpy(x: Any, y: Any) -> Any:
    """True if two values are equal: arrays with dtype and shape, random states with all they hold."""
    if isinstance(x, np.ndarray) and isinstance(y, np.ndarray):
        return x.dtype == y.dtype and x.shape == y.shape and bool(np.all(abs(x - y) < 1e-10))
    if isinstance(x, np.random.RandomState) and isinstance(y, np.random.RandomState):
        return all(np.all(a == b) for a, b in zip(x.get_state(), y.get_state(), strict=True))
    return x == y


def min_informative_str(obj: Any, indent_level: int = 0) -> str:
    """A variable and what it is made of down to named variables, one line each, with a letter: "A. dot".

    A node met again is its letter in angle brackets.
    """
    lines: list[str] = []
    tags: dict[Any, str] = {}
    stack = [(obj, indent_level)]
    while stack:
        v, level = stack.pop()
        if v in tags:
            lines.append(f"{' ' * level}<{tags[v]}>")
            continue
        tags[v] = tag = _letters(len(tags))
        named = getattr(v, "name", None) is not None or getattr(v, "owner", None) is None
        lines.append(f"{' ' * level}{tag}. {v if named else v.owner.op}")
        if not named:
            stack.extend((x, level + 1) for x in reversed(v.owner.inputs))
    return "\n".join(lines)


def _letters(number: int) -> str:
    """A, B ... Z, BA, BB ..."""
    text = ""
    while True:
        number, digit = divmod(number, 26)
        text = chr(ord("A") + digit) + text
        if not number:
            return text


def values_eq_approx(
    a: Any, b: Any, allow_remove_inf: bool = False, allow_remove_nan: bool = False, rtol: Any = None, atol: Any = None
) -> bool:
    """Same shape and dtype, values close; ``TensorType.values_eq_approx``."""
    return TensorType.values_eq_approx(a, b, allow_remove_inf, allow_remove_nan, rtol, atol)


def values_eq_approx_remove_inf(a: Any, b: Any) -> bool:
    """As ``values_eq_approx``; places with an infinity count as equal."""
    return values_eq_approx(a, b, True)


def values_eq_approx_remove_nan(a: Any, b: Any) -> bool:
    """As ``values_eq_approx``; places with a NaN count as equal."""
    return values_eq_approx(a, b, False, True)


def values_eq_approx_remove_inf_nan(a: Any, b: Any) -> bool:
    """As ``values_eq_approx``; places with an infinity or NaN count as equal."""
    return values_eq_approx(a, b, True, True)


def values_eq_approx_always_true(a: Any, b: Any) -> bool:
    """True."""
    return True


def equal_slices(s1: slice, s2: slice) -> bool:
    """True if start, stop and step are equal."""
    return (s1.start, s1.stop, s1.step) == (s2.start, s2.stop, s2.step)


class TensorConstantSignature(tuple):
    """A pair (type, array) that is equal to others by type, shape and values; NaN equals NaN."""

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return False
        (kind, data), (kind2, data2) = self, other  # type: ignore[misc]
        return kind == kind2 and np.array_equal(data, data2, equal_nan=data.dtype.kind in "fc")

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        kind, data = self
        return hash((type(self), kind, data.shape, float(np.nansum(data.real))))


def make_constant(args: Any) -> tuple:
    """Numbers and slices of numbers as constants; variables and None as they are."""

    def one(a: Any) -> Any:
        if isinstance(a, slice):
            return slice(one(a.start), one(a.stop), one(a.step))
        return as_tensor_variable(np.asarray(a, dtype="int64")) if isinstance(a, (int, np.integer)) else a

    return tuple(one(a) for a in args)


def hash_from_ndarray(data: np.ndarray) -> str:
    """A text that differs where bytes, shape or dtype differ; equal for copies, whatever their strides."""
    whole = np.ascontiguousarray(data).reshape(data.shape)
    words = f"{whole.shape} {whole.strides} {whole.dtype} "
    return hashlib.sha256(words.encode() + whole.tobytes()).hexdigest()


def shape_of_variables(fgraph: Any, input_shapes: dict[Variable, Sequence[int]]) -> dict[Variable, tuple]:
    """The shape of every variable of a graph for given shapes of its inputs.

    ValueError where a key is no input of the graph (it was cloned).
    """
    if any(x not in fgraph.inputs for x in input_shapes):
        raise ValueError(
            "input_shapes keys aren't in the fgraph.inputs. FunctionGraph() clones the graph that it is given "
            "unless it is told clone=False."
        )
    known = list(fgraph.inputs)
    found = [v for node in fgraph.toposort() for v in node.outputs]
    found += [v for node in fgraph.toposort() for v in node.inputs if isinstance(v, Constant)]
    tensors = [v for v in dict.fromkeys([*known, *found]) if isinstance(v.type, TensorType)]
    values = {x: np.zeros(input_shapes[x], dtype=x.type.dtype) for x in known}
    f = function(known, [v.shape for v in tensors], on_unused_input="ignore")
    shapes = f(*[values[x] for x in known])
    return {v: tuple(int(n) for n in shape) for v, shape in zip(tensors, shapes, strict=True)}
