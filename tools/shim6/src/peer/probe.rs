// SPDX-License-Identifier: GPL-2.0
//! A Probe over one locator pair of an established context (RFC 5534 section 5.2): between hosts that have a context there is
//! no exchange to begin, and that they had one says nothing of the path now.

use super::LOOK;
use crate::failure::Failure;
use libshim6::spec::{ContextState, PairRole};
use libshim6::{Answer, Client, Context, ContextSelector, Pair, WatchedPair};
use nix::libc;
use std::time::{Duration, Instant};

/// How many Probes in a row must be lost.
const TRIES: u32 = 2;

/// What is known of a Probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It was answered.
    Answered,
    /// It was not, in the time that an answer takes.
    Lost,
    /// Neither yet.
    Open,
    /// What is known is of an earlier one: the context is exploring, and sends no other Probes.
    NotSent,
    /// The context is established no more, and the exchange says so much.
    Other(Answer),
}

/// Probes over a pair of a context, that in use if none is given, until one is answered or so many are lost. Returns the pair
/// with what came of it.
pub(super) fn probe(
    client: &mut Client,
    id: u32,
    wanted: Option<Pair>,
    patience: Duration,
) -> Result<(Pair, Answer), Failure> {
    let end = Instant::now() + patience;
    let mut lost = 0;
    loop {
        let context = client.context(ContextSelector::Id(id))?;
        let pair = wanted.or(context.current).unwrap_or(context.ulids);
        match send(client, &context, pair, end)? {
            Fate::Answered => return Ok((pair, Answer::Yes)),
            Fate::Other(answer) => return Ok((pair, answer)),
            Fate::Lost => lost += 1,
            Fate::Open | Fate::NotSent => {}
        }
        if lost == TRIES || Instant::now() >= end {
            let answer = if lost > 0 {
                Answer::Silence
            } else {
                Answer::None
            };
            return Ok((pair, answer));
        }
        std::thread::sleep(LOOK);
    }
}

/// Sends one, and waits for what comes of it.
fn send(client: &mut Client, before: &Context, pair: Pair, end: Instant) -> Result<Fate, Failure> {
    if before.state != ContextState::Established {
        return Ok(Fate::Other(before.answer()));
    }
    let which = ContextSelector::Id(before.id);
    let begin = Instant::now();
    match client.probe(which, Some(pair)) {
        // Nothing can leave from there, or the peer has not told that it is there.
        Err(error) if error.errno() == Some(libc::EADDRNOTAVAIL) => {
            return Ok(Fate::Other(Answer::None))
        }
        // It may have lost the context between the two requests.
        Err(error) if error.errno() == Some(libc::EINVAL) => return Ok(Fate::NotSent),
        result => result?,
    }
    let mut is_first = true;
    loop {
        let context = client.context(which)?;
        if context.state != ContextState::Established {
            return Ok(Fate::Other(context.answer()));
        }
        let is_ours = |one: &&WatchedPair| one.role == PairRole::Asked && one.pair == pair;
        let asked = context.pairs.iter().find(is_ours);
        let fate = fate(asked, begin.elapsed(), is_first);
        if fate != Fate::Open || Instant::now() >= end {
            return Ok(fate);
        }
        is_first = false;
        std::thread::sleep(LOOK);
    }
}

/// What a context tells of a Probe, `age` after it was asked for. One that was sent replaces what was known of an earlier
/// one, and no Probe is lost by the first look.
fn fate(asked: Option<&WatchedPair>, age: Duration, is_first: bool) -> Fate {
    let Some(asked) = asked else {
        return Fate::NotSent;
    };
    match (asked.good_age, asked.lost) {
        (Some(good), _) if u128::from(good) <= age.as_millis() => Fate::Answered,
        (None, 0) => Fate::Open,
        (None, _) if !is_first => Fate::Lost,
        _ => Fate::NotSent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv6Addr;

    #[test]
    fn what_is_known_of_an_earlier_probe_is_not_taken_for_an_answer() {
        let asked = |good_age, lost| WatchedPair {
            pair: Pair {
                local: Ipv6Addr::LOCALHOST,
                peer: Ipv6Addr::LOCALHOST,
            },
            role: PairRole::Asked,
            good_age,
            lost,
            round_trip: None,
        };
        let age = Duration::from_millis(70);
        for (asked, is_first, expected) in [
            (None, true, Fate::NotSent),
            (Some(asked(None, 0)), true, Fate::Open),
            (Some(asked(None, 0)), false, Fate::Open),
            (Some(asked(Some(70), 0)), true, Fate::Answered),
            (Some(asked(Some(71), 0)), true, Fate::NotSent),
            (Some(asked(None, 1)), true, Fate::NotSent),
            (Some(asked(None, 1)), false, Fate::Lost),
        ] {
            assert_eq!(fate(asked.as_ref(), age, is_first), expected, "{asked:?}");
        }
    }
}
