# SPDX-License-Identifier: GPL-2.0
"""What the netlink family answers to right and to wrong requests. Prints a line for each check, PASS or FAIL first.

Run as root: checks.py admin HEADER; as anybody else: checks.py other HEADER. Every wrong request must be refused with
the errno, the sentence and the attribute expected, and must leave settings, sets and contexts as they were.
"""

import errno
import struct
import sys

from genl import Genl, Refused, attr, ip, number, numbers, text, u32, u64, CTRL_CMD_GETPOLICY
from hba import Hba

N = numbers(sys.argv[2])
PEER = "2001:db8:b::%x"
SET = Hba(["2001:db8:1:a::", "2001:db8:2:a::"])
OTHER = Hba(["2001:db8:3:a::", "2001:db8:4:a::"], seed=2)


def cmd(name):
    return N["SHIM6_CMD_" + name.upper().replace("-", "_")]


def a(name):
    return N["SHIM6_A_" + name.upper().replace("-", "_")]


def report(passed, what, why=""):
    print("PASS" if passed else "FAIL", what + ("" if passed else " (%s)" % why), flush=True)


def snapshot(genl):
    """All that a refused request must leave alone."""
    contexts = sorted(number(dict(c)[a("context-id")]) for c in genl.ask(cmd("context-get"), dump=True))
    sets = genl.ask(cmd("hba-get"), dump=True)
    return genl.ask(cmd("config-get")), sets, contexts


def refused(genl, what, request, number_of_error, sentence=None, at=None, missing=None, **how):
    """A request that must be refused so; `at` is the place of the offending attribute in the request."""
    before = snapshot(genl)
    try:
        genl.ask(*request, **how)
        return report(False, what, "it was accepted")
    except Refused as no:
        wrong = []
        if no.errno != number_of_error:
            wrong.append("errno is %s" % errno.errorcode.get(no.errno, no.errno))
        if sentence is not None and sentence not in no.sentence:
            wrong.append("the sentence is '%s'" % no.sentence)
        if not no.sentence and no.missing is None and number_of_error not in (errno.EPERM, errno.EOPNOTSUPP):
            wrong.append("no sentence")
        if at is not None and no.offset != 20 + at:
            wrong.append("it points at %s" % no.offset)
        if missing is not None and no.missing != missing:
            wrong.append("it misses %s" % no.missing)
    if snapshot(genl) != before:
        wrong.append("something changed")
    report(not wrong, what, ", ".join(wrong))


def accepted(genl, what, *request, **how):
    try:
        answer = genl.ask(*request, **how)
        report(True, what)
        return answer
    except Refused as no:
        report(False, what, str(no))
        return None


def load(hba, label=None, addresses=None):
    addresses = hba.addresses() if addresses is None else addresses
    return ((text(a("hba-label"), label) if label else b"") + attr(a("hba-pds"), hba.pds())
            + b"".join(ip(a("hba-address"), address) for address in addresses))


