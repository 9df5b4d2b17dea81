"""The table of reductions, products, neural network functions, sorts and gradients: read by the recorder
(under the real Theano) and by the tests of these subjects.

Each line is one case. Names are the inputs below; T, nnet, G (theano.gradient), E (theano.tensor.elemwise), S
(theano.scalar) and X (theano.tensor.extra_ops) are modules, np is numpy.
"""

import matrix_lines
import numpy as np
import search_lines
import tensor_lines

_ints = [[3, 0, 1], [2, 5, 3]]
INPUTS = {
    # name: (dtype, broadcastable, value)
    "x": ("float64", (False, False), np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])),
    "y": ("float64", (False, False), np.linspace(-2, 1.5, 6).reshape(2, 3)),
    "q": ("float64", (False, False), np.linspace(-1, 2, 9).reshape(3, 3) ** 2),
    "z": ("float64", (False, False), np.linspace(-3, 2, 12).reshape(3, 4)),
    "t": ("float64", (False, False, False), np.linspace(-1, 2, 24).reshape(2, 3, 4)),
    "u": ("float64", (False, False, False), np.linspace(2, -1, 40).reshape(2, 4, 5)),
    "t2": ("float64", (False, False, False), np.linspace(-2, 1, 24).reshape(4, 2, 3)),
    "t4": ("float64", (False, False, False, False), np.linspace(-1, 1, 48).reshape(2, 3, 2, 4)),
    "v": ("float64", (False,), np.array([0.5, -1.5, 2.5])),
    "w": ("float64", (False,), np.array([4.0, -2.0, 1.0])),
    "v4": ("float64", (False,), np.array([1.0, -2.0, 3.0, 0.5])),
    "v2": ("float64", (False,), np.array([1.5, -0.5])),
    "s": ("float64", (), np.array(2.5)),
    "r": ("float64", (), np.array(-1.25)),
    "f": ("float32", (False, False), np.array([[1.5, -2.5, 3.0], [0.25, 8.0, -1.0]], "float32")),
    "big": ("float32", (False,), np.array([2**24, 1, 1, 1, 1], "float32")),
    "tie": ("float64", (False, False), np.array([[3.0, 3.0, 1.0], [0.0, 0.0, 0.0]])),
    "zer": ("float64", (False, False), np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 3.0]])),
    "nan": ("float64", (False, False), np.array([[1.0, np.nan, 3.0], [0.0, np.inf, -np.inf]])),
    "e0": ("float64", (False, False), np.zeros((0, 3))),
    "e1": ("float64", (False, False), np.zeros((3, 0))),
    "kink": ("float64", (False,), np.array([-1.0, 0.0, 1.0, -2.5, 2.5])),
    "pos": ("float64", (False, False), np.array([[0.2, 0.3, 0.5], [0.7, 0.1, 0.2]])),
    "tgt": ("float64", (False, False), np.array([[0.0, 0.25, 1.0], [1.0, 0.5, 0.0]])),
    "wide": ("float64", (False, False), np.array([[0.0, 30.0, -30.0], [800.0, 1.0, -800.0]])),
    "lab": ("int32", (False,), np.array([2, 0], "int32")),
    "lab8": ("int8", (False,), np.array([2, 0], "int8")),
    "labu": ("uint8", (False,), np.array([2, 0], "uint8")),
    "neg": ("int64", (False,), np.array([0, -1])),
    "far": ("int64", (False,), np.array([0, 3])),
    "row": ("float64", (True, False), np.array([[1.0, 2.0, 3.0]])),
    "col": ("float64", (False, True), np.array([[1.0], [2.0], [-1.0]])),
    "b": ("bool", (False, False), np.array(_ints, "bool")),
    "i1": ("int8", (False, False), np.array(_ints, "int8")),
    "i2": ("int16", (False, False), np.array(_ints, "int16")),
    "i4": ("int32", (False, False), np.array(_ints, "int32")),
    "i8": ("int64", (False, False), np.array(_ints, "int64")),
    "u1": ("uint8", (False, False), np.array(_ints, "uint8")),
    "u2": ("uint16", (False, False), np.array(_ints, "uint16")),
    "u4": ("uint32", (False, False), np.array(_ints, "uint32")),
    "u8": ("uint64", (False, False), np.array(_ints, "uint64")),
    "h": ("float16", (False, False), np.array(_ints, "float16")),
    "c": ("complex128", (False, False), np.array(_ints) * (1 - 2j)),
    "c4": ("complex64", (False, False), (np.array(_ints) * (1 - 2j)).astype("complex64")),
    "iv": ("int64", (False,), np.array([1, 2, 3])),
    "hundred": ("int8", (False, False), np.array([[100, 100], [100, 1]], "int8")),
}

