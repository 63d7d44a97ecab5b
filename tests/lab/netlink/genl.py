# SPDX-License-Identifier: GPL-2.0
"""A generic netlink client that knows nothing of Shim6 but the numbers of its uapi header.

It builds each request octet by octet, so that a test can send what no well-behaved client would, and keeps what the
kernel says of an error: the errno, the sentence, the offset of the attribute. It shares no code with libshim6.
"""

import os
import re
import socket
import struct

NETLINK_GENERIC, SOL_NETLINK = 16, 270
NETLINK_ADD_MEMBERSHIP, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK = 1, 11, 12
NLM_F_REQUEST, NLM_F_MULTI, NLM_F_ACK, NLM_F_DUMP_INTR, NLM_F_DUMP = 1, 2, 4, 0x10, 0x300
NLM_F_CAPPED, NLM_F_ACK_TLVS = 0x100, 0x200
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLA_F_NESTED = 0x8000
GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_CMD_GETPOLICY = 16, 3, 10


def numbers(path):
    """The constants of a C header that consists of enums and defines."""
    found = {}
    text = re.sub(r"/\*.*?\*/", "", open(path).read(), flags=re.S)
    for body in re.findall(r"enum\s*\w*\s*\{(.*?)\}", text, re.S):
        value = -1
        for item in filter(None, (part.strip() for part in body.split(","))):
            name, _, given = (part.strip() for part in item.partition("="))
            value = int(eval(given, {}, found)) if given else value + 1
            found[name] = value
    for name, value in re.findall(r"#define\s+(SHIM6_\w+)\s+(\d+)", text):
        found[name] = int(value)
    return found


def attr(kind, value, nested=False):
    """One attribute, padded."""
    head = struct.pack("=HH", 4 + len(value), kind | (NLA_F_NESTED if nested else 0))
    return head + value + bytes(-len(value) % 4)


def u32(kind, value):
    return attr(kind, struct.pack("=I", value))


def u64(kind, value):
    return attr(kind, struct.pack("=Q", value))


def text(kind, value):
    return attr(kind, value.encode() + b"\0")


def ip(kind, address):
    return attr(kind, socket.inet_pton(socket.AF_INET6, address))


def parse(data):
    """Attributes as a list of (kind, value)."""
    found = []
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if length < 4 or length > len(data):
            raise ValueError("attribute of length %d in %d octets" % (length, len(data)))
        found.append((kind & 0x3FFF, data[4:length]))
        data = data[(length + 3) & ~3:]
    return found


def number(value):
    return int.from_bytes(value, "little")


class Refused(Exception):
    """The kernel's no: errno, sentence, offset of the attribute in the request, type of a missing one."""

    def __init__(self, errno, sentence="", offset=None, missing=None):
        super().__init__("%s: %s" % (os.strerror(errno), sentence))
        self.errno, self.sentence, self.offset, self.missing = errno, sentence, offset, missing


class Genl:
    """A socket for one family."""

    def __init__(self, family="shim6"):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.socket.bind((0, 0))
        self.socket.settimeout(20)
        for option in (NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK):
            self.socket.setsockopt(SOL_NETLINK, option, 1)
        self.sequence = 0
        self.interrupted = False
        self.id = GENL_ID_CTRL
        if family:
            info = self.ask(CTRL_CMD_GETFAMILY, text(2, family), version=2)[0]
            facts = dict(info)
            self.id = number(facts[1])
            groups = [dict(parse(group)) for _, group in parse(facts.get(7, b""))]
            self.groups = {group[1].rstrip(b"\0").decode(): number(group[2]) for group in groups}

    def listen(self, group):
        self.socket.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, self.groups[group])

    def ask(self, command, attributes=b"", dump=False, version=1, octets=None, between=None):
        """Sends a request and collects the attributes of each answer; raises what the kernel refuses.

        `between` is called after each buffer of a dump."""
        self.sequence += 1
        flags = NLM_F_REQUEST | NLM_F_ACK | (NLM_F_DUMP if dump else 0)
        body = struct.pack("=BBH", command, version, 0) + attributes if octets is None else octets
        self.socket.send(struct.pack("=IHHII", 16 + len(body), self.id, flags, self.sequence, 0) + body)
        answers = []
        while True:
            data = self.socket.recv(1 << 16)
            while len(data) >= 16:
                length, kind, flags, sequence, _ = struct.unpack_from("=IHHII", data)
                message, data = data[16:length], data[(length + 3) & ~3:]
                if sequence != self.sequence:
                    continue
                self.interrupted |= bool(flags & NLM_F_DUMP_INTR)
                if kind in (NLMSG_ERROR, NLMSG_DONE):
                    self.judge(message, kind, flags)
                    return answers
                answers.append(parse(message[4:]))
            if between:
                between()

    def event(self):
        """The next notification: its command and attributes."""
        while True:
            data = self.socket.recv(1 << 16)
            _, kind, _, sequence, _ = struct.unpack_from("=IHHII", data)
            if kind == self.id and sequence == 0:
                return data[16], parse(data[20:])

    @staticmethod
    def judge(message, kind, flags):
        errno = -struct.unpack_from("=i", message)[0]
        if errno == 0:
            return
        skip = 4
        if kind == NLMSG_ERROR:
            skip = 20 if flags & NLM_F_CAPPED else 4 + struct.unpack_from("=I", message, 4)[0]
        facts = dict(parse(message[(skip + 3) & ~3:])) if flags & NLM_F_ACK_TLVS else {}
        raise Refused(errno, facts.get(1, b"").rstrip(b"\0").decode(),
                      number(facts[2]) if 2 in facts else None,
                      number(facts[5]) if 5 in facts else None)
