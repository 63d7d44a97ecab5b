#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Checks the form of the conformance tables and that the tests they name exist, and prints the coverage.

Ends with 1 if a row is open or names what does not exist. Runs no test.
"""

import collections
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TREE = HERE.parent.parent
LEVELS = {"MUST", "MUST NOT", "SHALL", "SHALL NOT", "SHOULD", "SHOULD NOT", "MAY", "RECOMMENDED", "NOT RECOMMENDED",
          "REQUIRED", "OPTIONAL", "-"}


def core_has(test):
    suite, _, name = test.partition("::")
    path = TREE / f"rust/core/tests/{suite}.rs"
    return path.exists() and re.search(rf"#\[test\]\s+fn {name}\(", path.read_text()) is not None


def dissector_has(case):
    what, _, name = case.rpartition("reads golden " if "golden" in case else "reads ")
    folder = TREE / ("tests/golden" if "golden" in case else "tests/dissector/good")
    return not what and (folder / f"{name}.hex").exists()


def lab_has(scenario):
    return (TREE / f"tests/lab/scenarios/{scenario}.sh").exists()


EXISTS = {"core": core_has, "dissector": dissector_has, "lab": lab_has}


def faults(row):
    """What is wrong with one row; an open one is not wrong."""
    if len(row) != 4:
        return ["not four columns"]
    ident, level, evidence, statement = row
    found = [] if level in LEVELS else [f"level {level!r}"]
    if evidence == "open":
        return found
    if not statement:
        found.append("evidence without statement")
    if evidence.startswith("except "):
        return found
    for item in evidence.split(", "):
        kind, _, name = item.partition(" ")
        if kind not in EXISTS or not EXISTS[kind](name):
            found.append(f"{item!r} does not exist")
    return found


def read(path):
    """The rows of a table."""
    return [line.split("\t") for line in path.read_text().splitlines() if not line.startswith("#")]


def main():
    failed = False
    for path in sorted(HERE.glob("rfc*.tsv")):
        rows = read(path)
        counts, seen = collections.Counter(), set()
        for row in rows:
            problems = faults(row) + (["comes twice"] if row[0] in seen else [])
            seen.add(row[0])
            for problem in problems:
                print(f"{path.name}: {row[0]}: {problem}")
            state = "wrong" if problems else "open" if row[2] == "open" else "covered"
            counts[state] += 1
            counts[state, "capitals" if row[1] != "-" else "behaviours"] += 1
            failed |= state != "covered"
        print(f"{path.stem}: {len(rows)} rows, {counts['covered']} covered ({counts['covered', 'capitals']} of the "
              f"RFC's capitals, {counts['covered', 'behaviours']} behaviours), {counts['open']} open, {counts['wrong']} wrong")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
