"""The graph: ``Type``, ``Variable``, ``Constant``, ``Apply``, ``Op``, and walks over them.

A bipartite directed acyclic graph with identity semantics: a ``Variable`` is made by at most one ``Apply`` (its
``owner``), an ``Apply`` is one application of an ``Op``. Nothing here knows torch, sympy or tensors. Every walk is
iterative, so chains of 100,000 nodes are fine.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import importlib
import inspect
import itertools
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from tgraph.c_code import CLinkerOp, CLinkerType
from tgraph.config import config
from tgraph.errors import MethodNotDefined, NoGradientError


class _Late(dict[str, Callable[..., Any]]):
    """Functions that live upstairs but are offered as methods here (``variable.eval``, test values ...).

    Each is filled, once, by the file that defines it. Who asks before the top of the house is loaded, loads it:
    a script may call ``x.eval()`` and never name ``function``.
    """

    def __missing__(self, name: str) -> Callable[..., Any]:
        for top in ("tgraph.function", "tgraph.formulas"):
            importlib.import_module(top)
            if name in self:
                break
        else:
            raise KeyError(name)
        return self[name]


late = _Late()

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_ours: dict[str, bool] = {}


def user_line() -> tuple[str, int] | None:
    """(file, line) of the nearest frame outside of this package: the user's own line."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        ours = _ours.get(name)
        if ours is None:
            ours = _ours[name] = name.startswith((_PACKAGE, "<tgraph"))
        if not ours:
            return name, frame.f_lineno
        frame = frame.f_back
    return None


def is_ours(cls: type) -> bool:
    """True for a class of this package, False for one that a user wrote."""
    return cls.__module__.partition(".")[0] == __name__.partition(".")[0]


def where(thing: Any) -> str | None:
    """``file:line`` where the user built a variable or an apply node, or None if unknown."""
    place = getattr(thing, "place", None)
    if place is None and isinstance(thing, Variable) and thing.owner is not None:
        place = thing.owner.place
    return f"{place[0]}:{place[1]}" if place else None


class Scratchpad:
    """Free attributes for users (``variable.tag.test_value = ...``)."""

    def __repr__(self) -> str:
        return f"scratchpad{self.__dict__}"

    def clear(self) -> None:
        """Forget all attributes."""
        self.__dict__.clear()

    def __update__(self, other: Scratchpad) -> Scratchpad:
        """As ``update``; the scratchpad itself comes back."""
        self.__dict__.update(other.__dict__)
        return self

    def update(self, other: Scratchpad) -> None:
        """Take over all attributes of another scratchpad."""
        self.__dict__.update(other.__dict__)

    def info(self) -> None:
        """Kept for legacy code that calls it while debugging."""
        sys.stderr.write(repr(self) + "\n")


scratchpad = Scratchpad


def _props_eq(self: Any, other: Any) -> bool:
    if type(self) is not type(other):
        return False
    return all(getattr(self, p) == getattr(other, p) for p in self.__props__)


def _props_hash(self: Any) -> int:
    return hash((type(self), tuple(getattr(self, p) for p in self.__props__)))


def _props_str(self: Any) -> str:
    if not self.__props__:
        return type(self).__name__
    return f"{type(self).__name__}{{{', '.join(f'{p}={getattr(self, p)!r}' for p in self.__props__)}}}"


class WithProps:
    """Objects that are equal where the attributes named in ``__props__`` are; without ``__props__``, by identity."""

    __props__: tuple[str, ...]

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        if "__props__" in cls.__dict__:
            if "__eq__" not in cls.__dict__:
                cls.__eq__ = _props_eq
            if "__hash__" not in cls.__dict__ or cls.__dict__["__hash__"] is None:
                cls.__hash__ = _props_hash
            if "__str__" not in cls.__dict__:
                cls.__str__ = _props_str
        elif "__eq__" in cls.__dict__ and "__hash__" not in cls.__dict__:
            cls.__hash__ = object.__hash__

    def _props(self) -> tuple:
        return tuple(getattr(self, p) for p in self.__props__)

    def _props_dict(self) -> dict[str, Any]:
        return {p: getattr(self, p) for p in self.__props__}


