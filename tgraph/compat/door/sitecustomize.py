"""Opens the legacy door in a Python process that `tgraph run` started, and in those that this one starts.

`tgraph run` puts this folder in front of PYTHONPATH and sets TGRAPH_DOOR; Python imports `sitecustomize` from
there before anything else. The folder then leaves `sys.path`, and a sitecustomize that it hides runs after
all.
"""

import importlib
import importlib.machinery
import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))


def _leave_path():
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != HERE]


def _open(how):
    if importlib.util.find_spec("tgraph") is None:
        sys.path.append(ROOT)  # run from a source checkout: it was found in the current folder then
    importlib.import_module("tgraph.compat.run").enter(how)


def _run_hidden():
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


_leave_path()
_how, _, _prefix = os.environ.get("TGRAPH_DOOR", "").partition(":")
if _how and _prefix == sys.prefix:  # a Python of another environment has other packages: leave it alone
    _open(_how)
_run_hidden()
