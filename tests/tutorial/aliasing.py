"""Page "Understanding memory aliasing": borrow for shared variables, get_value, set_value, In and Out."""


def example_shared_borrow(theano, T, np):
    np_array = np.ones(2, dtype="float32")
    s_default = theano.shared(np_array)
    s_false = theano.shared(np_array, borrow=False)
    s_true = theano.shared(np_array, borrow=True)
    np_array += 1
    return {"default": s_default.get_value(), "false": s_false.get_value(), "true": s_true.get_value()}


def example_get_value_borrow(theano, T, np):
    s = theano.shared(np.zeros(2))
    v_false = s.get_value(borrow=False)
    v_false += 5
    after_false = s.get_value()
    v_true = s.get_value(borrow=True)
    v_true += 5
    internal = s.get_value(borrow=True, return_internal_type=True)
    return {"after_false": after_false, "after_true": s.get_value(), "internal": np.asarray(internal)}


def some_inplace_fn(v):
    v += 3
    return v


def example_set_value_borrow(theano, T, np):
    s = theano.shared(np.ones(2))
    s.set_value(some_inplace_fn(s.get_value(borrow=True)), borrow=True)
    return {"s": s.get_value()}


def example_in_out_borrow(theano, T, np):
    x = T.matrix()
    y = 2 * x
    f = theano.function([theano.In(x, borrow=True)], theano.Out(y, borrow=True))
    return {"f": f([[1, 2]])}
