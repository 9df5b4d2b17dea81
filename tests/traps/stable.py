"""Rows 1 to 14: the default optimizer changes values, and legacy code relies on it."""

PROBES = {
    "r1_log_softmax": (
        "ev(T.log(T.nnet.softmax(V([[0., 1000.]])))), ev(T.log(T.nnet.softmax(V([[1., 2., 3.]]))))"
    ),
    "r1_log_softmax_gradient": "G(lambda x: T.log(T.nnet.softmax(x))[0, 0], [[0., 1000.]])",
    "r1_log_softmax_float32": "ev(T.log(T.nnet.softmax(V(np.array([[0., 1000.]], 'float32')))))",
    "r1_log_softmax_of_a_sum": "x = V([[0., 1000.]]); b = V([0., 5.]); ev(T.log(T.nnet.softmax(x + b)))",
    "r1_log_softmax_scaled": "ev(2 * T.log(T.nnet.softmax(V([[0., 1000.]]))) + 1)",
    "r2_nll": (
        "x = V([[0., 1000.]]); y = V(np.array([0])); "
        "ev(-T.mean(T.log(T.nnet.softmax(x))[T.arange(y.shape[0]), y])), "
        "ev(T.grad(-T.mean(T.log(T.nnet.softmax(x))[T.arange(y.shape[0]), y]), x))"
    ),
    "r2_nll_two_rows": (
        "x = V([[0., 1000., 3.], [1., 2., 3.]]); y = V(np.array([0, 2], 'int32')); "
        "ev(-T.mean(T.log(T.nnet.softmax(x))[T.arange(y.shape[0]), y])), "
        "ev(T.grad(-T.mean(T.log(T.nnet.softmax(x))[T.arange(y.shape[0]), y]), x))"
    ),
    "r2_nll_float32": (
        "x = V(np.array([[0., 1000.]], 'float32')); y = V(np.array([0], 'int32')); "
        "ev(-T.mean(T.log(T.nnet.softmax(x))[T.arange(y.shape[0]), y])), "
        "ev(T.grad(-T.mean(T.log(T.nnet.softmax(x))[T.arange(y.shape[0]), y]), x))"
    ),
    "r2_nll_of_dot": (
        "w = V([[0., 1000.], [0., 500.]]); x = T.dot(V([[1., 0.]]), w); y = V(np.array([0])); "
        "c = -T.mean(T.log(T.nnet.softmax(x))[T.arange(y.shape[0]), y]); ev(c), ev(T.grad(c, w))"
    ),
    "r3_categorical_crossentropy_int": (
        "x = V([[0., 1000.]]); c = T.nnet.categorical_crossentropy(T.nnet.softmax(x), V(np.array([0]))); "
        "ev(c), ev(T.grad(c.sum(), x))"
    ),
    "r3_categorical_crossentropy_onehot": (
        "x = V([[0., 1000.]]); c = T.nnet.categorical_crossentropy(T.nnet.softmax(x), V([[1., 0.]])); "
        "ev(c), ev(T.grad(c.sum(), x))"
    ),
    "r3_sum_of_products": (
        "x = V([[0., 1000.]]); c = -T.sum(V([[1., 0.]]) * T.log(T.nnet.softmax(x)), axis=1); "
        "ev(c), ev(T.grad(c.sum(), x))"
    ),
    "r4_log_sigmoid": "ev(T.log(T.nnet.sigmoid(V([-1000., 1000.]))))",
    "r4_log_one_minus_sigmoid": "ev(T.log(1 - T.nnet.sigmoid(V([-1000., 1000.]))))",
    "r4_gradient": "G(lambda x: T.log(T.nnet.sigmoid(x)), [-1000., 0., 1000.])",
    "r4_gradient_of_complement": "G(lambda x: T.log(1 - T.nnet.sigmoid(x)), [-1000., 0., 1000.])",
    "r4_written_out": "ev(T.log(1 / (1 + T.exp(-V([-1000., 1000.])))))",
    "r4_written_out_gradient": "G(lambda x: T.log(1 / (1 + T.exp(-x))), [-1000., 0., 1000.])",
    "r4_log1p_of_minus_sigmoid": "ev(T.log1p(-T.nnet.sigmoid(V([-1000., 1000.]))))",
    "r4_float32": "ev(T.log(T.nnet.sigmoid(V(np.array([-1000., 1000.], 'float32')))))",
    "r4_tutorial_xent": (
        "x = V([-1000., 1000.]); y = V([1., 0.]); p = 1 / (1 + T.exp(-x)); "
        "c = -y * T.log(p) - (1 - y) * T.log(1 - p); ev(c)"
    ),
    "r4_tutorial_xent_gradient": (
        "x = V([-1000., 1000.]); y = V([1., 0.]); p = 1 / (1 + T.exp(-x)); "
        "c = -y * T.log(p) - (1 - y) * T.log(1 - p); ev(T.grad(c.mean(), x))"
    ),
    "r5_binary_crossentropy": (
        "x = V([1000., -1000.]); c = T.nnet.binary_crossentropy(T.nnet.sigmoid(x), V([0., 1.])); "
        "ev(c), ev(T.grad(c.sum(), x))"
    ),
    "r5_sigmoid_binary_crossentropy": (
        "ev(T.nnet.sigmoid_binary_crossentropy(V([1000., -1000.]), V([0., 1.])))"
    ),
    "r6_log1pexp": (
        "ev(T.log(1 + T.exp(V([-1000., 0., 1000.])))), ev(T.log1p(T.exp(V([-1000., 0., 1000.]))))"
    ),
    "r6_log1pexp_order": "ev(T.log(T.exp(V([-1000., 0., 1000.])) + 1.0)), ev(T.log(T.exp(V([1000.])) + 1))",
    "r6_gradient": "G(lambda x: T.log(1 + T.exp(x)), [-1000., 0., 1000.])",
    "r6_softplus": (
        "ev(T.nnet.softplus(V([-1000., -1., 0., 21., 1000.]))), G(lambda x: T.nnet.softplus(x), [-1000., "
        "0., 1000.])"
    ),
    "r7_log_sum_exp": "ev(T.log(T.sum(T.exp(V([1000., 1000.])))))",
    "r7_log_sum_exp_axis": (
        "ev(T.log(T.sum(T.exp(V([[1000., 1000.], [0., 1.]])), axis=1))), ev(T.log(T.sum(T.exp(V([[1000., "
        "1000.]])), axis=1, keepdims=True)))"
    ),
    "r7_gradient": (
        "G(lambda x: T.log(T.sum(T.exp(x))), [1000., 1000.]), G(lambda x: T.log(T.sum(T.exp(x))), [0., 1.])"
    ),
    "r8_grad_switch_sqrt": "G(lambda x: T.switch(x > 0, T.sqrt(x), 0.), [-1., 0., 4.])",
    "r8_grad_switch_log": "G(lambda x: T.switch(x > 0, T.log(x), 0.), [-1., 0., 4.])",
    "r9_log1p": "np.asarray(ev(T.log(1 + V([1e-20])))), np.asarray(ev(T.log(V([1e-20]) + 1)))",
    "r9_expm1": "ev(T.exp(V([1e-20])) - 1)",
    "r10_times_zero": "ev(V([np.nan, np.inf]) * 0), ev(0. * V([np.nan, np.inf]))",
    "r11_x_over_x": "x = V([0., np.nan, 2.]); ev(x / x), ev(x - x), ev(x * 2 / x)",
    "r11_other_variables_stay": "ev(V([np.nan, 0.]) / V([np.nan, 0.]))",
    "r12_grad_power_zero": (
        "G(lambda x: x**0, [0., 2.]), G(lambda x: x**1., [0., 2.]), G(lambda x: x**2, [0., 2.])"
    ),
    "r13_shape_of_wrong_sum": "x = V([1., 2.]); y = V([1., 2., 3.]); er(lambda: ev((x + y).shape))",
    "r13_element_of_wrong_sum": "x = V([1., 2.]); y = V([1., 2., 3.]); er(lambda: ev((x + y)[0]))",
    "r14_bad_label": (
        "er(lambda: ev(T.nnet.categorical_crossentropy(T.nnet.softmax(V([[.25, .75]])), V(np.array([-1])))))"
    ),
    "r14_bad_label_nll": (
        "x = V([[.25, .75]]); y = V(np.array([2], 'int32')); "
        "er(lambda: ev(-T.mean(T.log(T.nnet.softmax(x))[T.arange(y.shape[0]), y])))"
    ),
    "r14_not_cancelled": (
        "ev(T.exp(T.log(V([-1., 0., 2.])))), ev(T.log(T.exp(V([1000.])))), ev(T.sqr(T.sqrt(V([-1.])))), "
        "ev(T.sqrt(T.sqr(V([-3.]))))"
    ),
}

SAYS = {
    "r14_bad_label": [
        "y_i value out of bounds",
    ],
}
