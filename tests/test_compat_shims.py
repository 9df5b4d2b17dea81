"""What stands behind legacy names that are not tgraph's own. Values were seen under the real Theano."""

import pickle
import sys

import numpy as np
import pytest

from tgraph.compat.shims import cuda, imp_names, odds, old_pickles, old_python, remnants, six_names, unittest_tools
from tgraph.config import ConfigWarning, change_flags, config


@pytest.mark.parametrize(
    ("value", "dtype", "expected", "kind"),
    [
        ([1, 2], "float32", [1, 2], "float32"),
        (np.ones(2), "floatX", [1, 1], "float64"),
        (300, "int8", 44, "int8"),
        ([1.5], "int32", [1], "int32"),
        (np.ones(2), np.float32, [1, 1], "float32"),
    ],
)
def test_asarray(value, dtype, expected, kind):
    out = odds._asarray(value, dtype=dtype)
    assert isinstance(out, np.ndarray)
    assert out.dtype == kind
    assert out.tolist() == expected


def test_asarray_keeps_what_fits():
    x = np.ones(3)
    assert odds._asarray(x, dtype="float64") is x
    with change_flags(floatX="float32"):
        assert odds._asarray(x, dtype="floatX").dtype == np.float32


@pytest.mark.parametrize("distance", [1e-3, 1e-4, 1e-5, 1e-6, 1e-9])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_assert_allclose_has_the_old_tolerances(dtype, distance):
    a, b = np.ones(3, dtype), (np.ones(3) + distance).astype(dtype)
    if distance > 2e-5:
        with pytest.raises(unittest_tools.WrongValue, match="Max Abs Diff") as caught:
            unittest_tools.assert_allclose(a, b)
        assert "rtol, atol" in str(caught.value)
    else:
        assert unittest_tools.assert_allclose(a, b) is None


def test_assert_allclose_looks_at_shapes_and_survives_strings():
    with pytest.raises(unittest_tools.WrongValue):
        unittest_tools.assert_allclose(np.ones(3), np.ones((3, 1)))
    assert "no difference" in unittest_tools.str_diagnostic(np.array(["a"]), np.ones(2), None, None)


def test_seeds():
    assert unittest_tools.fetch_seed() == 666
    assert unittest_tools.fetch_seed(3) == 3
    assert unittest_tools.seed_rng(5) == 5
    assert np.random.rand() == 0.22199317108973948
    with change_flags({"unittests.rseed": "random"}):
        assert unittest_tools.fetch_seed() is None


def test_attempt_many_times():
    runs = []

    @unittest_tools.AttemptManyTimes(3, 2)
    def test():
        runs.append(config.unittests.rseed)
        if len(runs) < 2:
            raise ValueError

    test()
    assert runs == ["666", "667", "668"]
    assert config.unittests.rseed == "666"

    @unittest_tools.AttemptManyTimes(3, 2)
    def fails():
        raise KeyError

    with pytest.raises(KeyError):
        fails()


def test_mock_random_state():
    mock = unittest_tools.MockRandomState(3)
    assert mock.rand(2, 2).tolist() == [[3, 3], [3, 3]]
    assert mock.randint(1, size=2).dtype == np.int64


def test_verify_grad_and_shapes_of_the_old_helpers():
    unittest_tools.verify_grad(lambda x: (x * x).sum(), [np.array([1.0, -2.0])])

    class Test(unittest_tools.InferShapeTester):
        def runTest(self):
            from tgraph import tensor as tt

            x = tt.dmatrix("x")
            self._compile_and_check([x], [x.T, x.sum(axis=0)], [np.ones((2, 3))], object)

    Test().debug()


