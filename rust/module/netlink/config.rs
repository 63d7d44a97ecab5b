// SPDX-License-Identifier: GPL-2.0
//! Settings in messages, and the operations that show and change them.

use crate::{
    events,
    ffi::{genl::Request, genl_message::Builder, uapi},
    settings::{Refused, Setting, Settings},
};
use kernel::prelude::*;

/// `config-get`.
pub(crate) fn get(request: &Request<'_>) -> Result {
    let settings = request.net().settings();
    request.reply(uapi::SHIM6_CMD_CONFIG_GET, |message| put(message, &settings))
}

/// `config-set`: all values given, or none.
pub(crate) fn set(request: &Request<'_>) -> Result {
    let net = request.net();
    net.change_settings(|settings| change(request, settings))?;
    events::config(net);
    Ok(())
}

/// Writes the values that a request gives over the ones there are, and checks the whole.
fn change(request: &Request<'_>, settings: &mut Settings) -> Result {
    let mut given = false;
    for setting in Setting::ALL {
        if let Some(attr) = request.attr(*setting as u32) {
            given = true;
            settings.set(*setting, attr.u32()?).map_err(|why| refuse(request, why))?;
        }
    }
    if !given {
        return Err(request.refuse(None, EINVAL, format_args!("no setting is given")));
    }
    settings.check_together().map_err(|why| refuse(request, why))
}

/// Says what is wrong with a value.
fn refuse(request: &Request<'_>, why: Refused) -> Error {
    match why {
        Refused::OutOfRange(setting) => {
            let about = setting.description();
            request.refuse(
                request.attr(setting as u32),
                ERANGE,
                format_args!("{} takes {} to {} {}", about.name, about.min, about.max, about.unit.name()),
            )
        }
        Refused::LargerThan(small, large) => {
            let attr = request.attr(small as u32).or(request.attr(large as u32));
            let (small, large) = (small.description().name, large.description().name);
            request.refuse(attr, EINVAL, format_args!("{small} may not be larger than {large}"))
        }
    }
}

/// Writes all settings.
pub(crate) fn put(message: &mut Builder<'_>, settings: &Settings) -> Result {
    for setting in Setting::ALL {
        message.put_u32(*setting as u32, settings.get(*setting))?;
    }
    Ok(())
}
