"""What a row of the elementwise table is: ``ScalarOp``, its dtype rules, and ``row`` which makes one.

A row is an op on numbers. ``ops/elemwise.py`` applies it to tensors; applied to a tensor it does so by
itself.
"""

from __future__ import annotations

import copyreg
import functools
import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tgraph.config import config
from tgraph.errors import MethodNotDefined, NotPortedError
from tgraph.graph import Apply, Op, Variable, late
from tgraph.operators import constant
from tgraph.types import Scalar, complex_dtypes, continuous_dtypes, discrete_dtypes, float_dtypes, upcast

#: name -> row, filled by ``row``
rows: dict[str, ScalarOp] = {}

Rule = Callable[..., Any]


def rule(function: Rule) -> Rule:
    """Decorator: a dtype rule on names that also takes and gives types, as old user ops call their rules."""

    @functools.wraps(function)
    def on_names_or_types(*dtypes: Any) -> Any:
        if not dtypes or isinstance(dtypes[0], str):
            return function(*dtypes)
        return tuple(Scalar(d) for d in function(*[getattr(d, "dtype", d) for d in dtypes]))

    return on_names_or_types


def _float_of(dtype: str) -> str:
    """The float that exp gives for a dtype: float32 for integers of up to 16 bits, float64 for larger."""
    if dtype in continuous_dtypes:
        return dtype
    return "float32" if dtype in ("bool", "int8", "uint8", "int16", "uint16") else "float64"


def _refuse_complex(dtypes: Sequence[str]) -> None:
    if any(d in complex_dtypes for d in dtypes):
        raise TypeError("complex argument not supported")


@rule
def same_out(*dtypes: str) -> tuple[str, ...]:
    """The dtype of the first input."""
    return (dtypes[0],)


@rule
def same_out_nobool(*dtypes: str) -> tuple[str, ...]:
    """The dtype of the first input; bool is refused with TypeError."""
    if dtypes[0] == "bool":
        raise TypeError("bool input not supported")
    return (dtypes[0],)


@rule
def same_out_min8(*dtypes: str) -> tuple[str, ...]:
    """The dtype of the first input, int8 for bool."""
    return ("int8" if dtypes[0] == "bool" else dtypes[0],)


@rule
def same_out_float_only(*dtypes: str) -> tuple[str, ...]:
    """The dtype of the first input, which must be a float (TypeError)."""
    if dtypes[0] not in float_dtypes:
        raise TypeError("only float type are supported")
    return (dtypes[0],)


@rule
def same_out_nocomplex(*dtypes: str) -> tuple[str, ...]:
    """The dtype of the first input; complex is refused with TypeError."""
    _refuse_complex(dtypes)
    return (dtypes[0],)


@rule
def upcast_out(*dtypes: str) -> tuple[str, ...]:
    """The promoted dtype."""
    return (upcast(*dtypes),)


@rule
def upcast_out_nobool(*dtypes: str) -> tuple[str, ...]:
    """The promoted dtype; TypeError if that is bool."""
    dtype = upcast(*dtypes)
    if dtype == "bool":
        raise TypeError("bool output not supported")
    return (dtype,)


@rule
def upcast_out_min8(*dtypes: str) -> tuple[str, ...]:
    """The promoted dtype, int8 for bool."""
    dtype = upcast(*dtypes)
    return ("int8" if dtype == "bool" else dtype,)


@rule
def upcast_out_no_complex(*dtypes: str) -> tuple[str, ...]:
    """The promoted dtype; complex is refused with TypeError."""
    _refuse_complex(dtypes)
    return (upcast(*dtypes),)


@rule
def upgrade_to_float(*dtypes: str) -> tuple[str, ...]:
    """The promoted dtype of the inputs, each first made a float (up to 16 bits of integer: float32)."""
    return (upcast(*[_float_of(d) for d in dtypes]),)


@rule
def upgrade_to_float_no_complex(*dtypes: str) -> tuple[str, ...]:
    """As ``upgrade_to_float``; complex is refused with TypeError."""
    _refuse_complex(dtypes)
    return upgrade_to_float(*dtypes)


@rule
def upgrade_to_float64(*dtypes: str) -> tuple[str, ...]:
    """float64."""
    return ("float64",)


float_out = upgrade_to_float64


@rule
def float_out_nocomplex(*dtypes: str) -> tuple[str, ...]:
    """float64; complex is refused with TypeError."""
    _refuse_complex(dtypes)
    return ("float64",)


