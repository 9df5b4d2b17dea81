"""What `scipy.misc` held before it moved. Image functions are not here: Pillow and imageio have them."""

from types import ModuleType

from scipy.special import comb, factorial, factorial2, factorialk, logsumexp

__all__ = ["comb", "factorial", "factorial2", "factorialk", "logsumexp"]


def add_missing(module: ModuleType) -> None:
    """Put back into `scipy.misc` what is not there."""
    for name in __all__:
        if name not in vars(module):
            setattr(module, name, globals()[name])
