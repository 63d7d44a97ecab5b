# SPDX-License-Identifier: GPL-2.0
"""The socket options of RFC 6316 from Python, by the numbers of the uapi header and octets alone."""

import errno
import re
import socket
import struct

INT, LOCATOR, PATHEXPLORE, FEEDBACK = "=i", "=BBHHHI16sHH", "=HHHHI", "=BBH"
SIZE = struct.calcsize(LOCATOR)


def numbers(path):
    """The numbers of the options, of the errors, and what else is defined for them."""
    text = re.sub(r"/\*.*?\*/", "", open(path).read(), flags=re.S)
    found = {name: int(value, 0) for name, value in re.findall(r"#define\s+(SO?L?_?SHIM\w*)\s+(0x\w+|\d+)", text)}
    found.update({name: getattr(errno, value) for name, value in re.findall(r"#define\s+(E\w+LOCATORS?)\s+(E\w+)", text)})
    value = int(re.search(r"SHIM_ASSOCIATED = (\d+)", text).group(1))
    for name in re.findall(r"^\t(SHIM_\w+)(?: = \d+)?,", text, re.M):
        found[name] = value
        value += 1
    return found


def locator(address, prio=0, weight=0, family=socket.AF_INET6, proto=0, port=0, ifidx=0, flags=0, unused=0):
    octets = address if isinstance(address, bytes) else socket.inet_pton(socket.AF_INET6, address)
    return struct.pack(LOCATOR, family, proto, port, prio, weight, ifidx, octets, flags, unused)


def read_locators(octets):
    """(address, priority, weight, interface, flags) of each; none where all are zeroes."""
    found = []
    for at in range(0, len(octets), SIZE):
        family, _, _, prio, weight, ifidx, address, flags, _ = struct.unpack(LOCATOR, octets[at:at + SIZE])
        found.append((socket.inet_ntop(socket.AF_INET6, address), prio, weight, ifidx, flags) if family else None)
    return found


class Shim:
    """A socket with its options by name."""

    def __init__(self, sock, n):
        self.sock, self.n = sock, n

    def set(self, name, value):
        self.sock.setsockopt(self.n["SOL_SHIM"], self.n["SHIM_" + name], value)

    def get(self, name, size=4):
        return self.sock.getsockopt(self.n["SOL_SHIM"], self.n["SHIM_" + name], size)

    def number(self, name):
        return struct.unpack(INT, self.get(name))[0]

    def locators(self, name, size=SIZE):
        return read_locators(self.get(name, size))