class Tagged:
    """Something with a ``tag``; the scratchpad is made at first use (most nodes never need one)."""

    @property
    def tag(self) -> Any:
        pad = self.__dict__.get("_tag")
        if pad is None:
            pad = self.__dict__["_tag"] = Scratchpad()
        return pad

    @tag.setter
    def tag(self, pad: Any) -> None:
        self.__dict__["_tag"] = pad

    def __setstate__(self, state: dict[str, Any]) -> None:
        # old pickles have the scratchpad under its public name, which the property would hide, and the compiled graph
        # that used the thing
        waiting = self.__dict__.pop("_waiting", ())
        self.__dict__.update(state)
        if "tag" in state:
            self.__dict__["_tag"] = self.__dict__.pop("tag")
            for name in ("clients", "fgraph", "deps"):
                self.__dict__.pop(name, None)
        for node in waiting:
            _adopt(node)


class PureType(WithProps):
    """What values a variable may hold. Subclasses define ``filter`` and usually ``__eq__``/``__hash__``."""

    variable_class: type[Variable]
    constant_class: type[Constant]
    #: have the values of this type a ``shape`` of ``ndim`` sizes?
    shaped = False

    @property
    def Variable(self) -> type[Variable]:
        """The class of the variables that this type makes."""
        return self.variable_class

    @property
    def Constant(self) -> type[Constant]:
        """The class of the constants that this type makes."""
        return self.constant_class

    def filter(self, value: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """The value in the form this type stores, or TypeError."""
        raise MethodNotDefined("filter", type(self), type(self).__name__)

    def is_valid_value(self, value: Any) -> bool:
        """True if ``filter(value, strict=True)`` takes the value."""
        try:
            self.filter(value, strict=True)
        except (TypeError, ValueError):
            return False
        return True

    def value_validity_msg(self, value: Any) -> str:
        """Why a value is refused (shown in error messages)."""
        return "none"

    def filter_variable(self, other: Any, allow_convert: bool = True) -> Variable:
        """``other`` as a variable of exactly this type, or TypeError."""
        if not isinstance(other, Variable):
            other = self.constant_class(self, self.filter(other))
        if other.type != self and allow_convert:
            converted = self.convert_variable(other)
            if converted is not None:
                return converted
        if other.type != self:
            raise TypeError(
                f"Cannot convert Type {other.type} (of Variable {other}) into Type {self}. "
                f"You can try to manually convert {other} into a {self}."
            )
        return other

    def convert_variable(self, variable: Variable) -> Variable | None:
        """A variable of this type made of another one, or None where that is not possible."""
        return None

    def in_same_class(self, other: Type) -> bool:
        """True if values of both types may stand for each other in an inner graph."""
        return self == other

    def make_variable(self, name: str | None = None) -> Any:
        """A fresh variable of this type."""
        return self.variable_class(self, name=name)

    make_constant: Any = None  # replaced below; declared so that subclasses may override it

    def __call__(self, name: str | None = None) -> Any:
        """A fresh variable of this type: ``x = T.dmatrix('x')``."""
        variable = self.make_variable(name)
        variable.place = user_line()
        _add_trace(variable)
        return variable

    def values_eq(self, a: Any, b: Any) -> bool:
        """True if two values of this type are equal."""
        return a == b

    def values_eq_approx(self, a: Any, b: Any) -> bool:
        """True if two values of this type are close enough to be the same result."""
        return self.values_eq(a, b)

    def get_shape_info(self, obj: Any) -> Any:
        """Size information about a value (None: not applicable)."""
        return None


class Type(PureType, CLinkerType):
    """A type as users write it."""


class SingletonType(Type):
    """A type of which there is one object for each class."""

    _one: Any = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if "_one" not in cls.__dict__ or cls.__dict__["_one"] is None:
            cls._one = super().__new__(cls)
        return cls._one

    def __eq__(self, other: object) -> bool:
        return self is other or type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __str__(self) -> str:
        return type(self).__name__


def _make_constant(self: PureType, value: Any, name: str | None = None) -> Any:
    return self.constant_class(type=self, data=value, name=name)


PureType.make_constant = _make_constant


class Variable(Tagged):
    """A node that holds one value of ``type``; made by ``owner.op`` as output ``index``, or a leaf.

    Equality is identity, so variables are dictionary keys.
    """

    __count__ = itertools.count()
    # old pickles leave these out of leaves
    owner: Apply | None = None
    index: int | None = None
    name: str | None = None
    place: tuple[str, int] | None = None

    def __init__(self, type: Type, owner: Apply | None = None, index: int | None = None, name: str | None = None):
        if name is not None and not isinstance(name, str):
            raise TypeError("name must be a string!", name)
        self.type = type
        self.owner = owner
        self.index = int(index) if index is not None else None
        self.name = name
        self.auto_name = f"auto_{next(Variable.__count__)}"
        self.place = None

    def __str__(self) -> str:
        if self.name is not None:
            return self.name
        if self.owner is not None:
            op = self.owner.op
            if self.index == op.default_output:
                return f"{op}.out"
            return f"{op}.{self.index}"
        return f"<{self.type}>"

    def __repr__(self) -> str:
        value = late["test_value"](self) if config.print_test_value else None
        return str(self) if value is None else f"{self}\n{value!r}"

    def clone(self) -> Any:
        """A leaf of the same type and name, without owner."""
        copied = type(self)(self.type, None, None, self.name)
        if "_tag" in self.__dict__:
            copied.tag = copy.copy(self.tag)
        return copied

    def get_parents(self) -> list[Apply]:
        """The apply node that makes this variable, as a list."""
        return [self.owner] if self.owner is not None else []

    def eval(self, inputs_to_values: dict[Variable, Any] | None = None) -> Any:
        """The value of this variable for given values of the inputs: ``y.eval({x: 3})``.

        Raises TypeError for keys that are not variables and MissingInputError for missing values. The compiled
        function is kept on the variable, one for each set of inputs.
        """
        return late["eval"](self, inputs_to_values)

    def __lt__(self, other: Any) -> Any:
        raise NotImplementedError(f"Subclasses of Variable must provide __lt__ ({type(self).__name__})")

    __le__ = __gt__ = __ge__ = __lt__

    def __reduce_ex__(self, protocol: Any) -> Any:
        return late["reduce_variable"](self)

    def __deepcopy__(self, memo: dict) -> Any:
        return late["deepcopy"](self, memo)

    def __copy__(self) -> Any:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin


class Constant(Variable):
    """A variable with a fixed value ``data``."""

    def __init__(self, type: Type, data: Any, name: str | None = None):
        super().__init__(type, None, None, name)
        self.data = type.filter(data)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "tag" in state:  # an old pickle, where constants of scalar types hold numbers
            self.data = self.type.filter(self.data)

    def equals(self, other: Any) -> bool:
        """True if the other is a constant of the same type and value."""
        return isinstance(other, Constant) and self.signature() == other.signature()

    def signature(self) -> Any:
        """A hashable key of type and value."""
        return (self.type, self.data)

    def merge_signature(self) -> Any:
        """As ``signature``."""
        return self.signature()

    @property
    def value(self) -> Any:
        """The data (read only)."""
        return self.data

    def clone(self) -> Any:
        """A constant is never changed, so it is its own clone; the copy has its own tag."""
        copied = type(self)(self.type, self.data, self.name)
        if "_tag" in self.__dict__:
            copied.tag = copy.copy(self.tag)
        return copied

    def __str__(self) -> str:
        if self.name is not None:
            return self.name
        text = str(self.data)
        if len(text) > 20:
            text = text[:10].strip() + ".." + text[-10:].strip()
        return f"{type(self).__name__}{{{text}}}"


PureType.variable_class = Variable
PureType.constant_class = Constant


class Sized:
    """An op that old code may ask for sizes by ``infer_shape``. Where a user's op has this method it is asked when a
    function is compiled; that of ours asks what is known then anyway."""

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """The sizes of a node's outputs, each as a tuple of scalars, for inputs of these ``shapes`` (tuples of scalars;
        None where there is none)."""
        return late["infer_shape"](node.outputs, node.inputs, shapes)


def _adopt(node: Apply) -> None:
    """Let an op that takes other inputs than it did when an old pickle was written see to that: at once, or when what
    the pickle leaves open, where a compiled graph goes round in circles, is there."""
    adopt = getattr(type(node.op), "adopt", None)
    if adopt is None:
        return
    for x in node.inputs:
        missing = x if "type" not in x.__dict__ else x.owner if x.owner and "op" not in x.owner.__dict__ else None
        if missing is not None:
            missing.__dict__.setdefault("_waiting", []).append(node)
            return
    adopt(node.op, node)


class NoParams:
    """Stands for "this op has no parameters" in legacy code."""


class Apply(Tagged):
    """One application of ``op`` to ``inputs``; makes ``outputs`` (fresh variables, or ones without owner)."""

    place: tuple[str, int] | None = None  # old pickles do not tell

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        _adopt(self)

    def __init__(self, op: Any, inputs: Sequence[Variable], outputs: Sequence[Variable]):
        if not isinstance(inputs, (list, tuple)):
            raise TypeError("The inputs of an Apply must be a list or tuple")
        if not isinstance(outputs, (list, tuple)):
            raise TypeError("The output of an Apply must be a list or tuple")
        self.op = op
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []
        self.place = user_line()
        for variable in inputs:
            if not isinstance(variable, Variable):
                raise TypeError(
                    f"The 'inputs' argument to Apply must contain Variable instances, not {variable} of "
                    f"{type(variable)}"
                )
            self.inputs.append(variable)
        for i, output in enumerate(outputs):
            if not isinstance(output, Variable):
                raise TypeError(f"The 'outputs' argument to Apply must contain Variable instances, not {output}")
            if output.owner is None:
                output.owner = self
                output.index = i
            elif output.owner is not self or output.index != i:
                raise ValueError("All output variables passed to Apply must belong to it.")
            self.outputs.append(output)

    @property
    def out(self) -> Any:
        """The default output."""
        return self.default_output()

    def default_output(self) -> Any:
        """The output that ``op(...)`` returns; AttributeError where that is ambiguous."""
        do = self.op.default_output
        if do is None:
            if len(self.outputs) == 1:
                return self.outputs[0]
            raise AttributeError(f"{self.op}.default_output should be an output index.")
        if not isinstance(do, int) or do < 0 or do >= len(self.outputs):
            raise AttributeError(f"{self.op}.default_output is out of range: {do}")
        return self.outputs[do]

    def run_params(self) -> Any:
        """Parameters of the op for this node (legacy ops with ``params_type`` or ``get_params``), else NoParams."""
        if hasattr(self.op, "get_params"):
            with contextlib.suppress(MethodNotDefined):
                return self.op.get_params(self)
        return NoParams

    @property
    def nin(self) -> int:
        return len(self.inputs)

    @property
    def nout(self) -> int:
        return len(self.outputs)

    params_type = property(lambda self: getattr(self.op, "params_type", None))

    def clone(self) -> Apply:
        """The same op and inputs with fresh outputs."""
        node = type(self)(self.op, self.inputs, [output.clone() for output in self.outputs])
        node.place = self.place
        if "_tag" in self.__dict__:
            node.tag = copy.copy(self.tag)
        return node

    def clone_with_new_inputs(self, inputs: Sequence[Variable], strict: bool = True) -> Apply:
        """The same op on other inputs; types that differ ask the op to infer its outputs again."""
        new_inputs = list(inputs)
        remake = False
        for i, (old, new) in enumerate(zip(self.inputs, new_inputs, strict=True)):
            if old.type == new.type:
                continue
            if strict:
                new_inputs[i] = old.type.filter_variable(new)
            else:
                remake = True
        if not remake:
            node = self.clone()
            node.inputs = new_inputs
            return node
        node = self.op.make_node(*new_inputs)
        node.place = self.place
        if "_tag" in self.__dict__:
            node.tag.update(self.tag)
        return node

    def get_parents(self) -> list[Variable]:
        """The inputs, as a list."""
        return list(self.inputs)

    def __str__(self) -> str:
        # an input prints as its name or its op, so this never goes deeper than one level
        return f"{self.op}({', '.join(str(v) for v in self.inputs)})"

    def __repr__(self) -> str:
        return str(self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return late["reduce_apply"](self)

    def __deepcopy__(self, memo: dict) -> Any:
        return late["deepcopy"](self, memo)


@functools.cache
def _later_parameters(cls: type) -> tuple[tuple[str, Any], ...]:
    """(name, default) of what an op of ours has as parameters: an old pickle lacks those that came later."""
    if cls.__module__.partition(".")[0] != __name__.partition(".")[0]:
        return ()
    props = getattr(cls, "__props__", ())
    return tuple((name, p.default) for base in cls.__mro__ if "__init__" in vars(base)
                 for name, p in inspect.signature(base.__init__).parameters.items()
                 if name in props and p.default is not p.empty and not hasattr(cls, name))


class PureOp(WithProps):
    """What an ``Apply`` applies.

    Our own ops define ``infer`` (types in, types out), ``grad`` and ``lower`` (torch calls). Legacy ops define
    ``make_node`` (or ``itypes``/``otypes``), ``perform``, ``grad`` or ``L_op``, ``R_op``, ``infer_shape`` and
    ``__props__``; they run on the host.
    """

    default_output: int | None = None
    view_map: dict[int, list[int]] = {}
    destroy_map: dict[int, list[int]] = {}
    #: True for ops that must never be merged or removed: random draws, printing
    effects = False
    #: True for ops whose Python form always gives arrays in new memory that nothing else holds
    own_memory = False

    def __setstate__(self, state: Any) -> None:
        plain, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
        self.__dict__.update(plain or {})
        for name, value in (slots or {}).items():
            setattr(self, name, value)
        for name, value in _later_parameters(type(self)):
            self.__dict__.setdefault(name, value)

    def make_node(self, *inputs: Any) -> Apply:
        """An ``Apply`` of this op; legacy ops override it or give ``itypes`` and ``otypes``."""
        itypes = getattr(self, "itypes", None)
        if itypes is None or not hasattr(self, "otypes"):
            raise NotImplementedError(
                "You can either define itypes and otypes,             or implement make_node"
            )
        if len(inputs) != len(itypes):
            raise ValueError(f"We expected {len(itypes)} inputs but got {len(inputs)}.")
        inputs = [t.filter_variable(late["as_variable"](x)) if not isinstance(x, Variable) else x
                  for x, t in zip(inputs, itypes, strict=True)]
        if not all(x.type == t for x, t in zip(inputs, itypes, strict=True)):
            raise TypeError(
                f"We expected inputs of types '{list(itypes)}' but got types "
                f"'{[x.type for x in inputs]}'"
            )
        return Apply(self, inputs, [o() for o in self.otypes])

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        """Apply the op: its output, or a list of its outputs where there are several (or ``return_list=True``)."""
        return_list = kwargs.pop("return_list", False)
        node = self.make_node(*inputs, **kwargs)
        if config.compute_test_value != "off":
            late["compute_test_value"](node)
        if self.default_output is not None:
            result = node.outputs[self.default_output]
            return [result] if return_list else result
        if return_list:
            return list(node.outputs)
        return node.outputs[0] if len(node.outputs) == 1 else node.outputs

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        """Gradients of a cost with respect to the inputs, given those with respect to the outputs."""
        return self.grad(inputs, output_grads)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        """As ``L_op`` without the outputs (the older form, still the one most legacy ops define)."""
        raise NoGradientError(f"'{type(self).__name__}' object has no attribute 'grad': {self} defines no gradient",
                              fix="define grad(self, inputs, output_grads), or cut it off with disconnected_grad")

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        """Tangents of the outputs, given those of the inputs. Seldom needed: the gradient's gradient gives them."""
        raise NotImplementedError(f"{self} of class {type(self).__name__} does not implement R_op.")

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: list[list[Any]], *params: Any) -> None:
        """The numpy form: read ``inputs``, write ``output_storage[i][0]``."""
        results = self.compute(node, *inputs)
        if len(node.outputs) == 1 and not isinstance(results, tuple):
            results = (results,)
        for cell, result in zip(output_storage, results, strict=True):
            cell[0] = result

    def compute(self, node: Apply, *inputs: Any) -> Any:
        """The numpy form of our own ops: arrays in, an array (or a tuple of arrays) out."""
        raise MethodNotDefined("perform", type(self), type(self).__name__)

    def lower(self, node: Apply, ctx: Any, *inputs: Any) -> Any:
        """The torch form. An op that defines none runs its numpy form on the host."""
        return ctx.host(node, *inputs)

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Callable[[], Any]) -> list[Sequence[Any]]:
        """Dimension symbols of the outputs, given those of the inputs; equal symbols mean sizes proved equal."""
        return [tuple(1 if b else fresh() for b in getattr(o.type, "broadcastable", ())) for o in node.outputs]

    def connects(self, node: Apply) -> list[list[bool]]:
        """``pattern[i][j]``: does input i influence output j (by way of its value)?"""
        legacy = getattr(self, "connection_pattern", None)
        if legacy is not None:
            return legacy(node)
        return [[True] * len(node.outputs) for _ in node.inputs]

    def do_constant_folding(self, node: Apply) -> bool:
        """May the op be run once, when a function is compiled, where all inputs are constants?"""
        return True

    @classmethod
    def _get_test_value(cls, v: Any) -> Any:
        value = late["test_value"](v)
        if value is None:
            raise AttributeError(f"{v} has no test value")
        return value

    @staticmethod
    def add_tag_trace(thing: Any, user_line: Any = None) -> Any:
        """Kept for legacy ops that call it; the place is recorded anyway."""
        return thing

    def __str__(self) -> str:
        return getattr(self, "name", None) or type(self).__name__

    def __repr__(self) -> str:
        return str(self)


