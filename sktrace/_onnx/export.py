"""One step of a fitted tracer, written to a file."""

import json
import math
from datetime import date

import numpy as np

from .. import __version__
from .._files import write_whole
from .._interactions.names import spell_name
from .._versions import require_extra
from .families import check_exported, make_step
from .graph import Graph
from .step import Answer
from .values import FLOAT

__all__ = ["to_onnx"]

_USAGE = (
    "One step of a student: (state, skill, item, correct) -> (new_state, "
    "probability of every skill, the last of an unknown one). A new student's state is "
    "all zeros. correct is 1, 0, or -1 to ask without an answer. Codes are places in "
    "the lists of the metadata; any other code is an unknown name."
)


def to_onnx(classifier, path):
    """Write one step of a fitted tracer as an ONNX model.

    What reads it, ONNX Runtime in Python, C#, Java, JavaScript or a browser, traces
    students as ``tracer()`` does, without sktrace or torch, and with the same numbers
    to 1e-6. Of n students at once, the inputs of the model are

    ========== =============== ======= =================================================
    name       shape           type    what
    ========== =============== ======= =================================================
    state      (n, size)       float64 what is kept of each; zeros of a new student
    skill      (n,)            int64   code: the place in the list of ``skills``
    correct    (n,)            int64   1 or 0; -1 asks, and leaves the state as it is
    item       (n,)            int64   code: the place in the list of ``items``
    ask_skill  (n, m)          int64   m questions to each student after the answer ...
    ask_item   (n, m)          int64   ... and the items that they ask
    ========== =============== ======= =================================================

    the last three only of a tracer that reads items. A code that is no place, such as
    -1, is a skill or an item that fit did not see, or none at all. The outputs are

    =========== ===================== ======= ==========================================
    name        shape                 type    what
    =========== ===================== ======= ==========================================
    new_state   (n, size)             float64 the state to be kept
    probability (n, n_skills + 1)     float64 P(``classes_[1]``) of every skill, asked
                                              right after the answer with its average
                                              item; the last of a skill not seen in fit
    asked       (n, m)                float64 P of the questions; with items only
    known       (n, n_skills + 1)     float64 P(known) of every skill; of BKT only
    =========== ===================== ======= ==========================================

    Parameters
    ----------
    classifier : fitted tracer
        `MeanClassifier`, `AFMClassifier`, `PFAClassifier`, `RaschClassifier`,
        `BKTClassifier`, `DKTClassifier`, `TransferClassifier`, or a `BlendClassifier`
        of these; of columns beside skill and answer it may read `item`.
    path : str or path
        Ends with ``.onnx``, by custom. The file is written whole, or not at all, and
        the same model gives the same bytes.

    Raises
    ------
    TypeError
        If it is no tracer, predicts outcomes of whole sequences, or has formulas of
        its own.
    NotFittedError
        If it was not fitted.
    ValueError
        If it reads times, features or groups, which are no input of a step.
    ImportError
        If the package ``onnx`` is not installed: it is the extra ``onnx``.

    Notes
    -----
    Opset 17, IR version 8. The graph is made of learnt arrays and the formulas that
    are documented with each tracer, whose numbers are float64, and float32 within a
    network. ``metadata_props`` hold, as JSON, ``skills``, ``items`` and ``classes`` in
    order of code, ``tracer``, ``sktrace_version``, and ``state``: which numbers of a
    state are what. A name that JSON does not have, such as a date, is written as text.

    A step reads one answer on one skill. A question that needs several is the business
    of `LiveTracer`, and so is refusing unknown skills: here, they are average ones. By
    ``student_effect="fixed"``, the number ``ability`` of a state is yours to set.
    Counts on items are kept of every item, so a state is as long as the list of items
    where these are counted.

    Examples
    --------
    >>> import os, tempfile
    >>> from sktrace import PFAClassifier, to_onnx
    >>> from sktrace.datasets import make_interactions
    >>> X, y = make_interactions(n_students=20, n_skills=3, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "pfa.onnx")
    ...     to_onnx(PFAClassifier().fit(X, y), path)
    ...     os.path.getsize(path) < 50_000
    True
    """
    require_extra("onnx", "Writing ONNX")
    check_exported(classifier)
    write_whole(path, write_model(classifier).SerializeToString(deterministic=True))


def write_model(classifier):
    """Return one step of a fitted tracer as a model of ONNX."""
    step, n_skills = make_step(classifier), len(classifier.skills_)
    graph, size = Graph(), sum(step.sizes.values())
    state = graph.input("state", FLOAT, "students", size)
    skill = _read_code(graph, "skill", n_skills)
    correct = graph.input("correct", np.int64, "students").unsqueeze(1)
    item = questions = None
    if step.n_items is not None:
        item = _read_code(graph, "item", step.n_items)
        questions = [
            _read_code(graph, "ask_skill", n_skills, "questions"),
            _read_code(graph, "ask_item", step.n_items, "questions"),
        ]
    right = np.equal(correct, 1)
    answered = right | np.equal(correct, 0)
    now = _unpack(state, step.sizes)
    then = step.read(now, Answer(skill, right.astype(FLOAT), item))
    packed = np.concatenate([then[name] for name in step.sizes], axis=-1)
    state = np.where(answered, packed, state)
    now = _unpack(state, step.sizes)
    alike = right.astype(FLOAT) * 0.0  # a row for each student, where all are alike
    graph.output("new_state", state, "students", size)
    p = step.ask(now, None, None) + alike
    graph.output("probability", p, "students", n_skills + 1)
    if questions:
        graph.output(
            "asked", step.ask(now, *questions) + alike, "students", "questions"
        )
    known = step.know(now)
    if known is not None:
        graph.output("known", known, "students", n_skills + 1)
    return graph.write(
        type(classifier).__name__,
        _describe(classifier, step),
        doc_string=_USAGE,
        producer_name="sktrace",
        producer_version=__version__,
    )


def _read_code(graph, name, n, *shape):
    """Add an input of codes, (n, m); whatever is no place is that of unknown names."""
    code = graph.input(name, np.int64, "students", *shape)
    if not shape:
        code = code.unsqueeze(1)
    return np.where(np.less(code, 0), n, np.minimum(code, n))


def _unpack(state, sizes):
    """Return the fields of a state by name."""
    return dict(zip(sizes, state.split([*sizes.values()]), strict=True))


def _describe(classifier, step):
    """Return what a reader has to know of codes and states."""
    ends = np.cumsum([*step.sizes.values()]).tolist()
    notes = {
        "skills": _spell(classifier.skills_),
        "classes": _spell(classifier.classes_),
        "state": [
            {"name": name, "start": end - size, "stop": end}
            for (name, size), end in zip(step.sizes.items(), ends, strict=True)
        ],
        "tracer": type(classifier).__name__,
        "sktrace_version": __version__,
    }
    if step.n_items is not None:
        notes["items"] = _spell(classifier._names_["item"])
    return {name: json.dumps(note, ensure_ascii=False) for name, note in notes.items()}


def _spell(names):
    """Return names as JSON has them: texts and numbers, and texts of all others."""
    return [_spell_one(name) for name in names.tolist()]


def _spell_one(name):
    if isinstance(name, date):
        return name.isoformat()
    is_plain = isinstance(name, str | bool | int | float)
    return name if is_plain and name not in (math.inf, -math.inf) else spell_name(name)
