# SPDX-License-Identifier: GPL-2.0
"""The body of judge.sh: one TAP line for each capture in a directory."""

import collections
import sys
from pathlib import Path

from check import Tap, tshark

ULP = ["tcp", "udp", "icmpv6"]
FIELDS = ["frame.number", "shim6lua.type", "shim6lua.p", "shim6lua.complaint", "shim6lua.ulid.src"]
CHECKSUMS = [f"{ulp}.checksum.status" for ulp in ULP]
NAMES = {1: "I1", 2: "R1", 3: "I2", 4: "R2", 5: "R1bis", 6: "I2bis", 64: "Update Request", 65: "Update Ack",
         66: "Keepalive", 67: "Probe", 68: "Error"}


def judge(path, checksums):
    """What is wrong with a capture, and what it holds."""
    fields = FIELDS + CHECKSUMS * checksums
    # tshark ends with 2 at a capture cut off in the middle of a packet: what came before still counts.
    lines, _ = tshark(path, fields, display="shim6lua")
    kinds, payloads, unknown, problems = collections.Counter(), 0, 0, []
    for line in lines:
        seen = dict(zip(fields, line.split("\t")))
        if seen["shim6lua.p"].startswith("1"):
            payloads += 1
            unknown += not seen["shim6lua.ulid.src"]
            bad = [c for c in CHECKSUMS if checksums and seen["shim6lua.ulid.src"] and seen[c] == "0"]
            problems += [f"packet {seen['frame.number']}: {c} is bad" for c in bad]
        elif seen["shim6lua.type"]:
            kinds[int(seen["shim6lua.type"].split(",")[0])] += 1
        if seen["shim6lua.complaint"]:
            problems.append(f"packet {seen['frame.number']}: {seen['shim6lua.complaint']}")
    if not kinds:
        problems.append("no control message in the capture")
    found = ", ".join(f"{NAMES.get(kind, kind)} {count}" for kind, count in sorted(kinds.items()))
    more = f", {unknown} of them of a context whose beginning it lacks" if unknown else ""
    return problems, f"{path.name}: {sum(kinds.values())} control messages ({found}), {payloads} switched packets{more}"


def main():
    checksums = "--checksums" in sys.argv
    tap = Tap()
    print("TAP version 13")
    for path in sorted(Path(sys.argv[-1]).iterdir()):
        problems, found = judge(path, checksums)
        tap.result(found, problems[:20] + [f"and {len(problems) - 20} more"] * (len(problems) > 20))
    print(f"1..{tap.count}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
