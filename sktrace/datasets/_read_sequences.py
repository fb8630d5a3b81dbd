"""Files that hold whole sequences: refused, with the code that makes rows of them."""

import pandas as pd

from .._words import list_names
from ._read_problems import Argument, ReadingError

_ANSWERS = {"0", "1", "-1", "0.0", "1.0", "-1.0"}
_SAMPLE = 100  # rows that are looked at
_THEN = (
    "; then ",
    Argument("columns", {"order_id": None}),
    " says that they stand in time order.",
)
_THREE_LINES = (
    "import gzip, pathlib, pandas; lines = {read}.split(); "
    "pandas.DataFrame([(student, skill, answer) for student, (skills, answers) in "
    "enumerate(zip(lines[1::3], lines[2::3])) for skill, answer in "
    "zip(skills.split(','), answers.split(',')) if skill], columns=['user_id', "
    "'skill_name', 'correct']).to_csv('log.csv', index=False)"
)
_EXPLODE = (
    "import pandas; X = pandas.read_csv({path!r}, sep={sep!r}, dtype=str); "
    "names = {names}; "
    "X[names] = X[names].apply(lambda cells: cells.str.strip('[]()')"
    ".str.split({joint!r})); X.explode(names).to_csv('log.csv', index=False)"
)


def refuse_three_lines(table, lines):
    """Refuse what is no table: a student in three lines, as published logs are."""
    n_answers = table.header[0]
    if len(table.header) > 1 or not n_answers.isdecimal():
        return
    rows = [lines.readline(100_000).strip().strip(",") for _ in range(2)]
    if all(str(row.count(",") + 1) == n_answers for row in rows):
        path = str(table.source.path)
        call = f"pathlib.Path({path!r}).read_bytes()"
        call = f"gzip.decompress({call})" if table.source.gzipped else call
        code = _THREE_LINES.format(read=f"{call}.decode()")
        raise ReadingError(
            f"{table.name} tells of each student in three lines: how many answers, "
            "their skills, the answers; expected a row for each answer. Write such "
            f"rows, and read log.csv: {code}",
            *_THEN,
        )


def refuse_sequences(table, cells, plan):
    """Refuse cells that hold the answers of a whole sequence."""
    sample = cells.iloc[:_SAMPLE].dropna(subset=[plan.correct])
    answers = sample[plan.correct]
    joint = next((sep for sep in ",;_ " if _hold_sequences(answers, sep)), None)
    if table.sep is None or joint is None:
        return
    lengths = answers.str.count(joint)
    names = [
        table.header[position]
        for position in dict.fromkeys(plan.positions)
        if sample[position].str.count(joint).equals(lengths)
    ]
    code = _EXPLODE.format(
        path=str(table.source.path), sep=table.sep, names=list_names(names), joint=joint
    )
    raise ReadingError(
        f"Cells of the columns {list_names(names)} hold whole sequences, such as "
        f"{answers.iloc[0][:80]!r}; expected a row for each answer. Write such rows, "
        f"and read log.csv: {code}",
        *([] if plan.order is not None else _THEN),
    )


def _hold_sequences(answers, joint):
    """Tell answers that are several, some of them more than a decimal comma allows."""
    if not isinstance(answers.dtype, pd.StringDtype) and answers.dtype != object:
        return False
    parts = [str(cell).strip("[]() ").split(joint) for cell in answers]
    several = max(map(len, parts), default=0) > (2 if joint == "," else 1)
    return several and all(part.strip() in _ANSWERS for row in parts for part in row)
