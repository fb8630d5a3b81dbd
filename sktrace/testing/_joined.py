"""Questions on several skills, whose names stand joined in one cell."""

from ._logs import fit, flip, join_ties, make_log, proba, write_for
from ._promises import agree, demand, need_parameter

__all__ = [
    "check_joined_names_are_skills",
    "check_joined_names_have_no_order",
    "check_joined_rows_are_one_moment",
    "check_separators_at_the_ends_mean_nothing",
]


def _join(tracer):
    need_parameter(tracer, "skill_separator")
    return join_ties(write_for(tracer))


def check_joined_names_are_skills(tracer):
    """A cell names the skills that skill_separator joins; None: a cell is a skill."""
    joined = _join(tracer)
    expected = sorted(make_log()["skill_name"].unique())
    got = fit(tracer, joined).skills_.tolist()
    demand(got == expected, f"skills_ are those in the cells, {expected}; got {got}")
    whole = fit(tracer, joined, skill_separator=None)
    got, expected = whole.skills_.tolist(), sorted(joined["skill_name"].unique())
    demand(
        got == expected,
        f"skill_separator=None keeps cells whole: {expected}; got {got}",
    )


def check_joined_rows_are_one_moment(tracer):
    """A row that joins skills has one prediction, and sees none of its answers."""
    joined = _join(tracer)
    fitted = fit(tracer, joined)
    p = proba(fitted, joined)
    demand(
        p.shape == (len(joined),),
        f"a row has one prediction, however many its skills; got {p.shape} of "
        f"{len(joined)} rows",
    )
    wrong = joined["correct"].where(joined["order_id"] < 1, 0)
    seen = (joined["order_id"] <= 1).to_numpy()
    agree(
        proba(fitted, joined.assign(correct=wrong))[seen],
        p[seen],
        "rows that join skills do not see their own answer, or later ones",
    )
    by_row = fit(tracer, joined, order=None)
    first = ~joined.duplicated("user_id").to_numpy()
    agree(
        proba(by_row, flip(joined))[first],
        proba(by_row, joined)[first],
        "under order=None the skills of a row are one moment",
    )


def check_joined_names_have_no_order(tracer):
    """The skills of a cell have no order, and one that is named twice comes once."""
    joined = _join(tracer)
    fitted = fit(tracer, joined)
    names = joined["skill_name"].str.split("~~")
    turned = joined.assign(skill_name=names.map(lambda n: "~~".join([*n[::-1], n[0]])))
    agree(
        proba(fitted, turned),
        proba(fitted, joined),
        "the skills of a cell have no order, and come once",
        within=1e-12,
    )


def check_separators_at_the_ends_mean_nothing(tracer):
    """A separator that joins nothing, or a skill to itself, is as if absent."""
    need_parameter(tracer, "skill_separator")
    log = write_for(tracer, n_students=8)
    plain = fit(tracer, log)
    p = proba(plain, log)
    forms = ("{}~~", "~~{}", "{0}~~{0}", "{}")
    for n_forms in (3, 4):  # where no cell is plain, and where some are
        cells = [
            forms[row % n_forms].format(name)
            for row, name in enumerate(log["skill_name"])
        ]
        X = log.assign(skill_name=cells)
        fitted = fit(tracer, X)
        got = fitted.skills_.tolist()
        demand(
            got == plain.skills_.tolist(),
            f"'a~~', '~~a' and 'a~~a' name the skill 'a'; got {got}",
        )
        agree(
            proba(fitted, X),
            p,
            "'a~~', '~~a' and 'a~~a' are fitted and predicted as 'a'",
            within=1e-12,
        )
