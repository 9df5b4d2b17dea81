"""Page "Extending: types": own Types, subclasses of tensor variables, shared variables and constants, enumerations."""

import copy
import importlib

from own_ops import _raised


def _double_type(theano):
    class Double(theano.gof.Type):
        def filter(self, x, strict=False, allow_downcast=None):
            if strict and not isinstance(x, float):
                raise TypeError("Expected a float!")
            if allow_downcast:
                return float(x)
            if float(x) == x:
                return float(x)
            raise TypeError("The double array can't be represented exactly")

        def values_eq_approx(self, x, y, tolerance=1e-4):
            return abs(x - y) / (abs(x) + abs(y)) < tolerance

        def __eq__(self, other):
            return type(self) is type(other)

        def __hash__(self):
            return hash(type(self))

        def __str__(self):
            return "double"

    class BinaryDoubleOp(theano.gof.Op):
        __props__ = ("name", "fn")

        def __init__(self, name, fn):
            self.name, self.fn = name, fn

        def make_node(self, x, y):
            if isinstance(x, (int, float)):
                x = theano.gof.Constant(double, x)
            if isinstance(y, (int, float)):
                y = theano.gof.Constant(double, y)
            if x.type != double or y.type != double:
                raise TypeError("%s only works on doubles" % self.name)
            return theano.gof.Apply(self, [x, y], [double()])

        def perform(self, node, inp, out):
            x, y = inp
            (z,) = out
            z[0] = self.fn(x, y)

        def __str__(self):
            return self.name

    double = Double()
    return double, BinaryDoubleOp


def example_double(theano, T, np):
    double, BinaryDoubleOp = _double_type(theano)
    add = BinaryDoubleOp("add", lambda x, y: x + y)
    mul = BinaryDoubleOp("mul", lambda x, y: x * y)
    x, y = double("x"), double("y")
    z = add(x, mul(y, 2))
    f = theano.function([x, y], z)
    return {
        "value": f(5.0, 6.0),
        "int": f(5, 6),
        "refused": _raised(f, "a", 6),
        "type": [str(x.type), x.type == double, x.type == T.dscalar],
        "names": [x.name, str(z), str(add(x, y).owner)],
        "wrong": _raised(add, x, T.dscalar()),
        "valid": [double.is_valid_value(2.0), double.is_valid_value(2)],
        "equal": [double.values_eq(1.0, 1.0), double.values_eq_approx(1.0, 1.00001), double.values_eq_approx(1.0, 2.0)],
        "constant": [theano.gof.Constant(double, 3).data, str(theano.gof.Constant(double, 3))],
        "eval": z.eval({x: 1.0, y: 2.0}),
    }


def example_type_protocol(theano, T, np):
    double, _ = _double_type(theano)
    x = double.make_variable("x")
    clone = x.clone()
    other = theano.gof.Type()
    out = {
        "variable": [type(x).__name__, x.name, x.owner is None, x.index is None],
        "clone": [clone is x, clone.name, clone.type == x.type],
        "call": type(double("a")).__name__,
        "make_constant": double.make_constant(2, name="two").data,
        "filter_variable": double.filter_variable(x) is x,
        "filter_value": double.filter_variable(3).data,
        "filter_wrong": _raised(double.filter_variable, T.dscalar()),
        "convert": double.convert_variable(T.dscalar()) is None,
        "base_filter": _raised(other.filter, 3),
        "base_c": [_raised(other.c_declare, "n", {}), _raised(other.c_literal, 1), list(other.c_code_cache_version())],
        "validity": double.value_validity_msg(3),
        "variable_class": [double.Variable.__name__, double.Constant.__name__],
    }
    return out


