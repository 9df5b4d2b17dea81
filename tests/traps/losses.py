"""Rows 124 to 127: cross-entropies at their edges, softmax of infinities, the dtype of a dropout mask."""

PROBES = {
    "r124_binary_crossentropy_edges": (
        "ev(T.nnet.binary_crossentropy(V([0., 1., 1., 0.]), V([0., 1., 0., 1.])))"
    ),
    "r124_binary_crossentropy_inside": (
        "p = V([.2, .7]); c = T.nnet.binary_crossentropy(p, V([0., 1.])); ev(c), ev(T.grad(c.sum(), p))"
    ),
    "r125_categorical_crossentropy_zero": (
        "ev(T.nnet.categorical_crossentropy(V([[0., 1.]]), V([[0., 1.]]))), "
        "ev(T.nnet.categorical_crossentropy(V([[0., 1.]]), V([[1., 0.]]))), "
        "ev(T.nnet.categorical_crossentropy(V([[.25, .75]]), V(np.array([1]))))"
    ),
    "r125_label_out_of_range": (
        "er(lambda: ev(T.nnet.categorical_crossentropy(V([[.25, .75]]), V(np.array([2])))))"
    ),
    "r125_gradient": (
        "p = V([[.25, .75], [.5, .5]]); ev(T.grad(T.nnet.categorical_crossentropy(p, V(np.array([1, 0], "
        "'int32'))).sum(), p)), ev(T.grad(T.nnet.categorical_crossentropy(p, V([[0., 1.], [.5, "
        ".5]])).sum(), p))"
    ),
    "r126_softmax_infinities": (
        "ev(T.nnet.softmax(V([[-np.inf, 0.], [np.inf, 0.], [-np.inf, -np.inf]]))), "
        "ev(T.nnet.softmax(V([[1000., 1001.]])))"
    ),
    "r127_binomial_dtype": (
        "from theano.sandbox.rng_mrg import MRG_RandomStreams as R; m = R(1).binomial(size=(3,), p=.5); "
        "m.dtype, R(1).binomial(size=(3,), p=.5, dtype='float32').dtype, (m * T.fvector()).dtype"
    ),
}

SAYS = {}