_DTYPES = "b i1 i2 i4 i8 u1 u2 u4 u8 h f x c c4".split()


_AXES = ["None", "0", "1", "-1", "(0, 2)", "[1, 2]", "(2, 0)", "np.int64(1)", "(0, 1, 2)"]


def _each(template, names):
    return "\n".join(template.replace("?", name) for name in names)


REDUCE = (
    "\n".join(
        _each(f"T.{name}(?)", _DTYPES)
        for name in "sum prod mean var std max min argmax any all".split()
    )
    + "\n"
    + _each("E.ProdWithoutZeros()(?)", "i1 i4 u1 f x zer c".split())
    + "\n"
    + "\n".join(
        _each(f"T.{name}(t, axis=?)", _AXES)
        for name in "sum prod mean var std max min argmax argmin any all ptp".split()
    )
    + "\n"
    + "\n".join(
        _each(f"T.{name}(t, axis=?, keepdims=True)", ["None", "1", "(0, 2)"])
        for name in "sum prod mean var std max min argmax argmin any all".split()
    )
    + "\n"
    + "\n".join(
        _each(f"T.{name}(?)", ["e0", "e1", "s", "nan", "tie"])
        for name in "sum prod mean max min argmax argmin any all".split()
    )
    + "\n"
    + "\n".join(
        _each(f"T.{name}(?, axis=0)", ["e0", "e1", "nan", "tie", "zer"])
        for name in "sum prod max min argmax argmin any all".split()
    )
    + """
T.argmin(f)
T.argmin(i4)
T.argmin(u1)
T.argmin(c)
T.min(c)
T.sum(big)
T.mean(big)
T.sum(x, axis=5)
T.sum(x, axis=-3)
T.sum(s, axis=0)
T.sum(x, axis=1.0)
T.sum(x, axis='a')
T.sum(x, axis=[])
T.sum(x, axis=(0, 0))
T.sum(x, dtype='float32')
T.sum(f, dtype='float64')
T.sum(f, acc_dtype='float32')
T.sum(x, acc_dtype='float32')
T.sum(i4, acc_dtype='int8')
T.sum(i1, dtype='int8')
T.sum(i4, dtype='float32')
T.sum(f, dtype='int32')
T.sum(x, dtype='floatX')
T.sum(b, dtype='float64')
T.sum(x, dtype='bool')
T.sum([x, y])
T.sum([1, 2, 3])
T.sum(x, 1).sum()
T.sum(x, keepdims=True)
T.prod(x, axis=1, keepdims=True)
T.prod(zer, axis=1)
T.prod(zer, axis=1, no_zeros_in_input=True)
T.prod(i1, dtype='int8')
T.mean(i4, dtype='float32')
T.mean(x, dtype='float32')
T.mean(f, dtype='float64')
T.mean(x, dtype='int32')
T.mean(f, axis=1)
T.mean(x, axis=[0])
T.mean(s)
T.var(x, axis=1, ddof=1)
T.var(x, ddof=1)
T.var(x, axis=0, corrected=True)
T.var(f, axis=0)
T.std(x, axis=1, ddof=1)
T.std(x, corrected=True)
T.std(tie, axis=1)
T.max(x, axis=1.0)
T.max(x, axis=5)
T.max(x, axis=[])
T.max(x, axis=T.constant(1))
T.max(x, axis=np.array(1))
T.max(x, axis=np.array([0, 1]))
T.max(tie, axis=1)
T.min(tie, axis=1)
T.max(tie, axis=1, keepdims=True)
T.max_and_argmax(x)
T.max_and_argmax(x, axis=1)
T.max_and_argmax(tie, axis=0, keepdims=True)
T.max_and_argmax(t, axis=(0, 2))
T.max_and_argmax(nan, axis=1)
T.max_and_argmax(i4, axis=1)
T.max_and_argmax(tie, axis=1)[0]
T.argmax(t, axis=(2, 1))
T.argmax(x, axis=[0])
T.argmax(x, axis=T.constant(0))
T.any(x > 0, axis=1)
T.all(x > -5, axis=(0, 1), keepdims=True)
T.any(nan)
x.norm(2)
x.norm(1, axis=0)
x.norm(3, axis=1, keepdims=True)
x.norm(0)
x.norm(np.inf)
i1.norm(2)
x.sum(axis=1, keepdims=True)
x.mean(1)
x.var(0)
x.std(0)
x.max(0)
x.min(0)
x.argmax(0)
x.argmin(0)
x.any(0)
x.all(0)
x.ptp(0)
x.prod(0)
row.sum(axis=0)
row.sum(axis=1)
row.max(axis=0, keepdims=True)
col.mean(axis=1)
E.Sum()(x)
E.Sum(1)(x)
E.Sum((-1, 0))(x)
E.Sum(axis=0, dtype='float32')(x)
E.Prod([0, 1])(x)
E.All(0)(x)
E.Any(1)(x)
E.CAReduce(S.maximum)(x)
E.CAReduce(S.maximum, 0)(x)
E.CAReduce(S.minimum, (0, 1))(x)
E.CAReduce(S.add, 1)(i1)
E.CAReduce(S.add, -1)(x)
E.CAReduce(S.mul, 1)(x)
E.CAReduce(S.exp)
E.CAReduce(S.or_)(i4)
E.CAReduce(S.and_, 0)(i4)
E.CAReduce(S.xor, 0)(i4)
E.CAReduceDtype(S.add, axis=0)(i1)
T.basic.makeKeepDims(x, x.sum(0), 0)
T.basic.makeKeepDims(x, x.sum(), None)
"""
)

