// SPDX-License-Identifier: GPL-2.0
//! The objects of the command and their verbs: the one table from which the parser, the help, the man pages and the
//! completions are made.

use crate::failure::Failure;
use crate::grammar::Grammar;
use crate::output::Output;
use crate::{
    context, hba, locator, monitor, peer, policy, restore, save, settings, stats, status, top,
};

/// Something that the command acts on.
pub struct Object {
    /// Its name.
    pub name: &'static str,
    /// What it is, in one sentence without its full stop.
    pub about: &'static str,
    /// What can be done to it. One without a name makes the object a command by itself.
    pub verbs: &'static [Verb],
    /// What the help and the man page say further.
    pub notes: fn() -> String,
    /// Command lines, each with what it does.
    pub examples: &'static [(&'static str, &'static str)],
    /// Does what a verb says.
    pub(crate) act: fn(&str, &[&str], &mut Output) -> Result<(), Failure>,
}

/// What can be done to an object.
pub struct Verb {
    /// Its name; empty if the object is a command by itself.
    pub name: &'static str,
    /// Another name.
    pub alias: Option<&'static str>,
    /// What it does, in one sentence without its full stop.
    pub about: &'static str,
    /// The words after it.
    pub grammar: &'static Grammar,
}

impl Verb {
    const fn new(name: &'static str, about: &'static str, grammar: &'static Grammar) -> Verb {
        Verb {
            name,
            alias: None,
            about,
            grammar,
        }
    }

    const fn also(self, alias: &'static str) -> Verb {
        Verb {
            alias: Some(alias),
            ..self
        }
    }
}

impl Object {
    /// The words of an object that is a command by itself.
    pub fn own_grammar(&self) -> Option<&'static Grammar> {
        match self.verbs {
            [Verb {
                name: "", grammar, ..
            }] => Some(grammar),
            _ => None,
        }
    }

    /// The verb of a name, which may be abbreviated. None if there is none, or more than one.
    pub fn verb(&self, word: &str) -> Option<&'static Verb> {
        let has = |verb: &Verb| verb.name == word || verb.alias == Some(word);
        if let Some(exact) = self.verbs.iter().find(|verb| has(verb)) {
            return Some(exact);
        }
        let mut fitting = self.verbs.iter().filter(|verb| {
            !word.is_empty()
                && (verb.name.starts_with(word)
                    || verb.alias.is_some_and(|alias| alias.starts_with(word)))
        });
        fitting.next().filter(|_| fitting.next().is_none())
    }
}

/// The object of a name, which may be abbreviated. None if there is none, or more than one.
pub fn object(word: &str) -> Option<&'static Object> {
    if let Some(exact) = OBJECTS.iter().find(|object| object.name == word) {
        return Some(exact);
    }
    let mut fitting = OBJECTS
        .iter()
        .filter(|object| !word.is_empty() && object.name.starts_with(word));
    fitting.next().filter(|_| fitting.next().is_none())
}

const fn nothing() -> String {
    String::new()
}

