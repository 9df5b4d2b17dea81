"""Sorting, searching, counting, choosing, diagonals: expressions for op_cases.py (X is theano.tensor.extra_ops).

A line whose order of elements is not defined (topk) is sorted before it is compared.
"""

import numpy as np

INPUTS = {
    "seven": ("float64", (False,), np.array([3.0, 1.0, 2.0, 9.0, 4.0, 8.0, 7.0])),
    "seveni": ("int32", (False,), np.array([3, 1, 2, 9, 4, 8, 7], "int32")),
    "sixes": ("float64", (False, False), np.array([[5.0, 1.0, 4.0], [0.5, 9.0, -2.0]])),
    "nans": ("float64", (False,), np.array([1.0, np.nan, 0.0, np.nan])),
    "numbers": ("int64", (False,), np.array([1, 2, 2, 0, 4])),
    "small": ("int8", (False,), np.array([1, 2, 2, 0], "int8")),
    "smallu": ("uint8", (False,), np.array([1, 2, 2, 0], "uint8")),
    "below": ("int64", (False,), np.array([1, -1, 2])),
    "grown": ("float64", (False,), np.array([1.0, 2.0, 2.0, 3.5, 5.0])),
    "grownn": ("float64", (False,), np.array([1.0, 2.0, np.nan, np.nan])),
    "grownf": ("float32", (False,), np.array([1.0, 2.0, 2.0, 3.5], "float32")),
    "order": ("int64", (False,), np.array([1, 2, 0])),
    "order4": ("int32", (False,), np.array([1, 2, 0], "int32")),
    "rank": ("int64", (), np.array(1)),
    "tall": ("float64", (False, False), np.arange(15.0).reshape(5, 3)),
    "cube": ("float64", (False, False, False), np.arange(8.0).reshape(2, 2, 2)),
    "picks": ("int64", (False,), np.array([1, 0, 1])),
    "odd": ("int64", (False,), np.array([5, -2, 1])),
    "picks2": ("int64", (False, False), np.array([[1, 0, 1], [0, 0, 1]])),
    "yes": ("bool", (False,), np.array([True, False, True])),
    "n5": ("int64", (), np.array(5)),
    "five": ("int64", (False,), np.array([5, 3, 0, 2])),
    "twodims": ("int64", (False,), np.array([3, 2])),
}

TOPK = (
    "\n".join(
        [f"T.sort(T.topk(seven, {k}, sorted=False))" for k in (1, 2, 3, 7, -1, -2, -3, -7, 0, 8, -8, "n5", "-rank")]
        + [f"T.sort(T.argtopk(seven, {k}, sorted=False))" for k in (1, 2, -3, 7)]
        + [f"T.sort(T.topk(sixes, 2, axis={axis}, sorted=False), {axis})" for axis in (0, 1, -1, -2)]
    )
    + """
T.topk(sixes, 2, axis=None, sorted=False)
T.topk(seven, 2, sorted=False)
T.topk(seven, -2, sorted=False)
T.topk(sixes, 1, axis=0, sorted=False)
T.argtopk(sixes, -1, axis=1, sorted=False)
T.topk_and_argtopk(sixes, 1, sorted=False)
T.topk_and_argtopk(sixes, 3, sorted=False)
T.topk_and_argtopk(sixes, -1, axis=0, sorted=False, idx_dtype='int32')
T.topk_and_argtopk(row, 1, axis=0, sorted=False)
T.topk(seveni, 2, sorted=False)
T.argtopk(seveni, 1, sorted=False, idx_dtype='uint8')
T.topk(nans, 1, sorted=False)
T.topk(nans, -1, sorted=False)
T.topk(nans, -2, sorted=False)
T.topk(smallu, 2, sorted=False)
T.topk(u4, 1, sorted=False)
T.topk(h, 1, sorted=False)
T.topk(seven, 2)
T.topk(seven, 2, axis=3, sorted=False)
T.topk(seven, 2, axis='a', sorted=False)
T.topk(s, 1, sorted=False)
T.topk(seven, 2, sorted=False, idx_dtype='float32')
T.sort(x, s - 1.5)
T.sort(x, s)
T.argsort(x, T.constant(0.))
T.argsort(x, 0.5)
"""
)

