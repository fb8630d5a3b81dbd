"""Words, letters and numbers of answers mean what the whole column says they mean."""

import numpy as np
import pandas as pd
import pytest

from sktrace.datasets._read_answers import read_answers
from sktrace.datasets._read_open import open_table
from sktrace.datasets._read_problems import Argument, ReadingError
from sktrace.datasets._read_rows import read_rows
from sktrace.datasets._read_words import LETTERS, NONE, WORDS, plain_word

NAN = np.nan


def write_log(answers):
    rows = [f'ann,{row},add,"{answer}"' for row, answer in enumerate(answers)]
    return "\n".join(["user_id,order_id,skill_name,correct", *rows])


def asked(error):
    return [part for part in error.value.parts if isinstance(part, Argument)]


@pytest.fixture
def read_noted(tmp_path):
    """Read a log as a command does; returns the answers, and what was remarked."""

    def read(text, **options):
        path = tmp_path / "log.csv"
        path.write_text(text, "utf-8")
        with open_table(path, None, None) as table:
            X = read_rows(table, **options)
            return X["correct"].tolist(), table.notes

    return read


PAIRS = (
    """
yes no|TRUE FALSE|Right Wrong|correct incorrect|passed failed|ja nein|Richtig Falsch
WAHR FALSCH|bestanden nicht_bestanden|oui non|VRAI FAUX|juste faux|réussi échoué|sí no
SI NO|verdadero falso|correcto incorrecto|Vero Falso|giusto sbagliato|sim não|sim nao
certo errado|ja nee|goed fout|waar onwaar|ja nej|rätt fel|rigtigt forkert|ja nei
riktig galt|kyllä ei|kylla ei|oikein väärin|tak nie|prawda fałsz|PRAWDA FALSZ|ano ne
správně špatně|да нет|ВЕРНО НЕВЕРНО|правильно неправильно|так ні|evet hayır|EVET HAYIR
doğru yanlış|ναι όχι|ΣΩΣΤΌ ΛΆΘΟΣ|是 否|对 错|對 錯|正确 错误|はい いいえ|正解 不正解
예 아니요|맞음 틀림|نعم لا|صح خطأ|כן לא|נכון לא_נכון|✓ ✗|✔ ✘|100% 0%|1.0 0.0
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize("pair", PAIRS)
def test_words_of_many_languages(pair):
    right, wrong = pair.replace("_", "\u00a0").split(" ")
    answers, notes = [right.upper(), wrong, None, wrong.title(), right], []
    correct = read_answers(pd.Series(answers), "correct", notes=notes)
    np.testing.assert_array_equal(correct, [1, 0, NAN, 0, 1])
    assert notes == []


def test_no_word_has_two_meanings():
    assert not NONE & set(WORDS)
    assert all(len(pair) == 2 for pair in LETTERS)
    assert not {letter for pair in LETTERS for letter in pair} & set(WORDS)


@pytest.mark.parametrize("pair", ["yn", "TF", "jn", "RF", "sn", "on", "wf", "VF", "дн"])
def test_letters_are_read_as_a_pair_and_said(read_noted, pair):
    right, wrong = pair
    correct, notes = read_noted(write_log([right, wrong, wrong]))
    assert correct == [1, 0, 0]
    assert notes == [
        f"In column 'correct', '{right.lower()}' is read as right and "
        f"'{wrong.lower()}' as wrong."
    ]


@pytest.mark.parametrize(
    "answers", ["yyy", "nn", "ynt", "yf", "abcd", "xo", "ab", ["y", "n", "x"]]
)
def test_letters_that_are_no_pair_are_asked_for(read_noted, answers):
    with pytest.raises(ReadingError, match=r"'correct' \(correct\) holds") as error:
        read_noted(write_log(answers))
    assert asked(error)[-1].name == "answers"


def test_a_letter_that_was_given_a_meaning_is_no_part_of_a_pair(read_noted):
    correct, _ = read_noted(write_log("ynx"), answers={"x": None})
    np.testing.assert_array_equal(correct, [1, 0, NAN])
    correct, notes = read_noted(write_log("yn"), answers={"y": 0, "n": 1})
    assert (correct, notes) == ([0, 1], [])


# What is no answer


@pytest.mark.parametrize(
    "word", ["-", "–", ".", "Skipped", "not answered", "übersprungen", "sans réponse"]
)
def test_words_for_no_answer_are_said(read_noted, word):
    correct, notes = read_noted(write_log([1, word, "", 0, word]))
    np.testing.assert_array_equal(correct, [1, NAN, NAN, 0, NAN])
    assert notes == [
        f"'{plain_word(word)}' in column 'correct' is read as no answer, in 2 of 5 "
        "rows."
    ]


@pytest.mark.parametrize(
    "answers", [[1, -1, 0], [0, -1], ["true", "-1", "false"], ["1.0", "-1.0", "0.0"]]
)
def test_minus_one_beside_a_zero_is_no_answer(read_noted, answers):
    correct, notes = read_noted(write_log(answers))
    expected = [{"1": 1, "t": 1, "-": NAN}.get(str(each)[0], 0) for each in answers]
    np.testing.assert_array_equal(correct, expected)
    assert notes == [
        f"-1 in column 'correct' is read as no answer, in 1 of {len(answers)} rows."
    ]


@pytest.mark.parametrize("answers", [[1, -1], ["true", "-1"], [-1, -1]])
def test_minus_one_without_a_zero_is_asked_for(read_noted, answers):
    with pytest.raises(ReadingError, match="may be wrong or no answer") as error:
        read_noted(write_log(answers))
    wrong, none = asked(error)
    assert (wrong, none) == (("answers", {"-1": 0}), ("answers", {"-1": None}))
    assert 0 in read_noted(write_log(answers), answers=wrong.value)[0]
    assert np.isnan(read_noted(write_log(answers), answers=none.value)[0]).any()


OTHER_CODES = {
    "two codes": ([2, -1, 0, 1], None),
    "minus one and two": ([-1, -2, 0, 1], None),
    "nine": ([9, 0, 1], None),
    "partial credit": ([-1, 0, 0.5, 1], None),
    "a threshold": ([-1, 0, 1], 0.5),
    "a threshold and points": ([-1, 0, 5, 10], 5),
}


@pytest.mark.parametrize(
    ("answers", "threshold"), OTHER_CODES.values(), ids=OTHER_CODES
)
def test_other_codes_are_never_credit(read_noted, answers, threshold):
    text = write_log(answers)
    options = {} if threshold is None else {"threshold": threshold}
    for _ in range(3):  # what is advised first, one after the other
        with pytest.raises(ReadingError) as error:
            read_noted(text, **options)
        advised = asked(error)[0]
        options[advised.name] = advised.value
        if advised.name == "answers":
            break
    correct, _ = read_noted(text, **options)
    assert len(correct) == len(answers)
    if -1 in answers:
        assert np.isnan(correct[answers.index(-1)])


# Numbers


def test_percent_signs_are_a_hundredth(read_noted):
    text = write_log(["100%", "50 %", "0%"])
    with pytest.raises(ReadingError, match=r"holds '50 %' in 1 row .*threshold=1"):
        read_noted(text)
    assert read_noted(text, threshold=0.5)[0] == [1, 1, 0]
    with pytest.raises(
        ReadingError, match="Some of them have a percent sign or a slash"
    ):
        read_noted(write_log(["100%", "1", "0%"]))


def test_a_word_beside_right_ones_alone_may_be_wrong(read_noted):
    with pytest.raises(ReadingError) as error:
        read_noted(write_log(["yes", "JIT", "yes"]))
    assert asked(error)[0] == ("answers", {"JIT": 0})
    with pytest.raises(ReadingError) as error:
        read_noted(write_log(["OK", "no"]))
    assert asked(error) == [("answers", {"OK": meaning}) for meaning in (1, 0, None)]


def test_marks_of_full_marks_are_shares(read_noted):
    assert read_noted(write_log(["1/1", "0 / 1", "2.00 / 2"]))[0] == [1, 0, 1]
    text = write_log(["5/5", "2/5", "0/5"])
    with pytest.raises(ReadingError, match=r"holds '2/5' in 1 row .*threshold=1"):
        read_noted(text)
    assert read_noted(text, threshold=0.4)[0] == [1, 1, 0]
    for odd in ("3", "6/5", "1/0"):
        with pytest.raises(ReadingError, match="holds '"):
            read_noted(write_log(["5/5", odd, "0/5"]))


def test_one_and_two_may_be_either(read_noted):
    text = write_log([1, 2, 2])
    with pytest.raises(ReadingError) as error:
        read_noted(text)
    assert asked(error) == [("answers", {1: 0, 2: 1}), ("answers", {1: 1, 2: 0})]
    found = [read_noted(text, answers=each.value)[0] for each in asked(error)]
    assert found == [[0, 1, 1], [1, 0, 0]]


def test_a_minus_sign_of_typesetters_is_one(read_noted):
    assert read_noted(write_log([1, "\N{MINUS SIGN}1", 0]))[0] == [
        1,
        pytest.approx(NAN, nan_ok=True),
        0,
    ]
