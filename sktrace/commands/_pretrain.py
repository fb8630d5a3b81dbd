"""``pretrain``: learn from classes what a new one can be told; write it to a file."""

from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from ..datasets import fetch_assistments2009, fetch_assistments2015
from ..pretraining import pretrain as learn
from ..pretraining import simulate_logs
from ._output import check_output, remembered
from ._reading.log_file import read_log

__all__ = ["pretrain"]

PUBLIC = {  # logs that are fetched, as long frames
    "assistments2009": lambda home: fetch_assistments2009(items=True, data_home=home),
    "assistments2015": lambda home: fetch_assistments2015(data_home=home),
}


def pretrain(options):
    """Learn from files, public logs and made-up classes; write the network."""
    for path in [None, *options.logs]:
        if path is not None and not Path(path).exists():  # now, not after the others
            raise FileNotFoundError(f"There is no file {path!r}; expected logs.")
        check_output("--out", options.out, path, [".npz"])
    sources = [*options.logs, *options.public]
    if options.simulated:
        sources.append(f"{options.simulated} made-up logs (seed {options.seed})")
    if not sources:
        raise ValueError(
            "Nothing to learn from; name log files, or pass --public or "
            "--simulated 300."
        )
    network = learn(
        read_logs(options),
        learnt_from=", ".join(map(str, sources)),
        random_state=options.seed,
    )
    with remembered("--out", options.out):
        network.save(options.out)
    print(f"Wrote {options.out}: TransferClassifier(pretrained={str(options.out)!r})")


def read_logs(options):
    """Yield the logs, one at a time, and say which."""
    for path in options.logs:
        log = read_log(Namespace(**vars(options) | {"log": path}))
        yield told(log.X, path)
    for name in options.public:
        yield told(PUBLIC[name](options.data_home).frame, name)
    if options.simulated:
        print(f"{options.simulated:,} made-up logs", flush=True)
    yield from simulate_logs(options.simulated, options.seed)


def told(X, name):
    """Say what is read; that nobody reads this does not end the learning."""
    with suppress(OSError):
        rows = f"{X['user_id'].nunique():,} students, {len(X):,} rows"
        print(f"{name}: {rows}", flush=True)
    return X
