// SPDX-License-Identifier: MIT OR GPL-2.0
//! What the engine counts, by the names of the control interface. What is seen by the data path alone is not here.

/// Something to count one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counter {
    /// Contexts created.
    ContextsCreated,
    /// Contexts that became established.
    ContextsEstablished,
    /// Contexts that ended in E-FAILED.
    ContextsFailed,
    /// Contexts that ended in NO-SUPPORT.
    ContextsUnsupported,
    /// Contexts removed, for any cause.
    ContextsRemoved,
    /// Contexts not created, for a limit or for want of memory.
    ContextsRefused,
    /// Contexts set up anew, as the peer had lost them.
    ContextsRecovered,
    /// Changes of a context's current pair.
    Switches,
    /// Explorations begun.
    Explorations,
    /// Explorations that found a working pair.
    ExplorationsEnded,
    /// Send Timers that expired.
    SendTimeouts,
    /// A message sent, by type.
    Tx(crate::wire::MessageType),
    /// A message received, well formed, by type.
    Rx(crate::wire::MessageType),
    /// Dropped for the format.
    DropMalformed,
    /// Dropped for a wrong checksum.
    DropChecksum,
    /// Dropped for an unknown type.
    DropUnknownType,
    /// Dropped for an unknown critical option.
    DropUnknownOption,
    /// Dropped for an address that cannot be a locator.
    DropAddress,
    /// Dropped, as no context fits the tag, nonce or addresses.
    DropNoContext,
    /// Dropped, as the state does not expect it.
    DropWrongState,
    /// Dropped for a nonce that this host did not send.
    DropNonce,
    /// Dropped for a validator that is wrong or too old.
    DropValidator,
    /// Dropped, as a locator is not bound to the ULID.
    DropVerification,
    /// Dropped, as the addresses are not among the context's locators.
    DropLocator,
    /// Replies not sent, or Probes put off, for a limit.
    DropRateLimit,
    /// Not sent, or not dealt with, for want of memory.
    DropNoMemory,
    /// ICMPv6 errors that fit no context.
    IcmpIgnored,
    /// Contexts that left a pair at once, as it was known to be lost.
    AdviceLocal,
    /// Tests asked for by ICMPv6 errors.
    AdviceIcmp,
    /// Tests asked for by transports.
    AdviceTransport,
    /// Tests asked for, as payload that came regularly came no more.
    AdviceCadence,
    /// Tests asked for by applications.
    AdviceApplication,
    /// Tests asked for, as a router does not answer or a route is gone.
    AdviceRouter,
    /// Tests of the current pair begun on advice.
    Tests,
    /// Tests put off for [`crate::settings::Settings::test_limit`].
    TestsPutOff,
    /// Tests that the current pair passed.
    FalseAlarms,
}