class Op(PureOp, CLinkerOp):
    """An op as users write it: ``PureOp`` with the hooks by which legacy ops prepare how they run."""

    def get_params(self, node: Apply) -> Any:
        """The last argument of ``perform``: the attributes of the op that its ``params_type`` names.

        Raises MethodNotDefined without such a type, AttributeError where the op lacks an attribute.
        """
        wanted = getattr(self, "params_type", None)
        fields = getattr(wanted, "fields", None)
        if wanted is None or fields is None:
            raise MethodNotDefined("get_params")
        missing = tuple(field for field in fields if not hasattr(self, field))
        if missing:
            raise AttributeError(f"{type(self).__name__}: missing attributes {missing} for ParamsType.")
        return wanted.get_params(self)

    def prepare_node(self, node: Apply, storage_map: Any, compute_map: Any, impl: Any) -> None:
        """Called before a node is first run by ``perform`` (``impl`` 'py')."""

    def make_thunk(self, node: Apply, storage_map: Any, compute_map: Any, no_recycling: Any, impl: Any = None) -> Any:
        """A function without arguments that runs a node on one-element lists: ``storage_map[variable][0]``."""
        if impl == "c":
            return self.make_c_thunk(node, storage_map, compute_map, no_recycling)
        self.prepare_node(node, storage_map=storage_map, compute_map=compute_map, impl="py")
        return self.make_py_thunk(node, storage_map, compute_map, no_recycling)

    def make_py_thunk(self, node: Apply, storage_map: Any, compute_map: Any, no_recycling: Any,
                      debug: bool = False) -> Any:
        """As ``make_thunk``, by ``perform``."""
        ins, outs = [storage_map[v] for v in node.inputs], [storage_map[v] for v in node.outputs]
        params = node.run_params()
        extra = () if params is NoParams else (params,)

        def thunk() -> None:
            self.perform(node, [cell[0] for cell in ins], outs, *extra)
            for v in node.outputs:
                compute_map[v][0] = True

        thunk.inputs, thunk.outputs, thunk.lazy, thunk.perform = ins, outs, False, self.perform  # type: ignore
        return thunk

    def make_c_thunk(self, node: Apply, storage_map: Any, compute_map: Any, no_recycling: Any) -> Any:
        """Refused: no C is compiled here."""
        raise NotImplementedError(f"{self}: C code is not compiled here")