/// Every object.
pub const OBJECTS: &[Object] = &[
    Object {
        name: "status",
        about: "Is it loaded, is it working for this host, and what is wrong",
        verbs: &[Verb::new("", "", &status::GRAMMAR)],
        notes: nothing,
        examples: &[
            ("shim6 status", "One screen: what works, what does not, and what to do about it."),
            ("shim6 -j status", "The same for a script; exit status 2 without the module."),
        ],
        act: |_, words, output| status::status(words, output),
    },
    Object {
        name: "context",
        about: "Contexts: what is shared with each peer",
        verbs: &[
            Verb::new("show", "Show contexts", &context::SHOW).also("list"),
            Verb::new("add", "Set up a context with a peer now", &context::ADD),
            Verb::new("del", "Forget a context", &context::DEL).also("delete"),
            Verb::new("fork", "Set up one more context for the ULIDs of one", &context::FORK),
            Verb::new("explore", "Try the locator pairs of a context now", &context::EXPLORE),
            Verb::new("probe", "Ask whether a locator pair works, the one in use if none is given", &context::PROBE),
            Verb::new("switch", "Move to a locator pair once a Probe over it was answered", &context::SWITCH),
            Verb::new("advise", "Say that the locator pair in use works, or that it fails", &context::ADVISE),
            Verb::new("flush", "Forget all contexts, or those that a filter chooses", &context::FLUSH),
        ],
        notes: nothing,
        examples: &[
            ("shim6 context", "Every context, with its state and the path in use."),
            (
                "shim6 -s -d context show peer 2001:db8:c:1::80 state established",
                "All there is to know of those with a peer.",
            ),
            (
                "shim6 context add local 2001:db8:a:1::7 peer 2001:db8:c:1::80",
                "Do not wait for traffic.",
            ),
            ("shim6 context explore 7", "Look for a path that works, now."),
            (
                "shim6 context switch 7 from 2001:db8:b:1::7 to 2001:db8:d:1::80",
                "Use the other providers.",
            ),
            ("shim6 context advise 7 that fails", "Do not wait for a timer: test the pair in use."),
            ("shim6 context show sockets", "Which connections each context carries, and whose."),
            ("shim6 context flush state e-failed", "Forget those whose peers did not answer."),
        ],
        act: context::act,
    },
    Object {
        name: "peer",
        about: "Hosts: whether they speak Shim6",
        verbs: &[
            Verb::new("show", "Show those that do not, and when they are asked again", &peer::SHOW).also("list"),
            Verb::new("check", "Ask one now", &peer::CHECK),
            Verb::new("flush", "Have all or one asked again", &peer::FLUSH),
        ],
        notes: nothing,
        examples: &[
            ("shim6 peer check 2001:db8:c:1::80", "Does this host speak Shim6?"),
            (
                "shim6 peer check 2001:db8:c:1::80 paths",
                "And if not: has it none, or does a path drop the header?",
            ),
            ("shim6 peer flush", "Forget who did not answer."),
        ],
        act: peer::act,
    },
    Object {
        name: "policy",
        about: "Rules: which packets start contexts, which addresses are locators, and who is told of them",
        verbs: &[
            Verb::new("show", "Show the rules in the order in which they are looked at", &policy::SHOW).also("list"),
            Verb::new("add", "Add a rule", &policy::ADD),
            Verb::new("del", "Remove a rule", &policy::DEL).also("delete"),
            Verb::new("flush", "Remove all rules", &policy::FLUSH),
        ],
        notes: policy::notes,
        examples: &[
            ("shim6 policy add never peer 2001:db8:5::/48", "No packet to these hosts starts a context."),
            (
                "shim6 policy add at-once protocol tcp peer-port 22 user 1000",
                "The first packet of this user's SSH does.",
            ),
            ("shim6 policy add after packets 100 time 30s order 2000", "What no rule before is about may wait."),
            ("shim6 policy add use-not local 2001:db8:1::/48", "Nothing of this provider's is a locator."),
            (
                "shim6 policy add tell-not local fd00::/8 peer 2001:db8:5::/48",
                "These hosts are not told of those addresses.",
            ),
        ],
        act: policy::act,
    },
    Object {
        name: "hba",
        about: "Sets of hash-based addresses (RFC 5535)",
        verbs: &[
            Verb::new("show", "Show the sets that are loaded, or that of a file", &hba::SHOW).also("list"),
            Verb::new("generate", "Make a set, and write it to a file", &hba::GENERATE),
            Verb::new("load", "Give a set to the kernel, and its addresses to interfaces", &hba::LOAD),
            Verb::new("verify", "Check the file of a set", &hba::VERIFY),
            Verb::new("remove", "Take a set from the kernel, and its addresses from interfaces", &hba::REMOVE).also("del"),
        ],
        notes: nothing,
        examples: &[
            (
                "shim6 hba generate 2001:db8:a:1::/64 2001:db8:b:1::/64 label home file /etc/shim6/home.hba",
                "Make a set for two providers' prefixes.",
            ),
            ("shim6 hba load /etc/shim6/home.hba", "Use it: addresses go where their prefixes are."),
            ("shim6 hba remove home", "Stop using it."),
        ],
        act: hba::act,
    },
    Object {
        name: "locator",
        about: "Local locators: the addresses of the sets that are loaded",
        verbs: &[
            Verb::new("show", "Show local locators", &locator::SHOW).also("list"),
            Verb::new("set", "Change the preference of one, and tell peers", &locator::SET),
            Verb::new("add", "Use one again that was withdrawn, and tell peers", &locator::ADD),
            Verb::new("del", "Withdraw one: peers are told not to use it", &locator::DEL).also("delete"),
        ],
        notes: nothing,
        examples: &[
            ("shim6 -d locator", "Each local locator with its status and preference."),
            (
                "shim6 locator set 2001:db8:b:1::7 priority 10 temporary on",
                "Peers use it after those of a lower priority.",
            ),
            ("shim6 locator del 2001:db8:b:1::7", "Keep traffic off it, as before work on its uplink."),
            ("shim6 locator add 2001:db8:b:1::7", "Use it again."),
        ],
        act: locator::act,
    },
    Object {
        name: "set",
        about: "Change settings, or show them",
        verbs: &[Verb::new("", "", &settings::GRAMMAR)],
        notes: settings::explanation,
        examples: &[
            ("shim6 set send-timeout 10s start-packets 4", "Change two settings, or none if one is wrong."),
            ("shim6 set show", "Every setting with its unit, bounds and default."),
            ("shim6 set send-timeout default", "Back to what the module came with."),
        ],
        act: |_, words, output| settings::act(words, output),
    },
    Object {
        name: "show",
        about: "Show settings: the same as set show",
        verbs: &[Verb::new("", "", &settings::SHOW)],
        notes: nothing,
        examples: &[("shim6 -d show send-timeout", "One setting, and what it means.")],
        act: |_, words, output| settings::show(words, output),
    },
    Object {
        name: "save",
        about: "Write the whole configuration: settings, policy, sets, preferences of locators",
        verbs: &[Verb::new("", "", &save::GRAMMAR)],
        notes: nothing,
        examples: &[
            ("shim6 save file /etc/shim6/shim6.conf", "Keep it for the next boot; see shim6.service."),
            ("shim6 save", "See what it is."),
        ],
        act: |_, words, output| save::act(words, output),
    },
    Object {
        name: "restore",
        about: "Put a whole configuration in place, all of it or nothing",
        verbs: &[Verb::new("", "", &restore::GRAMMAR)],
        notes: nothing,
        examples: &[
            ("shim6 restore /etc/shim6/shim6.conf", "Make everything as the file says."),
            ("shim6 restore /etc/shim6/shim6.conf check", "Only say whether the file is right."),
        ],
        act: |_, words, output| restore::act(words, output),
    },
    Object {
        name: "stats",
        about: "Statistics of the namespace",
        verbs: &[Verb::new("show", "Show statistics; -d explains them", &stats::SHOW).also("list")],
        notes: stats::explanation,
        examples: &[
            ("shim6 -d stats show drop", "What was dropped, and what each counter means."),
            (
                "shim6 stats show --prometheus",
                "For the text file collector of Prometheus' node exporter.",
            ),
        ],
        act: |_, words, output| stats::act(words, output),
    },
    Object {
        name: "monitor",
        about: "Print events as they happen, with their causes",
        verbs: &[Verb::new("", "", &monitor::GRAMMAR)],
        notes: nothing,
        examples: &[
            ("shim6 -ts monitor context", "What happens to contexts, with the time of the day."),
            ("shim6 -j monitor", "One JSON object on each line."),
        ],
        act: |_, words, output| monitor::act(words, output),
    },
    Object {
        name: "top",
        about: "Contexts, their paths, rates and events on the whole screen",
        verbs: &[Verb::new("", "", &top::GRAMMAR)],
        notes: top::explanation,
        examples: &[("shim6 top", "Look at it all; q ends it.")],
        act: |_, words, output| top::act(words, output),
    },
];
