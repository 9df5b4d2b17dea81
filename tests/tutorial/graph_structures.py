"""Page "Graph structures": owner, op, inputs, dimshuffle; and the example of an optimization."""


def example_traverse(theano, T, np):
    x = T.dmatrix("x")
    y = x * 2.0
    second = y.owner.inputs[1]
    return {
        "owner_is_apply": isinstance(y.owner, theano.gof.graph.Apply),
        "op_name": y.owner.op.name,
        "op_text": str(y.owner.op),
        "is_elemwise": isinstance(y.owner.op, T.elemwise.Elemwise),
        "scalar_op": type(y.owner.op.scalar_op).__name__,
        "number_of_inputs": len(y.owner.inputs),
        "first_is_x": y.owner.inputs[0] is x,
        "second_is_variable": isinstance(second, T.TensorVariable),
        "second_owner_is_apply": isinstance(second.owner, theano.gof.graph.Apply),
        "second_is_dimshuffle": isinstance(second.owner.op, T.elemwise.DimShuffle),
        "second_broadcastable": list(second.broadcastable),
        "constant": second.owner.inputs[0].data,
        "constant_dtype": second.owner.inputs[0].dtype,
        "constant_is_constant": isinstance(second.owner.inputs[0], theano.gof.graph.Constant),
        "x_has_no_owner": x.owner is None,
        "outputs": y.owner.outputs[0] is y,
        "index": y.index,
        "str_y": str(y),
    }


def example_apply_and_types(theano, T, np):
    x = T.dmatrix("x")
    y = T.dmatrix("y")
    z = x + y
    return {
        "type_is_shared": x.type == y.type == z.type,
        "inputs": [v.name for v in z.owner.inputs],
        "ancestors": sorted(v.name for v in theano.gof.graph.inputs([z])),
        "type_text": str(z.type),
        "dtype": z.type.dtype,
        "ndim": z.type.ndim,
    }


def example_optimization(theano, T, np):
    a = T.vector("a")
    b = a + a**10
    f = theano.function([a], b)
    return {"values": f([0, 1, 2])}


def example_cancelled_fraction(theano, T, np):
    x, y = T.dscalars("x", "y")
    f = theano.function([x, y], (x * y) / y)
    return {"plain": f(3, 2), "zero": f(3, 0)}
