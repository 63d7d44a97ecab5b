// SPDX-License-Identifier: GPL-2.0
//! The settings of a namespace: their names, units, bounds and defaults.
//!
//! Each has the number of its attribute in the attribute set `config` of `include/netlink/shim6.yaml`. Values are held
//! in the unit the attribute has. A change is checked as a whole: either all of it is taken, or nothing.

use crate::ffi::uapi;

/// What a setting's value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Packets.
    Packets,
    /// Things of the kind that the setting's name says.
    Count,
    /// Messages a second.
    PerSecond,
}

impl Unit {
    /// The word for the unit in a sentence.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Unit::Milliseconds => "milliseconds",
            Unit::Seconds => "seconds",
            Unit::Packets => "packets",
            Unit::Count => "in number",
            Unit::PerSecond => "a second",
        }
    }
}

/// What is known of a setting besides its value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Description {
    /// The name in the specification and on the command line.
    pub(crate) name: &'static str,
    /// The smallest value accepted.
    pub(crate) min: u32,
    /// The largest value accepted.
    pub(crate) max: u32,
    /// The value at the namespace's start.
    pub(crate) default: u32,
    /// What the value counts.
    pub(crate) unit: Unit,
}

macro_rules! settings {
    ($($(#[doc = $help:literal])+ $field:ident / $variant:ident = $attribute:ident, $name:literal,
       $min:literal ..= $max:literal, $default:literal, $unit:ident;)+) => {
        /// A setting; the value is the number of its attribute.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        pub(crate) enum Setting {
            $($(#[doc = $help])+ $variant = uapi::$attribute as u16,)+
        }

        impl Setting {
            /// Every setting, in the order of the attributes.
            pub(crate) const ALL: &'static [Setting] = &[$(Setting::$variant,)+];

            /// Name, bounds, default and unit.
            pub(crate) const fn description(self) -> Description {
                match self {
                    $(Setting::$variant => Description {
                        name: $name,
                        min: $min,
                        max: $max,
                        default: $default,
                        unit: Unit::$unit,
                    },)+
                }
            }
        }

        /// The values of all settings of one namespace.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) struct Settings {
            $($(#[doc = $help])+ pub(crate) $field: u32,)+
        }

        impl Settings {
            /// The values a new namespace starts with.
            pub(crate) const DEFAULT: Settings = Settings {
                $($field: Setting::$variant.description().default,)+
            };

            /// The value of one setting.
            pub(crate) const fn get(&self, setting: Setting) -> u32 {
                match setting {
                    $(Setting::$variant => self.$field,)+
                }
            }

            /// Sets one value that is known to lie within its bounds.
            fn put(&mut self, setting: Setting, value: u32) {
                match setting {
                    $(Setting::$variant => self.$field = value,)+
                }
            }
        }
    };
}

settings! {
    /// Packets between a pair of addresses after which a context is established; 0: never by number.
    start_packets / StartPackets = SHIM6_A_CONFIG_START_PACKETS, "start-packets",
        0..=1_000_000, 10, Packets;
    /// Time a pair of addresses must have been talking before a context is established; 0: never by time.
    start_time / StartTime = SHIM6_A_CONFIG_START_TIME, "start-time",
        0..=86_400_000, 5_000, Milliseconds;
    /// The most contexts the namespace holds; more are refused.
    contexts_max / ContextsMax = SHIM6_A_CONFIG_CONTEXTS_MAX, "contexts-max",
        0..=16_777_216, 1_048_576, Count;
    /// Time without use after which a context is discarded.
    idle_timeout / IdleTimeout = SHIM6_A_CONFIG_IDLE_TIMEOUT, "idle-timeout",
        10..=604_800, 600, Seconds;
    /// REAP's Send Timeout: how long packets may go out unanswered (RFC 5534 section 7: 15 s).
    send_timeout / SendTimeout = SHIM6_A_CONFIG_SEND_TIMEOUT, "send-timeout",
        500..=600_000, 15_000, Milliseconds;
    /// REAP's Keepalive Timeout, which peers are told (RFC 5534 section 7: 15 s).
    keepalive_timeout / KeepaliveTimeout = SHIM6_A_CONFIG_KEEPALIVE_TIMEOUT, "keepalive-timeout",
        1..=600, 15, Seconds;
    /// REAP's Keepalive Interval: the distance of Keepalives while nothing else is sent (RFC 5534 section 4.1).
    keepalive_interval / KeepaliveInterval = SHIM6_A_CONFIG_KEEPALIVE_INTERVAL, "keepalive-interval",
        100..=600_000, 5_000, Milliseconds;
    /// Distance of the first probes of an exploration (RFC 5534 section 7: 500 ms).
    initial_probe_timeout / InitialProbeTimeout = SHIM6_A_CONFIG_INITIAL_PROBE_TIMEOUT, "initial-probe-timeout",
        50..=60_000, 500, Milliseconds;
    /// Number of probes sent at that distance before it grows (RFC 5534 section 7: 4).
    initial_probes / InitialProbes = SHIM6_A_CONFIG_INITIAL_PROBES, "initial-probes",
        1..=100, 4, Count;
    /// The largest distance of probes (RFC 5534 section 7: 60 s).
    max_probe_timeout / MaxProbeTimeout = SHIM6_A_CONFIG_MAX_PROBE_TIMEOUT, "max-probe-timeout",
        500..=600_000, 60_000, Milliseconds;
    /// Replies to packets that prove nothing about their sender (R1, R1bis, Error), over all senders.
    reply_rate / ReplyRate = SHIM6_A_CONFIG_REPLY_RATE, "reply-rate",
        0..=1_000_000, 1_000, PerSecond;
}

// The attribute set and the list above must tell the same story: no attribute without its setting.
const _: () = assert!(Setting::ALL.len() == uapi::SHIM6_A_CONFIG_MAX as usize);

/// Why a set of values is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The value lies outside the setting's bounds.
    OutOfRange(Setting),
    /// The first setting may not be larger than the second, which is held in the same unit.
    LargerThan(Setting, Setting),
    /// The Keepalive Interval must be shorter than the Keepalive Timeout, or peers would take silence for failure.
    IntervalTooLong,
}

impl Settings {
    /// Sets one value, or tells the bounds it violates.
    pub(crate) fn set(&mut self, setting: Setting, value: u32) -> Result<(), Refused> {
        let bounds = setting.description();
        if value < bounds.min || value > bounds.max {
            return Err(Refused::OutOfRange(setting));
        }
        self.put(setting, value);
        Ok(())
    }

    /// Checks what no value can violate alone.
    pub(crate) fn check_together(&self) -> Result<(), Refused> {
        if self.initial_probe_timeout > self.max_probe_timeout {
            return Err(Refused::LargerThan(Setting::InitialProbeTimeout, Setting::MaxProbeTimeout));
        }
        if u64::from(self.keepalive_interval) >= u64::from(self.keepalive_timeout) * 1000 {
            return Err(Refused::IntervalTooLong);
        }
        Ok(())
    }
}
