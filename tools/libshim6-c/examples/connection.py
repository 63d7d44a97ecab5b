#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR GPL-2.0
"""libshim6.so by ctypes: the contexts of this host, and that of a connection. connection.py LIBRARY LOCAL PEER PORT"""

import ctypes
import os
import socket
import sys


class Context(ctypes.Structure):
    """struct shim6_context of include/shim6.h"""
    _fields_ = [(name, ctypes.c_uint32) for name in ("id", "fii", "state", "reap_state", "event", "cause")]
    _fields_ += [(name, ctypes.c_ubyte * 16) for name in ("ulid_local", "ulid_peer", "current_local", "current_peer")]
    _fields_ += [(name, ctypes.c_uint64) for name in ("rx_age", "tx_age")]


class Locator(ctypes.Structure):
    """struct shim6_locator of include/shim6.h"""
    _fields_ = [("address", ctypes.c_ubyte * 16)]
    _fields_ += [(name, ctypes.c_uint32) for name in ("status", "flags", "priority", "weight", "ifindex", "contexts")]


def text(octets):
    return socket.inet_ntop(socket.AF_INET6, bytes(octets))


library = ctypes.CDLL(sys.argv[1], use_errno=True)
library.shim6_open.restype = ctypes.c_void_p
library.shim6_error.restype = ctypes.c_char_p
for function, more in {
    "shim6_contexts": [ctypes.POINTER(Context), ctypes.c_uint32],
    "shim6_context_of": [ctypes.c_int, ctypes.POINTER(Context)],
    "shim6_locators": [ctypes.POINTER(Locator), ctypes.c_uint32],
    "shim6_locator_del": [ctypes.c_ubyte * 16],
    "shim6_close": [],
}.items():
    getattr(library, function).argtypes = [ctypes.c_void_p] + more


def check(result):
    if result is None or result == -1:
        error = ctypes.get_errno()
        sys.exit("%s: %s" % (os.strerror(error), library.shim6_error().decode()))
    return result


shim6 = check(library.shim6_open())
with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as connection:
    connection.bind((sys.argv[2], 0))
    connection.connect((sys.argv[3], int(sys.argv[4])))
    print("associated:", check(library.shim6_socket_get(connection.fileno())))
    context = Context()
    check(library.shim6_context_of(shim6, connection.fileno(), ctypes.byref(context)))
    print("context:", context.id, "to", text(context.ulid_peer), "by", text(context.current_local))
contexts = (Context * 64)()
count = check(library.shim6_contexts(shim6, contexts, 64))
print("contexts:", count, sorted(c.id for c in contexts[:count]))
locators = (Locator * 64)()
count = check(library.shim6_locators(shim6, locators, 64))
print("locators:", count, [text(locator.address) for locator in locators[:count]])
if os.geteuid() != 0:
    refused = library.shim6_locator_del(shim6, locators[0].address)
    print("taking one out of use:", refused, os.strerror(ctypes.get_errno()))
library.shim6_close(shim6)
