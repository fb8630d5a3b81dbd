"""The page that `python -m sktrace compare` writes of a made-up class, as a sample.

It is written once, as the gallery is: remove docs/_made to write it again.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from sktrace.datasets import make_interactions

PAGE = Path("_made", "site", "sample-report.html")
SKILLS = (
    "fractions",
    "decimals",
    "percentages",
    "ratios",
    "negative numbers",
    "brackets",
    "equations",
    "area",
)
PUPILS = """
Ada Amir Anna Bea Ben Bruno Carla Chiara Emre Eva Finn Greta Hugo Ida Jan Jonas Lena
Lina Malik Mara Mei Milo Nora Omar Paul Rosa Samir Tara Theo Yara
"""
OPTIONS = "--folds 2 --models AFM PFA BKT --jobs 1 --quiet"  # cheap ones


def make_class():
    """Make up thirty pupils and eight skills, one of which nobody finds easy."""
    pupils = PUPILS.split()
    X, _ = make_interactions(
        len(pupils),
        len(SKILLS),
        n_attempts=70,
        ability_scale=1.2,
        learning=1.3,
        difficulty_scale=1.2,
        n_items=48,
        times=True,
        random_state=4,
    )
    skill = X["skill_name"].str.removeprefix("skill ").astype(int) - 1
    X["skill_name"] = skill.map(dict(enumerate(SKILLS)))
    X["user_id"] = X["user_id"].map(dict(enumerate(pupils)))
    names = {"user_id": "pupil", "skill_name": "skill", "item_id": "question"}
    return X.drop(columns="order_id").rename(columns=names)


def write_page(app):
    """Run the command, in a folder of its own, as its reader does."""
    page = Path(app.srcdir, PAGE).resolve()
    if app.builder.format != "html" or page.exists():
        return
    command = ["compare", "class.csv", *OPTIONS.split(), "--out", str(page)]
    with tempfile.TemporaryDirectory() as folder:
        make_class().to_csv(Path(folder, "class.csv"), index=False)
        run = [sys.executable, "-m", "sktrace", *command]
        subprocess.run(run, cwd=folder, check=True)


def setup(app):
    """Make the folder, which Sphinx looks for before anything is written."""
    Path(app.srcdir, PAGE).parent.mkdir(parents=True, exist_ok=True)
    app.connect("builder-inited", write_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
