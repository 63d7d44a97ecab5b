# SPDX-License-Identifier: GPL-2.0
"""The body of judge.sh: one TAP line for each directory of captures in a directory."""

import collections
import subprocess
import sys
from pathlib import Path

from check import Tap, tshark

FIELDS = ["frame.number", "shim6lua.type", "shim6lua.p", "shim6lua.complaint", "shim6lua.ulid.src"]
CHECKSUMS = [f"{ulp}.checksum.status" for ulp in ("tcp", "udp", "icmpv6")]
BAD, GOOD = "0", "1"
NAMES = {1: "I1", 2: "R1", 3: "I2", 4: "R2", 5: "R1bis", 6: "I2bis", 64: "Update Request", 65: "Update Ack",
         66: "Keepalive", 67: "Probe", 68: "Error"}


class Findings:
    """What a capture holds, and what is wrong with it."""

    def __init__(self, expected):
        self.kinds, self.problems = collections.Counter(), []
        self.expected, self.found = set(expected), set()
        self.switched = self.unknown = self.verified = 0

    def payload(self, number, seen, checksums):
        self.switched += 1
        if not seen["shim6lua.ulid.src"]:
            self.unknown += 1
        elif checksums:
            states = {name: seen[name] for name in CHECKSUMS}
            self.problems += [f"packet {number}: {name} is bad" for name, state in states.items() if state == BAD]
            self.verified += GOOD in states.values()

    def packet(self, seen, checksums):
        number = seen["frame.number"]
        if seen["shim6lua.complaint"] in self.expected:
            self.found.add(seen["shim6lua.complaint"])
        elif seen["shim6lua.complaint"]:
            self.problems.append(f"packet {number}: {seen['shim6lua.complaint']}")
        if seen["shim6lua.p"].startswith("1"):
            self.payload(number, seen, checksums)
        elif seen["shim6lua.type"]:
            self.kinds[int(seen["shim6lua.type"].split(",")[0])] += 1

    def __str__(self):
        kinds = ", ".join(f"{NAMES.get(kind, kind)} {count}" for kind, count in sorted(self.kinds.items()))
        text = f"{sum(self.kinds.values())} control messages ({kinds}), {self.switched} switched packets"
        if self.unknown:
            text += f", {self.unknown} of them of a context whose beginning was not captured"
        return text + (f", {self.verified} checksums verified" if self.verified else "")


def judge(folder):
    merged, checksums = folder / "all.pcapng", (folder / "checksums").exists()
    # One that ends in the middle of a packet counts as far as it goes.
    captures = [path for path in sorted(folder.glob("*.pcap")) if path.stat().st_size > 24]
    merging = subprocess.run(["mergecap", "-w", merged, *captures], check=False, capture_output=True, text=True)
    if not merged.exists():
        sys.exit(f"Bail out! mergecap on {folder.name}: {merging.stderr.strip()}")
    on_purpose = folder / "complaints"
    expected = on_purpose.read_text().splitlines() if on_purpose.exists() else []
    fields, findings = FIELDS + CHECKSUMS * checksums, Findings(expected)
    for line in tshark(merged, fields, display="shim6lua")[0]:
        findings.packet(dict(zip(fields, line.split("\t"))), checksums)
    if not findings.kinds:
        findings.problems.append("no control message was captured")
    findings.problems += [f"no packet is complained of: {what}" for what in findings.expected - findings.found]
    if checksums and not findings.verified:
        findings.problems.append("no checksum could be verified")
    return findings


def main():
    tap = Tap()
    print("TAP version 13")
    for folder in sorted(Path(sys.argv[1]).iterdir()):
        findings = judge(folder)
        problems = findings.problems[:20]
        if len(findings.problems) > 20:
            problems.append(f"and {len(findings.problems) - 20} more")
        tap.result(f"{folder.name.replace(':', '/')}: {findings}", problems)
    if not tap.count:
        tap.result("captures", ["there is none"])
    print(f"1..{tap.count}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
