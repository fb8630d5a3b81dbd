"""What each command is called with. Nothing else is imported before it runs."""

import math
from argparse import ArgumentTypeError

from ._roles import ROLES, SEVERAL

__all__ = [
    "TRACERS",
    "add_audit",
    "add_compare",
    "add_pretrain",
    "add_shard",
    "add_trace",
]

PUBLIC = ("assistments2009", "assistments2015")
TRACERS = ("AFM", "PFA", "BKT", "transfer", "DKT")
MODELS = (*TRACERS, "blend")
HIGHEST = 2**32 - 1  # seed that generators of random numbers take
EPOCHS = 8  # as DKTClassifier, whose import takes longer than --help may


def add_compare(commands):
    """Describe the command."""
    command = commands.add_parser(
        "compare",
        help="cross-validate all tracers on a log, write an HTML report",
        description="Cross-validate the means of the skill, of the student and of the "
        "item, AFM, PFA, BKT, transfer, DKT and a blend, by folds of students; write "
        "one HTML page: what the log holds and what is odd about it, scores, learning "
        "curves, the mastery of the class, and the settings to do it again.",
    )
    add_log(command)
    command.add_argument(
        "--folds",
        type=at_least(2),
        default=5,
        help="in how many parts to deal out the students, each predicted by models "
        "trained on the others (%(default)s)",
    )
    command.add_argument(
        "--models",
        nargs="+",
        type=one_of(MODELS),
        metavar="MODEL",
        help=f"which to compare with the means: {', '.join(MODELS)} (all)",
    )
    command.add_argument(
        "--below",
        type=share,
        default=0.6,
        help="who is expected to get less than this share of answers right on a skill "
        "is named as one who needs help (%(default)s)",
    )
    command.add_argument(
        "--jobs",
        type=at_least(1),
        help="processes that share the folds (as many as cores, where it pays)",
    )
    command.add_argument(
        "--out", help="the page to write (the log's name and -report.html)"
    )
    command.add_argument(
        "--predictions",
        metavar="FILE",
        help="CSV file for what each tracer predicted of each row, which audit reads",
    )
    command.add_argument(
        "--class-table",
        metavar="FILE",
        help="CSV file for what each student would get right now, on each skill",
    )
    command.add_argument(
        "--quiet", action="store_true", help="print nothing but what goes wrong"
    )
    command.add_argument(
        "--resume",
        action="store_true",
        help="go on from the folds that an interrupted run of the same command has "
        "kept beside the page, in a folder that ends in .partial",
    )
    command.set_defaults(run=_compare)


def _compare(options):
    from ._compare import compare

    compare(options)


def add_trace(commands):
    """Describe the command."""
    command = commands.add_parser(
        "trace",
        help="fit tracers on a class, score them on students they have not seen",
        description="Fit tracers on four fifths of the students, score them on the "
        "others, and draw what one of these knows over time.",
    )
    add_log(command)
    command.add_argument(
        "--picture", default="mastery.png", help="file to draw into (%(default)s)"
    )
    command.add_argument(
        "--next",
        help="CSV file for what each student would get now, by skill; a name that a "
        "spreadsheet would take for a formula (=, +, -, @) gets a ' before it",
    )
    command.set_defaults(run=_trace)


def _trace(options):
    from ._trace import trace

    trace(options)


def add_pretrain(commands):
    """Describe the command."""
    command = commands.add_parser(
        "pretrain",
        help="learn from other classes what a new one can be told, write it to a file",
        description="Learn how students go on from log files, such as those of earlier "
        "years, from public logs, which are fetched, and from made-up classes; write "
        "a small file for TransferClassifier(pretrained=...).",
    )
    command.add_argument("logs", nargs="*", help="files, all read in the same way")
    add_reading_options(command.add_argument_group("how to read the files"))
    command.add_argument(
        "--public",
        nargs="+",
        choices=PUBLIC,
        default=[],
        metavar="LOG",
        help=f"public logs to fetch: {', '.join(PUBLIC)}; mind their terms",
    )
    command.add_argument(
        "--simulated",
        type=at_least(0),
        default=0,
        metavar="N",
        help="logs to make up, each by its own laws (%(default)s)",
    )
    command.add_argument(
        "--data-home", help="folder that public logs are kept in (the cache)"
    )
    command.add_argument("--out", default="pretrained.npz", help="file (%(default)s)")
    command.add_argument(
        "--seed", type=at_least(0), default=0, help="draws classes (%(default)s)"
    )
    command.set_defaults(run=_pretrain)


def _pretrain(options):
    from ._pretrain import pretrain

    pretrain(options)


def add_audit(commands):
    """Describe the command."""
    command = commands.add_parser(
        "audit",
        help="ask whether a score is true, and what it is made of",
        description="Look at predictions of a log from all sides: students on both "
        "sides, questions whose rows see each other, padding, columns that know the "
        "answer, what the AUC is made of. Without predictions, a tracer is fitted and "
        "also asked whether it sees the future. Write one HTML page.",
    )
    command.add_argument("log", help="a file")
    command.add_argument(
        "--predictions",
        metavar="FILE",
        help="probabilities of a right answer: one for each row of the log, or with "
        "columns that name the student and the time as the log does. Rows that it "
        "lacks are taken as those learnt from; its column fold says by which fold a "
        "row was predicted",
    )
    command.add_argument(
        "--probability", metavar="COLUMN", help="of this file (default: guess)"
    )
    command.add_argument(
        "--tracer",
        choices=TRACERS,
        help=f"without predictions: who is fitted, %(choices)s ({TRACERS[0]})",
    )
    add_log_options(command)
    command.add_argument(
        "--out", help="the page to write (the log's name and -audit.html)"
    )
    command.set_defaults(run=_audit)


