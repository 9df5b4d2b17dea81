"""Rows 145, 146, 150 to 153, 163 to 166: shared variables, updates, givens, copies."""

PROBES = {
    "r145_simultaneous": (
        "a = theano.shared(1.); b = theano.shared(2.); "
        "f = theano.function([], [a, b], updates=[(a, b), (b, a)]); r = f(); "
        "r, a.get_value(), b.get_value()"
    ),
    "r145_outputs_are_old": (
        "a = theano.shared(1.); f = theano.function([], a, updates={a: a + 1}); f(), f(), a.get_value()"
    ),
    "r145_ordered_updates": (
        "a = theano.shared(1.); u = theano.compat.OrderedDict(); u[a] = a * 3; "
        "f = theano.function([], a + 0, updates=u); f(), f(), a.get_value()"
    ),
    "r145_three_way": (
        "a = theano.shared(np.arange(3.)); b = theano.shared(np.ones(3)); c = theano.shared(2.); "
        "f = theano.function([], [a.sum(), b.sum()], updates=[(a, b * c), (b, a + b), (c, c + a.sum())]); "
        "f(), f(), a.get_value(), b.get_value(), c.get_value()"
    ),
    "r146_twice": (
        "a = theano.shared(1.); er(lambda: theano.function([], [], updates=[(a, a + 1), (a, a + 2)]))"
    ),
    "r146_dict_warns": (
        "import warnings; a = theano.shared(1.); b = theano.shared(1.); "
        "w = warnings.catch_warnings(record=True); seen = w.__enter__(); warnings.simplefilter('always'); "
        "theano.function([], [], updates={a: a + 1, b: b + 1}); w.__exit__(None, None, None); "
        "[(x.category.__name__, 'non-deterministic' in str(x.message)) for x in seen]"
    ),
    "r146_other_type": (
        "a = theano.shared(np.float32(1)); er(lambda: theano.function([], [], updates=[(a, a + .1)])), "
        "er(lambda: theano.function([], [], updates=[(a, a * np.float64(.1))])), er(lambda: "
        "theano.function([], [], updates=[(a, a - np.float32(.1) * T.lscalar('k'))])), er(lambda: "
        "theano.function([], [], updates=[(a, a / T.cast(2, 'int32'))]))"
    ),
    "r146_other_type_floatX32": (
        "theano.config.floatX = 'float32'; a = theano.shared(np.float32(1)); "
        "f = theano.function([], [], updates=[(a, a + .1)]); "
        "f(), a.get_value(), er(lambda: theano.function([], [], updates=[(a, a * np.float64(.1))]))"
    ),
    "r146_other_pattern": (
        "a = theano.shared(np.ones((2, 1))); er(lambda: theano.function([], [], updates=[(a, "
        "a.sum(axis=1))])), er(lambda: theano.function([], [], updates=[(a, a.sum(axis=1, "
        "keepdims=True))])), er(lambda: theano.function([], [], updates=[(a, "
        "T.patternbroadcast(a.sum(axis=1, keepdims=True), (False, False)))])())"
    ),
    "r146_not_shared": "x = T.scalar('x'); er(lambda: theano.function([x], x, updates=[(x, x + 1)]))",
    "r146_numpy_value": (
        "a = theano.shared(np.zeros(2)); f = theano.function([], a, updates=[(a, np.ones(2))]); f(), f()"
    ),
    "r150_shared_copies": (
        "a = np.zeros(2); s = theano.shared(a); a[0] = 9; b = np.zeros(2); "
        "t = theano.shared(b, borrow=True); b[0] = 9; s.get_value(), t.get_value()"
    ),
    "r150_get_value_copies": (
        "s = theano.shared(np.zeros(2)); v = s.get_value(); v[0] = 5; first = s.get_value(); "
        "w = s.get_value(borrow=True); w[0] = 5; first, s.get_value()"
    ),
    "r150_get_value_types": (
        "[type(theano.shared(v).get_value()).__name__ for v in (1., 1, np.float32(1), [1, 2], 'a', {1: "
        "2})], repr(theano.shared(3).get_value())"
    ),
    "r151_set_value_borrow": (
        "a = np.zeros(2); s = theano.shared(np.ones(2)); s.set_value(a, borrow=True); "
        "f = theano.function([], [], updates=[(s, s + 1)]); f(); s.get_value()"
    ),
    "r152_set_value_vector": (
        "s = theano.shared(np.zeros(2, 'float32')); "
        "er(lambda: s.set_value(np.zeros(2, 'float64'))), er(lambda: s.set_value(np.zeros(2, 'int64'))), "
        "er(lambda: s.set_value(np.ones(2, 'int8'))), s.get_value(), er(lambda: s.set_value([1, 2])), "
        "s.get_value(), er(lambda: s.set_value(np.zeros(5, 'float32'))), s.get_value(), er(lambda: "
        "s.set_value(np.zeros((2, 2), 'float32'))), s.get_value()"
    ),
    "r152_broadcastable": (
        "s = theano.shared(np.zeros((1, 2)), broadcastable=(True, False)); "
        "er(lambda: s.set_value(np.zeros((2, 2)))), er(lambda: s.set_value(np.ones((1, 5)))), s.get_value()"
    ),
    "r152_strict_and_allow_downcast": (
        "er(lambda: theano.shared(np.zeros(2), strict=True).set_value(np.zeros(2, 'float32'))), "
        "theano.shared(np.zeros(2, 'float32'), allow_downcast=True).dtype, er(lambda: "
        "theano.shared(T.vector()))"
    ),
    "r153_set_value_scalar": (
        "s = theano.shared(np.float32(1)); er(lambda: s.set_value(2)), er(lambda: s.set_value(2.5)), "
        "s.get_value(), er(lambda: s.set_value(.1)), er(lambda: s.set_value(np.float64(.1))), s.get_value()"
    ),
    "r163_givens_other_type": (
        "x = T.fvector('x'); s = theano.shared(np.ones(4)); "
        "er(lambda: theano.function([], x.sum(), givens={x: s})), er(lambda: theano.function([], x.sum(), "
        "givens={x: theano.shared(np.ones((2, 2), 'float32'))})), theano.function([], x.sum(), givens={x: "
        "T.cast(s, 'float32')})()"
    ),
    "r163_givens_slices": (
        "x = T.vector('x'); y = T.ivector('y'); i = T.lscalar('i'); X = theano.shared(np.arange(6.)); "
        "Y = T.cast(theano.shared(np.arange(6.)), 'int32'); "
        "f = theano.function([i], [x.sum(), y.sum(), x], givens={x: X[i * 2:(i + 1) * 2], y: Y[i * 2:(i + "
        "1) * 2]}); f(1), f(2), f(5)"
    ),
    "r163_givens_forms": (
        "x = T.vector('x'); y = x * 2; a = np.ones(2); "
        "theano.function([], y, givens=[(x, a)])(), theano.function([], y, givens=((x, a),))(), "
        "theano.function([], y, givens={x: theano.shared(a)})()"
    ),
    "r164_default_update": (
        "s = theano.shared(0); s.default_update = s + 1; f = theano.function([], s); f(); f(); "
        "two = s.get_value(); g = theano.function([], s, updates=[(s, s + 10)]); g(); "
        "h = theano.function([], s, no_default_updates=True); h(); "
        "k = theano.function([], s, no_default_updates=[s]); k(); two, s.get_value()"
    ),
    "r165_mutable_input": (
        "x = T.vector('x'); y = T.set_subtensor(x[0], 5.); a = np.zeros(2); b = np.zeros(2); "
        "r = theano.function([theano.In(x, mutable=True)], y)(a); q = theano.function([x], y)(b); r, q, b"
    ),
    "r166_copy_swap": (
        "s = theano.shared(1.); t = theano.shared(10.); "
        "f = theano.function([], [s * 2], updates=[(s, s + 1)]); g = f.copy(swap={s: t}); "
        "g(), t.get_value(), f(), s.get_value()"
    ),
    "r166_copy_plain": (
        "x = T.scalar('x'); s = theano.shared(1.); f = theano.function([x], s * x, updates=[(s, s + 1)]); "
        "g = f.copy(); g(2), f(2), s.get_value(), [v.get_value() for v in g.get_shared()], "
        "f.copy(name='other').name"
    ),
    "r166_copy_delete_updates": (
        "s = theano.shared(1.); f = theano.function([], [s * 2], updates=[(s, s + 1)]); "
        "g = f.copy(delete_updates=True); g(), g(), s.get_value(), f(), s.get_value()"
    ),
    "r166_copy_not_shared_memory": (
        "s = theano.shared(np.ones(2)); f = theano.function([], s + 1); g = f.copy(share_memory=True); "
        "h = f.copy(share_memory=False); g(), h()"
    ),
    "r166_pickle": (
        "import pickle; s = theano.shared(1.); f = theano.function([], s, updates=[(s, s + 1)]); "
        "g = pickle.loads(pickle.dumps(f)); g(); g(); s.get_value(), g()"
    ),
    "r166_deepcopy_shared": (
        "import copy; s = theano.shared(np.ones(1), name='W'); c = copy.deepcopy(s); "
        "c.set_value(np.zeros(1)); s.get_value(), c.name"
    ),
    "r166_deepcopy_function": (
        "import copy; s = theano.shared(1.); f = theano.function([], s, updates=[(s, s + 1)]); "
        "g = copy.deepcopy(f); g(); g(); s.get_value(), g()"
    ),
}

SAYS = {
    "r146_twice": [
        "this shared variable already has an update expression",
    ],
    "r146_other_type": [
        "An update must have the same type as the original shared variable",
    ],
    "r146_other_pattern": [
        "An update must have the same type as the original shared variable",
    ],
    "r163_givens_other_type": [
        "Cannot convert Type TensorType(float64, vector)",
    ],
}
