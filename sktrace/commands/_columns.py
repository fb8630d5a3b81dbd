"""Which column of a stranger's log plays which role, told by its name."""

import re

__all__ = ["ROLES", "guess_columns"]

# The name of each role in the frame that is read: its column, and what it is.
ROLES = {
    "student": ("user_id", "who answered"),
    "order": ("order_id", "time within a student; 'none' if rows are in time order"),
    "skill": ("skill_name", "skill practised; 'none' for one skill"),
    "correct": ("correct", "answer given, 0 or 1; empty if not asked yet"),
}
# Names as people write them, the surest first, without case and punctuation.
_USUAL = {
    "student": "userid studentid anonstudentid learnerid pupilid student user learner "
    "pupil participantid participant subjectid subject uid sid studentname username",
    "order": "orderid order timestamp starttime time datetime date createdat "
    "submittedat answeredat when firsttransactiontime logid sequence step position",
    "skill": "skillname skill skillid skills kcdefault kc kcs knowledgecomponent "
    "concept conceptid topic topicid topicname competency objective standard",
    "correct": "correct iscorrect correctness answeredcorrectly answercorrect right "
    "isright correctfirstattempt outcome success passed result score",
}
# One of these words in a longer name will do where no name is usual.
_TELLING = {
    "student": {"student", "user", "learner", "pupil", "participant"},
    "order": {"timestamp", "time", "date", "datetime", "order"},
    "skill": {"skill", "kc", "concept", "topic", "competency"},
    "correct": {"correct", "right", "outcome", "success"},
}
# A time of another kind: how long an answer took, or when the student was born.
_OTHER_TIME = {
    *("response", "reaction", "elapsed", "taken", "spent", "duration", "task"),
    *("birth", "limit", "due", "zone", "total", "mean", "average", "avg"),
    *("ms", "seconds", "minutes", "hours"),
}
_MAY_LACK = {"order"}  # rows may stand in time order; the other roles need a column


def guess_columns(header, given):
    """Find the column of each role.

    Parameters
    ----------
    header : list of str
        Columns of the file.
    given : dict
        Role to the column that the user named, or "none"; None asks for a guess.

    Returns
    -------
    columns : dict
        Role to column; None where no column plays it.
    guessed : set
        Roles whose column was not given.

    Raises
    ------
    ValueError
        If a column given is not there, or a role has no candidate, or several.
    """
    columns = {role: _take(header, role, name) for role, name in given.items() if name}
    named = [name for name in columns.values() if name is not None]
    if len(set(named)) < len(named):
        raise ValueError(
            f"One column was named for two roles: {named}; expected a column each."
        )
    guessed = [role for role in ROLES if role not in columns]
    free = [name for name in header if name not in columns.values()]
    for role in guessed:
        columns[role] = _guess(free, role, header)
        free = [name for name in free if name != columns[role]]
    return columns, set(guessed)


def _take(header, role, name):
    if name.lower() == "none" and name not in header:
        if role in ("student", "correct"):
            raise ValueError(
                f"--{role} none; expected a column, since a log says {ROLES[role][1]}. "
                f"Its columns are {header}."
            )
        return None
    if header.count(name) != 1:
        raise ValueError(
            f"--{role} {name}: the log has {header.count(name)} columns of this name; "
            f"expected one of {header}."
        )
    return name


def _guess(free, role, header):
    plain = {name: "".join(_words(name)) for name in free}
    for usual in _USUAL[role].split():
        found = [name for name in free if plain[name] == usual]
        if found:
            return _only(found, role)
    found = [name for name in free if _TELLING[role] & set(_words(name))]
    if role == "order":
        found = [name for name in found if not _OTHER_TIME & set(_words(name))]
    if found:
        return _only(found, role)
    if role in _MAY_LACK:
        return None
    none = ", or --skill none if all is one skill" if role == "skill" else ""
    raise ValueError(
        f"No column's name says {role} ({ROLES[role][1]}); got the columns {header}. "
        f"Name it: --{role} COLUMN{none}."
    )


def _only(found, role):
    if len(set(found)) < len(found):
        raise ValueError(
            f"{len(found)} columns are named {found[0]!r}; expected names that differ. "
            "Rename all but the one that counts."
        )
    if len(found) > 1:
        raise ValueError(
            f"Several columns' names say {role}: {found}. Name the one: "
            f'--{role} "{found[0]}".'
        )
    return found[0]


def _words(name):
    """Split a name at punctuation and before capitals, in lower case."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W_]+", spaced.lower())
