"""The one place for imports that wait until they are needed: sympy, scipy's heavy parts, inductor, extras."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

#: views that have a form that copies
_VIEWS = ("alias as_strided diagonal expand permute select slice split split_with_sizes squeeze t transpose unbind "
          "unfold unsqueeze view").split()


def scipy_special() -> Any:
    """``scipy.special``: special functions on arrays."""
    import scipy.special

    return scipy.special


def scipy_linalg() -> Any:
    """``scipy.linalg``: what numpy.linalg lacks."""
    import scipy.linalg

    return scipy.linalg


def scipy_sparse() -> Any:
    """``scipy.sparse``: sparse matrices."""
    import scipy.sparse

    return scipy.sparse


def sympy() -> Any:
    """``sympy``: symbolic algebra (a second to import)."""
    import sympy

    return sympy


def inductor() -> Any:
    """What compiling with inductor needs of torch's insides (three seconds to import), in one namespace."""
    import torch._inductor.config
    from torch._guards import TracingContext, tracing
    from torch._inductor.compile_fx import compile_fx_inner
    from torch._inductor.decomposition import select_decomp_table
    from torch._inductor.virtualized import V
    from torch._subclasses import FakeTensorMode
    from torch.fx.experimental.proxy_tensor import make_fx
    from torch.fx.experimental.symbolic_shapes import DimDynamic, ShapeEnv, StatelessSymbolicContext
    from torch.utils._sympy.printers import PythonPrinter

    aten = torch.ops.aten
    # nothing is written to in what is compiled: in place of a copy of a view the view will do
    pairs = [(getattr(aten, f"{name}_copy"), getattr(aten, name)) for name in _VIEWS]
    views = {getattr(copy, kind): getattr(view, kind) for copy, view in pairs for kind in view.overloads()
             if kind in copy.overloads()}

    return SimpleNamespace(
        config=torch._inductor.config, TracingContext=TracingContext, tracing=tracing, V=V, make_fx=make_fx,
        compile_fx_inner=compile_fx_inner, decompositions={**select_decomp_table(), **views},
        FakeTensorMode=FakeTensorMode, DimDynamic=DimDynamic, ShapeEnv=ShapeEnv,
        StatelessSymbolicContext=StatelessSymbolicContext, PythonPrinter=PythonPrinter,
    )


def pydot() -> Any:
    """``pydot`` (or its older fork): graphs as Graphviz draws them. ImportError where neither is installed."""
    try:
        import pydot_ng as pydot  # type: ignore[reportMissingImports]
    except ImportError:
        import pydot  # type: ignore[reportMissingImports]

    return pydot
