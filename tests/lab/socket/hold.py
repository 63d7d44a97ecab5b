# SPDX-License-Identifier: GPL-2.0
"""Five sockets with contexts of their own, until it is ended. hold.py HEADER LOCAL PEER."""

import signal
import socket
import struct
import sys

from shim import INT, Shim, numbers

N = numbers(sys.argv[1])
kept = []
for _ in range(5):
    shim = Shim(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM), N)
    shim.sock.bind((sys.argv[2], 0))
    shim.sock.connect((sys.argv[3], 5002))
    shim.set("APP_TIMEOUT", struct.pack(INT, 20))
    kept.append(shim)
signal.pause()