@rule
def int_out(*dtypes: str) -> tuple[str, ...]:
    """int64."""
    return ("int64",)


@rule
def int_out_nocomplex(*dtypes: str) -> tuple[str, ...]:
    """int64; complex is refused with TypeError."""
    _refuse_complex(dtypes)
    return ("int64",)


@rule
def bool_out(*dtypes: str) -> tuple[str, ...]:
    """bool."""
    return ("bool",)


@rule
def real_out(*dtypes: str) -> tuple[str, ...]:
    """The dtype of the first input, the real one for complex."""
    return ({"complex64": "float32", "complex128": "float64"}.get(dtypes[0], dtypes[0]),)


class transfer_type:
    """A rule: output i has the dtype of input ``transfer[i]`` (None: the promoted dtype)."""

    def __init__(self, *transfer: Any):
        self.transfer = transfer

    def __eq__(self, other: Any) -> bool:
        return type(self) is type(other) and self.transfer == other.transfer

    def __hash__(self) -> int:
        return hash((type(self), self.transfer))

    def __call__(self, *dtypes: Any) -> list[Any]:
        return [
            upcast_out(*dtypes)[0] if i is None else i if isinstance(i, str) else dtypes[i]
            for i in self.transfer
        ]


class specific_out:
    """A rule: the outputs have these dtypes, whatever the inputs."""

    def __init__(self, *spec: Any):
        self.spec = spec

    def __eq__(self, other: Any) -> bool:
        return type(self) is type(other) and self.spec == other.spec

    def __hash__(self) -> int:
        return hash((type(self), self.spec))

    def __call__(self, *dtypes: Any) -> tuple[Any, ...]:
        return self.spec


class unary_out_lookup:
    """A rule: a dict from the dtype of the input to that of the output; TypeError for others."""

    def __init__(self, type_table: dict[Any, Any]):
        self.tbl = {getattr(k, "dtype", k): v for k, v in type_table.items()}

    def __eq__(self, other: Any) -> bool:
        return type(self) is type(other) and self.tbl == other.tbl

    def __hash__(self) -> int:
        return hash(type(self))

    def __call__(self, *dtypes: Any) -> list[Any]:
        key = getattr(dtypes[0], "dtype", dtypes[0])
        if key not in self.tbl:
            raise TypeError(key)
        return [self.tbl[key]]


