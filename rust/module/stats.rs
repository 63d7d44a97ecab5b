// SPDX-License-Identifier: GPL-2.0
//! The statistics of a namespace: what is counted, and one set of per-CPU counters.
//!
//! Counting costs one addition to a variable of this CPU and takes no lock, so the data path may do it anywhere, in
//! process context and in softirq. Counters only grow, and are 64 bits wide. Each has the number, the name and the
//! help of its attribute in the attribute set `stats` of `include/netlink/shim6.yaml`.

use crate::ffi::percpu::PerCpuU64s;
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
    /// Contexts whose establishment this host began (I1 sent, RFC 5533 section 7.9).
    ContextsInitiated = SHIM6_A_STATS_CONTEXTS_INITIATED,
    /// Contexts made as responder, after a valid I2 (RFC 5533 section 7.14).
    ContextsAccepted = SHIM6_A_STATS_CONTEXTS_ACCEPTED,
    /// Contexts that reached the state ESTABLISHED, from either side.
    ContextsEstablished = SHIM6_A_STATS_CONTEXTS_ESTABLISHED,
    /// Establishments given up: no answer, or a peer without Shim6 (RFC 5533 section 7.10).
    ContextsFailed = SHIM6_A_STATS_CONTEXTS_FAILED,
    /// Contexts made again after the peer had lost its state (R1bis, RFC 5533 section 7.17).
    ContextsRecovered = SHIM6_A_STATS_CONTEXTS_RECOVERED,
    /// Contexts discarded for any reason (idle, unused, administrator, namespace going).
    ContextsRemoved = SHIM6_A_STATS_CONTEXTS_REMOVED,
    /// Contexts not made because contexts-max of the settings was reached.
    ContextsRefused = SHIM6_A_STATS_CONTEXTS_REFUSED,
    /// Times REAP left Operational (RFC 5534 section 4.1).
    ExplorationsStarted = SHIM6_A_STATS_EXPLORATIONS_STARTED,
    /// Explorations that ended in Operational with a working pair.
    ExplorationsSucceeded = SHIM6_A_STATS_EXPLORATIONS_SUCCEEDED,
    /// Changes of a context's current locator pair.
    Switches = SHIM6_A_STATS_SWITCHES,
    /// Send Timer expiries: packets went out and none came back (RFC 5534 section 4.1).
    SendTimeouts = SHIM6_A_STATS_SEND_TIMEOUTS,
    /// Establishments the start heuristic asked for (packets or time of a pair of addresses).
    HeuristicStarts = SHIM6_A_STATS_HEURISTIC_STARTS,
    /// Address pairs the start heuristic forgot for lack of room in its table.
    HeuristicEvicted = SHIM6_A_STATS_HEURISTIC_EVICTED,
    /// I1 messages sent (RFC 5533 section 5.4).
    I1Sent = SHIM6_A_STATS_I1_SENT,
    /// I1 messages received and well-formed.
    I1Received = SHIM6_A_STATS_I1_RECEIVED,
    /// R1 messages sent (RFC 5533 section 5.5).
    R1Sent = SHIM6_A_STATS_R1_SENT,
    /// R1 messages received and well-formed.
    R1Received = SHIM6_A_STATS_R1_RECEIVED,
    /// I2 messages sent (RFC 5533 section 5.6).
    I2Sent = SHIM6_A_STATS_I2_SENT,
    /// I2 messages received and well-formed.
    I2Received = SHIM6_A_STATS_I2_RECEIVED,
    /// R2 messages sent (RFC 5533 section 5.7).
    R2Sent = SHIM6_A_STATS_R2_SENT,
    /// R2 messages received and well-formed.
    R2Received = SHIM6_A_STATS_R2_RECEIVED,
    /// R1bis messages sent (RFC 5533 section 5.8).
    R1bisSent = SHIM6_A_STATS_R1BIS_SENT,
    /// R1bis messages received and well-formed.
    R1bisReceived = SHIM6_A_STATS_R1BIS_RECEIVED,
    /// I2bis messages sent (RFC 5533 section 5.9).
    I2bisSent = SHIM6_A_STATS_I2BIS_SENT,
    /// I2bis messages received and well-formed.
    I2bisReceived = SHIM6_A_STATS_I2BIS_RECEIVED,
    /// Update Request messages sent (RFC 5533 section 5.10).
    UpdateRequestSent = SHIM6_A_STATS_UPDATE_REQUEST_SENT,
    /// Update Request messages received and well-formed.
    UpdateRequestReceived = SHIM6_A_STATS_UPDATE_REQUEST_RECEIVED,
    /// Update Acknowledgement messages sent (RFC 5533 section 5.11).
    UpdateAckSent = SHIM6_A_STATS_UPDATE_ACK_SENT,
    /// Update Acknowledgement messages received and well-formed.
    UpdateAckReceived = SHIM6_A_STATS_UPDATE_ACK_RECEIVED,
    /// Keepalive messages sent (RFC 5534 section 5.1).
    KeepaliveSent = SHIM6_A_STATS_KEEPALIVE_SENT,
    /// Keepalive messages received and well-formed.
    KeepaliveReceived = SHIM6_A_STATS_KEEPALIVE_RECEIVED,
    /// Probe messages sent (RFC 5534 section 5.2).
    ProbeSent = SHIM6_A_STATS_PROBE_SENT,
    /// Probe messages received and well-formed.
    ProbeReceived = SHIM6_A_STATS_PROBE_RECEIVED,
    /// Error messages sent (RFC 5533 section 5.13).
    ErrorSent = SHIM6_A_STATS_ERROR_SENT,
    /// Error messages received and well-formed.
    ErrorReceived = SHIM6_A_STATS_ERROR_RECEIVED,
    /// Packets sent with other locators than their ULIDs and the payload header (RFC 5533 section 11).
    SwitchedSent = SHIM6_A_STATS_SWITCHED_SENT,
    /// Octets of these packets, IPv6 header included.
    SwitchedSentOctets = SHIM6_A_STATS_SWITCHED_SENT_OCTETS,
    /// Packets received with the payload header and given back their ULIDs (RFC 5533 section 12).
    SwitchedReceived = SHIM6_A_STATS_SWITCHED_RECEIVED,
    /// Octets of these packets as they arrived, IPv6 header included.
    SwitchedReceivedOctets = SHIM6_A_STATS_SWITCHED_RECEIVED_OCTETS,
    /// Large packets cut into segments in software before they were rewritten.
    SwitchedSegmented = SHIM6_A_STATS_SWITCHED_SEGMENTED,
    /// Packets fragmented before they were rewritten.
    SwitchedFragmented = SHIM6_A_STATS_SWITCHED_FRAGMENTED,
    /// Switched packets dropped: no route from the current locator pair.
    OutDropRoute = SHIM6_A_STATS_OUT_DROP_ROUTE,
    /// Switched packets refused: larger than the path allows with the payload header; the sender was told.
    OutDropTooBig = SHIM6_A_STATS_OUT_DROP_TOO_BIG,
    /// Packets or messages dropped on the way out: no memory.
    OutDropMemory = SHIM6_A_STATS_OUT_DROP_MEMORY,
    /// Received and dropped: shorter than its headers say (RFC 5533 section 12.1).
    InDropLength = SHIM6_A_STATS_IN_DROP_LENGTH,
    /// Received and dropped: wrong checksum of a control message.
    InDropChecksum = SHIM6_A_STATS_IN_DROP_CHECKSUM,
    /// Received and dropped: a source or destination that cannot be a locator (multicast, unspecified, loopback).
    InDropAddress = SHIM6_A_STATS_IN_DROP_ADDRESS,
    /// Received and dropped: unknown message type.
    InDropType = SHIM6_A_STATS_IN_DROP_TYPE,
    /// Received and dropped: malformed option, or an unknown option marked critical.
    InDropOption = SHIM6_A_STATS_IN_DROP_OPTION,
    /// Received and dropped: a message that misses an option it must have, or carries an impossible value.
    InDropMessage = SHIM6_A_STATS_IN_DROP_MESSAGE,
    /// Received and dropped: a nonce that this host did not send.
    InDropNonce = SHIM6_A_STATS_IN_DROP_NONCE,
    /// Received and dropped: a responder validator that is wrong or too old.
    InDropValidator = SHIM6_A_STATS_IN_DROP_VALIDATOR,
    /// Received and dropped: a message not awaited in the context's state.
    InDropState = SHIM6_A_STATS_IN_DROP_STATE,
    /// Received and dropped: no context for the tag or the ULID pair.
    InDropNoContext = SHIM6_A_STATS_IN_DROP_NO_CONTEXT,
    /// Received and dropped: known tag, from or to an address that is not a locator of its context.
    InDropLocator = SHIM6_A_STATS_IN_DROP_LOCATOR,
    /// Received and dropped: locators or ULID that HBA or CGA verification does not bind together.
    InDropUnverified = SHIM6_A_STATS_IN_DROP_UNVERIFIED,
    /// Received and not answered: the rate limit for replies to unverified packets was reached.
    InDropRate = SHIM6_A_STATS_IN_DROP_RATE,
    /// Received and dropped: no memory, or the limit of contexts reached.
    InDropMemory = SHIM6_A_STATS_IN_DROP_MEMORY,
    /// Received and dropped: a fragment of a switched packet that could not be restored.
    InDropFragment = SHIM6_A_STATS_IN_DROP_FRAGMENT,
    /// ICMPv6 errors received about switched packets or control messages.
    IcmpReceived = SHIM6_A_STATS_ICMP_RECEIVED,
    /// ICMPv6 errors turned back to ULIDs and passed on to the transport.
    IcmpRestored = SHIM6_A_STATS_ICMP_RESTORED,
    /// ICMPv6 errors about switched packets that no context explains.
    IcmpIgnored = SHIM6_A_STATS_ICMP_IGNORED,
    /// HBA sets loaded.
    HbaLoaded = SHIM6_A_STATS_HBA_LOADED,
    /// HBA sets refused because they did not verify.
    HbaRejected = SHIM6_A_STATS_HBA_REJECTED,
    /// Changes of the local locator set (address, link or HBA set).
    LocalChanges = SHIM6_A_STATS_LOCAL_CHANGES,
    /// Notifications handed to the multicast group events.
    EventsSent = SHIM6_A_STATS_EVENTS_SENT,
    /// Notifications lost for lack of memory or of room at a listener.
    EventsLost = SHIM6_A_STATS_EVENTS_LOST,
}

// The attribute set and the list above must tell the same story: no attribute without its counter.
const _: () = assert!(Counter::ALL.len() == crate::ffi::uapi::SHIM6_A_STATS_MAX as usize);

/// The counters of one namespace, one set for each CPU.
pub(crate) struct Stats {
    counters: PerCpuU64s,
}

impl Stats {
    /// Makes a set of counters, all zero. Allocates, so it may sleep.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            counters: PerCpuU64s::new(Counter::ALL.len())?,
        })
    }

    /// Counts one.
    #[inline]
    pub(crate) fn inc(&self, counter: Counter) {
        self.add(counter, 1);
    }

    /// Counts `amount` (packets, or octets where the counter says so).
    #[inline]
    pub(crate) fn add(&self, counter: Counter, amount: u64) {
        self.counters.add(counter as usize - 1, amount);
    }

    /// The sum of one counter over all CPUs; a moment's picture, not a frozen one.
    pub(crate) fn sum(&self, counter: Counter) -> u64 {
        self.counters.sum(counter as usize - 1)
    }
}
