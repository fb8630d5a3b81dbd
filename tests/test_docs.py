"""Every Python block of the README and the docs runs as written."""

import re
from pathlib import Path

import matplotlib as mpl
import pytest

from sktrace.datasets import make_interactions

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_code_on_the_page_runs(page, tmp_path, monkeypatch):
    mpl.use("agg")
    monkeypatch.chdir(tmp_path)
    log, _ = make_interactions(15, 3, n_attempts=10, random_state=0)
    log.to_csv("log.csv", index=False)
    blocks = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    namespace = {}
    for block in blocks:
        exec(compile(block, page.name, "exec"), namespace)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\((?!http)([^)#]+)", page.read_text("utf-8"))
    missing = [t for t in targets if not (page.parent / t).exists()]
    assert not missing
