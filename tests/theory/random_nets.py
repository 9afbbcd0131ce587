"""Random networks in plain numpy, the simulated twin of the formulas: gradients by hand, no autograd."""

import numpy as np


def gaussian(rng, rows, columns, sigma_w2=1.0):
    return rng.standard_normal((rows, columns)) * np.sqrt(sigma_w2 / columns)


def orthogonal(rng, size):
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return q * np.sign(np.diag(r))


def normalise(z, kind):
    """y = norm(z) of shape (batch, units), and the function that takes dL/dy to dL/dz."""
    if kind == "none":
        return z, lambda g: g
    axis = 0 if kind == "batch" else 1
    centre = z.mean(axis, keepdims=True) if kind != "rms" else 0.0
    scale = np.sqrt(np.mean((z - centre) ** 2, axis, keepdims=True))
    y = (z - centre) / scale

    def back(g):
        mean = g.mean(axis, keepdims=True) if kind != "rms" else 0.0
        return (g - mean - y * np.mean(g * y, axis, keepdims=True)) / scale

    return y, back


def gradient_norms(rng, weights, activation, x, kind="none"):
    """||dL/dz_l|| for l = 1 .. L of z_l = W_l h, h = phi(norm(z)), for a random dL/dz_L; summed over the batch."""
    h, tape = x, []
    for weight in weights:
        z = h @ weight.T
        y, back = normalise(z, kind)
        h = activation.phi(y)
        tape.append((weight, activation.slope(y), back))
    g = rng.standard_normal(z.shape)
    norms = [np.linalg.norm(g)]
    for (weight, _, _), (_, slope, back) in zip(tape[:0:-1], tape[-2::-1], strict=True):
        g = back((g @ weight) * slope)
        norms.append(np.linalg.norm(g))
    return np.array(norms[::-1])
