"""Rows 147 to 149, 154 to 162, 175: what a compiled function takes and gives."""

PROBES = {
    "r147_result_types": (
        "x = T.scalar('x'); r = theano.function([x], x * 2)(3); "
        "type(r).__name__, r.shape, repr(r), type(theano.function([x], [x * 2])(3)).__name__, "
        "theano.function([x], {'a': x, 'b': x * 2})(3), theano.function([], None)(), theano.function([x], "
        "[], on_unused_input='ignore')(1), theano.function([x], None, on_unused_input='ignore')(1), "
        "type(theano.function([x], (x, x))(1)).__name__"
    ),
    "r147_constant_output": (
        "theano.function([], T.constant(2.5))(), theano.function([], [T.constant([1, 2])])(), er(lambda: "
        "theano.function([], [3]))"
    ),
    "r147_dict_key_not_text": (
        "x = T.scalar('x'); isinstance(er(lambda: theano.function([x], {1: x})), Exception)"
    ),
    "r147_output_subset": (
        "x = T.scalar('x'); f = theano.function([x], [x, x * 2, x * 3]); f(2, output_subset=[0, 2])"
    ),
    "r148_int_result": (
        "i = T.lscalar(); r = theano.function([i], i)(2); "
        "type(r).__name__, repr(r), list(range(5))[r], list(range(r)), '%d' % r, "
        "'{:.2f}'.format(float(r)), bool(r == 2), er(lambda: {2: 1}.get(r)), er(lambda: "
        "__import__('json').dumps(r))"
    ),
    "r149_no_alias": (
        "x = T.vector('x'); a = np.ones(2); r = theano.function([x], x)(a); "
        "v = theano.function([x], x[:1])(a); p, q = theano.function([x], [x + 1, x + 1])(a); y = x + 1; "
        "t, u = theano.function([x], [y, y[:1]])(a); "
        "r is a, np.shares_memory(r, a), np.shares_memory(v, a), np.shares_memory(p, q), "
        "np.shares_memory(t, u)"
    ),
    "r149_shared_no_alias": (
        "s = theano.shared(np.zeros(2)); f = theano.function([], s); r = f(); r[0] = 9; "
        "first = s.get_value(); b = theano.function([], theano.Out(s, borrow=True))(); first, b"
    ),
    "r149_transposed_view": (
        "x = T.matrix('x'); a = np.arange(6.).reshape(2, 3); r = theano.function([x], x.T)(a); "
        "np.shares_memory(r, a), r"
    ),
    "r154_float32_vector": (
        "x = T.fvector('x'); f = theano.function([x], x); "
        "er(lambda: f(np.zeros(2))), er(lambda: f([1.5, 2.5])), er(lambda: f([.1])), er(lambda: "
        "f(np.zeros(2, 'int64'))), er(lambda: f(np.zeros(2, 'int16'))), er(lambda: f(np.zeros(2, "
        "'float16'))), er(lambda: f([1, 2]))"
    ),
    "r154_float32_vector_floatX32": (
        "theano.config.floatX = 'float32'; x = T.fvector('x'); f = theano.function([x], x); "
        "er(lambda: f([.1])), er(lambda: f(np.array([.1]))), er(lambda: f(np.array([1., 2.]))), er(lambda: "
        "f([1, 2]))"
    ),
    "r155_float32_scalar": (
        "x = T.fscalar('x'); f = theano.function([x], x); "
        "er(lambda: f(.1)), er(lambda: f(1)), er(lambda: f(np.float64(.1))), er(lambda: "
        "f(np.float32(.1))), er(lambda: f(2**40)), er(lambda: f(np.array([1.], 'float32'))), er(lambda: "
        "f(1.5))"
    ),
    "r155_float32_scalar_floatX32": (
        "theano.config.floatX = 'float32'; s = T.fscalar('s'); g = theano.function([s], s); "
        "er(lambda: g(.1)), er(lambda: g(np.float64(.1))), er(lambda: g(np.array(.1)))"
    ),
    "r156_int32_vector": (
        "i = T.ivector('i'); f = theano.function([i], i); "
        "er(lambda: f([1, 2])), er(lambda: f(np.array([1, 2]))), er(lambda: f([1.])), er(lambda: "
        "f(np.array([2**40]))), er(lambda: f(np.array([1], 'uint8'))), er(lambda: f([1.5])), er(lambda: "
        "f([2**40]))"
    ),
    "r156_other_ints": (
        "b = T.bscalar('b'); f = theano.function([b], b); "
        "er(lambda: f(100)), er(lambda: f(300)), er(lambda: f(1.5)), er(lambda: f(True)), er(lambda: "
        "theano.function([T.lscalar('l')], [], on_unused_input='ignore')(2.))"
    ),
    "r157_allow_input_downcast": (
        "x = T.fvector('x'); i = T.ivector('i'); f = theano.function([x], x, allow_input_downcast=True); "
        "er(lambda: f(np.array([.1]))), er(lambda: f([.1])), er(lambda: theano.function([i], i, "
        "allow_input_downcast=True)([1.7])), er(lambda: theano.function([x], x, "
        "allow_input_downcast=False)([.1])), er(lambda: theano.function([theano.In(x, "
        "allow_downcast=True)], x)(np.array([.1]))), er(lambda: theano.function([theano.In(x, "
        "strict=True)], x)([1.]))"
    ),
    "r158_odd_inputs": (
        "m = T.matrix('m'); f = theano.function([m], m.sum()); "
        "er(lambda: f([[1, 2], [3, 4]])), er(lambda: f([1, 2])), er(lambda: f(np.ones((1, 2, 2)))), "
        "er(lambda: f('a'))"
    ),
    "r158_ragged_and_none": (
        "m = T.matrix('m'); f = theano.function([m], m.sum()); "
        "isinstance(er(lambda: f([[1], [2, 3]])), Exception), isinstance(er(lambda: f(None)), Exception)"
    ),
    "r159_strides": (
        "m = T.matrix('m'); f = theano.function([m], m * 1); a = np.arange(6.).reshape(2, 3); "
        "r = a.copy(); r.flags.writeable = False; f(a[::-1]), f(a.T), f(a[:, ::2]), f(r), "
        "f(np.asfortranarray(a)), f(np.broadcast_to(np.ones((1, 3)), (2, 3)))"
    ),
    "r159_byte_order_and_masks": (
        "v = T.vector('v'); f = theano.function([v], v * 1); "
        "f(np.arange(3., dtype='>f8')), f(np.ma.masked_array([1., 2.], [True, False])), er(lambda: "
        "f(np.matrix([1., 2.])))"
    ),
    "r160_missing_and_extra": (
        "x = T.scalar('x'); y = T.scalar('y'); f = theano.function([x, y], x + y); "
        "er(lambda: f(1)), er(lambda: f(1, 2, 3)), er(lambda: f(1, z=2)), f(x=1, y=2), er(lambda: f(1, "
        "x=2))"
    ),
    "r160_defaults": (
        "x = T.scalar('x'); y = T.scalar('y'); f = theano.function([x, theano.In(y, value=10)], x + y); "
        "f(1), f(1, 2), f(1, y=5), f[y], f['y']"
    ),
    "r160_implicit_and_update": (
        "x = T.scalar('x'); s = T.scalar('s'); f = theano.function([x, theano.In(s, value=0., update=s + "
        "x)], s * 2); f(3), f(4), f[s], f(1, s=100), f[s]"
    ),
    "r160_containers": (
        "x = T.scalar('x'); s = T.scalar('s'); f = theano.function([x, theano.In(s, name='state', "
        "value=7.)], x + s); f.__setitem__('state', 8.); f['state'], f[s], f(1), f.value[s]"
    ),
    "r161_unused": (
        "x = T.scalar('x'); er(lambda: theano.function([x], T.constant(1.))), er(lambda: "
        "theano.function([x, x], x)), er(lambda: theano.function([x + 1], x)), er(lambda: "
        "theano.function([T.scalar('a')], x)), er(lambda: theano.function([], T.ivector('q').sum()))"
    ),
    "r161_on_unused_input": (
        "x = T.scalar('x'); theano.function([x], T.constant(1.), on_unused_input='ignore')(5), "
        "theano.function([x], T.constant(1.), on_unused_input='warn')(5), er(lambda: theano.function([x], "
        "T.constant(1.), on_unused_input='wrong'))"
    ),
    "r161_not_variables": (
        "er(lambda: theano.function([1], T.constant(1.))), er(lambda: theano.function(T.scalar('x'), "
        "T.scalar('y'))), er(lambda: theano.function([T.scalar('x')], 'text'))"
    ),
    "r162_intermediate_input": "x = T.scalar('x'); y = x * 2; f = theano.function([y], y + 1); f(5)",
    "r175_assert": (
        "x = V(1.); er(lambda: ev(T.opt.Assert('msg here')(x, T.gt(x, 5)))), ev(T.opt.Assert()(x, T.gt(x, 0)))"
    ),
    "r175_error_text": "er(lambda: ev(V([1., 2.]) + V([1., 2., 3.])))",
    "r175_error_text_dot": "er(lambda: ev(T.dot(V(np.ones((2, 3))), V(np.ones((4, 2))))))",
}

SAYS = {
    "r154_float32_vector": [
        "Bad input argument to theano function with name",
        "at index 0 (0-based)",
    ],
    "r155_float32_scalar": [
        "Bad input argument to theano function with name",
        "at index 0 (0-based)",
    ],
    "r156_int32_vector": [
        "Bad input argument to theano function with name",
    ],
    "r158_odd_inputs": [
        "Bad input argument to theano function with name",
        "at index 0 (0-based)",
    ],
    "r160_missing_and_extra": [
        "Missing required input: y",
        "Too many parameter passed to theano function",
        "Unknown input or state: z",
        "Multiple values for input: x",
    ],
    "r175_assert": ["msg here", "Apply node that caused the error: Assert{msg='msg here'}"],
    "r175_error_text": [
        "Apply node that caused the error",
        "Toposort index",
        "Inputs types",
        "Inputs shapes",
        "Inputs strides",
        "Inputs values",
        "HINT",
    ],
    "r175_error_text_dot": [
        "Apply node that caused the error",
        "Inputs shapes: [(2, 3), (4, 2)]",
    ],
}