def example_type_with_conversion(theano, T, np):
    class Text(theano.Type):
        """Strings; numbers are converted."""

        __props__ = ("lower",)

        def __init__(self, lower):
            self.lower = lower

        def filter(self, x, strict=False, allow_downcast=None):
            if not isinstance(x, str):
                if strict:
                    raise TypeError("no text")
                x = str(x)
            return x.lower() if self.lower else x

        def convert_variable(self, var):
            if isinstance(var.type, Text):
                return Convert(self.lower)(var)
            return None

    class Convert(theano.Op):
        __props__ = ("lower",)

        def __init__(self, lower):
            self.lower = lower

        def make_node(self, x):
            return theano.Apply(self, [x], [Text(self.lower)()])

        def perform(self, node, inputs, outputs):
            outputs[0][0] = inputs[0].lower() if self.lower else inputs[0]

    class Length(theano.Op):
        __props__ = ()
        itypes = [Text(True)]
        otypes = [T.lscalar]

        def perform(self, node, inputs, outputs):
            outputs[0][0] = np.asarray(len(inputs[0]))

    plain, lower = Text(False), Text(True)
    x = plain("x")
    y = lower.filter_variable(x)
    n = lower("n")
    return {
        "equal": [plain == lower, plain == Text(False), hash(plain) == hash(Text(False)), str(lower)],
        "converted": theano.function([x], y)("ABC"),
        "length": theano.function([n], Length()(n) * 2)("four"),
        "number": theano.function([n], Length()(n))(12345),
        "given": theano.function([], y, givens=[(x, theano.gof.Constant(plain, "Given"))])(),
    }


def example_generic(theano, T, np):
    generic = theano.gof.generic
    x, y = generic("x"), theano.gof.Generic()("y")
    f = theano.function([x], x)
    box = {"a": [1, 2]}
    return {
        "same_type": x.type == y.type,
        "text": [str(generic), str(x)],
        "value": f(box),
        "none": f(None),
        "text_value": f("text"),
        "valid": generic.is_valid_value(object),
        "filter": generic.filter(3),
        "shared": theano.shared({"k": 1}).get_value(),
        "constant": theano.gof.Constant(generic, [1, 2]).data,
    }


def example_tensor_variable_subclass(theano, T, np):
    """As pymc3 made its random variables: a class, and instances made by its constructor."""

    class Factor(object):
        @property
        def doubled(self):
            return self * 2

    class FreeRV(Factor, T.TensorVariable):
        dshape = ()

        def __init__(self, type=None, owner=None, index=None, name=None, distribution=None):
            if type is None:
                type = distribution.type
            super(FreeRV, self).__init__(type, owner, index, name)
            if distribution is not None:
                self.distribution = distribution
                self.tag.test_value = np.ones(()).astype(self.dtype)

        @property
        def init_value(self):
            return self.tag.test_value

    class Distribution(object):
        type = T.dscalar

    x = FreeRV(name="x", distribution=Distribution())
    y = T.exp(x) + x.doubled
    out = {
        "name": [x.name, str(x), x.dtype, x.ndim, isinstance(x, T.TensorVariable), isinstance(x, theano.Variable)],
        "value": theano.function([x], y)(0.5),
        "gradient": theano.function([x], T.grad(y, x))(0.5),
        "inputs": [v is x for v in theano.gof.graph.inputs([y]) if not isinstance(v, theano.gof.Constant)],
        "init": x.init_value,
        "type_of_results": type(x + 1).__name__,
        "replaced": theano.function([], theano.clone(y, {x: T.constant(1.0, dtype="float64")}))(),
    }
    x2 = copy.copy(x)
    out["copied"] = [type(x2).__name__, x2.name, x2 is x]

    z = T.dvector("z")
    z.__class__ = type("Marked", (T.TensorVariable,), {"mark": 3})
    out["class_set"] = [z.mark, type(z).__name__]
    out["class_set_value"] = theano.function([z], z * z.mark)([1.0, 2.0])
    w = T.dscalar("w") * 2
    w.random = "attribute"
    out["attribute"] = w.random
    return out


