# SPDX-License-Identifier: GPL-2.0
"""Random requests for the netlink family: valid, mutated, truncated. noise.py HEADER COUNT SEED.

The kernel may answer as it likes, but it must answer each one, and answer an honest question afterwards. The seed is
printed, and repeats a run.
"""

import random
import struct
import sys

from genl import Genl, Refused, attr, ip, numbers, u32
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


def rule():
    """A policy rule, mostly a good one."""
    body = u32(N["SHIM6_A_POLICY_ACTION"], CHANCE.randrange(7))
    if CHANCE.random() < 0.4:
        body += ip(N["SHIM6_A_POLICY_LOCAL"], CHANCE.choice(ADDRESSES)) + u32(N["SHIM6_A_POLICY_LOCAL_LEN"], CHANCE.choice([128, 128, 64, 0]))
    if CHANCE.random() < 0.3:
        body += ip(N["SHIM6_A_POLICY_PEER"], CHANCE.choice(ADDRESSES))
    for name, most in (("ORDER", 9), ("PROTOCOL", 262), ("PEER_PORT", 65535), ("PEER_PORT_END", 65535), ("USER", 9), ("PACKETS", 9), ("TIME", 9)):
        if CHANCE.random() < 0.2:
            body += u32(N["SHIM6_A_POLICY_" + name], CHANCE.randrange(most + 1))
    return body


def sensible():
    """A command with attributes that it takes, and values that it may take."""
    mine = ip(N["SHIM6_A_LOCAL_ADDRESS"], CHANCE.choice(ADDRESSES))
    peer = ip(N["SHIM6_A_CONTEXT_ULID_PEER"], "2001:db8:b::%x" % CHANCE.randrange(1, 9))
    pair = ip(N["SHIM6_A_CONTEXT_ULID_LOCAL"], CHANCE.choice(ADDRESSES[:2])) + peer
    hba = attr(N["SHIM6_A_HBA_PDS"], SET.pds()) + ip(N["SHIM6_A_HBA_ADDRESS"], CHANCE.choice(ADDRESSES[:2]))
    setting = CHANCE.choice([name for name in N if name.startswith("SHIM6_A_CONFIG_") and name != "SHIM6_A_CONFIG_MAX"])
    name, body = CHANCE.choice([
        ("HBA_LOAD", hba), ("HBA_LOAD", hba), ("HBA_GET", b""), ("HBA_GET", u32(1, CHANCE.randrange(1, 9))),
        ("HBA_DEL", u32(1, CHANCE.randrange(1, 99))), ("CONTEXT_ADD", pair), ("CONTEXT_ADD", pair), ("CONTEXT_GET", b""),
        ("CONTEXT_GET", pair), ("CONTEXT_GET", peer), ("CONTEXT_DEL", pair), ("CONTEXT_EXPLORE", pair),
        ("LOCATOR_GET", b""), ("CONFIG_GET", b""), ("CONFIG_SET", u32(N[setting], CHANCE.choice([1, 100, 1000, 60000]))),
        ("STATS_GET", b""), ("CONTEXT_FORK", pair), ("CONTEXT_FLUSH", CHANCE.choice([peer, b""])), ("LOCATOR_GET", mine),
        ("LOCATOR_SET", mine + u32(N["SHIM6_A_LOCAL_WEIGHT"], CHANCE.randrange(300))), ("LOCATOR_ADD", mine), ("LOCATOR_DEL", mine),
        ("POLICY_ADD", rule()), ("POLICY_ADD", rule()), ("POLICY_GET", b""), ("POLICY_GET", u32(1, CHANCE.randrange(1, 99))),
        ("POLICY_DEL", u32(1, CHANCE.randrange(1, 99))), ("POLICY_REPLACE", b"".join(
            attr(N["SHIM6_A_POLICY_RULE"], rule(), nested=CHANCE.random() < 0.95) for _ in range(CHANCE.randrange(6))))])
    return N["SHIM6_CMD_" + name], body


def senseless():
    """A command with anything."""
    return CHANCE.choice(COMMANDS + [0, 200]), b"".join(
        attr(CHANCE.randrange(0, 16), value(), nested=CHANCE.random() < 0.1) for _ in range(CHANCE.randrange(5)))


def damage(body):
    """Now and then an octet changed, or the end cut off."""
    if body and CHANCE.random() < 0.2:
        damaged = bytearray(body)
        damaged[CHANCE.randrange(len(damaged))] = CHANCE.getrandbits(8)
        body = bytes(damaged)
    if CHANCE.random() < 0.1:
        body = body[:CHANCE.randrange(len(body) + 1)]
    return body


print("seed", SEED)
genl, answered, refused = Genl(), 0, 0
for _ in range(COUNT):
    command, body = CHANCE.choice([sensible, sensible, senseless])()
    head = struct.pack("=BBH", command, CHANCE.choice([1, 1, 1, 0, 255]), CHANCE.choice([0] * 19 + [7]))
    octets = head + damage(body)
    if CHANCE.random() < 0.02:
        octets = octets[:CHANCE.randrange(4)]
    try:
        genl.ask(command, octets=octets, dump=CHANCE.random() < 0.3)
        answered += 1
    except Refused:
        refused += 1
print("answered", answered, "refused", refused)
assert answered > COUNT // 10 and refused > COUNT // 10
assert len(genl.ask(N["SHIM6_CMD_CONFIG_GET"])[0]) == N["SHIM6_A_CONFIG_MAX"]
assert len(genl.ask(N["SHIM6_CMD_STATS_GET"])[0]) == N["SHIM6_A_STATS_MAX"]