LINALG = """
T.dot(x, q)
T.dot(v, q)
T.dot(q, v)
T.dot(v, w)
T.dot(s, x)
T.dot(x, r)
T.dot(s, r)
T.dot(2, x)
T.dot(t, z.T)
T.dot(t, u)
T.dot(t, v4)
T.dot(v4, u)
T.dot(q, t)
T.dot(z, u)
T.dot(t, t.dimshuffle(0, 2, 1))
T.dot(row, q)
T.dot(q, col)
T.dot(row, col)
T.dot(col, row)
T.dot(f, q)
T.dot(x, f.T)
T.dot(f, f.T)
T.dot(h, h.T)
T.dot(i1, i1.T)
T.dot(hundred, hundred)
T.dot(b, b.T)
T.dot(b, i1.T)
T.dot(u1, i1.T)
T.dot(u2, u2.T)
T.dot(u8, u8.T)
T.dot(u4, u4.T)
T.dot(i4, u4.T)
T.dot(i8, f.T)
T.dot(c, c.T)
T.dot(c4, f.T)
T.dot(x, x)
T.dot(v, v2)
T.dot(x, v2)
T.dot(v2, q)
T.dot(e0, q)
T.dot(q, e1)
T.dot(e1, e0)
T.dot([1., 2., 3.], v)
T.dot(np.ones((2, 3)), q)
T.basic.Dot()(x)
T.basic.Dot()(t, x)
T.basic.Dot()(s, x)
x.dot(q)
T.tensordot(t, t)
T.tensordot(t, t, 3)
T.tensordot(t, u, [[0, 2], [0, 1]])
T.tensordot(t, t2, [[0, 2], [1, 0]])
T.tensordot(t, t2, [[2, 0, 1], [0, 1, 2]])
T.tensordot(t, t2, ([1, 2], [2, 0]))
T.tensordot(t, t2, [1, 2])
T.tensordot(v, w, 0)
T.tensordot(x, v, 0)
T.tensordot(s, x, 0)
T.tensordot(s, r, 0)
T.tensordot(x, q, 1)
T.tensordot(x, y, [[0], [0]])
T.tensordot(x, y, [[1], [1]])
T.tensordot(x, y, 2)
T.tensordot(x, y, [[0, 1], [0, 1]])
T.tensordot(v, w, 1)
T.tensordot(v, q, [[0], [1]])
T.tensordot(x, x, 1)
T.tensordot(t, u, 1)
T.tensordot(t, t2, [[1, 2], [0]])
T.tensordot(t, v, 2)
T.tensordot(v, t, 2)
T.tensordot(t, t2, [[7], [0]])
T.tensordot(t, t2, [[0], [7]])
T.tensordot(t, t2, [[0], [0], [0]])
T.tensordot(t, t2, [[0, 0], [0, 1]])
T.tensordot([[1., 2.]], [[1.], [2.]], 1)
T.tensordot(i1, f, [[1], [1]])
T.tensordot(row, row, [[1], [1]])
T.tensordot(col, row, 1)
T.batched_dot(x, y)
T.batched_dot(t, u)
T.batched_dot(v2.dimshuffle(0, 'x') * np.ones((1, 4)), u)
T.batched_dot(t, T.constant(np.linspace(0, 1, 8).reshape(2, 4)))
T.batched_dot(v2, x)
T.batched_dot(x, v2)
T.batched_dot(v, w)
T.batched_dot(t4, u)
T.batched_dot(s, x)
T.batched_dot(x, s)
T.batched_dot(i4, f)
T.batched_dot(i1, i4)
T.batched_dot(t, t)
T.batched_dot(t, t2)
T.batched_dot(b, b)
T.batched_tensordot(t, u, 1)
T.batched_tensordot(t, t, 2)
T.batched_tensordot(t, t)
T.batched_tensordot(x, y, 0)
T.batched_tensordot(t4, u, [[3], [1]])
T.batched_tensordot(t4, t4, [[1, 2], [1, 2]])
T.batched_tensordot(t4, t, [[1, 3], [1, 2]])
T.batched_tensordot(t, t, [[1], [1]])
T.batched_tensordot(t, t, [[0], [1]])
T.batched_tensordot(t, t, [[1, 2], [1]])
T.batched_tensordot(t, t, 3)
T.blas.BatchedDot()(t, u)
T.blas.BatchedDot()(v, x)
T.blas.BatchedDot()(t4, u)
T.outer(v, w)
T.outer(x, w)
T.outer(v, iv)
"""

