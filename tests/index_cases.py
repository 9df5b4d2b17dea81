"""The table of indexing expressions: read by the recorder (under the real Theano) and by tests/test_index.py.

Each line is one case. Names are the inputs below; functions are those of the tensor module (as T too).
"""

import numpy as np

INPUTS = {
    # name: (dtype, broadcastable, value)
    "x": ("float64", (False, False), np.linspace(-3, 4, 20).reshape(4, 5)),
    "x3": ("float64", (False, False, False), np.linspace(-1, 2, 24).reshape(2, 3, 4)),
    "v": ("float64", (False,), np.array([0.5, -1.5, 2.5, 3.25, -4.0, 7.0])),
    "f": ("float32", (False,), np.array([1.5, -2.5, 3.0], "float32")),
    "row": ("float64", (True, False), np.array([[1.0, 2.0, 3.0]])),
    "col": ("float64", (False, True), np.array([[1.0], [2.0], [3.0], [4.0]])),
    "s": ("float64", (), np.array(2.5)),
    "one": ("float64", (False,), np.array([7.0])),
    "n": ("int32", (False,), np.array([5, -3, 8, 1], "int32")),
    "u": ("uint8", (False,), np.array([5, 3, 200], "uint8")),
    "u32": ("uint32", (False,), np.array([5, 3, 4000000000], "uint32")),
    "h": ("float16", (False,), np.array([1.5, -2.5, 3.0], "float16")),
    "z": ("complex128", (False,), np.array([1 + 2j, 3 - 1j, 0.5j])),
    "flag": ("bool", (False,), np.array([True, False, True])),
    "empty": ("float64", (False, False), np.zeros((0, 3))),
    "i": ("int64", (), np.array(1)),
    "j": ("int64", (), np.array(-2)),
    "k": ("int32", (), np.array(3, "int32")),
    "i8": ("int8", (), np.array(2, "int8")),
    "u8": ("uint8", (), np.array(2, "uint8")),
    "far": ("int64", (), np.array(50)),
    "ids": ("int64", (False,), np.array([2, 0, 2, 1])),
    "ids3": ("int64", (False,), np.array([2, 0, 2])),
    "ids32": ("int32", (False,), np.array([1, 0, 1, 3], "int32")),
    "neg": ("int64", (False,), np.array([-1, 0, -2, -1])),
    "none": ("int64", (False,), np.zeros(0, "int64")),
    "im": ("int64", (False, False), np.array([[0, 1], [2, 0]])),
    "two": ("int64", (False,), np.array([0, 1])),
    "icol": ("int64", (False, True), np.array([[0], [1]])),
    "wide": ("int64", (False,), np.array([9, 0, 1, 2])),
    "b8": ("int8", (False,), np.array([1, 0, 1, 1], "int8")),
    "mask4": ("bool", (False,), np.array([True, False, True, True])),
    "mask5": ("bool", (False,), np.array([True, False, True, False, False])),
    "mask45": ("bool", (False, False), (np.arange(20).reshape(4, 5) % 3 == 1)),
    "y4": ("float64", (False,), np.array([1.0, 2.0, 4.0, 8.0])),
    "y5": ("float64", (False,), np.array([1.0, 2.0, 4.0, 8.0, 16.0])),
    "y45": ("float64", (False, False), np.arange(20.0).reshape(4, 5)),
    "y35": ("float64", (False, False), np.arange(15.0).reshape(3, 5) ** 2),
    "y15": ("float64", (False, False), np.array([[1.0, 2.0, 4.0, 8.0, 16.0]])),
    "y44": ("float64", (False, False), np.arange(16.0).reshape(4, 4)),
}