def example_py_operators_mixin(theano, T, np):
    class Handle(importlib.import_module("theano.tensor.var")._tensor_py_operators):
        """Something that gives a variable when it is asked for one."""

        def __init__(self, variable):
            self.variable = variable

        def _as_TensorVariable(self):
            return self.variable

        ndim = property(lambda self: self.variable.ndim)
        dtype = property(lambda self: self.variable.dtype)
        type = property(lambda self: self.variable.type)

    x = T.dvector("x")
    h = Handle(x)
    return {
        "sum": theano.function([x], h + 1)([1.0, 2.0]),
        "right": theano.function([x], 2 * h)([1.0, 2.0]),
        "as_variable": T.as_tensor_variable(h) is x,
        "exp": theano.function([x], T.exp(h))([0.0]),
        "method": theano.function([x], h.sum())([1.0, 2.0]),
        "has": [hasattr(T.TensorVariable, name) for name in ("dimshuffle", "mean", "reshape", "T", "__getitem__")],
    }


def example_shared_subclass(theano, T, np):
    class Parameter(T.sharedvar.TensorSharedVariable):
        @property
        def size_now(self):
            return self.get_value(borrow=True).size

    value = np.arange(3.0)
    p = Parameter(type=T.dvector, value=value, name="p", strict=False)
    f = theano.function([], p.sum(), updates=[(p, p + 1)])
    total = f()
    x = T.dvector("x")
    return {
        "first": total,
        "after": p.get_value(),
        "size": int(p.size_now),
        "is_shared": isinstance(p, theano.compile.SharedVariable),
        "gradient": theano.function([x], T.grad((p * x).sum(), p))([1.0, 2.0, 3.0]),
        "name": [p.name, str(p)],
    }


def example_tensor_type_subclass(theano, T, np):
    class Positive(T.TensorType):
        def filter(self, data, strict=False, allow_downcast=None):
            value = super(Positive, self).filter(data, strict=strict, allow_downcast=allow_downcast)
            if (value < 0).any():
                raise ValueError("not positive")
            return value

        def __str__(self):
            return "positive"

    kind = Positive("float64", (False,))
    x = kind("x")
    f = theano.function([x], T.sqrt(x))
    return {
        "good": f([4.0, 9.0]),
        "bad": _raised(f, [-1.0]),
        "text": str(kind),
        "equal": [kind == Positive("float64", (False,)), kind == T.dvector, T.dvector == kind],
        "clone": [type(kind.clone()).__name__, kind.clone(dtype="float32").dtype],
        "ops": type((x * 2).type).__name__,
    }


def example_constant_subclass(theano, T, np):
    class Named(theano.gof.Constant):
        def describe(self):
            return "named %s" % self.data

    double, BinaryDoubleOp = _double_type(theano)
    c = Named(double, 3, "three")
    add = BinaryDoubleOp("add", lambda x, y: x + y)
    x = double("x")
    return {
        "value": theano.function([x], add(x, c))(1.0),
        "describe": c.describe(),
        "name": [c.name, str(c), c.value],
        "equals": [c.equals(Named(double, 3)), c.equals(Named(double, 4))],
        "clone": [type(c.clone()).__name__, c.clone().data],
        "no_owner": c.owner is None,
    }


