"""
Serve the exported digits model with torch alone.

    python serve_digits.py [folder with digits.pt and digits_predictions.npy]

This process cannot import tgraph or theano: it refuses to. It loads digits.pt,
classifies the test images and compares with the predictions that
export_digits.py saved; the exit code is 1 if one differs.
"""
import os
import sys


class Refuse(object):
    """An entry of sys.meta_path that stops the import of the named packages."""
    names = ('tgraph', 'theano')

    def find_spec(self, fullname, path=None, target=None):
        if fullname.split('.')[0] in self.names:
            raise ImportError('%s must not be imported here' % fullname)
        return None


sys.meta_path.insert(0, Refuse())

import numpy
import torch

HERE = os.path.dirname(os.path.abspath(__file__))


def test_set(path=os.path.join(HERE, 'data', 'digits.csv.gz')):
    """The test images and digits, the same rows as in digits_mlp.py."""
    table = numpy.loadtxt(path, delimiter=',')
    numpy.random.RandomState(89677).shuffle(table)
    return table[1500:, :64] / 16., table[1500:, 64]


def serve(folder):
    """Whether the loaded model predicts what was saved."""
    model = torch.jit.load(os.path.join(folder, 'digits.pt'))
    expected = numpy.load(os.path.join(folder, 'digits_predictions.npy'))
    images, digits = test_set()
    dtype = [b.dtype for b in list(model.buffers()) + list(model.parameters())
             if b.dtype.is_floating_point][0]
    predictions = model(torch.from_numpy(images).to(dtype)).numpy()
    same = predictions.shape == expected.shape and bool((predictions == expected).all())
    print('test error %.2f %%' % (100. * numpy.mean(predictions != digits)))
    print('first predictions: %s' % ' '.join(str(p) for p in predictions[:20]))
    print('the same as before the export' if same else 'NOT the same as before the export')
    return same


if __name__ == '__main__':
    sys.exit(0 if serve(sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, 'out')) else 1)
