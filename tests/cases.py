"""One small graph for every op: read by tests/test_op_table.py, which fails when an op has no case here.

``values``: a float64 array is drawn anew in every dtype under test, any other stands for itself. Sizes of
dimensions are all different within a case, so that one of them can be made 0. ``twin`` is what numpy gives.
"""

import numpy as np
import scipy.special
from list_cases import LIST_BASES, LISTS
from matrix_cases import MATRICES
from network_cases import NETWORKS, UNAPPLIED
from op_case import FLOATS, NUMBERS, Case, ints, num
from search_cases import BASES, SEARCHES
from tensor_cases import APART, TENSORS

import tgraph.tensor as T
from tgraph.loops import scan, until
from tgraph.ops import (
    advanced,
    barriers,
    blas,
    branch,
    buffers,
    create,
    elemwise,
    from_graph,
    fused,
    host,
    index,
    join,
    linalg,
    loop,
    mrg,
    mrg_jumps,
    nnet_losses,
    random,
    reduce,
    shape,
    softmax,
    subtensor,
)
from tgraph.ops.rows import rows
from tgraph.types import TensorType


def scaled(x):
    """A function for ``as_op``."""
    return 2 * x


def _softmax(x):
    return scipy.special.softmax(x, axis=1)


def _nll(x, y):
    return -scipy.special.log_softmax(x, axis=1)[np.arange(len(y)), y]


def _written(x, key, y, add):
    z = x.copy()
    if add:
        np.add.at(z, key, y)
    else:
        z[key] = y
    return z


def _one_hot(y, n):
    return np.eye(n)[y]


_labels = np.array([2, 0, 1, 2], "int32")
_p = num(4, 3, low=0.1, high=1.0)
_streams = mrg.MRG_RandomStreams(7).rstate
_state = random.random_state_type
_X23, _X34, _V3, _V4 = num(2, 3), num(3, 4), num(3), num(4)
_mask = np.array([True, False, True])
#: of these types torch lacks arithmetic
_WHOLE = ("int64", "int8", "bool")

