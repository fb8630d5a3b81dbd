"""What in a log makes one doubt that its columns are what they were taken for."""

from .contents import find_growth

__all__ = ["remark_on"]

FEW_STUDENTS = 10  # too few to learn from some what is true of the others
FEW_STEPS = 20  # from a row of a student to the next, too few to judge by
MIXED = 0.25, 0.75  # of the steps that go down: the numbers neither grow nor fall
SELDOM = 0.2  # of the steps, in which the order changes at all
NEARLY = 0.5  # of the rows, that have a name of their own


def remark_on(X, ordered=True):
    """Say what is odd about the columns of a log.

    Parameters
    ----------
    X : DataFrame
        With the columns user_id, order_id, skill_name and correct, its rows as they
        stand in the file.
    ordered : bool, default=True
        Whether a column told the order, or the rows of the file.

    Returns
    -------
    list of str
        Whole sentences.
    """
    if len(X) == 0:
        return []
    found = [
        _one_skill(X["skill_name"]),
        _few_students(X["user_id"]),
        _one_answer_each(X["user_id"]),
        _order(X) if ordered else None,
        _own_skills(X["skill_name"]),
    ]
    return [text for text in found if text is not None]


def _one_skill(skills):
    if skills.nunique() > 1 or "~~" in str(skills.iloc[0]):
        return None
    return (
        "All answers are on one skill, so nothing is said of what is hard or learnt. "
        "If a column names topics, name it: --skill COLUMN."
    )


def _few_students(students):
    n_students = students.nunique()
    if n_students >= FEW_STUDENTS:
        return None
    return (
        f"The log has {n_students:,} student{'s' * (n_students > 1)}: with fewer than "
        f"{FEW_STUDENTS}, what is learnt of some says little of the others, and no "
        "score can be trusted."
    )


def _one_answer_each(students):
    n_rows = students.value_counts()
    alone = (n_rows == 1).sum()
    if len(students) < FEW_STUDENTS or 2 * len(n_rows) <= len(students):
        return None
    return (
        f"{alone:,} of {len(n_rows):,} students have one row each, and there are "
        f"{len(n_rows):,} students in {len(students):,} rows. Does the column name "
        "answers, or sessions, rather than students? Name another: --student COLUMN."
    )


def _order(X):
    order, students = X["order_id"], X["user_id"]
    known = order.notna()
    n_steps = int(known.sum()) - students[known].nunique()
    n_changes, down = find_growth(order.astype(float), students)
    if n_steps < FEW_STEPS:
        return None
    if 0 < n_changes < SELDOM * n_steps:
        return (
            f"The order changes in {n_changes:,} of {n_steps:,} steps from a row of a "
            "student to the next: is it a date without the time of the day? Rows of "
            "one moment do not see each other. If a column has the time of the day, "
            "name both: --order DATE TIME."
        )
    if n_changes >= FEW_STEPS and MIXED[0] <= down <= MIXED[1]:
        return (
            f"The order goes down in {down:.0%} of the steps from a row of a student "
            "to the next, and up in the others. If the rows are not shuffled, the "
            "column may say how long an answer took rather than when it was given: "
            "name another with --order COLUMN."
        )
    return None


def _own_skills(skills):
    n_skills = skills.nunique()
    if len(skills) < FEW_STUDENTS or n_skills < NEARLY * len(skills):
        return None
    return (
        f"There are {n_skills:,} skills in {len(skills):,} rows, nearly one for each: "
        "the column may name answers or problems. Name another: --skill COLUMN."
    )
