"""What `scipy.misc` held before it moved, and the windows that `scipy.signal` did. Image functions are not here: Pillow
and imageio have them."""

import importlib
from types import ModuleType

from scipy.special import comb, factorial, factorial2, factorialk, logsumexp

__all__ = ["comb", "factorial", "factorial2", "factorialk", "logsumexp"]


def add_missing(module: ModuleType) -> None:
    """Put back into `scipy.misc` what is not there."""
    for name in __all__:
        if name not in vars(module):
            setattr(module, name, globals()[name])


def add_windows(module: ModuleType) -> None:
    """Put the window functions (`gaussian`, `hann` ...) back into `scipy.signal`."""
    windows = importlib.import_module("scipy.signal.windows")
    for name in windows.__all__:
        if name not in vars(module):
            setattr(module, name, getattr(windows, name))
