"""Page "Loading and saving": pickling of shared variables, models, functions; several objects in one file."""

import io
import pickle


class Model:
    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.training_set = list(range(10))

    def __getstate__(self):
        state = dict(self.__dict__)
        del state["training_set"]
        return state

    def __setstate__(self, d):
        self.__dict__.update(d)
        self.training_set = []


class LongTerm:
    def __init__(self, W, b):
        self.weights = W
        self.bias = b

    def __getstate__(self):
        return (self.weights, self.bias)

    def __setstate__(self, state):
        self.weights, self.bias = state


def example_basics(theano, T, np):
    f = io.BytesIO()
    objects = [
        theano.shared(np.ones((2, 3)), name="W"),
        theano.shared(np.float32(3), name="b"),
        theano.shared(7),
    ]
    for obj in objects:
        pickle.dump(obj, f, protocol=pickle.HIGHEST_PROTOCOL)
    f.seek(0)
    loaded = [pickle.load(f) for _ in range(3)]
    return {
        "values": [s.get_value() for s in loaded],
        "names": [s.name for s in loaded],
        "types": [str(s.type) for s in loaded],
    }


def example_protocols(theano, T, np):
    s = theano.shared(np.arange(6.0).reshape(2, 3), name="W", broadcastable=(False, False))
    return {str(p): pickle.loads(pickle.dumps(s, protocol=p)).get_value() for p in range(5)}


def example_model_with_state(theano, T, np):
    model = Model(theano.shared(np.eye(2), name="W"), theano.shared(np.zeros(2), name="b"))
    again = pickle.loads(pickle.dumps(model, protocol=2))
    x = T.dvector("x")
    f = theano.function([x], T.dot(x, again.W) + again.b)
    again.b.set_value(np.array([1.0, 2.0]))
    return {"f": f([3, 4]), "original_b": model.b.get_value(), "training_set": again.training_set}


def example_long_term(theano, T, np):
    model = LongTerm(np.eye(2), np.zeros(2))
    again = pickle.loads(pickle.dumps(model, protocol=2))
    return {"weights": again.weights, "bias": again.bias}


def example_function_and_graph(theano, T, np):
    x = T.dvector("x")
    w = theano.shared(np.array([1.0, 2.0]), name="w")
    y = T.tanh(x * w)
    f = theano.function([x], y, updates=[(w, w + 1)])
    x2, y2 = pickle.loads(pickle.dumps((x, y)))
    f2 = pickle.loads(pickle.dumps(f))
    rebuilt = theano.function([x2], y2)
    return {"rebuilt": rebuilt([0.1, 0.2]), "copy": [f2([0.1, 0.2]), f2([0.1, 0.2])], "w": w.get_value()}
