// SPDX-License-Identifier: GPL-2.0
//! What `shim6 top` knows: the contexts in their order, how fast each sends and receives, and what happened last.

use libshim6::spec::{counters, Cause, ContextState, Enumeration, ReapState};
use libshim6::{Context, Pair};
use std::collections::{HashMap, VecDeque};
use std::time::Instant;

/// How many events are kept.
const EVENTS: usize = 200;

/// Octets in one second, of packets that were switched.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rate {
    pub(super) tx: f64,
    pub(super) rx: f64,
}

/// What is seen of a context on its line, with its rate. There may be very many.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: u32,
    pub(super) state: ContextState,
    pub(super) reap_state: Option<ReapState>,
    pub(super) ulids: Pair,
    /// The locators in use, if they are others.
    pub(super) path: Option<Pair>,
    pub(super) switch_cause: Option<Cause>,
    pub(super) switch_age: Option<u64>,
    pub(super) outage: Option<u64>,
    pub(super) rate: Rate,
    octets: [u64; 2],
}

impl Row {
    pub(super) fn of(context: &Context) -> Row {
        Row {
            id: context.id,
            state: context.state,
            reap_state: context.reap_state,
            ulids: context.ulids,
            path: context.current.filter(|_| context.is_switched()),
            switch_cause: context.switch_cause,
            switch_age: context.switch_age,
            outage: context.outage,
            rate: Rate::default(),
            octets: [counters::TX_OCTETS, counters::RX_OCTETS].map(|which| context.counter(which)),
        }
    }
}

/// By what contexts are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    /// Those in trouble first.
    #[default]
    State,
    /// The fastest first.
    Rate,
    /// The last to switch first.
    Switch,
    /// By their numbers.
    Number,
}

impl Order {
    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Order::State => "state",
            Order::Rate => "rate",
            Order::Switch => "switch",
            Order::Number => "number",
        }
    }

    fn next(self) -> Order {
        match self {
            Order::State => Order::Rate,
            Order::Rate => Order::Switch,
            Order::Switch => Order::Number,
            Order::Number => Order::State,
        }
    }
}

/// What is known.
#[derive(Debug, Default)]
pub(super) struct Board {
    pub(super) rows: Vec<Row>,
    pub(super) events: VecDeque<String>,
    pub(super) order: Order,
    pub(super) is_paused: bool,
    pub(super) has_details: bool,
    /// The details of the context that is chosen.
    pub(super) details: Vec<String>,
    /// The number of the context that is chosen.
    chosen: Option<u32>,
    /// When it was looked at, and what each context had sent and received then.
    before: Option<(Instant, HashMap<u32, [u64; 2]>)>,
}

impl Board {
    /// Takes the contexts as they are at a time.
    pub(super) fn update(&mut self, rows: Vec<Row>, now: Instant) {
        let seen = rows.iter().map(|row| (row.id, row.octets)).collect();
        let before = self.before.replace((now, seen));
        let rate = |row: &Row| {
            let (then, seen) = before.as_ref()?;
            let [tx, rx] = *seen.get(&row.id)?;
            let seconds = now.saturating_duration_since(*then).as_secs_f64();
            let [new_tx, new_rx] = row.octets;
            (seconds > 0.0).then(|| Rate {
                tx: new_tx.saturating_sub(tx) as f64 / seconds,
                rx: new_rx.saturating_sub(rx) as f64 / seconds,
            })
        };
        self.rows = rows;
        for row in &mut self.rows {
            row.rate = rate(row).unwrap_or_default();
        }
        self.sort();
        if self.chosen_row().is_none() {
            self.chosen = self.rows.first().map(|row| row.id);
        }
    }

    fn sort(&mut self) {
        let key = |row: &Row| row.id;
        self.rows.sort_by_key(key);
        match self.order {
            Order::Number => {}
            Order::State => self.rows.sort_by_key(|row| {
                let is_well = row.state == ContextState::Established;
                let reap = row.reap_state.and_then(Enumeration::number);
                (std::cmp::Reverse(reap), is_well)
            }),
            Order::Rate => self.rows.sort_by(|one, other| {
                let sum = |row: &Row| row.rate.tx + row.rate.rx;
                sum(other).total_cmp(&sum(one))
            }),
            Order::Switch => self
                .rows
                .sort_by_key(|row| row.switch_age.unwrap_or(u64::MAX)),
        }
    }

    /// Orders by the next thing.
    pub(super) fn sort_otherwise(&mut self) {
        self.order = self.order.next();
        self.sort();
    }

    /// Remembers what happened.
    pub(super) fn happened(&mut self, sentence: String) {
        self.events.push_back(sentence);
        if self.events.len() > EVENTS {
            self.events.pop_front();
        }
    }