class ScalarOp(Op):
    """An op on numbers: dtype rule, numpy form, torch form, gradient, doc.

    Subclassed by users too (``impl``, ``grad``, ``output_types_preference`` or ``output_types``); those run
    on the host, one number at a time.
    """

    name: str | None = None
    nin = -1
    nout = 1
    #: numpy form on arrays of the operand dtypes
    numpy: Callable[..., Any] | None = None
    #: torch form on tensors of the operand dtypes; None: the numpy form on the host
    torch: Callable[..., Any] | None = None
    #: torch form for integers where it differs
    torch_int: Callable[..., Any] | None = None
    #: "out" (operands are cast to the output dtype), "in" (to their common dtype), None (left as they are),
    #: or a function (input dtypes, output dtype) -> one of these, a dtype, or a tuple of dtypes
    compute: Any = "out"
    #: the torch form gets the node first: it must know which dimensions broadcast
    by_node = False
    #: kinds of operand dtypes that the torch form takes: b(ool) i(nt) u(int) f(loat) c(omplex)
    on = "biuf"
    #: the torch form only moves values: it takes every dtype as it is
    moves = False
    #: the gradient formula holds for complex inputs
    complex_gradient = False
    #: operand positions where the torch form takes a Python number
    literal: frozenset[int] = frozenset()
    domain: tuple[float, float] = (-2.0, 2.0)
    sympy: str = ""
    doc = ""
    gradient: Callable[..., Sequence[Any]] | None = None
    #: ``connected[i]``: does input i influence the output by way of its value?
    connected: tuple[bool, ...] | None = None
    commutative = False
    associative = False
    #: several numpy forms, one result for each output, for an op that is a graph of others
    forms: Callable[..., tuple[np.ndarray, ...]] | None = None
    output_types_preference: Any = None

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        # a user's subclass of a row (class MyExp(Exp)) that says what it computes is no longer the row's form
        if "impl" in cls.__dict__ and "numpy" not in cls.__dict__:
            cls.numpy = cls.torch = cls.torch_int = None
        if ("grad" in cls.__dict__ or "L_op" in cls.__dict__) and "gradient" not in cls.__dict__:
            cls.gradient = None

    def __init__(self, output_types_preference: Any = None, name: str | None = None):
        if name is not None:
            self.name = name
        if output_types_preference is not None:
            if not callable(output_types_preference):
                raise TypeError(
                    f"Expected a callable for the 'output_types_preference' argument to {type(self)}. "
                    f"(got: {output_types_preference})"
                )
            self.output_types_preference = output_types_preference

    def __setstate__(self, state: dict[str, Any]) -> None:
        # old pickles name the dtype rule of a row, which is the one that the row has here by another name
        if inspect.isfunction(state.get("output_types_preference")) and type(rows.get(state.get("name"))) is type(self):
            state = {k: v for k, v in state.items() if k != "output_types_preference"}
        self.__dict__.update(state)

    def output_types(self, types: Sequence[Any]) -> Sequence[Any]:
        """Types of the outputs for the types of the inputs; user ops may override it."""
        if self.output_types_preference is None:
            raise NotImplementedError(f"Cannot calculate the output types for {self}")
        return self.output_types_preference(*types)

    def output_dtypes(self, *dtypes: str) -> tuple[str, ...]:
        """Dtypes of the outputs; raises TypeError for dtypes that the op refuses."""
        if type(self) in _row_classes:
            return tuple(
                [d if isinstance(d, str) else d.dtype for d in self.output_types_preference(*dtypes)]
            )
        found = self.output_types([Scalar(d) for d in dtypes])
        if not isinstance(found, (list, tuple)):
            raise TypeError(
                f"output_types_preference should return a list or a tuple of types, {self} gave {found}"
            )
        if len(found) != self.nout:
            raise TypeError(
                f"Not the right number of outputs types produced for {self}. Expected {self.nout}, got "
                f"{len(found)}."
            )
        return tuple([d if isinstance(d, str) else d.dtype for d in found])

    def natural_dtype(self, ins: Sequence[str], out: str) -> str:
        """The dtype in which a row computes where its instance was given another dtype rule.

        ``Add(transfer_type(0))`` of int32 and float64 gives int32: the float64 sum, truncated.
        """
        if "output_types_preference" not in self.__dict__ or type(self) not in _row_classes:
            return out
        try:
            (found,) = type(self).output_types_preference(*ins)
        except TypeError:
            return out
        # C computes in double precision before it truncates to an integer
        return "float64" if found == "float32" and out in discrete_dtypes else found

    def operand_dtypes(self, ins: Sequence[str], out: str) -> list[str | None]:
        """The dtype in which each operand enters the numpy and torch forms (None: as it is)."""
        compute = self.compute
        if callable(compute):
            compute = compute(ins, out)
            if isinstance(compute, tuple):
                return list(compute)
        if compute == "out":
            compute = out
        elif compute == "in":
            compute = upcast(*ins)
        return [compute] * len(ins)

    def impl(self, *values: Any) -> Any:
        """The value for Python or numpy numbers."""
        if self.numpy is None:
            raise MethodNotDefined("impl", type(self), type(self).__name__)
        return self.numpy(*[np.asarray(v) for v in values])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return self.L_op(inputs, [late["elemwise"](self)(*inputs)], output_grads)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        """Gradients with respect to the inputs; on tensors None may stand for zero."""
        if not isinstance(inputs[0].type, Scalar) or self.gradient is None:
            return self.gradient_of(inputs, outputs, output_grads)
        grads: Sequence[Any] = [None] * len(inputs)
        if not any(o.type.dtype in discrete_dtypes for o in outputs):
            grads = late["scalar_gradient"](self, inputs, outputs, output_grads)
        return [
            x.zeros_like(config.floatX if x.type.dtype in discrete_dtypes else None) if g is None else g
            for x, g in zip(inputs, grads, strict=True)
        ]

    def gradient_of(
        self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]
    ) -> list[Any]:
        """What the formula of the row, or a user's ``grad``, gives (None: zero)."""
        if self.gradient is None:
            if type(self).grad is not ScalarOp.grad:
                return self.grad(inputs, output_grads)
            if type(self) not in _row_classes:
                raise MethodNotDefined("grad", type(self), type(self).__name__)
            raise NotPortedError(f"the gradient of {self} is not defined", fix="wrap it in disconnected_grad")
        if not self.complex_gradient:
            for v in (*inputs, output_grads[0]):
                if v.type.dtype in complex_dtypes:
                    raise NotPortedError(
                        f"the gradient of {self} is not defined for complex numbers",
                        fix="take real and imaginary parts before this op",
                    )
        return list(self.gradient(inputs, outputs[0], output_grads[0]))

    def make_node(self, *inputs: Any) -> Apply:
        """The op applied to numbers (``as_scalar`` of each input). TypeError for the wrong number of inputs."""
        if self.nin >= 0 and len(inputs) != self.nin:
            raise TypeError(
                f"Wrong number of inputs for {self}.make_node (got {len(inputs)}({inputs}), expected {self.nin})"
            )
        ins = [late["as_scalar"](x) for x in inputs]
        return Apply(self, ins, [Scalar(d)() for d in self.output_dtypes(*[x.type.dtype for x in ins])])

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        """The op applied: to numbers where one of the inputs is a variable of type ``Scalar``, else to tensors."""
        if any(isinstance(x, Variable) and isinstance(x.type, Scalar) for x in inputs):
            return super().__call__(*inputs, **kwargs)
        return late["elemwise"](self)(*inputs, **kwargs)

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: list[list[Any]], *params: Any) -> None:
        outs = [o.type.dtype for o in node.outputs]
        found = numpy_form(self, [np.asarray(x) for x in inputs], outs)
        for cell, value in zip(output_storage, found, strict=True):
            cell[0] = value

    def lower(self, node: Apply, ctx: Any, *xs: Any) -> Any:
        return late["lower_scalar"](self, node, ctx, *xs)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[tuple]:
        return [()] * len(node.outputs)

    def _facts(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k not in ("name", "output_types_preference")}

    def __eq__(self, other: Any) -> bool:
        if self is other:
            return True
        if type(self) is not type(other):
            return False
        return (
            self.output_types_preference == other.output_types_preference
            and self._facts() == other._facts()
        )

    def __hash__(self) -> int:
        return hash((type(self), self.output_types_preference))

    def __str__(self) -> str:
        if self.name:
            return self.name
        facts = ", ".join(f"{k}={v}" for k, v in self._facts().items())
        return f"{type(self).__name__}{{{facts}}}" if facts else type(self).__name__

    __repr__ = __str__


