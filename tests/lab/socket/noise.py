# SPDX-License-Identifier: GPL-2.0
"""Random socket options: right, wrong and cut short ones, on sockets of every kind. noise.py HEADER COUNT SEED LOCAL PEER.

Of root's sockets some are raw ones.

The kernel may answer as it likes, but it must answer, and serve an honest program afterwards.
"""

import os
import random
import socket
import struct
import sys

from shim import FEEDBACK, INT, LOCATOR, PATHEXPLORE, SIZE, Shim, locator, numbers

N = numbers(sys.argv[1])
COUNT, SEED = int(sys.argv[2]), int(sys.argv[3])
LOCAL, PEER = sys.argv[4:6]
CHANCE = random.Random(SEED)
OPTIONS = [name[5:] for name in N if name.startswith("SHIM_") and 6316 <= N[name] <= N["SHIM_FEEDBACK"]]


def fresh():
    """A socket of some kind, connected to something or not."""
    kinds = [(socket.SOCK_DGRAM, 0)] * 3 + [(socket.SOCK_STREAM, 0)] + ([(socket.SOCK_RAW, 58), (socket.SOCK_RAW, 253)] if not os.geteuid() else [])
    sock = socket.socket(socket.AF_INET6, *CHANCE.choice(kinds))
    sock.setblocking(False)
    shim = Shim(sock, N)
    if CHANCE.random() < 0.1:
        shim.set("DONTSHIM", struct.pack(INT, 1))
    try:
        if CHANCE.random() < 0.8:
            sock.bind((LOCAL, 0))
        if CHANCE.random() < 0.9:
            sock.connect((CHANCE.choice([PEER] * 8 + ["::1", "::ffff:127.0.0.1"]), 5002))
    except OSError:
        pass
    return shim


def value():
    """An option's value, often a right one."""
    address = CHANCE.choice([LOCAL, PEER, "2001:db8:77::1", "ff02::1", "::"])
    one = locator(address, prio=CHANCE.choice([0, 1, 255, 256]), weight=CHANCE.choice([0, 9, 65535]))
    octets = CHANCE.choice([
        struct.pack(INT, CHANCE.choice([0, 1, 1, 2, 10, -1, 1 << 30])), one, one, one * CHANCE.randrange(14), bytes(SIZE),
        struct.pack(PATHEXPLORE, *(CHANCE.choice([0, 1, 4, 6, 500, 65535]) for _ in range(4)), 0),
        struct.pack(FEEDBACK, CHANCE.randrange(3), CHANCE.randrange(5), 0), CHANCE.randbytes(CHANCE.randrange(500))])
    if CHANCE.random() < 0.1:
        octets = octets[:CHANCE.randrange(len(octets) + 1)]
    return octets


print("seed", SEED)
sockets, done, refused = [fresh() for _ in range(8)], 0, 0
# In a long run the making of values is not to be what takes the time.
values = [value() for _ in range(min(COUNT, 1000))]
for _ in range(COUNT):
    chance = CHANCE.random()
    place = int(CHANCE.random() * len(sockets))
    if chance < 0.02:
        sockets[place].sock.close()
        sockets[place] = fresh()
    shim, name = sockets[place], OPTIONS[int(CHANCE.random() * len(OPTIONS))]
    try:
        if chance < 0.1:
            shim.sock.send(b"noise")
        elif chance < 0.5:
            shim.get(name, CHANCE.choice([0, 3, 4, 12, SIZE, 12 * SIZE, 1000]))
        else:
            shim.set(name, values[int(CHANCE.random() * len(values))])
        done += 1
    except OSError:
        refused += 1
print("done", done, "refused", refused)
assert done > COUNT // 10 and refused > COUNT // 10
assert struct.calcsize(LOCATOR) == SIZE
honest = Shim(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM), N)
honest.sock.settimeout(5)
honest.sock.bind((LOCAL, 0))
honest.sock.connect((PEER, 5002))
honest.sock.send(b"honest")
assert honest.sock.recv(100) == b"honest" and honest.number("ASSOCIATED") == 1
