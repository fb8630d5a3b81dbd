"""Which column of a stranger's log plays which role, told by its name and cells."""

from collections import Counter
from difflib import get_close_matches

from ..._words import list_names, quote
from ...datasets._read_problems import Argument, Problems, ReadingError
from .._roles import NEEDED, ROLES
from .contents import judge_pair, looks_like_answers, looks_like_dates
from .usual_names import find_telling, find_usual, is_clock, is_date, is_doubtful

__all__ = ["as_list", "guess_columns", "guess_student", "take_columns"]

_WIDE = 60  # columns; of more, none is looked at whose name tells nothing


def guess_columns(header, given, sample=None):
    """Find the column of each role.

    A name that is known for a role will do unless the column holds something else; a
    name that is likelier to mean it than not, if the column says the same.

    Parameters
    ----------
    header : list of str
        Columns of the file.
    given : dict
        Role to the column that the user named, or "none"; None asks for a guess. The
        order, the time and the item may have a list of columns. The time is not
        guessed: it is off unless named.
    sample : Sample, default=None
        What the columns hold. None goes by the names alone.

    Returns
    -------
    columns : dict
        Role to column, for the item a list of them, for the order and the time a list
        of a column of dates and one of times of the day, or a column; None where no
        column plays it.
    guessed : set
        Roles whose column was not given.

    Raises
    ------
    ReadingError
        If columns given are not there, or a role has no candidate, or several; all
        that is wrong is said.
    """
    problems = Problems()
    columns = _take_given(header, given, problems)
    # The time may be the column of the order, and one of several that name the item
    # that of the skill: these columns are free for other roles.
    items = columns.get("item") or []
    alone = [name for role in NEEDED for name in as_list(columns.get(role))]
    named = alone + items * (len(items) == 1)
    if len(set(named)) < len(named):
        raise ReadingError(
            f"One column was named for two roles: {list_names(named)}; expected a "
            "column each."
        )
    wrong = [role for role, name in given.items() if name and role not in columns]
    guessed = [r for r in [*NEEDED, "item"] if r not in columns and r not in wrong]
    free = [name for name in header if name not in named]
    for role in guessed:
        guess = _Guess(role, free, sample, columns.get("student"))
        with problems.collect():
            columns[role] = guess.find([] if problems.found else header)
        taken = as_list(columns.get(role)) or guess.proposed
        free = [name for name in free if name not in taken]
    problems.refuse()
    columns.setdefault("time", None)
    return {role: columns[role] for role in ROLES}, set(guessed)


def guess_student(header, name=None):
    """Find the column of the students alone, which may have been named."""
    given = take_columns(header, {"student": name})
    return given.get("student") or _Guess("student", header, None, None).find(header)


def as_list(names):
    """Return the columns of a role, none, one or several, as a list."""
    return [] if names is None else names if isinstance(names, list) else [names]


def take_columns(header, given):
    """Return the columns that were named, by role; None where "none" was."""
    problems = Problems()
    columns = _take_given(header, given, problems)
    problems.refuse()
    return columns


def _take_given(header, given, problems):
    columns = {}
    for role, names in given.items():
        if names:
            with problems.collect():
                columns[role] = _take(header, role, as_list(names))
    return columns


def _take(header, role, names):
    """Return the column that was named, or several of them; None for "none"."""
    if len(names) == 1 and names[0].lower() == "none" not in header:
        if role in ("student", "correct"):
            raise ReadingError(
                f"--{role} none; expected a column, since a log says {ROLES[role][1]}. "
                f"Its columns are {list_names(header)}."
            )
        return None
    for name in names:
        if header.count(name) != 1:
            _refuse_name(header, role, names, name)
    most = {"item": len(names), "order": 2, "time": 2}.get(role, 1)
    if len(names) > most:
        raise ReadingError(
            f"--{role} names {list_names(names)}; expected one column"
            f"{', or one of dates and one of times of the day' * (most == 2)}."
        )
    return names if role == "item" or len(names) > 1 else names[0]


def _refuse_name(header, role, names, name):
    """Refuse a name that no one column has; advise one that is like it, or usual."""
    found = get_close_matches(name, header, 1) if len(header) <= _WIDE else []
    found += [usual for (tier, *_), usual in find_usual(header, role) if tier == 0]
    found = [each for each in found if header.count(each) == 1 and each not in names]
    advice = []
    if found:
        repaired = [found[0] if each == name else each for each in names]
        advice = [" Is it meant: ", name_role(role, repaired), "?"]
    raise ReadingError(
        f"--{role} {name}: the log has {header.count(name)} columns of this name; "
        f"expected one of {list_names(header)}.",
        *advice,
    )


def name_role(role, columns):
    """Return the argument of the reader that names a role's columns."""
    if isinstance(columns, list) and len(columns) == 1:
        columns = columns[0]
    if role in NEEDED:
        return Argument("columns", {ROLES[role][0]: columns})
    return Argument(role, columns)