# fmt: off
STRUCTURED = [
    # -- shape
    Case("dimshuffle", elemwise.DimShuffle, lambda x: x.dimshuffle(1, "x", 0), [_X23], lambda x: x.T[:, None]),
    Case("dimshuffle_drop", elemwise.DimShuffle, lambda x: x.dimshuffle(0), [num(2, 1)], lambda x: x[:, 0],
         patterns={0: (False, True)}),
    Case("reshape", shape.Reshape, lambda x: x.reshape((3, -1)), [_X23], lambda x: x.reshape(3, -1)),
    Case("reshape_vector", shape.Reshape, lambda x, s: T.reshape(x, s, ndim=2), [num(2, 3), ints(3, 2)],
         lambda x, s: x.reshape(3, 2), wrt=(0,)),
    Case("shape", shape.Shape, lambda x: x.shape, [_X23], lambda x: ints(*x.shape), wrt=None),
    Case("shape_i", shape.Shape_i, lambda x: shape.shape_i(x, 1), [_X23], lambda x: ints(*x.shape)[1], wrt=None),
    Case("make_vector", shape.MakeVector, lambda a, b: shape.MakeVector(a.type.dtype)(a, b), [num(), num(seed=1)],
         lambda a, b: np.array([a, b])),
    Case("rebroadcast", shape.Rebroadcast, lambda x: T.addbroadcast(x, 1), [num(2, 1)], lambda x: x),
    Case("specify_shape", shape.SpecifyShape, lambda x: T.specify_shape(x, (2, 3)), [_X23], lambda x: x),
    Case("extract_diag", shape.ExtractDiag, lambda x: T.diagonal(x, 1), [num(3, 4)], lambda x: x.diagonal(1)),
    Case("diagonal_only", shape._DiagonalOnly, lambda x, d: shape._DiagonalOnly(-1, 0, 1)(x, d), [num(4, 3), num(3)],
         lambda x, d: np.concatenate([np.zeros((1, 3), d.dtype), np.diag(d)]), wrt=(1,)),
    Case("alloc_diag", shape.AllocDiag, lambda x: T.diag(x, 1), [_V3], lambda x: np.diag(x, 1)),
    # -- creation
    Case("alloc", create.Alloc, lambda x: T.alloc(x, 2, 3), [_V3], lambda x: np.tile(x, (2, 1))),
    Case("alloc_sizes", create.Alloc, lambda x, n: T.alloc(x, n, x.shape[0]), [_V3, np.array(2)],
         lambda x, n: np.tile(x, (2, 1)), wrt=(0,)),
    Case("alloc_empty", create.AllocEmpty, lambda x: create.AllocEmpty(x.type.dtype)(x.shape[0], 4), [_V3],
         wrt=None, undefined=True),
    Case("eye", create.Eye, lambda n: T.eye(n, n + 1, 1, dtype="float32"), [np.array(3)],
         lambda n: np.eye(3, 4, 1, "float32"), dtypes=FLOATS[:1], wrt=None),
    Case("tri", create.Tri, lambda x: T.tri(x.shape[0], x.shape[1], -1, dtype=x.dtype), [_X23],
         lambda x: np.tri(2, 3, -1, x.dtype), wrt=None),
    Case("arange", create.ARange, lambda n: T.arange(n), [np.array(5)], lambda n: np.arange(5), dtypes=FLOATS[:1],
         wrt=None),
    Case("arange_steps", create.ARange, lambda a, b, c: T.arange(a, b, c),
         [np.array(1.0), np.array(7.0), np.array(2.0)], lambda a, b, c: np.arange(a, b, c),
         dtypes=(*FLOATS, "int64"), wrt=None),
    # -- joining
    Case("join", join.Join, lambda x, y: T.concatenate([x, y], axis=1), [num(2, 3), num(2, 4)],
         lambda x, y: np.concatenate([x, y], 1)),
    Case("split", join.Split, lambda x: T.split(x, [1, 3], 2, axis=1), [num(2, 4)],
         lambda x: [x[:, :1], x[:, 1:]]),
    Case("split_sizes", join.Split, lambda x, s: T.split(x, s, 2, axis=0), [num(4, 3), ints(3, 1)],
         lambda x, s: [x[:3], x[3:]], wrt=(0,)),
    Case("repeat", join.RepeatOp, lambda x, n: T.repeat(x, n, axis=0), [num(3, 2), ints(2, 0, 3)],
         lambda x, n: np.repeat(x, n, 0), wrt=None),
    # -- indexing
    Case("subtensor", subtensor.Subtensor, lambda x: x[1:, ::-2], [num(3, 4)], lambda x: x[1:, ::-2]),
    Case("subtensor_symbolic", subtensor.Subtensor, lambda x, i: x[i, i:], [num(3, 4), np.array(-2)],
         lambda x, i: x[-2, -2:], wrt=(0,)),
    Case("inc_subtensor", subtensor.IncSubtensor, lambda x, y: T.inc_subtensor(x[1:, ::-2], y), [num(3, 4), num(2)],
         lambda x, y: _written(x, np.s_[1:, ::-2], y, True), dtypes=(*FLOATS, "int64", "int8")),
    Case("set_subtensor", subtensor.IncSubtensor, lambda x, y: T.set_subtensor(x[1], y), [num(3, 4), num(4)],
         lambda x, y: _written(x, np.s_[1], y, False)),
    Case("rows", advanced.AdvancedSubtensor1, lambda x, i: x[i], [num(3, 4), ints(2, 0, 2, -1, 1)],
         lambda x, i: x[i], wrt=(0,)),
    Case("inc_rows", advanced.AdvancedIncSubtensor1, lambda x, y, i: T.inc_subtensor(x[i], y),
         [num(3, 4), num(5, 4), ints(2, 0, 2, -1, 1)], lambda x, y, i: _written(x, i, y, True), wrt=(0, 1),
         dtypes=(*FLOATS, "int64", "int8")),
    Case("set_rows", advanced.AdvancedIncSubtensor1, lambda x, y, i: T.set_subtensor(x[i], y),
         [num(3, 4), num(2, 4), ints(2, 0)], lambda x, y, i: _written(x, i, y, False), wrt=(0, 1)),
    Case("advanced", advanced.AdvancedSubtensor, lambda x, i, j: x[i, j], [num(3, 4), ints(2, 0), ints(1, -1)],
         lambda x, i, j: x[i, j], wrt=(0,)),
    Case("inc_advanced", advanced.AdvancedIncSubtensor, lambda x, y, i, j: T.inc_subtensor(x[i, j], y),
         [num(3, 4), num(2), ints(2, 2), ints(1, 1)], lambda x, y, i, j: _written(x, (i, j), y, True), wrt=(0, 1),
         dtypes=(*FLOATS, "int64", "int8")),
    Case("mask", advanced.AdvancedBooleanSubtensor, lambda x, m: x[m], [num(3, 4), _mask], lambda x, m: x[m], wrt=(0,)),
    Case("set_mask", advanced.AdvancedBooleanIncSubtensor, lambda x, y, m: T.set_subtensor(x[m], y),
         [num(3, 4), num(4), _mask], lambda x, y, m: _written(x, m, y, False), wrt=(0, 1)),
    Case("nonzero", index.Nonzero, lambda x: T.nonzero(x, return_matrix=True), [num(2, 3).round()],
         lambda x: np.stack(np.nonzero(x)), wrt=None),
    # -- reductions
    Case("sum", reduce.Sum, lambda x: x.sum(axis=1), [_X23], lambda x: x.sum(1)),
    Case("sum_all", reduce.Sum, lambda x: x.sum(), [_X23], lambda x: x.sum()),
    Case("prod", reduce.Prod, lambda x: x.prod(axis=0), [_X23], lambda x: x.prod(0)),
    Case("prod_without_zeros", reduce.ProdWithoutZeros, lambda x: reduce.ProdWithoutZeros(1)(x), [num(2, 3).round()],
         lambda x: np.where(x == 0, 1, x).prod(1), dtypes=(*FLOATS, "int64", "int8"), wrt=None),
    Case("max", reduce.Max, lambda x: x.max(axis=1), [_X23], lambda x: x.max(1)),
    Case("min", reduce.Min, lambda x: reduce.Min((0,))(x), [_X23], lambda x: x.min(0), wrt=None),
    Case("all", reduce.All, lambda x: T.all(x, axis=1), [_X23], lambda x: x.astype(bool).all(1), wrt=None),
    Case("any", reduce.Any, lambda x: T.any(x, axis=0), [_X23], lambda x: x.astype(bool).any(0), wrt=None),
    Case("argmax", reduce.Argmax, lambda x: reduce.Argmax((1,))(x), [_X23], lambda x: x.argmax(1), wrt=None),
    Case("argmin", reduce.Argmin, lambda x: reduce.Argmin((0,))(x), [_X23], lambda x: x.argmin(0), wrt=None),
    Case("max_and_argmax", reduce.MaxAndArgmax, lambda x: reduce.MaxAndArgmax((1,))(x), [_X23],
         lambda x: [x.max(1), x.argmax(1)]),
    Case("careduce", reduce.CAReduce, lambda x: reduce.CAReduce(rows["add"], (1,))(x), [_X23], lambda x: x.sum(1),
         dtypes=(*FLOATS, "int64"), wrt=None),
    Case("careduce_dtype", reduce.CAReduceDtype, lambda x: reduce.CAReduceDtype(rows["add"], (1,))(x), [_X23],
         lambda x: x.sum(1), dtypes=(*FLOATS, "int64", "int8"), wrt=None, host=(*FLOATS, "int64", "int8")),
    # -- products
    Case("dot", linalg.Dot, lambda x, y: T.dot(x, y), [num(2, 3), num(3, 4)], lambda x, y: x @ y),
    Case("dot_vectors", linalg.Dot, lambda x, y: T.dot(x, y), [num(3), num(3, seed=1)], lambda x, y: x @ y),
    Case("tensordot", linalg.TensorDot, lambda x, y: T.tensordot(x, y, [[1, 2], [1, 0]]), [num(2, 3, 4), num(4, 3, 5)],
         lambda x, y: np.tensordot(x, y, [[1, 2], [1, 0]]), dtypes=(*FLOATS, "int64", "int8")),
    Case("batched_dot", linalg.BatchedDot, lambda x, y: T.batched_dot(x, y), [num(2, 3, 4), num(2, 4, 5)], np.matmul),
    # -- what rewrites make
    Case("gemm", fused.Gemm, lambda z, x, y, a, b: fused.gemm_op(z, a, x, y, b),
         [num(2, 4), num(2, 3), num(3, 4), num(), num(seed=1)], lambda z, x, y, a, b: b * z + a * (x @ y),
         dtypes=FLOATS, wrt=None),
    Case("gemm_row", fused.Gemm, lambda z, x, y: fused.gemm_op(z, T.constant(0.5, dtype=x.dtype), x, y,
                                                              T.constant(1, dtype=x.dtype)),
         [num(4), num(3), num(3, 4)], lambda z, x, y: z + 0.5 * (x @ y), dtypes=FLOATS, wrt=None),
    Case("sum_of_squares", fused.SumOfSquares, lambda x: fused.SumOfSquares((1,))(x), [_X23],
         lambda x: (x * x).sum(1), dtypes=FLOATS, wrt=None),
    Case("squares_around", fused.SumOfSquares, lambda x, m: fused.SumOfSquares((1,))(x, m), [_X23, num(2, 1)],
         lambda x, m: ((x - m) ** 2).sum(1), dtypes=FLOATS, wrt=None, patterns={1: (False, True)}),
    Case("logsumexp", fused.LogSumExp, lambda x: fused.LogSumExp((1,))(x), [_X23],
         lambda x: scipy.special.logsumexp(x, axis=1), dtypes=FLOATS, wrt=None),
    Case("log_of_softmax", fused.LogOfSoftmax, fused.log_of_softmax, [_X34],
         lambda x: scipy.special.log_softmax(x, axis=1), dtypes=FLOATS),
    Case("softmax_nll", fused.SoftmaxNll, lambda x, y: fused.softmax_nll_op(x, y), [num(4, 3), _labels], _nll,
         dtypes=FLOATS, wrt=None),
    # -- networks
    Case("softmax", softmax.Softmax, softmax.softmax_op, [_X34], _softmax, dtypes=FLOATS),
    Case("log_softmax", softmax.LogSoftmax, softmax.logsoftmax, [_X34],
         lambda x: scipy.special.log_softmax(x, axis=1), dtypes=FLOATS),
    Case("softmax_with_bias", softmax.SoftmaxWithBias, softmax.softmax_with_bias, [_X34, _V4],
         lambda x, b: _softmax(x + b), dtypes=FLOATS),
    Case("softmax_grad", softmax.SoftmaxGrad, softmax.softmax_grad, [num(3, 4), num(3, 4, low=0.1, seed=1)],
         lambda g, s: s * (g - (g * s).sum(1, keepdims=True)), dtypes=FLOATS),
    Case("categorical", nnet_losses.CrossentropyCategorical1Hot, nnet_losses.crossentropy_categorical_1hot,
         [_p, _labels], lambda p, y: -np.log(p[np.arange(4), y]), dtypes=FLOATS, wrt=(0,)),
    Case("categorical_grad", nnet_losses.CrossentropyCategorical1HotGrad,
         nnet_losses.crossentropy_categorical_1hot_grad, [_V4, _p, _labels],
         lambda g, p, y: -g[:, None] / p * _one_hot(y, 3), dtypes=FLOATS, wrt=(0, 1)),
    Case("softmax_argmax", nnet_losses.CrossentropySoftmaxArgmax1HotWithBias,
         nnet_losses.crossentropy_softmax_argmax_1hot_with_bias, [num(4, 3), num(3), _labels],
         lambda x, b, y: [_nll(x + b, y), _softmax(x + b), (x + b).argmax(1)], dtypes=FLOATS, wrt=(0, 1)),
    Case("softmax_dx", nnet_losses.CrossentropySoftmax1HotWithBiasDx,
         nnet_losses.crossentropy_softmax_1hot_with_bias_dx, [_V4, _p, _labels],
         lambda g, p, y: g[:, None] * (p - _one_hot(y, 3)), dtypes=FLOATS, wrt=(0, 1)),
    # -- barriers to gradients: each has another one than its derivative
    Case("disconnected_grad", barriers.DisconnectedGrad, barriers.disconnected_grad, [_X23], lambda x: x, wrt=None),
    Case("zero_grad", barriers.ZeroGrad, barriers.zero_grad, [_X23], lambda x: x, wrt=None),
    Case("consider_constant", barriers.ConsiderConstant, barriers.consider_constant, [_X23], lambda x: x, wrt=None),
    Case("undefined_grad", barriers.UndefinedGrad, barriers.undefined_grad, [_X23], lambda x: x, wrt=None),
    Case("grad_clip", barriers.GradClip, lambda x: barriers.grad_clip(x, -0.5, 0.5), [_X23], lambda x: x, wrt=None),
    Case("grad_scale", barriers.GradScale, lambda x: barriers.grad_scale(x, 3.0), [_X23], lambda x: x, wrt=None),
    # -- random numbers: the numbers themselves are recorded elsewhere
    Case("mrg_uniform", mrg.mrg_uniform, lambda s, n: mrg.mrg_uniform.new(s, 2, "float32", n),
         [np.array([_streams] * 3, "int32"), ints(2, 3)], dtypes=FLOATS[:1], wrt=None),
    Case("mrg_multinomial", mrg.MultinomialFromUniform, mrg.MultinomialFromUniform("int32"),
         [np.array([[0.25, 0.5, 0.25], [1.0, 0.0, 0.0]]), np.array([0.3, 0.9])],
         lambda p, u: np.array([[0, 1, 0], [1, 0, 0]]), dtypes=FLOATS, wrt=None),
    Case("mrg_choice", mrg.ChoiceFromUniform, lambda p, u: mrg.ChoiceFromUniform("int64")(p, u, 2),
         [np.array([[0.25, 0.5, 0.25]]), np.array([0.3, 0.9])], lambda p, u: np.array([[1, 2]]), dtypes=FLOATS,
         wrt=None),
    Case("dot_modulo", mrg_jumps.DotModulo, mrg_jumps.DotModulo(),
         [ints(3, 1, 0, 5, 2, 7).reshape(2, 3), ints(4, 5, 6), np.array(7), ints(1, 8, 3).reshape(1, 3), ints(9, 2, 4),
          np.array(11)], lambda a, s, m, b, t, n: np.concatenate([a @ s % m, b @ t % n]), dtypes=FLOATS[:1], wrt=None),
    Case("random_function", random.RandomFunction, lambda s: random.uniform(s, (2, 3))[1], [np.random.RandomState(3)],
         lambda s: np.random.RandomState(3).uniform(size=(2, 3)), patterns={0: _state}, host=FLOATS[:1],
         dtypes=FLOATS[:1], wrt=None),
    # -- loops
    Case("scan", loop.Scan, lambda x, w: scan(lambda r, h, w: r * w + h, [x], [T.zeros_like(w)], [w])[0],
         [num(4, 3), num(3)], lambda x, w: np.cumsum(x * w, 0, dtype=x.dtype), dtypes=(*FLOATS, "int64")),
    Case("scan_until", loop.Scan, lambda x: scan(lambda r: (r * r, until(r > 1)), [x])[0],
         [np.array([0.1, 0.5, 1.2, 1.7])], lambda x: (x * x)[: 1 + np.flatnonzero(x > 1)[0]], dtypes=FLOATS),
    Case("from_graph", from_graph.OpFromGraph, lambda x, y: from_graph.OpFromGraph([x, y], [x * y + x])(x, y),
         [num(2, 3), num(2, 3, seed=1)], lambda x, y: x * y + x, dtypes=(*FLOATS, "int64")),
    Case("ifelse", branch.IfElse, lambda x, y: branch.ifelse(T.gt(x.sum(), 100), x, y), [num(3), num(3, seed=1)],
         lambda x, y: y, dtypes=(*FLOATS, "int64"), wrt=(1,)),
    # -- functions of users
    Case("as_op", host.FromFunctionOp, lambda x: host.FromFunctionOp(scaled, [x.type], [x.type])(x), [_X23],
         lambda x: 2 * x, dtypes=(*FLOATS, "int64"), host=NUMBERS, wrt=None),
]
# fmt: on