def _add_trace(variable: Variable) -> None:
    """Legacy code and error messages read ``tag.trace``; ours is the user's line only."""
    if variable.place:
        lines = [(variable.place[0], variable.place[1], "<module>", "")]
        # the user's line alone is quick; who asks for more lines gets them
        if (limit := config.traceback.limit) != 8:
            lines = _lines(limit)
        variable.tag.trace = [lines]


def _lines(limit: int) -> list[tuple[str, int, str, str]]:
    """The calls that led to the user's line, that line last."""
    found: list[tuple[str, int, str, str]] = []
    frame = sys._getframe(2)
    while frame is not None and (limit < 0 or len(found) < limit):
        name = frame.f_code.co_filename
        if found or not name.startswith((_PACKAGE, "<tgraph")):
            found.append((name, frame.f_lineno, frame.f_code.co_name, ""))
        frame = frame.f_back
    return found[::-1]


def torch_form(op: PureOp) -> Callable[..., Any]:
    """The method ``lower`` of an op's class. Old ops keep flags of that name ("the lower triangle") on themselves."""
    return _of_class(op, "lower")


def sizes_form(op: PureOp) -> Callable[..., Any]:
    """The method ``dims`` of an op's class; see ``torch_form``."""
    return _of_class(op, "dims")


def _of_class(op: PureOp, name: str) -> Callable[..., Any]:
    found = getattr(type(op), name)
    return found if callable(found) else getattr(PureOp, name)


