"""Every public name, with its signature, as the file beside this one lists them.

A name, a parameter or a default that changes shows here, and so does one that was
forgotten. When a change is meant, write the list anew and read the difference:

    python -m tests.test_public
"""

import inspect
import re
from importlib import import_module
from pathlib import Path

import sktrace

LIST = Path(__file__).with_suffix(".txt")


def describe():
    """Return a line for every public name, method, property and signature."""
    rooms = ["sktrace", *(f"sktrace.{room}" for room in sktrace._ROOMS)]
    return [line for room in rooms for line in _describe_module(import_module(room))]


def _describe_module(module):
    for name in sorted(module.__all__):
        value, full = getattr(module, name), f"{module.__name__}.{name}"
        if not inspect.isclass(value):
            yield full + (_signature(value) if callable(value) else f" = {value!r}")
            continue
        yield full + _signature(value)
        for member in sorted(dir(value)):
            what = inspect.getattr_static(value, member, None)
            if not member.startswith("_") and _is_ours(what):
                what = _function_of(what)
                yield f"{full}.{member}{_signature(what) if callable(what) else ''}"


def _is_ours(member):
    """Say whether a member was written here, not inherited from scikit-learn."""
    member = getattr(member, "fget", None) or _function_of(member)
    return (getattr(member, "__module__", None) or "").startswith("sktrace")


def _function_of(member):
    """Return what a class method, or a method that is there at times, wraps."""
    return getattr(member, "__func__", None) or getattr(member, "fn", member)


def _signature(value):
    if inspect.isclass(value) and issubclass(value, Exception):
        return ""  # of a built-in class there is none
    return re.sub(r" at 0x\w+", "", str(inspect.signature(value)))


def test_the_public_names_and_signatures_are_those_of_the_list():
    assert describe() == LIST.read_text("utf-8").splitlines()


def test_every_public_name_is_found_and_listed():
    assert set(sktrace.__all__) == set(sktrace._HOMES)
    assert set(sktrace.__all__) | set(sktrace._ROOMS) <= set(dir(sktrace))
    for name in sktrace.__all__:
        assert getattr(sktrace, name).__name__ == name


def test_names_for_editors_are_the_names_at_run_time():
    source = Path(sktrace.__file__).read_text("utf-8")
    stated = re.findall(r"^    from \.(\S+) import (.+)$", source, re.MULTILINE)
    homes = {n: home for home, names in stated for n in names.split(", ")}
    assert homes == sktrace._HOMES


if __name__ == "__main__":
    LIST.write_text("\n".join(describe()) + "\n", "utf-8")
