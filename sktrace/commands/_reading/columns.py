"""Which column of a stranger's log plays which role, told by its name."""

import re
import shlex

from .._words import list_names, quote
from ..datasets._read_problems import Problems, ReadingError
from ._roles import NEEDED, ROLES

__all__ = ["guess_columns", "guess_student", "take_columns"]

# Names as people write them, the surest first, without case and punctuation.
_USUAL = {
    "student": "userid studentid anonstudentid learnerid pupilid student user learner "
    "pupil participantid participant subjectid subject uid sid uuid studentname "
    "username",
    "order": "orderid order timestamp starttime time datetime date createdat "
    "submittedat answeredat when firsttransactiontime timestamptw timedone logid "
    "sequence step position",
    "skill": "skillname skill skillid skills kcdefault kc kcs knowledgecomponent "
    "concept conceptid topic topicid topicname competency objective standard",
    "correct": "correct iscorrect correctness answeredcorrectly answercorrect right "
    "isright correctfirstattempt outcome success passed result score",
    "item": "itemid item problemid problem questionid question upid contentid "
    "exerciseid exercise problemname questionname itemname",
}
_PAIR = ["problemname", "stepname"]  # DataShop's; problems share names of steps
# One of these words in a longer name will do where no name is usual.
_TELLING = {
    "student": {"student", "user", "learner", "pupil", "participant"},
    "order": {"timestamp", "time", "date", "datetime", "order"},
    "skill": {"skill", "kc", "concept", "topic", "competency"},
    "correct": {"correct", "right", "outcome", "success"},
}
# What will do where no name tells: what EdNet and Junyi call that which is practised.
_LAST = {"skill": "tags ucid exercise"}
# A time of another kind: how long an answer took, or when the student was born.
_OTHER_TIME = {
    *("response", "reaction", "elapsed", "taken", "spent", "duration", "task"),
    *("birth", "limit", "due", "zone", "total", "mean", "average", "avg"),
    *("ms", "seconds", "minutes", "hours"),
}
_MAY_LACK = {"order", "item"}  # rows may stand in time order; others need a column


def guess_columns(header, given):
    """Find the column of each role.

    Parameters
    ----------
    header : list of str
        Columns of the file.
    given : dict
        Role to the column that the user named, or "none"; None asks for a guess. The
        item has a list of columns. The time is not guessed: it is off unless named.

    Returns
    -------
    columns : dict
        Role to column, for the item a list of them; None where no column plays it.
    guessed : set
        Roles whose column was not given.

    Raises
    ------
    ValueError
        If columns given are not there, or a role has no candidate, or several; all
        that is wrong is said.
    """
    columns = take_columns(header, given)
    # The time may be the column of the order, and one of several that name the item
    # that of the skill: these columns are free for other roles.
    items = columns.get("item") or []
    alone = [columns[role] for role in NEEDED if columns.get(role)]
    named = alone + items * (len(items) == 1)
    if len(set(named)) < len(named):
        raise ReadingError(
            f"One column was named for two roles: {list_names(named)}; expected a "
            "column each."
        )
    guessed = [role for role in [*NEEDED, "item"] if role not in columns]
    free = [name for name in header if name not in named]
    problems = Problems()
    for role in guessed:
        with problems.collect():
            columns[role] = _guess(free, role, header)
            free = [name for name in free if name != columns[role]]
    problems.refuse()
    columns.setdefault("time", None)
    return {role: columns[role] for role in ROLES}, set(guessed)


def guess_student(header, name=None):
    """Find the column of the students alone, which may have been named."""
    given = take_columns(header, {"student": name})
    return given.get("student") or _guess(header, "student", header)


def take_columns(header, given):
    """Return the columns that were named, by role; None where "none" was."""
    columns, problems = {}, Problems()
    for role, name in given.items():
        with problems.collect():
            if name and role == "item":
                none = len(name) == 1 and name[0].lower() == "none" not in header
                taken = None if none else [_take(header, role, each) for each in name]
                columns[role] = taken
            elif name:
                columns[role] = _take(header, role, name)
    problems.refuse()
    return columns


def _take(header, role, name):
    if role != "item" and name.lower() == "none" and name not in header:
        if role in ("student", "correct"):
            raise ReadingError(
                f"--{role} none; expected a column, since a log says {ROLES[role][1]}. "
                f"Its columns are {list_names(header)}."
            )
        return None
    if header.count(name) != 1:
        raise ReadingError(
            f"--{role} {name}: the log has {header.count(name)} columns of this name; "
            f"expected one of {list_names(header)}."
        )
    return name


def _guess(free, role, header):
    if role == "item":
        return _guess_item(free)
    if found := _find_usual(free, _USUAL[role], role):
        return found
    found = [name for name in free if _TELLING[role] & set(_words(name))]
    if role == "order":
        found = [name for name in found if not _OTHER_TIME & set(_words(name))]
    if found:
        return _only(found, role)
    if last := _find_usual(free, _LAST.get(role, ""), role):
        return last
    if role in _MAY_LACK:
        return None
    none = ", or --skill none if all is one skill" if role == "skill" else ""
    raise ReadingError(
        f"No column's name says {role} ({ROLES[role][1]}); got the columns "
        f"{list_names(header)}. Name it: --{role} COLUMN{none}."
    )


def _guess_item(free):
    """Return what names the item, for which a longer name will not do."""
    pair = [_find_usual(free, name, "item") for name in _PAIR]
    if all(pair):
        return pair
    found = _find_usual(free, _USUAL["item"], "item")
    return None if found is None else [found]


def _find_usual(free, names, role):
    """Return the column with the first of some names, or None."""
    plain = {name: "".join(_words(name)) for name in free}
    for usual in names.split():
        if found := [name for name in free if plain[name] == usual]:
            return _only(found, role)
    return None


def _only(found, role):
    if len(set(found)) < len(found):
        raise ReadingError(
            f"{len(found)} columns are named {quote(found[0])}; expected names that "
            "differ. Rename all but the one that counts."
        )
    if len(found) > 1:
        raise ReadingError(
            f"Several columns' names say {role}: {list_names(found)}. Name the one: "
            f"--{role} {shlex.quote(found[0])}."
        )
    return found[0]


def _words(name):
    """Split a name at punctuation and before capitals, in lower case."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W_]+", spaced.lower())
