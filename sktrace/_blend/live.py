"""A blend as a live tracer uses it: every member keeps its own state."""

from .._tracer.live_model import LiveModel
from .._tracer.moments import MomentWriter
from .._tracer.questions import roles_of
from .weights import blend_predictions

__all__ = ["LiveBlend", "columns_of"]


class LiveBlend(LiveModel):
    """A state is a tuple of the members' states.

    Parameters
    ----------
    blend : BlendClassifier
        Fitted; what it has learnt is copied.
    """

    def __init__(self, blend):
        self.members = [
            (member._live_model(), set(roles_of(member).further))
            for member in blend.estimators_
        ]
        self.weights = blend._weights
        self.every_skill = MomentWriter(blend).ask()[0]

    def start(self, student):
        """Return the states in which members meet a student."""
        return tuple(model.start(student) for model, _ in self.members)

    def read(self, state, moment):
        """Let each member read what it knows how to read."""
        return tuple(
            model.read(own, _part(moment, roles))
            for own, (model, roles) in zip(state, self.members, strict=True)
        )

    def read_many(self, states, moments):
        """Let each member read the answers of many."""
        after = [
            model.read_many([state[number] for state in states], _part(moments, roles))
            for number, (model, roles) in enumerate(self.members)
        ]
        return list(zip(*after, strict=True))

    def ask(self, state, moment):
        """Return P(``classes_[1]``) of each row of a `Moment`."""
        p = [
            model.ask(own, _part(moment, roles))
            for own, (model, roles) in zip(state, self.members, strict=True)
        ]
        return blend_predictions(p, self.weights)

    def knowledge(self, state):
        """Return P(``classes_[1]``) of every known skill."""
        return self.ask(state, self.every_skill)


def columns_of(columns, roles):
    """Keep the further columns that a member reads."""
    return {role: values for role, values in columns.items() if role in roles}


def _part(moment, roles):
    return moment._replace(further=columns_of(moment.further, roles))
