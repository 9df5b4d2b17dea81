"""Page "More examples", up to random numbers: logistic function to copying functions."""


def example_logistic(theano, T, np):
    x = T.dmatrix("x")
    s = 1 / (1 + T.exp(-x))
    logistic = theano.function([x], s)
    s2 = (1 + T.tanh(x / 2)) / 2
    logistic2 = theano.function([x], s2)
    batch = [[0, 1], [-1, -2]]
    return {"by_exp": logistic(batch), "by_tanh": logistic2(batch), "far": logistic([[-800, 800], [-30, 30]])}


def example_several_outputs(theano, T, np):
    a, b = T.dmatrices("a", "b")
    diff = a - b
    abs_diff = abs(diff)
    diff_squared = diff**2
    f = theano.function([a, b], [diff, abs_diff, diff_squared])
    result = f([[1, 1], [1, 1]], [[0, 1], [2, 3]])
    return {"result": result, "is_list": isinstance(result, list), "names": [a.name, b.name]}


def example_default_value(theano, T, np):
    x, y = T.dscalars("x", "y")
    z = x + y
    f = theano.function([x, theano.In(y, value=1)], z)
    return {"one": f(33), "two": f(33, 2)}


def example_default_values_by_name(theano, T, np):
    x, y, w = T.dscalars("x", "y", "w")
    z = (x + y) * w
    f = theano.function([x, theano.In(y, value=1), theano.In(w, value=2, name="w_by_name")], z)
    return {
        "one": f(33),
        "two": f(33, 2),
        "three": f(33, 0, 1),
        "w_by_name": f(33, w_by_name=1),
        "both_by_name": f(33, w_by_name=1, y=0),
        "back_to_default": f(33),
    }


def example_old_param(theano, T, np):
    x, y = T.dscalars("x", "y")
    f = theano.function([x, theano.compile.Param(y, default=1)], x + y)
    return {"one": f(33), "two": f(33, 2)}


def example_shared_variables(theano, T, np):
    state = theano.shared(0)
    inc = T.iscalar("inc")
    accumulator = theano.function([inc], state, updates=[(state, state + inc)])
    seen = [state.get_value()]
    seen += [accumulator(1), state.get_value(), accumulator(300), state.get_value()]
    state.set_value(-1)
    seen += [accumulator(3), state.get_value()]
    decrementor = theano.function([inc], state, updates=[(state, state - inc)])
    seen += [decrementor(2), state.get_value()]
    fn_of_state = state * 2 + inc
    foo = T.scalar(dtype=state.dtype)
    skip_shared = theano.function([inc, foo], fn_of_state, givens=[(state, foo)])
    seen += [skip_shared(1, 3), state.get_value()]
    return {"seen": seen, "dtype": state.dtype, "get_value_type": type(state.get_value()).__name__}


def example_givens_replace_expressions(theano, T, np):
    x = T.dvector("x")
    y = x**2
    z = y + 1
    f = theano.function([x], z, givens={y: x * 10})
    given_constant = theano.function([], z, givens={x: np.array([1.0, 2.0])})
    shared = theano.shared(np.array([3.0, 4.0]))
    given_shared = theano.function([], z, givens=[(x, shared)])
    return {"expression": f([1, 2]), "constant": given_constant(), "shared": given_shared()}


def example_shared_broadcastable(theano, T, np):
    plain = theano.shared(np.ones((1, 3)))
    marked = theano.shared(np.ones((1, 3)), broadcastable=(True, False))
    return {"plain": list(plain.broadcastable), "marked": list(marked.broadcastable)}


def example_copying_functions(theano, T, np):
    state = theano.shared(0)
    inc = T.iscalar("inc")
    accumulator = theano.function([inc], state, updates=[(state, state + inc)])
    seen = [accumulator(10), state.get_value()]
    new_state = theano.shared(0)
    new_accumulator = accumulator.copy(swap={state: new_state})
    seen += [new_accumulator(100), new_state.get_value(), state.get_value()]
    null_accumulator = accumulator.copy(delete_updates=True)
    seen += [null_accumulator(9000), state.get_value()]
    return {"seen": seen, "copy_returns_list": isinstance(new_accumulator(1), list)}
