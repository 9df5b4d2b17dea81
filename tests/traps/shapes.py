"""Rows 88 to 99: shapes and broadcasting."""

PROBES = {
    "r88_matrix_and_column": (
        "er(lambda: ev(V(np.ones((2, 3))) + V(np.ones((2, 1))))), er(lambda: ev(V(np.ones((2, 3))) + "
        "V(np.ones((1, 3)))))"
    ),
    "r88_in_a_product": "er(lambda: ev(T.tanh(V(np.ones((2, 3))) * V(np.ones((2, 1))))))",
    "r88_in_a_comparison": "er(lambda: ev(T.switch(V(np.ones((2, 3))) > V(np.ones((2, 1))), 1., 0.)))",
    "r89_vector_of_one": (
        "er(lambda: ev(V(np.ones(3)) + V(np.ones(1)))), er(lambda: ev(V(np.ones(1)) + V(np.ones(1))))"
    ),
    "r89_left_padding": "ev(V(np.ones((2, 3))) + V(np.arange(3.)))",
    "r90_shared_row": (
        "s = theano.shared(np.ones((1, 3))); m = V(np.ones((2, 3))); "
        "er(lambda: ev(m + s)), list(s.broadcastable), ev(m + T.addbroadcast(s, 0)), ev(m + "
        "theano.shared(np.ones((1, 3)), broadcastable=(True, False)))"
    ),
    "r91_grids": (
        "[ev(a).shape for a in T.mgrid[0:2, 0:3]], hasattr(T, 'linspace'), ev(T.ogrid[0:2, 0:3][0]).shape, "
        "[a.broadcastable for a in T.ogrid[0:2, 0:3]]"
    ),
    "r91_broadcastable": (
        "x = T.matrix(); [list(v.broadcastable) for v in (x.sum(axis=1, keepdims=True), "
        "x.sum(axis=1).dimshuffle(0, 'x'), x[:1], x.reshape((x.shape[0], 1)), T.zeros((1, 3)), x[0:1, :], "
        "x.max(axis=0, keepdims=True), T.ones_like(T.row()), T.row() + T.matrix(), T.row() + T.row(), "
        "T.concatenate([T.col(), T.col()], axis=1), T.alloc(0., 1, x.shape[0]), "
        "T.shape_padleft(T.vector()))]"
    ),
    "r92_addbroadcast": (
        "ev(T.addbroadcast(V(np.ones((2, 1))), 1) + V(np.ones((2, 3)))), er(lambda: "
        "ev(T.addbroadcast(V(np.ones((2, 2))), 1)))"
    ),
    "r92_col_input": (
        "c = T.col('c'); f = theano.function([c], c * 2); "
        "er(lambda: f(np.ones((2, 2)))), f(np.ones((2, 1))), list(T.row().broadcastable), "
        "list(c.broadcastable)"
    ),
    "r92_dimshuffle_drop": (
        "er(lambda: T.matrix().dimshuffle(0)), T.col().dimshuffle(0).ndim, er(lambda: "
        "T.vector().dimshuffle(0, 0))"
    ),
    "r93_softmax_vector": (
        "v = T.nnet.softmax(V([1., 2.])); ev(v), list(v.broadcastable), er(lambda: "
        "T.nnet.softmax(T.tensor3())), er(lambda: T.nnet.softmax(T.imatrix())), "
        "ev(T.nnet.logsoftmax(V([[1., 2.]])))"
    ),
    "r94_squeeze": (
        "ev(V(np.ones((1, 3))).squeeze()), ev(T.addbroadcast(V(np.ones((1, 3))), 0).squeeze()), "
        "ev(V(np.ones((2, 3))).sum(axis=1, keepdims=True).squeeze())"
    ),
    "r95_transpose": "ev(V([1., 2.]).T), ev(V(np.arange(24.).reshape(2, 3, 4)).T)",
    "r96_flatten": (
        "x = V(np.arange(24.).reshape(2, 3, 4)); ev(T.flatten(x, 2)), ev(x.flatten()), ev(T.flatten(x, "
        "outdim=2)), ev(T.flatten(x, ndim=1)), ev(x.ravel())"
    ),
    "r96_reshape": (
        "x = V(np.arange(6.)); ev(x.reshape((2, -1))), ev(T.reshape(x, V(np.array([3, 2])), ndim=2)), "
        "er(lambda: T.reshape(T.vector(), T.lvector())), er(lambda: ev(x.reshape((4, 2))))"
    ),
    "r97_dot": (
        "a = V(np.arange(24.).reshape(2, 3, 4)); ev(T.dot(a, V(np.arange(20.).reshape(4, 5)))), "
        "ev(T.dot(a, V(np.arange(24.).reshape(2, 4, 3)))).shape, ev(T.dot(V([1., 2.]), V([3., 4.]))), "
        "ev(T.dot(V(2.), V([1., 2.]))), ev(T.dot(V([1., 2.]), V([[1., 2.], [3., 4.]])))"
    ),
    "r97_dot_mismatch": "er(lambda: ev(T.dot(V(np.ones((2, 3))), V(np.ones((4, 2))))))",
    "r97_tensordot": (
        "a = V(np.arange(24.).reshape(2, 3, 4)); b = V(np.arange(60.).reshape(3, 4, 5)); "
        "ev(T.tensordot(a, b)), ev(T.tensordot(a, b, axes=[[1, 2], [0, 1]])), ev(T.tensordot(V([1., 2.]), "
        "V([3., 4., 5.]), axes=0))"
    ),
    "r98_batched_dot": (
        "a = V(np.arange(6.).reshape(2, 3)); ev(T.batched_dot(a, a)), "
        "ev(T.batched_dot(V(np.arange(24.).reshape(2, 3, 4)), V(np.ones((2, 4, 5)))))"
    ),
    "r98_outer": "ev(T.outer(V([1., 2.]), V([1., 2., 3.]))), ev(T.outer(V([[1., 2.]]), V([1., 2., 3.])))",
    "r99_repeat_tile": (
        "ev(T.repeat(V([[1, 2]]), 2)), ev(T.repeat(V([[1, 2]]), 2, axis=0)), ev(T.repeat(V([1, 2]), "
        "V(np.array([1, 3])))), ev(T.tile(V([1, 2]), 2)), ev(T.tile(V([1, 2]), (2, 2))), ev(T.tile(V([[1, "
        "2]]), (2, 1)))"
    ),
    "r99_stack": (
        "ev(T.stack([V([1.]), V([2.])])), ev(T.stack(V([1.]), V([2.]))), ev(T.stack([V(1.), V(2)])), "
        "ev(T.stack([V([1., 2.]), V([3., 4.])], axis=1))"
    ),
    "r99_concatenate": (
        "er(lambda: T.concatenate([T.matrix(), T.vector()])), ev(T.concatenate([V([[1.]]), V([[2.]])], "
        "axis=1)), er(lambda: ev(T.concatenate([V(np.ones((2, 2))), V(np.ones((1, 3)))], axis=0)))"
    ),
}

SAYS = {
    "r88_matrix_and_column": [
        "Input dimension mis-match. (input[0].shape[1] = 3, input[1].shape[1] = 1)",
        "Input dimension mis-match. (input[0].shape[0] = 2, input[1].shape[0] = 1)",
    ],
    "r89_vector_of_one": [
        "Input dimension mis-match. (input[0].shape[0] = 3, input[1].shape[0] = 1)",
    ],
    "r92_dimshuffle_drop": [
        "You cannot drop a non-broadcastable dimension",
    ],
    "r99_concatenate": [
        "Join() can only join tensors with the same number of dimensions.",
    ],
}
