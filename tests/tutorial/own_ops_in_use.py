"""Pages "Extending Theano", as_op, and "Debugging": own ops in graphs, pickles, gradient checks, test values."""

import pickle

from own_ops import _double_op1, _raised


def example_many_types(theano, T, np):
    class Mixed(theano.Op):
        """A scalar, an int matrix and a Python object."""

        __props__ = ()

        def make_node(self, x):
            x = T.as_tensor_variable(x)
            return theano.Apply(self, [x], [T.dscalar(), T.lmatrix(), theano.gof.generic()])

        def perform(self, node, inputs, outputs):
            (x,) = inputs
            outputs[0][0] = np.asarray(x.mean())
            outputs[1][0] = np.arange(4).reshape(2, 2)
            outputs[2][0] = {"sum": float(x.sum())}

    class Reads(theano.Op):
        __props__ = ("key",)

        def __init__(self, key):
            self.key = key

        def make_node(self, box):
            return theano.Apply(self, [box], [T.dscalar()])

        def perform(self, node, inputs, outputs):
            outputs[0][0] = np.asarray(inputs[0][self.key], dtype="float64")

    x = T.dvector("x")
    mean, ints, box = Mixed()(x)
    f = theano.function([x], [mean, ints, box, Reads("sum")(box) * 2])
    return {"values": f([1.0, 2.0]), "box": theano.function([x], box)([5.0])}


def example_scalar_results(theano, T, np):
    class Total(theano.Op):
        __props__ = ("form",)
        itypes = [T.dvector]
        otypes = [T.dscalar]

        def __init__(self, form):
            self.form = form

        def perform(self, node, inputs, outputs):
            total = inputs[0].sum()
            outputs[0][0] = {"generic": total, "array": np.asarray(total)}[self.form]

    x = T.dvector("x")
    generic = theano.function([x], Total("generic")(x))([1.0, 2.0])
    return {"generic": np.asarray(generic), "array": theano.function([x], Total("array")(x))([1.0, 2.0])}


def example_as_op(theano, T, np):
    def infer_shape(node, input_shapes):
        first, second = input_shapes
        return [first[:-1] + second[-1:]]

    @theano.compile.ops.as_op(itypes=[T.dmatrix, T.dmatrix], otypes=[T.dmatrix], infer_shape=infer_shape)
    def numpy_dot(a, b):
        return np.dot(a, b)

    @theano.as_op(itypes=[T.dvector], otypes=[T.dvector, T.dscalar])
    def two(a):
        return a + 1, np.asarray(a.sum())

    @theano.as_op(T.dvector, T.dvector)
    def one(a):
        return a * 3

    a, b = T.dmatrix("a"), T.dmatrix("b")
    v = T.dvector("v")
    f = theano.function([a, b], numpy_dot(a, b))
    return {
        "dot": f(np.ones((2, 3)), np.ones((3, 4))),
        "shape": theano.function([a, b], numpy_dot(a, b).shape)(np.ones((2, 3)), np.ones((3, 4))),
        "two": theano.function([v], two(v))([1.0, 2.0]),
        "one": theano.function([v], one(v))([1.0, 2.0]),
        "text": [str(one), type(one).__name__],
        "no_gradient": _raised(T.grad, one(v).sum(), v),
        "itypes": [str(t) for t in numpy_dot.itypes],
    }


def example_hash_of_types(theano, T, np):
    class Cast(theano.Op):
        __props__ = ("dtype",)

        def __init__(self, dtype):
            self.dtype = dtype

        def make_node(self, x):
            x = T.as_tensor_variable(x)
            return theano.Apply(self, [x], [T.TensorType(self.dtype, x.broadcastable)()])

        def perform(self, node, inputs, outputs):
            outputs[0][0] = np.asarray(inputs[0], dtype=node.outputs[0].dtype)

    x = T.dvector("x")
    kinds = ("int8", "int64", "float32", "complex128", "uint8", "uint16", "float16")
    return {kind: theano.function([x], Cast(kind)(x))([1.0, 2.0]) for kind in kinds}


