// SPDX-License-Identifier: GPL-2.0
//! Routers: contexts whose pair has lost its route, or whose router does not answer, are told (RFC 5534 sections 3.2 and
//! 4.1).

use crate::{netlink::view::Select, netns::Net};
use shim6_core::engine::{Advice, Cause};

impl Net {
    /// A neighbour does not answer, or a route was withdrawn. In atomic context.
    pub(crate) fn router_lost(&self) {
        if self.contexts() != 0 && self.heeds_routers() {
            self.ask_for_routers();
        }
    }

    /// Looks at the way out of all contexts that carry traffic. Sleeps.
    pub(crate) fn look_at_routers(&self) {
        let mut id = 0;
        while let Some(next) = self.next_context(id) {
            id = next;
            self.share().rest();
            let pair = self.with_context(&Select::Id(id), |view| {
                let recently = view.context.reap().check_delay(&view.settings.protocol());
                (view.context.is_up() && view.now.since(view.notes.last()) <= recently).then(|| view.context.pair())
            });
            if pair.flatten().is_some_and(|pair| !self.share().has_router(&pair)) {
                self.engine_for(id, |engine, now| engine.advice(now, id, Advice::Suspect(Cause::RouterLost)));
            }
        }
    }
}
