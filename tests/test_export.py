"""Exported files open with torch alone, give the same numbers, keep their state; what cannot be exported is refused."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from elsewhere import elsewhere

import tgraph.tensor as T
from tgraph.arguments import In
from tgraph.errors import ExportError, NotPortedError
from tgraph.function import function
from tgraph.graph import Apply, Op
from tgraph.ops.mrg import MRG_RandomStreams
from tgraph.ops.random import RandomStreams
from tgraph.shared import shared


def load(path):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.load(str(path))


class OnHost(Op):
    """An op without a torch form."""

    __props__ = ()

    def make_node(self, x):
        x = T.as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] + 1


def test_a_file_opens_with_torch_alone_and_gives_the_same_numbers(tmp_path):
    rng = np.random.RandomState(0)
    x, w, b = T.fmatrix("x"), shared(rng.randn(4, 3).astype("float32"), name="w"), shared(np.ones(3, "float32"), "b")
    f = function([x], T.nnet.softmax(T.dot(x, w) + b) if hasattr(T, "nnet") else T.tanh(T.dot(x, w) + b))
    f.export(tmp_path / "m.pt")
    data = rng.randn(5, 4).astype("float32")
    got = elsewhere(tmp_path / "m.pt", f"""
        x = torch.tensor({data.tolist()})
        assert list(m.input_names) == ["x"], m.input_names
        assert sorted(name for name, _ in m.named_buffers())[:2] == ["b", "w"]
        assert torch.equal(m(x), m(x=x))
        print(json.dumps(m(x).tolist()))
    """)
    np.testing.assert_allclose(np.array(got, "float32"), f(data), rtol=1e-6)


def test_outputs_as_list_dict_and_nothing(tmp_path):
    x = T.dvector("x")
    y = x * 2
    y.name = "twice"
    function([x], [y, x + 1]).export(tmp_path / "list.pt")
    function([x], {"a": y, "b": x + 1}).export(tmp_path / "dict.pt")
    s = shared(np.zeros(2), name="s")
    function([x], [], updates=[(s, s + x)]).export(tmp_path / "none.pt")
    t = torch.tensor([1.0, 2.0], dtype=torch.float64)
    pair = load(tmp_path / "list.pt")
    assert [v.tolist() for v in pair(t)] == [[2, 4], [2, 3]]
    assert pair.output_names == ["twice", "output1"]
    assert {k: v.tolist() for k, v in load(tmp_path / "dict.pt")(t).items()} == {"a": [2, 4], "b": [2, 3]}
    module = load(tmp_path / "none.pt")
    module(t)
    module(t)
    assert module.s.tolist() == [2, 4]


def test_updates_persist_over_calls_and_saves(tmp_path):
    x, total = T.dscalar("x"), shared(10.0, name="total")
    function([x], total, updates=[(total, total + x)]).export(tmp_path / "m.pt")
    got = elsewhere(tmp_path / "m.pt", f"""
        one = torch.tensor(1., dtype=torch.float64)
        seen = [float(m(one)), float(m(one))]
        m.save({str(tmp_path / "again.pt")!r})
        print(json.dumps(seen + [float(torch.jit.load({str(tmp_path / "again.pt")!r}).total)]))
    """)
    assert got == [10.0, 11.0, 12.0]
    assert total.get_value() == 10.0


def test_results_do_not_alias_the_state(tmp_path):
    s = shared(np.zeros(3), name="s")
    function([], [s, s[:2]]).export(tmp_path / "m.pt")
    module = load(tmp_path / "m.pt")
    for result in module():
        result.fill_(7)
    assert module.s.tolist() == [0, 0, 0]


def test_two_shared_values_swap(tmp_path):
    a, b = shared(1.0, name="a"), shared(2.0, name="b")
    function([], [], updates=[(a, b), (b, a)]).export(tmp_path / "m.pt")
    module = load(tmp_path / "m.pt")
    module()
    assert (float(module.a), float(module.b)) == (2.0, 1.0)


def test_default_values_and_names_that_torch_reserves(tmp_path):
    x, scale = T.dvector("x"), T.dscalar("forward")
    function([x, In(scale, value=3.0)], x * scale).export(tmp_path / "m.pt")
    module = load(tmp_path / "m.pt")
    t = torch.ones(2, dtype=torch.float64)
    assert module(t).tolist() == [3, 3]
    assert module(t, torch.tensor(5.0, dtype=torch.float64)).tolist() == [5, 5]
    assert module.input_names == ["x", "input_forward"]


def test_random_numbers_go_on_where_they_were(tmp_path):
    f = function([], MRG_RandomStreams(234).uniform((3,)))
    f()
    f.export(tmp_path / "m.pt")
    got = elsewhere(tmp_path / "m.pt", "print(json.dumps([m().tolist(), m().tolist()]))")
    np.testing.assert_array_equal(got, [f(), f()])


def test_wrong_arguments_are_refused_by_the_file(tmp_path):
    x = T.fmatrix("x")
    function([x], x + 1).export(tmp_path / "m.pt")
    module = load(tmp_path / "m.pt")
    for bad in (torch.ones(2), torch.ones(2, 2, dtype=torch.float64)):
        with pytest.raises(Exception, match="input 'x' must be a float32 tensor of 2 dimensions"):
            module(bad)


def test_shapes_that_do_not_fit_are_an_error_there_too(tmp_path):
    x, y = T.dvector("x"), T.dvector("y")
    function([x, y], x + y).export(tmp_path / "m.pt")
    with pytest.raises(Exception, match="Input dimension mis-match"):
        load(tmp_path / "m.pt")(torch.ones(3, dtype=torch.float64), torch.ones(1, dtype=torch.float64))


def test_a_host_op_is_refused_before_a_file_is_written(tmp_path):
    x = T.dvector("x")
    path = tmp_path / "m.pt"
    path.write_bytes(b"old")
    f = function([x], OnHost()(x) * 2)
    with pytest.raises(ExportError, match=r"(?s)OnHost.*test_export\.py:\d+.*fix: .*lower"):
        f.export(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["m.pt"]


def test_numpy_random_numbers_are_refused_with_the_way_out(tmp_path):
    f = function([], RandomStreams(1).uniform((3,)))
    with pytest.raises(ExportError, match=r"RandomFunction(?s:.)*fix: for random numbers use MRG_RandomStreams"):
        f.export(tmp_path / "m.pt")
    with pytest.raises(ExportError, match=r"only tensors can be exported(?s:.)*fix: hold an array in it"):
        function([], shared([1, 2])).export(tmp_path / "m.pt")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "format", "error"), [
    ("m.pt2", None, NotPortedError), ("m.pt", "onnx", ValueError), ("no/such/m.pt", None, FileNotFoundError),
])
def test_formats_and_folders_that_do_not_exist(tmp_path, name, format, error):
    x = T.dvector("x")
    with pytest.raises(error):
        function([x], x).export(tmp_path / name, format=format)
    assert not list(tmp_path.iterdir())


def test_a_killed_export_leaves_the_old_file(tmp_path):
    path = tmp_path / "m.pt"
    path.write_bytes(b"old")
    script = f"""