def toposort(outputs: Iterable[Variable], stop: Iterable[Variable] = ()) -> list[Apply]:
    """Apply nodes that the outputs need, each after the makers of its inputs; ``stop`` variables count as leaves.

    The order is that of a depth-first walk from the first output, inputs left to right.
    """
    blocked = set(stop)
    done: set[Apply] = set()
    order: list[Apply] = []
    for output in outputs:
        if output.owner is None or output in blocked or output.owner in done:
            continue
        stack: list[tuple[Apply, Iterator[Variable]]] = [(output.owner, iter(output.owner.inputs))]
        entered = {output.owner}
        while stack:
            node, rest = stack[-1]
            for variable in rest:
                maker = variable.owner
                if maker is not None and maker not in done and maker not in entered and variable not in blocked:
                    entered.add(maker)
                    stack.append((maker, iter(maker.inputs)))
                    break
            else:
                stack.pop()
                done.add(node)
                order.append(node)
    return order


def _depth_first(starts: Iterable[Variable], expand: Callable[[Variable], Sequence[Variable] | None]) -> list[Variable]:
    """Every variable before what it expands to, the first of that next; the last of ``starts`` comes first."""
    stack = list(starts)
    found: dict[Variable, None] = {}
    while stack:
        variable = stack.pop()
        if variable not in found:
            found[variable] = None
            stack.extend(reversed(expand(variable) or ()))
    return list(found)


