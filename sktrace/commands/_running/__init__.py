"""Tracers fitted by folds of students: by which, in how many processes, how long."""
