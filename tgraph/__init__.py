"""tgraph: symbolic graphs in the manner of the old days, on PyTorch."""

__version__ = "0.1.0"
