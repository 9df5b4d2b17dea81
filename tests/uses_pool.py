"""How a public name is used, for record/record_uses.py (the real Theano, Python 3.8) and test_uses.py (here).

A use is a word: each letter is an argument. ``"mv"`` calls with a matrix and a vector. A class of ops is first made,
with the arguments of another word: ``"i:mv"`` is ``Cls(2)(matrix, vector)``.
"""

import collections
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
#: letter -> what the library at hand makes of it: a variable that is no plain tensor, a part of a graph, a type
MADE = {
    "y": lambda lib: lib.scalar.float64("y"),
    "Y": lambda lib: lib.scalar.float64("Y"),
    "u": lambda lib: lib.scalar.int64("u"),
    "U": lambda lib: lib.scalar.bool("U"),
    "g": lambda lib: lib.typed_list.TypedListType(lib.tensor.dvector)("g"),
    "r": lambda lib: lib.tensor.raw_random.random_state_type("r"),
    "Z": lambda lib: lib.tensor.TensorType("bool", (False,))("Z"),
    "3": lambda lib: lib.tensor.TensorType("float64", (False,) * 5)("3"),
    "4": lambda lib: lib.tensor.TensorType("float64", (False,) * 5)("4"),
    "E": lambda lib: lib.tensor.dvector,
    "F": lambda lib: [lib.tensor.dvector],
    "G": lambda lib: lib.scalar.float64,
    "C": lambda lib: lambda *xs: xs[0],
    "H": lambda lib: lib.shared(numbers(14, 4), name="H"),
    "J": lambda lib: lib.tensor.exp(lib.tensor.dvector("x")).owner,
    "K": lambda lib: lib.tensor.tanh,
    "O": lambda lib: collections.OrderedDict([(lib.shared(1.5, name="o"), lib.tensor.constant(2.5))]),
    "R": lambda lib: np.random.RandomState(5),
    "W": lambda lib: lib.scalar.add,
    "X": lambda lib: _graph(lib),
    "@": lambda lib: lib.scalar.upgrade_to_float,
    "$": lambda lib: lib.tensor.constant(2.5),
    "!": lambda lib: ValueError("no"),
    "/": lambda lib: [_graph(lib).inputs[0]],
    "*": lambda lib: slice(0, 2),
    "#": lambda lib: {},
    "6": lambda lib: (2, 3, 6, 6),
    "7": lambda lib: (4, 3, 3, 3),
    "8": lambda lib: (2, 2),
    "9": lambda lib: [(3, 4), (4,)],
    "+": lambda lib: "full",
    "=": lambda lib: {"a": 1, "b": 2},
}
#: letter -> the value of such a variable
VALUES = {
    "y": lambda: 0.4, "Y": lambda: 0.7, "u": lambda: 3, "U": lambda: True,
    "Z": lambda: np.array([True, False, True, True]),
    "g": lambda: [numbers(15, 2), numbers(16, 3)], "r": lambda: np.random.RandomState(7),
    "3": lambda: numbers(17, 2, 3, 4, 5, 5), "4": lambda: numbers(18, 4, 3, 2, 3, 3),
}


def _graph(lib):
    """The graph of z = exp(x) + y."""
    x, y = lib.tensor.dvector("x"), lib.tensor.dvector("y")
    return lib.gof.FunctionGraph([x, y], [lib.tensor.exp(x) + y], clone=False)


_ALL = "".join(SYMBOLIC) + "".join(LISTS) + "".join(PLAIN)
_MANY = "svmqlLit012Ndp"
_FEW = "mvsiL01"