def ancestors(variables: Iterable[Variable], blockers: Iterable[Variable] | None = None) -> list[Variable]:
    """All variables that the given ones depend on, themselves included: each before its inputs, first input first.

    What lies behind ``blockers`` is left out.
    """
    blocked = set(blockers or ())
    return _depth_first(variables, lambda v: v.owner.inputs if v.owner is not None and v not in blocked else None)


def inputs(variables: Iterable[Variable], blockers: Iterable[Variable] | None = None) -> list[Variable]:
    """The leaves (constants included) that the given variables depend on, in the order in which they are used."""
    return [v for v in ancestors(variables, blockers) if v.owner is None]


def variables(ins: Iterable[Variable], outs: Iterable[Variable]) -> list[Variable]:
    """All variables between ``ins`` and ``outs``, both included, and the other outputs of their nodes."""
    ends = set(ins)
    return _depth_first(outs, lambda v: [*v.owner.inputs, *v.owner.outputs] if v.owner is not None and v not in ends
                        else None)


def io_toposort(ins: Iterable[Variable], outs: Iterable[Variable], orderings: Any = None) -> list[Apply]:
    """Apply nodes between ``ins`` and ``outs``, each after those it needs: the last input's first, as legacy code
    that takes the order of its arguments from here expects. ``orderings`` (node -> nodes that come first) are kept.
    """
    ends = set(ins)
    before = orderings or {}
    done: set[Apply] = set()
    order: list[Apply] = []
    stack = [v.owner for v in reversed(list(outs)) if v.owner is not None]
    while stack:
        node = stack[-1]
        if node in done or node.outputs[0] in ends:
            stack.pop()
            continue
        makers = [v.owner for v in node.inputs if v.owner is not None and v not in ends]
        missing = [m for m in (*makers, *before.get(node, ())) if m not in done and m.outputs[0] not in ends]
        if missing:
            stack.extend(missing)
        else:
            done.add(stack.pop())
            order.append(node)
    return order


