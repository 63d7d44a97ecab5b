// SPDX-License-Identifier: GPL-2.0
//! The man pages, made from the table of objects, the options and the control interface's specification, so that they say
//! what the command does: `shim6(8)`, and `shim6-OBJECT(8)` for each object.

use crate::command::{Opt, EXIT_STATUS, OPTIONS};
use crate::grammar::Grammar;
use crate::top;
use crate::tree::{Object, Verb, OBJECTS};
use libshim6::spec::{self, AttributeSet};
use roff::{bold, italic, roman, Inline, Roff};

/// The section of commands for administrators.
const SECTION: &str = "8";

/// When what the pages say last changed.
const DATE: &str = "2026-11-25";

/// Files, for people.
const FILES: [(&str, &str); 3] = [
    (
        "/etc/shim6/shim6.conf",
        "The configuration that shim6.service restores when the host comes up; shim6-save(8) writes it.",
    ),
    (
        "/etc/shim6/*.hba",
        "HBA sets, as shim6-hba(8) generates them. A set that is lost cannot be made again.",
    ),
    (
        "/run/netns/*",
        "Network namespaces of ip-netns(8), for the option -netns.",
    ),
];

/// A page: the name of its file, and its text.
pub struct Page {
    /// The name of its file, as `shim6-hba.8`.
    pub file: String,
    /// Its text, for troff.
    pub text: String,
}

/// Every page.
pub fn pages() -> Vec<Page> {
    let main = Page {
        file: format!("shim6.{SECTION}"),
        text: main_page(),
    };
    let of_object = |object: &'static Object| Page {
        file: format!("shim6-{}.{SECTION}", object.name),
        text: object_page(object),
    };
    std::iter::once(main)
        .chain(OBJECTS.iter().map(of_object))
        .collect()
}

/// A page while it is written.
struct Writer(Roff);

impl Writer {
    fn new(name: &str, about: &str) -> Writer {
        let mut page = Writer(Roff::new());
        let version = format!("shim6 {}", env!("CARGO_PKG_VERSION"));
        let title = name.to_uppercase();
        page.0
            .control("TH", [title.as_str(), SECTION, DATE, &version, "Shim6"]);
        page.section("NAME");
        page.text([roman(format!("{name} - ")), roman(about)]);
        page
    }

    fn section(&mut self, title: &str) {
        self.0.control("SH", [title]);
    }

    fn subsection(&mut self, title: &str) {
        self.0.control("SS", [title]);
    }

    fn text(&mut self, inlines: impl Into<Vec<Inline>>) {
        self.0.text(inlines);
    }

    /// A term, and under it what it means.
    fn entry(&mut self, term: impl Into<Vec<Inline>>, meaning: &str) {
        self.0.control("TP", []);
        self.0.text(term);
        self.0.text([roman(meaning)]);
    }

    fn examples(&mut self, objects: &[&Object]) {
        self.section("EXAMPLES");
        for (line, meaning) in objects.iter().flat_map(|object| object.examples) {
            self.entry([bold(*line)], meaning);
        }
    }

    fn exit_status(&mut self) {
        self.section("EXIT STATUS");
        for (status, meaning) in EXIT_STATUS {
            self.entry([bold(status)], meaning);
        }
    }

    fn see_also(&mut self, pages: &[String]) {
        self.section("SEE ALSO");
        let mut inlines = Vec::new();
        for (index, page) in pages.iter().enumerate() {
            if index > 0 {
                inlines.push(roman(", "));
            }
            inlines.push(bold(page.as_str()));
            inlines.push(roman(format!("({SECTION})")));
        }
        inlines.push(roman(", RFC 5533, RFC 5534, RFC 5535"));
        self.text(inlines);
    }

    /// The synopsis of a verb: its literal words bold, the others in italics.
    fn synopsis(&mut self, grammar: &Grammar) {
        let mut inlines = vec![bold(format!("shim6 {}", grammar.verb))];
        for word in grammar.usage().split_inclusive(' ') {
            inlines.push(roman(if inlines.len() == 1 { " " } else { "" }));
            inlines.push(marked(word));
        }
        self.text(inlines);
    }

    fn end(self) -> String {
        self.0.render()
    }
}

/// A word of a usage line: placeholders are in capitals.
fn marked(word: &str) -> Inline {
    let is_placeholder = word.chars().any(|c| c.is_ascii_uppercase());
    if is_placeholder {
        italic(word)
    } else {
        bold(word)
    }
}

