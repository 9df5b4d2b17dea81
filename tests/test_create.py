"""New tensors: every expression of shape_cases.py against what the real Theano gave."""

import shape_replay as replay

#: the old gradient is no derivative: a size of 1 that the type does not promise, a length that changes
NO_DERIVATIVE = {"T.alloc(one, 2, 3)", "T.arange(0, s, 0.1)"}

test_value, test_gradient, test_gradient_is_a_derivative, test_refused_when_built, test_refused_when_run = (
    replay.suite("create", NO_DERIVATIVE))
