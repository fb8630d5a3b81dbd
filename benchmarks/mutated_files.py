"""What becomes of model files that somebody has changed?

Files that ``sktrace.save`` wrote are changed at random and loaded: bits flipped, cut,
members swapped, packed otherwise; and, with the checksum made right again, JSON edited
by what is in it or by names that would be dangerous, headers of arrays rewritten, and
bytes of arrays. Each must load, or raise ValueError.

Processes that load them may not allocate more than ``--memory`` beside what they have
when they begin, and an audit hook notes everything that loading does but read the file:
other files opened, code compiled or executed, modules imported, processes, sockets. A
process that dies is counted as a crash, and the file that it died of is named.

    python benchmarks/mutated_files.py --files 100000
    python benchmarks/mutated_files.py --files 100 --networks
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

import pandas as pd

import sktrace
from sktrace._plain.archive import (
    find_members,
    join_members,
    read_archive,
    write_archive,
)
from sktrace._plain.models import dump
from sktrace._plain.tree import ELSEWHERE
from sktrace.datasets import make_interactions

QUIET = ("sys._getframe", "builtins.id", "object.__getattr__")
NASTY = [
    *(
        "os.system",
        "builtins.eval",
        "__class__",
        "__reduce__",
        "predict",
        "show_versions",
    ),
    *("array", "objects", "numpy", "dict", "tuple", "set", "DataFrame", "MultiIndex"),
    *("RangeIndex", "RandomState", "slice", "float", "Timestamp", "Period", "Interval"),
    *("MeanClassifier", "BlendClassifier", "HistoryClassifier", "Learnt", "Decimal"),
]
NUMBERS = [0, -1, 1, 2**31, 2**63, 2**64, 10**30, 1e308, 0.5, True, None, "", "~" * 99]
DTYPES = ["|O8", "<M8[0s]", "<U99999999", "<f8", "|b1", "<i4", ">c16", "<m8[ns]", "V9"]


def models(networks):
    """Return the contents of files of some fitted models."""
    X, y = make_interactions(n_students=12, n_skills=3, random_state=0)
    X["item_id"] = X["order_id"] % 4
    tracers = [
        sktrace.MeanClassifier(by="item", item="item_id"),
        sktrace.PFAClassifier(item="item_id"),
        sktrace.BKTClassifier(item="item_id", random_state=0),
    ]
    if networks:
        small = {"hidden_size": 4, "embedding_size": 4, "max_epochs": 1}
        tracers = [sktrace.DKTClassifier(item="item_id", random_state=0, **small)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [dump(tracer.fit(X, y)) for tracer in tracers]


def flip(draw, content):
    """Change some bytes, wherever they are."""
    changed = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 8))):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def cut(draw, content):
    """Leave out a part, or say it twice."""
    start, end = sorted(draw.choices(range(len(content)), k=2))
    part = content[start:end] * draw.choice((0, 0, 2))
    return content[:start] + part + content[end:]


def swap(draw, content):
    """Let members change places, or names."""
    members = {name: bytes(own) for name, own in find_members(content).items()}
    del members["sha256"]
    names = list(members)
    one, other = draw.sample(names, 2)
    if draw.random() < 0.5:
        members[one], members[other] = members[other], members[one]
    else:
        name = draw.choice(("../" + one, "/etc/passwd", one + "\0", "arrays/-1.npy"))
        members = {name if n == one else n: own for n, own in members.items()}
    return join_members(members)


def edit_tree(draw, content):
    """Put something else somewhere into the tree, under the right checksum."""
    members = find_members(content)
    about = json.loads(bytes(members["about.json"]))
    tree, arrays = read_archive(members)
    places = list(_places(tree))
    for _ in range(draw.choice((1, 1, 2, 4))):
        holder, key = draw.choice(places)
        change = draw.randrange(5)
        if change == 0:
            holder[key] = draw.choice(NUMBERS)
        elif change == 1:
            other, its = draw.choice(places)
            holder[key] = json.loads(json.dumps(other[its]))
        elif change == 2:
            holder[key] = {draw.choice(NASTY): holder[key]}
        elif change == 3 and isinstance(holder, dict):
            holder[draw.choice(NASTY)] = holder.pop(key)
        else:
            holder[key] = {
                draw.choice(NASTY): [draw.choice(NUMBERS)] * draw.randrange(4)
            }
        places = list(_places(tree))
    return write_archive(about, tree, arrays)


def _places(tree):
    """Yield every place of a tree: what holds it, and its key there."""
    stack = [tree]
    while stack:
        holder = stack.pop()
        keys = holder if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            yield holder, key
            if isinstance(holder[key], dict | list):
                stack.append(holder[key])


def edit_text(draw, content):
    """Change letters of the tree, under the right checksum."""
    return _edit(draw, content, "model.json", b'0123456789-"[]{}:,.eNaI\\\xff ')


def bury(draw, content):
    """Put the tree deep into lists."""
    members = {name: bytes(own) for name, own in find_members(content).items()}
    del members["sha256"]
    depth, opening = (
        draw.choice((50, 90, 10**3, 10**5)),
        draw.choice((b"[", b'{"set":[')),
    )
    closing = opening.translate(bytes.maketrans(b"[{", b"]}"), b'"set:')[::-1]
    members["model.json"] = opening * depth + members["model.json"] + closing * depth
    return join_members(members)


def edit_about(draw, content):
    """Change letters of what a file says of itself, under the right checksum."""
    return _edit(draw, content, "about.json", b'0123456789"[]{}:,')


def _edit(draw, content, name, letters):
    members = {name: bytes(own) for name, own in find_members(content).items()}
    del members["sha256"]
    text = bytearray(members[name])
    for _ in range(draw.choice((1, 1, 2, 8))):
        text[draw.randrange(len(text))] = draw.choice(letters)
    return join_members(members | {name: bytes(text)})


def edit_array(draw, content):
    """Rewrite the header of an array, or its bytes, under the right checksum."""
    members = {name: bytes(own) for name, own in find_members(content).items()}
    del members["sha256"]
    name = draw.choice([each for each in members if each.endswith(".npy")])
    own = members[name]
    change = draw.randrange(4)
    if change == 0:
        own = own.replace(b"(", b"(%d, " % draw.choice((0, 1, 2**40, 2**62)), 1)
    elif change == 1:
        old = own[own.index(b"'descr': '") + 10 :].split(b"'")[0]
        own = own.replace(b"'%s'" % old, repr(draw.choice(DTYPES)).encode(), 1)
    elif change == 2:
        own = own[: draw.randrange(len(own))]
    else:
        own = flip(draw, own)
    return join_members(members | {name: own})


KINDS = [flip, cut, swap, edit_tree, edit_text, edit_array] * 3
KINDS += [edit_tree] * 3 + [edit_about, bury]
REPORTED = ("loaded", "refused", "executed", "other error", "crashed")


def import_all(networks):
    """Import what a file may name: only networks need torch, which takes seconds."""
    for name in sktrace.__all__:
        if networks or name not in ("DKTClassifier", "SequenceRegressor", "to_onnx"):
            getattr(sktrace, name)
    for name, room in ELSEWHERE.items():
        getattr(getattr(sktrace, room), name)
    repr(pd.DataFrame([0]))  # scikit-learn shows what is no value of a parameter


def load_some(first, count, memory, networks):
    """Load files by number in this process, watched; print what became of them."""
    contents, found, noted = models(networks), Counter(), Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.sktrace"
        for content in contents:  # what is imported late is imported now
            path.write_bytes(content)
            sktrace.load(path)
        import_all(networks)
        watching = False

        def watch(event, arguments):
            if not watching or event in QUIET:
                return
            if event == "open" and arguments[0] == str(path):
                _, _, flags = arguments
                if not flags & (os.O_WRONLY | os.O_RDWR):
                    return
            noted[f"{event} {str(arguments)[:80]}"] += 1

        sys.addaudithook(watch)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        size = int(Path("/proc/self/statm").read_text().split()[0]) * 4096
        resource.setrlimit(resource.RLIMIT_AS, (size + memory * 2**20,) * 2)
        for number in range(first, first + count):
            print(f"at {number}", flush=True)
            draw = random.Random(number)
            kind = draw.choice(KINDS)
            path.write_bytes(kind(draw, draw.choice(contents)))
            was = noted.total()
            watching = True
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    sktrace.load(path)
                outcome = "loaded"
            except ValueError:
                outcome = "refused"
            except Exception as error:
                outcome = "other error"
                print(f"{number} {kind.__name__} {error!r:.300}", file=sys.stderr)
            watching = False
            found[outcome, kind.__name__] += 1
            if noted.total() > was:
                found["executed", kind.__name__] += 1
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    table = [[*key, n] for key, n in found.items()]
    print(json.dumps({"found": table, "noted": noted, "more": after - before}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="number of the first one")
    parser.add_argument("--memory", type=int, default=64, help="MiB to allocate")
    parser.add_argument("--at-once", type=int, default=5000, help="files per process")
    parser.add_argument("--networks", action="store_true", help="change those of DKT")
    parser.add_argument("--watched", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.watched:
        load_some(args.first, args.files, args.memory, args.networks)
        return
    found, noted, more, start = Counter(), Counter(), 0, time.perf_counter()
    first, end = args.first, args.first + args.files
    while first < end:
        count = min(args.at_once, end - first)
        called = [sys.executable, __file__, "--watched", f"--first={first}"]
        called += [f"--files={count}", f"--memory={args.memory}"]
        called += ["--networks"] * args.networks
        done = subprocess.run(called, stdout=subprocess.PIPE, text=True, check=False)
        *_, last = done.stdout.splitlines() or [""]
        if done.returncode:
            print(f"crashed ({done.returncode}) {last}")
            found["crashed", "?"] += 1
            first = int(last.split()[-1]) + 1 if last.startswith("at ") else end
            continue
        said = json.loads(last)
        for outcome, kind, n in said["found"]:
            found[outcome, kind] += n
        noted.update(said["noted"])
        more = max(more, said["more"])
        first += count
    print(f"{'':12}" + "".join(f"{outcome:>13}" for outcome in REPORTED))
    for kind in [*dict.fromkeys(each.__name__ for each in KINDS), "?"]:
        row = [found[outcome, kind] for outcome in REPORTED]
        if any(row):
            print(f"{kind:12}" + "".join(f"{n:13,}" for n in row))
    total = [sum(found[o, k] for o, k in found if o == out) for out in REPORTED]
    print(f"{'all':12}" + "".join(f"{n:13,}" for n in total))
    print(f"most memory beside what was there: {more / 1024:.1f} MiB")
    print(f"{(time.perf_counter() - start) / args.files * 1e3:.2f} ms a file")
    for event, n in noted.most_common(20):
        print(f"noted {n} times: {event}")


if __name__ == "__main__":
    main()