def settings(genl):
    kept = accepted(genl, "the settings are shown", cmd("config-get"))[0]
    report(len(kept) == N["SHIM6_A_CONFIG_MAX"], "all of them", str(len(kept)))
    send, small, large = a("config-send-timeout"), a("config-initial-probe-timeout"), a("config-max-probe-timeout")
    change = cmd("config-set")
    refused(genl, "a change of nothing", (change,), errno.EINVAL, "no setting is given")
    refused(genl, "a send-timeout of 5 ms", (change, u32(send, 5)), errno.ERANGE, "send-timeout takes 1000 to", at=0)
    refused(genl, "a good value with a bad one", (change, u32(a("config-start-packets"), 3) + u32(send, 5)),
            errno.ERANGE, "send-timeout", at=8)
    refused(genl, "probes that begin slower than they end", (change, u32(small, 10000) + u32(large, 1000)),
            errno.EINVAL, "initial-probe-timeout may not be larger than max-probe-timeout", at=0)
    refused(genl, "a setting nobody knows", (change, u32(99, 1)), errno.EINVAL, at=0)
    refused(genl, "a setting of one octet", (change, attr(send, b"\1")), errno.EINVAL, at=0)
    refused(genl, "a setting of eight octets", (change, u64(send, 2000)), errno.EINVAL, at=0)
    refused(genl, "a setting as a nest", (change, attr(send, u32(1, 1), nested=True)), errno.EINVAL)
    refused(genl, "an attribute longer than the message", (change, struct.pack("=HHI", 40, send, 2000)), errno.EINVAL)
    refused(genl, "octets after the attributes", (change, u32(send, 2000) + b"\1\0"), errno.EINVAL)
    refused(genl, "an attribute where none is known", (cmd("config-get"), u32(1, 1)), errno.EINVAL)
    refused(genl, "a command nobody knows", (77,), errno.EOPNOTSUPP)
    refused(genl, "a notification as a command", (cmd("config-ntf"),), errno.EOPNOTSUPP)
    refused(genl, "a dump of what has none", (cmd("config-get"),), errno.EOPNOTSUPP, dump=True)
    refused(genl, "a header with reserved bits", (change,), errno.EINVAL, octets=bytes([change, 1, 1, 0]) + u32(send, 2000))
    accepted(genl, "two settings at once", change, u32(send, 2000) + u32(large, 30000))
    now = dict(genl.ask(cmd("config-get"))[0])
    report((number(now[send]), number(now[large])) == (2000, 30000), "both are changed")
    accepted(genl, "the old settings again", change, b"".join(attr(*pair) for pair in kept))
    report(genl.ask(cmd("config-get"))[0] == kept, "they are back")


def bad_sets(genl):
    load_set, pds = cmd("hba-load"), a("hba-pds")
    address = b"".join(ip(a("hba-address"), one) for one in SET.addresses())
    whole = SET.pds()

    def refuse(what, body, *rest, **more):
        refused(genl, what, (load_set, body + address), *rest, **more)

    refused(genl, "a set of nothing", (load_set,), errno.EINVAL, "pds is missing", missing=pds)
    refused(genl, "a set without an address", (load_set, attr(pds, whole)), errno.EINVAL, "address is missing",
            missing=a("hba-address"))
    refuse("no parameters in pds", attr(pds, b""), errno.EINVAL, "pds", at=0)
    for cut in (10, 24, 25, 40, len(whole) - 1):
        refuse("a pds cut to %d octets" % cut, attr(pds, whole[:cut]), errno.EINVAL, "pds", at=0)
    refuse("a pds with a key that is none", attr(pds, whole[:25] + b"\4" + whole[26:]), errno.EINVAL, "DER SEQUENCE", at=0)
    refuse("a pds without Multi-Prefix extension", attr(pds, whole[:75]), errno.EINVAL, "Multi-Prefix", at=0)
    refuse("a collision count of 3", attr(pds, whole[:24] + b"\3" + whole[25:]), errno.EINVAL, "collision count", at=0)
    refuse("a pds of 513 octets", attr(pds, whole + bytes(513 - len(whole))), errno.ERANGE, at=0)
    many = Hba(["2001:db8:%x:a::" % prefix for prefix in range(1, 10)])
    refused(genl, "nine prefixes", (load_set, load(many, addresses=many.addresses()[:1])), errno.ERANGE, "8 prefixes", at=0)
    twice = Hba(["2001:db8:1:a::", "2001:db8:1:a::"])
    refused(genl, "a prefix that is there twice", (load_set, load(twice)), errno.EINVAL, "prefix", at=0)
    local = Hba(["2001:db8:1:a::", "fe80::"])
    refused(genl, "a link-local prefix", (load_set, load(local, addresses=local.addresses()[:1])), errno.EINVAL, "prefix")
    at = len(attr(pds, whole)) + 20
    refused(genl, "an address of another set", (load_set, load(SET, addresses=[SET.addresses()[0], OTHER.addresses()[0]])),
            errno.EINVAL, OTHER.addresses()[0], at=at)
    refused(genl, "an address with one bit wrong", (load_set, load(SET, addresses=[SET.addresses()[0][:-1] + "0", ])),
            errno.EINVAL, "does not verify", at=at - 20)
    refused(genl, "an address with Sec 3", (load_set, load(SET, addresses=["2001:db8:1:a:6000::1"])), errno.EINVAL,
            "Sec is above 2")
    refused(genl, "Sec 1 with a modifier for Sec 0", (load_set, load(SET, addresses=["2001:db8:1:a:2000::1"])),
            errno.EINVAL, "Sec", at=0)
    refused(genl, "an address of 15 octets", (load_set, attr(pds, whole) + attr(a("hba-address"), bytes(15))), errno.ERANGE,
            at=at - 20)
    refused(genl, "a label of 32 octets", (load_set, load(SET, "x" * 32)), errno.EINVAL, at=0)
    refused(genl, "a label without end", (load_set, attr(a("hba-label"), b"abc") + load(SET)), errno.EINVAL, at=0)


