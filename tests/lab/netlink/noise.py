# SPDX-License-Identifier: GPL-2.0
"""Random messages for the netlink family: valid, mutated, truncated. noise.py HEADER COUNT SEED ROLE [LOCAL PEER].

The kernel may answer as it likes, but it must answer each request, and answer an honest question afterwards. ROLE says what most
of them must come to: an `admin`'s are done or refused, `anybody`'s are refused where they would change something. LOCAL and PEER are
the addresses of a context that is there. The seed is printed, and repeats a run.
"""

import random
import socket
import struct
import sys

from genl import NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, Genl, Refused, attr, ip, numbers, u32
from hba import Hba

N = numbers(sys.argv[1])
COUNT, SEED, ROLE = int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
KNOWN = sys.argv[5:7]
CHANCE = random.Random(SEED)
COMMANDS = {name[10:]: value for name, value in N.items() if name.startswith("SHIM6_CMD_") and name != "SHIM6_CMD_MAX"}
READING = [name for name in COMMANDS if name.endswith("_GET")]
SET = Hba(["2001:db8:1:a::", "2001:db8:2:a::"])
MINE = SET.addresses() + KNOWN[:1]
ADDRESSES = MINE + ["2001:db8:b::1", "ff02::1", "fe80::1", "::"]
# The attribute sets by the beginning of a command's name, and those inside of them.
SETS = {name: {key[len("SHIM6_A_%s_" % name):]: value for key, value in N.items()
               if key.startswith("SHIM6_A_%s_" % name) and not key.endswith("_MAX")}
        for name in ("HBA", "CONTEXT", "LOCAL", "CONFIG", "STATS", "POLICY", "LOCATOR", "TIMER", "COUNTERS", "SWITCH", "PAIR")}
NESTS = {"LOCATOR": "LOCATOR", "LOCATOR_LOCAL": "LOCATOR", "LOCATOR_PEER": "LOCATOR", "TIMER": "TIMER", "COUNTERS": "COUNTERS",
         "SWITCH": "SWITCH", "PAIR": "PAIR", "RULE": "POLICY"}


def small():
    return CHANCE.choice([0, 1, 2, 5, 64, 128, 1000, 15000, 1 << 20, (1 << 32) - 1, CHANCE.getrandbits(32)])


def octets():
    return CHANCE.randbytes(CHANCE.choice([0, 1, 3, 4, 8, 16, 17, 32, 600]))


def address():
    return socket.inet_pton(socket.AF_INET6, CHANCE.choice(ADDRESSES + KNOWN[1:]))


def parameters():
    """An HBA set's parameters, often with one bit that is another, or cut short."""
    pds = bytearray(SET.pds())
    if CHANCE.random() < 0.7:
        pds[CHANCE.randrange(len(pds))] ^= 1 << CHANCE.randrange(8)
    return bytes(pds[:CHANCE.choice([len(pds), CHANCE.randrange(len(pds))])])


def typed(family, depth=0):
    """Some attributes of a set, mostly of the type that they have."""
    body = b""
    for _ in range(CHANCE.choice([0, 1, 1, 2, 2, 3, 6])):
        name, number = CHANCE.choice(list(SETS[family].items()))
        if CHANCE.random() < 0.05:
            body += attr(number, octets(), nested=CHANCE.random() < 0.1)
        elif name in NESTS and (family, name) != ("LOCATOR", "LOCATOR"):
            inside = typed(NESTS[name], depth + 1) if depth < 8 else b""
            body += attr(number, inside, nested=CHANCE.random() < 0.95)
        elif name in ("PDS",):
            body += attr(number, parameters())
        elif name in ("LABEL",):
            body += attr(number, CHANCE.choice([b"noise\0", b"\0", b"noise", b"n" * 300 + b"\0"]))
        elif name.startswith("TAG"):
            body += attr(number, struct.pack("=Q", CHANCE.getrandbits(47)))
        elif name in ("ADDRESS", "PEER", "LOCAL") or name.startswith(("ULID", "CURRENT", "PREVIOUS")):
            body += attr(number, address())
        else:
            body += attr(number, struct.pack(*CHANCE.choice([("=I", small())] * 9 + [("=Q", small()), ("=H", small() & 0xFFFF)])))
    return body


