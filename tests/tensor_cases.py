"""Permutations of rows, assertions, slices and older forms of ops: their lines in the table of ops (cases.py)."""

import numpy as np
from op_case import FLOATS, Case, ints, num

import tgraph.tensor as T
from tgraph.ops import assertion, barriers, disk, join, permute, python_values, reduce, shape

_X23, _T234 = num(2, 3), num(2, 3, 4)

# fmt: off
TENSORS = [
    Case("permute_row_elements", permute.PermuteRowElements, lambda x, p: T.permute_row_elements(x, p),
         [_X23, np.array([[2, 0, 1], [1, 2, 0]])], lambda x, p: np.take_along_axis(x, p, 1), wrt=(0,)),
    Case("permute_row_elements_one", permute.PermuteRowElements, lambda x, p: T.permute_row_elements(x, p),
         [_X23, ints(2, 0, 1)], lambda x, p: x[:, p], wrt=(0,)),
    Case("permute_row_elements_back", permute.PermuteRowElements, lambda x, p: T.permute_row_elements(x, p, 1),
         [num(3), np.array([[2, 0, 1], [1, 2, 0]])], lambda x, p: x[np.argsort(p, 1)], wrt=(0,)),
    Case("assert", assertion.Assert, lambda x: T.Assert("few")(x, T.gt(x.shape[0], 1)), [_X23], lambda x: x),
    Case("view_op", barriers.ViewOp, lambda x: barriers.view_op(x) * 1, [_X23], lambda x: x * 1),
    Case("output_guard", barriers.OutputGuard, lambda x: barriers.OutputGuard()(x) * 1, [_X23], lambda x: x * 1),
    Case("deep_copy_op", barriers.DeepCopyOp, lambda x: barriers.deep_copy_op(x) * 1, [_X23], lambda x: x * 1),
    Case("flatten_op", shape.Flatten, lambda x: shape.Flatten(2)(x), [_T234], lambda x: x.reshape(x.shape[0], -1)),
    Case("tile_op", join.Tile, lambda x, r: join.Tile(3)(x, r), [_X23, ints(2, 1, 3)], np.tile, wrt=(0,),
         host=("float64", "float32", "int64", "int8", "bool")),
    Case("mean_op", reduce.Mean, lambda x: reduce.Mean(1)(x), [_T234], lambda x: x.mean(1, dtype="float64"),
         dtypes=(*FLOATS, "int64", "int8")),
    Case("mean_op_all", reduce.Mean, lambda x: reduce.Mean()(x), [_X23], lambda x: x.mean(dtype="float64"),
         dtypes=(*FLOATS, "int64", "int8")),
]
# fmt: on
#: no values of theirs stand alone in a function of tensors: see test_tensor_pieces.py
APART = {assertion.Raise, disk.LoadFromDisk, python_values.Default, python_values.MakeSlice, barriers._Same}