def sets(genl):
    bad_sets(genl)
    answer = accepted(genl, "a set is loaded", cmd("hba-load"), load(SET, "home"))
    one = number(dict(answer[0])[a("hba-id")])
    refused(genl, "the same set again", (cmd("hba-load"), load(SET)), errno.EEXIST, "loaded already")
    refused(genl, "another set of that label", (cmd("hba-load"), load(OTHER, "home")), errno.EEXIST, "label", at=0)
    answer = accepted(genl, "another set", cmd("hba-load"), load(OTHER, addresses=OTHER.addresses()[1:]))
    two = number(dict(answer[0])[a("hba-id")])
    shown = [dict(each) for each in genl.ask(cmd("hba-get"), dump=True)]
    report([number(each[a("hba-id")]) for each in shown] == [one, two], "both are shown, in order")
    report(shown[0].get(a("hba-pds")) == SET.pds() and shown[0].get(a("hba-label")) == b"home\0", "with parameters and label")
    found = accepted(genl, "a set is found by its address", cmd("hba-get"), ip(a("hba-address"), OTHER.addresses()[1]))
    report(number(dict(found[0])[a("hba-id")]) == two, "and it is the right one")
    get, ident = cmd("hba-get"), a("hba-id")
    refused(genl, "no set is named", (get,), errno.EINVAL, "id or address is missing")
    refused(genl, "set 0", (get, u32(ident, 0)), errno.ERANGE, at=0)
    refused(genl, "a set that is not there", (get, u32(ident, 4000)), errno.ENOENT, "no HBA set 4000", at=0)
    refused(genl, "a set named twice", (get, u32(ident, one) + ip(a("hba-address"), SET.addresses()[0])), errno.EINVAL,
            "already", at=8)
    refused(genl, "an address of no set", (get, ip(a("hba-address"), "2001:db8::1")), errno.ENOENT, "2001:db8::1", at=0)
    refused(genl, "removal of a set that is not there", (cmd("hba-del"), u32(ident, 4000)), errno.ENOENT, at=0)
    locators = genl.ask(cmd("locator-get"), dump=True)
    report(len(locators) == 4, "their four addresses are local locators", str(len(locators)))
    refused(genl, "a locator that is none", (cmd("locator-get"), ip(a("local-address"), "2001:db8::1")), errno.ENOENT, at=0)
    refused(genl, "no locator is named", (cmd("locator-get"),), errno.EINVAL, missing=a("local-address"))
    accepted(genl, "a locator by its address", cmd("locator-get"), ip(a("local-address"), SET.addresses()[1]))
    accepted(genl, "a set is removed", cmd("hba-del"), u32(ident, two))
    report(len(genl.ask(get, dump=True)) == 1, "and gone")


def pair(local, peer):
    return ip(a("context-ulid-local"), local) + ip(a("context-ulid-peer"), peer)