#: basic indexing
BASIC = """
v[0]
v[-1]
v[i]
v[j]
v[k]
v[i8]
v[np.int32(2)]
v[np.array(2)]
v[T.constant(2)]
v[T.constant(np.int8(2))]
v[1:]
v[:-1]
v[1:3]
v[::2]
v[::-1]
v[::-2]
v[4:1:-2]
v[4:1:-1]
v[-2::-1]
v[:2:-1]
v[10:]
v[:100]
v[-100:2]
v[5:2]
v[2:5:-1]
v[100:0:-3]
v[:-100:-1]
v[i:]
v[:i]
v[i:k]
v[j:]
v[:j]
v[i::2]
v[::j]
v[k:i:j]
v[far:]
v[:far]
v[far::-1]
v[i:i]
v[:]
v[...]
v[None]
v[:, None]
v[None, :, None]
v[()]
x[1]
x[1, 2]
x[1, -1]
x[i, j]
x[1:, 2]
x[1:3, ::-1]
x[:, i]
x[::-1, ::-1]
x[..., 0]
x[0, ...]
x[..., i, j]
x[:, :, None]
x[:, None]
x[None, 1]
x[None, ..., None]
x[1, None]
x[:1]
x[:, :1]
x[:, 0:1]
x[i:][k:]
x.T[1:]
x3[0]
x3[:, 1]
x3[..., -1]
x3[1, :, ::2]
x3[:, ::-1, 1:3]
x3[i, j, k]
x3[-1, ..., 0:2]
x3[:, None, 1]
x3[0][1][2]
row[0]
row[:, 1:]
row[:1]
row[0:]
row[0:1]
row[1:]
row[:0]
row[::-1]
row[:k:-1]
row[::j]
row[::2]
row[-1:]
row[:i]
row[i:]
row[i]
col[:, 0]
col[1:]
col[:, :1]
s[()]
s[...]
s[None]
f[1:]
n[::-1]
u[1:]
u32[::-1]
u32[1]
h[::-1]
z[::-1]
z[1]
flag[1:]
flag[0]
empty[:]
empty[1:]
empty[::-1]
empty[:, 1]
x.shape[0]
x.shape[1:]
x.shape[-1]
x[x.shape[0] - 1]
x[:x.shape[0] // 2]
T.arange(6)[i:]
"""

#: integer arrays and masks
ADVANCED = """
v[[0, 2, 2]]
v[[]]
v[np.array([1, 3])]
v[np.zeros((0,), 'int64')]
v[(0, 2),]
v[ids]
v[ids32]
v[neg]
v[none]
v[im]
v[icol]
v[b8]
v[u]
v[[i, j]]
f[[2, 0]]
n[ids3]
u[[2, 0]]
u32[[2, 0, 2]]
h[[2, 0]]
z[[2, 0]]
flag[[2, 0]]
x[ids]
x[neg]
x[[1, 2]]
x[b8]
x[im]
x[none]
x[:, ids]
x[:, neg]
x[:, im]
x[:, [1, 1]]
x[ids, :]
x[..., ids]
x[ids, ...]
x[ids, 1]
x[1, ids]
x[i, ids]
x[ids, i]
x[ids, ids32]
x[ids, neg]
x[im, im]
x[im, two]
x[icol, two]
x[icol, ids]
x[ids, 1:3]
x[1:3, ids]
x[i:, ids]
x[ids, ::-1]
x[ids, j:]
x[None, ids]
x[ids, None]
x[ids, None, two[:1]]
x[:, None, ids]
x[T.arange(x.shape[0]), ids]
x[T.arange(4), ids32]
x[[0, 1], [2, 3]]
x[[[0, 1], [1, 0]]]
x[two, [[1], [2]]]
x3[two]
x3[:, ids3]
x3[:, :, ids]
x3[two, two]
x3[:, two, two]
x3[two, :, two]
x3[two, 1]
x3[1, two]
x3[two, :, 1]
x3[1, :, two]
x3[0, :, two]
x3[:, 1, two]
x3[:, two, 1]
x3[two, 1:, two]
x3[two, ..., two]
x3[two, two, two]
x3[icol, two]
x3[icol, :, two]
x3[::-1, two]
x3[None, two, :, two]
x3[im[0], None, im[0]]
row[:, ids3]
row[[0, 0]]
col[ids]
col[ids, 0]
row[[0]]
x[mask4]
x[mask45]
x[x > 0]
x[T.neq(x, x)]
x[mask4, 1]
x[mask4, 1:3]
x[mask4, ids3]
x[:, mask5]
x[1, mask5]
x[::-1, mask5]
x[mask4][:, mask5]
x[np.array([True, False, True, True])]
x3[:, :, mask4]
x3[0, :, mask4]
x3[two[:1], :, mask4]
v[v > 100]
empty[none]
empty[:, ids3]
T.take(v, ids)
T.take(v, im)
T.take(v, 2)
T.take(v, i)
T.take(x, ids)
T.take(x, ids, axis=0)
T.take(x, ids, axis=1)
T.take(x, ids, axis=-1)
T.take(x, im)
T.take(x, im, axis=0)
T.take(x, im, axis=1)
T.take(x, 3)
T.take(x, 1, axis=0)
T.take(x, 1, axis=1)
T.take(x3, im, axis=1)
T.take(x3, two, axis=1)
T.take(x3, two, axis=2)
T.take(x, wide, axis=0, mode='clip')
T.take(x, wide, axis=0, mode='wrap')
T.take(x, neg, axis=1, mode='wrap')
T.take(x, neg, axis=1, mode='clip')
T.take(v, wide, axis=0, mode='wrap')
T.take(v, wide, mode='wrap')
T.take(x, [[1, 0], [0, 3]], axis=0)
v.take(ids)
x.take([0, 2], axis=1)
T.nonzero(x)[0]
T.nonzero(x)[1]
T.nonzero(n > 0)[0]
T.nonzero(x > 0, return_matrix=True)
(x > 0).nonzero(True)
(x > 1).nonzero()[1]
T.nonzero(x3 > 9, return_matrix=True)
T.flatnonzero(x > 0)
T.flatnonzero(v)
T.nonzero_values(v)
T.nonzero_values(x)
v.nonzero_values()
x[T.nonzero(x > 1)]
x[(x > 1).nonzero()]
"""

