# SPDX-License-Identifier: GPL-2.0
"""Every socket option of RFC 6316 as a program without privileges uses it. Prints a line for each check, PASS or FAIL first.

options.py HEADER LOCAL OTHER_LOCAL PEER OTHER_PEER: the addresses of both hosts, ULIDs first. The peer echoes on port 5002.
"""

import errno
import json
import os
import socket
import struct
import subprocess
import sys
import time

from shim import FEEDBACK, INT, PATHEXPLORE, SIZE, Shim, locator, numbers

N = numbers(sys.argv[1])
LOCAL, OTHER_LOCAL, PEER, OTHER_PEER = sys.argv[2:6]
ZEROES = bytes(SIZE)
# Contexts that sockets of ours do without.
RELEASED = set()
LIST = 12 * SIZE
# What each option is read and set by, where it needs no more than a context.
GETS = {"HOT_STANDBY": 4, "LOC_LOCAL_PREF": SIZE, "LOC_PEER_PREF": SIZE, "LOC_LOCAL_RECV": 4, "LOC_PEER_RECV": 4,
        "LOC_LOCAL_SEND": SIZE, "LOC_PEER_SEND": SIZE, "LOCLIST_LOCAL": LIST, "LOCLIST_PEER": LIST, "APP_TIMEOUT": 4,
        "PATHEXPLORE": 12}
SETS = {"HOT_STANDBY": struct.pack(INT, 1), "LOC_LOCAL_PREF": locator(LOCAL), "LOC_PEER_PREF": locator(PEER),
        "LOC_LOCAL_RECV": struct.pack(INT, 1), "LOC_PEER_RECV": struct.pack(INT, 1), "LOC_LOCAL_SEND": locator(LOCAL),
        "LOC_PEER_SEND": locator(PEER), "LOCLIST_LOCAL": locator(LOCAL), "LOCLIST_PEER": locator(PEER),
        "APP_TIMEOUT": struct.pack(INT, 10), "PATHEXPLORE": struct.pack(PATHEXPLORE, 4, 10, 0, 500, 0),
        "FEEDBACK": struct.pack(FEEDBACK, 0, 2, 0)}


def report(passed, what, why=""):
    print("PASS" if passed else "FAIL", what + ("" if passed else " (%s)" % (why,)), flush=True)


def outcome(call, *arguments):
    """What a call gives, or the name of its error."""
    try:
        return call(*arguments)
    except OSError as error:
        name = errno.errorcode.get(error.errno, error.errno)
        return "EOPNOTSUPP" if error.errno == errno.EOPNOTSUPP else name


def refused(what, call, *arguments, by):
    got = outcome(call, *arguments)
    report(got == by, "%s: %s" % (what, by), got)


def wait(what, test, seconds=10):
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            return report(False, what, "waited %d s" % seconds)
        time.sleep(0.2)
    report(True, what)


def contexts(**having):
    """The contexts between the ULIDs, forked ones apart."""
    told = subprocess.run(["shim6", "-s", "-j", "context", "show", "peer", PEER], stdout=subprocess.PIPE, check=True).stdout
    found = [c for c in json.loads(told) if c["ulid"]["local"] == LOCAL]
    return [c for c in found if all(c[key] == value for key, value in having.items())]


def forks():
    """Those that are in use now."""
    return [c for c in contexts() if c["fii"] != 0 and c["state"] == "established" and c["id"] not in RELEASED]


def is_forked():
    return len(forks()) == 1


def is_alone():
    return len(contexts()) == 1


def released(what, shim):
    """The socket has no context of its own any more, and goes on in that of all others."""
    RELEASED.update(c["id"] for c in forks())
    before = [c["counters"]["tx_packets"] for c in contexts()]
    report(echo(shim, 3) and [c["counters"]["tx_packets"] for c in contexts()] == before, what)


def accepted(what, shim, name, value):
    wait(what, lambda: echo(shim) and outcome(shim.set, name, value) is None)


def uses(local, peer):
    return any(c["current"]["local"] == local and c["current"]["peer"] == peer for c in forks())


def connected(local=LOCAL, peer=PEER, dontshim=False, kind=socket.SOCK_DGRAM):
    sock = socket.socket(socket.AF_INET6, kind)
    sock.settimeout(5)
    shim = Shim(sock, N)
    if dontshim:
        shim.set("DONTSHIM", struct.pack(INT, 1))
    sock.bind((local, 0))
    sock.connect((peer, 5002))
    return shim


