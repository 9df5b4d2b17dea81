"""The k largest, searching, counting, choosing, diagonals: every expression of search_lines.py against what the
real Theano gave; and sizes that are known without the values."""

import numpy as np
import op_cases as cases
import op_replay as replay
import pytest

from tgraph.function import function

test_value, test_gradient, test_refused_when_built, test_refused_when_run = replay.suite("search")

#: the op that makes the value is not needed for the shape
SIZED = """
X.cumsum(x)
X.diff(x, 2)
X.diff(v, 9)
X.RepeatOp(1)(x, rank + 1)
X.RepeatOp()(x, 3)
X.RepeatOp(0)(x, twodims)
X.searchsorted(grown, x)
X.Unique(False, True)(x)[1]
X.Unique(False, True, axis=1)(x)[1]
X.unravel_index(picks2, (2, 3))[1]
X.unravel_index(rank, (2, 3))[0]
X.ravel_multi_index((picks2, order), (2, 3))
X.bartlett(n5)
X.bartlett(-n5)
X.fill_diagonal(x, s)
X.fill_diagonal_offset(x, s, rank)
X.cpu_contiguous(x.T)
T.choose(picks2, x)
T.choose(picks, [v, w])
T.topk_and_argtopk(x, 2, axis=0, sorted=False)[1]
T.topk(x, -rank, sorted=False)
T.sort(x)
T.diag(v, -2)
T.diagonal(t, 1)
T.diagonal(t, -1, 2, 0)
T.diagonal(x, 9)
T.AllocDiag(1, 0, 2)(x)
q[order, picks]
q[order.dimshuffle(0, 'x'), picks]
t[rank, :, picks]
t[picks2[:, :1], picks2]
X.bincount(numbers)
""".split("\n")[1:-1]
#: the shape is that of the value all the same
UNSIZED = """
q[order, 1:3]
q[1:, order]
q[q > 1]
x[yes[1:], :2]
X.Unique()(x)
X.Unique(True, axis=0)(x)[0]
""".split("\n")[1:-1]


@pytest.mark.parametrize("line", SIZED + UNSIZED)
def test_shape(line):
    (out,) = replay.build(line)
    leaves = replay.used([out])
    given = [np.array(cases.INPUTS[v.name][2]) for v in leaves]
    shape = function(leaves, out.shape, on_unused_input="ignore")
    np.testing.assert_array_equal(shape(*given), function(leaves, out)(*given).shape)
    made = [type(node.op) for node in shape.maker.fgraph.toposort()]
    assert (type(out.owner.op) in made) == (line in UNSIZED)
