"""Linear algebra and Fourier transforms: every expression of matrix_lines.py against what the real Theano gave."""

import op_replay as replay

suites = {group: replay.suite(group) for group in ("matrices", "decomposed", "solved", "fourier")}

test_matrices, test_matrices_gradient, test_matrices_built, test_matrices_run = suites["matrices"]
test_decomposed, test_decomposed_gradient, test_decomposed_built, test_decomposed_run = suites["decomposed"]
test_solved, test_solved_gradient, test_solved_built, test_solved_run = suites["solved"]
test_fourier, test_fourier_gradient, test_fourier_built, test_fourier_run = suites["fourier"]