import os, signal, tgraph.tensor as T, numpy as np
from tgraph.lowering import export as lowering
from tgraph.function import function
from tgraph.shared import shared
real = os.fsync
def die(number):
    os.kill(os.getpid(), signal.SIGKILL)
lowering.os.fsync = die
x = T.dvector("x")
function([x], x + shared(np.zeros(5), name="s")).export({str(path)!r})
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=120)
    assert run.returncode == -signal.SIGKILL, run.stderr
    assert path.read_bytes() == b"old"


def test_an_interrupted_export_cleans_up(tmp_path, monkeypatch):
    x = T.dvector("x")
    f = function([x], x + 1)

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("tgraph.lowering.export.os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        f.export(tmp_path / "m.pt")
    assert not list(tmp_path.iterdir())


def test_the_file_says_what_is_in_it(tmp_path):
    x = T.fmatrix("x")
    function([x], x.sum(axis=0), name="total").export(tmp_path / "m.pt")
    extra = {"tgraph.json": ""}
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.load(str(tmp_path / "m.pt"), _extra_files=extra)
    about = json.loads(extra["tgraph.json"])
    assert about["function"] == "total"
    assert about["inputs"] == [{"name": "x", "dtype": "float32", "broadcastable": [False, False]}]
    assert about["outputs"][0]["broadcastable"] == [False]


def test_a_large_graph_exports_in_pieces(tmp_path):
    x = T.dvector("x")
    y = x
    for _ in range(1500):
        y = T.tanh(y) + x
    f = function([x], y)
    start = time.perf_counter()
    f.export(tmp_path / "m.pt")
    assert time.perf_counter() - start < 60
    t = np.linspace(-1, 1, 5)
    np.testing.assert_allclose(load(tmp_path / "m.pt")(torch.from_numpy(t)).numpy(), f(t), rtol=1e-12)
