// SPDX-License-Identifier: GPL-2.0
//! The statistics of a namespace: what is counted, and one set of per-CPU counters.
//!
//! Counting costs one addition to a variable of this CPU and takes no lock, so the data path may do it anywhere, in
//! process context and in softirq. Counters only grow, and are 64 bits wide. Each has the number, the name and the
//! help of its attribute in the attribute set `stats` of `include/netlink/shim6.yaml`.

use crate::ffi::{percpu::PerCpuU64s, trace};
use kernel::prelude::*;

macro_rules! counters {
    ($($(#[doc = $help:literal])+ $variant:ident = $attribute:ident,)+) => {
        /// What can be counted; the value is the number of the attribute that reports it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        pub(crate) enum Counter {
            $($(#[doc = $help])+ $variant = crate::ffi::uapi::$attribute as u16,)+
        }

        impl Counter {
            /// Every counter, in the order of the attributes.
            pub(crate) const ALL: &'static [Counter] = &[$(Counter::$variant,)+];
        }
    };
}

counters! {
    /// Contexts created.
    ContextsCreated = SHIM6_A_STATS_CONTEXTS_CREATED,
    /// Contexts that became established.
    ContextsEstablished = SHIM6_A_STATS_CONTEXTS_ESTABLISHED,
    /// Contexts that ended in E-FAILED, as the peer did not answer.
    ContextsFailed = SHIM6_A_STATS_CONTEXTS_FAILED,
    /// Contexts that ended in NO-SUPPORT, as the peer does not know Shim6.
    ContextsUnsupported = SHIM6_A_STATS_CONTEXTS_UNSUPPORTED,
    /// Contexts removed, for any cause.
    ContextsRemoved = SHIM6_A_STATS_CONTEXTS_REMOVED,
    /// Contexts not created, for max-contexts or for want of memory.
    ContextsRefused = SHIM6_A_STATS_CONTEXTS_REFUSED,
    /// Changes of a context's current locator pair.
    Switches = SHIM6_A_STATS_SWITCHES,
    /// Explorations begun.
    Explorations = SHIM6_A_STATS_EXPLORATIONS,
    /// Explorations that found a working pair.
    ExplorationsEnded = SHIM6_A_STATS_EXPLORATIONS_ENDED,
    /// Payload packets sent with the payload extension header.
    TxSwitched = SHIM6_A_STATS_TX_SWITCHED,
    /// Payload packets received with the payload extension header, and accepted.
    RxSwitched = SHIM6_A_STATS_RX_SWITCHED,
    /// Payload packets of switched contexts dropped for want of memory or of a route.
    TxDropped = SHIM6_A_STATS_TX_DROPPED,
    /// I1 messages sent.
    TxI1 = SHIM6_A_STATS_TX_I1,
    /// R1 messages sent.
    TxR1 = SHIM6_A_STATS_TX_R1,
    /// I2 messages sent.
    TxI2 = SHIM6_A_STATS_TX_I2,
    /// R2 messages sent.
    TxR2 = SHIM6_A_STATS_TX_R2,
    /// R1bis messages sent, as a packet came whose context this host does not have.
    TxR1bis = SHIM6_A_STATS_TX_R1BIS,
    /// I2bis messages sent.
    TxI2bis = SHIM6_A_STATS_TX_I2BIS,
    /// Update Request messages sent.
    TxUpdateRequest = SHIM6_A_STATS_TX_UPDATE_REQUEST,
    /// Update Acknowledgement messages sent.
    TxUpdateAck = SHIM6_A_STATS_TX_UPDATE_ACK,
    /// Keepalive messages sent.
    TxKeepalive = SHIM6_A_STATS_TX_KEEPALIVE,
    /// Probe messages sent.
    TxProbe = SHIM6_A_STATS_TX_PROBE,
    /// Error messages sent.
    TxError = SHIM6_A_STATS_TX_ERROR,
    /// I1 messages received, well formed.
    RxI1 = SHIM6_A_STATS_RX_I1,
    /// R1 messages received, well formed.
    RxR1 = SHIM6_A_STATS_RX_R1,
    /// I2 messages received, well formed.
    RxI2 = SHIM6_A_STATS_RX_I2,
    /// R2 messages received, well formed.
    RxR2 = SHIM6_A_STATS_RX_R2,
    /// R1bis messages received, well formed.
    RxR1bis = SHIM6_A_STATS_RX_R1BIS,
    /// I2bis messages received, well formed.
    RxI2bis = SHIM6_A_STATS_RX_I2BIS,
    /// Update Request messages received, well formed.
    RxUpdateRequest = SHIM6_A_STATS_RX_UPDATE_REQUEST,
    /// Update Acknowledgement messages received, well formed.
    RxUpdateAck = SHIM6_A_STATS_RX_UPDATE_ACK,
    /// Keepalive messages received, well formed.
    RxKeepalive = SHIM6_A_STATS_RX_KEEPALIVE,
    /// Probe messages received, well formed.
    RxProbe = SHIM6_A_STATS_RX_PROBE,
    /// Error messages received, well formed.
    RxError = SHIM6_A_STATS_RX_ERROR,
    /// Control messages dropped for a length, field or option that breaks the format.
    DropMalformed = SHIM6_A_STATS_DROP_MALFORMED,
    /// Control messages dropped for a wrong checksum.
    DropChecksum = SHIM6_A_STATS_DROP_CHECKSUM,
    /// Control messages dropped for an unknown type.
    DropUnknownType = SHIM6_A_STATS_DROP_UNKNOWN_TYPE,
    /// Control messages dropped for an unknown critical option.
    DropUnknownOption = SHIM6_A_STATS_DROP_UNKNOWN_OPTION,
    /// Control messages dropped, as no context fits their tag, nonce or addresses.
    DropNoContext = SHIM6_A_STATS_DROP_NO_CONTEXT,
    /// Control messages dropped, as the context's state does not expect them.
    DropWrongState = SHIM6_A_STATS_DROP_WRONG_STATE,
    /// I2 and I2bis messages dropped for a validator that is wrong or too old.
    DropValidator = SHIM6_A_STATS_DROP_VALIDATOR,
    /// Messages dropped, as a locator in them is not bound to the ULID.
    DropVerification = SHIM6_A_STATS_DROP_VERIFICATION,
    /// Payload packets dropped for an unknown context tag.
    DropUnknownTag = SHIM6_A_STATS_DROP_UNKNOWN_TAG,
    /// Packets dropped, as their tag is known and their addresses are not among the context's locators.
    DropLocator = SHIM6_A_STATS_DROP_LOCATOR,
    /// Replies not sent for the setting reply-limit, and Probes put off for fast-probe-limit.
    DropRateLimit = SHIM6_A_STATS_DROP_RATE_LIMIT,
    /// Control messages not sent, or not dealt with, for want of memory.
    DropNoMemory = SHIM6_A_STATS_DROP_NO_MEMORY,
    /// ICMPv6 errors about packets of contexts that were received.
    IcmpErrors = SHIM6_A_STATS_ICMP_ERRORS,
    /// ICMPv6 errors that were turned back to ULIDs and handed to the upper layers.
    IcmpTranslated = SHIM6_A_STATS_ICMP_TRANSLATED,
    /// Large packets of the upper layers cut into segments before they were switched.
    TxSegmented = SHIM6_A_STATS_TX_SEGMENTED,
    /// Packets of the upper layers fragmented before they were switched.
    TxFragmented = SHIM6_A_STATS_TX_FRAGMENTED,
    /// Payload packets refused, as the path does not carry them with the payload extension header; the sender was told.
    TxTooBig = SHIM6_A_STATS_TX_TOO_BIG,
    /// Packets dropped for a source or destination that cannot be a locator (multicast, unspecified, loopback).
    DropAddress = SHIM6_A_STATS_DROP_ADDRESS,
    /// Control messages dropped for a nonce that this host did not send.
    DropNonce = SHIM6_A_STATS_DROP_NONCE,
    /// Contexts set up anew, as the peer had lost them (R1bis; RFC 5533, section 7.17).
    ContextsRecovered = SHIM6_A_STATS_CONTEXTS_RECOVERED,
    /// Send Timers that expired: payload was sent and nothing came back (RFC 5534, section 6).
    SendTimeouts = SHIM6_A_STATS_SEND_TIMEOUTS,
    /// Pairs of addresses forgotten before they got a context, as the table for start-packets and start-time was full.
    StartEvicted = SHIM6_A_STATS_START_EVICTED,
    /// ICMPv6 errors about Shim6 packets that fit no context.
    IcmpIgnored = SHIM6_A_STATS_ICMP_IGNORED,
    /// HBA sets refused, as they do not verify.
    HbaRefused = SHIM6_A_STATS_HBA_REFUSED,
    /// Notifications that could not be sent for want of memory, or that a listener had no room for.
    EventsLost = SHIM6_A_STATS_EVENTS_LOST,
    /// Contexts that left a pair at once, as it was known to be lost.
    AdviceLocal = SHIM6_A_STATS_ADVICE_LOCAL,
    /// Tests that ICMPv6 errors asked for.
    AdviceIcmp = SHIM6_A_STATS_ADVICE_ICMP,
    /// Tests that transports asked for, as they repeated in vain.
    AdviceTransport = SHIM6_A_STATS_ADVICE_TRANSPORT,
    /// Tests asked for, as payload that came regularly came no more.
    AdviceCadence = SHIM6_A_STATS_ADVICE_CADENCE,
    /// Tests that applications asked for.
    AdviceApplication = SHIM6_A_STATS_ADVICE_APPLICATION,
    /// Tests of the present pair begun on advice.
    Tests = SHIM6_A_STATS_TESTS,
    /// Tests put off for the setting test-limit.
    TestsPutOff = SHIM6_A_STATS_TESTS_PUT_OFF,
    /// Tests that the present pair passed.
    FalseAlarms = SHIM6_A_STATS_FALSE_ALARMS,
    /// Tests asked for, as a router was unreachable or a route gone.
    AdviceRouter = SHIM6_A_STATS_ADVICE_ROUTER,
    /// Segments that waited for an acknowledgement and were sent once more over a pair lent to them.
    TxLent = SHIM6_A_STATS_TX_LENT,
}

// The attribute set and the list above must tell the same story: no attribute without its counter.
const _: () = assert!(Counter::ALL.len() + GAUGES == crate::ffi::uapi::SHIM6_A_STATS_MAX as usize);

/// The attributes before the first counter: numbers of the present, which the namespace is asked for.
const GAUGES: usize = 3;

impl Counter {
    /// Whether it counts what is dropped or refused, of which there is a trace event.
    #[inline]
    const fn is_drop(self) -> bool {
        matches!(
            self,
            Counter::TxDropped
                | Counter::TxTooBig
                | Counter::DropMalformed
                | Counter::DropChecksum
                | Counter::DropUnknownType
                | Counter::DropUnknownOption
                | Counter::DropNoContext
                | Counter::DropWrongState
                | Counter::DropValidator
                | Counter::DropVerification
                | Counter::DropUnknownTag
                | Counter::DropLocator
                | Counter::DropRateLimit
                | Counter::DropNoMemory
                | Counter::DropAddress
                | Counter::DropNonce
        )
    }

    /// The place of the counter in the arrays.
    #[inline]
    const fn index(self) -> usize {
        self as usize - 1 - GAUGES
    }
}

/// The counters of one namespace, one set for each CPU.
pub(crate) struct Stats {
    counters: PerCpuU64s,
}

impl Stats {
    /// Makes a set of counters, all zero. Allocates, so it may sleep.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { counters: PerCpuU64s::new(Counter::ALL.len())? })
    }

    /// Counts one.
    #[inline]
    pub(crate) fn inc(&self, counter: Counter) {
        self.add(counter, 1);
    }

    /// Counts `amount` (packets, or octets where the counter says so).
    #[inline]
    pub(crate) fn add(&self, counter: Counter, amount: u64) {
        self.counters.add(counter.index(), amount);
        if counter.is_drop() {
            trace::drop(counter as u16);
        }
    }

    /// The counters, and the places among them of packets switched and turned back.
    pub(crate) fn switched(&self) -> (&PerCpuU64s, usize, usize) {
        (&self.counters, Counter::TxSwitched.index(), Counter::RxSwitched.index())
    }

    /// The sum of one counter over all CPUs; a moment's picture, not a frozen one.
    pub(crate) fn sum(&self, counter: Counter) -> u64 {
        self.counters.sum(counter.index())
    }
}
