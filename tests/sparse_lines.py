"""Sparse matrices: expressions that record/record_sparse.py runs under Theano and test_sparse.py under tgraph.

S is theano.sparse, B theano.sparse.basic, R theano.sparse.sandbox.sp2, T theano.tensor; the other names are INPUTS. An
input is (format, array) for a sparse matrix, or (None, array) for a tensor. What an expression gives is compared, and
the gradients of its sum, weighted, for every input of floats.
"""

import numpy as np

_A = np.array([[1.5, 0.0, -2.0, 0.0], [0.0, 0.25, 0.0, 3.0], [0.0, 0.0, 0.0, -0.5]])
_B = np.array([[0.5, 1.0, 0.0, 0.0], [0.0, -0.75, 0.0, 2.0], [0.125, 0.0, 0.0, 0.0]])
_Q = np.array([[0.5, 0.0, 0.0, 1.0], [0.0, -0.25, 0.0, 0.0], [2.0, 0.0, 0.0, 0.0], [0.0, 0.75, 0.0, 4.0]])
_P = np.array([[0.5, 0.0, 0.25, 0.0], [0.0, 0.25, 0.0, 0.75], [0.0, 0.0, 0.0, 0.5]])
_D = np.cos(np.arange(12.0)).reshape(3, 4)

INPUTS = {
    "a": ("csr", _A),
    "b": ("csr", _B),
    "c": ("csc", _A * 2),
    "g": ("csc", _B - 0.5 * _A),
    "q": ("csr", _Q),
    "qc": ("csc", _Q),
    "p": ("csr", _P),
    "pc": ("csc", _P),
    "af": ("csr", _A.astype("float32")),
    "cf": ("csc", _B.astype("float32")),
    "i": ("csr", (_A * 4).astype("int8")),
    "j": ("csc", (_B * 8).astype("int32")),
    "u": ("csr", (_B * 8).astype("int64").astype("uint8")),
    "x": ("csr", _A + 1j * _B),
    "none": ("csr", np.zeros((3, 4))),
    "flat": ("csc", np.zeros((0, 4))),
    "d": (None, _D),
    "e": (None, np.sin(np.arange(12.0)).reshape(4, 3)),
    "df": (None, _D.astype("float32")),
    "di": (None, (_D * 10).astype("int32")),
    "r": (None, np.sin(np.arange(4.0)).reshape(1, 4)),
    "v3": (None, np.array([2.0, -0.5, 3.0])),
    "v4": (None, np.array([1.0, -2.0, 0.5, 0.0])),
    "v4f": (None, np.array([1.0, -2.0, 0.5, 0.0], "float32")),
    "k": (None, np.array(1.5)),
    "at": (None, np.array([2, 0, 2])),
    "no": (None, np.array([0, 1, 3, 1], "int32")),
}