class UnaryScalarOp(ScalarOp):
    """A scalar op of one input."""

    nin = 1


class BinaryScalarOp(ScalarOp):
    """A scalar op of two inputs."""

    nin = 2


class LogicalComparison(BinaryScalarOp):
    """x < y and its like."""


class FixedLogicalComparison(UnaryScalarOp):
    """isnan and its like."""


class UnaryBitOp(UnaryScalarOp):
    """A scalar op on the bits of an integer."""


class BinaryBitOp(BinaryScalarOp):
    """A scalar op on the bits of two integers."""


_row_classes: set[type] = set()


def by_name(name: str) -> ScalarOp:
    """The row of that name (how a row unpickles)."""
    return rows[name]


def _reduce(self: ScalarOp) -> Any:
    if rows.get(type(self).key) is self:  # type: ignore[attr-defined]
        return by_name, (type(self).key,)  # type: ignore[attr-defined]
    return copyreg.__newobj__, (type(self),), self.__dict__


def enter(name: str, op: ScalarOp) -> ScalarOp:
    """Enter an instance of a hand-written class into the table."""
    _row_classes.add(type(op))
    rows[name] = op
    return op


def row(
    name: str,
    nin: int,
    *,
    dtype: Rule,
    numpy: Callable[..., Any],
    torch: Callable[..., Any] | None = None,
    grad: Callable[..., Sequence[Any]] | None = None,
    compute: Any = "out",
    literal: Sequence[int] = (),
    domain: tuple[float, float] = (-2.0, 2.0),
    sympy: str = "",
    cls: str | None = None,
    shown: str | None = None,
    doc: str = "",
    base: type[ScalarOp] | None = None,
    **facts: Any,
) -> ScalarOp:
    """Make a row: a class of its own name (``isinstance(op.scalar_op, Mul)``) and its one instance.

    ``nin`` -1 means one or more inputs. ``grad(xs, z, g)`` gets inputs, output and output gradient as
    variables and returns one gradient (or None for zero) for each input. ``domain`` is where tests draw
    numbers. ``sympy`` is the name there. ``shown`` is how the op prints, where that is not its name.
    ``facts`` are further attributes of ``ScalarOp`` (``on``, ``moves``, ``torch_int`` ...). The class lands
    in the calling module.
    """
    base = base or {1: UnaryScalarOp, 2: BinaryScalarOp}.get(nin, ScalarOp)
    home = sys._getframe(1).f_globals
    if "torch_int" in facts:
        facts["torch_int"] = staticmethod(facts["torch_int"])
    key = cls or "".join(part.capitalize() for part in name.strip("_").split("_"))
    made = type(
        key,
        (base,),
        {
            "__doc__": doc,
            "__module__": home["__name__"],
            "name": shown or name,
            "key": name,
            "nin": nin,
            "output_types_preference": staticmethod(dtype),
            "numpy": staticmethod(numpy),
            "torch": None if torch is None else staticmethod(torch),
            "gradient": None if grad is None else staticmethod(grad),
            "compute": staticmethod(compute) if callable(compute) else compute,
            "literal": frozenset(literal),
            "domain": domain,
            "sympy": sympy,
            "doc": doc,
            "__reduce__": _reduce,
            **facts,
        },
    )
    _row_classes.add(made)
    # by its own name in its module, so that pickles and isinstance checks of user code find it
    home[key] = made
    instance = made()
    rows[name] = instance
    return instance


