# SPDX-License-Identifier: GPL-2.0
"""How checks in Python say what they found: a line each, PASS or FAIL first, which the scenario counts."""


def report(passed, what, why=""):
    print("PASS" if passed else "FAIL", what + ("" if passed else " (%s)" % (why,)), flush=True)
