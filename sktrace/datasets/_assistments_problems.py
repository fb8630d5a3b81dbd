"""The logs of ASSISTments that name problems, as the authors of AKT prepared them."""

import numpy as np
import pandas as pd

from ._assistments import INTERACTION
from ._download import Source

_AKT = (
    "https://raw.githubusercontent.com/arghosh/AKT/"
    "01b7e8d7d7c862cabc9467108e3e7f2555653a88/data/"
)

ASSISTMENTS2009_PROBLEMS = Source(
    name="assistments2009_problems",
    base_url=f"{_AKT}assist2009_pid/",
    sha256={
        "assist2009_pid_test1.csv": (
            "7a1cb2bc8045dbe1016253fdd1dc831b26580638e15a7b7b99c5d7c73d3c3915"
        ),
        "assist2009_pid_test2.csv": (
            "547c17ad179e850edc7a8a8a1e74a2e371e5eaeafcb2c375b7ae53248e733db0"
        ),
        "assist2009_pid_test3.csv": (
            "deb07f638f84e391c170ca3bdc87eb07001c8034e6f5b87817876378b20ff3ee"
        ),
        "assist2009_pid_test4.csv": (
            "b6a8edbe565cfae154ccae93584d69d7bd99a8341ac3e481ea1c569b9239ecc3"
        ),
        "assist2009_pid_test5.csv": (
            "be0b93bd7f94c4d489f2950eb818d2a6d96ebd5ddb2342ee152695d504c40fa5"
        ),
    },
)

ASSISTMENTS2017 = Source(
    name="assistments2017",
    base_url=f"{_AKT}assist2017_pid/",
    sha256={
        "assist2017_pid_test1.csv": (
            "32d1580467edb4b87ec9773fada2e3439c820c0640d5e618a80f49b2a9bcd582"
        ),
        "assist2017_pid_test2.csv": (
            "c40e2eb18e3079cedc92af1a0a9eeceebd3a5d43fc9da4df8f16009e96197857"
        ),
        "assist2017_pid_test3.csv": (
            "504ce41c75545f2f43ea1a6c228ef032596a0d8bd3819fa013aab4c558d2c2a4"
        ),
        "assist2017_pid_test4.csv": (
            "fe758a0e545eb51594e5ee8cee01ae1898d7f3a8ef5f87c86df4bacfa6ea8800"
        ),
        "assist2017_pid_test5.csv": (
            "7659d973bf2517105070b573444d39e7899323fee28cf93bf3c921363eaedc5c"
        ),
    },
)


def read_assistments2009_problems(folder):
    """Read the 2009 log, in which rows of one problem in a row are one question.

    Parameters
    ----------
    folder : Path
        Where the files of `ASSISTMENTS2009_PROBLEMS` lie.

    Returns
    -------
    frame : DataFrame of shape (325589, 6)
        One row per skill of each answer; columns `INTERACTION`, "item_id" and "fold".
    """
    frame = _read_folds(folder, ASSISTMENTS2009_PROBLEMS)
    asked = frame[["user_id", "item_id"]]
    begins = (asked != asked.shift()).any(axis="columns")
    frame["order_id"] = begins.groupby(frame["user_id"]).cumsum().astype(np.int64) - 1
    return frame


def read_assistments2017(folder):
    """Read the 2017 log, in which a problem that follows itself was tried again.

    Parameters
    ----------
    folder : Path
        Where the files of `ASSISTMENTS2017` lie.

    Returns
    -------
    frame : DataFrame of shape (941502, 6)
        One row per answer; columns `INTERACTION`, "item_id" and "fold".
    """
    frame = _read_folds(folder, ASSISTMENTS2017)
    frame["order_id"] = frame.groupby("user_id").cumcount()
    return frame


def _read_folds(folder, source):
    """Read the files one after the other; the n-th of them is fold n."""
    folds = [
        _read_four_lines(folder / name).assign(fold=fold)
        for fold, name in enumerate(source.sha256, start=1)
    ]
    frame = pd.concat(folds, ignore_index=True).assign(order_id=0)
    return frame[[*INTERACTION, "item_id", "fold"]]


def _read_four_lines(path):
    """Read a file with four lines per student: numbers, problems, skills, answers."""
    lines = path.read_text(encoding="ascii").splitlines()
    # The first number counts the students of all files, and is not in any other.
    students = [int(line.split(",")[0]) for line in lines[::4]]
    problems, skills, answers = (_numbers(lines[start::4]) for start in (1, 2, 3))
    n_answers = [line.count(",") + 1 for line in lines[3::4]]
    return pd.DataFrame(
        {
            "user_id": np.repeat(np.array(students, dtype=np.int64), n_answers),
            "skill_name": skills,
            "correct": answers,
            "item_id": problems,
        }
    )


def _numbers(lines):
    return np.array(",".join(lines).split(",") if lines else [], dtype=np.int64)
