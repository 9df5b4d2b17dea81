"""Rows 167 to 172 and 176: variables as Python objects, eval, test values, names, threads."""

PROBES = {
    "r167_identity": (
        "x = T.vector('x'); y = T.vector('y'); x == y, x == x, x != y, x == 3, {x: 1}[x], len({x, y, x})"
    ),
    "r168_bool_of_comparison": "x = T.scalar('x'); er(lambda: bool(x > 0)), er(lambda: 0 < x < 1), bool(x)",
    "r169_len_iter_in": "x = T.vector('x'); er(lambda: len(x)), er(lambda: list(x)), er(lambda: 3 in x)",
    "r169_int_float_range": (
        "x = T.scalar('x'); er(lambda: int(x)), er(lambda: float(x)), er(lambda: range(x))"
    ),
    "r169_unpack_shape": (
        "n, m = V(np.ones((2, 3))).shape; ev(n), ev(m), [ev(d) for d in V(np.ones((4, 5))).shape]"
    ),
    "r170_numpy_on_variables": (
        "x = V([1., 2., 3.]); ev(np.exp(x)), ev(np.float32(2) * x), ev(np.ones(3) * x), ev(np.float64(2) + "
        "x), ev(np.sqrt(x)), ev(np.ones(3) - x)"
    ),
    "r170_numpy_reduction": "x = T.vector('x'); er(lambda: np.sum(x)), er(lambda: np.maximum(x, 0))",
    "r171_eval": (
        "x = T.scalar('x'); (x * 2).eval({x: 3}), er(lambda: (x * 2).eval({'x': 3})), er(lambda: (x * "
        "2).eval()), T.constant(3).eval(), theano.shared(4).eval()"
    ),
    "r172_test_value": (
        "theano.config.compute_test_value = 'raise'; x = T.matrix('x'); "
        "x.tag.test_value = np.ones((2, 2)); a = er(lambda: T.dot(x, T.ones((3, 3)))); "
        "b = er(lambda: T.dot(T.matrix('y'), x)); c = (x * 2).tag.test_value; "
        "theano.config.compute_test_value = 'off'; a, b, c"
    ),
    "r172_clone_replace": (
        "x = V(2.); y = x * 3; ev(theano.clone(y, {x: V(5.)})), ev(theano.clone(y, [(x, V(7.))]))"
    ),
    "r172_names": (
        "x = T.vector(); y = T.vector(); x.auto_name.startswith('auto_'), str(x), repr(T.vector('a')), "
        "str(T.vector('a') + 1)"
    ),
    "r172_config": (
        "theano.config.floatX, theano.config.device, theano.config.int_division, "
        "theano.config.cast_policy, theano.config.on_unused_input, theano.config.warn_float64, "
        "theano.config.mode, theano.config.compute_test_value, theano.config.exception_verbosity"
    ),
    "r176_threads": (
        "import threading; s = theano.shared(0); x = T.lscalar('x'); f = theano.function([x], x * 2 + 1); "
        "wrong = []; work = lambda k: [wrong.append(i) for i in range(k, k + 200) if f(i) != 2 * i + 1]; "
        "ts = [threading.Thread(target=work, args=(1000 * k,)) for k in range(8)]; "
        "[t.start() for t in ts]; [t.join() for t in ts]; len(wrong)"
    ),
}

SAYS = {
    "r168_bool_of_comparison": [
        "Variables do not support boolean operations",
    ],
    "r169_len_iter_in": [
        "length not known",
    ],
    "r171_eval": [
        "Unknown parameter type",
    ],
}
