"""`theano.tests.unittest_tools`: what the tests of old projects import."""

from __future__ import annotations

import copy
import functools
import unittest
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tgraph.compat.shims.odds import _allclose
from tgraph.config import config
from tgraph.derivatives import verify_grad as compare_gradients
from tgraph.errors import GradientError
from tgraph.function import function

__all__ = [
    "AttemptManyTimes",
    "InferShapeTester",
    "MockRandomState",
    "SkipTest",
    "T_OpContractMixin",
    "TestOptimizationMixin",
    "WrongValue",
    "assertFailure_fast",
    "assert_allclose",
    "assert_raises",
    "attr",
    "custom_name_func",
    "fetch_seed",
    "seed_rng",
    "str_diagnostic",
    "verify_grad",
]

SkipTest = unittest.SkipTest
assert_raises = unittest.TestCase("__init__").assertRaises


def fetch_seed(pseed: Any = None) -> Any:
    """`pseed` if given, else the flag unittests.rseed: an int, or None (a random seed) for "random"."""
    chosen = pseed or config.unittests.rseed
    return None if chosen == "random" else int(chosen)


def seed_rng(pseed: Any = None) -> Any:
    """Seed numpy's global generator with `fetch_seed(pseed)`, which is returned."""
    chosen = fetch_seed(pseed)
    np.random.seed(chosen)
    return chosen


def verify_grad(
    op: Callable, pt: Sequence, n_tests: int = 2, rng: Any = None, *args: Any, **kwargs: Any
) -> None:
    """Compare the gradient of `op` at `pt` with differences; GradientError if they disagree."""
    if rng is None:
        seed_rng()
        rng = np.random
    compare_gradients(op, pt, n_tests, rng, *args, **kwargs)


verify_grad.E_grad = GradientError  # type: ignore[attr-defined]


class WrongValue(Exception):
    """Two arrays that should agree do not; printing it shows both and how far apart they are."""

    def __init__(self, expected_val: Any, val: Any, rtol: float | None, atol: float | None) -> None:
        super().__init__(expected_val, val, rtol, atol)
        self.val1, self.val2, self.rtol, self.atol = expected_val, val, rtol, atol

    def __str__(self) -> str:
        return "WrongValue\n" + str_diagnostic(self.val1, self.val2, self.rtol, self.atol)


def str_diagnostic(expected: Any, value: Any, rtol: float | None, atol: float | None) -> str:
    """Both arrays, and the largest and mean differences where the shapes agree."""
    lines = []
    for label, array in (("Expected", np.asarray(expected)), ("Value", np.asarray(value))):
        lines.append(f"  {label}: shape {array.shape}, {array.dtype}\n{array}")
    with np.errstate(all="ignore"):
        try:
            apart = np.abs(np.asarray(expected) - np.asarray(value))
            lines.append(f"  Max Abs Diff: {apart.max()}, Mean Abs Diff: {apart.mean()}")
            lines.append(f"  Max Rel Diff: {(apart / np.maximum(np.abs(expected), np.abs(value))).max()}")
        except (TypeError, ValueError) as e:
            lines.append(f"  no difference can be formed: {e}")
    return "\n".join([*lines, f"  rtol, atol: {rtol} {atol}"])


def assert_allclose(expected: Any, value: Any, rtol: float | None = None, atol: float | None = None) -> None:
    """WrongValue unless the arrays have one shape and agree within tolerances that fit their dtypes."""
    if np.shape(expected) != np.shape(value) or not _allclose(expected, value, rtol, atol):
        raise WrongValue(expected, value, rtol, atol)


def assertFailure_fast(f: Callable) -> Callable:
    """Kept for its name: optimisations that it took care of are always on, so the test runs as it is."""
    return f


class AttemptManyTimes:
    """Decorates a test that may fail by chance: `n_req_successes` of at most `n_attempts` runs must pass."""

    def __init__(self, n_attempts: int, n_req_successes: int = 1) -> None:
        if n_attempts < n_req_successes:
            raise ValueError("n_attempts must be at least n_req_successes")
        self.n_attempts, self.n_req_successes = n_attempts, n_req_successes

    def __call__(self, fct: Callable) -> Callable:
        @functools.wraps(fct)
        def attempts(*args: Any, **kwargs: Any) -> None:
            old = config.unittests.rseed
            passed, failed = 0, 0
            try:
                while passed < self.n_req_successes:
                    try:
                        fct(*args, **kwargs)
                        passed += 1
                    except Exception:
                        failed += 1
                        if failed > self.n_attempts - self.n_req_successes:
                            raise
                    if config.unittests.rseed != "random":
                        config.unittests.rseed = str(int(config.unittests.rseed) + 1)
            finally:
                config.unittests.rseed = old

        return attempts


