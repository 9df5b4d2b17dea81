"""Shapes, patterns and axes: every expression of shape_cases.py against what the real Theano gave."""

import numpy as np
import pytest
import shape_replay as replay

GROUP = "shape"


@pytest.mark.parametrize("engine", ["numpy", *replay.ENGINES])
@pytest.mark.parametrize("line", replay.good(GROUP))
def test_value(line, engine):
    replay.check_value(GROUP, line, engine)


@pytest.mark.parametrize("engine", replay.ENGINES)
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


@pytest.mark.parametrize("line", [line for line in replay.cases.lines("known") if line not in replay.RICHER])
def test_known_while_building(line):
    recorded = replay.RECORDED["known"][line]
    if "build" in recorded:
        with pytest.raises(replay.classes(recorded["build"])):
            replay.evaluate(line)
        return
    ours, theirs = replay.evaluate(line), recorded["value"]
    if isinstance(theirs, int):
        assert ours == theirs
    else:
        replay.same(np.asarray(ours), theirs)


def test_known_lengths():
    assert replay.evaluate("T.get_vector_length(t.shape[::-1])") == 3
    assert replay.evaluate("T.get_vector_length(T.concatenate([x.shape, x.shape]))") == 4
    outputs, _ = replay.build("T.reshape(x, T.concatenate([x.shape[1:], x.shape[:1]]))")
    (value,) = replay.run(outputs, "script")
    np.testing.assert_array_equal(value, replay.cases.INPUTS["x"][2].reshape(3, 2))
