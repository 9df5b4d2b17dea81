"""Rows of the elementwise table for special functions, entropies, and the sigmoids of neural networks.

Formulas: Abramowitz and Stegun, *Handbook of Mathematical Functions* (chapters 6, 7 and 9); numpy forms by
scipy.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from tgraph.grad import grad_not_implemented
from tgraph.ops.rows import (
    const,
    row,
    upgrade_to_float,
    upgrade_to_float64,
    upgrade_to_float_no_complex,
)
from tgraph.ops.scalar import abs_, exp, log, sqr
from tgraph.optional import scipy_special
from tgraph.types import upcast


def _scipy(name: str):
    """The numpy form that calls ``scipy.special.<name>`` (imported at first use)."""
    return lambda *xs: getattr(scipy_special(), name)(*xs)


def _numpy_gamma(x):
    # scipy says inf at -2, -4 ...; C says NaN at every pole but 0
    return (
        np.where((x < 0) & (x == np.floor(x)), np.nan, scipy_special().gamma(x))
        if x.dtype.kind == "f"
        else scipy_special().gamma(x)
    )


def _numpy_gammaln(x):
    return np.where(x == -np.inf, np.inf, scipy_special().gammaln(x))


def _numpy_wave(name: str):
    """A Bessel function that is 0 at infinity, where scipy says NaN."""
    return lambda x: np.where(np.isinf(x), 0, getattr(scipy_special(), name)(x))


def _positive_only(function):
    """0 for x <= 0, where the legacy C code of psi and tri_gamma gives 0."""

    def form(x):
        if x.dtype.kind == "c":
            return function(x)
        return np.where(x <= 0, 0, function(np.where(x <= 0, 1, x))).astype(x.dtype)

    return form


def _torch_tri_gamma(x):
    # zeta(2, x) is the same function, to full precision where torch.polygamma has ten digits
    beyond = torch.logical_or(torch.le(x, 0.0), torch.eq(x, math.inf))
    return torch.where(beyond, 0.0, torch.special.zeta(2.0, x))


def _numpy_sigmoid(x):
    # the cut-offs of compiled C, beyond which the answer is exactly 0 or 1
    low, high = (-88.0, 15.0) if x.dtype.itemsize <= 4 and x.dtype.kind == "f" else (-709.0, 19.0)
    if x.dtype.kind == "c":
        return 1 / (1 + np.exp(-x))
    return np.where(x < low, 0, np.where(x > high, 1, 1 / (1 + np.exp(-x)))).astype(x.dtype)


def _numpy_softplus(x):
    if x.dtype.kind == "c":
        return np.log1p(np.exp(x))
    low, high = (-103.0, 14.0) if x.dtype.itemsize <= 4 else (-745.0, 16.0)
    return np.where(x < low, 0, np.where(x > high, x, np.log1p(np.exp(x)))).astype(x.dtype)


def _numpy_ultra_fast(x):
    half = x * x.dtype.type(0.5)
    size = np.abs(half)
    near, far = 1.5 * size / (1 + size), 0.935409070603099 + 0.0458812946797165 * (size - 1.7)
    tanh = np.where(size < 1.7, near, np.where(size < 3, far, 0.99505475368673))
    return (0.5 * (np.where(half >= 0, tanh, -tanh) + 1)).astype(x.dtype)


def _torch_ultra_fast(x):
    half = torch.mul(x, 0.5)
    size = torch.abs(half)
    near = torch.div(torch.mul(size, 1.5), torch.add(size, 1.0))
    far = torch.add(torch.mul(torch.sub(size, 1.7), 0.0458812946797165), 0.935409070603099)
    tanh = torch.where(torch.lt(size, 1.7), near, torch.where(torch.lt(size, 3.0), far, 0.99505475368673))
    return torch.mul(torch.add(torch.where(torch.ge(half, 0.0), tanh, torch.neg(tanh)), 1.0), 0.5)


def _torch_chi2sf(x, k):
    # below 0 all of the distribution lies above
    upper = torch.special.gammaincc(torch.mul(k, 0.5), torch.mul(torch.clamp_min(x, 0.0), 0.5))
    return torch.where(torch.gt(k, 0.0), upper, math.nan)


def _numpy_chi2sf(x, k):
    upper = scipy_special().chdtrc(k, np.maximum(x, 0))
    return np.where(
        k > 0, np.where(np.isinf(k) & ~np.isnan(x), np.where(np.isinf(x) & (x > 0), 0.0, 1.0), upper), np.nan
    )


def _scale(value, x, g):
    """A constant of the dtype in which a formula multiplies it."""
    return const(value, upcast(x.type.dtype, g.type.dtype))


_ROOT = 2 / math.sqrt(math.pi)

# fmt: off
erf = row("erf", 1, dtype=upgrade_to_float, cls="Erf", sympy="erf", numpy=_scipy("erf"), torch=torch.erf,
          grad=lambda xs, z, g: (g * _scale(_ROOT, xs[0], g) * exp(-xs[0] * xs[0]),),
          doc="error function")
erfc = row("erfc", 1, dtype=upgrade_to_float_no_complex, cls="Erfc", sympy="erfc",
           numpy=_scipy("erfc"), torch=torch.erfc,
           grad=lambda xs, z, g: (-g * _scale(_ROOT, xs[0], g) * exp(-xs[0] * xs[0]),),
           doc="1 - erf(x), exact for large x")
erfcx = row("erfcx", 1, dtype=upgrade_to_float_no_complex, cls="Erfcx",
            numpy=_scipy("erfcx"), torch=torch.special.erfcx,
            grad=lambda xs, z, g: (g * (-_scale(_ROOT, xs[0], g) + (2.0 * xs[0]) * z),),
            doc="exp(x ** 2) * erfc(x)")
erfinv = row("erfinv", 1, dtype=upgrade_to_float_no_complex, cls="Erfinv", sympy="erfinv", domain=(-0.9, 0.9),
             numpy=_scipy("erfinv"), torch=torch.erfinv,
             grad=lambda xs, z, g: (g * _scale(1 / _ROOT, xs[0], g) * exp(z ** 2),),
             doc="inverse of erf")
erfcinv = row("erfcinv", 1, dtype=upgrade_to_float_no_complex, cls="Erfcinv", sympy="erfcinv",
              domain=(0.1, 1.9),
              numpy=_scipy("erfcinv"),
              torch=lambda x: torch.mul(torch.special.ndtri(torch.mul(x, 0.5)), -math.sqrt(0.5)),
              grad=lambda xs, z, g: (-g * _scale(1 / _ROOT, xs[0], g) * exp(z ** 2),),
              doc="inverse of erfc")
gamma = row("gamma", 1, dtype=upgrade_to_float, cls="Gamma", sympy="gamma", domain=(0.2, 4.0),
            numpy=_numpy_gamma,
            grad=lambda xs, z, g: (g * z * psi(xs[0]),),
            doc="gamma function (torch has none: on the host)")
gammaln = row("gammaln", 1, dtype=upgrade_to_float, cls="GammaLn", sympy="loggamma", domain=(0.2, 4.0),
              numpy=_numpy_gammaln, torch=torch.lgamma,
              grad=lambda xs, z, g: (g * psi(xs[0]),),
              doc="log |gamma(x)|")
psi = row("psi", 1, dtype=upgrade_to_float, cls="Psi", sympy="digamma", domain=(0.2, 4.0),
          numpy=_positive_only(_scipy("psi")),
          torch=lambda x: torch.where(torch.le(x, 0.0), 0.0, torch.digamma(x)),
          grad=lambda xs, z, g: (g * tri_gamma(xs[0]),),
          doc="derivative of gammaln; 0 for x <= 0, as legacy C gives")
tri_gamma = row("tri_gamma", 1, dtype=upgrade_to_float, cls="TriGamma", domain=(0.2, 4.0),
                numpy=_positive_only(lambda x: scipy_special().polygamma(1, x)),
                torch=_torch_tri_gamma,
                doc="derivative of psi; 0 for x <= 0, as legacy C gives")
chi2sf = row("chi2sf", 2, dtype=upgrade_to_float64, cls="Chi2SF", domain=(0.2, 4.0),
             numpy=_numpy_chi2sf, torch=_torch_chi2sf,
             doc="chi squared with k (second) degrees of freedom: the probability above x; float64")
gammainc = row("gammainc", 2, dtype=upgrade_to_float, cls="GammaInc", domain=(0.2, 4.0),
               numpy=_scipy("gammainc"), torch=torch.special.gammainc,
               doc="regularized lower incomplete gamma function P(k, x)")
gammaincc = row("gammaincc", 2, dtype=upgrade_to_float, cls="GammaIncC", domain=(0.2, 4.0),
                numpy=_scipy("gammaincc"), torch=torch.special.gammaincc,
                doc="regularized upper incomplete gamma function Q(k, x)")
gammau = row("gammau", 2, dtype=upgrade_to_float, cls="GammaU", domain=(0.2, 4.0),
             numpy=lambda k, x: scipy_special().gammaincc(k, x) * scipy_special().gamma(k),
             doc="upper incomplete gamma function (on the host)")
gammal = row("gammal", 2, dtype=upgrade_to_float, cls="GammaL", domain=(0.2, 4.0),
             numpy=lambda k, x: scipy_special().gammainc(k, x) * scipy_special().gamma(k),
             doc="lower incomplete gamma function (on the host)")
j0 = row("j0", 1, dtype=upgrade_to_float, cls="J0", numpy=_numpy_wave("j0"),
         grad=lambda xs, z, g: (g * -1 * j1(xs[0]),),
         doc="Bessel function of the first kind of order 0 (on the host: torch has eight digits)")
j1 = row("j1", 1, dtype=upgrade_to_float, cls="J1", numpy=_numpy_wave("j1"),
         grad=lambda xs, z, g: (g * (j0(xs[0]) - jv(2, xs[0])) / 2.0,),
         doc="Bessel function of the first kind of order 1 (on the host: torch has eight digits)")
jv = row("jv", 2, dtype=upgrade_to_float, cls="Jv", domain=(0.5, 4.0), numpy=_scipy("jv"),
         grad=lambda xs, z, g: (grad_not_implemented(jv, 0, xs[0]),
                                g * (jv(xs[0] - 1, xs[1]) - jv(xs[0] + 1, xs[1])) / 2.0),
         doc="Bessel function of the first kind of order v (the first argument; on the host)")
i0 = row("i0", 1, dtype=upgrade_to_float, cls="I0", numpy=_scipy("i0"), torch=torch.special.i0,
         grad=lambda xs, z, g: (g * i1(xs[0]),),
         doc="modified Bessel function of the first kind of order 0")
i1 = row("i1", 1, dtype=upgrade_to_float, cls="I1", numpy=_scipy("i1"), torch=torch.special.i1,
         grad=lambda xs, z, g: (g * (i0(xs[0]) + iv(2, xs[0])) / 2.0,),
         doc="modified Bessel function of the first kind of order 1")
iv = row("iv", 2, dtype=upgrade_to_float, cls="Iv", domain=(0.5, 4.0), numpy=_scipy("iv"),
         grad=lambda xs, z, g: (grad_not_implemented(iv, 0, xs[0]),
                                g * (iv(xs[0] - 1, xs[1]) + iv(xs[0] + 1, xs[1])) / 2.0),
         doc="modified Bessel function of the first kind of order v (the first argument; on the host)")

sigmoid = row("sigmoid", 1, dtype=upgrade_to_float, cls="ScalarSigmoid", shown="scalar_sigmoid",
              numpy=_numpy_sigmoid, torch=torch.sigmoid,
              grad=lambda xs, z, g: (g * z * (1.0 - z),),
              doc="1 / (1 + exp(-x))")
softplus = row("softplus", 1, dtype=upgrade_to_float, cls="ScalarSoftplus", shown="scalar_softplus",
               numpy=_numpy_softplus, torch=lambda x: torch.nn.functional.softplus(x, 1.0, 37.0),
               grad=lambda xs, z, g: (g * sigmoid(xs[0]),),
               doc="log(1 + exp(x))")
ultra_fast_sigmoid = row("ultra_fast_sigmoid", 1, dtype=upgrade_to_float, cls="UltraFastScalarSigmoid",
                         shown="ultra_fast_scalar_sigmoid", numpy=_numpy_ultra_fast, torch=_torch_ultra_fast,
                         doc="a piecewise approximation of sigmoid; it has no gradient")
softsign = row("softsign", 1, dtype=upgrade_to_float, cls="ScalarSoftsign", shown="scalar_softsign",
               numpy=lambda x: x / (1 + np.abs(x)),
               torch=lambda x: torch.div(x, torch.add(torch.abs(x), 1.0)),
               grad=lambda xs, z, g: (g / sqr(1.0 + abs_(xs[0])),),
               doc="x / (1 + |x|)")
xlogx = row("xlogx", 1, dtype=upgrade_to_float, cls="XlogX", shown="scalar_xlogx", domain=(0.1, 4.0),
            numpy=lambda x: np.where(x == 0, 0, x * np.log(x)).astype(x.dtype),
            torch=lambda x: torch.where(torch.eq(x, 0.0), 0.0, torch.mul(x, torch.log(x))),
            grad=lambda xs, z, g: (g * (1 + log(xs[0])),),
            doc="x log(x), 0 at 0")
xlogy0 = row("xlogy0", 2, dtype=upgrade_to_float, cls="XlogY0", shown="scalar_xlogy0", domain=(0.1, 4.0),
             numpy=lambda x, y: np.where(x == 0, 0, x * np.log(y)).astype(x.dtype),
             torch=lambda x, y: torch.where(torch.eq(x, 0.0), 0.0, torch.mul(x, torch.log(y))),
             grad=lambda xs, z, g: (g * log(xs[1]), g * xs[0] / xs[1]),
             doc="x log(y), 0 where x is 0")
logaddexp = row("logaddexp", 2, dtype=upgrade_to_float_no_complex, cls="LogAddExp",
                numpy=np.logaddexp, torch=torch.logaddexp,
                grad=lambda xs, z, g: (g * sigmoid(xs[0] - xs[1]), g * sigmoid(xs[1] - xs[0])),
                doc="log(exp(x) + exp(y)), finite wherever that is")
# fmt: on

scalar_xlogx, scalar_xlogy0 = xlogx, xlogy0
