"""The tables of `peers.py`, in Markdown, from what is saved."""

import pandas as pd

from . import audits, scores
from .catalogue import PEERS


def show(log, results, folder):
    """Return the tables of a log as text."""
    n_students = [t["user_id"].nunique() for t in (results.train, results.test)]
    common = results.common
    lines = [
        f"## {log}",
        "",
        f"{len(results.train):,} training rows of {n_students[0]:,} students, "
        f"{len(results.test):,} test rows of {n_students[1]:,}; "
        f"{common.sum():,} of these are predicted by all.",
        "",
        *show_scores(results, folder),
        "",
        *show_leads(results),
        "",
        *show_notes(results),
    ]
    return "\n".join(lines)


def show_scores(results, folder):
    """Return a line per peer: scores, cost, lines of code, audit."""
    head = ["", "AUC by row", "by question", "log loss", "AUC, all rows"]
    head += ["CPU s fit", "predict", "× PFA", "peak MB", "lines", "audit"]
    if not results.has_questions:
        head.remove("by question")
    yield from markdown_head(head)
    unit = results.seconds("sktrace-pfa") if "sktrace-pfa" in results.p else None
    for name, row in scores.score(results).iterrows():
        cost, peer = results.costs[name], PEERS[name]
        all_rows = f"{row['AUC, all rows']:.4f}"
        if pd.isna(row["AUC, all rows"]):
            all_rows = f"predicts {row['predicts']:.1%}"
        cells = [
            peer.label + (" (stopped)" if cost["stopped"] else ""),
            f"{row['AUC by row']:.4f}",
            *([f"{row['AUC by question']:.4f}"] if results.has_questions else []),
            f"{row['log loss']:.4f}",
            all_rows,
            f"{cost['fit']:.1f}",
            f"{cost['predict']:.1f}",
            f"{results.seconds(name) / unit:.1f}" if unit else "",
            f"{cost['peak_mb']:.0f}",
            str(peer.count_user_lines()),
            audit_of(name, results, folder),
        ]
        yield markdown_line(cells)


def show_leads(results):
    """Return a line per peer: who of ours stands against it, and how far ahead."""
    head = ["sktrace ahead of", "at its CPU seconds", "at a tenth of them", "at any"]
    yield from markdown_head(head)
    for peer, rows in scores.leads(results).groupby("peer", sort=False):
        cells = [PEERS[peer].label]
        for row in rows.itertuples():
            if pd.isna(row.model):
                cells.append("none is as quick")
                continue
            model = PEERS[row.model].label.removeprefix("sktrace ")
            cells.append(
                f"{row.lead:+.4f} [{row.low:+.4f}, {row.high:+.4f}] by {model}, "
                f"× {row.seconds:.3g}"
            )
        yield markdown_line(cells)


def show_notes(results):
    """Return what peers have told of themselves, who failed, and all releases."""
    releases = {}
    for name, cost in results.costs.items():
        told = cost.get("notes", {})
        if "failed" in cost:
            told = {"failed": cost["failed"]}
        if words := [f"{key} {value}" for key, value in told.items() if value]:
            yield f"- {PEERS[name].label}: {', '.join(words)}"
        for package, release in cost.get("versions", {}).items():
            releases.setdefault(package, set()).add(release)
    words = [f"{name} {' / '.join(sorted(all_))}" for name, all_ in releases.items()]
    yield f"- releases: {', '.join(words)}"


def audit_of(name, results, folder):
    """Return what the audit says of a peer: of its file, and of itself if asked."""
    try:
        findings = audits.of_predictions(results, name)
    except ImportError:  # an sktrace without an audit
        return ""
    saved = folder / f"audit-{name}.csv"
    if not saved.exists():
        return audits.in_words(findings) + " (file only)"
    asked = pd.read_csv(saved)
    asked = asked[asked["check"].isin(audits.ASKED)]
    return audits.in_words(pd.concat([asked, findings]))


def markdown_head(cells):
    yield markdown_line(cells)
    yield markdown_line(["---"] * len(cells))


def markdown_line(cells):
    return f"| {' | '.join(cells)} |"
