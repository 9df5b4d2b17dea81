"""`six.moves`: things that moved between Python 2 and 3, by their six names."""

from __future__ import annotations

import builtins
import collections
import configparser
import functools
import importlib
import io
import itertools
import queue
import shlex
import sys
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from tgraph.compat.shims import old_pickles as cPickle

try:
    from six import moves as _real
except ImportError:
    _real = None

__all__ = ["cPickle"]

cStringIO = StringIO = io.StringIO
BytesIO = io.BytesIO
filter, map, zip, range, input = builtins.filter, builtins.map, builtins.zip, builtins.range, builtins.input
xrange = builtins.range
filterfalse, zip_longest = itertools.filterfalse, itertools.zip_longest
reduce = functools.reduce
reload_module = importlib.reload
intern = sys.intern
shlex_quote = shlex.quote
UserDict, UserList, UserString = collections.UserDict, collections.UserList, collections.UserString
urlretrieve, urlopen = urllib.request.urlretrieve, urllib.request.urlopen
__all__ += ["builtins", "configparser", "queue", "urllib"]


def __getattr__(name: str) -> Any:
    if _real is not None and not name.startswith("__"):
        return getattr(_real, name)
    raise AttributeError(f"six.moves.{name} is not known here; install six")
