"""What a row of the elementwise table is: ``ScalarOp``, its dtype rules, and ``row`` which makes one.

A row is an op on numbers. ``ops/elemwise.py`` applies it to tensors; applied to a tensor it does so by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tgraph.config import config
from tgraph.errors import NotPortedError
from tgraph.graph import Op, late
from tgraph.types import complex_dtypes, continuous_dtypes, discrete_dtypes, float_dtypes, upcast

#: name -> row, filled by ``row``
rows: dict[str, ScalarOp] = {}

Rule = Callable[..., tuple[str, ...]]


def _float_of(dtype: str) -> str:
    """The float that a function like exp gives for a dtype: float32 for up to 16 bits of integer, else float64."""
    if dtype in continuous_dtypes:
        return dtype
    return "float32" if dtype in ("bool", "int8", "uint8", "int16", "uint16") else "float64"


def same_out(*dtypes: str) -> tuple[str, ...]:
    """The dtype of the first input."""
    return (dtypes[0],)


def same_out_nobool(*dtypes: str) -> tuple[str, ...]:
    """The dtype of the first input; bool is refused with TypeError."""
    if dtypes[0] == "bool":
        raise TypeError("bool input is not accepted")
    return (dtypes[0],)


def upcast_out(*dtypes: str) -> tuple[str, ...]:
    """The promoted dtype."""
    return (upcast(*dtypes),)


def upcast_out_nobool(*dtypes: str) -> tuple[str, ...]:
    """The promoted dtype; TypeError if that is bool."""
    dtype = upcast(*dtypes)
    if dtype == "bool":
        raise TypeError("bool output is not accepted")
    return (dtype,)


def upcast_out_min8(*dtypes: str) -> tuple[str, ...]:
    """The promoted dtype, int8 for bool."""
    dtype = upcast(*dtypes)
    return ("int8" if dtype == "bool" else dtype,)


def upgrade_to_float(*dtypes: str) -> tuple[str, ...]:
    """The promoted dtype of the inputs, each first made a float (up to 16 bits of integer: float32)."""
    return (upcast(*[_float_of(d) for d in dtypes]),)


def upgrade_to_float_no_complex(*dtypes: str) -> tuple[str, ...]:
    """As ``upgrade_to_float``; complex is refused with TypeError."""
    if any(d in complex_dtypes for d in dtypes):
        raise TypeError("complex argument not supported")
    return upgrade_to_float(*dtypes)


def upgrade_to_float64(*dtypes: str) -> tuple[str, ...]:
    """float64."""
    return ("float64",)


def bool_out(*dtypes: str) -> tuple[str, ...]:
    """bool."""
    return ("bool",)


class ScalarOp(Op):
    """An op on numbers: dtype rule, numpy form, torch form, gradient, doc.

    Subclassed by users too (``impl``, ``grad``, ``output_types_preference``); those run on the host.
    """

    name: str | None = None
    nin = -1
    nout = 1
    #: numpy form on arrays of the compute dtype
    numpy: Callable[..., Any] | None = None
    #: torch form on tensors of the compute dtype; None: the numpy form on the host
    torch: Callable[..., Any] | None = None
    #: "out" (operands are cast to the output dtype), "in" (to their common dtype), or None (left as they are)
    compute: str | None = "out"
    #: operand positions where the torch form takes a Python number
    literal: frozenset[int] = frozenset()
    domain: tuple[float, float] = (-2.0, 2.0)
    sympy: str = ""
    doc = ""
    gradient: Callable[..., Sequence[Any]] | None = None
    output_types_preference: Any = None

    def __init__(self, output_types_preference: Any = None, name: str | None = None):
        if name is not None:
            self.name = name
        if output_types_preference is not None:
            self.output_types_preference = output_types_preference

    def output_dtypes(self, *dtypes: str) -> tuple[str, ...]:
        """Dtypes of the outputs; raises TypeError for dtypes that the op refuses."""
        rule = self.output_types_preference
        if rule is None:
            return upcast_out(*dtypes)
        return tuple(getattr(d, "dtype", d) for d in rule(*dtypes))

    def compute_dtype(self, ins: Sequence[str], out: str) -> str | None:
        """The dtype in which operands enter the numpy and torch forms (None: each as it is)."""
        if self.compute == "out":
            return out
        if self.compute == "in":
            return upcast(*ins)
        return self.compute

    def impl(self, *values: Any) -> Any:
        """The value for Python or numpy numbers."""
        if self.numpy is None:
            raise NotImplementedError(f"{self} defines no impl")
        return self.numpy(*values)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return self.L_op(inputs, [late["elemwise"](self)(*inputs)], output_grads)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        """Gradients with respect to the inputs (None: zero)."""
        if self.gradient is None:
            if type(self).grad is not ScalarOp.grad:
                return self.grad(inputs, output_grads)
            raise NotPortedError(f"the gradient of {self} is not defined", fix="wrap it in disconnected_grad")
        return list(type(self).gradient(inputs, outputs[0], output_grads[0]))

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        return late["elemwise"](self)(*inputs, **kwargs)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return type(self) is type(other) and self.__dict__ == other.__dict__ and type(self) not in _row_classes

    def __hash__(self) -> int:
        return hash((type(self), self.name))

    def __str__(self) -> str:
        return self.name or type(self).__name__.lower()

    __repr__ = __str__


class UnaryScalarOp(ScalarOp):
    """A scalar op of one input."""

    nin = 1


class BinaryScalarOp(ScalarOp):
    """A scalar op of two inputs."""

    nin = 2


_row_classes: set[type] = set()


def by_name(name: str) -> ScalarOp:
    """The row of that name (how a row unpickles)."""
    return rows[name]


def row(
    name: str,
    nin: int,
    *,
    dtype: Rule,
    numpy: Callable[..., Any],
    torch: Callable[..., Any] | None = None,
    grad: Callable[..., Sequence[Any]] | None = None,
    compute: str | None = "out",
    literal: Sequence[int] = (),
    domain: tuple[float, float] = (-2.0, 2.0),
    sympy: str = "",
    cls: str | None = None,
    doc: str = "",
) -> ScalarOp:
    """Make a row: a class of its own name (``isinstance(op.scalar_op, Mul)``) and its one instance.

    ``nin`` -1 means one or more inputs. ``grad(xs, z, g)`` gets inputs, output and output gradient as variables
    and returns one gradient (or None for zero) for each input. ``domain`` is where tests draw numbers. ``sympy``
    is the name there.
    """
    base = {1: UnaryScalarOp, 2: BinaryScalarOp}.get(nin, ScalarOp)
    made = type(cls or "".join(part.capitalize() for part in name.strip("_").split("_")), (base,), {
        "__doc__": doc, "__module__": __name__, "name": name, "nin": nin,
        "output_types_preference": staticmethod(dtype), "numpy": staticmethod(numpy),
        "torch": None if torch is None else staticmethod(torch),
        "gradient": None if grad is None else staticmethod(grad),
        "compute": compute, "literal": frozenset(literal), "domain": domain, "sympy": sympy, "doc": doc,
        "__reduce__": lambda self: (by_name, (self.name,)),
    })
    _row_classes.add(made)
    instance = made()
    rows[name] = instance
    return instance


def zero_for(x: Any) -> Any:
    """Zeros like ``x`` in a float dtype: the gradient with respect to something that does not matter."""
    dtype = x.type.dtype
    return x.zeros_like(dtype=config.floatX if dtype in discrete_dtypes else dtype)


def numpy_form(op: ScalarOp, arrays: Sequence[np.ndarray], out: str) -> np.ndarray:
    """The numpy form on arrays of any dtype: casts, errors of floating point kept quiet as compiled C does."""
    if op.numpy is None:
        kernel = np.frompyfunc(op.impl, len(arrays), 1)
        return np.asarray(kernel(*arrays)).astype(out)
    compute = op.compute_dtype([str(a.dtype) for a in arrays], out)
    if compute is not None:
        arrays = [a if a.dtype == compute else a.astype(compute) for a in arrays]
    with np.errstate(all="ignore"):
        result = np.asarray(op.numpy(*arrays))
        return result if result.dtype == out else result.astype(out)


__all__ = [
    "BinaryScalarOp", "Rule", "ScalarOp", "UnaryScalarOp", "bool_out", "by_name", "float_dtypes", "numpy_form", "row",
    "rows", "same_out", "same_out_nobool", "upcast_out", "upcast_out_min8", "upcast_out_nobool", "upgrade_to_float",
    "upgrade_to_float64", "upgrade_to_float_no_complex", "zero_for",
]
