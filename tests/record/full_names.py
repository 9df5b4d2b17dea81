"""The thing behind a full name, as `import` and `getattr` find it."""

import importlib


def thing(name):
    """The module of that name; else the attribute of what stands before the last dot."""
    try:
        return importlib.import_module(name)
    except ImportError:
        module, _, last = name.rpartition(".")
        return getattr(thing(module), last)
