"""What a live tutor costs, and what it keeps when it is killed.

    python benchmarks/live.py latency --students 1000 100000 1000000
    python benchmarks/live.py many
    python benchmarks/live.py threads
    python benchmarks/live.py kills --kills 1000

`latency`: microseconds of an update, of a prediction of all skills, and of one after
the other, for students picked by chance from so many, in memory and in a SQLite file;
median and 99th percentile by the clock on the wall, and 99th percentile by the time of
the processor, which others on the machine do not lengthen; with the bytes that a
student takes. Stores are filled by copies of a hundred students who have answered.
`many`: answers per second of update_many, by family, for 3,000 students.
`threads`: how many answers of how many are there, when threads tell them at once, and
how many of so many tries to pickle meanwhile went well; at a switch interval of 1 µs.
`kills`: a process takes in answers, and acknowledges each through a pipe; it is killed
(SIGKILL) at a random moment, again and again on the same file. Then all that was
acknowledged has to be there, nothing twice, and states have to be, to the last bit,
those of the same answers told in memory; of update, and of update_many, whose batches
have to be whole.
"""

import argparse
import os
import pickle
import select
import signal
import sys
import tempfile
import threading
import time
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    BlendClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
    TransferClassifier,
)
from sktrace._plain import pack, unpack
from sktrace.datasets import make_interactions
from sktrace.live import Kept, SQLiteStore

SMALL = {"hidden_size": 16, "embedding_size": 8, "max_epochs": 1, "random_state": 0}
LATENCY = {
    "PFA": PFAClassifier(),
    "BKT": BKTClassifier(n_restarts=1, random_state=0),
    "DKT 16": DKTClassifier(**SMALL),
    "DKT 200": DKTClassifier(max_epochs=1, random_state=0),
}
MANY = {
    "mean": MeanClassifier(by="student"),
    "AFM": AFMClassifier(),
    "PFA": PFAClassifier(),
    "BKT": BKTClassifier(n_restarts=1, random_state=0),
    "DKT 200": DKTClassifier(max_epochs=1, random_state=0),
    "LSTM 200": DKTClassifier(cell="lstm", max_epochs=1, random_state=0),
    "transfer": TransferClassifier(),
    "blend": BlendClassifier(
        [("pfa", PFAClassifier()), ("mean", MeanClassifier())], weights=[0.5, 0.5]
    ),
}
BATCH = 20  # students of a batch, in `kills`


def fit(model, n_skills):
    X, y = make_interactions(60, n_skills, n_attempts=20, random_state=0)
    return model.fit(X, y)