NNET = """
nnet.softmax(x)
nnet.softmax(v)
nnet.softmax(f)
nnet.softmax(wide)
nnet.softmax(nan)
nnet.softmax(t)
nnet.softmax(i4)
nnet.softmax(c)
nnet.softmax(row)
nnet.softmax(col)
nnet.softmax([[1., 2.]])
nnet.softmax(e0)
nnet.softmax_op(x)
nnet.logsoftmax(x)
nnet.logsoftmax(v)
nnet.logsoftmax(f)
nnet.logsoftmax(wide)
nnet.logsoftmax(t)
nnet.logsoftmax(i4)
nnet.softmax_graph(x)
nnet.softmax_with_bias(x, v)
nnet.softmax_with_bias(f, v)
nnet.softmax_with_bias(x, v2)
nnet.softmax_with_bias(v, v)
nnet.softmax_with_bias(x, x)
nnet.softmax_with_bias(x, iv)
nnet.softmax_grad(y, nnet.softmax(x))
nnet.softmax_grad(x, pos)
nnet.softmax_grad(f, pos)
nnet.softmax_grad(i4, pos)
nnet.softmax_grad(v, w)
nnet.crossentropy_softmax_1hot(x, lab)
nnet.crossentropy_softmax_1hot(x, lab)[0]
nnet.crossentropy_softmax_1hot(x, lab8)[0]
nnet.crossentropy_softmax_1hot(x, labu)[0]
nnet.crossentropy_softmax_1hot(wide, lab)
nnet.crossentropy_softmax_1hot(f, lab)
nnet.crossentropy_softmax_1hot(x, neg)[0]
nnet.crossentropy_softmax_1hot_with_bias(x, v, lab)
nnet.crossentropy_softmax_1hot_with_bias(x, v, lab)[0]
nnet.crossentropy_softmax_1hot_with_bias(x, v, lab)[1]
nnet.crossentropy_softmax_1hot_with_bias(x, v2, lab)[0]
nnet.crossentropy_softmax_1hot_with_bias(x, v, iv)[0]
nnet.crossentropy_softmax_1hot_with_bias(v, v, lab)
nnet.crossentropy_softmax_1hot_with_bias(x, x, lab)
nnet.crossentropy_softmax_1hot_with_bias(x, v, v)
nnet.crossentropy_softmax_1hot_with_bias(i4, v, lab)
nnet.crossentropy_softmax_argmax_1hot_with_bias(x, v, lab)
nnet.crossentropy_softmax_max_and_argmax_1hot(x, lab)
nnet.crossentropy_softmax_max_and_argmax_1hot_with_bias(x, v, lab)
nnet.crossentropy_softmax_1hot_with_bias_dx(v2, pos, lab)
nnet.crossentropy_softmax_1hot_with_bias_dx(s, pos, lab)
nnet.crossentropy_softmax_1hot_with_bias_dx(v2, pos, neg)
nnet.crossentropy_softmax_1hot_with_bias_dx(lab, pos, lab)
nnet.crossentropy_categorical_1hot(pos, lab)
nnet.crossentropy_categorical_1hot(pos, lab8)
nnet.crossentropy_categorical_1hot(pos, neg)
nnet.crossentropy_categorical_1hot(pos, far)
nnet.crossentropy_categorical_1hot(pos, labu)
nnet.crossentropy_categorical_1hot(pos, v)
nnet.crossentropy_categorical_1hot(v, lab)
nnet.crossentropy_categorical_1hot_grad(v2, pos, lab)
nnet.categorical_crossentropy(pos, lab)
nnet.categorical_crossentropy(pos, tgt)
nnet.categorical_crossentropy(t * 0 + 0.5, t)
nnet.categorical_crossentropy(pos, t)
nnet.categorical_crossentropy(pos, v2)
nnet.categorical_crossentropy(pos, f)
nnet.categorical_crossentropy(pos, far)
nnet.binary_crossentropy(pos, tgt)
nnet.binary_crossentropy(pos, f)
nnet.binary_crossentropy(tgt, tgt)
nnet.sigmoid_binary_crossentropy(x, tgt)
nnet.sigmoid_binary_crossentropy(wide, tgt)
nnet.sigmoid_binary_crossentropy(f, tgt)
nnet.sigmoid_binary_crossentropy(x, i4)
nnet.sigmoid_binary_crossentropy(x, v)
nnet.sigmoid_binary_crossentropy(x * 0, tgt)
nnet.sigmoid_binary_crossentropy(x, b)
nnet.relu(kink)
nnet.relu(kink, 0.1)
nnet.relu(kink, 0)
nnet.relu(kink, 1)
nnet.relu(kink, 0.5)
nnet.relu(x, v)
nnet.relu(f)
nnet.relu(i4)
nnet.relu(i1, 0.1)
nnet.elu(kink)
nnet.elu(kink, 0.3)
nnet.elu(f, 0.5)
nnet.selu(kink)
nnet.selu(f)
nnet.hard_sigmoid(kink)
nnet.hard_sigmoid(f)
nnet.hard_sigmoid(i4)
nnet.sigmoid(kink)
nnet.softplus(kink)
nnet.ultra_fast_sigmoid(kink)
nnet.nnet.softsign(kink)
nnet.confusion_matrix(lab, T.constant(np.array([2, 1], 'int32')))
nnet.confusion_matrix(x, lab)
T.grad(nnet.softmax(x)[:, 0].sum(), x)
T.grad(T.grad(nnet.softmax(x)[:, 0].sum(), x)[0].sum(), x)
T.grad(sum((part ** 2).sum() for part in nnet.crossentropy_softmax_1hot(x, lab)), x)
T.grad(T.grad(nnet.crossentropy_softmax_1hot_with_bias(x, v, lab)[0].sum(), x)[0, 0], v)
T.grad(nnet.categorical_crossentropy(pos, lab).sum(), lab)
T.grad(nnet.crossentropy_softmax_1hot(x, lab)[0].sum(), lab)
"""

