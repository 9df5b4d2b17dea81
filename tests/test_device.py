"""config.device: where shared floats live, and what happens without a GPU."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import tgraph as tg
from tgraph.config import ConfigWarning, change_flags
from tgraph.shared import usable

ROOT = Path(__file__).parent.parent


@pytest.fixture
def gpus(monkeypatch):
    """Let torch say that it sees so many GPUs."""

    def see(count):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)

    usable.cache_clear()
    yield see
    usable.cache_clear()


def test_names(gpus):
    gpus(2)
    assert [usable(name) for name in ("cpu", "", "cuda", "cuda0", "cuda1")] == [
        "cpu",
        "cpu",
        "cuda",
        "cuda",
        "cuda:1",
    ]


@pytest.mark.parametrize(("count", "name"), [(0, "cuda"), (0, "cuda0"), (1, "cuda1")])
def test_without_such_a_gpu_the_cpu_is_used_with_one_warning(gpus, count, name):
    gpus(count)
    with pytest.warns(ConfigWarning, match=f"device={name}: torch sees no such GPU") as caught:
        assert usable(name) == "cpu"
    assert caught[0].filename == __file__  # the line of the user, not ours
    assert usable(name) == "cpu"  # warnings are errors in these tests: a second one would show


def test_force_device(gpus):
    gpus(0)
    from tgraph.config import config

    config.__dict__["force_device"] = True
    try:
        with pytest.raises(RuntimeError, match="cannot be used"):
            usable("cuda")
    finally:
        config.__dict__["force_device"] = False


def test_functions_and_shared_variables_work_all_the_same(gpus):
    gpus(0)
    with change_flags(device="cuda"):
        with pytest.warns(ConfigWarning, match="the CPU is used"):
            s = tg.shared(np.ones(3), name="s")
        f = tg.function([], s.sum() * 2, updates=[(s, s + 1)])
    assert f() == 6
    assert s.get_value().tolist() == [2, 2, 2]


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_floats_live_on_the_gpu():
    with change_flags(device="cuda"):
        s = tg.shared(np.ones(3, dtype="float32"), name="s")
        f = tg.function([], s * 2, updates=[(s, s + 1)])
        assert f().tolist() == [2, 2, 2]
        assert s.container.storage[0].is_cuda
        assert s.get_value().tolist() == [2, 2, 2]


def test_importing_makes_no_cuda_context():
    code = "import tgraph.tensor, tgraph.function, torch; print(torch.cuda.is_initialized())"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
