# elman tagger over windows of words, embeddings scaled back to length one after every sentence
from collections import OrderedDict
import copy, random, os, subprocess, shutil, tempfile
import numpy, theano
from theano import tensor as T
from theano import config


def contextwin(l, win):
    assert (win % 2) == 1
    l = list(l)
    lpadded = win // 2 * [-1] + l + win // 2 * [-1]
    return [lpadded[i : (i + win)] for i in range(len(l))]


def shuffle(lol, seed):
    for l in lol:
        random.seed(seed)
        random.shuffle(l)


class RNNSLU(object):
    def __init__(self, nh, nc, ne, de, cs, normal=True):
        numpy.random.seed(345)
        u = lambda *s: 0.2 * numpy.random.uniform(-1.0, 1.0, s).astype(theano.config.floatX)
        self.emb = theano.shared(name="embeddings", value=u(ne + 1, de))
        self.wx = theano.shared(name="wx", value=u(de * cs, nh))
        self.wh = theano.shared(name="wh", value=u(nh, nh))
        self.w = theano.shared(name="w", value=u(nh, nc))
        self.bh = theano.shared(name="bh", value=numpy.zeros(nh, dtype=theano.config.floatX))
        self.b = theano.shared(name="b", value=numpy.zeros(nc, dtype=theano.config.floatX))
        self.h0 = theano.shared(name="h0", value=numpy.zeros(nh, dtype=theano.config.floatX))
        self.params = [self.emb, self.wx, self.wh, self.w, self.bh, self.b, self.h0]
        idxs = T.imatrix()
        x = self.emb[idxs].reshape((idxs.shape[0], de * cs))
        y_sentence = T.ivector("y_sentence")

        def recurrence(x_t, h_tm1):
            h_t = T.nnet.sigmoid(T.dot(x_t, self.wx) + T.dot(h_tm1, self.wh) + self.bh)
            s_t = T.nnet.softmax(T.dot(h_t, self.w) + self.b)
            return [h_t, s_t]

        [h, s], _ = theano.scan(fn=recurrence, sequences=x, outputs_info=[self.h0, None], n_steps=x.shape[0])
        print(h.type, s.type, _)
        p_y_given_x_sentence = s[:, 0, :]
        y_pred = T.argmax(p_y_given_x_sentence, axis=1)
        lr = T.scalar("lr")
        sentence_nll = -T.mean(T.log(p_y_given_x_sentence)[T.arange(x.shape[0]), y_sentence])
        sentence_gradients = T.grad(sentence_nll, self.params)
        sentence_updates = OrderedDict((p, p - lr * g) for p, g in zip(self.params, sentence_gradients))
        self.classify = theano.function(inputs=[idxs], outputs=y_pred)
        self.sentence_train = theano.function(
            inputs=[idxs, y_sentence, lr], outputs=sentence_nll, updates=sentence_updates
        )
        self.normalize = theano.function(
            inputs=[], updates={self.emb: self.emb / T.sqrt((self.emb**2).sum(axis=1)).dimshuffle(0, "x")}
        )
        self.normal = normal

    def train(self, x, y, ws, lr):
        cwords = contextwin(x, ws)
        words = list(map(lambda x: numpy.asarray(x).astype("int32"), cwords))
        c = self.sentence_train(numpy.asarray(words), y, numpy.asarray(lr, theano.config.floatX))
        if self.normal:
            self.normalize()
        return c

    def save(self, folder):
        for param in self.params:
            numpy.save(os.path.join(folder, param.name + ".npy"), param.get_value())

    def load(self, folder):
        for param in self.params:
            param.set_value(numpy.load(os.path.join(folder, param.name + ".npy")))


r = numpy.random.RandomState(1)
lens = [7, 4, 9, 5, 6]
lex = [r.randint(0, 20, n).astype("int32").tolist() for n in lens]
lab = [[(w * 3) % 5 for w in s] for s in lex]
m = RNNSLU(nh=12, nc=5, ne=20, de=6, cs=3)
for e in range(4):
    shuffle([lex, lab], e)
    cl = 0.3 * (0.95**e)
    print(e, ["%.5f" % m.train(x, numpy.asarray(y, "int32"), 3, cl) for x, y in zip(lex, lab)])
print(m.classify(numpy.asarray(contextwin(lex[0], 3)).astype("int32")).tolist(), lab[0])
rs = tempfile.mkdtemp()
m.save(rs)
e0 = m.emb.get_value()
m.emb.set_value(e0 * 0)
m.load(rs)
print(numpy.allclose(m.emb.get_value(), e0), m.emb.get_value()[-1, :3].tolist(), m.h0.get_value()[:4])
shutil.rmtree(rs)