class _Guess:
    """A role whose column is looked for among those that are free."""

    def __init__(self, role, free, sample=None, student=None):
        self.role, self.free = role, free
        self._sample, self._student = sample, student
        self.proposed = []  # where it is asked for
        self._times = Counter(free)  # that a name occurs
        self._against = {}  # column to what speaks against it

    def find(self, header):
        """Return the column, or several; raise if it is to be asked for."""
        if self.role == "item" and (steps := _find_steps(self.free)):
            return steps
        usual = find_usual(self.free, self.role)
        fits = self._judge([name for _, name in usual])
        sure = [name for (tier, *_), name in usual if tier == 0 and name in fits]
        found = [name for name in sure if fits[name]]
        found += [name for name in sure if fits[name] is None]
        if not found and self.role == "order" and (pair := self._find_pair()):
            return pair
        found += [name for name in fits if fits[name]]
        self._refuse_twins(found, usual, fits)
        if found:
            return found[:1] if self.role == "item" else found[0]
        if self.role == "item":
            return None
        return self._ask(header, fits)

    def _judge(self, names):
        """Return whether each column may play the role, None if that is open."""
        names = [name for name in names if self._times[name] == 1]
        if self._sample is None:
            return dict.fromkeys(names, True)
        self._sample.load(names)
        found = {n: self._sample.judge(self.role, n, self._student) for n in names}
        self._against |= {n: reason for n, (_, reason) in found.items() if reason}
        return {name: fits for name, (fits, _) in found.items()}

    def _refuse_twins(self, found, usual, fits):
        """Refuse to choose between columns whose names say the same."""
        best = min((rank for rank, name in usual if name in found[:1]), default=(2,))
        twins = [
            name
            for rank, name in usual
            if rank == best or (rank < best and self._times[name] > 1)
        ]
        twins = [name for name in twins if fits.get(name, True) is not False]
        if len(set(twins)) < len(twins):
            raise ReadingError(
                f"{len(twins)} columns are named {quote(twins[0])}; expected names "
                "that differ. Rename all but the one that counts."
            )
        if len(twins) > 1:
            raise ReadingError(
                f"Several columns' names say {self.role}: {list_names(twins)}. Name "
                "the one: ",
                name_role(self.role, twins[0]),
                *[" or ", name_role(self.role, twins[1])] * (len(twins) == 2),
                ".",
            )

    def _find_pair(self):
        """Return a column of dates and one of times of the day, if there are such."""
        once = [name for name in self.free if self._times[name] == 1]
        dates = [name for name in once if is_date(name)]
        clocks = [name for name in once if is_clock(name)]
        if self._sample is None or not (dates and clocks):
            return None
        self._sample.load([*dates, *clocks])
        rows = self._sample[dates[0]]
        alone = rows.isna() & False  # one student, as long as it is not known who
        student = alone if self._student is None else self._sample[self._student]
        for date in dates:
            for clock in clocks:
                if judge_pair(self._sample[date], self._sample[clock], student):
                    return [date, clock]
        return None

    def _ask(self, header, fits):
        """Raise an error that asks for the column, and proposes what may be meant."""
        # A duration is no order, whatever its name; a credit may become an answer.
        credit = self.role == "correct"
        candidates = [name for name in fits if credit and fits[name] is None]
        if not candidates:
            candidates = self._find_telling(fits) or self._find_fitting(fits)
        self.proposed = candidates[:1]
        said = [
            f" {quote(name)} may, but {self._against[name]}."
            for name in [*fits, *candidates]
            if name in self._against
        ]
        part, *_ = ROLES[self.role][1].split(";")
        got = f"; got the columns {list_names(header)}" if header else ""
        raise ReadingError(
            f"No column's name says {self.role} for sure ({part}){got}."
            f"{''.join(dict.fromkeys(said))} Name it: ",
            *self._advise(candidates),
            ".",
        )

    def _advise(self, candidates):
        """Return what to name: a candidate, two, or what only the user knows."""
        if candidates:
            first, *others = (name_role(self.role, name) for name in candidates)
            if len(others) == 1:
                return first, " or ", others[0]
            more = f", or another one of {list_names(candidates[1:])}"
            return first, more * bool(others)
        unknown = name_role(self.role, ...)
        none = {
            "skill": ", or, if all is one skill, ",
            "order": ", or, only if each student's rows stand in time order, ",
        }
        if self.role not in none:
            return (unknown,)
        return unknown, none[self.role], name_role(self.role, None)

    def _find_telling(self, known):
        """Return columns of whose names a word tells of the role."""
        found = [n for n in find_telling(self.free, self.role) if n not in known]
        found = [name for name in found if not is_doubtful(name, self.role)]
        fits = self._judge(found)
        open_ = [n for n in fits if fits[n] is None and self.role == "correct"]
        return [name for name in fits if fits[name]] or open_

    def _find_fitting(self, known):
        """Return the one column, or two, that look like answers, or like dates."""
        if self._sample is None or len(self.free) > _WIDE:
            return []
        names = [name for name in self.free if self._times[name] == 1]
        names = [name for name in names if name not in known]
        self._sample.load(names)
        if self.role == "correct":
            found = [n for n in names if looks_like_answers(self._sample[n])]
        elif self.role == "order":
            found = [n for n in names if looks_like_dates(self._sample[n])]
        else:
            return []
        return found if len(found) < 3 else []


def _find_steps(free):
    """Return the columns that name DataShop's steps, whose names problems share."""
    plain = {name.replace("_", " ").lower(): name for name in free}
    found = [plain.get(name) for name in ("problem name", "step name")]
    return found if all(found) else None