#: set and inc
WRITES = """
set_subtensor(v[0], s)
set_subtensor(v[i], 3)
set_subtensor(v[1:3], 7)
set_subtensor(v[1:], one)
inc_subtensor(v[1:], one)
set_subtensor(v[:4], y4)
inc_subtensor(v[::-2], y4[:3])
set_subtensor(v[::-1], T.arange(6.0))
set_subtensor(v[4:1:-2], y4[:2])
set_subtensor(v[i:k], y4[:2])
inc_subtensor(v[j:], y4[:2])
set_subtensor(v[:], s)
inc_subtensor(v[:], v)
set_subtensor(v[5:2], 4)
set_subtensor(v[100:], 4)
set_subtensor(v[1:2], y4)
inc_subtensor(x[0], y5)
inc_subtensor(x[0], s)
set_subtensor(x[1:], y35)
set_subtensor(x[1:], y15)
set_subtensor(x[1:], y5)
inc_subtensor(x[1:], y5)
inc_subtensor(x[:, 1:], s)
set_subtensor(x[:, 1], y4)
inc_subtensor(x[:, ::2], col)
set_subtensor(x[1, 2], s)
inc_subtensor(x[i, j], s)
set_subtensor(x[..., 0], y4)
inc_subtensor(x[:, None], y45[:, None])
set_subtensor(x[None, 1], y5)
inc_subtensor(x3[:, 1, ::-1], y4)
set_subtensor(x3[0, 1, 2], s)
inc_subtensor(row[:, 1:], s)
inc_subtensor(row[0], s)
set_subtensor(n[0], 1)
set_subtensor(f[0], f[1])
set_subtensor(f[0:2], f[1:])
set_subtensor(f[0], s)
inc_subtensor(f[1:], s)
set_subtensor(n[0], s)
inc_subtensor(n[0], s)
set_subtensor(n[0], 1.5)
inc_subtensor(n[1:], n[:-1])
inc_subtensor(u[0], 100)
set_subtensor(u[2], u[0])
inc_subtensor(u32[1:], u32[1:])
set_subtensor(h[0], h[1])
inc_subtensor(z[0], z[1])
set_subtensor(z[1:], 2.5)
set_subtensor(flag[1], flag[0])
inc_subtensor(flag[1], flag[0])
set_subtensor(empty[:, 0], 3)
set_subtensor(v[ids], y4)
inc_subtensor(v[ids], y4)
inc_subtensor(v[ids], s)
set_subtensor(v[ids], s)
set_subtensor(v[ids], one)
inc_subtensor(v[ids], one)
inc_subtensor(v[[0, 0, 1]], [1, 2, 3])
set_subtensor(v[[0, 0, 1]], [1, 2, 3])
inc_subtensor(v[neg], y4)
inc_subtensor(v[none], 2)
inc_subtensor(v[im], 2)
inc_subtensor(v[im], T.constant(np.array([[1.0, 2.0], [3.0, 4.0]])))
set_subtensor(v[im], T.constant(np.array([[1.0, 2.0], [3.0, 4.0]])))
inc_subtensor(x[ids], y45)
inc_subtensor(x[ids], y5)
inc_subtensor(x[ids], y15)
inc_subtensor(x[ids], s)
set_subtensor(x[ids], y45)
set_subtensor(x[ids], y5)
set_subtensor(x[neg], y45)
inc_subtensor(x[:, ids], y44)
inc_subtensor(x[:, ids], y4)
inc_subtensor(x[:, ids], col)
set_subtensor(x[:, ids], y44)
set_subtensor(x[:, ids], s)
inc_subtensor(x[:, [1, 1]], 1)
inc_subtensor(x3[:, ids3], 1.5)
inc_subtensor(x3[:, :, ids], y4)
inc_subtensor(x[ids, ids32], y4)
inc_subtensor(x[ids, ids], y4)
set_subtensor(x[ids, ids32], y4)
inc_subtensor(x[ids, ids32], 1)
inc_subtensor(x[ids, 1], y4)
set_subtensor(x[ids, 1], s)
inc_subtensor(x[ids, 1:3], 2)
inc_subtensor(x[icol, two], 2)
inc_subtensor(x[im, two], 2)
inc_subtensor(x[None, ids, ids], y4)
set_subtensor(x[T.arange(4), ids], 0)
inc_subtensor(x3[two, :, two], 1)
inc_subtensor(x3[two, 1:, two], y4[:2])
set_subtensor(x3[:, two, two], 1)
set_subtensor(x[mask45], 0)
set_subtensor(x[x > 1], 1)
inc_subtensor(x[mask45], s)
set_subtensor(x[mask4], y35)
inc_subtensor(x[mask4], y5)
set_subtensor(x[mask4, 1], 0)
inc_subtensor(x[mask4, 1], y4[:3])
set_subtensor(x[:, mask5], col)
set_subtensor(x[(x > 1).nonzero()], 0)
inc_subtensor(n[ids3], 1)
inc_subtensor(f[ids3], f)
set_subtensor(f[ids3], s)
inc_subtensor(n[ids3], n[:3])
set_subtensor(n[ids3], 1.5)
inc_subtensor(u32[ids3], u32)
inc_subtensor(u32[im], u32[:2])
inc_subtensor(v[im], y4[:2])
inc_subtensor(h[ids3], h)
inc_subtensor(z[ids3], z)
inc_subtensor(flag[[0, 1]], flag[:2])
set_subtensor(flag[[0, 1]], flag[1:])
set_subtensor(v[1:3][0], s)
set_subtensor(x[1][2], s)
set_subtensor(x[1:].T, y35.T)
inc_subtensor(x[ids].T, y45.T)
inc_subtensor(x[1:].dimshuffle(0, 'x', 1), s)
set_subtensor(v[0], s, inplace=True)
inc_subtensor(v[0], s, tolerate_inplace_aliasing=True)
inc_subtensor(v[1:3], y4[:2], set_instead_of_inc=True)
set_subtensor(T.zeros((3, 4))[1], y4)
inc_subtensor(T.zeros((5,))[ids], y4)
"""

