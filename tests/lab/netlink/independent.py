# SPDX-License-Identifier: GPL-2.0
"""Every operation of the netlink family by the kernel's own generic client, which knows nothing of Shim6 but the specification.

independent.py YNL SPECIFICATION, as root, in a namespace where the module is loaded and nothing is set up. YNL is the
directory with tools/net/ynl and Documentation/netlink of the kernel's source. Prints a line for each check.
"""

import errno
import os
import socket
import sys

sys.path.insert(0, os.path.join(sys.argv[1], "tools/net/ynl/pyynl"))
from lib import NlError, YnlFamily  # noqa: E402
from hba import Hba  # noqa: E402
from report import report  # noqa: E402

YNL = YnlFamily(sys.argv[2], os.path.join(sys.argv[1], "Documentation/netlink/genetlink.yaml"))
SET = Hba(["2001:db8:1:b::", "2001:db8:2:b::"])
ONE, TWO = SET.addresses()
PEER = "2001:db8:a::%x"
DONE = set()


def do(operation, **attributes):
    DONE.add(operation)
    return YNL.do(operation, attributes)


def dump(operation, **attributes):
    return YNL.dump(operation, attributes)


def refused(what, number, sentence, attribute, operation, **attributes):
    """A request that must be refused with that errno and sentence; the client names the attribute from the specification."""
    try:
        YNL.do(operation, attributes)
        report(False, what, "it was accepted")
    except NlError as no:
        extack = no.nl_msg.extack or {}
        named = extack.get("bad-attr", extack.get("miss-type", ""))
        report(no.error == number and sentence in extack.get("msg", "") and str(named).endswith(attribute), what, str(no))


def hba():
    refused("a set without parameters", errno.EINVAL, "pds is missing", "pds", "hba-load", address=[ONE])
    number = do("hba-load", label="ynl", pds=SET.pds(), address=[ONE, TWO])["id"]
    shown = do("hba-get", id=number)
    report(shown["label"] == "ynl" and shown["address"] == [ONE, TWO] and shown["sec"] == 0, "a set is loaded and shown", str(shown))
    report([one["id"] for one in dump("hba-get")] == [number], "and dumped")
    report(sorted(one["locator"]["status"] for one in dump("locator-get")) == ["absent"] * 2, "its addresses are locators")
    return number


def locators():
    do("locator-set", address=TWO, priority=4, flags={"broken", "temporary"})
    shown = do("locator-get", address=TWO)["locator"]
    report(shown["priority"] == 4 and set(shown["flags"]) == {"broken", "temporary"}, "flags are set by name", str(shown))
    do("locator-set", address=TWO, priority=0, flags=0)
    do("locator-del", address=TWO)
    report(do("locator-get", address=TWO)["locator"]["status"] == "withdrawn", "a locator is withdrawn")
    do("locator-add", address=TWO)
    refused("a locator in use", errno.EEXIST, "in use already", "address", "locator-add", address=TWO)


def contexts():
    refused("a context without peer", errno.EINVAL, "ulid-peer is missing", "ulid-peer", "context-add", **{"ulid-local": ONE})
    first = do("context-add", **{"ulid-local": ONE, "ulid-peer": PEER % 1})["id"]
    shown = do("context-get", id=first)
    report(shown["ulid-peer"] == PEER % 1 and shown["state"] == "i1-sent" and shown["cause"] == "administrator",
           "a context is begun and shown", str(shown))
    report("tag-local" in shown and shown["timer"][0]["kind"] == "retransmit", "with its tag and timers")
    for peer in range(2, 40):
        do("context-add", **{"ulid-local": ONE, "ulid-peer": PEER % peer})
    report(len(dump("context-get")) == 39, "a dump shows all")
    for what, wanted in (("state", {"state": "i1-sent", "ulid-peer": PEER % 7}), ("tag", {"tag-local": shown["tag-local"]}),
                         ("path", {"current-peer": PEER % 9})):
        report(len(dump("context-get", **wanted)) == 1, "a dump by %s shows one" % what)
    refused("a fork of what is not established", errno.EINVAL, "not established", "", "context-fork", id=first)
    refused("exploration of that", errno.EINVAL, "not established", "", "context-explore", id=first)
    do("context-del", id=first)
    refused("a context that is gone", errno.ENOENT, "there is no context", "id", "context-get", id=first)
    do("context-flush", **{"ulid-peer": PEER % 2})
    report(len(dump("context-get")) == 37, "a flush by peer takes one")
    do("context-flush")
    report(not dump("context-get"), "a flush takes all")


