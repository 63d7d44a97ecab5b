// SPDX-License-Identifier: GPL-2.0
//! `shim6 peer check ... paths`: the question over each path, that is from each local locator, beside a ping. A host without
//! Shim6 answers by an ICMPv6 error; where the ping is answered and Shim6 is not, something drops IPv6 header 140; where
//! neither is, the path carries nothing. Between addresses that have a context a Probe is the question.

use super::{ask, probe, remove, Asked};
use crate::failure::Failure;
use crate::json;
use crate::output::{Mood, Output};
use crate::show::time;
use libshim6::{ping, Answer, Client, ContextSelector, Pair};
use serde_json::{json, Value};
use std::net::Ipv6Addr;
use std::time::Duration;

/// How long an echo is waited for; it is asked for twice.
const ECHO: Duration = Duration::from_secs(1);

/// What came of the question over one path.
pub(super) struct Path {
    local: Ipv6Addr,
    answer: Answer,
    echo: Option<Duration>,
}

/// Asks over each path. `first` is what came of the first one.
pub(super) fn ask_all(
    client: &mut Client,
    first: &Asked,
    patience: Duration,
) -> Result<Vec<Path>, Failure> {
    let first_path = first.context.ulids;
    let answer = if first.over == first_path {
        first.answer
    } else {
        // The context has left this path, so that the answer came over another.
        probe(client, first.context.id, Some(first_path), patience)?.1
    };
    let mut paths = vec![Path {
        local: first_path.local,
        answer,
        echo: echo(first_path)?,
    }];
    let locators = client.locators()?.items;
    let others = locators
        .iter()
        .filter(|one| one.is_usable() && one.address != first_path.local);
    for locator in others {
        let ulids = Pair {
            local: locator.address,
            peer: first_path.peer,
        };
        let echo = echo(ulids)?;
        let answer = ask_once(client, ulids, patience)?;
        paths.push(Path {
            local: locator.address,
            answer,
            echo,
        });
    }
    Ok(paths)
}

/// Asks, and leaves no context behind that was not there.
fn ask_once(client: &mut Client, ulids: Pair, patience: Duration) -> Result<Answer, Failure> {
    let was_there = client.context(ContextSelector::Ulids(ulids, 0)).is_ok();
    let asked = ask(client, ulids, Some(ulids), patience)?;
    if !was_there {
        remove(client, asked.context.id)?;
    }
    Ok(asked.answer)
}

fn echo(pair: Pair) -> Result<Option<Duration>, Failure> {
    match ping(pair, ECHO)? {
        None => Ok(ping(pair, ECHO)?),
        echo => Ok(echo),
    }
}

impl Path {
    fn verdict(&self) -> &'static str {
        match (self.answer, self.echo) {
            (Answer::Yes, _) => "works",
            (Answer::No, _) => "no-shim6",
            (Answer::Silence | Answer::None, Some(_)) => "eaten",
            (Answer::Silence | Answer::None, None) => "dead",
        }
    }

    pub(super) fn to_json(&self) -> Value {
        let mut value = json!({
            "local": self.local.to_string(),
            "answer": json::answer(self.answer),
            "verdict": self.verdict(),
        });
        if let Some(echo) = self.echo {
            value["ping_ms"] = (echo.as_millis() as u64).into();
        }
        value
    }

    pub(super) fn to_text(&self, output: &Output) -> String {
        let (word, mood) = match self.verdict() {
            "works" => ("speaks Shim6", Mood::Good),
            "no-shim6" => ("no Shim6", Mood::Bad),
            "eaten" => (
                "no answer: header 140 is dropped by a firewall or on the path",
                Mood::Bad,
            ),
            _ => (
                "no answer: the path carries nothing, or the peer drops pings",
                Mood::Bad,
            ),
        };
        let echo = match self.echo {
            Some(echo) => format!("ping answered in {}", time(echo.as_millis() as u64)),
            None => "ping not answered".to_owned(),
        };
        format!(
            "path local {} {}, {echo}",
            self.local,
            output.paint(word, mood)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;

    fn path(answer: Answer, milliseconds: Option<u64>) -> Path {
        Path {
            local: Ipv6Addr::LOCALHOST,
            answer,
            echo: milliseconds.map(Duration::from_millis),
        }
    }

    #[test]
    fn a_host_without_shim6_an_eaten_header_and_a_dead_path_are_told_apart() {
        let verdicts = [
            (path(Answer::Yes, None), "works"),
            (path(Answer::No, Some(3)), "no-shim6"),
            (path(Answer::Silence, Some(3)), "eaten"),
            (path(Answer::None, Some(3)), "eaten"),
            (path(Answer::Silence, None), "dead"),
        ];
        for (path, verdict) in verdicts {
            assert_eq!(path.verdict(), verdict);
            assert_eq!(path.to_json()["verdict"], verdict);
        }
        let text = path(Answer::No, Some(3)).to_text(&Output::new(&Options::default()));
        assert_eq!(text, "path local ::1 no Shim6, ping answered in 0.003s");
    }
}