def contexts(genl):
    mine, add, get = SET.addresses()[0], cmd("context-add"), cmd("context-get")
    refused(genl, "a context without addresses", (add,), errno.EINVAL, "ulid-local is missing", missing=a("context-ulid-local"))
    refused(genl, "a context without peer", (add, ip(a("context-ulid-local"), mine)), errno.EINVAL, "ulid-peer is missing")
    refused(genl, "a ULID that is not ours", (add, pair("2001:db8::1", PEER % 1)), errno.EADDRNOTAVAIL, "2001:db8::1", at=0)
    refused(genl, "a multicast peer", (add, pair(mine, "ff02::1")), errno.EINVAL, "ff02::1", at=20)
    answer = accepted(genl, "a context is begun", add, pair(mine, PEER % 1))
    one = number(dict(answer[0])[a("context-id")])
    refused(genl, "the same once more", (add, pair(mine, PEER % 1)), errno.EEXIST, "already")
    accepted(genl, "a forked one", add, pair(mine, PEER % 1) + u32(a("context-fii"), 7))
    facts = dict(accepted(genl, "it is found by its number", get, u32(a("context-id"), one))[0])
    report(a("context-tag-local") in facts, "with its tag")
    facts = dict(accepted(genl, "by ULIDs and FII", get, pair(mine, PEER % 1) + u32(a("context-fii"), 7))[0])
    report(number(facts[a("context-fii")]) == 7, "and it is the forked one")
    refused(genl, "no context is named", (get,), errno.EINVAL, "missing")
    refused(genl, "a context that is not there", (get, u32(a("context-id"), 4000000)), errno.ENOENT, "no context 4000000", at=0)
    refused(genl, "ULIDs without context", (get, pair(mine, PEER % 2)), errno.ENOENT, "no context for these ULIDs", at=20)
    refused(genl, "a context named twice", (get, u32(a("context-id"), one) + pair(mine, PEER % 1)), errno.EINVAL, at=8)
    refused(genl, "exploration before it is established", (cmd("context-explore"), u32(a("context-id"), one)), errno.EINVAL,
            "not established")
    refused(genl, "exploration of none", (cmd("context-explore"), u32(a("context-id"), 4000000)), errno.ENOENT)
    refused(genl, "removal of none", (cmd("context-del"), u32(a("context-id"), 4000000)), errno.ENOENT)
    refused(genl, "a dump of a state that is none", (get, u32(a("context-state"), 99)), errno.ERANGE, at=0, dump=True)
    accepted(genl, "the limit is set to the present", cmd("config-set"), u32(a("config-max-contexts"), 2))
    refused(genl, "one more than max-contexts", (add, pair(mine, PEER % 3)), errno.ENOSPC, "max-contexts")
    accepted(genl, "the limit is raised", cmd("config-set"), u32(a("config-max-contexts"), 1048576))
    many(genl, mine)


def many(genl, mine):
    """Dumps that take several buffers, filtered and changed under way."""
    add, get, count = cmd("context-add"), cmd("context-get"), 300
    for peer in range(count):
        genl.ask(add, pair(mine, PEER % (0x1000 + peer)))
    shown = [number(dict(each)[a("context-id")]) for each in genl.ask(get, dump=True)]
    report(len(shown) == len(set(shown)) == count + 2, "%d contexts are shown, each once" % (count + 2), str(len(shown)))
    report(not genl.interrupted, "as one picture")
    found = genl.ask(get, ip(a("context-ulid-peer"), PEER % 0x1007), dump=True)
    report(len(found) == 1, "one of them by its peer", str(len(found)))
    found = genl.ask(get, u32(a("context-fii"), 7), dump=True)
    report(len(found) == 1, "one of them by its FII", str(len(found)))
    tag = dict(found[0])[a("context-tag-local")]
    found = genl.ask(get, attr(a("context-tag-local"), tag), dump=True)
    report(len(found) == 1, "and by its tag", str(len(found)))
    report(not genl.ask(get, u32(a("context-state"), 4), dump=True), "none is established, says the filter")
    other, once = Genl(), iter([pair(mine, PEER % 1)])

    def change():
        for request in once:
            other.ask(cmd("context-del"), request)

    genl.interrupted = False
    genl.ask(get, dump=True, between=change)
    report(genl.interrupted, "a dump during which one went says so")


