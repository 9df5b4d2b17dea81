"""Page "Derivatives in Theano", without the parts that need scan."""


def example_square(theano, T, np):
    x = T.dscalar("x")
    y = x**2
    gy = T.grad(y, x)
    f = theano.function([x], gy)
    return {"four": f(4), "fraction": f(94.2), "allclose": bool(np.allclose(f(94.2), 188.4))}


def example_logistic(theano, T, np):
    x = T.dmatrix("x")
    s = T.sum(1 / (1 + T.exp(-x)))
    gs = T.grad(s, x)
    dlogistic = theano.function([x], gs)
    return {"near": dlogistic([[0, 1], [-1, -2]]), "far": dlogistic([[-800, 800], [-30, 30]])}


def example_list_of_wrt(theano, T, np):
    x, y = T.dscalars("x", "y")
    cost = x**2 * y + T.sin(y)
    gx, gy = T.grad(cost, [x, y])
    as_tuple = T.grad(cost, (x, y))
    f = theano.function([x, y], [gx, gy])
    return {
        "values": f(3, 2),
        "tuple_in": type(as_tuple).__name__,
        "list_in": type(T.grad(cost, [x])).__name__,
    }


def example_second_derivative(theano, T, np):
    x = T.dscalar("x")
    first = T.grad(x**3, x)
    second = T.grad(first, x)
    third = T.grad(second, x)
    f = theano.function([x], [first, second, third])
    return {"at_2": f(2), "at_minus_1": f(-1)}


def example_r_operator(theano, T, np):
    W = T.dmatrix("W")
    V = T.dmatrix("V")
    x = T.dvector("x")
    y = T.dot(x, W)
    JV = T.Rop(y, W, V)
    f = theano.function([W, V, x], JV)
    return {"JV": f([[1, 1], [1, 1]], [[2, 2], [2, 2]], [0, 1])}


def example_l_operator(theano, T, np):
    W = T.dmatrix("W")
    v = T.dvector("v")
    x = T.dvector("x")
    y = T.dot(x, W)
    VJ = T.Lop(y, W, v)
    f = theano.function([v, x], VJ)
    return {"VJ": f([2, 2], [0, 1])}


def example_hessian_times_vector(theano, T, np):
    x = T.dvector("x")
    v = T.dvector("v")
    y = T.sum(x**2)
    gy = T.grad(y, x)
    vH = T.grad(T.sum(gy * v), x)
    by_grad = theano.function([x, v], vH)
    Hv = T.Rop(gy, x, v)
    by_rop = theano.function([x, v], Hv)
    cubic = T.Rop(T.grad(T.sum(x**3), x), x, v)
    f3 = theano.function([x, v], cubic)
    return {"by_grad": by_grad([4, 4], [2, 2]), "by_rop": by_rop([4, 4], [2, 2]), "cubic": f3([1, 2], [3, 5])}


def example_disconnected(theano, T, np):
    x, y = T.dscalars("x", "y")
    try:
        T.grad(x**2, y)
        raised = None
    except theano.gradient.DisconnectedInputError as error:
        raised = type(error).__name__
    zero = T.grad(x**2, y, disconnected_inputs="ignore")
    f = theano.function([y], zero)
    return {"raised": raised, "zero": f(3)}