def echo(shim, times=1):
    """Whether so many datagrams come back."""
    for number in range(times):
        words = b"%06d" % number + bytes(58)
        shim.sock.send(words)
        try:
            if shim.sock.recv(2048) != words:
                return False
        except TimeoutError:
            return False
    return True


def state(shim):
    """All that a refused request must leave alone."""
    kept = ("id", "fii", "state", "ulid", "current")
    return [shim.get(name, size) for name, size in GETS.items()], [[c[k] for k in kept] for c in contexts()]


def unconnected():
    shim = Shim(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM), N)
    for name, size in {**GETS, "ASSOCIATED": 4, "DEFERRED_CONTEXT_SETUP": 4}.items():
        refused("unconnected, get %s" % name, shim.get, name, size, by="EOPNOTSUPP")
    for name, value in SETS.items():
        refused("unconnected, set %s" % name, shim.set, name, value, by="EOPNOTSUPP")
    report(shim.number("DONTSHIM") == 0, "unconnected, DONTSHIM is 0")
    refused("an option beyond the last", shim.sock.getsockopt, N["SOL_SHIM"], N["SHIM_FEEDBACK"] + 1, 4, by="ENOPROTOOPT")
    four = Shim(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), N)
    report(outcome(four.get, "ASSOCIATED") in ("ENOPROTOOPT", "EOPNOTSUPP"), "a socket of IPv4 has no such options")
    listener = Shim(socket.socket(socket.AF_INET6, socket.SOCK_STREAM), N)
    listener.sock.bind((LOCAL, 0))
    listener.sock.listen()
    refused("a listening socket is not connected", listener.get, "ASSOCIATED", by="EOPNOTSUPP")
    mapped = Shim(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM), N)
    mapped.sock.connect(("::ffff:127.0.0.1", 5002))
    report(mapped.number("ASSOCIATED") == 0, "connected by IPv4: no context")
    report(mapped.number("DEFERRED_CONTEXT_SETUP") == 0, "connected by IPv4: none will come")
    refused("connected by IPv4, get APP_TIMEOUT", mapped.get, "APP_TIMEOUT", by="ENOENT")


def without_context(shim):
    report(shim.number("ASSOCIATED") == 0, "ASSOCIATED is 0 without a context")
    report(shim.number("DEFERRED_CONTEXT_SETUP") == 1, "DEFERRED_CONTEXT_SETUP is 1")
    for name, size in GETS.items():
        refused("no context, get %s" % name, shim.get, name, size, by="ENOENT")
    for name, value in SETS.items():
        refused("no context, set %s" % name, shim.set, name, value, by="ENOENT")
    refused("DONTSHIM comes too late", shim.set, "DONTSHIM", struct.pack(INT, 1), by="EOPNOTSUPP")


