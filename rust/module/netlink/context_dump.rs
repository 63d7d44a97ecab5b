// SPDX-License-Identifier: GPL-2.0
//! `context-get` of many: by number, with the control lock held for one context at a time.

use super::{context, context_select::Filter};
use crate::ffi::{
    genl::Request,
    genl_dump::{Dump, Page},
    uapi,
};
use crate::netns::Net;
use kernel::prelude::*;

/// A dump of contexts.
pub(crate) struct ContextDump {
    /// The number to go on with, at least; none when all are done.
    from: Option<u32>,
    filter: Filter,
    admin: bool,
}

impl Dump for ContextDump {
    const COMMAND: u32 = uapi::SHIM6_CMD_CONTEXT_GET;

    fn start(request: &Request<'_>) -> Result<KBox<Self>> {
        let dump = ContextDump { from: Some(1), filter: Filter::of(request)?, admin: request.is_admin() };
        Ok(KBox::new(dump, GFP_KERNEL)?)
    }

    fn generation(net: &Net) -> u32 {
        net.generation()
    }

    fn page(&mut self, net: &Net, page: &mut Page<'_>) -> Result {
        while let Some(from) = self.from {
            let written: Option<Result<u32>> = net.with_context_from(from, |view| {
                if self.filter.admits(view) {
                    page.message(|message| context::put(message, view, self.admin))?;
                }
                Ok(view.id)
            });
            // What did not fit comes first in the next buffer.
            let Some(id) = written.transpose()? else {
                self.from = None;
                break;
            };
            self.from = id.checked_add(1);
            // Where the filter lets few through, a page is a walk over all of them.
            net.share().rest();
        }
        Ok(())
    }
}