def rule():
    """A policy rule, mostly a good one."""
    body = u32(N["SHIM6_A_POLICY_ACTION"], CHANCE.randrange(7))
    if CHANCE.random() < 0.4:
        body += attr(N["SHIM6_A_POLICY_LOCAL"], address()) + u32(N["SHIM6_A_POLICY_LOCAL_LEN"], CHANCE.choice([128, 128, 64, 0]))
    if CHANCE.random() < 0.3:
        body += attr(N["SHIM6_A_POLICY_PEER"], address())
    for name, most in (("ORDER", 9), ("PROTOCOL", 262), ("PEER_PORT", 65535), ("PEER_PORT_END", 65535), ("USER", 9), ("PACKETS", 9), ("TIME", 9)):
        if CHANCE.random() < 0.2:
            body += u32(N["SHIM6_A_POLICY_" + name], CHANCE.randrange(most + 1))
    return body


def sensible():
    """A command with attributes that it takes, and values that it may take."""
    mine = ip(N["SHIM6_A_LOCAL_ADDRESS"], CHANCE.choice(MINE))
    peer = ip(N["SHIM6_A_CONTEXT_ULID_PEER"], CHANCE.choice(KNOWN[1:] + ["2001:db8:b::%x" % CHANCE.randrange(1, 9)]))
    pair = ip(N["SHIM6_A_CONTEXT_ULID_LOCAL"], CHANCE.choice(MINE)) + peer
    path = attr(N["SHIM6_A_CONTEXT_CURRENT_LOCAL"], address()) + attr(N["SHIM6_A_CONTEXT_CURRENT_PEER"], address())
    some = u32(N["SHIM6_A_CONTEXT_ID"], CHANCE.randrange(1, 99))
    hba = attr(N["SHIM6_A_HBA_PDS"], SET.pds()) + ip(N["SHIM6_A_HBA_ADDRESS"], CHANCE.choice(SET.addresses()))
    setting = CHANCE.choice(list(SETS["CONFIG"].values()))
    weight = u32(N["SHIM6_A_LOCAL_WEIGHT"], CHANCE.randrange(300)) + u32(N["SHIM6_A_LOCAL_FLAGS"], CHANCE.randrange(4))
    number, state = u32(1, CHANCE.randrange(1, 99)), u32(N["SHIM6_A_CONTEXT_STATE"], CHANCE.randrange(8))
    rules = b"".join(attr(N["SHIM6_A_POLICY_RULE"], rule(), nested=CHANCE.random() < 0.95) for _ in range(CHANCE.randrange(6)))
    name, body = CHANCE.choice([
        ("HBA_LOAD", hba), ("HBA_LOAD", hba), ("HBA_GET", b""), ("HBA_GET", number), ("HBA_DEL", number), ("CONTEXT_ADD", pair),
        ("CONTEXT_ADD", pair), ("CONTEXT_GET", b""), ("CONTEXT_GET", pair), ("CONTEXT_GET", peer), ("CONTEXT_GET", state),
        ("CONTEXT_GET", some), ("CONTEXT_DEL", pair), ("CONTEXT_DEL", some), ("CONTEXT_EXPLORE", pair), ("CONTEXT_FORK", pair),
        ("CONTEXT_FORK", some), ("CONTEXT_SWITCH", pair + path), ("CONTEXT_SWITCH", some + path), ("CONTEXT_PROBE", pair),
        ("CONTEXT_PROBE", pair + path), ("CONTEXT_ADVISE", pair + u32(N["SHIM6_A_CONTEXT_VERDICT"], CHANCE.randrange(3))),
        ("CONTEXT_FLUSH", CHANCE.choice([peer, state, state, b""])), ("LOCATOR_GET", b""), ("LOCATOR_GET", mine),
        ("LOCATOR_SET", mine + weight), ("LOCATOR_ADD", mine), ("LOCATOR_DEL", mine), ("CONFIG_GET", b""),
        ("CONFIG_SET", u32(setting, CHANCE.choice([0, 1, 100, 1000, 60000]))), ("STATS_GET", b""), ("POLICY_ADD", rule()),
        ("POLICY_ADD", rule()), ("POLICY_GET", b""), ("POLICY_GET", number), ("POLICY_DEL", number), ("POLICY_REPLACE", rules)])
    return COMMANDS[name], body


def plausible():
    """A command with attributes of its set."""
    name = CHANCE.choice(list(COMMANDS))
    family = {"LOCATOR": "LOCAL"}.get(name.split("_")[0], name.split("_")[0])
    return COMMANDS[name], typed(family)


def reading():
    """Something that anybody may ask."""
    name = CHANCE.choice(READING)
    family = {"LOCATOR": "LOCAL"}.get(name.split("_")[0], name.split("_")[0])
    return COMMANDS[name], CHANCE.choice([b"", typed(family)])


