"""Cases for lists of values and for single numbers: see cases.py."""

import numpy as np
from op_case import FLOATS, Case, num

from tgraph.ops import scalar_types, typed_list
from tgraph.ops.typed_list import append, count, extend, getitem, index_, insert, length, make_list, remove, reverse

_PAIR = [num(2, 3), num(4, 5)]
_DTYPES = (*FLOATS, "int64")


def _case(name, covers, build, twin, **facts):
    return Case(name, covers, build, _PAIR, twin, dtypes=_DTYPES, host=_DTYPES, wrt=None, **facts)


# fmt: off
LISTS = [
    _case("make_list", typed_list.MakeList, lambda x, y: make_list((x, y))[0], lambda x, y: x),
    _case("list_item", typed_list.GetItem, lambda x, y: getitem(make_list((x, y))[::-1], 0), lambda x, y: y),
    _case("list_append", typed_list.Append, lambda x, y: append(make_list([x]), y)[1], lambda x, y: y),
    _case("list_extend", typed_list.Extend, lambda x, y: extend(make_list([x]), make_list([y]))[-1], lambda x, y: y),
    _case("list_insert", typed_list.Insert, lambda x, y: insert(make_list([x]), 0, y)[0], lambda x, y: y),
    _case("list_remove", typed_list.Remove, lambda x, y: remove(make_list((x, y)), x)[0], lambda x, y: y),
    _case("list_reverse", typed_list.Reverse, lambda x, y: reverse(make_list((x, y)))[0], lambda x, y: y),
    _case("list_index", typed_list.Index, lambda x, y: index_(make_list((x, y)), y), lambda x, y: np.array(1.0)),
    _case("list_count", typed_list.Count, lambda x, y: count(make_list((x, y, y)), y), lambda x, y: np.array(2.0)),
    _case("list_length", typed_list.Length, lambda x, y: length(make_list((x, y, x))), lambda x, y: np.array(3)),
    Case("tensor_from_scalar", scalar_types.TensorFromScalar,
         lambda x: scalar_types.tensor_from_scalar(scalar_types.scalar_from_tensor(x) * 3), [np.array(0.75)],
         lambda x: x * 3, dtypes=FLOATS),
    Case("scalar_from_tensor", scalar_types.ScalarFromTensor,
         lambda x: scalar_types.tensor_from_scalar(scalar_types.scalar_from_tensor(x)), [np.array(0.75)],
         lambda x: x, dtypes=FLOATS),
]
#: base classes
LIST_BASES = {typed_list._ListOp, typed_list._Changes}
# fmt: on