#: base classes: nobody applies them
ABSTRACT = {
    advanced._Advanced, advanced.BaseAdvancedSubtensor, advanced.BaseAdvancedIncSubtensor, barriers.Barrier,
    barriers._Identity, create._Diagonals, mrg._FromUniform, mrg.mrg_uniform_base, reduce._AxisGiven,
    shape._Sizes, subtensor._Indexed,
    branch.Branch,  # what rewriting makes of ifelse: tests/test_branches.py
    buffers.BufferLoop,  # the loops of old pickles: tests/test_loop_pickles.py
    mrg.MultinomialWOReplacementFromUniform,  # the older name of ChoiceFromUniform
    # products by the names of the BLAS, without gradients: test_uses.py holds them to Theano's numbers
    blas.GemmRelated, blas._Updating, blas.Dot22, blas.Dot22Scalar, blas.Gemm, blas.Gemv, blas.Ger,
} | UNAPPLIED | BASES | APART | LIST_BASES

#: rows whose operands have roles; (2, 3), (3,) and (2, 1) in shape as those of the others
_ROW_VALUES = {
    "clip": (num(2, 3), num(3, low=-1.0, high=-0.5), num(2, 1, low=0.5, high=1.0)),
    "inopenrange": (num(2, 3), num(3, low=-1.0, high=-0.5), num(2, 1, low=0.5, high=1.0)),
    "inclosedrange": (num(2, 3), num(3, low=-1.0, high=-0.5), num(2, 1, low=0.5, high=1.0)),
    "switch": (np.array([[True, False, True], [False, True, True]]), num(3), num(2, 1)),
}
#: not differentiated here: complex results, rounding to fewer digits, an integer in the result
_ROUGH = {"complex", "complex_from_polar", "convert_to_float32", "convert_to_float16"}
#: the order of a Bessel function, and the condition of a switch, have no gradient
_ROW_WRT = {"jv": (1,), "iv": (1,), "switch": (1, 2)}
_HOST_ROWS = {"complex_from_polar", "gamma", "gammau", "gammal", "j0", "j1", "jv", "iv"}


