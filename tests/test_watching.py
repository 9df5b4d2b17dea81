"""MonitorMode, NanGuardMode and DebugMode."""

import pickle

import numpy as np
import pytest

import tgraph.tensor as tt
from tgraph.config import change_flags
from tgraph.debug_mode import BadThunkOutput, DebugMode, InvalidValueError
from tgraph.function import function
from tgraph.grad import grad
from tgraph.graph import Apply, Op
from tgraph.loops import scan
from tgraph.modes import Mode
from tgraph.shared import shared
from tgraph.types import TensorType
from tgraph.watching import MonitorMode, NanGuardMode, detect_nan

x = TensorType("float64", (False,))("x")


def test_monitor_mode(capsys):
    seen = []
    mode = MonitorMode(
        pre_func=lambda i, node, fn: seen.append(("pre", i, [c[0].copy() for c in fn.inputs], fn.outputs)),
        post_func=lambda i, node, fn: seen.append(
            ("post", i, str(node.op), [c[0].copy() for c in fn.outputs])
        ),
        optimizer=None,
    )
    f = function([x], tt.exp(x) * x, mode=mode)
    np.testing.assert_allclose(f([0.0, 1.0]), [0, np.e])
    assert [s[:2] for s in seen] == [("pre", 0), ("post", 0), ("pre", 1), ("post", 1)]
    np.testing.assert_array_equal(seen[0][2][0], [0, 1])
    assert seen[0][3] == [[None]]
    np.testing.assert_allclose(seen[3][3][0], [0, np.e])
    assert mode.excluding("fusion").post_func is mode.post_func
    g = function([x], tt.log(x) * x, mode=MonitorMode(post_func=detect_nan, optimizer=None))
    with np.errstate(all="ignore"):
        g([0.0])
    assert "*** NaN detected ***" in capsys.readouterr().out


def test_nan_guard_mode():
    w = shared(np.ones(2))
    f = function([x], tt.exp(x) * w, mode=NanGuardMode())
    np.testing.assert_allclose(f([0.0, 0.0]), [1, 1])
    for value, text in [(np.nan, "NaN detected"), (np.inf, "Inf detected"), (1e11, "Big value detected")]:
        with pytest.raises(AssertionError, match=text) as caught:
            f([0.0, value])
        assert "in an input of the graph" in str(caught.value)
        assert f'File "{__file__}"' in str(caught.value)
    with pytest.raises(AssertionError, match="Inf detected") as caught:
        f([0.0, 1000.0])
    assert "in the output of a node" in str(caught.value)
    np.testing.assert_array_equal(
        function([x], x, mode=NanGuardMode(inf_is_error=True, nan_is_error=False))([1.0]), 1
    )
    with pytest.raises(AssertionError):
        NanGuardMode(False, False, False)
    with change_flags(**{"NanGuardMode.action": "warn"}):
        f([0.0, 1000.0])
    assert function([x], x + 1, mode="NanGuardMode")([1.0]) == [2]


class Lying(Op):
    """Its torch form is wrong, or gives another dtype than it promised."""

    __props__ = ("dtype",)

    def __init__(self, dtype):
        self.dtype = dtype

    def make_node(self, v):
        return Apply(self, [v], [v.type()])

    def compute(self, node, v):
        return v + 1

    def lower(self, node, ctx, v):
        return ctx.cast(v + 2, self.dtype)


def test_debug_mode():
    f = function([x], tt.exp(x).sum() * x, mode="DebugMode")
    np.testing.assert_allclose(f([0.0, 1.0]), [0, 1 + np.e])
    with pytest.raises(BadThunkOutput, match="torch gives"):
        function([x], Lying("float64")(x), mode=DebugMode())([1.0])
    with pytest.raises(InvalidValueError, match="float32"):
        function([x], Lying("float32")(x), mode=DebugMode())([1.0])
    with pytest.raises(InvalidValueError, match="not finite"):
        function([x], tt.exp(x), mode=DebugMode())([1000.0])
    assert function([x], tt.exp(x), mode=DebugMode(check_isfinite=False))([1000.0]) == np.inf


def test_these_modes_are_modes():
    for mode in (DebugMode(), NanGuardMode(big_is_error=False), MonitorMode()):
        assert isinstance(mode, Mode)
        twin = pickle.loads(pickle.dumps(mode))
        assert type(twin) is type(mode)
        assert twin.settings == mode.settings
        assert function([x], x + 1, mode=twin)([1.0]) == [2]
        assert mode.including("fusion").settings == mode.settings


@pytest.mark.parametrize("outer", ["FAST_RUN", "FAST_COMPILE", "DebugMode"])
def test_the_mode_of_a_loop_looks_at_every_step(outer, tmp_path):
    seen = []
    mode = MonitorMode(post_func=lambda i, node, fn: seen.extend(cell[0] for cell in fn.outputs))
    n = tt.lscalar("n")
    powers, _ = scan(lambda p, x: p * x, outputs_info=tt.ones_like(x), non_sequences=x, n_steps=n, mode=mode)
    f = function([x, n], [powers[-1], grad(powers[-1].sum(), x)], mode=outer)
    value, slope = f([2.0, 3.0], 3)
    np.testing.assert_array_equal(value, [8, 27])
    np.testing.assert_array_equal(slope, [12, 27])
    assert sum(np.array_equal(v, [4, 9]) for v in seen) >= 1
    f.export(tmp_path / "model.pt")  # which needs no Python: nobody looks there


def test_a_loop_is_guarded():
    for mode in (NanGuardMode(True, True, True), "NanGuardMode"):
        roots, _ = scan(lambda row: tt.sqrt(row) + 1, sequences=x, outputs_info=None, mode=mode)
        running, _ = scan(lambda row, s: tt.log(s) + row, sequences=x, outputs_info=x[0], mode=mode)
        f, g = function([x], roots), function([x], running)
        np.testing.assert_array_equal(f([4.0, 9.0]), [3, 4])
        with pytest.raises(AssertionError, match=r"Inf detected|NaN detected"):
            g([0.0, 1.0])
    with change_flags(mode="NanGuardMode"):
        running, _ = scan(lambda row, s: tt.log(s) + row, sequences=x, outputs_info=x[0])
    with pytest.raises(AssertionError, match=r"Inf detected|NaN detected"):
        function([x], running, mode="FAST_RUN")([0.0, 1.0])