def wrong_values(shim):
    before = state(shim)
    for name in ("ASSOCIATED", "DEFERRED_CONTEXT_SETUP"):
        refused("set %s, which is read only" % name, shim.set, name, struct.pack(INT, 1), by="ENOPROTOOPT")
    refused("get FEEDBACK, which is written only", shim.get, "FEEDBACK", 4, by="ENOPROTOOPT")
    for name in ("HOT_STANDBY", "LOC_LOCAL_RECV", "LOC_PEER_RECV"):
        for value in (2, -1):
            refused("%s of %d" % (name, value), shim.set, name, struct.pack(INT, value), by="EINVAL")
    for name, value in SETS.items():
        if not name.startswith("LOCLIST"):
            refused("%s without a value" % name, shim.set, name, b"", by="EINVAL")
        refused("%s cut short" % name, shim.set, name, value[:-1], by="EINVAL")
        refused("%s with an octet too much" % name, shim.set, name, value + b"\1", by="EINVAL")
    for name, size in GETS.items():
        by = "E2BIG" if name.startswith("LOCLIST") else "EINVAL"
        refused("get %s into 3 octets" % name, shim.get, name, 3, by=by)
    for seconds in (-1, 101, 1 << 30):
        refused("APP_TIMEOUT of %d" % seconds, shim.set, "APP_TIMEOUT", struct.pack(INT, seconds), by="EINVAL")
    for fields in ((17, 10, 0, 500, 0), (4, 101, 0, 500, 0), (4, 10, 1, 500, 0), (4, 10, 0, 99, 0), (4, 10, 0, 500, 1)):
        refused("PATHEXPLORE of %s" % (fields,), shim.set, "PATHEXPLORE", struct.pack(PATHEXPLORE, *fields), by="EINVAL")
    for fields in ((2, 1, 0), (0, 4, 0)):
        refused("FEEDBACK of %s" % (fields,), shim.set, "FEEDBACK", struct.pack(FEEDBACK, *fields), by="EINVAL")
    stranger = "2001:db8:77::1"
    for name in ("LOC_LOCAL_PREF", "LOC_PEER_PREF", "LOC_LOCAL_SEND", "LOC_PEER_SEND", "LOCLIST_LOCAL", "LOCLIST_PEER"):
        mine = LOCAL if "LOCAL" in name else PEER
        theirs = PEER if "LOCAL" in name else LOCAL
        refused("%s of a stranger" % name, shim.set, name, locator(stranger), by="EADDRNOTAVAIL")
        refused("%s of the other side" % name, shim.set, name, locator(theirs), by="EADDRNOTAVAIL")
        refused("%s of IPv4" % name, shim.set, name, locator(mine, family=socket.AF_INET), by="EADDRNOTAVAIL")
        refused("%s of no family" % name, shim.set, name, locator(mine, family=99), by="EINVAL")
        refused("%s behind a NAT" % name, shim.set, name, locator(mine, proto=17), by="EINVAL")
        refused("%s with a port" % name, shim.set, name, locator(mine, port=1), by="EINVAL")
        refused("%s with a priority of 256" % name, shim.set, name, locator(mine, prio=256), by="EINVAL")
        refused("%s with a weight of 256" % name, shim.set, name, locator(mine, weight=256), by="EINVAL")
    refused("LOCLIST_LOCAL with one good, one bad", shim.set, "LOCLIST_LOCAL", locator(LOCAL) + locator(stranger),
            by="EADDRNOTAVAIL")
    refused("LOCLIST_LOCAL of 13", shim.set, "LOCLIST_LOCAL", 13 * locator(LOCAL), by="E2BIG")
    refused("LOCLIST_PEER read into too little", shim.get, "LOCLIST_PEER", SIZE, by="E2BIG")
    after = state(shim)
    report(before == after, "nothing of that has changed anything", (before, after))


def lists(shim):
    found = shim.locators("LOCLIST_LOCAL", LIST)
    report([l[0] for l in found] == [LOCAL, OTHER_LOCAL] and all(l[3] > 0 and l[4] == 1 for l in found),
           "LOCLIST_LOCAL has both, with interface and HBA flag", found)
    found = shim.locators("LOCLIST_PEER", LIST)
    report({l[0] for l in found} == {PEER, OTHER_PEER}, "LOCLIST_PEER has both", found)
    report(shim.locators("LOC_LOCAL_SEND") == [None], "LOC_LOCAL_SEND is none")
    report(shim.locators("LOC_LOCAL_PREF")[0][0] == LOCAL, "LOC_LOCAL_PREF is the ULID")
    report(shim.number("APP_TIMEOUT") == 0 and shim.number("HOT_STANDBY") == 0, "APP_TIMEOUT and HOT_STANDBY are 0")
    report(struct.unpack(PATHEXPLORE, shim.get("PATHEXPLORE", 12)) == (4, 15, 6, 500, 0), "PATHEXPLORE has the settings",
           struct.unpack(PATHEXPLORE, shim.get("PATHEXPLORE", 12)))


def arrivals(shim):
    report(shim.locators("LOC_PEER_RECV") == [None], "LOC_PEER_RECV that is off tells no locator")
    for name in ("LOC_LOCAL_RECV", "LOC_PEER_RECV"):
        shim.set(name, struct.pack(INT, 1))
        report(shim.number(name) == 1, "%s is on" % name)
    report(echo(shim), "a datagram is echoed")
    found = shim.locators("LOC_LOCAL_RECV") + shim.locators("LOC_PEER_RECV")
    report([l and l[0] for l in found] == [LOCAL, PEER], "the locators of its answer are told", found)
    for name in ("LOC_LOCAL_RECV", "LOC_PEER_RECV"):
        shim.set(name, struct.pack(INT, 0))
    report(not forks(), "no context was forked for that")


