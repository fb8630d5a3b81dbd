"""What `gpu.py` finds, a line at a time: kept as JSON, shown as a table of Markdown."""

import json
import sys
import time
import traceback

__all__ = ["Report", "Skipped"]


class Skipped(Exception):
    """This cannot be asked here; the message says why."""


class Report:
    """Lines of sections; what fails is a line, too, and the next is asked all the same.

    Parameters
    ----------
    path : Path or None
        A JSON file, written anew after every line, so that a run that is ended early
        has what it found until then.
    sections : set of int or None
        Those to run; None is all.
    """

    def __init__(self, path, sections=None):
        self.path, self.sections = path, sections
        self.lines, self.section = [], None

    def begin(self, number, title):
        """Begin a section; return whether it is asked for."""
        self.section = f"{number}. {title}"
        asked = self.sections is None or number in self.sections
        if asked:
            print(f"\n{self.section}", flush=True)
        return asked

    def ask(self, what, question, *args, **kwargs):
        """Call a question, and write down what it says.

        It returns a text, a number is for people only; ``(holds, text)`` is a verdict;
        a dict is kept as it is, and ``dict["text"]`` shown. It raises `Skipped` where
        it cannot be asked.

        Returns
        -------
        object
            What the question returned; None if it failed or was skipped.
        """
        start, answer, data = time.perf_counter(), None, None
        try:
            answer = question(*args, **kwargs)
        except Skipped as reason:
            verdict, text = "skipped", str(reason)
        except Exception as error:  # the next one may hold
            traceback.print_exc(file=sys.stderr)
            verdict, text = "FAIL", f"{type(error).__name__}: {error}"
        else:
            verdict, text = "number", answer
            if isinstance(answer, dict):
                data, text = answer, answer["text"]
                verdict = {True: "pass", False: "FAIL"}.get(
                    answer.get("holds"), verdict
                )
            elif isinstance(answer, tuple):
                verdict, text = "pass" if answer[0] else "FAIL", answer[1]
        seconds = time.perf_counter() - start
        text = " ".join(str(text).split())[:300]
        line = {"section": self.section, "what": what, "verdict": verdict, "is": text}
        self.lines.append(line | {"seconds": round(seconds, 2), "data": data})
        print(f"  {verdict:8}{what}: {text}  [{seconds:.1f} s]", flush=True)
        self._write()
        return answer

    def guard(self, section, *args):
        """Run a section; what it fails of outside its questions is a line as well."""
        try:
            section(*args)
        except Exception as error:
            self.ask(section.__name__, _raise, error)

    def _write(self):
        if self.path is not None:
            self.path.write_text(json.dumps(self.lines, indent=1, default=str))

    def table(self):
        """Return all lines as tables of Markdown, one for each section."""
        rows, section = [], None
        for line in self.lines:
            if line["section"] != section:
                section = line["section"]
                rows += ["", f"**{section}**", "", "| | | |", "| --- | --- | --- |"]
            cells = (line["what"], line["verdict"], line["is"])
            rows.append(
                "| {} | {} | {} |".format(*(c.replace("|", "/") for c in cells))
            )
        counts = [line["verdict"] for line in self.lines]
        told = ", ".join(f"{counts.count(v)} {v}" for v in dict.fromkeys(counts))
        return "\n".join([*rows, "", told])


def _raise(error):
    raise error
