"""How a public name is used, for record/record_uses.py (the real Theano, Python 3.8) and test_uses.py (here).

A use is a word: each letter is an argument. ``"mv"`` calls with a matrix and a vector. A class of ops is first made,
with the arguments of another word: ``"i:mv"`` is ``Cls(2)(matrix, vector)``.
"""

import itertools

import numpy as np


def numbers(seed, *shape):
    return np.random.RandomState(seed).uniform(0.1, 0.9, shape)


_SQUARE = numbers(5, 3, 3)
_WORDS = "float32", "valid", "x"

#: letter -> (dtype and number of dimensions, value): a variable
SYMBOLIC = {
    "s": ("float64", 0, numbers(1)),
    "v": ("float64", 1, numbers(2, 4)),
    "m": ("float64", 2, numbers(3, 3, 4)),
    "q": ("float64", 2, _SQUARE.dot(_SQUARE.T) + np.eye(3)),
    "c": ("float64", 1, numbers(4, 3)),
    "t": ("float64", 3, numbers(6, 2, 3, 4)),
    "f": ("float64", 4, numbers(7, 2, 3, 6, 6)),
    "k": ("float64", 4, numbers(8, 4, 3, 3, 3)),
    "i": ("int64", 0, np.array(2)),
    "l": ("int64", 1, np.array([2, 0, 1])),
    "L": ("int32", 1, np.array([1, 1, 2, 0], "int32")),
    "j": ("int64", 2, np.array([[0, 2, 1, 1], [1, 0, 2, 2], [2, 2, 0, 0]])),
    "b": ("int8", 1, np.array([1, 0, 1, 1], "int8")),
    "z": ("complex128", 1, numbers(9, 4) + 1j * numbers(10, 4)),
    "h": ("float32", 1, numbers(11, 4).astype("float32")),
}
#: letter -> a value that is passed as it is
PLAIN = {
    "0": 0, "1": 1, "2": 2, "-": -1, "5": 0.5, "p": (2, 3), "o": (1, 0), "e": [], "N": None, "T": True,
    "d": _WORDS[0], "w": _WORDS[1], "x": _WORDS[2], "a": numbers(12, 3), "A": numbers(13, 3, 4),
    "n": np.array([2, 0, 1]), "B": (False, True), "D": "float64", "S": np.float32(1.5),
}
#: letter -> the letters of a list
LISTS = {"M": "mm", "V": "vv", "P": "ss", "I": "ii", "Q": "qq"}

_ALL = "".join(SYMBOLIC) + "".join(LISTS) + "".join(PLAIN)
_MANY = "svmqlLit012Ndp"
_FEW = "mvsiL01"

#: the words that are tried, in this order, until enough of them work
WORDS = ["", *_ALL, *("".join(p) for p in itertools.product(_ALL, _ALL)),
         *("".join(p) for p in itertools.product(_MANY, _MANY, _MANY)),
         *("".join(p) for p in itertools.product(_FEW, repeat=4)), "mvL01", "mmmss", "vmvss", "sssss", "mvvss", "mvvL"]
MAKERS = ["", *"012-dDTNBpoe", *("".join(p) for p in itertools.product("012dDTNBp", repeat=2))]


class Pool:
    """The variables of one use, made with the ``tensor`` module of the library at hand."""

    def __init__(self, tensor_type):
        self.variables = {}
        self.tensor_type = tensor_type

    def __getitem__(self, letter):
        if letter in PLAIN:
            return PLAIN[letter]
        if letter in LISTS:
            return [self[part] for part in LISTS[letter]]
        if letter not in self.variables:
            dtype, ndim, _ = SYMBOLIC[letter]
            self.variables[letter] = self.tensor_type(dtype, (False,) * ndim)(letter)
        return self.variables[letter]

    def arguments(self, word):
        return [self[letter] for letter in word]

    def inputs(self):
        """([variable], [value]) of those that were asked for."""
        return list(self.variables.values()), [SYMBOLIC[letter][2] for letter in self.variables]


def use(thing, word, pool):
    """The thing called with the arguments of a word."""
    if ":" in word:
        made, word = word.split(":")
        thing = thing(*pool.arguments(made))
    return thing(*pool.arguments(word))