def senseless():
    """A command with anything."""
    return CHANCE.choice(list(COMMANDS.values()) + [0, 200]), b"".join(
        attr(CHANCE.randrange(0, 50), octets(), nested=CHANCE.random() < 0.1) for _ in range(CHANCE.randrange(5)))


def damage(body):
    """Now and then an octet changed, or the end cut off."""
    if body and CHANCE.random() < 0.2:
        damaged = bytearray(body)
        damaged[CHANCE.randrange(len(damaged))] = CHANCE.getrandbits(8)
        body = bytes(damaged)
    if CHANCE.random() < 0.1:
        body = body[:CHANCE.randrange(len(body) + 1)]
    return body


class Rude:
    """Sends what is no message, or several, or does not read what it asked for; nothing need be answered."""

    def __init__(self):
        self.genl = Genl()
        self.genl.socket.setblocking(False)

    def post(self, command, body):
        body = struct.pack("=BBH", command, 1, 0) + body
        length = CHANCE.choice([16 + len(body)] * 4 + [0, 15, 16, 19, 20, 17 + len(body), 1 << 31, CHANCE.getrandbits(32)])
        kind = CHANCE.choice([self.genl.id] * 8 + [0, 2, 3, 0xFFFF])
        flags = CHANCE.choice([NLM_F_REQUEST, NLM_F_REQUEST | NLM_F_ACK, NLM_F_REQUEST | NLM_F_DUMP, 0, CHANCE.getrandbits(16)])
        message = struct.pack("=IHHII", length, kind, flags, CHANCE.getrandbits(32), CHANCE.choice([0, 0, 1, CHANCE.getrandbits(32)])) + body
        message += bytes(-len(message) % 4) + CHANCE.choice([b"", b"", message, octets()])
        try:
            self.genl.socket.send(message or b"\0")
            while CHANCE.random() < 0.7:
                self.genl.socket.recv(1 << 16)
        except OSError:
            pass
        if CHANCE.random() < 0.05:
            self.__init__()


def once(genl):
    """Each message by itself, and its answer; returns the messages."""
    kinds = [sensible] * 5 + [plausible] * 2 + [senseless] + ([reading] * 3 if ROLE == "anybody" else [])
    rude, sent, answered, refused = Rude(), [], 0, 0
    for _ in range(COUNT if COUNT < 2000 else COUNT // 10):
        command, body = CHANCE.choice(kinds)()
        if CHANCE.random() < 0.1:
            rude.post(command, damage(body))
            continue
        head = struct.pack("=BBH", command, CHANCE.choice([1, 1, 1, 0, 255]), CHANCE.choice([0] * 19 + [7]))
        message = head + damage(body)
        if CHANCE.random() < 0.02:
            message = message[:CHANCE.randrange(4)]
        dump = CHANCE.random() < 0.3
        flags = NLM_F_REQUEST | NLM_F_ACK | (NLM_F_DUMP if dump else 0)
        sent.append(struct.pack("=IHHII", 16 + len(message), genl.id, flags, 7, 0) + message + bytes(-len(message) % 4))
        try:
            genl.ask(command, octets=message, dump=dump)
            answered += 1
        except Refused:
            refused += 1
    print("answered", answered, "refused", refused)
    assert answered > len(sent) // 40 and refused > len(sent) // 10
    return sent


def again(sent, count):
    """The same messages in other orders, ten to a datagram, some octets of it changed, or its end cut off. So the making of messages
    is not what takes the time of a long run."""
    crowd = Genl()
    crowd.socket.setblocking(False)
    while count > 0:
        CHANCE.shuffle(sent)
        for at in range(0, len(sent), 10):
            datagram = bytearray(b"".join(sent[at:at + 10]))
            for _ in range(int(CHANCE.random() * 4)):
                datagram[int(CHANCE.random() * len(datagram))] = int(CHANCE.random() * 256)
            if CHANCE.random() < 0.05:
                del datagram[int(CHANCE.random() * len(datagram)):]
            count -= 10
            try:
                crowd.socket.send(datagram or b"\0")
            except OSError:
                pass
            while True:
                try:
                    crowd.socket.recv(1 << 16)
                except BlockingIOError:
                    break
                except OSError:
                    pass


def main():
    genl = Genl()
    sent = once(genl)
    again(sent, COUNT - len(sent) if COUNT >= 2000 else 100)
    assert len(genl.ask(COMMANDS["CONFIG_GET"])[0]) == N["SHIM6_A_CONFIG_MAX"]
    assert len(genl.ask(COMMANDS["STATS_GET"])[0]) == N["SHIM6_A_STATS_MAX"]


print("seed", SEED)
main()
