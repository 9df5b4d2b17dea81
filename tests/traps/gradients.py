"""Rows 15 to 39: gradients at kinks, ties and zeros."""

PROBES = {
    "r15_maximum_tie": (
        "G(lambda x: T.maximum(x, 0.), [-1., 0., 1.]), G(lambda x: T.maximum(0., x), [-1., 0., 1.])"
    ),
    "r16_relu": "G(lambda x: T.nnet.relu(x), [-1., 0., 1.])",
    "r17_relu_leaky": "G(lambda x: T.nnet.relu(x, .1), [-1., 0., 1.])",
    "r18_relu_by_comparison": (
        "G(lambda x: x * (x > 0), [-1., 0., 1.]), G(lambda x: T.switch(x < 0, 0, x), [-1., 0., 1.])"
    ),
    "r19_minimum_tie": (
        "G(lambda x: T.minimum(x, 0.), [-1., 0., 1.]), G(lambda x: T.minimum(0., x), [-1., 0., 1.])"
    ),
    "r20_maximum_of_two": (
        "a = V([1., 2.]); b = V([1., 3.]); c = T.maximum(a, b).sum(); ev(T.grad(c, a)), ev(T.grad(c, b))"
    ),
    "r21_max_tie": "G(lambda x: T.max(x), [3., 3., 1.]), G(lambda x: T.min(x), [3., 1., 1.])",
    "r21_max_axis_tie": (
        "G(lambda x: T.max(x, axis=1).sum(), [[3., 3., 1.]]), G(lambda x: T.min(x, axis=1).sum(), [[3., "
        "1., 1.]])"
    ),
    "r23_clip": "G(lambda x: T.clip(x, 0., 1.), [-1., 0., .5, 1., 2.])",
    "r24_abs": "G(lambda x: abs(x), [-1., 0., 1.])",
    "r24_steps": (
        "[G(f, [2.5]) for f in (T.floor, T.ceil, T.sgn, T.round)], G(lambda x: T.sgn(x) * x, [2.]), "
        "G(lambda x: T.floor(x) * x, [2.5])"
    ),
    "r25_sqrt_log_at_zero": "G(lambda x: T.sqrt(x), [0., 4.]), G(lambda x: T.log(x), [0., 4.])",
    "r26_norm_at_zero": "G(lambda x: T.sqrt(T.sum(T.sqr(x))), [0., 0.]), G(lambda x: x.norm(2), [0., 0.])",
    "r27_std_of_equal": "G(lambda x: T.std(x), [2., 2.])",
    "r28_power_wrt_exponent": (
        "x = V([0., 2., -2.]); y = V([2., 2., 2.]); c = (x**y).sum(); ev(T.grad(c, y)), ev(T.grad(c, x))"
    ),
    "r28_power_constant": (
        "G(lambda x: x**2, [0., 2.]), G(lambda x: x**0.5, [0., 4.]), G(lambda x: x**1., [0., 2.])"
    ),
    "r29_zero_to_zero": (
        "x = V([0.]); y = V([0.]); c = (x**y).sum(); ev(x**y), ev(T.grad(c, y)), ev(T.grad(c, x))"
    ),
    "r30_prod_with_zero": "G(lambda x: T.prod(x), [0., 2., 3.]), G(lambda x: T.prod(x), [0., 0., 3.])",
    "r30_prod_no_zeros_in_input": "G(lambda x: T.prod(x, no_zeros_in_input=True), [0., 2., 3.])",
    "r31_cumprod_with_zero": (
        "G(lambda x: T.cumprod(x), [2., 0., 3.]), G(lambda x: T.cumprod(x), [2., 1., 3.])"
    ),
    "r32_floor_division": "x = V([7.5]); y = V([2.]); ev(T.grad((x // y).sum(), x))",
    "r32_mod": "x = V([7.5]); y = V([2.]); ev(T.grad((x % y).sum(), x)), ev(T.grad((x % y).sum(), y))",
    "r33_argmax": (
        "x = V([1., 2.]); er(lambda: ev(T.grad(T.argmax(x), x))), er(lambda: ev(T.grad(T.argmax(x) * "
        "x.sum(), x)))"
    ),
    "r34_integer_input": (
        "x = V([1, 2]); er(lambda: ev(T.grad((x * 1.5).sum(), x))), er(lambda: ev(T.grad((x**2).sum(), x)))"
    ),
    "r35_vector_cost": "x = V([1., 2.]); er(lambda: T.grad(x, x))",
    "r36_disconnected": "x = T.scalar('x'); y = T.scalar('y'); er(lambda: T.grad(x**2, y))",
    "r36_disconnected_ignored": (
        "y = V(5.); ev(T.grad(V(3.)**2, y, disconnected_inputs='ignore')), er(lambda: T.grad(V(3.)**2, y, "
        "disconnected_inputs='none')), T.grad(V(3.)**2, y, disconnected_inputs='ignore', "
        "return_disconnected='None')"
    ),
    "r37_disconnected_grad": (
        "x = V(3.); ev(T.grad(x * theano.gradient.disconnected_grad(x), x)), ev(T.grad(x * "
        "theano.gradient.zero_grad(x), x)), ev(T.grad(x * x, x, consider_constant=[x]))"
    ),
    "r37_consider_constant_inside": (
        "x = V(3.); y = x * 2; ev(T.grad(y * x, x, consider_constant=[y])), ev(T.grad(x * "
        "theano.gradient.consider_constant(x), x))"
    ),
    "r38_grad_clip": "x = V(3.); y = theano.gradient.grad_clip(x, -1., 1.) * 10; ev(y), ev(T.grad(y, x))",
    "r39_dtype": (
        "x = T.fvector(); i = T.ivector(); T.grad((x * i).sum(), x).dtype, "
        "T.grad(x.sum().astype('float64'), x).dtype, er(lambda: T.grad((x * i).sum(), i).dtype)"
    ),
    "r39_known_grads": (
        "x = V([1., 2.]); y = x**2; g = V([10., 100.]); "
        "ev(theano.grad(None, x, known_grads={y: g})), isinstance(er(lambda: theano.grad(None, x)), "
        "Exception)"
    ),
    "r39_inc_subtensor": (
        "x = V([1., 2., 3.]); i = V(np.array([0, 0])); "
        "ev(T.grad((T.set_subtensor(x[1:], 0)**2).sum(), x)), ev(T.grad((T.inc_subtensor(x[i], "
        "1.)**2).sum(), x)), ev(T.grad(x[V(np.array([0, 0, 2]))].sum(), x))"
    ),
    "r39_broadcast_row": (
        "x = V(np.ones((2, 3))); b = T.addbroadcast(V(np.ones((1, 3))), 0); g = T.grad((x + b).sum(), b); "
        "ev(g), list(g.broadcastable)"
    ),
    "r39_rop_lop": (
        "x = V([1., 2.]); v = V([1., 1.]); ev(T.Rop(x**2, x, v)), ev(T.Lop(x**2, x, v)), "
        "ev(T.Rop(T.tanh(x) * x, x, v)), ev(T.Rop(T.dot(V([[1., 2.], [3., 4.]]), x), x, v))"
    ),
}

SAYS = {
    "r35_vector_cost": [
        "cost must be a scalar",
    ],
}
