"""Page "Baby steps - Algebra": adding two scalars, adding two matrices, and its exercise."""


def example_two_scalars(theano, T, np):
    x = T.dscalar("x")
    y = T.dscalar("y")
    z = x + y
    f = theano.function([x, y], z)
    return {
        "small": f(2, 3),
        "fractions": f(16.3, 12.1),
        "allclose": bool(np.allclose(f(16.3, 12.1), 28.4)),
        "is_array": isinstance(f(2, 3), np.ndarray),
        "repr": repr(f(2, 3)),
        "type": str(x.type),
        "type_of_dscalar": str(T.dscalar),
        "same_type": x.type == T.dscalar,
        "is_tensor_variable": isinstance(x, T.TensorVariable),
        "name": x.name,
    }


def example_eval(theano, T, np):
    x = T.dscalar("x")
    y = T.dscalar("y")
    z = x + y
    return {"z": z.eval({x: 16.3, y: 12.1}), "again": z.eval({x: 1, y: 2}), "neg": (-x).eval({x: 5})}


def example_two_matrices(theano, T, np):
    x = T.dmatrix("x")
    y = T.dmatrix("y")
    z = x + y
    f = theano.function([x, y], z)
    return {
        "lists": f([[1, 2], [3, 4]], [[10, 20], [30, 40]]),
        "arrays": f(np.array([[1, 2], [3, 4]]), np.array([[10, 20], [30, 40]])),
    }


def example_types_available(theano, T, np):
    found = {}
    for prefix in "bwilfdcz":
        for shape in ("scalar", "vector", "matrix", "row", "col", "tensor3", "tensor4"):
            type_ = getattr(T, prefix + shape)
            variable = type_("v")
            found[prefix + shape] = [variable.dtype, list(variable.broadcastable), variable.ndim]
    return found


def example_exercise(theano, T, np):
    a = T.vector("a")
    b = T.vector("b")
    out = a**2 + b**2 + 2 * a * b
    f = theano.function([a, b], out)
    power = theano.function([a], a + a**10)
    return {"square": f([1, 2], [4, 5]), "power": power([0, 1, 2]), "dtype": out.dtype}