#: "name word .." -> why these uses tell nothing that a program could rely on
LEFT_OUT = {
    "theano.Rop ssi": "a tangent of integers for a float, handed through",
    "theano.Linker ": "an abstract class",
    "theano.sandbox.rng_mrg.mrg_uniform_base s": "an abstract class",
    "theano.compile.FromFunctionOp mmmm rpss": "tensors in place of types",
    "theano.compile.rebuild_collect_shared s v sM y u yd": "its notes of what was copied",
    "theano.scalar.real_out s v y": "a variable in place of a type",
    "theano.scalar.same_out s v y": "a variable in place of a type",
    "theano.scalar.same_out_min8 s v y": "a variable in place of a type",
    "theano.scalar.same_out_nobool s v y": "a variable in place of a type",
    "theano.scalar.same_out_nocomplex s v y": "a variable in place of a type",
    "theano.scalar.GammaIncC @:yY @:yy @:uY @:uu": "its Python form swaps the arguments, unlike tensor.gammaincc",
    "theano.scalar.gammaincc yY yy uY uu": "as GammaIncC",
    "theano.scalar.inclosedrange yyy yyu yYy yuy": "values of another dtype than the type says",
    "theano.scalar.inopenrange yyy yyu yYy yuy": "values of another dtype than the type says",
    "theano.tensor.AllocEmpty d:i d:ii D:i D:ii d:0 d:1 d:2 d:iii": "memory that nobody wrote",
    "theano.tensor.MakeSlice :I": "a list in place of a number",
    "theano.tensor.make_slice I": "a list in place of a number",
    "theano.tensor.nlinalg.TensorInv :0 :1": "the inverse of a number",
    "theano.tensor.nlinalg.tensorinv 0 1": "the inverse of a number",
    "theano.version.git_revision value": "which copy of it was recorded",
    "theano.gof.fg.get_variable_trace_string J": "no variable",
    "theano.tensor.adv_index_broadcastable_pattern mM": "matrices of floats as indices",
    "theano.compile.ops.shape_i se": "an axis that is a list",
    "theano.compile.get_info_on_inputs es ev": "a variable in place of a count",
    "theano.gof.graph.ancestors Ms": "a tensor in place of a list",
    "theano.gof.graph.inputs Ms": "a tensor in place of a list",
    "theano.gof.opt.merge_dict Z# 3#": "a tensor in place of a dict",
    "theano.gof.sched.posort M V": "one variable twice in what is to be ordered",
    "theano.gof.sched.reverse_dict e": "a list in place of a dict",
    "theano.has_handlers 0 e": "no logger",
    "theano.disable_log_handler 0 e": "no logger",
    "theano.gof.params_type.c_cpp_keywords value": "words of C",
    "theano.gof.utils.c_cpp_keywords value": "words of C",
    "theano.configdefaults.var value": "left by a loop over the environment",
    "theano.tensor.DimShuffle pB:m pB:q": "a shape in place of a pattern",
    "theano.tensor.Elemwise W:f8": "sizes that do not fit, until a constant of equal numbers is made one number",
    "theano.tensor.Reshape 0:sI": "sizes that do not fit the number of dimensions",
    "theano.tensor.reshape vl1": "sizes that do not fit the number of dimensions",
    "theano.tensor.advanced_inc_subtensor s0s": "an index into a scalar",
    "theano.tensor.as_int_none_variable I": "a list in place of a number",
    "theano.tensor.inverse_permutation j": "rows that are no permutations: memory that nobody wrote",
    "theano.tensor.makeKeepDims ss0 ss1": "axes that a scalar does not have",
    "theano.tensor.permute_row_elements vi sls": "a permutation of another size",
    "theano.tensor.tensordot mk": "sizes that do not fit, of the same product",
    "theano.tensor.tril ms": "a diagonal at a fraction",
    "theano.scan_module.scan_utils.expand_empty vi": "memory that nobody wrote",
    "theano.tensor.nlinalg.SVD :m": "signs of singular vectors are free",
    "theano.tensor.nlinalg.svd m ms": "signs of singular vectors are free",
    "theano.tensor.nnet.CrossentropyCategorical1Hot :mL": "more labels than rows",
    "theano.tensor.nnet.crossentropy_categorical_1hot mL": "more labels than rows",
    "theano.tensor.nnet.crossentropy_categorical_1hot_grad lmL": "more labels than rows",
    "theano.tensor.nnet.crossentropy_softmax_1hot_with_bias_dx smL": "more labels than rows",
    "theano.tensor.nnet.crossentropy_softmax_1hot_with_bias mLl": "a bias of integers, which the C code refuses",
    "theano.tensor.nnet.crossentropy_softmax_argmax_1hot_with_bias mLl": "a bias of integers, which the C code refuses",
    "theano.tensor.nnet.crossentropy_softmax_max_and_argmax_1hot_with_bias mLl": "a bias of integers",
    "theano.tensor.nnet.SoftmaxGrad :vL": "a softmax of integers",
    "theano.tensor.nnet.softmax_grad vL": "a softmax of integers",
    "theano.tensor.nnet.ctc.ctc_present ": "true here: torch brings the algorithm",
    "theano.tensor.nnet.ctc.ctc_available ": "true here: torch brings the algorithm",
    "theano.tensor.signal.pool.pool_3d tls tlv": "windows of size 0",
    "theano.tensor.slinalg.ExpmGrad :qs": "a cotangent of another shape",
    "theano.scalar.unary_out_lookup y": "a variable in place of a dict",
    "theano.scalar.cast sD": "a tensor for a number: the Scalar that it becomes is not needed here",
    "theano.scalar.convert 0s": "numpy 1 took what has a dtype for one",
}
_LEFT_OUT = {(line.split(" ")[0], word) for line in LEFT_OUT for word in line.split(" ")[1:]}