def const(value: Any, dtype: str) -> Any:
    """A constant of exactly this dtype, for gradient formulas."""
    return constant(np.asarray(value).astype(dtype))


def fill(x: Any, value: Any, dtype: str) -> Any:
    """``value`` in the shape of ``x``."""
    return late["elemwise"](rows["second"])(x, const(value, dtype))


def zero_for(x: Any) -> Any:
    """Zeros like ``x`` in a float dtype: the gradient with respect to something that does not matter."""
    dtype = x.type.dtype
    return fill(x, 0, config.floatX if dtype in discrete_dtypes else dtype)


def zero_floatX(x: Any) -> Any:
    """Zeros of floatX in the shape of ``x``."""
    return fill(x, 0, config.floatX)


def numpy_form(op: ScalarOp, arrays: Sequence[np.ndarray], outs: Sequence[str]) -> tuple[np.ndarray, ...]:
    """The numpy form on arrays of any dtype, one result for each of the dtypes ``outs``.

    Floating point errors are kept quiet, as compiled C does. Raises what the form raises (ZeroDivisionError
    ...).
    """
    if op.forms is not None:
        return op.forms(arrays, outs)
    if op.numpy is None:
        results = np.frompyfunc(op.impl, len(arrays), op.nout)(*arrays)
        results = results if op.nout > 1 else (results,)
        return tuple(np.asarray(r).astype(out) for r, out in zip(results, outs, strict=True))
    ins = [str(a.dtype) for a in arrays]
    dtypes = op.operand_dtypes(ins, op.natural_dtype(ins, outs[0]))
    if any(
        a.dtype.kind == "c" and d is not None and np.dtype(d).kind != "c"
        for a, d in zip(arrays, dtypes, strict=True)
    ):
        raise TypeError(f"{op} does not take complex numbers")
    operands = [a if d is None or a.dtype == d else _cast(a, d) for a, d in zip(arrays, dtypes, strict=True)]
    with np.errstate(all="ignore"):
        result = np.asarray(op.numpy(*operands))
        return (result if result.dtype == outs[0] else _cast(result, outs[0]),)


def _cast(array: np.ndarray, dtype: str) -> np.ndarray:
    with np.errstate(all="ignore"):
        if array.dtype.kind == "c" and np.dtype(dtype).kind != "c":
            array = array.real
        return array.astype(dtype)


__all__ = [
    "BinaryBitOp",
    "BinaryScalarOp",
    "FixedLogicalComparison",
    "LogicalComparison",
    "Rule",
    "ScalarOp",
    "UnaryBitOp",
    "UnaryScalarOp",
    "bool_out",
    "by_name",
    "const",
    "enter",
    "fill",
    "float_out",
    "float_out_nocomplex",
    "int_out",
    "int_out_nocomplex",
    "numpy_form",
    "real_out",
    "row",
    "rows",
    "rule",
    "same_out",
    "same_out_float_only",
    "same_out_min8",
    "same_out_nobool",
    "same_out_nocomplex",
    "specific_out",
    "transfer_type",
    "unary_out_lookup",
    "upcast_out",
    "upcast_out_min8",
    "upcast_out_no_complex",
    "upcast_out_nobool",
    "upgrade_to_float",
    "upgrade_to_float64",
    "upgrade_to_float_no_complex",
    "zero_floatX",
    "zero_for",
]
