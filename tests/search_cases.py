"""Sorting, searching, counting, cumulating, choosing, filling diagonals: their lines in the table of ops
(cases.py)."""

import numpy as np
from op_case import FLOATS, NUMBERS, Case, ints, num

import tgraph.tensor as T
from tgraph.ops import choose, create, cumulative, diagonals, index, places, search, shape, sort, topk

_X23, _V3 = num(2, 3), num(3)
_SIGNED = ("float64", "float32", "int64", "int8")


def _top(x, k, axis):
    where = np.argsort(x, axis=axis, kind="stable")
    where = np.take(where, np.arange(x.shape[axis])[slice(-k, None) if k > 0 else slice(-k)], axis)
    return [np.take_along_axis(x, where, axis), where]


def _filled(x, value, offset=0):
    return np.where(np.eye(*x.shape, offset) > 0, value, x)


def _numbers(*shape):
    """Different numbers in any order, so that no two are equal in any dtype."""
    return np.random.RandomState(5).permutation(int(np.prod(shape))).reshape(shape).astype("float64") + 0.25


# fmt: off
SEARCHES = [
    # -- cumulating
    Case("cumsum", cumulative.CumOp, lambda x: T.cumsum(x, axis=0), [_X23], lambda x: x.cumsum(0, x.dtype),
         host=("bool",)),
    Case("cumprod", cumulative.CumOp, lambda x: T.cumprod(x), [_X23], lambda x: x.cumprod(dtype=x.dtype),
         host=("bool",)),
    Case("diff", cumulative.DiffOp, lambda x: T.diff(x, 2, 0), [num(5, 2)], lambda x: np.diff(x, 2, 0)),
    Case("diff_none", cumulative.DiffOp, lambda x: T.diff(x, 0), [_V3], lambda x: x),
    # -- sorting
    Case("sort", sort.SortOp, lambda x: T.sort(x, axis=0), [num(3, 4)], lambda x: np.sort(x, 0), host=("bool",)),
    Case("sort_symbolic", sort.SortOp, lambda x, i: T.sort(x, axis=i), [num(3, 4), np.array(-1)],
         lambda x, i: np.sort(x), host=NUMBERS, wrt=(0,)),
    Case("argsort", sort.ArgSortOp, lambda x: T.argsort(x), [num(3, 4)], lambda x: np.argsort(x, kind="stable"),
         wrt=None, host=("bool",)),
    Case("reorder", sort.Reorder, lambda x, p: sort.reorder_op(x, p, T.constant(1)),
         [_X23, np.array([[2, 0, 1], [1, 2, 0]])], lambda x, p: np.take_along_axis(x, p, 1), wrt=(0,)),
    Case("topk", topk.TopKOp, lambda x: T.topk_and_argtopk(x, 3, 0, sorted=False), [_numbers(5, 2)],
         lambda x: _top(x, 3, 0), dtypes=_SIGNED),
    Case("topk_smallest", topk.TopKOp, lambda x, k: T.topk(x, k, sorted=False), [_numbers(3, 5), np.array(-2)],
         lambda x, k: _top(x, -2, 1)[0], dtypes=_SIGNED, wrt=(0,)),
    Case("topk_one", topk.TopKOp, lambda x: T.argtopk(x, -1, axis=None, sorted=False, idx_dtype="int32"),
         [_numbers(2, 3)], lambda x: x.argmin(keepdims=True).ravel(), dtypes=_SIGNED, wrt=None),
    Case("topk_all", topk.TopKOp, lambda x: T.topk_and_argtopk(x, 3, sorted=False), [num(2, 3)],
         lambda x: [x, np.tile(np.arange(3), (2, 1))], host=("bool",)),
    # -- searching and counting
    Case("searchsorted", search.SearchsortedOp, lambda x, v: T.searchsorted(x, v),
         [np.arange(5.0), num(2, 3, high=6.0)],
         lambda x, v: np.searchsorted(x, v), wrt=None),
    Case("searchsorted_right", search.SearchsortedOp, lambda x, v, s: T.searchsorted(x, v, "right", s),
         [np.array([2.0, 0.0, 1.0, 1.0]), np.array([1.0, 7.0, -3.0]), ints(1, 2, 3, 0)],
         lambda x, v, s: np.searchsorted(x, v, "right", s), wrt=None),
    Case("unique", search.Unique, lambda x: T.unique(x, True, True, True), [num(4, 3).round()],
         lambda x: [p.reshape(-1) for p in np.unique(x, True, True, True)], wrt=None),
    Case("unique_rows", search.Unique, lambda x: T.unique(x, True, True, True, axis=0),
         [np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])],
         lambda x: [p if i == 0 else p.reshape(-1) for i, p in enumerate(np.unique(x, True, True, True, axis=0))],
         wrt=None),
    # -- places and choices
    Case("unravel_index", places.UnravelIndex, lambda i: T.unravel_index(i, (2, 3)), [np.array([[5, 0, 1]])],
         lambda i: list(np.unravel_index(i, (2, 3))), dtypes=FLOATS[:1], wrt=None),
    Case("unravel_index_vector", places.UnravelIndex, lambda i, d: T.unravel_index(i, d, ndim=2),
         [ints(5, 0, 1), ints(4, 2)], lambda i, d: list(np.unravel_index(i, tuple(d))), dtypes=FLOATS[:1], wrt=None),
    Case("ravel_multi_index", places.RavelMultiIndex, lambda i, j: T.ravel_multi_index((i, j), (4, 5)),
         [ints(3, 0, 2), ints(4, 1, 0)], lambda i, j: np.ravel_multi_index((i, j), (4, 5)), dtypes=FLOATS[:1],
         wrt=None),
    Case("ravel_multi_index_wrap", places.RavelMultiIndex,
         lambda i, j, d: T.ravel_multi_index((i, j), d, mode="wrap", order="F"),
         [ints(9, -1, 2), ints(4, 1, -8), ints(4, 5)],
         lambda i, j, d: np.ravel_multi_index((i, j), tuple(d), "wrap", "F"), dtypes=FLOATS[:1], wrt=None),
    Case("choose", choose.Choose, lambda a, x: T.choose(a, x), [np.array([[0, 2, 1], [3, 0, 0]]), num(4, 2, 3)],
         lambda a, x: np.choose(a, x), wrt=None),
    Case("choose_list", choose.Choose, lambda a, x, y: T.choose(a, [x, y], mode="wrap"),
         [ints(5, -2, 1), _V3, num(3, seed=1)],
         lambda a, x, y: np.choose(a, [x, y], mode="wrap"), wrt=None),
    Case("choose_spread", choose.Choose, lambda a, x: T.choose(a, x, mode="clip"), [np.array([[5], [-2]]), num(4, 3)],
         lambda a, x: np.choose(a, x, mode="clip"), patterns={0: (False, True)}, wrt=None),
    Case("slice_numbers", index.SliceNumbers, lambda e, n: index.SliceNumbers()(e, n),
         [slice(1, None, 2), np.array(5)], lambda e, n: np.arange(5)[e], dtypes=FLOATS[:1], patterns={0: T.slicetype},
         wrt=None, host=FLOATS[:1]),
    # -- diagonals and layout
    Case("fill_diagonal", diagonals.FillDiagonal, lambda x, s: T.fill_diagonal(x, s), [num(4, 3), num()], _filled),
    Case("fill_diagonal_3", diagonals.FillDiagonal, lambda x, s: T.fill_diagonal(x, s), [num(2, 2, 2), num()],
         lambda x, s: np.where(np.arange(8).reshape(2, 2, 2) % 7 == 0, s, x)),
    Case("fill_diagonal_offset", diagonals.FillDiagonalOffset, lambda x, s: T.fill_diagonal_offset(x, s, -1),
         [num(4, 3), num()], lambda x, s: _filled(x, s, -1)),
    Case("fill_diagonal_symbolic", diagonals.FillDiagonalOffset, lambda x, s, k: T.fill_diagonal_offset(x, s, k),
         [num(3, 4), num(), np.array(2)], lambda x, s, k: _filled(x, s, 2), wrt=(0, 1)),
    Case("contiguous", shape.CpuContiguous, lambda x: shape.cpu_contiguous(x.T), [_X23], lambda x: x.T),
    Case("bartlett", create.Bartlett, lambda n: T.bartlett(n), [np.array(6)], lambda n: np.bartlett(6),
         dtypes=FLOATS[:1], wrt=None),
]
# fmt: on

#: bases of ops
BASES = {diagonals._Filled, cumulative.CumsumOp, cumulative.CumprodOp}
