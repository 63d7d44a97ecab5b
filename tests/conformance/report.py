#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What became of each row of the tables, by RFC and level: the end of `make conformance` (run.sh) and of `make test`.

usage: report.py OUT CORE DISSECTOR LAB     OUT gets summary.json, the others are the logs of what ran
       report.py --complete OUT ...         a row is wrong, too, if its evidence was not run

A row is
  shown     all its evidence ran and passed,
  excepted  it does not apply, for a reason that it gives,
  not run   some of its evidence was not run (the lab, or the dissector where tshark is not), and none failed,
  failed    some of its evidence failed, did not run although its suite did, or is not there at all,
  open      nothing shows it.
"""

import collections
import json
import re
import sys
from pathlib import Path

from table import HERE, faults, read

STATES = ["shown", "excepted", "not run", "failed", "open"]


def core(log):
    """The outcome of each test of the core: True, False."""
    outcomes, suite = {}, None
    for line in log.splitlines():
        if match := re.match(r"\s+Running (?:tests|unittests)[/ ](\S+?)(?:\.rs)? \(", line):
            suite = match[1]
        elif match := re.match(r"test (\S+) \.\.\. (ok|FAILED)", line):
            outcomes[f"{suite}::{match[1]}"] = match[2] == "ok"
    return outcomes


def dissector(log):
    """The outcome of each line of TAP that says what was read."""
    found = re.findall(r"^(not )?ok \d+ - (reads .+?)(?: #.*)?$", log, re.M)
    return {what: not bad for bad, what in found}


def lab(log):
    """The outcome of each scenario: its checks stand before the line that tells its time."""
    outcomes, checks = {}, []
    for line in log.splitlines():
        if match := re.match(r"(not )?ok\b", line):
            checks.append(not match[1])
        elif match := re.match(r"# (\S+): \d+ s of the host's time", line):
            outcomes[match[1]] = outcomes.get(match[1], True) and bool(checks) and all(checks)
            checks = []
        elif match := re.match(r"# failed: (?:\S+: )?(\d\d-[\w-]+): ", line):
            outcomes[match[1]] = False
    return outcomes


def outcomes(reader, path):
    """What a suite said, or None if it did not run."""
    return reader(path.read_text(errors="replace")) if path.exists() else None


def state_of(row, suites):
    """The state of a row, and why if it failed."""
    if problems := faults(row):
        return "failed", ", ".join(problems)
    evidence = row[2]
    if evidence == "open":
        return "open", "nothing shows it"
    if evidence.startswith("except "):
        return "excepted", None
    state = "shown"
    for item in evidence.split(", "):
        kind, _, name = item.partition(" ")
        said = suites[kind]
        if said is None:
            state = "not run"
        elif name not in said:
            if kind != "lab":
                return "failed", f"{item} did not run"
            state = "not run"
        elif not said[name]:
            return "failed", f"{item} failed"
    return state, None


def tell(summary, failures):
    """The table of states, and what is wrong."""
    print(f"{'':22}{'rows':>6}" + "".join(f"{state:>10}" for state in STATES))
    for rfc, levels in summary.items():
        for level, counts in sorted(levels.items(), key=lambda item: -sum(item[1].values())):
            name = "in small letters" if level == "-" else level
            print(f"{rfc} {name:14}{sum(counts.values()):6}" + "".join(f"{counts[state]:10}" for state in STATES))
    for failure in failures:
        if failure["state"] in ("failed", "not run"):
            print(f"{failure['state']}: {failure['id']}: {failure['why']}")
    still_open = [failure["id"] for failure in failures if failure["state"] == "open"]
    if still_open:
        print(f"open: {' '.join(still_open)}")


def main(words):
    complete = words[0] == "--complete"
    out, core_log, dissector_log, lab_log = map(Path, words[complete:])
    suites = {
        "core": outcomes(core, core_log),
        "dissector": outcomes(dissector, dissector_log),
        "lab": outcomes(lab, lab_log),
    }
    summary, failures, rows = {}, [], 0
    for path in sorted(HERE.glob("rfc*.tsv")):
        levels = summary.setdefault(path.stem, collections.defaultdict(collections.Counter))
        for row in read(path):
            rows += 1
            state, why = state_of(row, suites)
            if state == "not run" and complete:
                why = "its evidence was not run"
            levels[row[1] if len(row) > 1 else "?"][state] += 1
            if why:
                failures.append({"id": row[0], "state": state, "why": why})
    tell(summary, failures)
    out.mkdir(parents=True, exist_ok=True)
    (out / "summary.json").write_text(json.dumps({"rows": summary, "failures": failures}, indent=1) + "\n")
    print(f"# conformance: {rows - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
