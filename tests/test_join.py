"""Tensors put together and taken apart: expressions of shape_cases.py against what the real Theano gave."""

import pytest
import shape_replay as replay

GROUP = "join"


@pytest.mark.parametrize("engine", ["numpy", *replay.ENGINES, "compiled"])
@pytest.mark.parametrize("line", replay.good(GROUP))
def test_value(line, engine):
    replay.check_value(GROUP, line, engine)


@pytest.mark.parametrize("engine", [*replay.ENGINES, "compiled"])
@pytest.mark.parametrize("line", replay.with_gradient(GROUP))
def test_gradient(line, engine):
    replay.check_gradient(GROUP, line, engine)


@pytest.mark.parametrize("line", replay.with_gradient(GROUP))
def test_gradient_is_a_derivative(line):
    replay.check_differences(GROUP, line)


@pytest.mark.parametrize("line", replay.bad_to_build(GROUP))
def test_refused_when_built(line):
    with pytest.raises(replay.classes(replay.RECORDED[GROUP][line]["build"])):
        replay.build(line)


@pytest.mark.parametrize("line", replay.bad_to_run(GROUP))
def test_refused_when_run(line):
    outputs, _ = replay.build(line)
    recorded = replay.RECORDED[GROUP][line]
    assert [list(o.type.broadcastable) for o in outputs] == recorded["patterns"]
    with pytest.raises(replay.classes(recorded["run"])):
        replay.run_numpy(outputs)
    for engine in replay.ENGINES:
        with pytest.raises(replay.FAILURES):
            replay.run(outputs, engine)
