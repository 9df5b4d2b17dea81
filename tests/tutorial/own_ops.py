"""Pages "Extending Theano", "Making arithmetic ops", "Views and inplace ops": every way in which an op could be
written."""


class Double:
    """The bodies shared by the variants of the double op below."""

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] * 2

    def infer_shape(self, node, i0_shapes):
        return i0_shapes

    def grad(self, inputs, output_grads):
        return [output_grads[0] * 2]

    def R_op(self, inputs, eval_points):
        if eval_points[0] is None:
            return eval_points
        return self.grad(inputs, eval_points)


def _raised(function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except Exception as error:
        names = [c.__name__ for c in type(error).__mro__]
        for known in (
            "MethodNotDefined",
            "AttributeError",
            "ValueError",
            "AssertionError",
            "IndexError",
            "KeyError",
            "NotImplementedError",
            "TypeError",
        ):
            if known in names:
                return known
        return names[0]
    return "nothing"


def _count(function, kind):
    return sum(isinstance(node.op, kind) for node in function.maker.fgraph.toposort())


def _double_op1(theano, T):
    class DoubleOp1(theano.Op, Double):
        __props__ = ()
        perform, infer_shape, grad, R_op = Double.perform, Double.infer_shape, Double.grad, Double.R_op

        def make_node(self, x):
            x = T.as_tensor_variable(x)
            return theano.Apply(self, [x], [x.type()])

    return DoubleOp1


def example_double_op1(theano, T, np):
    DoubleOp1 = _double_op1(theano, T)
    x = T.matrix()
    y = DoubleOp1()(x)
    f = theano.function([x], y)
    value = np.arange(20.0).reshape(5, 4)
    g = theano.function([x], theano.grad((y * x).sum(), x))
    v = T.matrix()
    r = theano.function([x, v], T.Rop(y, x, v), on_unused_input="ignore")
    return {
        "values": f(value),
        "gradient": g(value),
        "rop": r(value, value + 1),
        "equal": DoubleOp1() == DoubleOp1(),
        "different": DoubleOp1() != DoubleOp1(),
        "hashes": hash(DoubleOp1()) == hash(DoubleOp1()),
        "text": str(DoubleOp1()),
        "variable": str(y),
        "shape": theano.function([x], y.shape)(value),
        "nodes": _count(theano.function([x], DoubleOp1()(x) + DoubleOp1()(x)), DoubleOp1),
    }


def example_without_props(theano, T, np):
    class Plain(theano.Op):
        def make_node(self, x):
            x = T.as_tensor_variable(x)
            return theano.Apply(self, [x], [x.type()])

        def perform(self, node, inputs, outputs):
            outputs[0][0] = inputs[0] * 2

    x = T.vector()
    one = Plain()
    calls = theano.function([x], [one(x), Plain()(x)])
    return {
        "equal": Plain() == Plain(),
        "self": one == one,
        "values": calls([1.0, 2.0]),
    }


def example_double_op2(theano, T, np):
    class DoubleOp2(theano.Op):
        __props__ = ()
        itypes = [T.dmatrix]
        otypes = [T.dmatrix]
        perform, infer_shape, grad, R_op = Double.perform, Double.infer_shape, Double.grad, Double.R_op

    x = T.dmatrix()
    op = DoubleOp2()
    out = {"values": theano.function([x], op(x))([[1.0, 2.0]])}
    out["gradient"] = theano.function([x], T.grad(op(x).sum(), x))([[1.0, 2.0]])
    out["few"] = _raised(op)
    out["many"] = _raised(op, x, x)
    out["type"] = _raised(op, T.fmatrix())
    out["vector"] = _raised(op, T.dvector())

    class NoOtypes(theano.Op):
        itypes = [T.dmatrix]

    class Nothing(theano.Op):
        pass

    out["no_otypes"] = _raised(NoOtypes(), x)
    out["nothing"] = _raised(Nothing(), x)
    return out


def example_props(theano, T, np):
    class AXPBOp(theano.Op):
        __props__ = ("a", "b")

        def __init__(self, a, b):
            self.a, self.b = a, b
            super(AXPBOp, self).__init__()

        def make_node(self, x):
            x = T.as_tensor_variable(x)
            return theano.Apply(self, [x], [x.type()])

        def perform(self, node, inputs, output_storage):
            output_storage[0][0] = self.a * inputs[0] + self.b

        def infer_shape(self, node, i0_shapes):
            return i0_shapes

        def grad(self, inputs, output_grads):
            return [self.a * output_grads[0]]

    m, n, other = AXPBOp(4, 1), AXPBOp(4, 1), AXPBOp(2, 3)
    x = T.matrix()
    f = theano.function([x], m(x))
    g = theano.function([x], other(x))
    return {
        "values": [f(np.ones((2, 2))), g(np.ones((2, 2)))],
        "equal": [m == n, m == other, m != other, hash(m) == hash(n), m == 3],
        "text": [str(m), str(m(x)), str(other(x).owner)[:13]],
        "props": [list(m._props()), m._props_dict()],
        "merged": [
            _count(theano.function([x], m(x) + n(x)), AXPBOp),
            _count(theano.function([x], m(x) + other(x)), AXPBOp),
        ],
    }


def example_own_equality(theano, T, np):
    class Own(theano.Op):
        def __init__(self, k, verbose=False):
            self.k, self.verbose = k, verbose

        def __eq__(self, other):
            return type(self) is type(other) and self.k == other.k

        def __hash__(self):
            return hash(type(self)) ^ hash(self.k)

        def __str__(self):
            return "%s{%i}" % (self.__class__.__name__, self.k)

        def make_node(self, x):
            return theano.Apply(self, [T.as_tensor_variable(x)], [T.as_tensor_variable(x).type()])

        def perform(self, node, inputs, output_storage):
            (x,) = inputs
            (z,) = output_storage
            z[0] = x + self.k

    class Sub(Own):
        pass

    x = T.dvector("x")
    return {
        "equal": [Own(1) == Own(1, True), Own(1) == Own(2), Own(1) != Own(1), Own(1) == Sub(1)],
        "text": [str(Own(3)), str(Own(3)(x))],
        "values": theano.function([x], Own(3)(x))([1.0, 2.0]),
        "merged": _count(theano.function([x], Own(1)(x) + Own(1, True)(x)), Own),
    }


def example_props_inherited(theano, T, np):
    class A(theano.Op):
        __props__ = ("a",)

        def __init__(self, a):
            self.a = a

    class B(A):
        def __init__(self, a, b):
            self.a, self.b = a, b

    class C(A):
        __props__ = ("a", "c")

        def __init__(self, a, c):
            self.a, self.c = a, c

    class D(A):
        def __str__(self):
            return "the D"

    return {
        "b": [B(1, 2) == B(1, 3), hash(B(1, 2)) == hash(B(1, 3)), A(1) == B(1, 2), str(B(1, 2))],
        "c": [C(1, 2) == C(1, 3), C(1, 2) == C(1, 2), str(C(1, 2))],
        "d": [str(D(1)), str(A(1)), str(A("text")), str(A(None))],
    }


def example_two_outputs(theano, T, np):
    class SumDiffOp(theano.Op):
        __props__ = ()

        def make_node(self, x, y):
            x = T.as_tensor_variable(x)
            y = T.as_tensor_variable(y)
            outdim = x.ndim
            output1 = T.TensorType(dtype=theano.scalar.upcast(x.dtype, y.dtype), broadcastable=[False] * outdim)()
            output2 = T.TensorType(dtype=theano.scalar.upcast(x.dtype, y.dtype), broadcastable=[False] * outdim)()
            return theano.Apply(self, inputs=[x, y], outputs=[output1, output2])

        def perform(self, node, inputs, output_storage):
            x, y = inputs
            z1, z2 = output_storage
            z1[0] = x + y
            z2[0] = x - y

        def infer_shape(self, node, i0_shapes):
            return [i0_shapes[0], i0_shapes[0]]

        def grad(self, inputs, output_grads):
            og1, og2 = output_grads
            if isinstance(og1.type, theano.gradient.DisconnectedType):
                og1 = T.zeros_like(og2)
            if isinstance(og2.type, theano.gradient.DisconnectedType):
                og2 = T.zeros_like(og1)
            return [og1 + og2, og1 - og2]

        def R_op(self, inputs, eval_points):
            if eval_points[0] is None or eval_points[1] is None:
                return [None, None]
            return [eval_points[0] + eval_points[1], eval_points[0] - eval_points[1]]

    op = SumDiffOp()
    x, y = T.dmatrix("x"), T.dmatrix("y")
    s, d = op(x, y)
    a, b = np.arange(6.0).reshape(2, 3), np.ones((2, 3))
    u, v = T.dmatrix(), T.dmatrix()
    return {
        "both": theano.function([x, y], [s, d])(a, b),
        "second": theano.function([x, y], d)(a, b),
        "listed": type(op(x, y)).__name__,
        "gradients": theano.function([x, y], T.grad((s * d).sum(), [x, y]))(a, b),
        "gradient_of_one": theano.function([x, y], T.grad((s**2).sum(), [x, y]))(a, b),
        "gradient_of_other": theano.function([x, y], T.grad((d**2).sum(), y))(a, b),
        "rop": theano.function([x, y, u, v], T.Rop([s, d], [x, y], [u, v]), on_unused_input="ignore")(a, b, a, b),
        "rop_one": theano.function([x, y, u, v], T.Rop(d, [x, y], [u, v]), on_unused_input="ignore")(a, b, a, b),
        "shapes": theano.function([x, y], [s.shape, d.shape])(a, b),
        "texts": [str(s), str(d), s.index, d.index],
    }


def example_l_op(theano, T, np):
    class Exp(theano.Op):
        __props__ = ()

        def make_node(self, x):
            x = T.as_tensor_variable(x)
            return theano.Apply(self, [x], [x.type()])

        def perform(self, node, inputs, outputs):
            outputs[0][0] = np.exp(inputs[0])

        def L_op(self, inputs, outputs, output_grads):
            return [outputs[0] * output_grads[0]]

    x = T.dvector("x")
    y = Exp()(x)
    f = theano.function([x], [y, T.grad(y.sum(), x), T.grad(T.grad(y.sum(), x).sum(), x)])
    v = T.dvector("v")
    return {
        "values": f([0.0, 1.0, -2.0]),
        "lop": theano.function([x, v], T.Lop(y, x, v))([0.0, 1.0], [2.0, 3.0]),
        "l_op_calls_grad": len(theano.Op.L_op(_double_op1(theano, T)(), [x], [y], [v])),
    }


def example_no_gradient(theano, T, np):
    class NoGrad(theano.Op):
        __props__ = ()

        def make_node(self, x):
            x = T.as_tensor_variable(x)
            return theano.Apply(self, [x], [x.type()])

        def perform(self, node, inputs, outputs):
            outputs[0][0] = inputs[0] + 1

    x = T.dvector("x")
    y = NoGrad()(x)

    class Undefined(NoGrad):
        def grad(self, inputs, gz):
            return [theano.gradient.grad_undefined(self, 0, inputs[0], "no way")]

    class NotImpl(NoGrad):
        def grad(self, inputs, gz):
            return [theano.gradient.grad_not_implemented(self, 0, inputs[0])]

    class WrongNumber(NoGrad):
        def grad(self, inputs, gz):
            return [gz[0], gz[0]]

    class GivesNone(NoGrad):
        def grad(self, inputs, gz):
            return [None]

    class NotAList(NoGrad):
        def grad(self, inputs, gz):
            return gz[0]

    class Raises(NoGrad):
        def grad(self, inputs, gz):
            raise NotImplementedError("not yet")

    class Zero(NoGrad):
        def grad(self, inputs, gz):
            return [inputs[0].zeros_like()]

    out = {"none": _raised(T.grad, y.sum(), x)}
    for kind in (Undefined, NotImpl, WrongNumber, GivesNone, NotAList, Raises):
        out[kind.__name__] = _raised(T.grad, kind()(x).sum(), x)
    out["stopped"] = theano.function([x], T.grad((y * x).sum(), x, consider_constant=[y]))([1.0, 2.0])
    out["zero"] = theano.function([x], T.grad((Zero()(x) * x).sum(), x))([1.0, 2.0])
    return out


def example_disconnected(theano, T, np):
    class Scale(theano.Op):
        """x * k, k an integer that it is disconnected from; also the shape of x, disconnected from all."""

        __props__ = ()

        def make_node(self, x, k):
            x, k = T.as_tensor_variable(x), T.as_tensor_variable(k)
            return theano.Apply(self, [x, k], [x.type(), T.lvector()])

        def perform(self, node, inputs, outputs):
            outputs[0][0] = inputs[0] * inputs[1]
            outputs[1][0] = np.asarray(inputs[0].shape, dtype="int64")

        def connection_pattern(self, node):
            return [[True, False], [False, False]]

        def grad(self, inputs, output_grads):
            x, k = inputs
            gz, gs = output_grads
            seen.append(type(gs.type).__name__)
            return [gz * k, theano.gradient.DisconnectedType()()]

    seen = []
    x, k = T.dmatrix("x"), T.lscalar("k")
    z, s = Scale()(x, k)
    out = {
        "values": theano.function([x, k], [z, s])([[1.0, 2.0]], 3),
        "gradient": theano.function([x, k], T.grad(z.sum(), x))([[1.0, 2.0]], 3),
        "k": _raised(T.grad, z.sum(), k),
        "ignored": theano.function([x, k], T.grad(z.sum(), k, disconnected_inputs="ignore"), on_unused_input="ignore")(
            [[1.0]], 2
        ),
        "none": T.grad(z.sum(), [x, k], disconnected_inputs="ignore", return_disconnected="None")[1] is None,
        "shape": _raised(T.grad, s.sum().astype("float64"), x),
        "seen": seen,
    }
    return out


def example_default_output(theano, T, np):
    class TwoWithDefault(theano.Op):
        __props__ = ()
        default_output = 1

        def make_node(self, x):
            x = T.as_tensor_variable(x)
            return theano.Apply(self, [x], [x.type(), x.type()])

        def perform(self, node, inputs, outputs):
            outputs[0][0] = inputs[0] + 1
            outputs[1][0] = inputs[0] + 2

        def grad(self, inputs, gs):
            return [gs[1] * 3]

    op = TwoWithDefault()
    x = T.dvector("x")
    y = op(x)
    listed = op(x, return_list=True)
    return {
        "default": theano.function([x], y)([0.0]),
        "index": y.index,
        "str": str(y),
        "listed": [len(listed), listed[0].index],
        "others": theano.function([x], y.owner.outputs)([0.0]),
        "apply": [y.owner.out is y, y.owner.default_output() is y, y.owner.nin, y.owner.nout],
        "gradient": theano.function([x], T.grad(y.sum(), x))([0.0]),
    }


def example_call(theano, T, np):
    class WithKeywords(theano.Op):
        __props__ = ()

        def make_node(self, x, k=2.0, extra=None):
            x, k = T.as_tensor_variable(x), T.as_tensor_variable(k)
            node = theano.Apply(self, [x, k], [x.type("named")])
            node.tag.extra = extra
            return node

        def perform(self, node, inputs, outputs):
            outputs[0][0] = inputs[0] * inputs[1]

    op = WithKeywords()
    x = T.dvector("x")
    one = op(x, return_list=True)
    y = op(x, k=5.0, extra="e")
    return {
        "list": [type(one).__name__, len(one)],
        "keyword": theano.function([x], y)([1.0]),
        "name": y.name,
        "extra": y.owner.tag.extra,
        "unknown": _raised(op, x, wrong=3),
        "own_call": theano.function([x], theano.Op.__call__(op, x, 4.0))([1.0]),
    }


def example_params(theano, T, np):
    class ScalMulV1(theano.Op):
        itypes = [T.dvector]
        otypes = [T.dvector]
        __props__ = ("scal",)

        def __init__(self, scal):
            self.scal = float(scal)

        def perform(self, node, inputs, output_storage):
            output_storage[0][0] = inputs[0] * self.scal

    params_type = theano.gof.ParamsType(scal=theano.scalar.float64, power=theano.scalar.int32)

    class ScalMulV2(theano.Op):
        __props__ = ("scal", "power")
        params_type = None
        itypes = [T.dvector]
        otypes = [T.dvector]

        def __init__(self, scal, power):
            self.scal, self.power = float(scal), int(power)

        def perform(self, node, inputs, output_storage, params):
            output_storage[0][0] = (inputs[0] * params.scal) ** params.power

    ScalMulV2.params_type = params_type

    class OwnParams(theano.Op):
        __props__ = ("k",)
        params_type = theano.gof.generic
        itypes = [T.dvector]
        otypes = [T.dvector]

        def __init__(self, k):
            self.k = k

        def get_params(self, node):
            return {"k": self.k, "nin": len(node.inputs)}

        def perform(self, node, inputs, output_storage, params):
            output_storage[0][0] = inputs[0] * params["k"] + params["nin"]

    class Missing(ScalMulV2):
        def __init__(self):
            self.scal = 2.0

        __props__ = ("scal",)

    x = T.dvector("x")
    missing = Missing()(x)
    return {
        "v1": theano.function([x], ScalMulV1(3)(x))([1.0, 2.0]),
        "v2": theano.function([x], ScalMulV2(3, 2)(x))([1.0, 2.0]),
        "own": theano.function([x], OwnParams(3)(x))([1.0, 2.0]),
        "run_params": ScalMulV2(3, 2)(x).owner.run_params().power,
        "params_type": ScalMulV2(3, 2)(x).owner.params_type == params_type,
        "missing": _raised(theano.function, [x], missing),
        "no_get_params": _raised(ScalMulV1(3).get_params, ScalMulV1(3)(x).owner),
    }


def example_views_and_inplace(theano, T, np):
    class View(theano.Op):
        __props__ = ()
        view_map = {0: [0]}

        def make_node(self, x):
            x = T.as_tensor_variable(x)
            return theano.Apply(self, [x], [x.type()])

        def perform(self, node, inputs, outputs):
            outputs[0][0] = inputs[0]

        def grad(self, inputs, gs):
            return gs

    class AddOneInplace(theano.Op):
        __props__ = ()
        destroy_map = {0: [0]}

        def make_node(self, x):
            x = T.as_tensor_variable(x)
            return theano.Apply(self, [x], [x.type()])

        def perform(self, node, inputs, outputs):
            inputs[0][...] += 1
            outputs[0][0] = inputs[0]

        def grad(self, inputs, gs):
            return gs

    class Transposed(View):
        def perform(self, node, inputs, outputs):
            outputs[0][0] = inputs[0].T

    x = T.dmatrix("x")
    given = np.arange(4.0).reshape(2, 2)
    f = theano.function([x], View()(x))
    result = f(given)
    result += 100
    twice = theano.function([x], [View()(x) * 2, View()(x) + x])(given)
    out = {
        "view": f(given),
        "given_after_view": given.copy(),
        "twice": twice,
        "transposed": theano.function([x], Transposed()(x) + 1)(given),
        "inplace": theano.function([x], AddOneInplace()(x * 1), accept_inplace=True)(given),
        "refused": _raised(theano.function, [x], AddOneInplace()(x * 1)),
    }
    s = theano.shared(np.zeros((2, 2)), "s")
    step = theano.function([], [], updates=[(s, View()(s) + 1)])
    step()
    step()
    out["shared"] = s.get_value()
    y = x + 1
    g = theano.function([x], [AddOneInplace()(y + 0), y], accept_inplace=True)
    out["beside"] = g(given)
    out["given_at_the_end"] = given
    return out


def example_output_storage(theano, T, np):
    class Reuses(theano.Op):
        """Writes into what it left in its output storage, where the shape fits."""

        __props__ = ()

        def make_node(self, x):
            x = T.as_tensor_variable(x)
            return theano.Apply(self, [x], [x.type()])

        def perform(self, node, inputs, outputs):
            (x,), (z,) = inputs, outputs
            if z[0] is None or z[0].shape != x.shape:
                z[0] = np.empty_like(x)
            z[0][...] = x * 2

    x = T.dvector("x")
    f = theano.function([x], Reuses()(x))
    first = f([1.0, 2.0])
    second = f([3.0, 4.0])
    g = theano.function([x], Reuses()(x) + Reuses()(x + 1))
    return {"first": first, "second": second, "other": f([5.0]), "sum": [g([1.0]), g([2.0]), g([3.0, 4.0])]}


def example_make_thunk(theano, T, np):
    class Thunked(theano.Op):
        __props__ = ("k",)

        def __init__(self, k=3):
            self.k = k

        def make_node(self, x, y):
            x, y = T.as_tensor_variable(x), T.as_tensor_variable(y)
            return theano.Apply(self, [x, y], [x.type(), x.type()])

        def make_thunk(self, node, storage_map, compute_map, no_recycling, impl=None):
            inputs = [storage_map[v] for v in node.inputs]
            outputs = [storage_map[v] for v in node.outputs]
            k = self.k

            def thunk():
                outputs[0][0] = inputs[0][0] * k
                outputs[1][0] = inputs[1][0] + k
                for v in node.outputs:
                    compute_map[v][0] = True

            thunk.inputs, thunk.outputs, thunk.lazy = inputs, outputs, False
            return thunk

        def grad(self, inputs, gs):
            return [gs[0] * self.k, gs[1]]

    class FourArguments(Thunked):
        def make_thunk(self, node, storage_map, _, _2, impl=None):
            x, y = [storage_map[v] for v in node.inputs]
            a, b = [storage_map[v] for v in node.outputs]

            def thunk():
                a[0] = x[0] * 10
                b[0] = y[0] * 100

            thunk.lazy = False
            return thunk

    x, y = T.dvector("x"), T.dvector("y")
    a, b = Thunked()(x, y)
    c, d = FourArguments()(x, y)
    f = theano.function([x, y], [a + b, a, b])
    return {
        "values": [f([1.0], [2.0]), f([3.0, 4.0], [5.0, 6.0])],
        "gradient": theano.function([x, y], T.grad((a * b).sum(), [x, y]))([1.0], [2.0]),
        "twice": theano.function([x, y], sum(Thunked(5)(a, b)))([1.0], [2.0]),
        "shared": theano.function([x, y], [c, d])([1.0], [2.0]),
    }


def example_prepare_node(theano, T, np):
    seen = []

    class Prepared(theano.Op):
        __props__ = ()

        def make_node(self, x):
            x = T.as_tensor_variable(x)
            return theano.Apply(self, [x], [x.type()])

        def prepare_node(self, node, storage_map, compute_map, impl):
            if not hasattr(node.tag, "factor"):
                node.tag.factor = 7
                seen.append(len(node.inputs))

        def perform(self, node, inputs, outputs):
            outputs[0][0] = inputs[0] * node.tag.factor

    x = T.dvector("x")
    return {"values": theano.function([x], Prepared()(x))([1.0, 2.0]), "calls": seen}


def example_c_code_with_perform(theano, T, np):
    class Both(theano.Op):
        __props__ = ()

        def make_node(self, x):
            x = T.as_tensor_variable(x)
            return theano.Apply(self, [x], [x.type()])

        def perform(self, node, inputs, outputs):
            outputs[0][0] = inputs[0] * 2

        def c_code(self, node, name, inputs, outputs, sub):
            raise NotImplementedError("only for some types")

        def c_code_cache_version(self):
            return (1,)

        def c_headers(self):
            return ["<math.h>"]

    x = T.dvector("x")
    op = Both()
    return {
        "values": theano.function([x], op(x))([1.0, 2.0]),
        "version": list(op.c_code_cache_version()),
        "support": _raised(op.c_support_code),
        "libraries": _raised(op.c_libraries),
        "struct": _raised(op.c_init_code_struct, None, "n", {}),
        "base_code": _raised(theano.Op().c_code, None, "n", [], [], {}),
        "base_version": list(theano.Op().c_code_cache_version()),
        "folding": op.do_constant_folding(op(x).owner),
    }


def example_perform_faults(theano, T, np):
    class Fault(theano.Op):
        __props__ = ("what",)

        def __init__(self, what):
            self.what = what

        def make_node(self, x):
            x = T.as_tensor_variable(x)
            return theano.Apply(self, [x], [x.type()])

        def perform(self, node, inputs, outputs):
            (x,) = inputs
            if self.what == "raise":
                raise KeyError("mine")
            if self.what == "index":
                x[99]
            outputs[0][0] = {"list": lambda: list(x), "good": lambda: x + 1}[self.what]()

    x = T.dvector("x")
    out = {}
    for what in ("raise", "index"):
        out[what] = _raised(theano.function([x], Fault(what)(x)), [1.0])
    out["good"] = theano.function([x], Fault("good")(x))([1.0])

    class NoPerform(theano.Op):
        __props__ = ()

        def make_node(self, x):
            return theano.Apply(self, [x], [x.type()])

    out["no_perform"] = _raised(lambda: theano.function([x], NoPerform()(x))([1.0]))
    out["no_perform_direct"] = _raised(NoPerform().perform, None, [], [])
    out["r_op"] = _raised(NoPerform().R_op, [x], [x])
    return out


def example_infer_shape(theano, T, np):
    runs = []

    class Repeats(theano.Op):
        __props__ = ()

        def make_node(self, x, n):
            x, n = T.as_tensor_variable(x), T.as_tensor_variable(n)
            return theano.Apply(self, [x, n], [T.dmatrix(), T.dscalar()])

        def perform(self, node, inputs, outputs):
            runs.append(1)
            x, n = inputs
            outputs[0][0] = np.repeat(x[None], int(n), axis=0)
            outputs[1][0] = np.asarray(x.sum())

        def infer_shape(self, node, shapes):
            return [(node.inputs[1], shapes[0][0]), ()]

    x, n = T.dvector("x"), T.lscalar("n")
    y, s = Repeats()(x, n)
    out = {"shape": theano.function([x, n], y.shape)([1.0, 2.0, 3.0], 2), "runs": len(runs)}
    out["size"] = theano.function([x, n], y.shape[0] * 10 + y.shape[1])([1.0, 2.0, 3.0], 2)
    out["runs_for_sizes"] = len(runs)
    out["both"] = theano.function([x, n], [y, y.shape, s, s.shape])([1.0], 2)

    class NoInfo(Repeats):
        def infer_shape(self, node, shapes):
            raise theano.tensor.ShapeError("cannot tell")

    y, s = NoInfo()(x, n)
    out["no_info"] = theano.function([x, n], y.shape)([1.0, 2.0, 3.0], 2)

    return out


def example_wrong_infer_shape(theano, T, np):
    class WithConstants(theano.Op):
        __props__ = ()

        def make_node(self, x):
            x = T.as_tensor_variable(x)
            return theano.Apply(self, [x], [T.dmatrix()])

        def perform(self, node, inputs, outputs):
            outputs[0][0] = np.zeros((2, inputs[0].shape[0] + 1))

        def infer_shape(self, node, shapes):
            return [(2, shapes[0][0] + 1)]

    x = T.dvector("x")
    y = WithConstants()(x)
    return {
        "shape": theano.function([x], y.shape)([1.0, 2.0]),
        "sum": theano.function([x], (y + y.shape[1]).sum())([1.0, 2.0]),
        "zeros": theano.function([x], T.zeros_like(y))([1.0, 2.0]),
    }
