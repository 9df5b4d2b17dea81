"""Pages "NumPy refresher", "Broadcasting", "Conditions" (switch) and "Shapes"."""


def example_numpy_refresher(theano, T, np):
    a = np.asarray([[1.0, 2], [3, 4], [5, 6]])
    x = T.dmatrix("x")
    f = theano.function([x], [x.shape, x[2, 0], x * 2.0])
    return {"all": f(a), "shape": f(a)[0], "vector_times_scalar": (T.dvector("v") * 2.0).dtype}


def example_row(theano, T, np):
    r = T.row()
    mtr = T.matrix()
    f_row = theano.function([r, mtr], [r + mtr])
    R = np.arange(3).reshape(1, 3)
    M = np.arange(9).reshape(3, 3)
    return {"row": list(r.broadcastable), "matrix": list(mtr.broadcastable), "sum": f_row(R, M)}


def example_col(theano, T, np):
    c = T.col()
    mtr = T.matrix()
    f_col = theano.function([c, mtr], [c + mtr])
    C = np.arange(3).reshape(3, 1)
    M = np.arange(9).reshape(3, 3)
    return {"col": list(c.broadcastable), "sum": f_col(C, M)}


def example_vector_as_row(theano, T, np):
    v = T.vector()
    mtr = T.matrix()
    f = theano.function([v, mtr], v + mtr)
    as_col = theano.function([v, mtr], v.dimshuffle(0, "x") + mtr)
    M = np.arange(9.0).reshape(3, 3)
    return {"row": f([0, 1, 2], M), "col": as_col([0, 1, 2], M)}


def example_switch(theano, T, np):
    a, b = T.scalars("a", "b")
    x, y = T.matrices("x", "y")
    z_switch = T.switch(T.lt(a, b), T.mean(x), T.mean(y))
    f_switch = theano.function([a, b, x, y], z_switch, mode=theano.Mode(linker="vm"))
    ones, twos = np.ones((100, 10)), 2 * np.ones((100, 10))
    elementwise = theano.function([x, y], T.switch(T.gt(x, y), x, -y))
    return {
        "first": f_switch(0.0, 1.0, ones, twos),
        "second": f_switch(1.0, 0.0, ones, twos),
        "elementwise": elementwise([[1, 5]], [[2, 3]]),
    }


def example_shape_without_values(theano, T, np):
    x = T.matrix("x")
    f = theano.function([x], (x**2).shape)
    return {"shape": f(np.ones((3, 5)))}


def example_join_of_wrong_shapes(theano, T, np):
    x = T.matrix("x")
    y = T.matrix("y")
    z = T.join(0, x, y)
    xv, yv = np.ones((5, 4)), np.ones((3, 3))
    shape = theano.function([x, y], z.shape)
    f = theano.function([x, y], z)
    try:
        f(xv, yv)
        raised = None
    except ValueError:
        raised = "ValueError"
    return {"shape_only": shape(xv, yv), "raised": raised, "right": f(xv, np.ones((1, 4))).shape[0]}


def example_specify_shape(theano, T, np):
    x = T.matrix()
    x_specify_shape = T.specify_shape(x, (2, 2))
    f = theano.function([x], (x_specify_shape**2).shape)
    g = theano.function([x], x_specify_shape**2)
    try:
        g(np.ones((3, 2)))
        raised = None
    except AssertionError:
        raised = "AssertionError"
    return {"shape": f(np.ones((2, 2))), "value": g(2 * np.ones((2, 2))), "raised": raised}