SORT = """
T.sort(x)
T.sort(x, 0)
T.sort(x, None)
T.sort(v)
T.sort(nan)
T.sort(f)
T.sort(i4)
T.sort(u4)
T.sort(b)
T.sort(c)
T.sort(x, kind='mergesort')
T.sort(x, 5)
T.sort(x, T.cast(T.sum(lab) * 0, 'int32'))
T.sort(e0)
T.argsort(x)
T.argsort(x, 0)
T.argsort(x, None)
T.argsort(nan)
T.argsort(i4)
T.argsort(u2)
x.sort(0)
x.argsort(0)
(T.argsort(v) * v)
T.cumsum(x)
T.cumsum(x, 0)
T.cumsum(x, -1)
T.cumsum(x, 5)
T.cumsum(x, -3)
T.cumsum(f, 1)
T.cumsum(i8, 1)
T.cumsum(s)
T.cumsum(c)
T.cumsum(t, 1)
T.cumprod(x)
T.cumprod(x, 0)
T.cumprod(x, -1)
T.cumprod(i8, 1)
T.cumprod(v)
X.CumOp(0, 'foo')
X.to_one_hot(lab, 3)
X.to_one_hot(neg, 2, 'int8')
X.to_one_hot(far, 3)
X.Unique()(i4)
X.Unique(True, True, True)(i4)
X.Unique(axis=0)(tie)
x.cumsum(1)
x.cumprod(0)
"""