    /// The row that is chosen.
    pub(super) fn chosen_row(&self) -> Option<usize> {
        self.rows.iter().position(|row| Some(row.id) == self.chosen)
    }

    /// Chooses the row so many below, or above if it is negative.
    pub(super) fn choose(&mut self, step: isize) {
        let last = self.rows.len().saturating_sub(1);
        let now = self.chosen_row().unwrap_or(0);
        let row = self.rows.get(now.saturating_add_signed(step).min(last));
        self.chosen = row.map(|row| row.id);
    }

    /// The context whose details are to be seen.
    pub(super) fn described(&self) -> Option<u32> {
        self.chosen.filter(|_| self.has_details)
    }

    /// How many contexts there are, and in what states.
    pub(super) fn summary(&self) -> String {
        let mut counts: Vec<(&'static str, usize)> = Vec::new();
        let mut count = |name| match counts.iter_mut().find(|(one, _)| *one == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        };
        for row in &self.rows {
            count(row.state.name());
            if let Some(reap) = row.reap_state.filter(|reap| reap.number() != Some(0)) {
                count(reap.name());
            }
            if row.path.is_some() {
                count("on other locators");
            }
        }
        let told: Vec<_> = counts
            .iter()
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        format!("contexts {}  {}", self.rows.len(), told.join(", "))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::time::Duration;

    /// What is seen of contexts.
    pub(crate) fn rows(contexts: &[Context]) -> Vec<Row> {
        contexts.iter().map(Row::of).collect()
    }

    /// An established context that has switched, if it has sent anything.
    pub(crate) fn context(id: u32, tx_octets: u64) -> Context {
        let pair = |local: &str, peer: &str| Pair {
            local: local.parse().expect("an address"),
            peer: peer.parse().expect("an address"),
        };
        let ulids = pair("2001:db8:a:1::7", "2001:db8:c:1::80");
        let is_switched = tx_octets > 0;
        Context {
            id,
            state: ContextState::Established,
            ulids,
            fii: 0,
            role: None,
            tag_local: None,
            tag_peer: None,
            current: Some(if is_switched {
                pair("2001:db8:b:1::7", "2001:db8:d:1::80")
            } else {
                ulids
            }),
            previous: None,
            locators_local: Vec::new(),
            locators_peer: Vec::new(),
            reap_state: Some(ReapState::Operational),
            event: None,
            cause: None,
            switch_cause: is_switched.then_some(Cause::SendTimeout),
            created_age: None,
            state_age: None,
            switch_age: is_switched.then_some(5000),
            rx_age: None,
            tx_age: None,
            outage: is_switched.then_some(1500),
            timers: Vec::new(),
            counters: vec![(counters::TX_OCTETS, tx_octets)],
            keepalive_timeout: None,
            retries: 0,
            hba_id: None,
            switches: Vec::new(),
            pairs: Vec::new(),
            round_trip: None,
        }
    }

    #[test]
    fn rates_are_differences_over_time() {
        let mut board = Board::default();
        let begin = Instant::now();
        board.update(rows(&[context(1, 1000), context(2, 0)]), begin);
        assert_eq!(board.rows[0].rate, Rate::default());
        let later = begin + Duration::from_secs(2);
        board.update(
            rows(&[context(1, 5000), context(2, 0), context(3, 9)]),
            later,
        );
        let rates: Vec<_> = board.rows.iter().map(|row| row.rate.tx).collect();
        assert_eq!(rates, [2000.0, 0.0, 0.0], "a new one has no rate yet");
    }

    #[test]
    fn those_in_trouble_come_first_and_the_choice_stays_with_its_context() {
        let mut board = Board::default();
        let mut sick = context(2, 0);
        sick.reap_state = Some(ReapState::Exploring);
        let now = Instant::now();
        board.update(rows(&[context(1, 10), context(2, 0)]), now);
        assert_eq!(board.chosen_row(), Some(0));
        board.update(rows(&[context(1, 10), sick]), now);
        assert_eq!(board.rows[0].id, 2);
        assert_eq!(board.chosen_row(), Some(1));
        board.choose(1);
        assert_eq!(board.chosen_row(), Some(1), "the last one");
        board.choose(-9);
        assert_eq!(board.chosen_row(), Some(0));
        assert_eq!(board.described(), None);
        board.has_details = true;
        assert_eq!(board.described(), Some(2));
        board.update(Vec::new(), now);
        assert_eq!(board.chosen_row(), None);
    }

    #[test]
    fn old_events_are_forgotten() {
        let mut board = Board::default();
        for number in 0..EVENTS + 5 {
            board.happened(number.to_string());
        }
        assert_eq!(board.events.len(), EVENTS);
        assert_eq!(board.events.front().map(String::as_str), Some("5"));
    }
}