def answer(student, number, skills):
    """Return the answer of this number: anybody can say later which it was."""
    skill = skills[(7 * student + 3 * number) % len(skills)]
    return skill, (student + number * number // 3) % 2


# --- latency -----------------------------------------------------------------------


def latency(args):
    rows = []
    for name in args.models or LATENCY:
        fitted = fit(LATENCY[name], args.skills)
        for n_students in args.students:
            for where in ("memory", "SQLite"):
                with tempfile.TemporaryDirectory() as folder:
                    rows.append(
                        measure(fitted, name, n_students, where, Path(folder), args)
                    )
                print(pd.DataFrame(rows).tail(1).to_string(index=False), flush=True)
    print(f"\n{args.skills} skills, {args.calls} calls, by chance\n")
    print(pd.DataFrame(rows).to_string(index=False))


def measure(fitted, name, n_students, where, folder, args):
    path = folder / "class.db"
    tracer = fitted.tracer(store=SQLiteStore(path) if where == "SQLite" else None)
    bytes_each = fill(tracer, fitted, n_students, path)
    rng, skills = np.random.default_rng(0), tracer.skills_.tolist()
    told = {"update": [], "predict": [], "both": []}
    for call, student in enumerate(rng.integers(0, n_students, args.calls).tolist()):
        skill, correct = answer(student, call, skills)
        start = time.perf_counter_ns(), time.thread_time_ns()
        tracer.update(student, skill, correct)
        middle = time.perf_counter_ns(), time.thread_time_ns()
        tracer.predict_proba(student)
        end = time.perf_counter_ns(), time.thread_time_ns()
        told["update"].append(np.subtract(middle, start))
        told["predict"].append(np.subtract(end, middle))
        told["both"].append(np.subtract(end, start))
    tracer.close()
    row = {"model": name, "students": n_students, "where": where}
    for what, spans in told.items():
        wall, processor = np.array(spans[args.calls // 10 :]).T / 1e3
        row[f"{what} p50"] = round(np.median(wall), 1)
        row[f"{what} p99"] = round(np.percentile(wall, 99), 1)
        row[f"{what} cpu p99"] = round(np.percentile(processor, 99), 1)
    return row | {"bytes each": round(bytes_each)}


def fill(tracer, fitted, n_students, path):
    """Let there be so many students; return how many bytes each takes."""
    some, skills = fitted.tracer(), tracer.skills_.tolist()
    for student in range(100):
        for number in range(5 + student % 40):
            some.update(student, *answer(student, number, skills))
    in_file = not tracer.store.keeps_objects
    kept = [Kept(some.n_answers(s), pack(some.states_[s])) for s in range(100)]
    with tracer.store.whole():
        for start in range(0, n_students, 20_000):
            names = list(range(start, min(start + 20_000, n_students)))
            own = [kept[student % 100] for student in names]
            if not in_file:
                own = [Kept(each.n_answers, unpack(each.state)) for each in own]
            tracer.store.change(names, lambda before, own=own: own)
    if in_file:
        tracer.store.close()
        return path.stat().st_size / n_students
    return weigh(kept)


def weigh(kept, n=2000):
    """Return how many bytes of memory a student takes, by the count of Python."""
    tracemalloc.start()
    states = {
        name: Kept(name, unpack(kept[name % len(kept)].state)) for name in range(n)
    }
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size / len(states)


# --- many --------------------------------------------------------------------------


def many(args):
    rows, rng = [], np.random.default_rng(0)
    for name in args.models or MANY:
        fitted = fit(MANY[name], 110)
        skills = fitted.skills_.tolist()
        row = {"model": name}
        for each in (1, 10):
            students = np.arange(3000).repeat(each).tolist()
            asked = [skills[k] for k in rng.integers(0, len(skills), len(students))]
            right = rng.integers(0, 2, len(students)).tolist()
            for where in ("memory", "SQLite"):
                with tempfile.TemporaryDirectory() as folder:
                    path = Path(folder) / "class.db"
                    store = SQLiteStore(path) if where == "SQLite" else None
                    with fitted.tracer(store=store) as tracer:
                        tracer.update_many(students, asked, right)
                        spans = []
                        for _ in range(3):
                            start = time.perf_counter(), time.thread_time()
                            tracer.update_many(students, asked, right)
                            end = time.perf_counter(), time.thread_time()
                            spans.append(np.subtract(end, start))
                wall, processor = np.min(spans, axis=0)
                row[f"{where}, {each} each"] = round(len(students) / wall)
                row[f"{where}, {each} each, cpu"] = round(len(students) / processor)
        X = pd.DataFrame(
            {
                "user_id": np.arange(3000).repeat(100),
                "order_id": np.tile(np.arange(100), 3000),
                "skill_name": [
                    skills[k] for k in rng.integers(0, len(skills), 300_000)
                ],
                "correct": rng.integers(0, 2, 300_000),
            }
        )
        start = time.perf_counter()
        fitted.tracer(X)
        row["tracer(X), 300,000 rows, s"] = round(time.perf_counter() - start, 1)
        rows.append(row)
        print(row, flush=True)
    print("\nanswers per second, 110 skills, 3,000 students")
    print(pd.DataFrame(rows).set_index("model").T.to_string())


# --- threads -----------------------------------------------------------------------


def threads(args):
    rows, interval = [], sys.getswitchinterval()
    for name in args.models or ("PFA", "DKT 16"):
        fitted = fit(LATENCY[name], 5)
        for where in ("memory", "SQLite"):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "class.db"
                tracer = fitted.tracer(
                    store=SQLiteStore(path) if where == "SQLite" else None
                )
                sys.setswitchinterval(1e-6)
                try:
                    row = tell_at_once(tracer, 300)
                finally:
                    sys.setswitchinterval(interval)
                    tracer.close()
            rows.append({"model": name, "where": where} | row)
    print(pd.DataFrame(rows).to_string(index=False))


def tell_at_once(tracer, n_each):
    """Let two threads tell answers of one student, and others of new ones."""
    tasks = [("ann", n_each), ("ann", n_each), (0, n_each), (10**6, n_each)]
    failed = []

    def tell(student, n):
        for step in range(n):
            name = student if student == "ann" else student + step
            try:
                tracer.update(name, "skill 1", step % 2)
            except Exception as error:
                failed.append(error)

    running = [threading.Thread(target=tell, args=task) for task in tasks]
    for each in running:
        each.start()
    n_pickled, n_tried = 0, 60
    for _ in range(n_tried):
        try:
            pickle.loads(pickle.dumps(tracer))
            n_pickled += 1
        except RuntimeError as error:
            failed.append(error)
    for each in running:
        each.join()
    there = sum(tracer.n_answers(student) for student in tracer.states_)
    return {
        "of ann": f"{tracer.n_answers('ann')} of {2 * n_each}",
        "of all": f"{there} of {4 * n_each}",
        "pickled": f"{n_pickled} of {n_tried}",
        "errors": len(failed),
    }


# --- kills -------------------------------------------------------------------------


def kills(args):
    fitted = fit(LATENCY[(args.models or ["PFA"])[0]], 5)
    for call in ("update", "update_many"):
        with tempfile.TemporaryDirectory() as folder:
            count_kills(fitted, Path(folder) / "class.db", call, args.kills)


def count_kills(fitted, path, call, n_kills):
    """Kill again and again, on one file, and say what was lost."""
    rng, replica, start = np.random.default_rng(0), fitted.tracer(), time.monotonic()
    tracer = fitted.tracer(store=SQLiteStore(path))
    acknowledged, told = np.zeros(BATCH, dtype=int), 0
    lost = twice = torn = wrong = unacknowledged = 0
    for number in range(n_kills):
        got = kill_one(tracer, call, rng.uniform(0, 0.05), wait=number % 4 > 0)
        told += len(got)
        for student in got:
            acknowledged[slice(None) if call == "update_many" else student] += 1
        there = np.array([tracer.n_answers(student) for student in range(BATCH)])
        lost += np.maximum(acknowledged - there, 0).sum()
        # One may have been written before it could be acknowledged.
        ahead = there - acknowledged
        twice += max(0, (ahead.max() if call == "update_many" else ahead.sum()) - 1)
        unacknowledged += int(ahead.any())
        torn += int(call == "update_many" and np.ptp(there) > 0)
        tell_replica(replica, call, there)
        wrong += sum(
            pack(tracer.states_[student]) != pack(replica.states_[student])
            for student in range(BATCH)
            if there[student]
        )
        acknowledged = there
        if number % 200 == 199:
            print(f"  {number + 1} kills", flush=True)
    unit = "answers" if call == "update" else f"batches of {BATCH} answers"
    print(
        f"{call}: {n_kills} kills in {time.monotonic() - start:.0f} s, {told:,} "
        f"{unit} acknowledged, {lost} answers lost, {twice} twice, {torn} batches "
        f"torn, {wrong} states other than in memory; {unacknowledged} times one was "
        "there that could not be acknowledged any more"
    )


def kill_one(tracer, call, seconds, wait):
    """Let a child take in answers until it is killed; return what it acknowledged.

    It is killed so long after it was started or, if we are to `wait`, after it has
    acknowledged its first answer.
    """
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads that idle
        child = os.fork()
    if not child:
        try:
            os.close(ours)
            serve(tracer, theirs, call)
        finally:
            os._exit(1)
    os.close(theirs)
    if wait:
        select.select([ours], [], [])
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(ours, "rb") as pipe:
        return list(pipe.read())


def serve(tracer, pipe, call):
    """Take in answers, and acknowledge each by the student's number."""
    skills = tracer.skills_.tolist()
    n_answers = [tracer.n_answers(student) for student in range(BATCH)]
    while True:
        if call == "update_many":
            told = [answer(s, n_answers[s], skills) for s in range(BATCH)]
            tracer.update_many(list(range(BATCH)), *map(list, zip(*told, strict=True)))
            n_answers = [n + 1 for n in n_answers]
            os.write(pipe, bytes([0]))
            continue
        for student in range(BATCH):
            skill, correct = answer(student, n_answers[student], skills)
            n_answers[student] += 1
            tracer.update(student, skill, correct, number=n_answers[student])
            os.write(pipe, bytes([student]))


def tell_replica(replica, call, there):
    """Tell a tracer in memory the answers that are in the store."""
    skills = replica.skills_.tolist()
    known = [replica.n_answers(student) for student in range(BATCH)]
    if call == "update_many":
        for number in range(known[0], there[0]):
            told = [answer(student, number, skills) for student in range(BATCH)]
            replica.update_many(list(range(BATCH)), *map(list, zip(*told, strict=True)))
        return
    for student in range(BATCH):
        for number in range(known[student], there[student]):
            replica.update(student, *answer(student, number, skills))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["latency", "many", "threads", "kills"])
    parser.add_argument("--models", nargs="+", choices={**LATENCY, **MANY})
    parser.add_argument("--students", nargs="+", type=int, default=[1_000, 100_000])
    parser.add_argument("--skills", type=int, default=5)
    parser.add_argument("--calls", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=1_000)
    args = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)  # of classes made by chance
    globals()[args.what](args)


if __name__ == "__main__":
    main()
