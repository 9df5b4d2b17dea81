"""Permutations of rows, covariance, assertions, older forms of ops, axes and dtypes of reductions, known numbers:
expressions for op_cases.py.

Permutations undone are of integers and float32 here: Theano's gradient of them is that of the other direction.
"""

import numpy as np

INPUTS = {
    "rowed": ("float64", (False, False), np.array([[1.5, -2.0, 0.25], [3.0, 0.5, -1.0]])),
    "rowedf": ("float32", (False, False), np.array([[1.5, -2.0, 0.25], [3.0, 0.5, -1.0]], "float32")),
    "rowedu": ("uint16", (False, False), np.array([[1, 2, 3], [30, 20, 10]], "uint16")),
    "rowedi": ("int32", (False, False), np.array([[4, 2, 3], [30, 20, 10]], "int32")),
    "turn": ("int64", (False,), np.array([2, 0, 1])),
    "turn4": ("int32", (False,), np.array([2, -3, -2], "int32")),
    "twice": ("int64", (False,), np.array([0, 0, 1])),
    "turns": ("int64", (False, False), np.array([[2, 0, 1], [1, 2, 0]])),
    "turns1": ("int64", (True, False), np.array([[2, 0, 1]])),
    "turns3": ("int64", (False, False, False), np.array([[[2, 0, 1], [1, 2, 0]], [[0, 1, 2], [2, 1, 0]]])),
    "short": ("int64", (False,), np.array([1, 0])),
    "beyond": ("int64", (False,), np.array([0, 3, 1])),
    "single": ("float64", (False,), np.array([1.0, -2.0, 4.0])),
    "big4": ("float32", (False,), np.array([89.0, -89.0, 88.9, 1.5, 0.0, 100.0, np.nan, -np.inf] * 6, "float32")),
    "big8": ("float64", (False,), np.array([710.3, -710.3, 709.5, 1.5, 0.0, 800.0, np.nan, -np.inf] * 6)),
    "flags": ("bool", (False,), np.array([True, False, True])),
    "nat": ("uint8", (False,), np.array([1, 0, 3], "uint8")),
    "whole": ("int8", (False,), np.array([1, 0, 3], "int8")),
    "halves": ("float16", (False, False), np.array([[1.5, 2.5], [60000.0, 60000.0]], "float16")),
    "two": ("int64", (), np.array(2)),
    "block": ("float64", (False, False, False), np.linspace(-1, 2, 24).reshape(2, 3, 4)),
    "reps": ("int64", (False,), np.array([2, 1])),
}

PIECES = """
T.permute_row_elements(rowed, turn)
T.permute_row_elements(rowed, turn4)
T.permute_row_elements(rowedf, turn, 1)
T.permute_row_elements(rowedf, turn4, True)
T.permute_row_elements(rowed, turns)
T.permute_row_elements(rowedf, turns, 1)
T.permute_row_elements(rowed, turns1)
T.permute_row_elements(rowed, turns3)
T.permute_row_elements(single, turns)
T.permute_row_elements(turn, turns, 1)
T.permute_row_elements(turn, twice)
T.permute_row_elements(rowedf, turn)
T.permute_row_elements(rowedu, turns)
T.permute_row_elements(rowedi, turns, 1)
T.permute_row_elements(rowed, short)
T.permute_row_elements(rowed, beyond)
T.permute_row_elements(rowed, single)
T.inverse_permutation(turn)
T.inverse_permutation(turns)
T.inverse_permutation(turns3)
T.cov(rowed)
T.cov(rowed, rowvar=False)
T.cov(rowed, rowed * rowed)
T.cov(rowed, rowed, rowvar=False, bias=True)
T.cov(rowed, ddof=0)
T.cov(rowed, bias=True, ddof=2)
T.cov(rowedi)
T.cov(rowedf)
T.cov(single)
T.cov(rowed, fweights=[1, 2, 3])
T.opt.Assert('no')(rowed, T.gt(single.sum(), 0))
T.opt.Assert('no')(rowed, T.gt(single.sum(), 0), two)
T.opt.Assert('no')(rowed, T.lt(single.sum(), 0))
T.opt.Assert('no')(single, two, two - 2)
T.opt.Assert('no')(single, single > 0)
T.opt.Assert('no')(single)
T.opt.Assert('no')(2.5, two)
T.basic.Flatten(1)(block)
T.basic.Flatten(2)(block)
T.basic.Flatten(3)(block)
T.basic.Flatten(4)(block)
T.basic.Flatten(1)(two)
T.basic.Tile(2)(single, reps)
T.basic.Tile(2)(rowed, reps)
T.basic.Tile(1)(rowed, reps)
T.basic.Mean()(block)
T.basic.Mean(1)(block)
T.basic.Mean(0)(rowedi)
T.basic.Mean(0)(rowedf)
T.mean(single, op=True)
T.mean(rowedi, axis=[])
T.mean(rowedf, axis=())
T.mean(flags, axis=[])
T.mean(halves)
T.mean(halves, axis=1, dtype='float16')
T.mean(rowed, dtype='float16')
T.mean(halves, dtype='float32')
T.sum(whole, dtype='uint8', acc_dtype='uint64')
T.sum(nat, acc_dtype='int8')
T.sum(nat, acc_dtype='int16')
T.prod(whole, acc_dtype='int32')
T.prod(whole, acc_dtype='float64')
T.sum(flags, acc_dtype='uint8')
T.max(rowed, axis=True)
T.argmax(rowed, axis=(1.0,))
T.max(rowed, axis=T.constant(1))
T.max(rowed, axis=T.NoneConst)
T.max_and_argmax(rowed, axis=T.NoneConst)
E.ProdWithoutZeros(axis=0)(whole)
E.ProdWithoutZeros(dtype='float32')(nat)
E.CAReduceDtype(E.mul_without_zeros, axis=0)(whole)
T.cosh(big4)
T.sinh(big4)
T.cosh(big8)
T.sinh(big8)
T.tile(rowed, reps, ndim=1)
T.tile(rowed, reps, ndim=3)
T.tile(single, turn, ndim=2)
T.constant(T.get_scalar_constant_value(T.constant([[1, 2], [3, 4]])[1, 0]))
T.constant(T.get_scalar_constant_value(T.constant([[1, 2], [3, 4]])[-1, -2]))
T.constant(T.get_scalar_constant_value(T.opt.Assert()(T.constant(2), 1)))
T.constant(T.get_scalar_constant_value(T.opt.Assert()(T.constant(2), 0)))
T.constant(T.get_scalar_constant_value(T.opt.Assert()(T.constant(2), two)))
T.constant(T.get_scalar_constant_value('a'))
T.constant(T.get_scalar_constant_value(None))
single[T.make_slice(0, two)]
rowed[T.make_slice(slice(None, None, -1)), T.make_slice(two - 1, two)]
rowed[T.make_slice(1, None), [0, 2]]
single[T.SliceConstant(T.slicetype, slice(1, np.array(3)))]
rowed[T.NoneConst, 1]
T.make_slice(0.5, two)
T.default(single, T.constant([1.0]))
T.default(single, single + 1)
"""

GROUPS = {"pieces": PIECES}
