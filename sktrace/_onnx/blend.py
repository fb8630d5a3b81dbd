"""A blend, as formulas of a graph: every member keeps its own state."""

from .._blend.weights import blend_predictions
from .step import StepModel

__all__ = ["BlendStep"]


class BlendStep(StepModel):
    """The fields of members, whose names begin with the member's.

    Parameters
    ----------
    blend : BlendClassifier
    members : dict of str to StepModel
        Those that count, by name.
    """

    def __init__(self, blend, members):
        self.members, self.weights = members, blend.weights_[list(members)].to_numpy()
        self.sizes = {
            f"{name}.{field}": size
            for name, member in members.items()
            for field, size in member.sizes.items()
        }
        self.n_items = max(
            (m.n_items for m in members.values() if m.n_items is not None),
            default=None,
        )

    def read(self, now, answer):
        """Let each member read what it knows how to read."""
        return {
            f"{name}.{field}": value
            for name, member in self.members.items()
            for field, value in member.read(self._own(now, name), answer).items()
        }

    def ask(self, now, skill, item):
        """Blend what members predict, in logits."""
        p = [
            member.ask(self._own(now, name), skill, item)
            for name, member in self.members.items()
        ]
        return blend_predictions(p, self.weights)

    def _own(self, now, name):
        """Return the fields of a member."""
        return {field: now[f"{name}.{field}"] for field in self.members[name].sizes}
