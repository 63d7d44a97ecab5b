// SPDX-License-Identifier: GPL-2.0
//! The callbacks of the family's operations (`genl_family.c`), each a thin wrapper of a safe handler in
//! [`crate::netlink`].

use super::{bindings, genl::Request, genl_dump};
use crate::netlink::{
    config, context, context_act, context_dump::ContextDump, hba, hba::HbaDump, locator, locator::LocatorDump,
    locator_change, policy, policy::PolicyDump, stats,
};
use core::ffi::c_int;
use kernel::error::from_result;

/// Defines the callback of a "do".
macro_rules! do_handler {
    ($callback:ident, $handler:path) => {
        #[no_mangle]
        unsafe extern "C" fn $callback(skb: *mut bindings::sk_buff, info: *mut bindings::genl_info) -> c_int {
            // SAFETY: generic netlink hands valid pointers to a `doit`, and nobody writes to what they point at while
            // it runs but through the extended ACK's own pointer.
            let request = unsafe { Request::new(&*info, &*skb) };
            from_result(|| $handler(&request).map(|()| 0))
        }
    };
}

/// Defines the callbacks of a "dump".
macro_rules! dump_handler {
    ($start:ident, $dumpit:ident, $done:ident, $dump:ty) => {
        #[no_mangle]
        unsafe extern "C" fn $start(cb: *mut bindings::netlink_callback) -> c_int {
            // SAFETY: generic netlink hands a valid `cb` to a `start`.
            unsafe { genl_dump::start::<$dump>(cb) }
        }

        #[no_mangle]
        unsafe extern "C" fn $dumpit(skb: *mut bindings::sk_buff, cb: *mut bindings::netlink_callback) -> c_int {
            // SAFETY: generic netlink hands valid pointers to a `dumpit`, after a successful `start`, which is the one
            // above, as both are in one entry of the operations.
            unsafe { genl_dump::dumpit::<$dump>(skb, cb) }
        }

        #[no_mangle]
        unsafe extern "C" fn $done(cb: *mut bindings::netlink_callback) -> c_int {
            // SAFETY: generic netlink calls `done` once, after a successful `start`, which is the one above.
            unsafe { genl_dump::done::<$dump>(cb) }
        }
    };
}

do_handler!(shim6_nl_hba_load_doit, hba::load);
do_handler!(shim6_nl_hba_get_doit, hba::get);
do_handler!(shim6_nl_hba_del_doit, hba::del);
do_handler!(shim6_nl_context_add_doit, context::add);
do_handler!(shim6_nl_context_get_doit, context::get);
do_handler!(shim6_nl_context_del_doit, context::del);
do_handler!(shim6_nl_context_explore_doit, context_act::explore);
do_handler!(shim6_nl_locator_get_doit, locator::get);
do_handler!(shim6_nl_config_get_doit, config::get);
do_handler!(shim6_nl_config_set_doit, config::set);
do_handler!(shim6_nl_stats_get_doit, stats::get);
do_handler!(shim6_nl_locator_set_doit, locator_change::set);
do_handler!(shim6_nl_locator_add_doit, locator_change::add);
do_handler!(shim6_nl_locator_del_doit, locator_change::del);
do_handler!(shim6_nl_context_fork_doit, context::fork);
do_handler!(shim6_nl_context_flush_doit, context::flush);
do_handler!(shim6_nl_policy_add_doit, policy::add);
do_handler!(shim6_nl_policy_get_doit, policy::get);
do_handler!(shim6_nl_policy_del_doit, policy::del);
do_handler!(shim6_nl_policy_replace_doit, policy::replace);
do_handler!(shim6_nl_context_switch_doit, context_act::switch);
do_handler!(shim6_nl_context_probe_doit, context_act::probe);
do_handler!(shim6_nl_context_advise_doit, context_act::advise);

dump_handler!(shim6_nl_hba_get_start, shim6_nl_hba_get_dumpit, shim6_nl_hba_get_done, HbaDump);
dump_handler!(shim6_nl_context_get_start, shim6_nl_context_get_dumpit, shim6_nl_context_get_done, ContextDump);
dump_handler!(shim6_nl_locator_get_start, shim6_nl_locator_get_dumpit, shim6_nl_locator_get_done, LocatorDump);
dump_handler!(shim6_nl_policy_get_start, shim6_nl_policy_get_dumpit, shim6_nl_policy_get_done, PolicyDump);
