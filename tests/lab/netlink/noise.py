# SPDX-License-Identifier: GPL-2.0
"""Random requests for the netlink family: valid, mutated, truncated. noise.py HEADER COUNT SEED.

The kernel may answer as it likes, but it must answer each one, and answer an honest question afterwards. The seed is
printed, and repeats a run.
"""

import random
import struct
import sys

from genl import Genl, Refused, attr, ip, numbers
from hba import Hba

N = numbers(sys.argv[1])
COUNT, SEED = int(sys.argv[2]), int(sys.argv[3])
CHANCE = random.Random(SEED)
COMMANDS = [value for name, value in N.items() if name.startswith("SHIM6_CMD_") and name != "SHIM6_CMD_MAX"]
SET = Hba(["2001:db8:1:a::", "2001:db8:2:a::"])
ADDRESSES = SET.addresses() + ["2001:db8:b::1", "ff02::1", "fe80::1", "::"]


def value():
    """The value of an attribute, often one that a handler will look at."""
    kind = CHANCE.randrange(7)
    if kind == 0:
        return struct.pack("=I", CHANCE.choice([0, 1, 2, 5, 1000, 15000, 1 << 20, (1 << 32) - 1, CHANCE.getrandbits(32)]))
    if kind == 1:
        return struct.pack("=Q", CHANCE.getrandbits(64))
    if kind == 2:
        return ip(1, CHANCE.choice(ADDRESSES))[4:]
    if kind == 3:
        pds = bytearray(SET.pds())
        if CHANCE.random() < 0.7:
            pds[CHANCE.randrange(len(pds))] ^= 1 << CHANCE.randrange(8)
        return bytes(pds[:CHANCE.choice([len(pds), CHANCE.randrange(len(pds))])])
    if kind == 4:
        return b"noise\0"
    return bytes(CHANCE.getrandbits(8) for _ in range(CHANCE.choice([0, 1, 3, 16, 17, 32, 600])))


def request():
    """Attributes one after the other, some of them damaged."""
    body = b"".join(attr(CHANCE.randrange(0, 16), value(), nested=CHANCE.random() < 0.1)
                    for _ in range(CHANCE.randrange(5)))
    if body and CHANCE.random() < 0.3:
        damaged = bytearray(body)
        damaged[CHANCE.randrange(len(damaged))] = CHANCE.getrandbits(8)
        body = bytes(damaged)
    if CHANCE.random() < 0.2:
        body = body[:CHANCE.randrange(len(body) + 1)]
    return body


print("seed", SEED)
genl, answered, refused = Genl(), 0, 0
for _ in range(COUNT):
    command = CHANCE.choice(COMMANDS + [0, 200])
    head = struct.pack("=BBH", command, CHANCE.choice([1, 1, 1, 0, 255]), CHANCE.choice([0, 0, 0, 0, 7]))
    octets = head + request()
    if CHANCE.random() < 0.02:
        octets = octets[:CHANCE.randrange(4)]
    try:
        genl.ask(command, octets=octets, dump=CHANCE.random() < 0.3)
        answered += 1
    except Refused:
        refused += 1
print("answered", answered, "refused", refused)
assert answered and refused
assert len(genl.ask(N["SHIM6_CMD_CONFIG_GET"])[0]) == N["SHIM6_A_CONFIG_MAX"]
assert len(genl.ask(N["SHIM6_CMD_STATS_GET"])[0]) == N["SHIM6_A_STATS_MAX"]
