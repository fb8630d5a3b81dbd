"""P(known) of every skill after rows of a log."""

import numpy as np

from .._interactions.spans import SkillSpans
from .em import Filter
from .opportunities import read_groups

__all__ = ["know_after"]


def know_after(entries, places, log, timeline, cells, rates, histories, after, always):
    """Return P(known) of the skills after the moments of some entries.

    Parameters
    ----------
    entries : ndarray of shape (n_asked,)
        Places in time order.
    places : ndarray of shape (n_asked,)
        Where each of them stands in what is returned.
    log, timeline, cells
        As histories were grown from; the last skill is the unknown one, left out here.
    rates : ndarray of shape (n_cells, 1)
    histories : Histories
    after : ndarray of shape (n_entries,)
        Node of each entry's own skill, in time order.
    always : bool
        What was answered may have been forgotten since, whenever that was.

    Returns
    -------
    ndarray of shape (n_asked, n_skills)
    """
    skills = np.arange(cells.n_skills - 1)
    state = np.empty((len(entries), len(skills)))
    groups = read_groups(log, timeline, cells)[timeline.student[entries]]
    for group in np.unique(groups):
        prior = rates[cells.find("prior", skills, group), 0]
        state[places[groups == group]] = prior
    spans = SkillSpans(log, timeline)
    asked, span = spans.after(entries)
    is_known = spans.skill[span] < len(skills)
    asked, span = asked[is_known], span[is_known]
    forgets = np.full(len(spans.entry), float(always))
    known = Filter(histories, rates).known_next(after[spans.entry], forgets)[:, 0]
    state[places[asked], spans.skill[span]] = known[span]
    return state
