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
    if not name.startswith("__"):
        try:
            return getattr(importlib.import_module("six.moves"), name)
        except (ImportError, AttributeError):
            pass
    raise AttributeError(f"six.moves.{name} is not known here; install six")
