"""``shard``: write a log that is larger than memory as files of whole students."""

from contextlib import ExitStack
from pathlib import Path

from .._versions import require_extra
from ..datasets._read_open import open_table
from ..datasets._read_parquet import ParquetTable
from ..datasets._read_problems import ReadingError
from ..datasets._shard import write_shards
from ..datasets._shard_parts import MOST_PARTS
from ..datasets._shard_rows import open_folder, open_parquet
from ..datasets._shard_whole import open_rows as read_open
from ._output import remembered
from ._reading.columns import guess_columns, guess_student
from ._reading.log_file import OPENING, choose_columns, take_options, try_opened
from ._reading.mending import mended
from ._reading.stand_ins import Head
from ._roles import NEEDED

__all__ = ["shard"]

N_ROWS = 100_000  # of a text, on which a command is tried


def shard(options):
    """Read, write the folder, and say how to go on."""
    require_extra("parquet", "shard")
    given, settings = take_options(options)
    if options.by != "student":
        if given["student"] not in (None, options.by):
            raise ValueError(
                f"--by {options.by} and --student {given['student']}; expected one "
                "column that says who answered. Leave --student out."
            )
        given["student"] = options.by
    out = options.out or name_folder(options.log)
    if options.parts and options.parts > MOST_PARTS:
        raise ValueError(
            f"--parts {options.parts}: expected no more than {MOST_PARTS}."
        )
    try:
        shards, further = write(options, given, settings, out)
    except ReadingError as error:
        if is_copied(options.log):
            raise
        part = f"its first {N_ROWS:,} rows"
        raise mended(error, options, try_head, part) from error
    print(describe(shards, further))


def write(options, given, settings, out):
    """Write the folder; return what was written, and what tracers are to be told."""
    with ExitStack() as stack:
        rows, further = open_rows(options.log, given, settings, stack)
        n_parts = options.parts or "auto"
        with remembered("--out", out):
            try:
                return write_shards(rows, out, n_parts, options.overwrite), further
            except OSError as error:  # in words of its own
                raise ValueError(str(error)) from error


def is_copied(log):
    """Tell what is copied as it is, or cannot be read again."""
    path = Path(log)
    if not path.is_file():  # a folder, or a pipe
        return True
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def try_head(options, unknown):
    """Read the first rows by other options."""
    given, settings = take_options(options)
    if options.by != "student":
        given["student"] = options.by
    with open_table(options.log, *map(settings.get, OPENING)) as table:
        return try_opened(Head(table, N_ROWS), given, settings, unknown)


def name_folder(log):
    """Return the folder that is written by default."""
    return f"{Path(Path(log).name.removesuffix('.gz')).stem}-parts"


def open_rows(log, given, settings, stack):
    """Return the rows, and arguments of tracers that name what has another name."""
    drop = settings.pop("drop_missing", False)
    if Path(log).is_dir():
        asked = refuse_reading(given, settings)
        return copied(open_folder, log, asked, drop)
    table = stack.enter_context(open_table(log, *map(settings.get, OPENING)))
    if isinstance(table, ParquetTable):
        return copied(open_parquet, table, refuse_reading(given, settings), drop)
    choose_columns(table, given, settings)
    if given["time"] is None:  # kept, although no tracer reads it unless it is named
        settings.pop("time", None)
    asked = {name: value for name, value in settings.items() if name not in OPENING}
    return read_open(table, drop, **asked), {}


def refuse_reading(given, settings):
    """Return the column of the students that was named, the only one that may be."""
    odd = [role for role, name in given.items() if name and role != "student"]
    odd += ["all_attempts" if name == "first_attempts" else name for name in settings]
    if odd:
        said = ", ".join(f"--{name.replace('_', '-')}" for name in odd)
        raise ValueError(
            f"{said}: rows of Parquet files are copied as they are; expected --by "
            "alone. Leave the others out, and name columns to the tracers."
        )
    return given["student"]


def copied(open_as, source, student, drop):
    """Return rows that are copied, and what tracers are to be told of their names."""
    rows = open_as(source, lambda names: guess_student(names, student), drop)
    try:
        columns, _ = guess_columns(rows.schema.names, {"student": rows.student})
    except ValueError:  # nobody knows: it may be no log of answers
        columns = {"student": rows.student}
    usual = {role: name for role, (name, _) in NEEDED.items()}
    named = {role: columns.get(role, name) for role, name in usual.items()}
    return rows, {role: name for role, name in named.items() if name != usual[role]}


def describe(shards, further):
    """Say what was written, and the calls that come next."""
    named = ", ".join(f"{role}={name!r}" for role, name in further.items())
    answer = further.get("correct", "correct")
    files = f"{shards.n_parts} files of {shards.fewest_rows:,} to {shards.most_rows:,}"
    files = "1 file" if shards.n_parts == 1 else f"{files} rows"
    return "\n".join(
        [
            f"{shards.n_rows:,} rows of {shards.n_students:,} students in {files}, "
            f"{shards.n_bytes / 2**20:,.1f} MiB",
            f"Columns: {', '.join(shards.columns)}",
            "",
            f"Wrote {shards.folder}. To go on, in Python:",
            f"  X = sktrace.datasets.scan_interactions({str(shards.folder)!r})",
            f"  sktrace.DKTClassifier({named}).fit(X, X[{answer!r}])",
        ]
    )