def example_constant_inputs(theano, T, np):
    Twice = _double_op1(theano, T)
    op = Twice()
    runs = []

    class Random(Twice):
        def perform(self, node, inputs, outputs):
            runs.append(1)
            outputs[0][0] = inputs[0] * len(runs)

        def do_constant_folding(self, node):
            return False

    f = theano.function([], Random()(T.constant(np.ones(2))))
    values = [f(), f()]
    return {"folded": theano.function([], op(np.ones(2)) + 1)(), "each_call": values, "eval": op(np.ones(2)).eval()}


def example_pickle_graph(theano, T, np):
    op = pickle.loads(pickle.dumps(TOP(theano, T)))
    x = T.dvector("x")
    y = op(x)
    x2, y2 = pickle.loads(pickle.dumps((x, y), protocol=2))
    f = pickle.loads(pickle.dumps(theano.function([x], y * 2)))
    return {
        "same": op == TOP(theano, T),
        "graph": theano.function([x2], y2)([1.0]),
        "function": f([1.0, 2.0]),
        "gradient": theano.function([x2], T.grad(y2.sum(), x2))([1.0]),
    }


_top = []


def TOP(theano, T):
    """An op of a class that can be found by its name."""
    if not _top or _top[0].__mro__[1] is not theano.Op:
        kind = _double_op1(theano, T)
        kind.__name__ = kind.__qualname__ = "TopLevel"
        kind.__module__ = __name__
        _top[:] = [kind]
        globals()["TopLevel"] = kind
    return _top[0]()


def example_verify_grad(theano, T, np):
    op = _double_op1(theano, T)()
    T.verify_grad(op, [np.ones((3, 2))], rng=np.random.RandomState(1))

    class Wrong(_double_op1(theano, T)):
        def grad(self, inputs, gs):
            return [gs[0] * 3]

    return {"wrong": _raised(T.verify_grad, Wrong(), [np.ones(3)], rng=np.random.RandomState(1))}


def example_test_values(theano, T, np):
    op = _double_op1(theano, T)()
    before = theano.config.compute_test_value
    theano.config.compute_test_value = "raise"
    try:
        x = T.dmatrix("x")
        x.tag.test_value = np.ones((2, 2))
        y = op(x)
        out = {"value": y.tag.test_value, "get": theano.gof.op.get_test_value(y)}
        z = T.dmatrix("z")
        out["missing"] = _raised(op, z)
        out["get_missing"] = _raised(theano.gof.op.get_test_value, z)
        out["constant"] = theano.gof.op.get_test_value(np.ones(2))
        out["debug"] = list(theano.gof.op.get_debug_values(x))
        out["error_message"] = _raised(theano.gof.op.debug_error_message, "m")
        out["assert"] = [_raised(theano.gof.op.debug_assert, False), _raised(theano.gof.op.debug_assert, True)]
        out["missing_message"] = _raised(theano.gof.op.missing_test_message, "m")
    finally:
        theano.config.compute_test_value = before
    out["off"] = [len(list(theano.gof.op.get_debug_values(x))), _raised(theano.gof.op.missing_test_message, "m")]
    return out


def example_op_in_the_middle(theano, T, np):
    op = _double_op1(theano, T)()
    x, w = T.dmatrix("x"), theano.shared(np.full((3, 2), 0.5), "w")
    h = T.tanh(T.dot(x, w))
    cost = T.sqr(op(h) - 1).sum()
    f = theano.function([x], cost, updates=[(w, w - 0.1 * T.grad(cost, w))])
    costs = [f(np.arange(6.0).reshape(2, 3) / 6) for _ in range(4)]
    return {"costs": costs, "w": w.get_value()}


def example_subclass_of_known_op(theano, T, np):
    class Loud(T.Dot):
        def __str__(self):
            return "loud_dot"

    class MyAbs(theano.scalar.UnaryScalarOp):
        def impl(self, x):
            return abs(x)

        def grad(self, inputs, gs):
            (x,), (gz,) = inputs, gs
            return [gz * theano.tensor.sgn(x)] if isinstance(x.type, T.TensorType) else [gz * theano.scalar.sgn(x)]

    my_abs = T.Elemwise(MyAbs(theano.scalar.same_out, name="my_abs"), name="my_abs")
    x = T.dmatrix("x")
    return {
        "dot": theano.function([x], Loud()(x, x))([[2.0]]),
        "abs": theano.function([x], my_abs(x))([[-2.0, 3.0]]),
        "abs_gradient": theano.function([x], T.grad(my_abs(x).sum(), x))([[-2.0, 3.0]]),
    }
