"""Tensors put together and taken apart: expressions of shape_cases.py against what the real Theano gave."""

import shape_replay as replay

test_value, test_gradient, test_gradient_is_a_derivative, test_refused_when_built, test_refused_when_run = (
    replay.suite("join"))
