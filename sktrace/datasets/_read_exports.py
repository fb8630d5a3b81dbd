"""The names that the common exports give to their columns."""

from typing import NamedTuple


class Export(NamedTuple):
    """Columns of an export, in the part that each plays."""

    student: str
    order: str
    skill: str
    correct: str
    item: tuple = ()  # together they name the item
    time: str | None = None  # None: nothing tells when an answer was given

    @property
    def needed(self):
        """The columns by which the export is known."""
        return [self.student, self.order, self.skill, self.correct]


ASSISTMENTS = {
    "2009-10": Export(
        "user_id", "order_id", "skill_name", "correct", item=("problem_id",)
    ),
    "2012-13": Export(
        "user_id",
        "start_time",
        "skill",
        "correct",
        item=("problem_id",),
        time="start_time",
    ),
    "2014-15": Export("user_id", "log_id", "sequence_id", "correct"),
    "2017": Export(
        "studentId",
        "startTime",
        "skill",
        "correct",
        item=("problemId",),
        time="startTime",
    ),
}

# In the log of 2015, problem_number counts how often the student met the exercise; what
# tells its problems apart is the template, problem_type.
JUNYI = {
    "2015": Export(
        "user_id",
        "time_done",
        "exercise",
        "correct",
        item=("exercise", "problem_type"),
        time="time_done",
    ),
    "2018-19": Export(
        "uuid",
        "timestamp_TW",
        "ucid",
        "is_correct",
        item=("upid",),
        time="timestamp_TW",
    ),
}

# Problems of DataShop, and of the KDD Cup, share names of steps, such as "Step 1".
DATASHOP_ITEM = ("Problem Name", "Step Name")
TRANSACTION = ["Anon Student Id", "Time", "Outcome"]
STEP = ["Anon Student Id", "First Transaction Time"]
STEP_ANSWERS = ["Correct First Attempt", "First Attempt"]
