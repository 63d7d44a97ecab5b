# SPDX-License-Identifier: GPL-2.0
"""What the netlink family answers to right and to wrong requests. Prints a line for each check, PASS or FAIL first.

Run as root: checks.py admin HEADER; as anybody else: checks.py other HEADER. Every wrong request must be refused with
the errno, the sentence and the attribute expected, and must leave settings, sets and contexts as they were.
"""

import errno
import struct
import sys

from genl import Genl, Refused, attr, ip, number, numbers, parse, text, u32, u64, CTRL_CMD_GETPOLICY
from hba import Hba
from report import report

N = numbers(sys.argv[2])
PEER = "2001:db8:b::%x"
SET = Hba(["2001:db8:1:a::", "2001:db8:2:a::"])
OTHER = Hba(["2001:db8:3:a::", "2001:db8:4:a::"], seed=2)


def cmd(name):
    return N["SHIM6_CMD_" + name.upper().replace("-", "_")]


def a(name):
    return N["SHIM6_A_" + name.upper().replace("-", "_")]


def snapshot(genl):
    """All that a refused request must leave alone."""
    contexts = sorted(number(dict(c)[a("context-id")]) for c in genl.ask(cmd("context-get"), dump=True))
    sets = genl.ask(cmd("hba-get"), dump=True)
    return genl.ask(cmd("config-get")), sets, contexts, genl.ask(cmd("policy-get"), dump=True)


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


def locators(genl):
    mine, address, prefs = SET.addresses()[1], a("local-address"), N["SHIM6_LOCATOR_FLAGS_BROKEN"]
    flags, priority, weight = a("local-flags"), a("local-priority"), a("local-weight")
    change, add, drop, me = cmd("locator-set"), cmd("locator-add"), cmd("locator-del"), ip(a("local-address"), mine)

    def shown():
        return dict(parse(dict(genl.ask(cmd("locator-get"), me)[0])[a("local-locator")]))

    def says(what, **facts):
        now = shown()
        report(all(number(now[a("locator-" + key)]) == value for key, value in facts.items()), what, str(now))

    refused(genl, "a change of no locator", (change, u32(priority, 3)), errno.EINVAL, "address is missing", missing=address)
    refused(genl, "a change of nothing in a locator", (change, me), errno.EINVAL, "neither flags")
    refused(genl, "a change of a locator that is none", (change, ip(address, "2001:db8::1") + u32(priority, 3)), errno.ENOENT,
            "2001:db8::1", at=0)
    refused(genl, "a priority of 256", (change, me + u32(priority, 256)), errno.ERANGE, at=20)
    refused(genl, "a flag nobody knows", (change, me + u32(flags, 8)), errno.EINVAL, at=20)
    accepted(genl, "flags, priority and weight are set", change, me + u32(flags, prefs) + u32(priority, 3) + u32(weight, 7))
    says("and shown", flags=prefs, priority=3, weight=7)
    accepted(genl, "one of them by itself", change, me + u32(flags, 0))
    says("and the others stay", flags=0, priority=3, weight=7)
    refused(genl, "a locator in use is taken into use", (add, me), errno.EEXIST, "in use already", at=0)
    accepted(genl, "a locator is withdrawn", drop, me)
    says("and shown so", status=N["SHIM6_LOCATOR_STATUS_WITHDRAWN"])
    refused(genl, "it is withdrawn again", (drop, me), errno.EALREADY, "withdrawn already", at=0)
    refused(genl, "withdrawal of a locator that is none", (drop, ip(address, "2001:db8::1")), errno.ENOENT, at=0)
    accepted(genl, "it is taken into use again", add, me + u32(priority, 0) + u32(weight, 0))
    says("with the preference given", status=N["SHIM6_LOCATOR_STATUS_ABSENT"], priority=0, weight=0)