GRADIENTS = """
T.grad(T.maximum(kink, 0.).sum(), kink)
T.grad(T.maximum(0., kink).sum(), kink)
T.grad(T.minimum(kink, 0.).sum(), kink)
T.grad(T.minimum(0., kink).sum(), kink)
T.grad(nnet.relu(kink).sum(), kink)
T.grad(nnet.relu(kink, .1).sum(), kink)
T.grad((kink * (kink > 0)).sum(), kink)
T.grad(T.switch(kink < 0, 0, kink).sum(), kink)
T.grad(T.max(tie), tie)
T.grad(T.max(tie, axis=1).sum(), tie)
T.grad(T.min(tie, axis=1).sum(), tie)
T.grad(T.clip(kink, 0, 1).sum(), kink)
T.grad(abs(kink).sum(), kink)
T.grad(T.sgn(kink).sum(), kink)
T.grad(T.sqrt(T.sum((v * 0) ** 2)), v)
T.grad((v * 0).norm(2), v)
T.grad(T.std(tie[1]), tie)
T.grad(T.prod(zer, axis=1).sum(), zer)
T.grad(T.prod(zer, axis=1, no_zeros_in_input=True).sum(), zer)
T.grad(T.prod(v), v)
T.grad(T.cumprod(v).sum(), v)
T.grad((v // 2.).sum(), v)
T.grad(T.argmax(v), v)
T.grad(T.argmax(v) * 1.0, v)
T.grad(T.argmax(v) * v.sum(), v)
T.grad((iv * 1.5).sum(), iv)
T.grad((iv ** 2).sum(), iv)
T.grad((iv * 1.5).sum(), [iv])
T.grad(T.sum(iv, dtype='float64'), iv)
T.grad(T.max(iv) * 1.5, iv)
T.grad(T.min(iv) * 1.5, iv)
T.grad(T.mean(iv), iv)
T.grad(T.var(iv), iv)
T.grad(T.dot(iv, v), iv)
T.grad(T.dot(iv, iv) * 1., iv)
T.grad(T.any(v) * 1.0, v)
T.grad(v, v)
T.grad(s, v)
T.grad(s, [v, s], disconnected_inputs='ignore')
T.grad(s, v, disconnected_inputs='ignore')
T.grad(s, v, disconnected_inputs='warn')
T.grad(s, v, disconnected_inputs='foo')
T.grad(s ** 2, (s,))
T.grad(s ** 2, [s])
T.grad(s ** 2, s)
T.grad(s * r, [s, r])
T.grad(s * 2, s, return_disconnected='foo')
T.grad(s, s)
T.grad(None, s)
T.grad(None, v, known_grads={v: w})
T.grad(None, v, known_grads={v * 2: w})
T.grad(None, x, known_grads={T.dot(x, v): v2})
T.grad(None, v, known_grads={v.sum() * 2: s})
T.grad(v.sum(), v, known_grads={})
T.grad((x * 2).sum(), 'x')
T.grad((f * iv.dimshuffle('x', 0)).sum(), f)
T.grad((f * x).sum(), f)
T.grad(T.cast(f, 'float64').sum(), f)
T.grad(T.cast(x, 'float32').sum(), x)
T.grad(T.cast(x, 'int32').sum() * 1.0, x)
T.grad((G.disconnected_grad(v) * v).sum(), v)
T.grad(G.disconnected_grad(v).sum(), v)
T.grad(G.disconnected_grad(v).sum(), v, disconnected_inputs='ignore')
T.grad((G.zero_grad(v) * v).sum(), v)
T.grad(G.zero_grad(v).sum(), v)
T.grad((G.consider_constant(v) * v).sum(), v)
T.grad((v * v).sum(), v, consider_constant=[v])
T.grad(((v * 2) * v).sum(), v, consider_constant=[])
T.grad(G.undefined_grad(v).sum(), v)
T.grad((G.grad_clip(v, -1, 1) * 10 * w).sum(), v)
T.grad((G.grad_clip(v, -1, 1) ** 2 * 10).sum(), v)
T.grad(G.grad_scale(v ** 2, 0.5).sum(), v)
G.grad_clip(v, -1, 1)
G.disconnected_grad(v)
G.zero_grad(v)
G.consider_constant(v)
G.grad_scale(v, 3)
G.GradClip(1, -1)
T.grad((G.zero_grad(v) ** 2).sum() + v.sum(), v)
T.grad(T.grad((v ** 3).sum(), v).sum(), v)
T.grad(T.grad(T.tanh(T.dot(q, v)).sum(), v).sum(), v)
T.grad(T.grad(T.grad((v ** 4).sum(), v).sum(), v).sum(), v)
T.grad(T.grad(T.exp(v).sum() ** 2, v)[0], v)
T.grad((T.grad((x ** 2).sum(), x) * y).sum(), x)
T.grad(T.constant(1.0), v, disconnected_inputs='ignore')
T.grad(x.sum(), x[0], disconnected_inputs='ignore')
T.grad(x.shape[0] * 1.0, x)
T.grad((x.shape[0] * x).sum(), x)
T.grad(v.sum() / v.shape[0], v)
T.grad(T.zeros_like(v).sum(), v)
T.grad(x[0].sum() + (x ** 2).sum(), x)
T.Lop(T.dot(x, v), v, v2)
T.Lop([v * 2, v ** 2], [v], [w, w])
T.Lop(v * 2, (v,), w)
T.Lop(v ** 2, v, w)
T.Lop(v * 2, x, w)
T.Lop(v * 2, x, w, disconnected_inputs='ignore')
T.Rop(T.dot(x, v), v, w)
T.Rop(T.dot(x, v), [x, v], [y, w])
T.Rop(T.dot(x, v), [v, x], [w, y])
T.Rop(T.sqr(v), v, w)
T.Rop([T.sqr(v), v * 3], v, w)
T.Rop((T.sqr(v),), v, w)
T.Rop(T.tanh(T.dot(q, v)), v, w)
T.Rop(x.sum(axis=1), x, y)
T.Rop(nnet.softmax(x), x, y)
T.Rop(x[0], x, y)
T.Rop(x.T, x, y)
T.Rop(x.reshape((3, 2)), x, y)
T.Rop(T.join(0, v, w), [v, w], [w, v])
T.Rop(v * 2, x, y)
T.Rop(v * 2, x, y, disconnected_outputs='ignore')
T.Rop(v * 2, v, x)
T.Rop(v * 2, [v, w], [w])
T.Rop(T.exp(v) / (1 + T.sqr(v)), v, w)
T.Rop(T.grad((v * v * v).sum(), v), v, w)
T.Rop(v * iv, v, w)
T.Rop(G.disconnected_grad(v) * v, v, w)
G.subgraph_grad([v], [v * 1], cost=(v ** 2).sum())[0]
G.format_as(True, False, [v])
G.format_as(False, False, [v])
"""

