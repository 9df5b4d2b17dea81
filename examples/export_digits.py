"""
Export the trained digits model to a file that plain torch can load.

    python export_digits.py [folder with digits_params.pkl]

Rebuilds the prediction function of digits_mlp.py with the saved parameters,
exports it as digits.pt, and writes what it predicts for the test images to
digits_predictions.npy, so that serve_digits.py can compare.
"""
import os
import pickle
import sys

import numpy

import tgraph.compat

tgraph.compat.install()

import theano
import theano.tensor as T

from digits_mlp import HERE, MLP, load_data


def export(folder):
    with open(os.path.join(folder, 'digits_params.pkl'), 'rb') as f:
        values = pickle.load(f)
    x = T.TensorType(values[0].dtype, (False, False))('x')
    classifier = MLP(numpy.random.RandomState(0), x)
    for param, value in zip(classifier.params, values):
        param.set_value(value)
    predict = theano.function([x], classifier.y_pred, name='predict')

    images, digits = load_data()[2]
    predictions = predict(images.astype(x.dtype))
    print('test error %.2f %%' % (100. * numpy.mean(predictions != digits)))
    predict.export(os.path.join(folder, 'digits.pt'))
    numpy.save(os.path.join(folder, 'digits_predictions.npy'), predictions)
    print('Saved digits.pt and digits_predictions.npy in %s' % folder)


if __name__ == '__main__':
    export(sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, 'out'))
