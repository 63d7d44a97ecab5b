#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Judges tools/wireshark/shim6.lua: builds captures from hex files, has tshark decode them, compares.

Three rings, one TAP line each:
  good/*.hex     messages made by hand from the RFCs' figures: the fields that the file names, and no complaint;
  broken.tsv     the same messages, damaged: each must raise the complaint of its row;
  golden files   those that the core's own tests read and write (tests/golden): no complaint;
  stories        captures of several packets: contexts, switched packets, extension headers, quotations.

A hex file holds octets and "#" comments; "#= FIELD VALUE[,VALUE...]" says what tshark must show, and
"#@ SOURCE DESTINATION" the addresses of the IPv6 header put in front, unless the file begins with one.
"""

import ipaddress
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SEED = int(os.environ.get("SHIM6_SEED", "5533"))
LUA = HERE.parent.parent / "tools/wireshark/shim6.lua"
GOLDEN = HERE.parent / "golden"
# Golden messages that show one thing and lack another, with the complaint that they deserve for it.
UNSIGNED = "CGA locators without CGA Signature"
DESERVED = {"update-locators-3": UNSIGNED, "update-locators-7": UNSIGNED, "update-locators-8": UNSIGNED}
A1, B1 = "2001:db8:1:a::a", "2001:db8:3:b::b"
A2, B2 = "2001:db8:2:a::a", "2001:db8:4:b::b"
SHIM6, UDP, ICMPV6, FRAGMENT, HOP_BY_HOP, DESTINATION = 140, 17, 58, 44, 0, 60


# Packets ---------------------------------------------------------------------------------------------------------


def ones_complement_sum(octets):
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def ipv6(source, destination, next_header, payload):
    pair = ipaddress.IPv6Address(source).packed + ipaddress.IPv6Address(destination).packed
    return struct.pack(">IHBB", 6 << 28, len(payload), next_header, 64) + pair + payload


def checksummed(message):
    """The control message with its checksum made right, where its length allows."""
    end = (message[1] + 1) * 8 if len(message) > 1 else 0
    if len(message) < 8 or end > len(message):
        return message
    blank = message[:4] + b"\0\0" + message[6:]
    return blank[:4] + struct.pack(">H", ones_complement_sum(blank[:end]) ^ 0xFFFF) + blank[6:]


def udp(source, destination, text, port=4000):
    """A UDP datagram whose checksum covers the two given addresses."""
    length = 8 + len(text)
    pseudo = ipaddress.IPv6Address(source).packed + ipaddress.IPv6Address(destination).packed
    pseudo += struct.pack(">IHH", length, 0, UDP)
    head = struct.pack(">HHH", port, port + 1, length)
    return head + struct.pack(">H", ones_complement_sum(pseudo + head + b"\0\0" + text) ^ 0xFFFF) + text


def payload_header(next_header, tag):
    return struct.pack(">BBQ", next_header, 0, 1 << 47 | tag)[:2] + struct.pack(">Q", 1 << 47 | tag)[2:]


class HexFile:
    """The octets, expectations and addresses of one file."""

    def __init__(self, path):
        text = path.read_text()
        self.name = path.stem
        self.octets = bytes.fromhex("".join(line.split("#")[0] for line in text.splitlines()))
        self.expected = dict(re.findall(r"^#= (\S+) (.*?)\s*$", text, re.M))
        pair = re.search(r"^#@ (\S+) (\S+)", text, re.M)
        self.source, self.destination = pair.groups() if pair else (A1, B1)

    def packet(self):
        if self.octets[0] >> 4 == 6 and len(self.octets) >= 48:
            return self.octets
        source, destination = self.source, self.destination
        if len(self.octets) >= 48 and self.octets[2] == 67:  # a Probe names its own addresses
            source, destination = self.octets[16:32], self.octets[32:48]
        return ipv6(source, destination, SHIM6, self.octets)


def damaged(octets, edits):
    """Applies the edits of a row of broken.tsv."""
    right = True
    for edit in edits.split():
        what, _, value = edit.partition("=")
        if what == "sum":
            right = False
        elif what == "cut":
            octets = octets[: int(value)]
        elif what == "add":
            octets += bytes.fromhex(value)
        elif what == "grow":
            octets += b"\0" * (int(value) - len(octets))
        else:
            start, new = int(what), bytes.fromhex(value)
            octets = octets[:start] + new + octets[start + len(new) :]
    return checksummed(octets) if right and octets[2:3] < b"\x80" else octets


# tshark ----------------------------------------------------------------------------------------------------------

FIELDS = ["shim6lua.complaint", "_ws.expert.message", "_ws.malformed"]


def tshark(capture, fields, display=""):
    """The lines of fields that tshark prints for a capture, and what it says beside them."""
    command = ["tshark", "-n", "-r", capture, "-X", f"lua_script:{LUA}", "-T", "fields", "-Y", display]
    command += ["-E", "separator=/t", "-E", "aggregator=,", "-E", "occurrence=a"]
    for protocol in ("tcp", "udp"):
        command += ["-o", f"{protocol}.check_checksum:TRUE"]
    for field in fields:
        command += ["-e", field]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 2) or "Lua" in run.stderr:
        sys.exit(f"Bail out! tshark on {capture}: {run.stderr.strip()}")
    return run.stdout.splitlines(), run.stderr


def decode(packets, more_fields=()):
    """Decodes the packets as one capture: for each a dict from field to the text tshark shows."""
    fields = list(dict.fromkeys(FIELDS + list(more_fields)))
    with tempfile.NamedTemporaryFile(suffix=".pcap") as capture:
        capture.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))  # LINKTYPE_RAW
        for number, packet in enumerate(packets):
            capture.write(struct.pack("<IIII", number, 0, len(packet), len(packet)) + packet)
        capture.flush()
        lines, said = tshark(capture.name, fields)
    if len(lines) != len(packets):
        sys.exit(f"Bail out! tshark decoded {len(lines)} of {len(packets)} packets: {said.strip()}")
    return [dict(zip(fields, line.split("\t"))) for line in lines]


# TAP -------------------------------------------------------------------------------------------------------------


class Tap:
    """Counts and prints results."""

    def __init__(self):
        self.count = self.failed = 0

    def result(self, name, problems):
        self.count += 1
        self.failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {self.count} - {name}")
        for problem in problems:
            print(f"#   {problem}")


def complaints(seen):
    """Everything that tshark found wrong with a packet."""
    return [f"{field}: {seen[field]}" for field in FIELDS if seen[field]]


def mismatches(seen, expected):
    return [f"{f}: {seen[f]!r}, not {v!r}" for f, v in expected.items() if seen[f] != v]


# The rings -------------------------------------------------------------------------------------------------------


def good(tap, files):
    fields = {field for file in files for field in file.expected}
    for file, seen in zip(files, decode([file.packet() for file in files], fields)):
        problems = complaints(seen) + mismatches(seen, file.expected)
        if not file.expected:
            problems.append("the file expects no field")
        tap.result(f"reads {file.name}", problems)


def broken(tap, files):
    by_name = {file.name: file for file in files}
    rows = [line.split("\t") for line in (HERE / "broken.tsv").read_text().splitlines() if line and line[0] != "#"]
    packets = []
    for _, base, edits, _ in rows:
        file = by_name[base]
        packets.append(ipv6(file.source, file.destination, SHIM6, damaged(file.octets, edits)))
    for (name, _, _, complaint), seen in zip(rows, decode(packets)):
        said = seen["shim6lua.complaint"]
        tap.result(f"complains of {name}", [] if complaint in said else [f"said {said!r}, not {complaint!r}"])


def golden(tap):
    files = [HexFile(path) for path in sorted(GOLDEN.glob("*.hex"))]
    if files:
        fields = {field for file in files for field in file.expected}
        for file, seen in zip(files, decode([file.packet() for file in files], fields)):
            deserved = DESERVED.get(file.name)
            problems = mismatches(seen, {"shim6lua.complaint": deserved}) if deserved else complaints(seen)
            tap.result(f"reads golden {file.name}", problems + mismatches(seen, file.expected))


def bare(next_header):
    """An option-less extension header of 8 octets (PadN)."""
    return bytes([next_header, 0, 1, 4, 0, 0, 0, 0])


def switched_story(files):
    """I2 and R2, a datagram as it is, then the same stream over the other locators."""
    opening = [files["i2"].packet(), files["r2"].packet()]
    a, b = files["i2"].source, files["i2"].destination
    plain = ipv6(a, b, UDP, udp(a, b, b"before"))
    to_b, to_a = payload_header(UDP, 0x12345678901), payload_header(UDP, 0x7FEDCBA98765)
    there = ipv6(A2, B2, SHIM6, to_b + udp(a, b, b"after"))
    back = ipv6(B2, A2, SHIM6, to_a + udp(b, a, b"back", port=4002))
    fields = ["udp.checksum.status", "udp.stream", "shim6lua.ulid.src", "shim6lua.ulid.dst", "_ws.col.def_src"]
    seen = decode(opening + [plain, there, back], fields)
    want = {"udp.checksum.status": "1", "shim6lua.ulid.src": a, "shim6lua.ulid.dst": b, "_ws.col.def_src": a}
    problems = sum((complaints(s) for s in seen), []) + mismatches(seen[3], want)
    want = {"udp.checksum.status": "1", "shim6lua.ulid.src": b, "shim6lua.ulid.dst": a, "_ws.col.def_src": b}
    problems += mismatches(seen[4], want)
    if seen[3]["udp.stream"] != seen[2]["udp.stream"]:
        problems.append("the stream does not go on over the switch")
    return problems


def headers_story():
    """The payload header between other extension headers, and before fragments."""
    tag, datagram = 5, udp(A1, B1, b"sixteen octets..")
    first, second = datagram[:16], datagram[16:]
    fragment = lambda offset, more: struct.pack(">BBHI", UDP, 0, offset | more, 99)
    packets = [
        ipv6(A1, B1, HOP_BY_HOP, bare(SHIM6) + payload_header(UDP, tag) + datagram),
        ipv6(A1, B1, SHIM6, payload_header(DESTINATION, tag) + bare(UDP) + datagram),
        ipv6(A1, B1, SHIM6, payload_header(FRAGMENT, tag) + fragment(0, 1) + first),
        ipv6(A1, B1, SHIM6, payload_header(FRAGMENT, tag) + fragment(16, 0) + second),
        ipv6(A1, B1, FRAGMENT, struct.pack(">BBHI", SHIM6, 0, 1, 98) + payload_header(UDP, tag) + first),
        ipv6(A1, B1, FRAGMENT, struct.pack(">BBHI", SHIM6, 0, 24, 98) + second),
    ]
    seen = decode(packets, ["shim6lua.tag.receiver", "udp.dstport", "udp.checksum.status"])
    problems = sum((complaints(s) for s in seen), [])
    for number in (0, 1, 3, 5):
        if seen[number]["udp.dstport"] != "4001" or seen[number]["udp.checksum.status"] != "1":
            problems.append(f"packet {number + 1}: the datagram behind the headers was not read: {seen[number]}")
    for number in (0, 1, 2, 3, 5):
        if seen[number]["shim6lua.tag.receiver"] != "0x0000000000000005":
            problems.append(f"packet {number + 1}: tag {seen[number]['shim6lua.tag.receiver']}")
    return problems


def quoted_story(files):
    """An ICMPv6 error that quotes a damaged message complains of nothing; the control addresses are judged."""
    inner = ipv6(A1, B1, SHIM6, damaged(files["i1"].octets, "sum 3=02 12=ff"))
    quote = struct.pack(">BBHI", 4, 1, 0, 6) + inner
    multicast = ipv6(A1, "ff02::1", SHIM6, files["i1"].octets)
    seen = decode([ipv6(B1, A1, ICMPV6, quote), multicast], ["shim6lua.type"])
    problems = mismatches(seen[0], {"shim6lua.complaint": "", "shim6lua.type": "1"})
    if "control message with address ff02::1" not in seen[1]["shim6lua.complaint"]:
        problems.append(f"multicast destination: {seen[1]}")
    return problems


def damage_story(files, count=3000):
    """Random damage may bring complaints, never an error of the dissector itself."""
    random.seed(SEED)
    packets = []
    for _ in range(count):
        file = random.choice(files)
        octets = bytearray(file.octets)
        for _ in range(random.randint(1, 4)):
            octets[random.randrange(len(octets))] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
        octets = bytes(octets[: random.choice((len(octets), len(octets), random.randrange(4, len(octets))))])
        packets.append(ipv6(file.source, file.destination, SHIM6, checksummed(octets)))
    seen = decode(packets, ["_ws.lua.error"])
    errors = [(i, s) for i, s in enumerate(seen) if s["_ws.lua.error"]]
    return [f"{packets[i].hex()}: {s['_ws.expert.message']}" for i, s in errors[:5]]


def main():
    tap = Tap()
    files = [HexFile(path) for path in sorted((HERE / "good").glob("*.hex"))]
    by_name = {file.name: file for file in files}
    print("TAP version 13")
    good(tap, files)
    broken(tap, files)
    golden(tap)
    tap.result("follows a context over a switch", switched_story(by_name))
    tap.result("finds the payload header among others", headers_story())
    tap.result("quotations and addresses", quoted_story(by_name))
    tap.result(f"bears random damage (seed {SEED})", damage_story(files))
    print(f"1..{tap.count}")
    print(f"# {tap.count - tap.failed} passed, {tap.failed} failed")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
