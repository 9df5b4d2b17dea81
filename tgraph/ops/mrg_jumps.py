"""The arithmetic of MRG31k3p on the host: its two moduli, one step, and jumps over many steps.

P. L'Ecuyer and R. Touzin, "Fast combined multiple recursive generators with multipliers of the form a = +-2^q +-2^r",
Proc. Winter Simulation Conference 2000. A state is six integers: the last three of each of two recurrences,

    x1[n] = 2^22 x1[n-2] + (2^7 + 1) x1[n-3] mod M1,   x2[n] = 2^15 x2[n-1] + (2^15 + 1) x2[n-3] mod M2.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tgraph.graph import Apply, Op
from tgraph.kernels import fresh_kernel
from tgraph.operators import as_tensor_variable

#: the two moduli
M1, M2 = 2147483647, 2147462579
#: a draw is an integer in 1 .. M1, times this
NORM = 2.0**-31

Matrix = list[list[int]]


def step_matrices() -> tuple[Matrix, Matrix]:
    """One step of the two recurrences on (x[n-1], x[n-2], x[n-3])."""
    shift = [[1, 0, 0], [0, 1, 0]]
    return [[0, 2**22, 2**7 + 1], *shift], [[2**15, 0, 2**15 + 1], *shift]


def matmul_mod(a: Matrix, b: Matrix, m: int) -> Matrix:
    """a b mod m, in Python's integers."""
    return [[sum(a[i][k] * b[k][j] for k in range(3)) % m for j in range(3)] for i in range(3)]


@functools.lru_cache(maxsize=128)
def jump(log2_steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The matrices (3, 3), int64, of 2 ** log2_steps steps, by repeated squaring."""
    a, b = step_matrices()
    for _ in range(log2_steps):
        a, b = matmul_mod(a, a, M1), matmul_mod(b, b, M2)
    return np.array(a, dtype="int64"), np.array(b, dtype="int64")


#: jumps between streams and between uses of a generator
A1p72, A2p72 = jump(72)
A1p134, A2p134 = jump(134)


def matVecModM(A: np.ndarray, s: np.ndarray, m: Any) -> np.ndarray:
    """z[..., i] = sum_k A[i, k] s[..., k] mod m, int32, for A and s below 2^31."""
    # a product stays below 2^62 and is reduced before it is added
    return np.sum(A * np.asarray(s, dtype="int64")[..., None, :] % m, axis=-1).__mod__(m).astype("int32")


def multMatVect(v: Any, A: np.ndarray, m1: Any, B: np.ndarray, m2: Any) -> np.ndarray:
    """States (..., 6) with ``A`` applied to their first halves modulo ``m1``, ``B`` to the second modulo ``m2``."""
    v = np.asarray(v)
    return np.concatenate([matVecModM(A, v[..., :3], m1), matVecModM(B, v[..., 3:], m2)], axis=-1)


def advance(states: Any, log2_steps: int) -> np.ndarray:
    """States (..., 6) moved 2 ** log2_steps draws on."""
    a, b = jump(log2_steps)
    return multMatVect(states, a, M1, b, M2)


def ff_2p134(rstate: Any) -> np.ndarray:
    """A state of six integers, 2^134 draws on."""
    return advance(rstate, 134)


def ff_2p72(rstate: Any) -> np.ndarray:
    """A state of six integers, 2^72 draws on."""
    return advance(rstate, 72)


def mrg_next_value(rstate: Sequence[Any], new_rstate: np.ndarray, NORM: Any = NORM, mask: int = 0xFFFFFFFF,
                   offset: int = 0) -> Any:
    """One draw from one state: writes the next state into ``new_rstate``, gives ``((v & mask) + offset) NORM``.

    v, from 1 to M1, is the difference of the two components.
    """
    x11, x12, x13, x21, x22, x23 = map(int, rstate)
    y, v = (2**22 * x12 + 129 * x13) % M1, (2**15 * x21 + 32769 * x23) % M2
    new_rstate[...] = [y, x11, x12, v, x21, x22]
    return (((y - v if y > v else y - v + M1) & mask) + offset) * NORM


@fresh_kernel
def dot_modulo(a: torch.Tensor, s: torch.Tensor, m: torch.Tensor, b: torch.Tensor, t: torch.Tensor,
               n: torch.Tensor) -> torch.Tensor:
    """a s mod m, then b t mod n, in one vector."""
    first = torch.remainder(torch.remainder(a * s, m).sum(1), m)
    second = torch.remainder(torch.remainder(b * t, n).sum(1), n)
    return torch.cat([first, second]).to(s.dtype)


@dataclass(frozen=True)
class DotModulo(Op):
    """z = (A s mod m, A2 s2 mod m2): matrices (i, k) and (j, k), vectors (k,), two moduli -> (i + j,)."""

    def make_node(self, A: Any, s: Any, m: Any, A2: Any, s2: Any, m2: Any) -> Apply:
        inputs = list(map(as_tensor_variable, (A, s, m, A2, s2, m2)))
        return Apply(self, inputs, [inputs[1].type()])

    def compute(self, node: Apply, A: Any, s: Any, m: Any, A2: Any, s2: Any, m2: Any) -> Any:
        return np.concatenate([matVecModM(A, s, m), matVecModM(A2, s2, m2)]).astype(node.outputs[0].type.dtype)

    def lower(self, node: Apply, ctx: Any, A: Any, s: Any, m: Any, A2: Any, s2: Any, m2: Any) -> Any:
        return ctx.call(dot_modulo, A, s, m, A2, s2, m2)


__all__ = ["DotModulo", "ff_2p72", "ff_2p134", "mrg_next_value", "multMatVect"]