INPUTS.update(search_lines.INPUTS)
INPUTS.update(matrix_lines.INPUTS)
INPUTS.update(tensor_lines.INPUTS)
#: file of records -> the groups in it
FILES = {
    "ops.json": {"reduce": REDUCE, "linalg": LINALG, "nnet": NNET, "sort": SORT, "gradients": GRADIENTS},
    "searches.json": search_lines.GROUPS,
    "matrices.json": matrix_lines.GROUPS,
    "pieces.json": tensor_lines.GROUPS,
}
GROUPS = {name: text for groups in FILES.values() for name, text in groups.items()}


def lines(group):
    """The expressions of a group, each once."""
    found = (line.strip() for line in GROUPS[group].splitlines())
    return list(dict.fromkeys(line for line in found if line))


def scope(modules, variable):
    """(names for eval, {name: variable}) for one expression; ``variable(name, dtype, pattern)`` makes one."""
    inputs = {name: variable(name, dtype, pattern) for name, (dtype, pattern, _) in INPUTS.items()}
    names = dict(inputs, np=np, **modules)
    return names, inputs


def weights(shape, i, dtype="float64"):
    """What the i-th output is weighted with when a gradient is taken."""
    size = int(np.prod(shape))
    return np.cos(np.arange(size) + i + 1.0).reshape(shape).astype(dtype)