def events(genl):
    listener = Genl()
    listener.listen("events")
    mine = SET.addresses()[1]

    def told(what, command, attribute=None, value=None):
        seen, facts = listener.event()
        facts = dict(facts)
        good = seen == cmd(command) and (attribute is None or number(facts.get(a(attribute), b"")) == value)
        report(good, what, "command %d, %s" % (seen, facts))
        return facts

    genl.ask(cmd("config-set"), u32(a("config-start-packets"), 11))
    told("a change of settings is told", "config-ntf", "config-start-packets", 11)
    three = number(dict(genl.ask(cmd("hba-load"), load(OTHER))[0])[a("hba-id")])
    told("a set that is loaded", "hba-load-ntf", "hba-id", three)
    genl.ask(cmd("hba-del"), u32(a("hba-id"), three))
    told("and removed", "hba-del-ntf", "hba-id", three)
    one = number(dict(genl.ask(cmd("context-add"), pair(mine, PEER % 9))[0])[a("context-id")])
    facts = told("a context that is begun", "context-add-ntf", "context-cause", N["SHIM6_CAUSE_ADMINISTRATOR"])
    report(a("context-tag-local") not in facts, "without its tag")
    genl.ask(cmd("context-del"), u32(a("context-id"), one))
    seen = 0
    while seen != cmd("context-del-ntf"):
        seen, facts = listener.event()
    report(number(dict(facts)[a("context-cause")]) == N["SHIM6_CAUSE_ADMINISTRATOR"], "and its removal, with the cause")


def statistics(genl):
    shown = accepted(genl, "the statistics are shown", cmd("stats-get"))[0]
    report(len(shown) == N["SHIM6_A_STATS_MAX"], "all of them", str(len(shown)))
    facts = {kind: number(value) for kind, value in shown}
    report(facts[a("stats-hba-sets")] == 1, "one set is loaded", str(facts[a("stats-hba-sets")]))
    report(facts[a("stats-hba-refused")] > 0, "the refused ones are counted")


def policies(_):
    """Each operation says by itself which attributes it takes: no more than the header knows."""
    control = Genl(None)
    told = control.ask(CTRL_CMD_GETPOLICY, text(2, "shim6"), dump=True, version=2)
    operations = [message for message in told if 9 in dict(message)]
    report(len(operations) >= 8, "the policies can be asked for", str(len(operations)))


def admin():
    genl = Genl()
    for part in (settings, sets, contexts, events, statistics, policies):
        part(genl)


def other():
    """Somebody without CAP_NET_ADMIN: may look, may change nothing, sees no tags and no parameters."""
    genl = Genl()
    report(len(genl.ask(cmd("config-get"))[0]) > 0, "anybody sees the settings")
    report(len(genl.ask(cmd("stats-get"))[0]) > 0, "and the statistics")
    sets_shown = [dict(each) for each in genl.ask(cmd("hba-get"), dump=True)]
    report(sets_shown and all(a("hba-pds") not in each for each in sets_shown), "the sets without their parameters")
    shown = [dict(each) for each in genl.ask(cmd("context-get"), dump=True)]
    tags = a("context-tag-local"), a("context-tag-peer")
    report(shown and not any(tag in each for tag in tags for each in shown), "the contexts without their tags")
    one = u32(a("context-id"), number(shown[0][a("context-id")]))
    report(a("context-tag-local") not in dict(genl.ask(cmd("context-get"), one)[0]), "nor is a single one shown with it")
    refused(genl, "to look for a tag", (cmd("context-get"), u64(a("context-tag-local"), 1)), errno.EPERM, "CAP_NET_ADMIN", dump=True)
    for name, body in (("config-set", u32(a("config-send-timeout"), 2000)), ("hba-load", load(OTHER)),
                       ("hba-del", ip(a("hba-address"), SET.addresses()[0])), ("context-add", pair(SET.addresses()[0], PEER % 5)),
                       ("context-del", one), ("context-explore", one)):
        refused(genl, "%s by anybody" % name, (cmd(name), body), errno.EPERM)


def guest():
    """Root of a user and network namespace of its own: may change what is its own, and sees nothing else."""
    genl = Genl()
    report(not genl.ask(cmd("hba-get"), dump=True), "another namespace has no sets")
    report(not genl.ask(cmd("context-get"), dump=True), "and no contexts")
    accepted(genl, "its own administrator changes its settings", cmd("config-set"), u32(a("config-start-packets"), 5))


{"admin": admin, "other": other, "guest": guest}[sys.argv[1]]()
