"""`scipy.misc` held these before they moved."""

from scipy.special import comb, factorial, factorial2, factorialk, logsumexp

__all__ = ["comb", "factorial", "factorial2", "factorialk", "logsumexp"]
