// SPDX-License-Identifier: GPL-2.0
//! What scenarios say: KTAP lines, counted.

/// One line, as far as the count is concerned.
#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    /// A check that held.
    Passed,
    /// A check that did not.
    Failed(String),
    /// A check that could not be made here.
    Skipped,
    /// The plan: how many checks there were to be.
    Plan(u32),
    /// Anything else.
    Other,
}

/// Reads one line.
pub fn read(line: &str) -> Said {
    if let Some(rest) = line.strip_prefix("not ok ") {
        return Said::Failed(description(rest).to_owned());
    }
    if let Some(rest) = line.strip_prefix("ok ") {
        return if rest.contains("# SKIP") {
            Said::Skipped
        } else {
            Said::Passed
        };
    }
    match line.strip_prefix("1..").and_then(|n| n.parse().ok()) {
        Some(n) => Said::Plan(n),
        None => Said::Other,
    }
}

fn description(rest: &str) -> &str {
    rest.trim_start_matches(|c: char| c.is_ascii_digit())
        .trim_start_matches([' ', '-'])
}

/// The sum over a scenario, or over all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Checks that held.
    pub passed: u32,
    /// Descriptions of those that did not.
    pub failed: Vec<String>,
    /// Checks that could not be made.
    pub skipped: u32,
    plan: Option<u32>,
}

impl Tally {
    /// Counts a line.
    pub fn take(&mut self, line: &str) {
        match read(line) {
            Said::Passed => self.passed += 1,
            Said::Failed(what) => self.failed.push(what),
            Said::Skipped => self.skipped += 1,
            Said::Plan(n) => self.plan = Some(n),
            Said::Other => {}
        }
    }

    /// A scenario is over: without a plan that fits its checks it did not come to its end.
    pub fn close(&mut self) {
        let seen = self.passed + self.failed.len() as u32 + self.skipped;
        if self.plan.take() != Some(seen) {
            self.failed
                .push("came to its end with all its checks".to_owned());
        }
    }

    /// Adds another's counts, its failures under its name.
    pub fn add(&mut self, name: &str, other: &Tally) {
        self.passed += other.passed;
        self.skipped += other.skipped;
        self.failed
            .extend(other.failed.iter().map(|what| format!("{name}: {what}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(text: &str) -> Tally {
        let mut tally = Tally::default();
        text.lines().for_each(|line| tally.take(line));
        tally.close();
        tally
    }

    #[test]
    fn counts_each_kind() {
        let t = tally(
            "KTAP version 1\nok 1 - a\nnot ok 2 - b is c\n#   said\nok 3 - d # SKIP no card\n1..3",
        );
        assert_eq!(
            (t.passed, t.skipped, t.failed.as_slice()),
            (1, 1, &["b is c".to_owned()][..])
        );
    }

    #[test]
    fn a_scenario_that_stops_half_way_has_failed() {
        assert_eq!(tally("ok 1 - a").failed.len(), 1);
        assert_eq!(tally("ok 1 - a\n1..2").failed.len(), 1);
        assert_eq!(tally("").failed.len(), 1);
    }
}