def _audit(options):
    from ._audit import audit

    audit(options)


def add_shard(commands):
    """Describe the command."""
    command = commands.add_parser(
        "shard",
        help="write a log larger than memory as Parquet files of whole students",
        description="Read a log some rows at a time, and write it as Parquet files, "
        "all rows of a student in one. A text file is read as by the other commands; "
        "rows of a Parquet file, or of a folder of them, are copied as they are.",
    )
    command.add_argument("log", help="a file, or a folder of Parquet files")
    command.add_argument(
        "--out", help="the folder to write, new or empty (the log's name and -parts)"
    )
    command.add_argument(
        "--by",
        default="student",
        metavar="ROLE",
        help="who is not to be torn apart: student, or the name of the column that "
        "says who answered, as --student does (%(default)s)",
    )
    command.add_argument(
        "--parts",
        type=at_least(1),
        help="number of files (one for each million rows, or about so)",
    )
    command.add_argument(
        "--overwrite",
        action="store_true",
        help="replace a folder in which nothing is but what this command wrote",
    )
    add_reading_options(command.add_argument_group("how to read a text file"))
    command.set_defaults(run=_shard)


def _shard(options):
    from ._shard import shard

    shard(options)


def add_log(parser):
    """Add the log, which may be made up, and its options."""
    parser.add_argument("log", nargs="?", help="a file; without it, a made-up class")
    add_log_options(parser)


def add_log_options(parser):
    """Add how to read the log, and what all that is done with it depends on."""
    add_reading_options(parser.add_argument_group("how to read the log"))
    parser.add_argument(
        "--epochs",
        type=at_least(1),
        default=EPOCHS,
        help="how often DKT goes through the training students (%(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=at_least(0),
        default=0,
        help="another number deals other folds and starts DKT elsewhere (%(default)s)",
    )


def at_least(lowest):
    """Return what reads an option as a whole number that is not below another."""

    def read(text):
        number = int(text)
        if number < lowest:
            raise ArgumentTypeError(f"{text}; expected at least {lowest}")
        if number > HIGHEST:
            raise ArgumentTypeError(f"{text}; expected at most {HIGHEST}")
        return number

    read.__name__ = "whole number"  # argparse says: invalid whole number value
    return read


def one_of(names):
    """Return what reads an option as one of some names, whatever its capitals."""
    plain = {name.lower(): name for name in names}

    def read(text):
        if text.lower() not in plain:
            raise ArgumentTypeError(f"{text}; expected some of {', '.join(names)}")
        return plain[text.lower()]

    return read


def share(text):
    """Read an option as a share, between none and all."""
    number = float(text)
    if not 0 < number < 1:
        raise ArgumentTypeError(f"{text}; expected a share between 0 and 1")
    return number


def finite(text):
    """Read an option as a number that is neither infinite nor none."""
    number = float(text)
    if not math.isfinite(number):
        raise ArgumentTypeError(f"{text}; expected a finite number")
    return number


finite.__name__ = "number"


def add_reading_options(parser):
    """Add what says how a log is to be read."""
    for role, (_, meaning) in ROLES.items():
        default = "off" if role == "time" else "guess"
        more = "; 'none' for none" * (role in ("item", "time"))
        more += "; two, if a date and a time of the day" * (role in ("order", "time"))
        several = {"nargs": "+", "action": "extend"} if role in SEVERAL else {}
        parser.add_argument(
            f"--{role}",
            metavar="COLUMN",
            help=f"column: {meaning}{more} (default: {default})",
            **several,
        )
    parser.add_argument(
        "--sep", help="what stands between two cells, such as ; or tab (default: guess)"
    )
    parser.add_argument(
        "--decimal",
        choices=[".", ","],
        help="what stands before the decimals of numbers (default: told by the column)",
    )
    parser.add_argument(
        "--encoding", help="how letters are written, such as latin-1 (default: guess)"
    )
    parser.add_argument(
        "--time-format",
        help="how dates are written, such as %%d.%%m.%%Y (default: told by the column)",
    )
    parser.add_argument(
        "--time-unit",
        choices=["s", "ms", "us", "ns"],
        help="what the numbers of --time count (default: told by their size)",
    )
    parser.add_argument(
        "--skill-sep", help="what joins several skills in a cell, such as ;"
    )
    parser.add_argument(
        "--threshold", type=finite, help="credit from which an answer counts as right"
    )
    parser.add_argument(
        "--answers",
        nargs="+",
        action="extend",
        metavar="WORD=ANSWER",
        help="what answers mean that are not 0 or 1: 1, 0, or nothing for no answer, "
        "as in OK=1 BUG=0 skipped=; --answers=-1= where the word begins with a dash",
    )
    parser.add_argument(
        "--skill-model", help="of a DataShop export with several: which names skills"
    )
    parser.add_argument(
        "--all-attempts",
        action="store_true",
        help="of DataShop's transactions: read more than each step's first attempt",
    )
    parser.add_argument(
        "--drop-missing",
        action="store_true",
        help="leave out rows without a student or a time",
    )
