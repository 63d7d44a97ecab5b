// SPDX-License-Identifier: GPL-2.0
//! The settings of a namespace: their names, units, bounds and defaults.
//!
//! Each has the number of its attribute in the attribute set `config` of `include/netlink/shim6.yaml`. Values are held
//! in the unit the attribute has. A change is checked as a whole: either all of it is taken, or nothing.

use crate::ffi::uapi;
use shim6_core::{settings as protocol, time::Duration};

/// What a setting's value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// Packets.
    Packets,
    /// Things of the kind that the setting's name says, or nothing.
    Count,
    /// Messages per second.
    PerSecond,
}

impl Unit {
    /// The word for the unit in a sentence.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Unit::Milliseconds => "milliseconds",
            Unit::Packets => "packets",
            Unit::Count => "",
            Unit::PerSecond => "per second",
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
    /// Payload packets sent to a peer after which a context is set up with it. 0: never for their number.
    start_packets / StartPackets = SHIM6_A_CONFIG_START_PACKETS, "start-packets",
        0..=1_000_000, 10, Packets;
    /// Time after its first packet at which a pair of addresses that still exchanges payload gets a context. 0:
    /// never for its time.
    start_time / StartTime = SHIM6_A_CONFIG_START_TIME, "start-time",
        0..=3_600_000, 5_000, Milliseconds;
    /// Send Timeout (RFC 5534, section 7): how long payload may be sent without anything coming back before
    /// other locators are tried; told to peers in whole seconds, rounded up. RFC 5534 recommends 10 s to 100 s.
    send_timeout / SendTimeout = SHIM6_A_CONFIG_SEND_TIMEOUT, "send-timeout",
        1_000..=100_000, 15_000, Milliseconds;
    /// Keepalive Timeout (RFC 5534, section 7) for peers that tell none: how long this host answers one-way
    /// payload with Keepalives.
    keepalive_timeout / KeepaliveTimeout = SHIM6_A_CONFIG_KEEPALIVE_TIMEOUT, "keepalive-timeout",
        1_000..=100_000, 15_000, Milliseconds;
    /// Number of Probes at the initial pace (RFC 5534, section 7).
    initial_probes / InitialProbes = SHIM6_A_CONFIG_INITIAL_PROBES, "initial-probes",
        1..=16, 4, Count;
    /// Time between the initial Probes (RFC 5534, section 7).
    initial_probe_timeout / InitialProbeTimeout = SHIM6_A_CONFIG_INITIAL_PROBE_TIMEOUT, "initial-probe-timeout",
        100..=10_000, 500, Milliseconds;
    /// Largest time between Probes, which doubles after the initial ones (RFC 5534, section 4.3).
    max_probe_timeout / MaxProbeTimeout = SHIM6_A_CONFIG_MAX_PROBE_TIMEOUT, "max-probe-timeout",
        1_000..=600_000, 60_000, Milliseconds;
    /// Probes that all contexts together may send in one second; what exceeds it waits, so that the failure of a
    /// large server's uplink makes no storm.
    fast_probe_limit / FastProbeLimit = SHIM6_A_CONFIG_FAST_PROBE_LIMIT, "fast-probe-limit",
        10..=1_000_000, 1_000, PerSecond;
    /// Time without payload after which a context is removed (RFC 5533, section 13).
    idle_timeout / IdleTimeout = SHIM6_A_CONFIG_IDLE_TIMEOUT, "idle-timeout",
        60_000..=86_400_000, 600_000, Milliseconds;
    /// Contexts that the namespace may hold, all states together; existing ones stay.
    max_contexts / MaxContexts = SHIM6_A_CONFIG_MAX_CONTEXTS, "max-contexts",
        1..=16_777_216, 1_048_576, Count;
    /// Replies to packets of unverified senders (R1, R1bis, Error) that may be sent in one second; a hundred seconds'
    /// worth is saved up, and one prefix of 64 bits gets a sixteenth.
    reply_limit / ReplyLimit = SHIM6_A_CONFIG_REPLY_LIMIT, "reply-limit",
        1..=1_000_000, 1_000, PerSecond;
    /// 1: the upper layers are told of ICMPv6 errors also where the shim has acted on them (RFC 5533, section
    /// 8). 0: not.
    icmp_deliver_all / IcmpDeliverAll = SHIM6_A_CONFIG_ICMP_DELIVER_ALL, "icmp-deliver-all",
        0..=1, 0, Count;
    /// Locator pairs that a context may probe at once when it is told that its pair has failed; 1 keeps to RFC
    /// 5534, section 4.3, which wants them one after the other.
    parallel_probes / ParallelProbes = SHIM6_A_CONFIG_PARALLEL_PROBES, "parallel-probes",
        1..=8, 4, Count;
    /// 1: traffic moves at once, and is tested on its new locator pair, where the present one is known to be lost:
    /// its local address is, or the peer calls its own broken. 0: it moves when a probe was answered.
    advice_local / AdviceLocal = SHIM6_A_CONFIG_ADVICE_LOCAL, "advice-local",
        0..=1, 1, Count;
    /// 1: ICMPv6 errors about packets of a context start a test of its pair and of others at once. 0: not.
    advice_icmp / AdviceIcmp = SHIM6_A_CONFIG_ADVICE_ICMP, "advice-icmp",
        0..=1, 1, Count;
    /// 1: a transport that repeats in vain starts a test. 0: not.
    advice_transport / AdviceTransport = SHIM6_A_CONFIG_ADVICE_TRANSPORT, "advice-transport",
        0..=1, 1, Count;
    /// 1: payload that came regularly and comes no more starts a test. 0: not.
    advice_cadence / AdviceCadence = SHIM6_A_CONFIG_ADVICE_CADENCE, "advice-cadence",
        0..=1, 1, Count;
    /// 1: an application that says that a context does not work starts a test. 0: not.
    advice_application / AdviceApplication = SHIM6_A_CONFIG_ADVICE_APPLICATION, "advice-application",
        0..=1, 1, Count;
    /// Probes that a test on advice sends over the present pair, none of which may be answered if traffic is to move.
    /// More withstand more loss.
    test_probes / TestProbes = SHIM6_A_CONFIG_TEST_PROBES, "test-probes",
        1..=8, 8, Count;
    /// Probes that tests on advice may make one context send in one second.
    test_limit / TestLimit = SHIM6_A_CONFIG_TEST_LIMIT, "test-limit",
        2..=1_000, 24, PerSecond;
    /// For how long a preferred pair that failed must have worked again before traffic goes back to it, so that a
    /// flapping link does not flap the traffic. 0: traffic does not go back.
    return_time / ReturnTime = SHIM6_A_CONFIG_RETURN_TIME, "return-time",
        0..=3_600_000, 30_000, Milliseconds;
    /// Time between probes of an alternative pair while there is traffic, so that it is known to work before it is
    /// needed; at least 100. 0: none is probed.
    standby_interval / StandbyInterval = SHIM6_A_CONFIG_STANDBY_INTERVAL, "standby-interval",
        0..=600_000, 0, Milliseconds;
    /// 1: a router that is found unreachable, and a route that is withdrawn, start a test of the pairs that need it. 0:
    /// not.
    advice_router / AdviceRouter = SHIM6_A_CONFIG_ADVICE_ROUTER, "advice-router",
        0..=1, 1, Count;
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
}

impl Settings {
    /// The part of them that the protocol itself asks for.
    pub(crate) fn protocol(&self) -> protocol::Settings {
        protocol::Settings {
            send_timeout: Duration::from_millis(self.send_timeout),
            keepalive_timeout: Duration::from_millis(self.keepalive_timeout),
            keepalive_interval: Duration::ZERO,
            // The bounds keep each within its type.
            initial_probes: self.initial_probes as u8,
            parallel_probes: self.parallel_probes as u8,
            initial_probe_timeout: Duration::from_millis(self.initial_probe_timeout),
            max_probe_timeout: Duration::from_millis(self.max_probe_timeout),
            idle_timeout: Duration::from_millis(self.idle_timeout),
            advice_local: self.advice_local != 0,
            advice_icmp: self.advice_icmp != 0,
            advice_transport: self.advice_transport != 0,
            advice_cadence: self.advice_cadence != 0,
            advice_application: self.advice_application != 0,
            advice_router: self.advice_router != 0,
            test_probes: self.test_probes as u8,
            test_limit: self.test_limit as u16,
            return_time: Duration::from_millis(self.return_time),
            standby_interval: Duration::from_millis(self.standby_interval),
        }
    }

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
        Ok(())
    }
}
