"""Running code in a process that cannot import the package, with a file that was exported."""

import json
import subprocess
import sys
import textwrap

GUARD = """
import sys, warnings
class Guard:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("tgraph", "theano"):
            raise ImportError("this process must not see " + name)
sys.meta_path.insert(0, Guard())
warnings.simplefilter("ignore")
import json, torch
"""


def elsewhere(path, code):
    """What ``code`` (with the module ``m``) prints as JSON in a process that cannot import the package."""
    text = GUARD + f"m = torch.jit.load({str(path)!r})\n" + textwrap.dedent(code)
    run = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])
