"""Our callbacks of an epoch: a bar, what Ctrl-C leaves, and what a kill leaves."""

import copy
import warnings

from skorch.callbacks import Callback

from .training_state import TRAINED, KeptHistory, renew_generators

__all__ = ["KeepEpochs", "Progress", "WholeEpochs"]


class Progress(Callback):
    """One bar over the epochs with the losses beside it; a widget in a notebook."""

    begins_anew = True  # in a training that goes on from a checkpoint

    def __init__(self, epochs):
        self.epochs = epochs

    def on_train_begin(self, net, **kwargs):
        with warnings.catch_warnings():
            # In a notebook without ipywidgets it warns, and draws a good bar of text.
            warnings.simplefilter("ignore")
            from tqdm.auto import tqdm
        # Under another bar, such as one over folds, it goes when it is done.
        self.bar_ = tqdm(total=self.epochs, unit="epoch", desc="training", leave=None)

    def on_epoch_end(self, net, **kwargs):
        epoch = net.history[-1]
        losses = {
            key: epoch[key] for key in ("train_loss", "valid_loss") if key in epoch
        }
        self.bar_.set_postfix(losses, refresh=False)
        self.bar_.update()


class WholeEpochs(Callback):
    """Keeps what the last whole epoch left, for Ctrl-C comes in the midst of one.

    It may come between two weights of one step.
    """

    n_epochs, begins_anew = 0, True

    def on_epoch_end(self, net, **kwargs):
        self.states = {name: _copy_state(getattr(net, name)) for name in TRAINED}
        self.n_epochs += 1
        renew_generators(net.device)

    def restore(self, net, n_before):
        """Let a net be as it was then; it had `n_before` epochs of earlier calls."""
        del net.history[n_before + self.n_epochs :]
        if self.n_epochs:
            for name, state in self.states.items():
                getattr(net, name).load_state_dict(state)


def _copy_state(trained):
    return copy.deepcopy(trained.state_dict())


class KeepEpochs(Callback):
    """Writes a checkpoint after every epoch.

    Skorch's `Checkpoint` writes a file for each part, so that a kill may leave parts of
    two epochs, and neither generators, nor schedules, nor the state of callbacks.
    """

    begins_anew = True

    def __init__(self, checkpoint):
        self.checkpoint = checkpoint

    def on_train_begin(self, net, **kwargs):
        self.epochs_ = KeptHistory()

    def on_epoch_end(self, net, **kwargs):
        self.checkpoint.write(net, self.epochs_)
