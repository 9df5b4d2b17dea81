"""New tensors: every expression of shape_cases.py against what the real Theano gave."""

import numpy as np
import pytest
import shape_replay as replay

import tgraph.tensor as T
from tgraph.function import function
from tgraph.shared import shared

#: the old gradient is no derivative: a size of 1 that the type does not promise, a length that changes
NO_DERIVATIVE = {"T.alloc(one, 2, 3)", "T.arange(0, s, 0.1)"}

test_value, test_gradient, test_gradient_is_a_derivative, test_refused_when_built, test_refused_when_run = (
    replay.suite("create", NO_DERIVATIVE))


@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE"])
def test_none_for_the_columns_means_square(mode):
    n, m, k = T.iscalars("n", "m", "k")
    x = shared(np.arange(9.0).reshape(3, 3))
    f = function([n, m, k], [T.eye(n, m, k), 2 * T.tri(n, m, k)], updates=[(x, x + T.eye(n, m, k))], mode=mode)
    for a, b in zip(f(3, None, 1), [np.eye(3, None, 1), 2 * np.tri(3, None, 1)], strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(x.get_value(), np.arange(9.0).reshape(3, 3) + np.eye(3, k=1))
    np.testing.assert_array_equal(T.eye(3, None, 1).eval(), np.eye(3, k=1))
    with pytest.raises((AttributeError, ValueError), match="None"):
        f(None, 3, 0)
