"""A made-up log of any size, as a folder of Parquet files of whole students.

    python benchmarks/large_log.py --rows 100000000 --out rows8  # a minute, 240 MB

The other benchmarks of large logs read what this writes. Students are made up by
`make_interactions`, ten thousand at a time and 100 answers each on average; all of
them meet the same 100 skills and the same 2000 items. Columns: `user_id` (0, 1, ...),
`order_id`, `skill_name` and `item_id` (dictionaries of strings) and `correct` (int8).
"""

import argparse
import resource
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sktrace.datasets import make_interactions

N_SKILLS, N_ITEMS = 100, 2000
ROWS_A_STUDENT = 100
STUDENTS_A_CALL = 10_000
NAMES = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    {
        "user_id": pa.int64(),
        "order_id": pa.int32(),
        "skill_name": NAMES,
        "correct": pa.int8(),
        "item_id": NAMES,
    }
)


class SameCurriculum(np.random.RandomState):
    """Draws students anew, but what is drawn once a skill or an item always the same.

    `make_interactions` draws all from one generator, so another seed would be another
    curriculum as well. What belongs to skills or items is known by its size.
    """

    def __init__(self, curriculum, seed):
        super().__init__([curriculum, seed])
        self.fixed = np.random.RandomState(curriculum)

    def _of(self, size):
        return self.fixed if size in (N_SKILLS, N_ITEMS) else super()

    def standard_normal(self, size=None):
        return self._of(size).standard_normal(size)

    def uniform(self, low=0.0, high=1.0, size=None):
        return self._of(size).uniform(low, high, size)


def make_students(n_students, first, seed, call):
    """Make up the answers of some students, numbered from the first on."""
    X, _, items = make_interactions(
        n_students,
        N_SKILLS,
        n_attempts=ROWS_A_STUDENT,
        n_items=N_ITEMS,
        return_items=True,
        random_state=SameCurriculum(seed, call),
    )
    X["user_id"] += first
    return pa.Table.from_pandas(X, SCHEMA, preserve_index=False), items


def write_log(folder, n_rows, n_parts, seed):
    """Write the log; say how many rows and students it has."""
    sizes = np.diff(np.arange(n_parts + 1) * (n_rows // ROWS_A_STUDENT) // n_parts)
    if sizes.min() <= N_ITEMS:  # else a size might be of students and of items
        raise SystemExit(
            f"{n_rows} rows in {n_parts} parts are {sizes.min()} students a part; "
            f"expected more than {N_ITEMS}: fewer --parts, or more --rows."
        )
    folder.mkdir(parents=True)
    rows = students = calls = 0
    curriculum = None
    for part, size in enumerate(sizes):
        path = folder / f"part-{part:05d}.parquet"
        with pq.ParquetWriter(path, SCHEMA) as writer:
            for few in np.array_split(np.arange(size), -(-size // STUDENTS_A_CALL)):
                table, items = make_students(len(few), students, seed, calls)
                curriculum = items if curriculum is None else curriculum
                assert items.equals(curriculum), "another curriculum"
                writer.write_table(table)
                rows, students, calls = (
                    rows + len(table),
                    students + len(few),
                    calls + 1,
                )
    return rows, students


def main():
    """Write the log, and say how long that took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10**6, help="about so many")
    parser.add_argument("--out", type=Path, required=True, help="a folder, new")
    parser.add_argument("--parts", type=int, help="files (one a million rows)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    n_parts = options.parts or max(1, options.rows // 10**6)
    began = time.perf_counter()
    rows, students = write_log(options.out, options.rows, n_parts, options.seed)
    seconds = time.perf_counter() - began
    size = sum(path.stat().st_size for path in options.out.iterdir())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(
        f"{rows} rows of {students} students in {n_parts} files, {size / 2**20:.0f} "
        f"MiB; {seconds:.0f} s, {peak:.0f} MiB of memory"
    )


if __name__ == "__main__":
    main()
