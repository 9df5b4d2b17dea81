"""The legacy door: `install()`, and `import theano` is tgraph. `uninstall()` undoes it.

`tgraph run script.py` does this from the shell, without a change to the script.
"""

from tgraph.compat.importer import adopt_settings, close_door, open_door

__all__ = ["install", "uninstall"]


def install() -> None:
    """Let `import theano` lead here, and take the flags of THEANO_FLAGS and THEANORC.

    ValueError if one of those flags has a value that does not fit.
    """
    adopt_settings()
    open_door()


def uninstall() -> None:
    """Undo `install()`: `sys.modules` and `sys.meta_path` are as they were. Flags keep their values."""
    close_door()