def ops(ins: Iterable[Variable], outs: Iterable[Variable]) -> set[Apply]:
    """The apply nodes between ``ins`` and ``outs``."""
    return set(toposort(outs, ins))


def clone_get_equiv(
    ins: Sequence[Variable],
    outs: Sequence[Variable],
    copy_inputs: bool = True,
    copy_orphans: bool = True,
    memo: dict | None = None,
) -> dict:
    """A copy of the graph between ``ins`` and ``outs`` as a dict from every old variable and node to its twin."""
    memo = {} if memo is None else memo
    for variable in ins:
        memo.setdefault(variable, variable.clone() if copy_inputs else variable)
    for node in toposort(outs, ins):
        for variable in node.inputs:
            if variable not in memo:
                memo[variable] = variable.clone() if copy_orphans else variable
        twin = node.clone_with_new_inputs([memo[v] for v in node.inputs])
        memo[node] = twin
        for old, new in zip(node.outputs, twin.outputs, strict=True):
            memo.setdefault(old, new)
    for variable in outs:
        if variable not in memo:
            memo[variable] = variable.clone() if copy_orphans else variable
    return memo


def clone(
    ins: Sequence[Variable], outs: Sequence[Variable], copy_inputs: bool = True, copy_orphans: bool | None = None
) -> tuple[list[Variable], list[Variable]]:
    """A copy of the graph between ``ins`` and ``outs``: (new inputs, new outputs)."""
    memo = clone_get_equiv(ins, outs, copy_inputs, copy_inputs if copy_orphans is None else copy_orphans)
    return [memo[v] for v in ins], [memo[v] for v in outs]


