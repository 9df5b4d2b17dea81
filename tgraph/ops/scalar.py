"""The elementwise table: one row for each op on numbers. The row is the documentation, the gradient, the lowering,
the test and the bridge to sympy."""

from __future__ import annotations

import functools
import operator

import numpy as np
import torch

from tgraph.ops.rows import (
    bool_out,
    row,
    same_out,
    same_out_nobool,
    upcast_out,
    upgrade_to_float,
)


def _fold(function):
    """A form of n operands from one of two."""
    return lambda *xs: functools.reduce(function, xs)


# fmt: off
add = row("add", -1, dtype=upcast_out, cls="Add", literal=(1,), sympy="Add",
          numpy=_fold(np.add), torch=_fold(torch.add),
          grad=lambda xs, z, g: [g for _ in xs],
          doc="x + y + ...")
mul = row("mul", -1, dtype=upcast_out, cls="Mul", literal=(1,), sympy="Mul",
          numpy=_fold(np.multiply), torch=_fold(torch.mul),
          grad=lambda xs, z, g: [functools.reduce(operator.mul, [x for j, x in enumerate(xs) if j != i], g)
                                 for i in range(len(xs))],
          doc="x * y * ...")
sub = row("sub", 2, dtype=upcast_out, cls="Sub", literal=(1,), sympy="",
          numpy=np.subtract, torch=torch.sub,
          grad=lambda xs, z, g: (g, -g),
          doc="x - y")
true_div = row("true_div", 2, dtype=upgrade_to_float, cls="TrueDiv", literal=(1,),
               numpy=np.true_divide, torch=torch.div,
               grad=lambda xs, z, g: (g / xs[1], -(g * xs[0]) / (xs[1] * xs[1])),
               doc="x / y, a float")
neg = row("neg", 1, dtype=same_out_nobool, cls="Neg",
          numpy=np.negative, torch=torch.neg,
          grad=lambda xs, z, g: (-g,),
          doc="-x")
exp = row("exp", 1, dtype=upgrade_to_float, cls="Exp", sympy="exp",
          numpy=np.exp, torch=torch.exp,
          grad=lambda xs, z, g: (g * z,),
          doc="e ** x")
log = row("log", 1, dtype=upgrade_to_float, cls="Log", domain=(0.1, 5.0), sympy="log",
          numpy=np.log, torch=torch.log,
          grad=lambda xs, z, g: (g / xs[0],),
          doc="natural logarithm")
tanh = row("tanh", 1, dtype=upgrade_to_float, cls="Tanh", sympy="tanh",
           numpy=np.tanh, torch=torch.tanh,
           grad=lambda xs, z, g: (g * (1 - z * z),),
           doc="hyperbolic tangent")
second = row("second", 2, dtype=lambda x, y: (y,), cls="Second", compute=None,
             numpy=lambda x, y: np.broadcast_to(y, np.broadcast_shapes(x.shape, y.shape)),
             torch=lambda x, y: torch.expand_copy(y, x.shape),
             grad=lambda xs, z, g: (None, g),
             doc="y in the shape of x")
identity = row("identity", 1, dtype=same_out, cls="Identity", numpy=np.positive, torch=torch.clone,
               grad=lambda xs, z, g: (g,), doc="x")
gt = row("gt", 2, dtype=bool_out, cls="GT", compute="in", literal=(1,),
         numpy=np.greater, torch=torch.gt, grad=lambda xs, z, g: (None, None), doc="x > y")
# fmt: on
