// SPDX-License-Identifier: GPL-2.0
//! The operation that shows the statistics.

use crate::{
    ffi::{genl::Request, uapi},
    stats::Counter,
};
use kernel::prelude::*;

/// `stats-get`.
pub(crate) fn get(request: &Request<'_>) -> Result {
    let net = request.net();
    let numbers = net.numbers();
    request.reply(uapi::SHIM6_CMD_STATS_GET, |message| {
        message.put_uint(uapi::SHIM6_A_STATS_CONTEXTS, u64::from(numbers.contexts))?;
        message.put_uint(uapi::SHIM6_A_STATS_HBA_SETS, u64::from(numbers.hba_sets))?;
        message.put_uint(uapi::SHIM6_A_STATS_LOCATORS, u64::from(numbers.locators))?;
        for counter in Counter::ALL {
            message.put_uint(*counter as u32, net.stats().sum(*counter))?;
        }
        Ok(())
    })
}