def example_enumerations(theano, T, np):
    gof = theano.gof
    enum = gof.EnumType(A=("alpha", 1), B=("beta", 2), C=3.5, D=True)
    listed = gof.EnumList("ADD", ("SUB", "-"), "MUL", ctype="unsigned int")
    c = gof.CEnumType("SIZE_INT", "SIZE_LONG")
    return {
        "values": [enum.A, enum.B, enum.C, enum.D, enum["A"]],
        "aliases": [enum.fromalias("alpha"), enum.fromalias("C"), enum.has_alias("alpha"), list(enum.get_aliases())],
        "text": [repr(enum), repr(listed), str(listed.ctype)],
        "listed": [listed.ADD, listed.SUB, listed.MUL, listed.fromalias("-")],
        "c": [c.SIZE_INT, c.SIZE_LONG, c.ctype],
        "filter": [enum.filter("alpha"), enum.filter(1), enum.filter(True), listed.filter("MUL")],
        "refused": [
            _raised(enum.filter, 7),
            _raised(gof.EnumType, a=1),
            _raised(gof.EnumType, A="x"),
            _raised(gof.EnumType, A=("A", 1)),
            _raised(gof.EnumType, A=("x", 1), B=("x", 2)),
            _raised(gof.EnumList, "A", "A"),
            _raised(gof.EnumList, 3),
            _raised(setattr, enum, "A", 5),
            _raised(getattr, enum, "Z"),
            _raised(enum.fromalias, "zeta"),
        ],
        "equal": [
            gof.EnumList("A", "B") == gof.EnumList("A", "B"),
            gof.EnumList("A", "B") == gof.EnumList("B", "A"),
            hash(gof.EnumList("A")) == hash(gof.EnumList("A")),
        ],
    }


def example_params_types(theano, T, np):
    gof, scalar = theano.gof, theano.scalar
    wrapper = gof.ParamsType(a=scalar.int32, b=T.dmatrix, letters=gof.EnumType(A=1, B=("beta", 2)), c=scalar.bool)

    class Thing(object):
        a = 10
        b = np.asarray([[1.0, 2.0]])
        letters = "beta"

    params = wrapper.get_params(Thing(), c=False)
    again = wrapper.get_params(Thing(), c=False)
    other = wrapper.get_params(Thing(), c=True)
    return {
        "fields": list(wrapper.fields),
        "length": wrapper.length,
        "a": params.a,
        "b": params.b,
        "letters": params.letters,
        "c": params["c"],
        "constants": [wrapper.A, wrapper.get_enum("B"), wrapper.enum_from_alias("beta"), wrapper.enum_from_alias("A")],
        "types": [wrapper.has_type(T.dmatrix), wrapper.get_field(T.dmatrix), wrapper.get_type("b") == T.dmatrix],
        "equal": [params == again, params == other, params != other, hash(params) == hash(again)],
        "type_equal": [
            wrapper == wrapper.extended(d=scalar.float32),
            gof.ParamsType(a=scalar.int32) == gof.ParamsType(a=scalar.int32),
            gof.ParamsType(a=scalar.int32) == gof.ParamsType(a=scalar.int64),
        ],
        "extended": list(wrapper.extended(d=scalar.float32).fields),
        "filtered": wrapper.filter(params).a,
        "refused": [
            _raised(gof.ParamsType),
            _raised(gof.ParamsType, **{"a b": scalar.int32}),
            _raised(gof.ParamsType, a=3),
            _raised(setattr, params, "a", 3),
            _raised(getattr, params, "zzz"),
            _raised(wrapper.get_params, Thing()),
            _raised(gof.Params, wrapper, a=1),
            _raised(gof.Params, 3),
        ],
        "values_eq": [wrapper.values_eq(params, again), wrapper.values_eq_approx(params, other)],
    }


def example_cdata(theano, T, np):
    kind = theano.gof.type.CDataType("void *", "free")
    same = theano.gof.type.CDataType("void *", "free")
    return {
        "text": str(kind),
        "equal": [kind == same, kind == theano.gof.type.CDataType("int *")],
        "none": kind.filter(None) is None,
        "variable": type(kind()).__name__,
    }


def example_values_eq(theano, T, np):
    kind = T.dvector
    a = np.array([1.0, np.nan])
    return {
        "eq": [bool(kind.values_eq(a, a)), bool(kind.values_eq(a[:1], a[:1] + 1))],
        "approx": [bool(kind.values_eq_approx(a, a + 1e-9)), bool(kind.values_eq_approx(a, a + 1))],
        "share": [bool(kind.may_share_memory(a, a[1:])), bool(kind.may_share_memory(a, a.copy()))],
        "valid": [kind.is_valid_value(a), kind.is_valid_value([1.0]), kind.is_valid_value(a.astype("float32"))],
    }