class MockRandomState:
    """A generator whose every number is `val`."""

    def __init__(self, val: Any) -> None:
        self.val = val

    def rand(self, *shape: int) -> np.ndarray:
        return np.zeros(shape, dtype="float64") + self.val

    def randint(self, minval: int, maxval: int | None = None, size: Any = 1) -> np.ndarray:
        return np.zeros(size, dtype="int64") + self.val


class InferShapeTester(unittest.TestCase):
    """Base of tests that shapes computed symbolically are those of the values."""

    def setUp(self) -> None:
        seed_rng()

    def _compile_and_check(
        self,
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        numeric_inputs: Sequence[Any],
        cls: Any,
        excluding: Any = None,
        warn: bool = True,
        check_topo: bool = True,
    ) -> None:
        """Compare `outputs[i].shape` as a graph with the shape of `outputs[i]` as a value."""
        values = function(list(inputs), list(outputs), on_unused_input="ignore")
        shapes = function(list(inputs), [out.shape for out in outputs], on_unused_input="ignore")
        got = shapes(*copy.deepcopy(list(numeric_inputs)))
        for value, shape in zip(values(*copy.deepcopy(list(numeric_inputs))), got, strict=True):
            np.testing.assert_array_equal(np.shape(value), shape)


class TestOptimizationMixin:
    """Assertions on what is left in a compiled function's graph."""

    SkipTest = SkipTest
    __test__ = False

    def assertFunctionContains(self, f: Any, op: Any, min: int = 1, max: float = float("inf")) -> None:
        matches = [node for node in f.maker.fgraph.toposort() if node.op == op]
        assert min <= len(matches) <= max, f"{len(matches)} times {op}"

    def assertFunctionContains0(self, f: Any, op: Any) -> None:
        self.assertFunctionContains(f, op, min=0, max=0)

    def assertFunctionContains1(self, f: Any, op: Any) -> None:
        self.assertFunctionContains(f, op, min=1, max=1)

    def assertFunctionContainsN(self, f: Any, op: Any, N: int) -> None:
        self.assertFunctionContains(f, op, min=N, max=N)

    def assertFunctionContainsClass(self, f: Any, op: type, min: int = 1, max: float = float("inf")) -> None:
        matches = [node for node in f.maker.fgraph.toposort() if isinstance(node.op, op)]
        assert min <= len(matches) <= max, f"{len(matches)} times {op}"

    def assertFunctionContainsClassN(self, f: Any, op: type, N: int) -> None:
        self.assertFunctionContainsClass(f, op, min=N, max=N)


class T_OpContractMixin:
    """Tests that every op in `self.ops` equals its copies, and that its hash and name go with that.

    A test class gives `ops`, `clone(op)` and `other_op`.
    """

    __test__ = False
    other_op: Any = None
    ops: Sequence[Any] = ()

    def copy(self, x: Any) -> Any:
        return copy.copy(x)

    def deepcopy(self, x: Any) -> Any:
        return copy.deepcopy(x)

    def clone(self, op: Any) -> Any:
        raise NotImplementedError("return a new instance that is like `op`")

    def _twins(self, op: Any) -> list[Any]:
        return [op, self.copy(op), self.deepcopy(op), self.clone(op)]

    def test_eq(self) -> None:
        for i, op in enumerate(self.ops):
            assert all(op == twin for twin in self._twins(op))
            assert op != self.other_op
            assert not any(op == other for other in self.ops[i + 1 :])

    def test_hash(self) -> None:
        for op in self.ops:
            assert len({hash(twin) for twin in self._twins(op)}) == 1

    def test_name(self) -> None:
        for op in self.ops:
            assert len({str(op), *map(str, self._twins(op))}) == 1


def attr(*tags: str, **values: Any) -> Callable:
    """Marks on tests that an old test runner read; here they change nothing."""
    return lambda test: test


def custom_name_func(testcase_func: Callable, param_num: int, param: Any) -> str:
    """A test's name with its parameters in it, for `parameterized`."""
    values = "_".join(str(arg) for arg in getattr(param, "args", ()))
    return f"{testcase_func.__name__}_{param_num}_{values}"
