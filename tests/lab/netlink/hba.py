# SPDX-License-Identifier: GPL-2.0
"""HBA sets, made from RFC 5535 and RFC 3972 alone, to feed the kernel with right and with wrong ones."""

import hashlib
import random
import socket
import struct


class Hba:
    """A set of Sec 0 for some prefixes (text like 2001:db8:1:a::); the same seed gives the same set."""

    def __init__(self, prefixes, seed=1, count=0):
        source = random.Random(seed)
        self.prefixes = [socket.inet_pton(socket.AF_INET6, prefix)[:8] for prefix in prefixes]
        self.modifier = bytes(source.getrandbits(8) for _ in range(16))
        self.count = count
        self.key = b"\x30\x30" + bytes(source.getrandbits(8) for _ in range(48))
        body = struct.pack("!I", 0) + b"".join(self.prefixes)
        self.extension = struct.pack("!HH", 0x12, len(body)) + body

    def pds(self, prefix=None):
        prefix = self.prefixes[0] if prefix is None else prefix
        return self.modifier + prefix + bytes([self.count]) + self.key + self.extension

    def addresses(self):
        found = []
        for prefix in self.prefixes:
            identifier = bytearray(hashlib.sha1(self.pds(prefix)).digest()[:8])
            identifier[0] &= 0x1C
            found.append(socket.inet_ntop(socket.AF_INET6, prefix + bytes(identifier)))
        return found
