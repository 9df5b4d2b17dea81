"""Products: every expression of op_cases.py against what the real Theano gave."""

import op_replay as replay

test_value, test_gradient, test_refused_when_built, test_refused_when_run = replay.suite("linalg")
