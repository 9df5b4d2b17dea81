"""Moved: a kernel stands beside its op in ``ops/``, marked with ``tgraph.kernels.kernel``."""
