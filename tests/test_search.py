"""The k largest, searching, counting, choosing, diagonals: every expression of search_lines.py against what the
real Theano gave."""

import op_replay as replay

test_value, test_gradient, test_refused_when_built, test_refused_when_run = replay.suite("search")
