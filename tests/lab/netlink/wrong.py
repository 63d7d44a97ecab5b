# SPDX-License-Identifier: GPL-2.0
"""Wrong calls of every kind by Python, through libshim6.so and by the kernel's own client: wrong.py WHO ULID PEER LIBRARY YNL SPECIFICATION.

WHO is an admin, anybody, or somebody elsewhere, in a namespace to which the context between ULID and PEER does not belong. Each must be
refused with its errno and a sentence; a line is printed for each, PASS or FAIL first.
"""

import ctypes
import errno
import os
import socket
import sys

WHO, ULID, PEER, LIBRARY, YNL_DIR, SPECIFICATION = sys.argv[1:7]
sys.path.insert(0, os.path.join(YNL_DIR, "tools/net/ynl/pyynl"))
from lib import NlError, YnlFamily  # noqa: E402
from report import report  # noqa: E402

YNL = YnlFamily(SPECIFICATION, os.path.join(YNL_DIR, "Documentation/netlink/genetlink.yaml"))
LIB = ctypes.CDLL(LIBRARY, use_errno=True)
LIB.shim6_open.restype = ctypes.c_void_p
LIB.shim6_error.restype = ctypes.c_char_p
SHIM6 = ctypes.c_void_p(LIB.shim6_open())
STRANGER = "2001:db8:99::1"
BETWEEN = {"ulid-local": ULID, "ulid-peer": PEER}


def library(what, number, words, function, *arguments):
    octets = [ctypes.create_string_buffer(socket.inet_pton(socket.AF_INET6, each), 16) if isinstance(each, str) else each
              for each in arguments]
    result = getattr(LIB, function)(SHIM6, *octets)
    error, said = ctypes.get_errno(), LIB.shim6_error().decode()
    report(result == -1 and error == number and words in said, "ctypes: " + what, "%d, %s: %s" % (result, os.strerror(error), said))


def ynl(what, number, words, attribute, operation, dump=False, **attributes):
    try:
        (YNL.dump if dump else YNL.do)(operation, attributes)
        report(False, "YNL: " + what, "it was accepted")
    except NlError as no:
        extack = no.nl_msg.extack or {}
        named = str(extack.get("bad-attr", extack.get("miss-type", "")))
        report(no.error == number and words in extack.get("msg", "") and named.endswith(attribute), "YNL: " + what, "%s, %s" % (no, extack))


def unknown():
    """An attribute that the kernel does not know: the client's own picture of one is given a number that is nobody's."""
    config = YNL.attr_sets["config"]
    attribute = config.attrs_by_val[4000] = config["start-packets"]
    known, attribute.value = attribute.value, 4000
    try:
        ynl("an unknown attribute", errno.EINVAL, "Unknown attribute type", "", "config-set", **{"start-packets": 5})
    finally:
        attribute.value = known


def admin():
    library("a peer that is no host's address", errno.EINVAL, "ulid-peer", "shim6_pair_set", ULID, "ff02::1", 100)
    library("an unknown flag", errno.EINVAL, "flags", "shim6_locator_set", ULID, 8, 0, 0)
    library("a missing address", errno.EFAULT, "null pointer", "shim6_locator_del", None)
    library("a weight out of range", errno.ERANGE, "weight, 0 to 255", "shim6_locator_set", ULID, 0, 0, 256)
    library("a context that is not there", errno.ENOENT, "no context 4000000", "shim6_explore", 4000000)
    ynl("a peer that is no host's address", errno.EINVAL, "ff02::1", "ulid-peer", "context-add", **{**BETWEEN, "ulid-peer": "ff02::1"})
    unknown()
    ynl("a missing attribute", errno.EINVAL, "ulid-peer is missing", "ulid-peer", "context-add", **{"ulid-local": ULID})
    ynl("a setting out of range", errno.ERANGE, "send-timeout takes", "send-timeout", "config-set", **{"send-timeout": 3})
    ynl("a priority out of range", errno.ERANGE, "", "priority", "locator-set", address=ULID, priority=256)
    ynl("a context that is not there", errno.ENOENT, "no context 4000000", "id", "context-del", id=4000000)
    ynl("a path that is not the context's", errno.EADDRNOTAVAIL, STRANGER, "current-peer", "context-switch",
        **{**BETWEEN, "current-local": ULID, "current-peer": STRANGER})


def anybody():
    library("removal without permission", errno.EPERM, "CAP_NET_ADMIN", "shim6_pair_unset", ULID, PEER)
    library("withdrawal without permission", errno.EPERM, "CAP_NET_ADMIN", "shim6_locator_del", ULID)
    for operation, attributes in (("context-del", BETWEEN), ("context-flush", {}), ("config-set", {"start-packets": 5}),
                                  ("policy-add", {"action": "never"}), ("locator-del", {"address": ULID}), ("hba-del", {"address": ULID})):
        ynl("%s without permission" % operation, errno.EPERM, "", "", operation, **attributes)
    ynl("a look for a tag without permission", errno.EPERM, "tags need CAP_NET_ADMIN", "tag-local", "context-get", dump=True, **{"tag-local": 5})


def elsewhere():
    library("a context of another namespace", errno.ENOENT, "no context", "shim6_pair_unset", ULID, PEER)
    library("a new one from there", errno.EADDRNOTAVAIL, "in no loaded HBA set", "shim6_pair_set", ULID, PEER, 100)
    ynl("a context of another namespace", errno.ENOENT, "no context", "ulid-peer", "context-get", **BETWEEN)
    ynl("its removal from there", errno.ENOENT, "no context", "ulid-peer", "context-del", **BETWEEN)
    ynl("a new one from there", errno.EADDRNOTAVAIL, "in no loaded HBA set", "ulid-local", "context-add", **BETWEEN)
    ynl("a locator of another namespace", errno.ENOENT, ULID, "address", "locator-del", address=ULID)


{"admin": admin, "anybody": anybody, "elsewhere": elsewhere}[WHO]()
