"""Record the flags of the real Theano: names, choices, defaults. Run with its Python:

    THEANO_FLAGS= THEANORC=/dev/null python3.8 tests/record/config_flags.py > tests/data/config_flags.json
"""

import json

import theano
from theano import configparser

flags = []
for flag in configparser._config_var_list:
    options = list(getattr(flag, "all", ()))
    value = repr(flag.__get__(True, None))
    flags.append({"name": flag.fullname, "value": "a path" if "/" in value else value, "options": options})
print(json.dumps(flags, indent=0))
assert theano.__version__ == "1.0.5"
