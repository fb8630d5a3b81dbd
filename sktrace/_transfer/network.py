"""The pretrained network: a few matrices, and the file they are kept in."""

import io
import zipfile
import zlib
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from .._arrays import CERTAIN
from .._files import write_whole
from .._plain import stored
from .inputs import INPUTS

__all__ = ["FARTHEST", "PretrainedNetwork"]

_FORMAT = 1
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError),
    *(KeyError, IndexError, TypeError, ValueError, RuntimeError, AttributeError),
)
# Rows are multiplied in blocks of one size, the last of which is filled up: how a sum
# is rounded depends on the shape of a matrix, and shall not on who else is predicted.
_BLOCK = 256
FARTHEST = 6.0  # standard deviations: beyond what it has seen, it does not extrapolate


@stored
@dataclass(frozen=True, eq=False)
class PretrainedNetwork:
    """What other classes taught, a network of rows that reads no names.

    Of inputs x, see `sktrace.pretraining`, it returns what to add to the logit of the
    factor model::

        h_0 = clip((x - mean) / spread, -6, 6)
        h_i = silu(W_i h_{i-1} + b_i)
        correction = w h_n + b                          silu(z) = z sigmoid(z)

    Made by `pretrain`, or read by `load`; given to `TransferClassifier`.

    Parameters
    ----------
    mean, spread : ndarray of shape (n_inputs,)
        Of the inputs in the classes that it has learnt from.
    layers : tuple of (weight, bias)
        The last of one output.
    learnt_from : str, default=""
        A note of what these classes were.
    """

    mean: np.ndarray
    spread: np.ndarray
    layers: tuple
    learnt_from: str = ""

    def correct(self, inputs):
        """Return what to add to the logits of rows.

        Parameters
        ----------
        inputs : ndarray of shape (n_rows, n_inputs)

        Returns
        -------
        ndarray of shape (n_rows,)
        """
        corrections = np.empty(len(inputs))
        for first in range(0, len(inputs), _BLOCK):
            rows = slice(first, first + _BLOCK)
            corrections[rows] = self._correct_block(inputs[rows])
        return corrections

    def _correct_block(self, inputs):
        """Return what to add to the logits of the rows of a block, or of fewer."""
        h = np.zeros((_BLOCK, len(self.mean)))
        h[: len(inputs)] = (inputs - self.mean) / self.spread
        h = np.clip(h, -FARTHEST, FARTHEST, out=h)
        *hidden, (weight, bias) = self.layers
        for inner, own in hidden:
            h = _silu(h @ inner.T + own)
        return (h @ weight.T + bias)[: len(inputs), 0]

    def predict(self, inputs, trust=1.0, is_right=True):
        """Return P of rows: of a right answer, or of a wrong one.

        Parameters
        ----------
        inputs : ndarray of shape (n_rows, n_inputs)
            The first column is the logit of the factor model.
        trust : float
        is_right : bool

        Returns
        -------
        ndarray of shape (n_rows,)
        """
        p = expit(inputs[:, 0] + trust * self.correct(inputs))
        p = np.clip(p, CERTAIN, 1 - CERTAIN)
        return p if is_right else 1 - p

    def save(self, path):
        """Write the network to a file, of some 30 kilobytes: whole, or not at all.

        Parameters
        ----------
        path : str or path
            Ends with ``.npz``, by custom.
        """
        arrays = {"mean": self.mean, "spread": self.spread}
        for place, (weight, bias) in enumerate(self.layers):
            arrays |= {f"weight_{place}": weight, f"bias_{place}": bias}
        arrays = {name: values.astype(np.float32) for name, values in arrays.items()}
        content = io.BytesIO()
        np.savez(
            content,
            format=_FORMAT,
            inputs=np.array(INPUTS),
            learnt_from=self.learnt_from,
            **arrays,
        )
        write_whole(path, content.getvalue())

    @classmethod
    def load(cls, path):
        """Read a network from a file. Nothing in it is executed.

        Parameters
        ----------
        path : str or path

        Raises
        ------
        FileNotFoundError
            If there is none.
        ValueError
            If it holds something else.
        """
        with open(path, "rb") as file:  # what is no archive would be left open
            content = io.BytesIO(file.read())
        try:
            with np.load(content) as arrays:
                return cls._read(dict(arrays.items()))
        except _UNREADABLE as error:
            raise ValueError(
                f"{str(path)!r} is no pretrained network of this version ({error}); "
                "expected a file that PretrainedNetwork.save wrote. Make one by "
                "`python -m sktrace pretrain`."
            ) from error

    @classmethod
    def _read(cls, arrays):
        if int(arrays["format"]) != _FORMAT or arrays["inputs"].tolist() != [*INPUTS]:
            raise ValueError("its inputs are others")
        n_layers = sum(name.startswith("weight_") for name in arrays)
        layers = tuple(
            (arrays[f"weight_{i}"].astype(float), arrays[f"bias_{i}"].astype(float))
            for i in range(n_layers)
        )
        mean, spread = (arrays[name].astype(float) for name in ("mean", "spread"))
        network = cls(mean, spread, layers, str(arrays["learnt_from"]))
        network.check()
        return network

    def check(self):
        """Refuse what is no network of these inputs.

        Raises
        ------
        ValueError
            If shapes do not fit, or a number is not finite.
        """
        sizes = [len(INPUTS), *(len(bias) for _, bias in self.layers)]
        shapes = [*zip(sizes[1:], sizes, strict=False)]
        if sizes[-1] != 1 or [weight.shape for weight, _ in self.layers] != shapes:
            raise ValueError(
                f"its layers are of shapes {[w.shape for w, _ in self.layers]}"
            )
        if not self.mean.shape == self.spread.shape == (len(INPUTS),):
            raise ValueError(f"it scales {self.mean.shape} inputs")
        numbers = [self.mean, self.spread, *(v for layer in self.layers for v in layer)]
        if not all(np.isfinite(v).all() for v in numbers) or (self.spread <= 0).any():
            raise ValueError("its numbers are not finite, or a spread is not positive")


def _silu(z):
    """Return z sigmoid(z), in the place of z."""
    with np.errstate(over="ignore"):  # of what is infinite, nothing is left
        gate = np.exp(-z)
    gate += 1
    return np.divide(z, gate, out=z)
