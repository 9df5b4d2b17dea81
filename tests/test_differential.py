"""Random trials against numpy and across the engines. `make test` does 5,000, always the same ones;
`DIFFERENTIAL=200000 pytest tests/test_differential.py` does so many, new ones each time."""

import os
import warnings

import numpy as np
import pytest
import torch
from differential import WEIGHTS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tgraph.function import function
from tgraph.lowering import python_engine, script_engine
from tgraph.lowering.to_fx import lower
from tgraph.values import to_numpy, to_value

COUNT = int(os.environ.get("DIFFERENTIAL", "0"))
TRIALS = COUNT or 5000
#: what an engine raises before a failure is given the class of the numpy form
ERRORS = (ValueError, IndexError, RuntimeError, torch.jit.Error)

_compiled = {}


def forms(trial):
    """(the output variables, [(name, how to call it)]) of a trial, compiled once for its key and types."""
    xs = trial.variables()
    key = (trial.key, tuple(x.type for x in xs))
    if key not in _compiled:
        if len(_compiled) > 500:
            _compiled.clear()
        out = trial.build(*xs)
        outputs = list(out) if isinstance(out, (list, tuple)) else [out]
        program = lower(xs, outputs)
        f = function(xs, outputs, on_unused_input="ignore")
        _compiled[key] = outputs, [("function", f), *[(b.__name__, _direct(b.build(program)))
                                                      for b in (python_engine, script_engine)]]
    return _compiled[key]


def _direct(engine):
    return lambda *values: [np.array(to_numpy(r)) for r in engine(*[to_value(v) for v in values])]


def check(trial):
    kept = [v.copy() for v in trial.values]
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the mean of nothing
            expected = trial.numpy(*trial.values)
    except trial.raises as refusal:
        _, runs = forms(trial)
        for name, run in runs:
            with pytest.raises(type(refusal) if name == "function" else ERRORS):
                run(*trial.values)
        return
    expected = [np.asarray(e) for e in (expected if isinstance(expected, list) else [expected])]
    outputs, runs = forms(trial)
    for name, run in runs:
        results = run(*trial.values)
        assert len(results) == len(expected), name
        for result, wanted, output in zip(results, expected, outputs, strict=True):
            assert str(result.dtype) == output.type.dtype, name
            assert result.shape == wanted.shape, f"{name}: {result.shape}, numpy {wanted.shape}"
            same(result, wanted.astype(result.dtype), trial, name)
    for value, before in zip(trial.values, kept, strict=True):
        np.testing.assert_array_equal(value, before, err_msg="an argument was changed")


def same(result, wanted, trial, name):
    where = f"{name} {trial.key}"
    if result.dtype.kind not in "fc" or not result.size:
        np.testing.assert_array_equal(result, wanted, err_msg=where)
        return
    close = {"float16": 4e-3, "float32": 4e-6, "complex64": 4e-6}.get(str(result.dtype), 1e-12)
    scale = 0.0
    if trial.tolerance is not None:
        close = max(close, trial.tolerance)
        scale = max([1.0, *[float(np.abs(v[np.isfinite(v)]).max(initial=0.0)) for v in [*trial.values, wanted]]])
    np.testing.assert_allclose(result, wanted, rtol=close, atol=close * max(scale, 1.0), err_msg=where)


@pytest.mark.parametrize("family", WEIGHTS, ids=lambda f: f.__name__)
def test_numpy_and_the_engines_agree(family):
    """An example that fails is made small and printed."""

    @settings(max_examples=TRIALS * WEIGHTS[family] // sum(WEIGHTS.values()), deadline=None, database=None,
              derandomize=not COUNT, suppress_health_check=list(HealthCheck))
    @given(st.composite(family)())
    def trial(drawn):
        check(drawn)

    trial()
