"""The files of the ASSISTments logs: where they come from and how they are read."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd

from ._download import Source

INTERACTION = ["user_id", "order_id", "skill_name", "correct"]

_FOLDS = (1, 2, 3, 4, 5)
_RECORD = ["skills", "answers", "copy"]

ASSISTMENTS2009 = Source(
    name="assistments2009",
    base_url=(
        "https://raw.githubusercontent.com/jennyzhang0215/DKVMN/"
        "96c2834ae6968fbfb761b5ba96be26b054c7c1c3/data/assist2009_updated/"
    ),
    sha256={
        "assist2009_updated_skill_mapping.txt": (
            "fe9375c05ef1eced388179f968babcf3553dc19f1d19ddf89bf91fa809bbec29"
        ),
        "assist2009_updated_test.csv": (
            "2e8f1d7600543aededa31323343f7d762b8f51c53c0caca852e813b67fe4e823"
        ),
        "assist2009_updated_train.csv": (
            "5b851c65f665474a0993d86e87901adb1e0916c0d80fe7fce4096e6641924c74"
        ),
        "assist2009_updated_valid1.csv": (
            "e4fff52e91a4b140207de7590e7bc131efa595f42fdfb3983729bc3faa5b5262"
        ),
        "assist2009_updated_valid2.csv": (
            "f9abe32803603d8bd1f7df7275d7327462f205ee0ff29ae558a35e69e246f3dc"
        ),
        "assist2009_updated_valid3.csv": (
            "275e96b63290dd9c47ca224ec7c089385041fbec8a66918631729907025da323"
        ),
        "assist2009_updated_valid4.csv": (
            "4b3c59ca825eb0ebac2039efaec1722e2c93b6c4a5cab1bc3554cffec597369f"
        ),
        "assist2009_updated_valid5.csv": (
            "14923acd4ca909d0359dbecdf4322adbe49c645453ba1405eed864a454baa001"
        ),
    },
)

ASSISTMENTS2015 = Source(
    name="assistments2015",
    base_url=(
        "https://raw.githubusercontent.com/pykt-team/pykt-toolkit/"
        "f766468f1d3083f737e5fde22a17a08de0d52552/data/assist2015/"
    ),
    sha256={
        "test.csv": "518d8f6c81d487d5c342eedd9a46b4160c974945247baf16e01b432a3101d154",
        "train_valid.csv": (
            "83ff2090d1ddaa6295854984733b699b52fa3b656d7c814d6c9da56822964ac7"
        ),
    },
)


def read_assistments2009(folder):
    """Read the 2009 files, which the authors of DKVMN prepared.

    Parameters
    ----------
    folder : Path
        Where the files of `ASSISTMENTS2009` lie.

    Returns
    -------
    frame : DataFrame of shape (325637, 6)
        One row per answer; columns `INTERACTION`, "split" and "fold".
    """
    prefix = folder / "assist2009_updated_"
    train = _read_three_lines(f"{prefix}train.csv")
    test = _read_three_lines(f"{prefix}test.csv")
    valid = pd.concat(
        [
            _read_three_lines(f"{prefix}valid{fold}.csv").assign(fold=fold)
            for fold in _FOLDS
        ]
    )
    # The folds hold the training records without a number to know them by. The record
    # itself serves as one; the n-th copy of a record here is the n-th copy there.
    train = _number_copies(train).merge(
        _number_copies(valid), on=_RECORD, how="left", validate="one_to_one"
    )
    records = pd.concat(
        [train.assign(split="train"), test.assign(split="test", fold=0)],
        ignore_index=True,
    )
    records["user_id"] = records.index
    frame = _one_row_per_answer(records, extra=["split", "fold"])
    names = pd.read_csv(
        f"{prefix}skill_mapping.txt",
        sep="\t",
        names=["number", "name"],
        index_col="number",
        quoting=csv.QUOTE_NONE,
    )["name"].str.strip()
    frame["skill_name"] = frame["skill_name"].map(names)
    return frame


def read_assistments2015(folder):
    """Read the 2015 files, which the authors of pyKT prepared.

    Parameters
    ----------
    folder : Path
        Where the files of `ASSISTMENTS2015` lie.

    Returns
    -------
    frame : DataFrame of shape (682797, 5)
        One row per answer; columns `INTERACTION` and "fold".
    """
    columns = {
        "uid": "user_id",
        "concepts": "skills",
        "responses": "answers",
        "fold": "fold",
    }
    records = pd.concat(
        [
            pd.read_csv(folder / name, usecols=list(columns))
            for name in ("train_valid.csv", "test.csv")
        ],
        ignore_index=True,
    )
    return _one_row_per_answer(records.rename(columns=columns), extra=["fold"])


def _read_three_lines(path):
    """Read a file with three lines per student: length, skills, answers."""
    lines = Path(path).read_text(encoding="ascii").splitlines()
    return pd.DataFrame({"skills": lines[1::3], "answers": lines[2::3]})


def _number_copies(records):
    """Number the copies of every record: 0, 1, ... in the order they stand in."""
    return records.assign(copy=records.groupby(["skills", "answers"]).cumcount())


def _one_row_per_answer(records, extra):
    """Unroll one record per student, "3,3,8" and "0,1,1", to one row per answer."""
    n_answers = records["answers"].str.count(",") + 1
    of_student = records[["user_id", *extra]].loc[records.index.repeat(n_answers)]
    frame = of_student.reset_index(drop=True)
    frame["order_id"] = frame.groupby("user_id").cumcount()
    frame["skill_name"] = np.array(
        ",".join(records["skills"]).split(","), dtype=np.int64
    )
    frame["correct"] = np.array(",".join(records["answers"]).split(","), dtype=np.int64)
    return frame[[*INTERACTION, *extra]]
