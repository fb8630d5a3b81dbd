"""The roles that columns of a log play. Nothing is imported for them."""

__all__ = ["NEEDED", "ROLES", "SEVERAL"]

# The name of each role in the frame that is read: its column, and what it is.
NEEDED = {
    "student": ("user_id", "who answered"),
    "order": ("order_id", "time within a student; 'none' if rows are in time order"),
    "skill": ("skill_name", "skill practised; 'none' for one skill"),
    "correct": ("correct", "answer given, 0 or 1; empty if not asked yet"),
}
ROLES = NEEDED | {
    "item": ("item_id", "problem, question or step; several name it together"),
    "time": ("time", "when, for tracers that read how long ago something was"),
}
# More than one column may play these: dates and times of the day; problem and step.
SEVERAL = ("order", "time", "item")
