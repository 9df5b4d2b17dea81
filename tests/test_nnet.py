"""Neural network functions: every expression of op_cases.py against what the real Theano gave."""

import op_replay as replay
import pytest

GROUP = "nnet"
ENGINES = ["numpy", "py", "script", "function"]


@pytest.mark.parametrize("line", replay.good(GROUP))
def test_value(line):
    replay.check_value(GROUP, line, ENGINES)


@pytest.mark.parametrize("line", replay.with_gradient(GROUP))
def test_gradient(line):
    replay.check_gradient(GROUP, line, ENGINES)


@pytest.mark.parametrize("line", replay.bad_to_build(GROUP))
def test_refused_when_built(line):
    with pytest.raises(replay.classes(replay.RECORDED[GROUP][line]["build"])):
        replay.build(line)


@pytest.mark.parametrize("line", replay.bad_to_run(GROUP))
def test_refused_when_run(line):
    replay.check_refused_to_run(GROUP, line)
