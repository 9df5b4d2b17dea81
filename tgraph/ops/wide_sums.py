"""Sums of float32 tensors in float64, as the default ``acc_dtype`` wants them, and of squares.

Torch converts the whole tensor first, at 3.5 ns an element above 10 MB, most of it for the pages of the copy. In
blocks that stay in the cache it takes 0.4 ns.
"""

from __future__ import annotations

import torch

from tgraph.kernels import fresh_kernel


@fresh_kernel
def wide_part(x: torch.Tensor, m: torch.Tensor, axis: int, mode: int) -> torch.Tensor:
    """The float64 sum over an axis of x (mode 0), x * x (mode 1) or (x - m) * (x - m) (mode 2)."""
    if mode == 2:
        x = torch.sub(x, m)
    if mode > 0:
        x = torch.mul(x, x)
    return torch.sum(x.to(torch.float64), [axis])


@fresh_kernel
def wide_run(x: torch.Tensor, m: torch.Tensor, a: int, r: int, b: int, mode: int) -> torch.Tensor:
    """As ``wide_part`` over the middle axis, for x of shape (a, r, b) and m of shape (a, 1, b), block by block."""
    block = 65536
    out = torch.zeros([a, b], dtype=torch.float64)
    if r * b <= block:
        k = block // (r * b)
        for i in range(0, a, k):
            n = min(k, a - i)
            out.narrow(0, i, n).copy_(wide_part(x.narrow(0, i, n), m.narrow(0, i, n) if mode == 2 else m, 1, mode))
        return out
    w = min(b, block // 4)
    k = block // w
    for i in range(a):
        for j in range(0, b, w):
            n = min(w, b - j)
            part = torch.select(x, 0, i).narrow(1, j, n)
            centre = torch.select(m, 0, i).narrow(1, j, n) if mode == 2 else m
            total = torch.select(out, 0, i).narrow(0, j, n)
            for s in range(0, r, k):
                total.add_(wide_part(part.narrow(0, s, min(k, r - s)), centre, 0, mode))
    return out


@fresh_kernel
def wide_sum(x: torch.Tensor, m: torch.Tensor, axes: list[int], mode: int) -> torch.Tensor:
    """The float64 sum over ``axes`` (ascending) of x (mode 0), x * x (mode 1) or (x - m) * (x - m) (mode 2), where m
    has size 1 along ``axes``."""
    if x.dim() == 2 and len(axes) == 1 and not x.is_contiguous():
        # transposed
        x = x.t()
        m = m.t() if mode == 2 else m
        axes = [1 - axes[0]]
    if x.is_cuda or x.numel() < 131072 or not x.is_contiguous():
        if mode == 2:
            x = torch.sub(x, m)
        if mode > 0:
            x = torch.mul(x, x)
        return torch.sum(x, axes, dtype=torch.float64)
    # the axes at the end that lie side by side
    first = len(axes) - 1
    while first > 0 and axes[first - 1] == axes[first] - 1:
        first -= 1
    a = 1
    r = 1
    b = 1
    kept: list[int] = []
    spread: list[int] = []
    for d in range(x.dim()):
        if d < axes[first]:
            a *= x.size(d)
        elif d > axes[-1]:
            b *= x.size(d)
        else:
            r *= x.size(d)
        if d < axes[first] or d > axes[-1]:
            kept.append(x.size(d))
            spread.append(x.size(d))
        else:
            spread.append(1)
    if mode == 2:
        m = torch.broadcast_to(m, spread).reshape([a, 1, b])
    out = wide_run(x.reshape([a, r, b]), m, a, r, b, mode).reshape(kept)
    return torch.sum(out, axes[:first]) if first > 0 else out
