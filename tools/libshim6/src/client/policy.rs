// SPDX-License-Identifier: MIT OR GPL-2.0
//! Requests about policy rules. All but those that show need CAP_NET_ADMIN.

use super::Client;
use crate::netlink::{Attributes, Payload};
use crate::spec::{self, command};
use crate::{Error, Listing, PolicyRule};

impl Client {
    /// The policy rules, in the order in which they are looked at.
    pub fn policy(&mut self) -> Result<Listing<PolicyRule>, Error> {
        self.list(
            command::POLICY_GET,
            &spec::POLICY,
            &Payload::default(),
            PolicyRule::read,
        )
    }

    /// The policy rule of a number.
    pub fn policy_rule(&mut self, id: u32) -> Result<PolicyRule, Error> {
        let answer = self.request_one(command::POLICY_GET, &spec::POLICY, &number(id))?;
        PolicyRule::read(Attributes::new(&answer))
    }

    /// Adds a policy rule, and returns its number. One like it that is there makes it fail
    /// ([`Error::is_there_already`]).
    pub fn add_policy_rule(&mut self, rule: &PolicyRule) -> Result<u32, Error> {
        let answer = self.request_one(command::POLICY_ADD, &spec::POLICY, &rule.payload())?;
        Attributes::new(&answer).required_u32(spec::policy::ID, "a policy rule without a number")
    }

    /// Removes the policy rule of a number.
    pub fn remove_policy_rule(&mut self, id: u32) -> Result<(), Error> {
        self.tell(command::POLICY_DEL, &spec::POLICY, &number(id))
    }

    /// Puts rules in the place of all that there are, or changes nothing.
    pub fn replace_policy(&mut self, rules: &[PolicyRule]) -> Result<(), Error> {
        let mut payload = Payload::default();
        for rule in rules {
            payload.put_nest(spec::policy::RULE, &rule.payload());
        }
        self.tell(command::POLICY_REPLACE, &spec::POLICY, &payload)
    }

    fn tell(
        &mut self,
        command: u8,
        set: &'static spec::AttributeSet,
        payload: &Payload,
    ) -> Result<(), Error> {
        self.family.request(command, set, payload).map(drop)
    }
}

fn number(id: u32) -> Payload {
    let mut payload = Payload::default();
    payload.put_u32(spec::policy::ID, id);
    payload
}
