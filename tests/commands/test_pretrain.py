"""``python -m sktrace pretrain``."""

from sktrace.__main__ import main
from sktrace.datasets import make_classroom
from sktrace.pretraining import PretrainedNetwork


def test_it_learns_from_files_and_from_made_up_classes(tmp_path, capsys):
    log, out = tmp_path / "old year.csv", tmp_path / "network.npz"
    X, _ = make_classroom(40, random_state=0)
    names = {"user_id": "Pupil", "skill_name": "Topic", "correct": "right"}
    X.rename(columns=names).to_csv(log, index=False)
    command = ["pretrain", str(log), "--student", "Pupil", "--skill", "Topic"]
    assert main([*command, "--simulated", "1", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "40 students" in said
    assert f"Wrote {out}" in said
    learnt_from = PretrainedNetwork.load(out).learnt_from
    assert "old year.csv" in learnt_from
    assert "1 made-up logs (seed 0)" in learnt_from


def test_what_it_cannot_do_is_refused_before_the_work(tmp_path, capsys):
    assert main(["pretrain", "--out", str(tmp_path / "x.npz")]) == 2
    assert "--simulated" in capsys.readouterr().err
    assert main(["pretrain", "--simulated", "1", "--out", "nowhere/x.npz"]) == 2
    assert "--out" in capsys.readouterr().err
    assert main(["pretrain", "--simulated", "1", "--out", str(tmp_path / "x.csv")]) == 2
    assert ".npz" in capsys.readouterr().err
    log = tmp_path / "log.csv"
    log.write_text("nothing")
    assert (
        main(["pretrain", str(log), "none.csv", "--out", str(tmp_path / "x.npz")]) == 2
    )
    assert "There is no file 'none.csv'" in capsys.readouterr().err