def policy(genl):
    mine, put, get, drop, whole = SET.addresses()[0], cmd("policy-add"), cmd("policy-get"), cmd("policy-del"), cmd("policy-replace")
    action, local, local_len, peer = a("policy-action"), a("policy-local"), a("policy-local-len"), a("policy-peer")
    never, after, use_not, tell_not = (N["SHIM6_POLICY_ACTION_" + name] for name in ("NEVER", "AFTER", "USE_NOT", "TELL_NOT"))

    def refuse(what, *rest, **more):
        refused(genl, "a rule " + what, *rest, **more)

    refuse("without action", (put, u32(a("policy-order"), 5)), errno.EINVAL, "action is missing", missing=action)
    refuse("of an action that is none", (put, u32(action, 7)), errno.ERANGE, at=0)
    refuse("after nothing", (put, u32(action, after)), errno.EINVAL, "packets or time", at=0)
    refuse("that is never, after 5 packets", (put, u32(action, never) + u32(a("policy-packets"), 5)), errno.EINVAL, "packets", at=8)
    refuse("after 0 packets", (put, u32(action, after) + u32(a("policy-packets"), 0)), errno.ERANGE, at=8)
    refuse("after more than an hour", (put, u32(action, after) + u32(a("policy-time"), 3600001)), errno.ERANGE, at=8)
    refuse("of a prefix of 129 bits", (put, u32(action, never) + ip(local, mine) + u32(local_len, 129)), errno.ERANGE, at=28)
    refuse("of a prefix with more bits than it has", (put, u32(action, never) + ip(local, mine) + u32(local_len, 64)),
           errno.EINVAL, "/64 has bits after its length", at=8)
    refuse("of a length without prefix", (put, u32(action, never) + u32(local_len, 64)), errno.EINVAL, "without its prefix", at=8)
    refuse("of half an address", (put, u32(action, never) + attr(peer, bytes(8))), errno.ERANGE, at=8)
    refuse("of protocol 256", (put, u32(action, never) + u32(a("policy-protocol"), 256)), errno.ERANGE, "262", at=8)
    refuse("of protocol 263", (put, u32(action, never) + u32(a("policy-protocol"), 263)), errno.ERANGE, at=8)
    refuse("of port 0", (put, u32(action, never) + u32(a("policy-peer-port"), 0)), errno.ERANGE, at=8)
    refuse("of port 65536", (put, u32(action, never) + u32(a("policy-local-port"), 65536)), errno.ERANGE, at=8)
    refuse("of ports that end before they begin", (put, u32(action, never) + u32(a("policy-peer-port"), 80)
           + u32(a("policy-peer-port-end"), 79)), errno.EINVAL, "before the first", at=16)
    refuse("of a last port only", (put, u32(action, never) + u32(a("policy-peer-port-end"), 79)), errno.EINVAL, "without a first", at=8)
    refuse("of user 4294967295", (put, u32(action, never) + u32(a("policy-user"), 0xFFFFFFFF)), errno.EINVAL, "no user", at=8)
    refuse("about use of locators by a peer", (put, u32(action, use_not) + ip(peer, PEER % 1)), errno.EINVAL, "no peer", at=8)
    refuse("about telling a port", (put, u32(action, tell_not) + u32(a("policy-peer-port"), 5)), errno.EINVAL, "peer-port", at=8)
    refuse("with a number of its own", (put, u32(action, never) + u32(a("policy-id"), 5)), errno.EINVAL, at=8)
    refuse("that is not there", (drop, u32(a("policy-id"), 4000)), errno.ENOENT, "no policy rule 4000", at=0)
    refuse("that is not there, shown", (get, u32(a("policy-id"), 4000)), errno.ENOENT, "no policy rule 4000", at=0)
    refuse("that is not named", (drop,), errno.EINVAL, "id is missing", missing=a("policy-id"))

    def shown():
        return [dict(rule) for rule in genl.ask(get, dump=True)]

    rule = u32(action, after) + ip(peer, "2001:db8:b::") + u32(a("policy-peer-len"), 48) + u32(a("policy-protocol"), 6) \
        + u32(a("policy-peer-port"), 80) + u32(a("policy-peer-port-end"), 90) + u32(a("policy-user"), 1000) + u32(a("policy-time"), 100)
    answer = accepted(genl, "a rule with everything", put, rule)
    one = number(dict(answer[0])[a("policy-id")])
    report(shown() == [dict(parse(rule + u32(a("policy-id"), one) + u32(a("policy-order"), 1000)))], "is shown with everything", str(shown()))
    refuse("that is there already", (put, rule), errno.EEXIST, "already")
    answer = accepted(genl, "another one before it", put, u32(action, never) + u32(a("policy-order"), 5))
    two = number(dict(answer[0])[a("policy-id")])
    report([number(each[a("policy-id")]) for each in shown()] == [two, one], "comes before it")
    facts = dict(accepted(genl, "a rule by its number", get, u32(a("policy-id"), two))[0])
    report(number(facts[action]) == never, "and it is the right one")

    nest = lambda body: attr(a("policy-rule"), body, nested=True)
    good = nest(u32(action, tell_not) + ip(local, mine))
    refused(genl, "replacement with one bad rule of two", (whole, good + nest(u32(action, after))), errno.EINVAL, "packets or time",
            at=len(good) + 4)
    refused(genl, "replacement with a rule without action", (whole, good + nest(u32(a("policy-order"), 1))), errno.EINVAL,
            "action is missing", at=len(good))
    refused(genl, "replacement with the same rule twice", (whole, good + good), errno.EEXIST, "twice", at=len(good))
    refused(genl, "replacement with more than the most", (whole, b"".join(nest(u32(action, never) + u32(a("policy-order"), order))
            for order in range(N["SHIM6_MAX_POLICY_RULES"] + 1))), errno.ENOSPC, "256")
    accepted(genl, "replacement with as many as there may be", whole, b"".join(
        nest(u32(action, never) + u32(a("policy-order"), order)) for order in range(N["SHIM6_MAX_POLICY_RULES"])))
    report(len(shown()) == N["SHIM6_MAX_POLICY_RULES"], "they are all there, and the old ones are not", str(len(shown())))
    refuse("too many", (put, rule), errno.ENOSPC, "256")
    accepted(genl, "a rule against a locator", whole, nest(u32(action, use_not) + ip(local, mine)))
    status = lambda: number(dict(parse(dict(genl.ask(cmd("locator-get"), ip(a("local-address"), mine))[0])[a("local-locator")]))[a("locator-status")])
    report(status() == N["SHIM6_LOCATOR_STATUS_WITHDRAWN"], "withdraws it")
    refused(genl, "the locator is taken into use against it", (cmd("locator-add"), ip(a("local-address"), mine)), errno.EPERM,
            "policy rule", at=0)
    accepted(genl, "no rule at all", whole)
    report(not shown() and status() == N["SHIM6_LOCATOR_STATUS_ABSENT"], "leaves nothing of them")


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
    refused(genl, "a fork of none", (cmd("context-fork"), u32(a("context-id"), 4000000)), errno.ENOENT, "no context", at=0)
    refused(genl, "a fork of what is not established", (cmd("context-fork"), u32(a("context-id"), one)), errno.EINVAL, "not established")
    refused(genl, "a flush of a state that is none", (cmd("context-flush"), u32(a("context-state"), 99)), errno.ERANGE, at=0)
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
    one = dict(genl.ask(get, dump=True)[0])
    for name in ("context-tag-local", "context-ulid-peer", "context-hba-id"):
        found = [dict(each) for each in genl.ask(get, attr(a(name), one[a(name)]), dump=True)]
        report(found and all(each[a(name)] == one[a(name)] for each in found) and (len(found) == 1) == (name != "context-hba-id"),
               "a dump by %s" % name, str(len(found)))
    before = len(genl.ask(get, dump=True))
    accepted(genl, "a flush by peer", cmd("context-flush"), ip(a("context-ulid-peer"), PEER % 0x1010))
    report(len(genl.ask(get, dump=True)) == before - 1, "takes one context")
    accepted(genl, "a flush by state", cmd("context-flush"), u32(a("context-state"), 4))
    report(len(genl.ask(get, dump=True)) == before - 1, "takes none if none has it")
    accepted(genl, "a flush of all of a set", cmd("context-flush"), attr(a("context-hba-id"), one[a("context-hba-id")]))
    report(not genl.ask(get, dump=True), "takes all")
    genl.ask(add, pair(mine, PEER % 1))


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
    rule = number(dict(genl.ask(cmd("policy-add"), u32(a("policy-action"), 0))[0])[a("policy-id")])
    told("a policy rule that is added", "policy-add-ntf", "policy-id", rule)
    genl.ask(cmd("policy-replace"), attr(a("policy-rule"), u32(a("policy-action"), 1), nested=True))
    told("and replaced", "policy-del-ntf", "policy-id", rule)
    told("by another", "policy-add-ntf", "policy-action", 1)
    genl.ask(cmd("policy-replace"))
    told("and that removed", "policy-del-ntf", "policy-action", 1)
    genl.ask(cmd("locator-set"), ip(a("local-address"), mine) + u32(a("local-weight"), 9))
    told("a locator that is changed", "locator-change-ntf", "local-cause", N["SHIM6_CAUSE_ADMINISTRATOR"])
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
    for part in (settings, sets, locators, policy, contexts, events, statistics, policies):
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
    for tag in tags:
        refused(genl, "to look for a tag", (cmd("context-get"), u64(tag, 1)), errno.EPERM, "CAP_NET_ADMIN", dump=True)
    mine = ip(a("local-address"), SET.addresses()[0])
    for name, body in (("config-set", u32(a("config-send-timeout"), 2000)), ("hba-load", load(OTHER)),
                       ("hba-del", ip(a("hba-address"), SET.addresses()[0])), ("context-add", pair(SET.addresses()[0], PEER % 5)),
                       ("context-del", one), ("context-explore", one), ("context-fork", one), ("context-flush", b""),
                       ("locator-set", mine + u32(a("local-weight"), 1)), ("locator-add", mine), ("locator-del", mine),
                       ("policy-add", u32(a("policy-action"), 0)), ("policy-del", u32(a("policy-id"), 1)), ("policy-replace", b"")):
        refused(genl, "%s by anybody" % name, (cmd(name), body), errno.EPERM)


def guest():
    """Root of a user and network namespace of its own: may change what is its own, and sees nothing else."""
    genl = Genl()
    report(not genl.ask(cmd("hba-get"), dump=True), "another namespace has no sets")
    report(not genl.ask(cmd("context-get"), dump=True), "and no contexts")
    accepted(genl, "its own administrator changes its settings", cmd("config-set"), u32(a("config-start-packets"), 5))


{"admin": admin, "other": other, "guest": guest}[sys.argv[1]]()