def test_containers():
    frozen = remnants.frozendict(a=1)
    assert hash(frozen) == hash(remnants.frozendict(a=1))
    assert frozen.copy(b=2) == {"a": 1, "b": 2}
    assert repr(frozen) == "<frozendict {'a': 1}>"
    with pytest.raises(TypeError, match="item assignment"):
        frozen["a"] = 2
    ordered = remnants.OrderedSet("cab")
    ordered.add("a")
    ordered.update("xc")
    ordered.discard("nothing")
    ordered.remove("b")
    assert list(ordered) == ["c", "a", "x"]
    assert list(reversed(ordered)) == ["x", "a", "c"]
    assert "c" in ordered
    with pytest.raises(TypeError, match="no order"):
        assert ordered == {"a", "c", "x"}
    with pytest.raises(AssertionError):
        remnants.OrderedSet({"a", "b"})
    assert ordered != remnants.OrderedSet("acx")
    assert (ordered.pop(), ordered.pop(last=False), len(ordered)) == ("x", "c", 1)
    default = old_python.DefaultOrderedDict(list)
    default["b"].append(1)
    default["a"].append(2)
    assert list(default) == ["b", "a"]
    assert pickle.loads(pickle.dumps(default)) == default
    assert default.copy()["new"] == []


def test_locks_and_odds():
    odds.get_lock(lock_dir="x")
    with odds.lock_ctx():
        odds.release_lock()
    assert remnants.render_string("a %(b)s", {"b": 1}) == "a 1"
    with pytest.raises(Exception, match="<<<< caused exception 'b'"):
        remnants.render_string("a %(b)s", {})
    assert remnants.may_share_memory(np.ones(3), np.ones(3)) is False
    with pytest.raises(TypeError, match="only ndarray"):
        remnants.may_share_memory(1, 2)
    assert old_python.cmp(1, 2) == -1
    assert old_python.exc_message(ValueError("x")) == "x"


def test_using_the_old_gpu_sets_the_device():
    with pytest.warns(ConfigWarning, match="gpu0"):
        cuda.use("gpu0")
    assert config.device == "cuda0"
    with pytest.warns(ConfigWarning, match="stay"):
        cuda.unuse()
    assert config.device == "cpu"


def test_six_without_six(monkeypatch):
    monkeypatch.setitem(sys.modules, "six", None)
    monkeypatch.setitem(sys.modules, "six.moves", None)
    with pytest.raises(AttributeError, match="install six"):
        six_names.nosuch
    with pytest.raises(AttributeError, match="install six"):
        six_names.moves.nosuch

    class Meta(type):
        pass

    class A(six_names.with_metaclass(Meta, dict)):
        pass

    @six_names.add_metaclass(Meta)
    class B:
        x = 1

    assert type(A) is type(B) is Meta
    assert A.__mro__[1] is dict
    assert (B.x, six_names.PY3, six_names.u("a"), six_names.b("a")) == (1, True, "a", b"a")
    with pytest.raises(ValueError, match="x"):
        six_names.reraise(ValueError, ValueError("x"))
    assert list(six_names.moves.xrange(2)) == [0, 1]
    assert six_names.moves.cPickle is old_pickles


def test_old_pickles_keep_what_is_asked():
    raw = b"U\x04caf\xe9."
    assert old_pickles.loads(raw) == "café"
    assert old_pickles.loads(raw.decode("latin-1")) == "café"
    assert old_pickles.loads(raw, encoding="bytes") == b"caf\xe9"
    with pytest.raises(UnicodeDecodeError):
        old_pickles.loads(raw, encoding="ascii")
    with pytest.raises(pickle.UnpicklingError):
        old_pickles.loads(b"no pickle")


def test_imp(tmp_path):
    (tmp_path / "one.py").write_text("x = 1\n")
    assert imp_names.load_source("one_source", str(tmp_path / "one.py")).x == 1
    file, path, description = imp_names.find_module("one", [str(tmp_path)])
    with file:
        assert imp_names.load_module("one_found", file, path, description).x == 1
    with pytest.raises(ImportError, match="two"):
        imp_names.find_module("two", [str(tmp_path)])