def choosing(shim, bystander):
    got = outcome(shim.set, "LOC_PEER_SEND", locator(OTHER_PEER))
    report(got == "ENODATA", "LOC_PEER_SEND to where the peer was never reached: EUNVERIFIEDLOCATOR", got)
    accepted("which has it looked for, so that it is soon accepted", shim, "LOC_PEER_SEND", locator(OTHER_PEER))
    wait("the socket has a context of its own", is_forked)
    shim.set("LOC_LOCAL_SEND", locator(OTHER_LOCAL))
    wait("which uses the pair that was chosen", lambda: echo(shim) and uses(OTHER_LOCAL, OTHER_PEER))
    report(shim.locators("LOC_LOCAL_SEND")[0][0] == OTHER_LOCAL, "LOC_LOCAL_SEND tells what was chosen")
    report(shim.locators("LOC_PEER_SEND")[0][0] == OTHER_PEER, "LOC_PEER_SEND too")
    (fork,) = forks()
    (default,) = contexts(fii=0)
    report(default["current"] == default["ulid"], "the context of all others stays where it was")
    sent, others = fork["counters"]["tx_packets"], default["counters"]["tx_packets"]
    report(echo(shim, 5) and echo(bystander, 5), "both sockets talk")
    (fork,) = forks()
    (default,) = contexts(fii=0)
    report(fork["counters"]["tx_packets"] == sent + 5 and default["counters"]["tx_packets"] == others,
           "each in its own context", (sent, fork["counters"], others, default["counters"]))
    for name in ("LOC_LOCAL_SEND", "LOC_PEER_SEND"):
        shim.set(name, ZEROES)
    released("zeroes take it back, and the socket is one of all again", shim)


def preferring(shim):
    shim.set("LOC_LOCAL_PREF", locator(LOCAL, prio=9, weight=1))
    shim.set("LOC_LOCAL_PREF", locator(OTHER_LOCAL, prio=3, weight=7))
    report(shim.locators("LOC_LOCAL_PREF")[0][:3] == (OTHER_LOCAL, 3, 7), "LOC_LOCAL_PREF: the best one is told")
    wait("and used", lambda: echo(shim) and uses(OTHER_LOCAL, PEER))
    shim.set("LOC_PEER_PREF", locator(PEER, prio=8))
    report(shim.locators("LOC_PEER_PREF")[0][0] == OTHER_PEER, "LOC_PEER_PREF: another is the best")
    wait("and used, too", lambda: echo(shim) and uses(OTHER_LOCAL, OTHER_PEER))
    shim.set("LOC_LOCAL_SEND", locator(LOCAL))
    wait("LOC_LOCAL_SEND counts for more", lambda: echo(shim) and uses(LOCAL, OTHER_PEER))
    for name in ("LOC_LOCAL_SEND", "LOC_LOCAL_PREF", "LOC_PEER_PREF"):
        shim.set(name, ZEROES)
    released("all is taken back", shim)


def listing(shim):
    shim.set("LOCLIST_LOCAL", locator(OTHER_LOCAL, prio=1, weight=2))
    report(shim.locators("LOCLIST_LOCAL", LIST)[0][:3] == (OTHER_LOCAL, 1, 2), "LOCLIST_LOCAL: one is left")
    wait("which is used", lambda: echo(shim) and any(c["current"]["local"] == OTHER_LOCAL for c in forks()))
    accepted("LOCLIST_PEER is accepted", shim, "LOCLIST_PEER", locator(OTHER_PEER))
    report([l[0] for l in shim.locators("LOCLIST_PEER", LIST)] == [OTHER_PEER], "LOCLIST_PEER: one is left")
    wait("which is used, too", lambda: echo(shim) and uses(OTHER_LOCAL, OTHER_PEER))
    for name in ("LOCLIST_LOCAL", "LOCLIST_PEER"):
        shim.set(name, b"")
    released("empty lists take it back", shim)


