"""Names of skills to codes, the same for a log, a request and a live answer."""

import numpy as np

from ._validation import first_few

__all__ = ["Vocabulary", "as_list"]


def as_list(skills):
    """Return skills as a list; a name alone is a list of one."""
    return [skills] if isinstance(skills, str) else list(skills)


class Vocabulary:
    """The skills a tracer knows; code ``len(vocabulary)`` is the unknown skill.

    Parameters
    ----------
    names : sequence of hashables
        The known skills, in order of their codes.
    handle_unknown : {"prior", "error"}
        Whether other names get the code of the unknown skill or are refused.
    """

    def __init__(self, names, handle_unknown):
        self.code_of = {name: code for code, name in enumerate(names)}
        self.handle_unknown = handle_unknown

    def __len__(self):
        return len(self.code_of)

    def unseen(self, names):
        """Return the names that have no code of their own."""
        return [name for name in names if name not in self.code_of]

    def encode(self, names):
        """Return the code of each name."""
        unseen = self.unseen(names)
        if unseen and self.handle_unknown == "error":
            raise ValueError(
                f"{len(unseen)} skill(s) were not seen in fit: {first_few(unseen)}; "
                f"expected some of the {len(self)} in skills_. Fit on a log that has "
                'them, or pass handle_unknown="prior" to read them as the average '
                "skill."
            )
        codes = [self.code_of.get(name, len(self)) for name in names]
        return np.array(codes, dtype=np.int64)

    def encode_log(self, log):
        """Return a log whose skills are coded by this vocabulary."""
        nameless = int((log.skill < 0).sum())
        if nameless and self.handle_unknown == "error":
            raise ValueError(
                f"The skill column names no skill in {nameless} row(s); expected one "
                'in every row, as handle_unknown="error" says. Drop these rows with '
                'X.dropna(), or pass handle_unknown="prior" to read them as the '
                "average skill."
            )
        # Code -1, no skill named, reads the last entry: the unknown skill.
        code = np.append(self.encode(log.skills.tolist()), len(self))
        return log._replace(skill=code[log.skill])
