# SPDX-License-Identifier: GPL-2.0
"""Dumps of very many contexts, listeners that are too slow, and whose events are whose. Prints a line for each check.

many.py HEADER COUNT LOCAL NAMESPACE, as root, in a namespace that has COUNT established contexts of the address LOCAL, most of them
with peers of 2001:db8:f000::/48. NAMESPACE is another one on the same kernel.
"""

import errno
import os
import socket
import struct
import sys

from genl import Genl, attr, ip, number, numbers, u32, u64
from report import report

N = numbers(sys.argv[1])
COUNT, LOCAL, ELSEWHERE = int(sys.argv[2]), sys.argv[3], sys.argv[4]
PEER = "2001:db8:f000::1:0:%x"
NOBODY = "2001:db8:b:ffff::%x"


def cmd(name):
    return N["SHIM6_CMD_" + name.upper().replace("-", "_")]


def a(name):
    return N["SHIM6_A_CONTEXT_" + name.upper().replace("-", "_")]


def ids(answers):
    return [number(dict(each)[a("id")]) for each in answers]


def pair(peer):
    return ip(a("ulid-local"), LOCAL) + ip(a("ulid-peer"), peer)


def filters(genl):
    everything = genl.ask(cmd("context-get"), dump=True)
    shown = ids(everything)
    report(len(shown) == COUNT and shown == sorted(set(shown)), "%d contexts are shown, each once, in order" % COUNT, str(len(shown)))
    one = dict(everything[COUNT // 2])
    for name in ("ulid-peer", "tag-local", "tag-peer"):
        found = [dict(each) for each in genl.ask(cmd("context-get"), attr(a(name), one[a(name)]), dump=True)]
        report([each[a("id")] for each in found] == [one[a("id")]], "the kernel finds one by its %s" % name, str(len(found)))
    both = attr(a("ulid-peer"), one[a("ulid-peer")]) + u32(a("state"), N["SHIM6_CONTEXT_STATE_IDLE"])
    report(not genl.ask(cmd("context-get"), both, dump=True), "and none where only one of two things fits")
    report(ids(genl.ask(cmd("context-get"), ip(a("ulid-local"), LOCAL) + attr(a("state"), one[a("state")]), dump=True)) == shown,
           "and all by ULID and state")
    report(not genl.ask(cmd("context-get"), u64(a("tag-local"), 1), dump=True), "and none by a tag that nobody has")
    report(not genl.interrupted, "each as one picture")
    return shown


def changes(genl, shown):
    """Between any two buffers of a dump one context goes that was to come, and one comes."""
    other, gone, news, numbers_of_buffers = Genl(), [], [], []
    doomed = iter(shown[-2:COUNT // 2:-7])

    def change():
        gone.append(next(doomed))
        other.ask(cmd("context-del"), u32(a("id"), gone[-1]))
        numbers_of_buffers.append(1)
        news.append(number(dict(other.ask(cmd("context-add"), pair(NOBODY % (1 + len(news))))[0])[a("id")]))

    genl.interrupted = False
    seen = ids(genl.ask(cmd("context-get"), dump=True, between=change))
    report(genl.interrupted, "a dump under which contexts come and go says so")
    report(len(numbers_of_buffers) > 10, "it takes many buffers", str(len(numbers_of_buffers)))
    report(seen == sorted(set(seen)), "nothing is shown twice")
    report(set(shown) - set(gone) <= set(seen), "what stayed is there, all of it", str(len(set(shown) - set(gone) - set(seen))))
    report(set(seen) <= set(shown) | set(news), "and nothing that never was")
    genl.interrupted = False
    after = ids(genl.ask(cmd("context-get"), dump=True))
    report(not genl.interrupted and set(after) == set(shown) - set(gone) | set(news), "the next one is whole again")


def abandoned(genl):
    """Who does not read a dump to its end is in nobody's way."""
    lazy = Genl()
    lazy.sequence += 1
    lazy.socket.send(struct.pack("=IHHIIBBH", 20, lazy.id, 0x301, lazy.sequence, 0, cmd("context-get"), 1, 0))
    lazy.socket.recv(1 << 16)
    report(len(genl.ask(cmd("context-get"), dump=True)) > COUNT // 2, "a dump goes on beside one that nobody reads")
    lazy.socket.close()


def losses(genl):
    """A listener who does not listen is told that it has lost something, hears again, and nobody else is harmed."""
    slow, quick = Genl(), Genl()
    slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    for listener in (slow, quick):
        listener.listen("events")
    for turn in range(200):
        genl.ask(cmd("config-set"), u32(N["SHIM6_A_CONFIG_START_PACKETS"], 10 + turn % 2))
        quick.event()
    heard, lost = 0, 0
    slow.socket.settimeout(1)
    while True:
        try:
            slow.event()
            heard += 1
        except TimeoutError:
            break
        except OSError as error:
            lost += error.errno == errno.ENOBUFS
    report(lost >= 1, "a listener without room learns by ENOBUFS that it has lost events", "%d heard, %d lost" % (heard, lost))
    report(heard < 200, "and has lost some", str(heard))
    genl.ask(cmd("config-set"), u32(N["SHIM6_A_CONFIG_START_PACKETS"], 12))
    report(slow.event()[0] == cmd("config-ntf"), "then it hears again")
    report(quick.event()[0] == cmd("config-ntf"), "the other one has lost nothing")


def namespaces(genl):
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open("/run/netns/" + ELSEWHERE, os.O_RDONLY)
    own = Genl()
    os.setns(there, os.CLONE_NEWNET)
    stranger = Genl()
    os.setns(here, os.CLONE_NEWNET)
    for listener in (own, stranger):
        listener.listen("events")
    genl.ask(cmd("config-set"), u32(N["SHIM6_A_CONFIG_START_PACKETS"], 10))
    report(own.event()[0] == cmd("config-ntf"), "who listens in the namespace hears of a change")
    stranger.socket.settimeout(1)
    try:
        report(False, "who listens in another one does not", "command %d" % stranger.event()[0])
    except TimeoutError:
        report(True, "who listens in another one does not")


def main():
    genl = Genl()
    changes(genl, filters(genl))
    abandoned(genl)
    losses(genl)
    namespaces(genl)


main()
