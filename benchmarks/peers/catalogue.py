"""Which peers there are, and how one of them is run."""

import json
import os
import resource
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .environments import python_of

HERE = Path(__file__).parent
ONE_THREAD = dict.fromkeys(
    ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"], "1"
)


@dataclass(frozen=True)
class Peer:
    """A model, the script that fits it, and where that runs."""

    name: str
    label: str
    script: str
    model: str
    environment: str | None = None

    @property
    def is_ours(self):
        return self.script == "run_sktrace.py"

    def count_user_lines(self):
        """Count the lines that a user writes, from one table to the other."""
        n_lines, counting = 0, False
        for line in (HERE / self.script).read_text().splitlines():
            code = line.strip()
            if code.startswith("# user code"):
                models = code.partition(":")[2].split()
                counting = not models or self.model in models
            elif code == "# end of user code":
                counting = False
            else:
                written = counting and code and not code.startswith("#")
                n_lines += bool(written or code.endswith("# + user code"))
        return n_lines


PEERS = {
    peer.name: peer
    for peer in [
        Peer("sktrace-afm", "sktrace AFM", "run_sktrace.py", "afm"),
        Peer("sktrace-pfa", "sktrace PFA", "run_sktrace.py", "pfa"),
        Peer("sktrace-bkt", "sktrace BKT", "run_sktrace.py", "bkt"),
        Peer("sktrace-transfer", "sktrace transfer", "run_sktrace.py", "transfer"),
        Peer("sktrace-dkt", "sktrace DKT", "run_sktrace.py", "dkt"),
        Peer("sktrace-blend", "sktrace blend", "run_sktrace.py", "blend"),
        Peer("logistic", "logistic regression", "run_sklearn.py", "logistic"),
        Peer("boosting", "gradient boosting", "run_sklearn.py", "boosting"),
        Peer("lme4", "lme4", "run_lme4.py", "afm"),
        Peer("pybkt", "pyBKT", "run_pybkt.py", "bkt", "pybkt"),
        Peer("keras-lstm", "Keras LSTM", "run_keras.py", "lstm", "keras"),
        Peer("pykt-dkt", "pyKT DKT", "run_pykt.py", "dkt", "pykt"),
        Peer("pykt-akt", "pyKT AKT", "run_pykt.py", "akt", "pykt"),
    ]
}


def run_peer(peer, tables, out, environments, limit, epochs=None, names=()):
    """Fit and predict in a process of its own, on one thread.

    Parameters
    ----------
    peer : Peer
    tables : (Path, Path)
        The training and the test rows, as CSV.
    out : Path
        Where predictions go; what they cost goes beside them, as JSON.
    environments : Path
        Where the peers' environments lie.
    limit : float
        CPU seconds of fit. A peer that trains in epochs keeps what it has by then;
        another one, or a prediction that takes four times as long, is given up.
    epochs : int, optional
        Instead of the peer's own number.
    names : list of Path, optional
        Tables that hold all skills and items there are, if the two do not.

    Returns
    -------
    dict
        The cost; with "failed", the last line that the peer wrote, if it failed.
    """
    python = python_of(peer.environment, environments)
    command = [python, HERE / peer.script, *tables, out, "--model", peer.model]
    command += ["--limit", str(limit)]
    if epochs is not None:
        command += ["--epochs", str(epochs)]
    if names:
        command += ["--names", *names]
    done = subprocess.run(
        [str(word) for word in command],
        env=os.environ | ONE_THREAD,
        capture_output=True,
        text=True,
        preexec_fn=lambda: cap_cpu_seconds(5 * limit),
    )
    cost_path = out.with_suffix(".json")
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no word"])[-1]
        cost_path.write_text(json.dumps({"failed": said, "rc": done.returncode}))
    return json.loads(cost_path.read_text())


def cap_cpu_seconds(seconds):
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 10))