def policy():
    rule = {"action": "after", "peer": "2001:db8:a::", "peer-len": 48, "protocol": 6, "peer-port": 22, "time": 1000}
    number = do("policy-add", **rule)["id"]
    shown = do("policy-get", id=number)
    report(all(shown[name] == value for name, value in rule.items()), "a rule is added and shown", str(shown))
    refused("a prefix with too many bits", errno.EINVAL, "bits after its length", "local", "policy-add",
            action="never", local=ONE, **{"local-len": 32})
    refused("a bad rule among good ones", errno.EINVAL, "packets or time", "rule.action", "policy-replace",
            rule=[{"action": "never"}, {"action": "after"}])
    do("policy-replace", rule=[{"action": "use-not", "local": TWO}, {"action": "never", "order": 5}])
    report([one["action"] for one in dump("policy-get")] == ["never", "use-not"], "rules are replaced")
    do("policy-del", id=dump("policy-get")[0]["id"])
    do("policy-replace")
    report(not dump("policy-get"), "and removed")


def settings():
    do("config-set", **{"send-timeout": 3000})
    report(do("config-get")["send-timeout"] == 3000, "a setting is changed")
    refused("a setting out of range", errno.ERANGE, "send-timeout takes", "send-timeout", "config-set", **{"send-timeout": 3})
    do("config-set", **{"send-timeout": 15000})
    report(do("stats-get")["hba-sets"] == 1, "the statistics are shown")


def events(number):
    do("hba-del", id=number)
    YNL.check_ntf()
    seen = []
    while not YNL.async_msg_queue.empty():
        seen.append(YNL.async_msg_queue.get()["name"])
    notifications = {name for name, message in YNL.msgs.items() if "notify" in message.yaml}
    # Nothing answers in this namespace, so no context changes but by coming and going.
    missing = notifications - set(seen) - {"context-change-ntf"}
    report(not missing, "every kind of event was told", ", ".join(sorted(missing)))


def losses():
    """A second client listens and has no room: its library hands on the kernel's ENOBUFS, and hears what comes afterwards."""
    slow = YnlFamily(sys.argv[2], os.path.join(sys.argv[1], "Documentation/netlink/genetlink.yaml"))
    slow.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    slow.ntf_subscribe("events")
    for turn in range(100):
        do("config-set", **{"start-packets": 10 + turn % 2})
    lost = 0
    while True:
        try:
            slow.check_ntf()
            break
        except OSError as error:
            lost += error.errno == errno.ENOBUFS
    heard = slow.async_msg_queue.qsize()
    report(lost > 0 and heard < 100, "a listener without room learns that it has lost events", "%d heard, %d lost" % (heard, lost))
    do("config-set", **{"start-packets": 10})
    slow.check_ntf()
    report(slow.async_msg_queue.qsize() == heard + 1, "and hears those that come then", str(slow.async_msg_queue.qsize()))


YNL.ntf_subscribe("events")
loaded = hba()
locators()
contexts()
policy()
settings()
losses()
events(loaded)
operations = {name for name, message in YNL.ops.items() if "do" in message.yaml or "dump" in message.yaml}
# Those that want an established context have none here.
left = operations - DONE - {"context-" + verb for verb in ("fork", "explore", "switch", "probe", "advise")}
report(not left, "every operation was done", ", ".join(sorted(left)))