def timing(shim):
    shim.set("APP_TIMEOUT", struct.pack(INT, 7))
    report(shim.number("APP_TIMEOUT") == 7, "APP_TIMEOUT is read back")
    report(struct.unpack(PATHEXPLORE, shim.get("PATHEXPLORE", 12))[1] == 7, "and seen by PATHEXPLORE")
    wait("APP_TIMEOUT: a context of its own", is_forked)
    shim.set("PATHEXPLORE", struct.pack(PATHEXPLORE, 2, 9, 6, 250, 0))
    got = struct.unpack(PATHEXPLORE, shim.get("PATHEXPLORE", 12))
    report(got == (2, 9, 6, 250, 0), "PATHEXPLORE is read back", got)
    report(shim.number("APP_TIMEOUT") == 9, "and seen by APP_TIMEOUT")
    print("WAIT", flush=True)
    sys.stdin.readline()
    shim.set("PATHEXPLORE", bytes(12))
    shim.set("APP_TIMEOUT", struct.pack(INT, 0))
    released("zeroes take them back", shim)
    shim.set("HOT_STANDBY", struct.pack(INT, 1))
    report(shim.number("HOT_STANDBY") == 1, "HOT_STANDBY is read back")
    wait("HOT_STANDBY: a context of its own", is_forked)
    wait("whose alternatives are probed while there is traffic",
         lambda: echo(shim) and forks()[0]["counters"]["probes_sent"] > 2)
    shim.set("HOT_STANDBY", struct.pack(INT, 0))
    released("and no more", shim)


def feedback(shim):
    def heard():
        told = subprocess.run(["shim6", "-j", "stats"], stdout=subprocess.PIPE, check=True).stdout
        return json.loads(told)["advice_application"]
    before = heard()
    for fields in ((0, 0, 0), (1, 0, 9), (0, 3, 0), (1, 3, 0)):
        shim.set("FEEDBACK", struct.pack(FEEDBACK, *fields))
    report(heard() == before, "FEEDBACK that says nothing, or that all is well, disturbs nobody")
    shim.set("FEEDBACK", struct.pack(FEEDBACK, 0, 1, 0))
    report(heard() == before + 1, "FEEDBACK that says that nothing arrives is heard")
    report(echo(shim), "and does no harm")


def letting_alone():
    shim = connected(OTHER_LOCAL, OTHER_PEER, dontshim=True)
    report(shim.number("DONTSHIM") == 1, "DONTSHIM is read back")
    report(echo(shim, 40), "forty datagrams are echoed past the shim")
    report(shim.number("ASSOCIATED") == 0, "and make no context")
    refused("DONTSHIM, get APP_TIMEOUT", shim.get, "APP_TIMEOUT", by="ENOENT")
    again = connected(OTHER_LOCAL, OTHER_PEER)
    wait("those of another socket do", lambda: echo(again, 5) and again.number("ASSOCIATED") == 1)
    report(shim.number("ASSOCIATED") == 0, "which is none of the first one's")


def streaming():
    shim = connected(kind=socket.SOCK_STREAM)
    shim.sock.settimeout(10)
    report(shim.number("ASSOCIATED") == 1, "TCP: a context is there")
    shim.set("LOC_LOCAL_SEND", locator(OTHER_LOCAL))
    wait("TCP: a context of its own, over the pair that was chosen", lambda: uses(OTHER_LOCAL, PEER))
    sent = forks()[0]["counters"]["tx_packets"]
    shim.sock.sendall(bytes(16))
    report(len(shim.sock.recv(16)) > 0, "TCP: an answer comes")
    report(forks()[0]["counters"]["tx_packets"] > sent, "TCP: the question went that way")
    RELEASED.update(c["id"] for c in forks())
    shim.sock.close()


unconnected()
shim, bystander = connected(), connected()
without_context(shim)
report(echo(shim, 12), "twelve datagrams are echoed")
wait("ASSOCIATED is 1 when a context was made", lambda: shim.number("ASSOCIATED") == 1)
wrong_values(shim)
lists(shim)
arrivals(shim)
choosing(shim, bystander)
preferring(shim)
listing(shim)
timing(shim)
feedback(shim)
letting_alone()
streaming()
shim.set("LOC_LOCAL_SEND", locator(OTHER_LOCAL))
wait("a context of its own, once more", is_forked)
shim.sock.close()
wait("all of them go when nobody has need of them", is_alone, 70)