def _accepted(op, nin):
    for dtype in NUMBERS:
        try:
            op.output_dtypes(*[dtype] * nin)
        except TypeError:
            continue
        yield dtype


def _row_case(name, op):
    nin = op.nin if op.nin > 0 else 3
    low, high = op.domain
    values = _ROW_VALUES.get(name) or tuple(
        num(*dims, low=low, high=high) for dims in ((2, 3), (3,), (2, 1))[:nin])
    smooth = op.gradient is not None and name not in _ROUGH
    dtypes = tuple(_accepted(op, nin))
    return Case(name, type(op), lambda *xs: elemwise.elemwise(op)(*xs), values, dtypes=dtypes,
                patterns={2: (False, True)}, wrt=_ROW_WRT.get(name, ()) if smooth else None,
                host=dtypes if name in _HOST_ROWS else ())


ROWS = [_row_case(name, op) for name, op in rows.items()]
CASES = [*STRUCTURED, *LISTS, *MATRICES, *NETWORKS, *SEARCHES, *TENSORS, *ROWS]


def variables(case, dtype):
    """The inputs of a case."""
    made = []
    for i, value in enumerate(case.values):
        given = case.patterns[i] if i in case.patterns else (False,) * np.ndim(value)
        made.append((TensorType(_dtype(value, dtype), given) if isinstance(given, tuple) else given)(f"x{i}"))
    return made


def _dtype(value, dtype):
    return dtype if value.dtype == "float64" else str(value.dtype)


def values(case, dtype):
    """The values of the inputs. Fractions become integers away from zero, so that nothing divides by it."""
    given = []
    for value in case.values:
        if isinstance(value, np.ndarray) and value.dtype == "float64" and dtype not in FLOATS:
            value = np.sign(value) * np.ceil(np.abs(value)) if value.ndim and (value % 1).any() else value
        given.append(value.astype(_dtype(value, dtype)) if isinstance(value, np.ndarray) else value)
    return given
