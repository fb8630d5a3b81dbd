"""sktrace beside its peers: the same rows, the same split, run and not quoted.

    python benchmarks/peers.py                        # hours, nearly all the peers'
    python benchmarks/peers.py --log 2015 --peer logistic sktrace-pfa
    python benchmarks/peers.py --table                # from what was saved
    python benchmarks/peers.py --audit                # every peer as a suspect

Each peer runs in a process of its own, on one thread, in an environment of its own
which is made from the package index on first use, with its own defaults; the files
`peers/run_*.py` say which. It is given the same CSV files of training and test rows,
writes one probability per test row, and is then scored here. Predictions and costs are
saved, and what is saved is not fitted again, but with --again.

lme4 alone is not on the index: it runs where `Rscript` finds it (apt-get install
r-cran-lme4), and is left out elsewhere.

Students are drawn from the published split, or folds, with a fixed seed: 1,000 for
training and 500 for testing, because some peers need hours for all. CPU seconds are of
the process and its children, imports left out; memory is the peak, imports included.
A peer that trains in epochs and is not done after --limit CPU seconds keeps what it has
by then and is marked; another is given up.
"""

import argparse
from pathlib import Path

from peers import audits, catalogue, logs, scores, table
from sklearn.datasets import get_data_home


def run(log, options, folder):
    """Run the peers on a log, one after the other, but for what is saved."""
    tables = folder / "train.csv", folder / "test.csv"
    drawn = logs.draw(log, options.students, options.data_home)
    for rows, path in zip(drawn, tables, strict=True):
        rows.to_csv(path, index=False)
    for name in options.peer:
        out = folder / f"{name}.csv"
        if out.with_suffix(".json").exists() and not options.again:
            continue
        print(f"{log}: {name} ...", end=" ", flush=True)
        cost = catalogue.run_peer(
            catalogue.PEERS[name], tables, out, options.environments, options.limit
        )
        told = ("fit", "predict", "peak_mb", "stopped", "failed", "notes")
        print({key: cost[key] for key in told if key in cost}, flush=True)


def audit(results, options, folder):
    """Audit the peers as suspects, and save what is found."""
    for name in options.peer:
        print(f"{folder.name}: audit of {name} ...", flush=True)
        findings = audits.of_runner(catalogue.PEERS[name], results, options)
        findings.to_csv(folder / f"audit-{name}.csv", index=False)
        print(findings[["check", "verdict", "size"]].to_string(), flush=True)


def parse():
    """Return the options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    some = {"nargs": "+", "metavar": "NAME"}
    add(
        "--log",
        **some,
        choices=logs.LOGS,
        default=logs.LOGS,
        help=f"some of {', '.join(logs.LOGS)} (default: all)",
    )
    add(
        "--peer",
        **some,
        choices=catalogue.PEERS,
        default=list(catalogue.PEERS),
        help=f"some of {', '.join(catalogue.PEERS)} (default: all)",
    )
    add(
        "--students",
        nargs="+",
        default=["1000", "500"],
        metavar="N",
        help="how many for training and for testing, or all (default: 1000 500)",
    )
    add(
        "--limit",
        type=float,
        default=1200,
        help="CPU seconds that a peer may fit (default: 1200)",
    )
    add("--data-home", help="folder of downloaded data sets")
    add("--results", type=Path, help="default: the folder peers in the data home")
    add(
        "--environments",
        type=Path,
        default=Path(".bench"),
        help="where the environments of the peers are made (default: .bench)",
    )
    add("--table", action="store_true", help="fit nothing, read what is saved")
    add("--again", action="store_true", help="fit what is saved, too")
    add("--audit", action="store_true", help="audit peers on 60 + 60 students")
    options = parser.parse_args()
    if options.results is None:
        options.results = Path(get_data_home(options.data_home)) / "peers"
    if options.students == ["all"]:
        options.students = None
    elif len(options.students) == 2 and all(n.isdigit() for n in options.students):
        options.students = tuple(map(int, options.students))
    else:
        parser.error("--students takes two numbers, such as 1000 500, or all")
    return options


def main():
    options = parse()
    size = "-".join(map(str, options.students)) if options.students else "all"
    for log in options.log:
        folder = options.results / f"{log}-{size}"
        folder.mkdir(parents=True, exist_ok=True)
        if not options.table and not options.audit:
            run(log, options, folder)
        results = scores.read(folder)
        if options.audit:
            audit(results, options, folder)
        print(table.show(log, results, folder), flush=True)


if __name__ == "__main__":
    main()