def replace(outputs: Sequence[Variable], replacements: dict[Variable, Variable], strict: bool = True) -> list[Variable]:
    """The outputs with some variables replaced; shares every part of the graph that stays the same.

    A replacement is used as it is: it is not itself searched for further replacements. With ``strict`` a
    replacement is converted to the type of what it replaces, or TypeError.
    """
    memo: dict[Variable, Variable] = {}
    for old, new in replacements.items():
        memo[old] = old.type.filter_variable(new) if strict else new
    for node in toposort(outputs, memo):
        if not any(memo.get(v, v) is not v for v in node.inputs):
            continue
        twin = node.clone_with_new_inputs([memo.get(v, v) for v in node.inputs], strict=strict)
        for old, new in zip(node.outputs, twin.outputs, strict=True):
            memo.setdefault(old, new)
    return [memo.get(v, v) for v in outputs]


def is_in_ancestors(made: Variable | Apply, node: Apply) -> bool:
    """True if ``node`` helps to make a variable, or the outputs of a node."""
    return node in set(toposort(made.outputs if isinstance(made, Apply) else [made]))


def get_debug_values(*args: Any) -> Any:
    """Once the test values of ``args`` (one alone, several as a tuple) if all have one, else nothing."""
    if config.compute_test_value == "off":
        return
    values = []
    for arg in args:
        value = late["test_value"](arg if isinstance(arg, Variable) else late["as_variable"](arg))
        if value is None:
            if config.compute_test_value == "raise":
                raise AttributeError(f"{arg} has no test value")
            if config.compute_test_value == "warn":
                warnings.warn(f"Argument {arg} has no test value", stacklevel=2)
            return
        values.append(value)
    yield values[0] if len(values) == 1 else tuple(values)


#: guards the few global tables that are filled lazily
lock = threading.RLock()
