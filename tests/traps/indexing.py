"""Rows 100 to 110: indexing, set_subtensor, inc_subtensor."""

PROBES = {
    "r100_negative_steps": "v = V([1, 2, 3, 4, 5]); ev(v[::-1]), ev(v[4:1:-2]), ev(v[::-2])",
    "r100_negative_step_gradient": "G(lambda x: (x[::-1] * np.array([1., 10., 100.])), [1., 2., 3.])",
    "r101_slices_clipped": "v = V([1, 2, 3]); ev(v[1:100]), ev(v[-100:2]), ev(v[5:]), ev(v[100::-1])",
    "r101_out_of_bounds": (
        "v = V([1, 2, 3]); er(lambda: ev(v[5])), er(lambda: ev(v[V(np.array([5]))])), er(lambda: "
        "ev(v[V(3)])), er(lambda: ev(v[-4])), er(lambda: ev(v[V(np.array([-4]))]))"
    ),
    "r101_negative": "v = V([1, 2, 3]); ev(v[-1]), ev(v[V(np.array([-1, -3]))]), ev(v[V(-2)])",
    "r101_symbolic_slice": (
        "v = V([1, 2, 3, 4]); ev(v[V(1):V(3)]), ev(v[V(-2):]), er(lambda: T.vector()[T.fscalar()])"
    ),
    "r102_int8_is_an_index": (
        "v = V([1., 2., 3.]); ev(v[V(np.array([1, 0, 1], 'int8'))]), ev(v[V(np.array([1, 0, 1], "
        "'uint8'))]), ev(v[V(np.array([True, False, True]))]), ev(v[v > 1]), ev(v[(v > 1).nonzero()])"
    ),
    "r103_python_bool_list": "er(lambda: V([1., 2., 3.])[[True, False, True]])",
    "r103_numpy_bool": "v = V([1., 2., 3.]); ev(v[np.array([True, False, True])])",
    "r103_float_index": "er(lambda: V([1., 2.])[1.]), er(lambda: V([1., 2.])[V([1.])])",
    "r104_mixed": (
        "x = V(np.arange(24.).reshape(2, 3, 4)); i = V(np.array([0, 1])); "
        "ev(x[:, i, i]), ev(x[i, :, i]), ev(x[i]), ev(x[i, 1]), ev(x[:, i]), ev(x[None, i]).shape, "
        "ev(x[..., 0])"
    ),
    "r104_lists": (
        "x = V(np.arange(6.).reshape(2, 3)); ev(x[[0, 1], [1, 2]]), ev(x[[1, 0]]), ev(x[(0, 1)]), "
        "ev(x[[[0, 1], [1, 0]]])"
    ),
    "r104_arange_labels": (
        "x = V(np.arange(6.).reshape(2, 3)); y = V(np.array([2, 0], 'int32')); "
        "p = x[T.arange(y.shape[0]), y]; ev(p), ev(T.grad((p**2).sum(), x))"
    ),
    "r105_duplicates": (
        "x = V([0., 0., 0.]); i = V(np.array([0, 0, 1])); "
        "ev(T.inc_subtensor(x[i], 1.)), ev(T.inc_subtensor(x[i], V([1., 2., 3.]))), "
        "ev(T.set_subtensor(x[i], V([1., 2., 3.])))"
    ),
    "r105_rows": (
        "x = V(np.zeros((3, 2))); i = V(np.array([0, 0, 2])); "
        "ev(T.inc_subtensor(x[i], V([[1., 2.], [3., 4.], [5., 6.]]))), ev(T.inc_subtensor(x[i], 1.)), "
        "ev(T.inc_subtensor(x[:, i[:1]], 1.))"
    ),
    "r106_functional": (
        "x = T.vector('x'); y = T.set_subtensor(x[0], 9.); f = theano.function([x], [x, y]); "
        "a = np.zeros(2); r = f(a); r, a, er(lambda: x.__setitem__(0, 1.))"
    ),
    "r106_masks_and_slices": (
        "x = V([0., 1., 2.]); ev(T.set_subtensor(x[(x > 0).nonzero()], 9.)), ev(T.inc_subtensor(x[x > 0], "
        "9.)), ev(T.set_subtensor(x[1:], V([5., 6.]))), ev(T.set_subtensor(x[::-1], V([5., 6., 7.])))"
    ),
    "r107_dtype": (
        "ev(T.set_subtensor(V(np.array([1, 2], 'int32'))[0], 1.5)), ev(T.set_subtensor(V(np.array([1, 2], "
        "'float32'))[0], V(np.float64(1.5)))), ev(T.set_subtensor(V(np.array([1, 2], 'float32'))[0], 1.1))"
    ),
    "r108_broadcast": (
        "ev(T.set_subtensor(V(np.zeros((2, 2)))[0], 5.)), ev(T.set_subtensor(V(np.zeros((2, 2)))[:, 0], "
        "V([1., 2.]))), er(lambda: ev(T.set_subtensor(V(np.zeros(3))[1:], V([7.]))))"
    ),
    "r109_nonzero": (
        "x = V([[0, 1], [2, 0]]); r = T.nonzero(x); "
        "type(r).__name__, [ev(a) for a in r], ev(T.nonzero(x, return_matrix=True)), "
        "ev(T.flatnonzero(V([0, 1, 2]))), ev(V([0, 1, 2]).nonzero_values())"
    ),
    "r110_take": (
        "ev(V([[1, 2], [3, 4]]).take(V(np.array([0, 3])))), er(lambda: ev(T.take(V([10, 20, 30]), "
        "V(np.array([3]))))), ev(T.take(V([[1, 2], [3, 4]]), V(np.array([1, 0, 1])), axis=1))"
    ),
    "r110_where_one_argument": (
        "er(lambda: T.where(T.vector())), ev(T.where(V([1, 0]), V([1., 2.]), V([3., 4.])))"
    ),
}

SAYS = {
    "r101_out_of_bounds": [
        "out of bounds",
    ],
    "r103_python_bool_list": [
        "TensorType does not support Python bools for indexing",
    ],
}
