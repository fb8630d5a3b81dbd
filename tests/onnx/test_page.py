"""The tutor of the page on ONNX traces where sktrace and torch cannot be imported."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "onnx.md"
BLOCKED = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"sktrace", "torch", "sklearn", "onnx"}:
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Refuse())
"""
TOLD = """
print([*map(float, by_skill.values()), float(by_item[0])])
for name in ("sktrace", "torch"):
    try:
        __import__(name)
    except ImportError as error:
        assert "is blocked" in str(error)
    else:
        raise AssertionError(name)
"""


def test_the_tutor_needs_numpy_and_onnxruntime_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    export, tutor, live, *_ = re.findall(
        r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    assert "sktrace" not in tutor
    names = {}
    exec(export, names)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", BLOCKED + tutor + TOLD],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    *by_skill, of_item = ast.literal_eval(done.stdout.splitlines()[-1])
    exec(live[: live.index("gap =")], names)
    tracer = names["live"]
    expected = tracer.predict_proba("ann").tolist()
    expected += tracer.predict_proba("ann", ["skill 03"], item="item 03").tolist()
    assert len(by_skill) == 4
    for p, q in zip([*by_skill, of_item], expected, strict=True):
        assert abs(p - q) < 1e-12