LINES = """
a
c.T
-a
a.T.T
a + b
a + c
c + a
a + d
d + c
a - b
a - d
d - a
a + af
af + d
i + di
i + a
i + j
u + i
S.add_s_s_data(a, a)
S.add_s_s_data(a, b)
S.add_s_s_data(a, c)
S.structured_add_s_v(a, v4)
S.structured_add_s_v(c, v3)
S.structured_add_s_v(c, v4)
S.structured_add_s_v(c * v4.sum(), v4)
S.structured_add_s_v(af, v4)
a * b
a * c
c * a
c * g
a * d
c * d
d * a
a * k
k * c
a * 2
2 * c
a * 2.5
af * 2
i * 3
i * 2.5
i * di
af * d
a * df
af * a
a * af
a * v4
S.mul_s_v(a, v4)
S.mul_s_v(c, v4)
S.mul_s_v(af, v4f)
S.mul_s_v(af, v4)
S.mul_s_v(c, v3)
S.col_scale(a, v4)
S.col_scale(c, v4)
S.row_scale(a, v3)
S.row_scale(c, v3)
S.col_scale(a, v3)
S.sp_sum(a)
S.sp_sum(a, axis=0)
S.sp_sum(c, axis=1)
S.sp_sum(a, axis=None, sparse_grad=True)
S.sp_sum(a, axis=0, sparse_grad=True)
S.sp_sum(c, axis=1, sparse_grad=True)
S.sp_sum(a, axis=2)
S.sp_sum(flat, axis=0)
S.sp_sum(none)
S.diag(q)
S.diag(qc)
S.diag(a)
S.square_diagonal(v4)
S.square_diagonal(d)
S.ensure_sorted_indices(a.T)
S.remove0(a * v4.sum())
S.clean(c)
S.sp_ones_like(a)
S.sp_zeros_like(c)
S.sp_zeros_like(a) + b
S.csm_data(a)
S.csm_indices(c)
S.csm_indptr(c)
S.csm_shape(c)
S.CSR(S.csm_data(a) * 2, S.csm_indices(a), S.csm_indptr(a), S.csm_shape(a))
S.CSC(v4, no % 3, [0, 1, 2, 3, 4], [3, 4])
S.CSR(v4, no, [0, 1, 3, 4], [3, 4])
S.CSR(v4, no, [0, 1, 3, 4], [3, 4]) * d
S.CSM('coo')
S.CSR(d, no, no, no)
S.CSR(v4, v4, no, no)
S.dense_from_sparse(a)
S.DenseFromSparse(structured=False)(a)
S.csr_from_dense(d)
S.csc_from_dense(d)
S.csr_from_dense(v4)
S.csc_from_dense(k)
S.csr_from_dense(T.zeros((2, 2, 2)))
S.SparseFromDense('csr')(r)
a.toarray() * d
a.shape
c.T.shape
(a + b).shape
S.structured_dot(a, e).shape
S.hstack([a, b]).shape
S.vstack([c, c]).shape
a.size
(a * b).size
a.astype('float32')
a.astype('int32')
S.cast(i, 'float64')
S.cast(a, 'complex128')
S.fcast(c)
a[1, 3]
c[0, 1]
a[at[0], at[1]]
i[1, 1]
a[0:2]
a[0:2, 1:3]
c[:, 1:]
a[::2, ::2]
a[at[1]:at[0], 1:4:2]
c[2:0:-1]
a[0]
a[0, 1:3]
a[v3]
a[5, 0]
a[[0, 2]]
c[[2, 0]]
a[[0, 1], [0, 3]]
c[[0, 2, 2], [2, 3, 0]]
S.get_item_list(a, at)
S.get_item_2lists(a, at, at)
S.hstack([a, b])
S.hstack([c, a], format='csr')
S.hstack([a, i])
S.hstack([a, af], dtype='float32')
S.hstack([a, q])
S.vstack([a, b])
S.vstack([c, b], format='csr')
S.vstack([i, j])
S.vstack([a])
S.vstack([a, flat])
S.HStack('csc')
S.structured_dot(a, e)
S.structured_dot(c, e)
S.structured_dot(e, a)
S.structured_dot(e, c)
S.structured_dot(a, q)
S.structured_dot(c, qc)
S.structured_dot(af, e)
S.structured_dot(c, e.astype('float32'))
S.structured_dot(i, T.cast(e, 'float32'))
S.structured_dot(a, v4)
S.structured_dot(a, d)
S.structured_dot(d, d)
S.structured_dot(none, e)
S.structured_dot(flat, e)
S.structured_dot(a, r.T)
S.structured_dot(x, e)
T.exp(S.structured_dot(a, e))
S.dot(a, e)
S.dot(c, e)
S.dot(e, a)
S.dot(a, q)
S.dot(q, qc)
S.dot(af, e)
S.dot(a, v4)
S.dot(v3, c)
S.dot(a, v3)
S.dot(d, e)
S.dot(i, T.cast(e, 'float32'))
S.dot(flat, e)
S.true_dot(a, q)
S.true_dot(a, e)
S.true_dot(c, e)
S.true_dot(e, c)
S.true_dot(a, e, grad_preserves_dense=False)
S.true_dot(q, qc)
S.true_dot(af, e)
S.true_dot(d, e)
S.usmm(k.dimshuffle('x', 'x'), a, e, e[:3])
S.usmm(k.dimshuffle('x', 'x'), c, qc, d)
S.usmm(k.dimshuffle('x', 'x'), d, e, d)
S.sampling_dot(d, d[:, ::-1].T[:, :1].dot(r), p)
S.sampling_dot(e[:3], e, p)
S.sampling_dot(e[:3], e, pc)
S.construct_sparse_from_list(d, d[:2], at[:2])
S.construct_sparse_from_list(d, d, at)
S.construct_sparse_from_list(d, d, v3)
theano.sparse_grad(d[at])
T.sqr(theano.sparse_grad(d[at])) + r
theano.dot(a, e)
theano.dot(e, a)
S.eq(a, b)
S.neq(a, b)
S.lt(a, b)
S.le(a, b)
S.gt(c, g)
S.ge(c, g)
S.eq(a, d)
S.neq(a, d)
S.lt(a, d)
S.le(d, a)
S.gt(d, c)
S.ge(c, d)
S.lt(a, c)
S.lt(d, d)
a < b
c >= d
S.sin(a)
S.tan(a)
S.arcsin(p)
S.arctan(c)
S.sinh(a)
S.arcsinh(a)
S.tanh(c)
S.arctanh(p)
S.rint(a)
S.sgn(a)
S.ceil(c)
S.floor(a)
S.log1p(p)
S.expm1(a)
S.deg2rad(a)
S.rad2deg(af)
S.trunc(a)
S.sqr(a)
S.sqr(i)
S.sqrt(p)
S.sqrt(i * i)
S.conj(x)
S.structured_sigmoid(a)
S.structured_exp(c)
S.structured_exp(none)
S.structured_log(p)
S.structured_pow(a, 2)
S.structured_pow(p, k)
S.structured_pow(i, 2)
S.structured_minimum(a, 0.3)
S.structured_maximum(c, k)
S.structured_add(a, 1)
S.structured_add(i, 2.5)
S.structured_add(a, v4)
S.tanh(d)
S.sin(c) + S.tanh(g) * c
S.structured_dot(S.tanh(a * b), S.structured_dot(c.T, d))
S.as_sparse_variable(d)
S.as_sparse_or_tensor_variable(d)
a.sum()
T.exp(a)
a + 2
a / 2
S.matrix('coo')
S.csr_matrix('m', 'float16')
S.SparseType('csr', 'bool')
""".strip().splitlines()