fn main_page() -> String {
    let mut page = Writer::new("shim6", "control of Shim6 (RFC 5533)");
    page.section("SYNOPSIS");
    page.text([
        bold("shim6"),
        roman(" [ "),
        italic("OPTIONS"),
        roman(" ] "),
        italic("OBJECT"),
        roman(" { "),
        italic("VERB"),
        roman(" | "),
        bold("help"),
        roman(" }"),
    ]);
    page.0.control("PP", []);
    page.text([
        bold("shim6"),
        roman(" [ "),
        bold("-force"),
        roman(" ] "),
        bold("-batch"),
        roman(" "),
        italic("FILE"),
    ]);
    page.section("DESCRIPTION");
    page.text([roman(
        "Shim6 keeps the connections of a host with several providers alive when a provider fails: the kernel module \
         shim6 moves them to another pair of addresses, and programs go on with the addresses they know. This command \
         shows what the module does, and changes it. It works in one network namespace. Everybody may look; changes need \
         CAP_NET_ADMIN. Objects, verbs, keywords and options may be abbreviated while they stay unambiguous.",
    )]);
    page.section("OPTIONS");
    for option in &OPTIONS {
        page.entry(option_term(option), &sentence(option.help));
    }
    page.section("OBJECTS");
    for object in OBJECTS {
        page.entry(
            [bold(object.name)],
            &format!("{}; see shim6-{}({SECTION}).", object.about, object.name),
        );
    }
    page.examples(&OBJECTS.iter().collect::<Vec<_>>());
    page.exit_status();
    page.section("FILES");
    for (path, meaning) in FILES {
        page.entry([italic(path)], meaning);
    }
    page.section("ENVIRONMENT");
    page.entry(
        [bold("NO_COLOR")],
        "If it is set, there are no colours, unless -color=always is given.",
    );
    let others: Vec<_> = OBJECTS
        .iter()
        .map(|object| format!("shim6-{}", object.name))
        .chain(["ip".to_owned()])
        .collect();
    page.see_also(&others);
    page.end()
}

/// An option as `ip` writes it, with its letter.
fn option_term(option: &Opt) -> Vec<Inline> {
    let name = if option.name == "version" {
        "Version"
    } else {
        option.name
    };
    let mut term = Vec::new();
    if let Some(short) = option.short {
        term.push(bold(format!("-{short}")));
        term.push(roman(", "));
    }
    term.push(bold(format!("-{name}")));
    match option.name {
        "color" => term.extend([roman("[="), italic(option.value), roman("]")]),
        _ if option.value.is_empty() => {}
        _ => term.extend([roman(" "), italic(option.value)]),
    }
    term
}

fn object_page(object: &Object) -> String {
    let name = format!("shim6-{}", object.name);
    let mut page = Writer::new(&name, object.about);
    page.section("SYNOPSIS");
    for (index, verb) in object.verbs.iter().enumerate() {
        if index > 0 {
            page.0.control("PP", []);
        }
        page.synopsis(verb.grammar);
    }
    page.section("DESCRIPTION");
    for verb in object.verbs {
        describe(&mut page, verb);
    }
    let attributes = match object.name {
        "set" | "show" => Some(("SETTINGS", &spec::CONFIG)),
        "stats" => Some(("STATISTICS", &spec::STATS)),
        _ => None,
    };
    if let Some((title, attributes)) = attributes {
        page.section(title);
        list(&mut page, attributes);
    }
    match object.name {
        "policy" => {
            page.section("RULES");
            for (index, paragraph) in (object.notes)().lines().enumerate() {
                if index > 0 {
                    page.0.control("PP", []);
                }
                page.text([roman(paragraph)]);
            }
        }
        "top" => {
            page.section("KEYS");
            for (key, meaning) in top::KEYS {
                page.entry([bold(key)], &sentence(meaning));
            }
        }
        _ => {}
    }
    page.examples(&[object]);
    page.exit_status();
    page.see_also(&["shim6".to_owned()]);
    page.end()
}

fn describe(page: &mut Writer, verb: &Verb) {
    if !verb.name.is_empty() {
        page.subsection(verb.grammar.verb);
        let also = verb
            .alias
            .map(|alias| format!(" Also {alias}."))
            .unwrap_or_default();
        page.text([roman(format!("{}{also}", sentence(verb.about)))]);
    }
    if let Some(plain) = verb.grammar.plain {
        page.entry([italic(plain.name)], &sentence(plain.help));
    }
    for keyword in verb.grammar.keywords {
        let mut term = vec![bold(keyword.name)];
        if !keyword.value.is_empty() {
            term.extend([roman(" "), italic(keyword.value)]);
        }
        page.entry(term, &sentence(keyword.help));
    }
}

fn list(page: &mut Writer, attributes: &AttributeSet) {
    page.text([roman(attributes.doc)]);
    for attribute in attributes.attributes {
        let mut term = vec![bold(attribute.name)];
        if let Some(max) = attribute.max {
            let min = attribute.min.unwrap_or(0);
            term.push(roman(format!(" ({min} to {max})")));
        }
        page.entry(term, attribute.doc);
    }
}

/// A text with its full stop.
fn sentence(text: &str) -> String {
    if text.ends_with('.') || text.is_empty() {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}
