"""Which results share memory with arguments: what torch declares and what the source of kernels says."""

import ast
import inspect
import textwrap

import numpy as np
import pytest
import torch

import tgraph.tensor as tt
from tgraph import kernels
from tgraph.function import function
from tgraph.lowering.fresh import aliased_parameters, is_fresh
from tgraph.modes import Mode
from tgraph.shared import shared
from tgraph.types import TensorType


def test_torch_functions_tell():
    graph = torch.fx.Graph()
    x = graph.placeholder("x")
    for target, fresh in [
        (torch.add, True),
        (torch.permute, False),
        (torch.squeeze, False),
        (torch.clone, True),
        (torch.mm, True),
        (torch.reshape, False),
        (torch.special.erf, True),
        (torch.atleast_1d, False),
        (torch.real, False),
        (torch.linalg.inv, True),
        (torch.cat, True),
        (torch.conj, False),
        (torch.nn.functional.softplus, True),
    ]:
        assert is_fresh(graph.call_function(target, (x,))) is fresh, target
    for method, fresh in [
        ("to", False),
        ("clone", True),
        ("expand", False),
        ("t", False),
        ("sum", True),
        ("contiguous", False),
        ("add_", False),
        ("no such method", False),
    ]:
        assert is_fresh(graph.call_method(method, (x,))) is fresh, method


def picked(x: torch.Tensor, y: torch.Tensor, own: bool) -> torch.Tensor:
    z = x if own else torch.clone(x)
    y = y.to(x.device)
    if y.numel() == 1:
        torch.index_put_(z, [y], y)
        return z
    return z


def looped(x: torch.Tensor, n: int) -> torch.Tensor:
    z = torch.zeros_like(x)
    for _ in range(n):
        z = z + x
    return z


def viewed(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    z = y[1:]
    return z.reshape([-1]).add_(x)


def stretched(x: torch.Tensor) -> torch.Tensor:
    return torch.zeros([1]).expand([5])


def unknown(x: torch.Tensor) -> torch.Tensor:
    return (lambda y: y)(x)


@pytest.mark.parametrize(
    ("kernel", "flags", "expected"),
    [
        (picked, (), (0,)),
        (picked, ((2, False),), ()),
        (picked, ((2, True),), (0,)),
        (looped, (), ()),
        (viewed, (), (1,)),
        (stretched, (), None),
        (unknown, (), None),
    ],
)
def test_kernels_are_read(kernel, flags, expected):
    assert aliased_parameters(kernel, flags) == expected


def test_no_kernel_chains_comparisons():
    """TorchScript compiled from a string reads ``0 < n < 9`` as ``(0 < n) < 9``, which is always true."""
    chained = [name for name, kernel in kernels.table.items()
               for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(kernel))))
               if isinstance(node, ast.Compare) and len(node.ops) > 1]
    assert not chained


@pytest.mark.parametrize("name", sorted(kernels.table))
def test_every_kernel_can_be_read(name):
    kernel = kernels.table[name]
    if kernel.__annotations__.get("return") not in ("None", None):
        found = aliased_parameters(kernel, ())
        assert found is None or all(i < len(inspect.signature(kernel).parameters) for i in found)


@pytest.mark.parametrize("linker", ["py", "cvm"])
def test_a_large_update_is_not_copied_twice(linker):
    table = shared(np.zeros((50, 4)))
    rows = TensorType("int64", (False,))("rows")
    f = function([rows], [], updates=[(table, tt.inc_subtensor(table[rows], 1.0))], mode=Mode(linker))
    assert sum(node.target is torch.clone for node in f.program.graph.nodes) == 0
    before = table.get_value(borrow=True)
    f([1, 1, 2])
    assert before.sum() == 0
    assert table.get_value().sum() == 12