EXTRA = (
    """
X.diff(v)
X.diff(v, 2)
X.diff(v, 0)
X.diff(v, 9)
X.diff(v, -1)
X.diff(x)
X.diff(x, axis=0)
X.diff(x, 1, -2)
X.diff(i1, axis=1)
X.diff(u1, axis=0)
X.diff(b, axis=1)
X.diff(f)
T.bincount(numbers)
T.bincount(small)
T.bincount(smallu)
T.bincount(numbers, minlength=7)
T.bincount(numbers, minlength=n5 + 3)
T.bincount(numbers, weights=grown)
T.bincount(numbers, weights=grown, minlength=9)
T.bincount(small, weights=grownf)
T.bincount(below)
T.bincount(below, assert_nonneg=True)
T.bincount(numbers, assert_nonneg=True)
T.bincount(x)
T.bincount(v)
X.searchsorted(grown, v)
X.searchsorted(grown, v, 'right')
X.searchsorted(grown, 2)
X.searchsorted(grown, s)
X.searchsorted(grown, x, side='right')
X.searchsorted(grown, numbers)
X.searchsorted(numbers, 2.5)
X.searchsorted(grownf, grown)
X.searchsorted(grownn, nans)
X.searchsorted(grownn, nans, 'right')
X.searchsorted(w, v, sorter=order)
X.searchsorted(w, v, sorter=order4)
X.searchsorted(w, v, sorter=v)
X.searchsorted(w, v, sorter=smallu)
X.searchsorted(grown, v, sorter=order)
X.searchsorted(grown, v, 'foo')
X.searchsorted(x, v)
X.searchsorted(s, v)
grown.searchsorted(v)
X.SearchsortedOp('right')(grown, v)
X.Unique()(nans)
X.Unique()(numbers)
X.Unique(True)(numbers)
X.Unique(False, True)(numbers)
X.Unique(False, False, True)(numbers)
X.Unique(True, True, True)(tie)
X.Unique(axis=1)(tie)
X.Unique(True, True, True, axis=-1)(tie)
X.Unique(axis=2)(tie)
X.Unique(axis=-3)(tie)
X.Unique(True, True, True, axis=1)(u1)
X.Unique()(s)
X.Unique()(u4)
X.Unique()(c)
X.Unique(axis=0)(e0)
X.Unique(True, True, True)(e0)
X.unravel_index(five, (2, 3))
X.unravel_index(five, (2, 3), order='F')
X.unravel_index(rank, (2, 3))
X.unravel_index(picks2, (3,))
X.unravel_index(five, twodims, ndim=2)
X.unravel_index(five, twodims)
X.unravel_index(five, x.shape)
X.unravel_index(five, (2, 2))
X.unravel_index(below, (2, 3))
X.unravel_index(smallu, (2, 3))
X.unravel_index(v, (2, 3))
X.unravel_index(five, (2., 3.))
X.unravel_index(five, picks2, ndim=2)
X.UnravelIndex(0)
X.UnravelIndex(2.0)
X.UnravelIndex(2, 'X')
X.ravel_multi_index((picks, order), (2, 3))
X.ravel_multi_index((picks, order), (2, 3), order='F')
X.ravel_multi_index((odd, order), (2, 3), mode='wrap')
X.ravel_multi_index((odd, order), (2, 3), mode='clip')
X.ravel_multi_index((odd, order), (2, 3))
X.ravel_multi_index((picks, order), twodims)
X.ravel_multi_index((rank, rank), (2, 3))
X.ravel_multi_index((picks2, order), (2, 3))
X.ravel_multi_index(picks, (2, 3))
X.ravel_multi_index((v, order), (2, 3))
X.ravel_multi_index((picks, order), (2., 3.))
X.ravel_multi_index((picks, order), (2, 3), mode='foo')
T.bartlett(n5)
T.bartlett(rank)
T.bartlett(T.constant(0))
T.bartlett(-n5)
T.bartlett(lab8[0])
T.bartlett(v)
T.bartlett(s)
T.fill_diagonal(x, s)
T.fill_diagonal(x, 3)
T.fill_diagonal(tall, s)
T.fill_diagonal(tall.T, s)
T.fill_diagonal(cube, s)
T.fill_diagonal(t, s)
T.fill_diagonal(f, s)
T.fill_diagonal(f, T.cast(s, 'float32'))
T.fill_diagonal(i1, 7)
T.fill_diagonal(i1, 1.5)
T.fill_diagonal(v, s)
T.fill_diagonal(x, v)
T.fill_diagonal(b, yes[0])
"""
    + "\n".join(
        [f"T.fill_diagonal_offset(tall, s, {k})" for k in (*range(-7, 7), "rank", "-n5")]
        + [f"T.fill_diagonal_offset(tall.T, s, {k})" for k in range(-7, 7)]
    )
    + """
T.fill_diagonal_offset(cube, s, 1)
T.fill_diagonal_offset(x, v, 1)
T.fill_diagonal_offset(x, s, s)
T.fill_diagonal_offset(x, s, numbers)
T.fill_diagonal_offset(f, s, 1)
T.fill_diagonal_offset(i1, 2, 1)
T.choose(picks, [v, w])
T.choose(picks, (v, w))
T.choose(picks, [v, w, v])
T.choose(odd, [v, w], mode='wrap')
T.choose(odd, [v, w], mode='clip')
T.choose(odd, [v, w])
T.choose(picks, x)
T.choose(picks2, x)
T.choose(picks2, t)
T.choose(picks, t)
T.choose(rank, x)
T.choose(rank, [v, w])
T.choose(picks2, [v, w])
T.choose(yes, x)
T.choose(smallu[:2], x[:, :2])
T.choose(v, x)
T.choose(picks, [v, f])
T.choose(picks, x, out=v)
T.choose(picks, x, mode='foo')
T.choose(picks2, [row, row])
picks.choose(x)
T.diagonal(t, 1)
T.diagonal(t, -1, 0, 2)
T.diagonal(t, 9)
T.diagonal(t, 0, 2, 1)
T.diagonal(x, -1)
T.diagonal(v)
T.diag(v)
T.diag(v, -2)
T.diag(x, 1)
T.diag(t)
T.diag(s)
T.AllocDiag()(x)
T.AllocDiag(1)(x)
T.AllocDiag(-1, 0, 2)(x)
T.AllocDiag(0, 2, 0)(x)
T.AllocDiag()(s)
T.ExtractDiag(1)(x)
T.ExtractDiag(0, 1, 2)(t)
X.cpu_contiguous(x.T)
X.compress(yes, v)
X.compress(picks[1:] * 0 + [1, 0], x, axis=0)
X.compress(yes, x, axis=1)
X.compress(picks, x)
X.squeeze(row)
X.repeat(x, 2)
X.repeat(x, 2, axis=0)
X.repeat(x, rank + 1, axis=1)
X.repeat(x, twodims, axis=0)
X.repeat(v, order)
X.repeat(x, v)
X.repeat(x, picks2)
X.repeat(u8, 2)
X.repeat(x, 2, axis=4)
X.RepeatOp(1)(x, 2)
X.RepeatOp()(x, 2)
X.RepeatOp(0)(x, twodims)
X.RepeatOp(0)(row, 1)
X.RepeatOp()(x, u8[0, 0])
X.CumOp(1, 'mul')(x)
"""
)

GROUPS = {"search": TOPK + EXTRA}