def left_out(name, word):
    """Whether a use is left out of the record, for a reason of its own."""
    return (name, word) in _LEFT_OUT


#: the words that are tried, in this order, until enough of them work
WORDS = ["", *_ALL, *("".join(p) for p in itertools.product(_ALL, _ALL)),
         *("".join(p) for p in itertools.product(_MANY, _MANY, _MANY)),
         *("".join(p) for p in itertools.product(_FEW, repeat=4)), "mvL01", "mmmss", "vmvss", "sssss", "mvvss", "mvvL"]
MAKERS = ["", *"012-dDTNBpoe", *("".join(p) for p in itertools.product("012dDTNBp", repeat=2))]
#: those that are tried where the first give too little
_MADE, _PARTS = "".join(MADE), "yurgEHJXCRmv01pN"
MORE = ["rp", "r2p", "rpss", "fk", "fk67", "34", "fk67w", "fk67+", "67w8", "67+8", "67w88", "f8", "fp", "f8T", "f8TN",
        "fkN8",
        *_MADE, *("".join(p) for p in itertools.product(_MADE + "mvsi01pNdxMeT", repeat=2) if set(p) & set(_MADE)),
        *("".join(p) for p in itertools.product(_PARTS, repeat=3) if set(p) & set(_MADE)),
        *("".join(p) for p in itertools.product("ykgsv0", repeat=4) if set(p) & set("yg")),
        "dkfkf", "mmvvv", "mmvvvv", "fvvvv", "yYyYyY"]
MORE_MAKERS = [*"@GEFCW8+*9", *"N1 Ne e0 EC CE CFF WN W0 W1 W01 Bo @d GG 8T 8w".split()]


class Pool:
    """The variables of one use, made with the library at hand (the module ``theano``)."""

    def __init__(self, lib):
        self.variables = {}
        self.lib = lib

    def __getitem__(self, letter):
        if letter in PLAIN:
            return PLAIN[letter]
        if letter in LISTS:
            return [self[part] for part in LISTS[letter]]
        if letter in MADE and letter not in VALUES:
            return MADE[letter](self.lib)
        if letter not in self.variables:
            self.variables[letter] = MADE[letter](self.lib) if letter in MADE else self.tensor(letter)
        return self.variables[letter]

    def tensor(self, letter):
        dtype, ndim, _ = SYMBOLIC[letter]
        return self.lib.tensor.TensorType(dtype, (False,) * ndim)(letter)

    def arguments(self, word):
        return [self[letter] for letter in word]

    def inputs(self):
        """([variable], [value]) of those that were asked for: values that may be written to."""
        values = [VALUES[k]() if k in VALUES else np.copy(SYMBOLIC[k][2]) for k in self.variables]
        return list(self.variables.values()), values

    def computed(self, variables):
        """The values of variables, in plain form: with ops that write to their inputs, too."""
        xs, values = self.inputs()
        try:
            f = self.lib.function(xs, variables, on_unused_input="ignore")
        except self.lib.gof.InconsistencyError:
            xs = [self.lib.In(x, mutable=True) for x in xs]
            f = self.lib.function(xs, variables, on_unused_input="ignore")
        return [plainly(value) for value in f(*values)]


def plainly(value):
    """A value of a variable, as arrays, lists, and what tells of the state of a generator."""
    if isinstance(value, (list, tuple)):
        return [plainly(v) for v in value]
    if isinstance(value, np.random.RandomState):
        _, keys, place, *_ = value.get_state()
        return [int(keys.sum()), int(place)]
    if value is None or isinstance(value, slice):
        return str(value)
    return np.asarray(value)


def use(thing, word, pool):
    """The thing called with the arguments of a word."""
    if ":" in word:
        made, word = word.split(":")
        thing = thing(*pool.arguments(made))
    return thing(*pool.arguments(word))