#: what is refused, at build or at run time
ERRORS = """
v[9]
v[-9]
v[far]
x[9]
x[0, 9]
x[far, 0]
x[:, far]
x[ids, far]
empty[0]
v[[9]]
v[wide]
x[wide]
x[:, wide + 1]
x[wide, ids]
x[ids, wide]
x[ids, ids - 9]
x[ids, two]
x[T.arange(4), wide]
v[0, 1]
x[0, 0, 0]
x[ids, ids, ids]
x[..., ...]
v[0.5]
v[1.0]
v[s]
v[y4]
v[[0.5]]
v[:1.5]
v[s:]
v[[True, False]]
v[True]
x[[True, False, True, True]]
x[[True, 1]]
v['a']
v[::0]
v[::i - 1]
s[0]
s[ids]
v[u8]
v[ids:]
x[mask5]
x[:, mask4]
x[mask45, 0]
v[mask45]
x[mask4, mask5]
set_subtensor(v, 1)
set_subtensor(v + 1, 1)
set_subtensor(v[0], y4)
set_subtensor(v[1:3], y45)
set_subtensor(x[0], y45)
set_subtensor(v[9], 1)
set_subtensor(v[far], 1)
inc_subtensor(v[wide], 1)
set_subtensor(v[wide], 1)
inc_subtensor(x[ids, wide], 1)
set_subtensor(x[wide, ids], y4)
set_subtensor(v[:3], y4)
inc_subtensor(v[:3], y4)
set_subtensor(x[1:], y45)
inc_subtensor(v[ids], y5)
set_subtensor(v[ids], y5)
inc_subtensor(x[ids, ids32], y5)
set_subtensor(x[mask5], 0)
set_subtensor(x[mask45], y4)
set_subtensor(row[:, 1:], x[:, :2])
inc_subtensor(v[0:1], y4)
T.take(v, 9)
T.take(v, wide)
T.take(x, ids, axis=5)
T.take(x, wide, axis=0)
T.nonzero(s)
T.flatnonzero(s)
"""

#: expressions whose result holds no differentiable input are recorded without a gradient
CASES = {"basic": BASIC, "advanced": ADVANCED, "writes": WRITES, "errors": ERRORS}


def lines():
    """(group, expression) of every case."""
    return [(group, line) for group, text in CASES.items() for line in text.strip().splitlines()]


def scope(T, variable):
    """The names of a case: ``variable(name, dtype, broadcastable)`` makes an input."""
    names = {name: variable(name, dtype, pattern) for name, (dtype, pattern, _) in INPUTS.items()}
    inputs = dict(names)
    names.update(T=T, np=np, set_subtensor=T.set_subtensor, inc_subtensor=T.inc_subtensor)
    return names, inputs


def weights(shape):
    """Fixed weights that tell the elements of a result apart in a gradient."""
    return np.cos(np.arange(int(np.prod(shape)), dtype="float64")).reshape(shape) + 2
