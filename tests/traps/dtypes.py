"""Rows 40 to 73: dtypes, promotion, autocast."""

PROBES = {
    "r40_r41_r49_promotion": (
        "D = ('bool', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float16', "
        "'float32', 'float64') + ('complex64', 'complex128'); x = {d: V(np.array([1], d)) for d in D}; "
        "{a: [(x[a] + x[b]).dtype for b in D] for a in D}"
    ),
    "r42_shape_dtype": (
        "x = T.matrix(); x.shape.dtype, x.shape[0].dtype, x.size.dtype, (x.shape[0] * .5).dtype, (x.sum() "
        "/ x.shape[0]).dtype, str(x.shape.type)"
    ),
    "r42_mean_by_hand": (
        "x = T.fmatrix(); x.sum().dtype, (x.sum() / x.shape[0]).dtype, x.mean().dtype, (x / "
        "x.shape[0]).dtype, (x * x.shape[0]).dtype"
    ),
    "r43_python_scalar": "x = T.fvector(); [(x + c).dtype for c in (1, 1.5, .1, 1e40, 2**40)]",
    "r43_python_scalar_floatX32": (
        "theano.config.floatX = 'float32'; x = T.fvector(); "
        "[(x + c).dtype for c in (1, 1.5, .1, 1e40, 2**40)], [(T.ivector() + c).dtype for c in (1, .5, "
        ".1)], [(T.bvector() + c).dtype for c in (1, .5, .1)]"
    ),
    "r44_numpy_scalar": (
        "x = T.fvector(); [(x + c).dtype for c in (np.float64(.1), np.float64(.5), np.float32(.1), "
        "np.int64(1), np.int32(1), np.int8(1), np.array(.1), np.array(1))]"
    ),
    "r44_numpy_scalar_floatX32": (
        "theano.config.floatX = 'float32'; x = T.fvector(); "
        "[(x + c).dtype for c in (np.float64(.1), np.float64(.5), np.float32(.1), np.int64(1), "
        "np.array(.1))]"
    ),
    "r45_zero_dim_input": (
        "(T.fvector() + T.dscalar()).dtype, (T.bvector() + T.lscalar()).dtype, (T.fvector() + "
        "T.lscalar()).dtype"
    ),
    "r46_int_plus_half": (
        "{d: (V(np.array([1], d)) + .5).dtype for d in ('bool', 'int8', 'int16', 'int32', 'int64', "
        "'uint8', 'uint16', 'uint32', 'uint64', 'float16', 'float32', 'float64')}"
    ),
    "r46_int_plus_half_floatX32": (
        "theano.config.floatX = 'float32'; {d: (V(np.array([1], d)) + .5).dtype for d in ('bool', 'int8', "
        "'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float16', 'float32', "
        "'float64')}"
    ),
    "r47_int8_plus_int": "x = T.bvector(); [(x + c).dtype for c in (1, 127, 128, 40000, 2**33)]",
    "r48_uint8_minus_one": (
        "ev(V(np.array([1], 'uint8')) - 1), ev(V(np.array([0], 'uint8')) - 1), ev(-V(np.array([1, 0], "
        "'uint8')))"
    ),
    "r49_mixed_signs": (
        "[(V(np.array([1], a)) + V(np.array([1], b))).dtype for a, b in (('int8', 'uint8'), ('uint8', "
        "'uint16'), ('int64', 'uint64'), ('complex64', 'int32'), ('complex64', 'float64'))]"
    ),
    "r50_constant": (
        "[T.constant(c).dtype for c in (1, -1, 200, 40000, 2**31, 1., 1.5, .1, True, [1, 2], [1.], "
        "np.float32(1), 1j)]"
    ),
    "r50_constant_floatX32": (
        "theano.config.floatX = 'float32'; [T.constant(c).dtype for c in (1, 200, 1.5, .1, [1.], "
        "np.float64(.1))]"
    ),
    "r51_plus_true": "er(lambda: T.vector() + True), er(lambda: T.as_tensor_variable(True))",
    "r52_shared": (
        "[theano.shared(c).dtype for c in (1, 1., True, np.float32(1), np.arange(2), np.zeros(2))], "
        "hasattr(theano.shared([1, 2]), 'dtype')"
    ),
    "r52_shared_floatX32": (
        "theano.config.floatX = 'float32'; [theano.shared(c).dtype for c in (1, 1., True)]"
    ),
    "r53_creation": (
        "[T.zeros((2,)).dtype, T.ones((2,)).dtype, T.eye(2).dtype, T.vector().dtype, T.scalar().dtype, "
        "T.arange(3).dtype, T.arange(3.).dtype, T.arange(0, 1, .25).dtype, T.alloc(0, 3).dtype, "
        "T.alloc(0., 3).dtype, T.zeros_like(T.ivector()).dtype, T.ones_like(T.ivector(), "
        "dtype='float32').dtype]"
    ),
    "r53_creation_floatX32": (
        "theano.config.floatX = 'float32'; [T.zeros((2,)).dtype, T.ones((2,)).dtype, T.eye(2).dtype, "
        "T.vector().dtype, T.arange(3.).dtype, T.arange(0, 1, .25).dtype, T.arange(3).dtype]"
    ),
    "r53_arange_values": (
        "ev(T.arange(5)), ev(T.arange(0, 1, .3)), ev(T.arange(5, 0, -2)), "
        "ev(T.arange(V(np.float64(2.5)))), ev(T.arange(V(np.int32(3)))), ev(T.arange(V(np.int8(3))))"
    ),
    "r54_true_division": (
        "ev(V(7) / V(2)), ev(V(np.int32(7)) / V(np.int32(2))), ev(V(np.int8(7)) / V(np.int8(2))), ev(V([7, "
        "-7, 0]) / V([0, 0, 0]))"
    ),
    "r54_true_division_floatX32": (
        "theano.config.floatX = 'float32'; ev(V(7) / V(2)), ev(V(np.int8(7)) / V(np.int8(2))), "
        "(T.lscalar() / 2).dtype, (T.fvector() / T.lvector()).dtype"
    ),
    "r55_integer_by_zero": (
        "er(lambda: ev(V([7, -7, 0]) // V([0, 0, 0]))), er(lambda: ev(V([7, -7, 0]) % V([0, 0, 0])))"
    ),
    "r56_negative_power": "ev(V([1, 2, 3])**-1), ev(V([1, 2, 3, -1])**V([-1, -1, -2, -1]))",
    "r56_powers": "ev(V([4, 9])**.5), ev(V(np.array([100], 'int8'))**2), ev(V([-8.])**(1. / 3))",
    "r57_sqrt_dtype": (
        "{d: (T.sqrt(V(np.array([4], d))).dtype, T.exp(V(np.array([4], d))).dtype) for d in ('bool', "
        "'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float16', 'float32', "
        "'float64')}"
    ),
    "r57_sqrt_dtype_floatX32": (
        "theano.config.floatX = 'float32'; [T.sqrt(T.ivector()).dtype, T.exp(T.lvector()).dtype, "
        "T.nnet.sigmoid(T.ivector()).dtype, T.exp(T.bvector()).dtype]"
    ),
    "r57_values": (
        "ev(T.exp(V(np.array([1], 'int8')))), ev(T.inv(V([2, 4]))), ev(T.nnet.sigmoid(V([0, 1])))"
    ),
    "r57_sigmoid_softmax_tanh": (
        "T.nnet.sigmoid(T.ivector()).dtype, T.nnet.sigmoid(T.bvector()).dtype, T.tanh(T.lvector()).dtype, "
        "T.nnet.softmax(T.fmatrix()).dtype"
    ),
    "r58_floor_ceil": (
        "{d: (T.floor(V(np.array([4], d))).dtype, T.ceil(V(np.array([4], d))).dtype) for d in ('bool', "
        "'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float16', 'float32', "
        "'float64')}"
    ),
    "r59_round_int": "er(lambda: T.round(V([3])))",
    "r60_mean": (
        "{d: T.mean(V(np.array([1, 2], d))).dtype for d in ('bool', 'int8', 'int16', 'int32', 'int64', "
        "'uint8', 'uint16', 'uint32', 'uint64', 'float16', 'float32', 'float64')}, ev(T.mean(V([1, 2, 4])))"
    ),
    "r60_mean_floatX32": (
        "theano.config.floatX = 'float32'; {d: T.mean(V(np.array([1, 2], d))).dtype for d in ('bool', "
        "'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float16', 'float32', "
        "'float64')}"
    ),
    "r60_mean_of_comparison": (
        "T.mean(T.neq(T.ivector(), T.ivector())).dtype, T.mean(T.neq(T.ivector(), T.ivector()), "
        "dtype='float32').dtype, ev(T.mean(T.neq(V([1, 2, 3]), V([1, 2, 4]))))"
    ),
    "r61_sum_prod": (
        "{d: (T.sum(V(np.array([1], d))).dtype, T.prod(V(np.array([1], d))).dtype) for d in ('bool', "
        "'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float16', 'float32', "
        "'float64')}"
    ),
    "r61_sum_values": (
        "ev(T.sum(V(np.array([200, 100], 'uint8')))), ev(T.prod(V(np.array([100, 100], 'int8'))))"
    ),
    "r61_any_all": (
        "ev(T.any(V([0, 2]))), ev(T.all(V([1., 2.]))), ev(T.all(V(np.array([[True, False]])), axis=1))"
    ),
    "r62_sum_accumulates_double": "ev(T.sum(V(np.array([16777216., 1, 1, 1, 1], 'float32'))))",
    "r62_sum_of_many": "ev(T.sum(V(np.full(1000000, .1, 'float32'))))",
    "r62_mean_of_many": (
        "ev(T.mean(V(np.full(1000000, .1, 'float32')))), ev(T.sum(V(np.full((1000, 2), .1, 'float32')), "
        "axis=0))"
    ),
    "r63_cumsum": (
        "ev(T.cumsum(V(np.array([100, 100], 'int8')))), ev(T.cumsum(V([[1., 2.], [3., 4.]]))), "
        "ev(T.cumprod(V(np.array([100, 2], 'int8')))), ev(T.cumsum(V([[1., 2.], [3., 4.]]), axis=1))"
    ),
    "r64_dot_int8": "ev(T.dot(V(np.array([[100, 100]], 'int8')), V(np.array([[100], [100]], 'int8'))))",
    "r64_dot_mixed": "ev(T.dot(V(np.array([[1, 2]], 'int64')), V(np.array([[1.5], [1]], 'float32'))))",
    "r64_dot_bool": "ev(T.dot(V(np.array([[True, True]])), V(np.array([[True], [True]]))))",
    "r65_switch": (
        "[T.switch(T.ivector(), a, b).dtype for a, b in ((1, 0), (1., 0.), (T.fvector(), 0), (T.ivector(), "
        ".5), (T.fvector(), T.dvector()))], ev(T.switch(V([2, 0, -1]), 1, 0))"
    ),
    "r66_comparison": "ev(V([1., 2.]) > 1), ev(T.eq(V([1, 2]), 1))",
    "r66_bool_arithmetic": (
        "b = V(np.array([True, False])); c = V(np.array([True, True])); "
        "ev(1 - b), ev(b + c), ev(b * c), er(lambda: ev(-b)), er(lambda: ev(b - c))"
    ),
    "r67_invert": "ev(~V(np.array([0, 1], 'int8'))), ev(~V(np.array([True, False])))",
    "r68_clip": (
        "ev(T.clip(V(np.array([1, 9], 'int32')), .5, 5)), ev(T.clip(V(np.array([1, 9], 'float32')), 0, "
        "5)), ev(T.clip(V(np.array([1, 9], 'uint8')), -1, 5))"
    ),
    "r69_concatenate": "ev(T.concatenate([V(np.array([1], 'int8')), V(np.array([1.5], 'float32'))]))",
    "r70_cast": (
        "ev(T.cast(V([2.7, -2.7]), 'int32')), ev(T.cast(V([300, -1]), 'int8')), ev(T.cast(V([300, -1]), "
        "'uint8')), ev(T.cast(V([0., .5, np.nan]), 'bool'))"
    ),
    "r70_cast_out_of_range": (
        "ev(T.cast(V([np.nan, np.inf, 1e20]), 'int32')), ev(T.cast(V([np.nan, np.inf]), 'int64')), "
        "ev(T.cast(V([-1.5, 300.7]), 'uint8'))"
    ),
    "r71_unsigned": (
        "u = V(np.array([1], 'uint32')); w = V(np.array([2], 'uint64')); "
        "ev(u + V(np.array([2], 'uint32'))), ev(V(np.array([1], 'uint64')) < w), ev(T.sum(V(np.array([1, "
        "2], 'uint16')))), ev(w // w), ev(T.max(w)), ev(u * u), ev(T.maximum(u, u)), ev(T.sum(w))"
    ),
    "r72_complex": (
        "z = V(np.array([3 + 4j])); ev(abs(z)), ev(T.angle(V(np.array([1j])))), ev(T.real(z)), "
        "ev(T.imag(z)), ev(T.conj(V(np.array([1j]))))"
    ),
    "r73_float16_dot_dtype": "T.dot(V(np.ones((1, 2), 'float16')), V(np.ones((2, 1), 'float16'))).dtype",
    "r73_overflow_wraps": (
        "ev(V(np.array([2147483647], 'int32')) + V(np.array([1], 'int32'))), ev(abs(V(np.array([-128], "
        "'int8'))))"
    ),
}

SAYS = {
    "r51_plus_true": [
        "unsupported operand type(s) for +",
    ],
    "r55_integer_by_zero": [
        "integer division by zero",
        "integer modulo by zero",
    ],
    "r59_round_int": [
        "only float type are supported",
    ],
}
