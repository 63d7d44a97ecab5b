/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR MIT) */
/*
 * The numbers of include/netlink/shim6.yaml for C, as ynl-gen-c renders them
 * (tools/libshim6/tests/spec.rs checks that the two agree), and the socket
 * options of RFC 6316.
 */
#ifndef _UAPI_LINUX_SHIM6_H
#define _UAPI_LINUX_SHIM6_H

#include <linux/errno.h>
#include <linux/in6.h>
#include <linux/types.h>

#define SHIM6_FAMILY_NAME	"shim6"
#define SHIM6_FAMILY_VERSION	1

#define SHIM6_MAX_PREFIXES	8
#define SHIM6_MAX_PDS_LEN	512
#define SHIM6_MAX_LABEL_LEN	31
#define SHIM6_MAX_POLICY_RULES	256
#define SHIM6_POLICY_PROTOCOL_MPTCP	262

/**
 * enum shim6_context_state - States of a context (RFC 5533, section 6.2).
 * @SHIM6_CONTEXT_STATE_IDLE: No context is kept; seen only in events about a
 *   removed one.
 * @SHIM6_CONTEXT_STATE_I1_SENT: An I1 message was sent; an R1 or an R2 is
 *   awaited.
 * @SHIM6_CONTEXT_STATE_I2_SENT: An I2 message was sent; an R2 is awaited.
 * @SHIM6_CONTEXT_STATE_I2BIS_SENT: An I2bis message was sent to recover the
 *   peer's context; an R2 is awaited.
 * @SHIM6_CONTEXT_STATE_ESTABLISHED: Both hosts have the context; payload can
 *   move to other locators.
 * @SHIM6_CONTEXT_STATE_E_FAILED: The exchange was given up without an answer;
 *   not tried again for a minute.
 * @SHIM6_CONTEXT_STATE_NO_SUPPORT: The peer's ICMPv6 error said that it does
 *   not know Shim6; not tried again for ten minutes.
 */
enum shim6_context_state {
	SHIM6_CONTEXT_STATE_IDLE,
	SHIM6_CONTEXT_STATE_I1_SENT,
	SHIM6_CONTEXT_STATE_I2_SENT,
	SHIM6_CONTEXT_STATE_I2BIS_SENT,
	SHIM6_CONTEXT_STATE_ESTABLISHED,
	SHIM6_CONTEXT_STATE_E_FAILED,
	SHIM6_CONTEXT_STATE_NO_SUPPORT,
};

/**
 * enum shim6_reap_state - States of reachability (RFC 5534, section 4.2 and
 *   6).
 * @SHIM6_REAP_STATE_OPERATIONAL: Packets arrive from the peer, or none are
 *   awaited.
 * @SHIM6_REAP_STATE_EXPLORING: Nothing arrived for the Send Timeout; the
 *   locator pairs are being tried.
 * @SHIM6_REAP_STATE_INBOUND_OK: Packets arrive from the peer, but the peer
 *   does not receive ours.
 */
enum shim6_reap_state {
	SHIM6_REAP_STATE_OPERATIONAL,
	SHIM6_REAP_STATE_EXPLORING,
	SHIM6_REAP_STATE_INBOUND_OK,
};

/**
 * enum shim6_verification_method - How a locator was bound to the ULID; the
 *   numbers of RFC 5533, section 5.15.2, table 4.
 * @SHIM6_VERIFICATION_METHOD_NONE: None is needed, as the locator is the ULID
 *   itself.
 * @SHIM6_VERIFICATION_METHOD_HBA: Hash-Based Address (RFC 5535).
 * @SHIM6_VERIFICATION_METHOD_CGA: Cryptographically Generated Address (RFC
 *   3972).
 */
enum shim6_verification_method {
	SHIM6_VERIFICATION_METHOD_NONE,
	SHIM6_VERIFICATION_METHOD_HBA,
	SHIM6_VERIFICATION_METHOD_CGA,
};

/**
 * enum shim6_locator_status - What is known of a locator.
 * @SHIM6_LOCATOR_STATUS_UNVERIFIED: The peer named it, but nothing has bound
 *   it to the ULID; never used.
 * @SHIM6_LOCATOR_STATUS_VERIFIED: Bound to the ULID; no probe from this host
 *   to it was answered yet.
 * @SHIM6_LOCATOR_STATUS_REACHABLE: Bound to the ULID, and traffic or an
 *   answered probe shows that it works.
 * @SHIM6_LOCATOR_STATUS_UNREACHABLE: Bound to the ULID, but the latest probes
 *   to it were not answered.
 * @SHIM6_LOCATOR_STATUS_USABLE: A local address, on an interface that is up.
 * @SHIM6_LOCATOR_STATUS_DEPRECATED: A local address whose preferred lifetime
 *   is over; used when nothing better is left.
 * @SHIM6_LOCATOR_STATUS_TENTATIVE: A local address on which duplicate address
 *   detection is not finished.
 * @SHIM6_LOCATOR_STATUS_LINK_DOWN: A local address whose interface is down or
 *   has no carrier.
 * @SHIM6_LOCATOR_STATUS_ABSENT: An address of a loaded HBA set that no
 *   interface has.
 * @SHIM6_LOCATOR_STATUS_WITHDRAWN: A local address that locator-del or a policy
 *   rule keeps from use: peers are not told of it, contexts that send from it
 *   move to another, and packets start no context for it as a ULID.
 */
enum shim6_locator_status {
	SHIM6_LOCATOR_STATUS_UNVERIFIED,
	SHIM6_LOCATOR_STATUS_VERIFIED,
	SHIM6_LOCATOR_STATUS_REACHABLE,
	SHIM6_LOCATOR_STATUS_UNREACHABLE,
	SHIM6_LOCATOR_STATUS_USABLE,
	SHIM6_LOCATOR_STATUS_DEPRECATED,
	SHIM6_LOCATOR_STATUS_TENTATIVE,
	SHIM6_LOCATOR_STATUS_LINK_DOWN,
	SHIM6_LOCATOR_STATUS_ABSENT,
	SHIM6_LOCATOR_STATUS_WITHDRAWN,
};

/**
 * enum shim6_locator_flags - Flags of a locator's preference; the bits of RFC
 *   5533, section 5.15.3.
 * @SHIM6_LOCATOR_FLAGS_BROKEN: The locator does not work at present.
 * @SHIM6_LOCATOR_FLAGS_TEMPORARY: The locator's lifetime is short, so it is
 *   used after the others.
 */
enum shim6_locator_flags {
	SHIM6_LOCATOR_FLAGS_BROKEN = 1,
	SHIM6_LOCATOR_FLAGS_TEMPORARY = 2,
};

/**
 * enum shim6_role - How this host came to have a context.
 * @SHIM6_ROLE_INITIATOR: This host sent the I1.
 * @SHIM6_ROLE_RESPONDER: The peer sent the I1 (or both did, and the peer's I2
 *   came first).
 */
enum shim6_role {
	SHIM6_ROLE_INITIATOR,
	SHIM6_ROLE_RESPONDER,
};

/**
 * enum shim6_timer - Timers of a context.
 * @SHIM6_TIMER_RETRANSMIT: The next copy of an I1, I2, I2bis or Update Request
 *   (RFC 5533, section 14).
 * @SHIM6_TIMER_SEND: The Send Timer; on expiry the context explores (RFC 5534,
 *   section 6).
 * @SHIM6_TIMER_KEEPALIVE: The next Keepalive message, or the end of them (RFC
 *   5534, section 6).
 * @SHIM6_TIMER_PROBE: The next Probe of the exploration (RFC 5534, section
 *   4.3).
 * @SHIM6_TIMER_HOLD_DOWN: The end of E-FAILED or NO-SUPPORT (RFC 5533, section
 *   14).
 * @SHIM6_TIMER_IDLE: The removal of a context that carries no traffic (RFC
 *   5533, section 13).
 */
enum shim6_timer {
	SHIM6_TIMER_RETRANSMIT,
	SHIM6_TIMER_SEND,
	SHIM6_TIMER_KEEPALIVE,
	SHIM6_TIMER_PROBE,
	SHIM6_TIMER_HOLD_DOWN,
	SHIM6_TIMER_IDLE,
};

/**
 * enum shim6_event - What last happened to a context.
 * @SHIM6_EVENT_CREATED: The context came to be.
 * @SHIM6_EVENT_STATE: Its state of RFC 5533 changed.
 * @SHIM6_EVENT_REAP: Its state of RFC 5534 changed.
 * @SHIM6_EVENT_SWITCHED: Its current locator pair changed.
 * @SHIM6_EVENT_LOCATORS: The peer's list of locators, or a status or
 *   preference in it, changed.
 * @SHIM6_EVENT_REMOVED: The context is gone.
 */
enum shim6_event {
	SHIM6_EVENT_CREATED,
	SHIM6_EVENT_STATE,
	SHIM6_EVENT_REAP,
	SHIM6_EVENT_SWITCHED,
	SHIM6_EVENT_LOCATORS,
	SHIM6_EVENT_REMOVED,
};

/**
 * enum shim6_cause - Why it happened.
 * @SHIM6_CAUSE_NONE: Nothing has happened yet.
 * @SHIM6_CAUSE_TRAFFIC: Enough payload was exchanged (settings start-packets
 *   and start-time).
 * @SHIM6_CAUSE_ADMINISTRATOR: A control message asked for it.
 * @SHIM6_CAUSE_PEER: A message of the peer asked for it.
 * @SHIM6_CAUSE_ANSWER: The awaited answer to this host's message came.
 * @SHIM6_CAUSE_NO_ANSWER: All retransmissions went without an answer.
 * @SHIM6_CAUSE_ICMP_ERROR: An ICMPv6 error about this context's packets came.
 * @SHIM6_CAUSE_SEND_TIMEOUT: Payload was sent for the Send Timeout and nothing
 *   came back.
 * @SHIM6_CAUSE_PEER_EXPLORING: A Probe of the peer said that it receives
 *   nothing, or not all, from here.
 * @SHIM6_CAUSE_PROBE_ANSWERED: A Probe or payload showed that the pair works.
 * @SHIM6_CAUSE_LINK_DOWN: The interface of the local locator lost its carrier
 *   or was set down.
 * @SHIM6_CAUSE_ADDRESS_REMOVED: The local locator was removed from its
 *   interface.
 * @SHIM6_CAUSE_LOCATOR_BROKEN: The peer, or the administrator, declared the
 *   locator broken.
 * @SHIM6_CAUSE_PREFERENCE: A pair that is preferred to the one in use works
 *   again.
 * @SHIM6_CAUSE_CONTEXT_LOST: The peer no longer knew the context (R1bis; RFC
 *   5533, section 7.17).
 * @SHIM6_CAUSE_CONFUSION: Another context came to have the same peer and peer
 *   tag (RFC 5533, section 7.6).
 * @SHIM6_CAUSE_IDLE: The context carried no traffic for the setting
 *   idle-timeout.
 * @SHIM6_CAUSE_EXPIRED: The hold-down of E-FAILED or NO-SUPPORT is over.
 * @SHIM6_CAUSE_SET_REMOVED: The HBA set of its ULID was removed.
 * @SHIM6_CAUSE_TRANSPORT: A transport repeated in vain.
 * @SHIM6_CAUSE_CADENCE: Payload that came regularly came no more.
 * @SHIM6_CAUSE_APPLICATION: An application said so.
 * @SHIM6_CAUSE_ROUTER_LOST: No router carries packets from the local
 *   locator.
 */
enum shim6_cause {
	SHIM6_CAUSE_NONE,
	SHIM6_CAUSE_TRAFFIC,
	SHIM6_CAUSE_ADMINISTRATOR,
	SHIM6_CAUSE_PEER,
	SHIM6_CAUSE_ANSWER,
	SHIM6_CAUSE_NO_ANSWER,
	SHIM6_CAUSE_ICMP_ERROR,
	SHIM6_CAUSE_SEND_TIMEOUT,
	SHIM6_CAUSE_PEER_EXPLORING,
	SHIM6_CAUSE_PROBE_ANSWERED,
	SHIM6_CAUSE_LINK_DOWN,
	SHIM6_CAUSE_ADDRESS_REMOVED,
	SHIM6_CAUSE_LOCATOR_BROKEN,
	SHIM6_CAUSE_PREFERENCE,
	SHIM6_CAUSE_CONTEXT_LOST,
	SHIM6_CAUSE_CONFUSION,
	SHIM6_CAUSE_IDLE,
	SHIM6_CAUSE_EXPIRED,
	SHIM6_CAUSE_SET_REMOVED,
	SHIM6_CAUSE_TRANSPORT,
	SHIM6_CAUSE_CADENCE,
	SHIM6_CAUSE_APPLICATION,
	SHIM6_CAUSE_ROUTER_LOST,
};

/**
 * enum shim6_policy_action - What a policy rule does. The first three are about
 *   contexts that packets start, the others about local locators.
 * @SHIM6_POLICY_ACTION_NEVER: Packets that match start no context.
 * @SHIM6_POLICY_ACTION_AT_ONCE: The first packet that matches starts a context.
 * @SHIM6_POLICY_ACTION_AFTER: Packets that match start a context after the
 *   rule's packets or time, of which it has one or both.
 * @SHIM6_POLICY_ACTION_USE: Local addresses that match may be locators.
 * @SHIM6_POLICY_ACTION_USE_NOT: Local addresses that match are withdrawn from
 *   use as locators.
 * @SHIM6_POLICY_ACTION_TELL: Peers that match are told of local addresses that
 *   match.
 * @SHIM6_POLICY_ACTION_TELL_NOT: Peers that match are not told of local
 *   addresses that match, and nothing is sent to them from these, unless it is
 *   their context's ULID. A peer that is told of any address beside the ULID
 *   can compute all addresses of that set (RFC 5535) nevertheless.
 */
enum shim6_policy_action {
	SHIM6_POLICY_ACTION_NEVER,
	SHIM6_POLICY_ACTION_AT_ONCE,
	SHIM6_POLICY_ACTION_AFTER,
	SHIM6_POLICY_ACTION_USE,
	SHIM6_POLICY_ACTION_USE_NOT,
	SHIM6_POLICY_ACTION_TELL,
	SHIM6_POLICY_ACTION_TELL_NOT,
};

/**
 * enum shim6_pair_role - Why a locator pair is looked after beside the one in
 *   use.
 * @SHIM6_PAIR_ROLE_PREFERRED: Traffic goes back to it when it has worked for
 *   the setting return-time.
 * @SHIM6_PAIR_ROLE_STANDBY: It is to be known good before it is needed (setting
 *   standby-interval).
 * @SHIM6_PAIR_ROLE_ASKED: An administrator asked whether it works
 *   (context-probe).
 */
enum shim6_pair_role {
	SHIM6_PAIR_ROLE_PREFERRED,
	SHIM6_PAIR_ROLE_STANDBY,
	SHIM6_PAIR_ROLE_ASKED,
};

/**
 * enum shim6_verdict - What somebody above the shim says of a context's present
 *   pair.
 * @SHIM6_VERDICT_WORKS: It works; as good as a packet received. A test that
 *   goes on ends.
 * @SHIM6_VERDICT_FAILS: It does not; a test begins, within the settings
 *   advice-application and test-limit.
 */
enum shim6_verdict {
	SHIM6_VERDICT_WORKS,
	SHIM6_VERDICT_FAILS,
};

enum {
	SHIM6_A_HBA_ID = 1,
	SHIM6_A_HBA_LABEL,
	SHIM6_A_HBA_PDS,
	SHIM6_A_HBA_ADDRESS,
	SHIM6_A_HBA_SEC,
	SHIM6_A_HBA_CONTEXTS,
	SHIM6_A_HBA_LOCATOR,

	__SHIM6_A_HBA_MAX,
	SHIM6_A_HBA_MAX = (__SHIM6_A_HBA_MAX - 1)
};

enum {
	SHIM6_A_LOCATOR_ADDRESS = 1,
	SHIM6_A_LOCATOR_STATUS,
	SHIM6_A_LOCATOR_METHOD,
	SHIM6_A_LOCATOR_FLAGS,
	SHIM6_A_LOCATOR_PRIORITY,
	SHIM6_A_LOCATOR_WEIGHT,
	SHIM6_A_LOCATOR_IFINDEX,
	SHIM6_A_LOCATOR_HBA_ID,
	SHIM6_A_LOCATOR_CONTEXTS,

	__SHIM6_A_LOCATOR_MAX,
	SHIM6_A_LOCATOR_MAX = (__SHIM6_A_LOCATOR_MAX - 1)
};

enum {
	SHIM6_A_LOCAL_ADDRESS = 1,
	SHIM6_A_LOCAL_LOCATOR,
	SHIM6_A_LOCAL_CAUSE,
	SHIM6_A_LOCAL_FLAGS,
	SHIM6_A_LOCAL_PRIORITY,
	SHIM6_A_LOCAL_WEIGHT,

	__SHIM6_A_LOCAL_MAX,
	SHIM6_A_LOCAL_MAX = (__SHIM6_A_LOCAL_MAX - 1)
};

enum {
	SHIM6_A_TIMER_KIND = 1,
	SHIM6_A_TIMER_REMAINING,

	__SHIM6_A_TIMER_MAX,
	SHIM6_A_TIMER_MAX = (__SHIM6_A_TIMER_MAX - 1)
};

enum {
	SHIM6_A_COUNTERS_TX_PACKETS = 1,
	SHIM6_A_COUNTERS_TX_OCTETS,
	SHIM6_A_COUNTERS_RX_PACKETS,
	SHIM6_A_COUNTERS_RX_OCTETS,
	SHIM6_A_COUNTERS_SWITCHES,
	SHIM6_A_COUNTERS_KEEPALIVES_SENT,
	SHIM6_A_COUNTERS_KEEPALIVES_RECEIVED,
	SHIM6_A_COUNTERS_PROBES_SENT,
	SHIM6_A_COUNTERS_PROBES_RECEIVED,

	__SHIM6_A_COUNTERS_MAX,
	SHIM6_A_COUNTERS_MAX = (__SHIM6_A_COUNTERS_MAX - 1)
};

enum {
	SHIM6_A_SWITCH_AGE = 1,
	SHIM6_A_SWITCH_SILENCE,
	SHIM6_A_SWITCH_CAUSE,

	__SHIM6_A_SWITCH_MAX,
	SHIM6_A_SWITCH_MAX = (__SHIM6_A_SWITCH_MAX - 1)
};

enum {
	SHIM6_A_PAIR_LOCAL = 1,
	SHIM6_A_PAIR_PEER,
	SHIM6_A_PAIR_ROLE,
	SHIM6_A_PAIR_GOOD_AGE,
	SHIM6_A_PAIR_LOST,
	SHIM6_A_PAIR_ROUND_TRIP,

	__SHIM6_A_PAIR_MAX,
	SHIM6_A_PAIR_MAX = (__SHIM6_A_PAIR_MAX - 1)
};

enum {
	SHIM6_A_CONTEXT_ID = 1,
	SHIM6_A_CONTEXT_STATE,
	SHIM6_A_CONTEXT_ULID_LOCAL,
	SHIM6_A_CONTEXT_ULID_PEER,
	SHIM6_A_CONTEXT_FII,
	SHIM6_A_CONTEXT_ROLE,
	SHIM6_A_CONTEXT_TAG_LOCAL,
	SHIM6_A_CONTEXT_TAG_PEER,
	SHIM6_A_CONTEXT_CURRENT_LOCAL,
	SHIM6_A_CONTEXT_CURRENT_PEER,
	SHIM6_A_CONTEXT_PREVIOUS_LOCAL,
	SHIM6_A_CONTEXT_PREVIOUS_PEER,
	SHIM6_A_CONTEXT_LOCATOR_LOCAL,
	SHIM6_A_CONTEXT_LOCATOR_PEER,
	SHIM6_A_CONTEXT_REAP_STATE,
	SHIM6_A_CONTEXT_EVENT,
	SHIM6_A_CONTEXT_CAUSE,
	SHIM6_A_CONTEXT_SWITCH_CAUSE,
	SHIM6_A_CONTEXT_CREATED_AGE,
	SHIM6_A_CONTEXT_STATE_AGE,
	SHIM6_A_CONTEXT_SWITCH_AGE,
	SHIM6_A_CONTEXT_RX_AGE,
	SHIM6_A_CONTEXT_TX_AGE,
	SHIM6_A_CONTEXT_OUTAGE,
	SHIM6_A_CONTEXT_TIMER,
	SHIM6_A_CONTEXT_COUNTERS,
	SHIM6_A_CONTEXT_KEEPALIVE_TIMEOUT,
	SHIM6_A_CONTEXT_RETRIES,
	SHIM6_A_CONTEXT_HBA_ID,
	SHIM6_A_CONTEXT_SWITCH,
	SHIM6_A_CONTEXT_PAIR,
	SHIM6_A_CONTEXT_ROUND_TRIP,
	SHIM6_A_CONTEXT_VERDICT,

	__SHIM6_A_CONTEXT_MAX,
	SHIM6_A_CONTEXT_MAX = (__SHIM6_A_CONTEXT_MAX - 1)
};

enum {
	SHIM6_A_CONFIG_START_PACKETS = 1,
	SHIM6_A_CONFIG_START_TIME,
	SHIM6_A_CONFIG_SEND_TIMEOUT,
	SHIM6_A_CONFIG_KEEPALIVE_TIMEOUT,
	SHIM6_A_CONFIG_INITIAL_PROBES,
	SHIM6_A_CONFIG_INITIAL_PROBE_TIMEOUT,
	SHIM6_A_CONFIG_MAX_PROBE_TIMEOUT,
	SHIM6_A_CONFIG_FAST_PROBE_LIMIT,
	SHIM6_A_CONFIG_IDLE_TIMEOUT,
	SHIM6_A_CONFIG_MAX_CONTEXTS,
	SHIM6_A_CONFIG_REPLY_LIMIT,
	SHIM6_A_CONFIG_ICMP_DELIVER_ALL,
	SHIM6_A_CONFIG_PARALLEL_PROBES,
	SHIM6_A_CONFIG_ADVICE_LOCAL,
	SHIM6_A_CONFIG_ADVICE_ICMP,
	SHIM6_A_CONFIG_ADVICE_TRANSPORT,
	SHIM6_A_CONFIG_ADVICE_CADENCE,
	SHIM6_A_CONFIG_ADVICE_APPLICATION,
	SHIM6_A_CONFIG_TEST_PROBES,
	SHIM6_A_CONFIG_TEST_LIMIT,
	SHIM6_A_CONFIG_RETURN_TIME,
	SHIM6_A_CONFIG_STANDBY_INTERVAL,
	SHIM6_A_CONFIG_ADVICE_ROUTER,

	__SHIM6_A_CONFIG_MAX,
	SHIM6_A_CONFIG_MAX = (__SHIM6_A_CONFIG_MAX - 1)
};

enum {
	SHIM6_A_STATS_CONTEXTS = 1,
	SHIM6_A_STATS_HBA_SETS,
	SHIM6_A_STATS_LOCATORS,
	SHIM6_A_STATS_CONTEXTS_CREATED,
	SHIM6_A_STATS_CONTEXTS_ESTABLISHED,
	SHIM6_A_STATS_CONTEXTS_FAILED,
	SHIM6_A_STATS_CONTEXTS_UNSUPPORTED,
	SHIM6_A_STATS_CONTEXTS_REMOVED,
	SHIM6_A_STATS_CONTEXTS_REFUSED,
	SHIM6_A_STATS_SWITCHES,
	SHIM6_A_STATS_EXPLORATIONS,
	SHIM6_A_STATS_EXPLORATIONS_ENDED,
	SHIM6_A_STATS_TX_SWITCHED,
	SHIM6_A_STATS_RX_SWITCHED,
	SHIM6_A_STATS_TX_DROPPED,
	SHIM6_A_STATS_TX_I1,
	SHIM6_A_STATS_TX_R1,
	SHIM6_A_STATS_TX_I2,
	SHIM6_A_STATS_TX_R2,
	SHIM6_A_STATS_TX_R1BIS,
	SHIM6_A_STATS_TX_I2BIS,
	SHIM6_A_STATS_TX_UPDATE_REQUEST,
	SHIM6_A_STATS_TX_UPDATE_ACK,
	SHIM6_A_STATS_TX_KEEPALIVE,
	SHIM6_A_STATS_TX_PROBE,
	SHIM6_A_STATS_TX_ERROR,
	SHIM6_A_STATS_RX_I1,
	SHIM6_A_STATS_RX_R1,
	SHIM6_A_STATS_RX_I2,
	SHIM6_A_STATS_RX_R2,
	SHIM6_A_STATS_RX_R1BIS,
	SHIM6_A_STATS_RX_I2BIS,
	SHIM6_A_STATS_RX_UPDATE_REQUEST,
	SHIM6_A_STATS_RX_UPDATE_ACK,
	SHIM6_A_STATS_RX_KEEPALIVE,
	SHIM6_A_STATS_RX_PROBE,
	SHIM6_A_STATS_RX_ERROR,
	SHIM6_A_STATS_DROP_MALFORMED,
	SHIM6_A_STATS_DROP_CHECKSUM,
	SHIM6_A_STATS_DROP_UNKNOWN_TYPE,
	SHIM6_A_STATS_DROP_UNKNOWN_OPTION,
	SHIM6_A_STATS_DROP_NO_CONTEXT,
	SHIM6_A_STATS_DROP_WRONG_STATE,
	SHIM6_A_STATS_DROP_VALIDATOR,
	SHIM6_A_STATS_DROP_VERIFICATION,
	SHIM6_A_STATS_DROP_UNKNOWN_TAG,
	SHIM6_A_STATS_DROP_LOCATOR,
	SHIM6_A_STATS_DROP_RATE_LIMIT,
	SHIM6_A_STATS_DROP_NO_MEMORY,
	SHIM6_A_STATS_ICMP_ERRORS,
	SHIM6_A_STATS_ICMP_TRANSLATED,
	SHIM6_A_STATS_TX_SEGMENTED,
	SHIM6_A_STATS_TX_FRAGMENTED,
	SHIM6_A_STATS_TX_TOO_BIG,
	SHIM6_A_STATS_DROP_ADDRESS,
	SHIM6_A_STATS_DROP_NONCE,
	SHIM6_A_STATS_CONTEXTS_RECOVERED,
	SHIM6_A_STATS_SEND_TIMEOUTS,
	SHIM6_A_STATS_START_EVICTED,
	SHIM6_A_STATS_ICMP_IGNORED,
	SHIM6_A_STATS_HBA_REFUSED,
	SHIM6_A_STATS_EVENTS_LOST,
	SHIM6_A_STATS_ADVICE_LOCAL,
	SHIM6_A_STATS_ADVICE_ICMP,
	SHIM6_A_STATS_ADVICE_TRANSPORT,
	SHIM6_A_STATS_ADVICE_CADENCE,
	SHIM6_A_STATS_ADVICE_APPLICATION,
	SHIM6_A_STATS_TESTS,
	SHIM6_A_STATS_TESTS_PUT_OFF,
	SHIM6_A_STATS_FALSE_ALARMS,
	SHIM6_A_STATS_ADVICE_ROUTER,
	SHIM6_A_STATS_TX_LENT,

	__SHIM6_A_STATS_MAX,
	SHIM6_A_STATS_MAX = (__SHIM6_A_STATS_MAX - 1)
};

enum {
	SHIM6_A_POLICY_ID = 1,
	SHIM6_A_POLICY_ORDER,
	SHIM6_A_POLICY_ACTION,
	SHIM6_A_POLICY_LOCAL,
	SHIM6_A_POLICY_LOCAL_LEN,
	SHIM6_A_POLICY_PEER,
	SHIM6_A_POLICY_PEER_LEN,
	SHIM6_A_POLICY_PROTOCOL,
	SHIM6_A_POLICY_LOCAL_PORT,
	SHIM6_A_POLICY_LOCAL_PORT_END,
	SHIM6_A_POLICY_PEER_PORT,
	SHIM6_A_POLICY_PEER_PORT_END,
	SHIM6_A_POLICY_USER,
	SHIM6_A_POLICY_PACKETS,
	SHIM6_A_POLICY_TIME,
	SHIM6_A_POLICY_RULE,

	__SHIM6_A_POLICY_MAX,
	SHIM6_A_POLICY_MAX = (__SHIM6_A_POLICY_MAX - 1)
};

enum {
	SHIM6_CMD_HBA_LOAD = 1,
	SHIM6_CMD_HBA_GET,
	SHIM6_CMD_HBA_DEL,
	SHIM6_CMD_HBA_LOAD_NTF,
	SHIM6_CMD_HBA_DEL_NTF,
	SHIM6_CMD_CONTEXT_ADD,
	SHIM6_CMD_CONTEXT_GET,
	SHIM6_CMD_CONTEXT_DEL,
	SHIM6_CMD_CONTEXT_EXPLORE,
	SHIM6_CMD_CONTEXT_ADD_NTF,
	SHIM6_CMD_CONTEXT_CHANGE_NTF,
	SHIM6_CMD_CONTEXT_DEL_NTF,
	SHIM6_CMD_LOCATOR_GET,
	SHIM6_CMD_LOCATOR_CHANGE_NTF,
	SHIM6_CMD_CONFIG_GET,
	SHIM6_CMD_CONFIG_SET,
	SHIM6_CMD_CONFIG_NTF,
	SHIM6_CMD_STATS_GET,
	SHIM6_CMD_LOCATOR_SET,
	SHIM6_CMD_LOCATOR_ADD,
	SHIM6_CMD_LOCATOR_DEL,
	SHIM6_CMD_CONTEXT_FORK,
	SHIM6_CMD_CONTEXT_FLUSH,
	SHIM6_CMD_POLICY_ADD,
	SHIM6_CMD_POLICY_GET,
	SHIM6_CMD_POLICY_DEL,
	SHIM6_CMD_POLICY_REPLACE,
	SHIM6_CMD_POLICY_ADD_NTF,
	SHIM6_CMD_POLICY_DEL_NTF,
	SHIM6_CMD_CONTEXT_SWITCH,
	SHIM6_CMD_CONTEXT_PROBE,
	SHIM6_CMD_CONTEXT_ADVISE,

	__SHIM6_CMD_MAX,
	SHIM6_CMD_MAX = (__SHIM6_CMD_MAX - 1)
};

#define SHIM6_MCGRP_EVENTS	"events"

/*
 * Socket options (RFC 6316, section 6; Documentation/socket-api.rst). They are
 * options of IPv6 sockets, so the level is that of IPv6.
 */
#define SOL_SHIM		41

/* Locators in one option at most: as many as a peer may have. */
#define SHIM_MAX_LOCATORS	12

/**
 * enum - Socket options of Shim6 (RFC 6316, sections 6 and 7.3).
 * @SHIM_ASSOCIATED: int, read only. 1: a context is there for the socket; 0:
 *   none is.
 * @SHIM_DONTSHIM: int, before the socket is connected. 1: packets of the socket
 *   pass the shim by.
 * @SHIM_HOT_STANDBY: int. 1: an alternative locator pair is kept known to work.
 * @SHIM_LOC_LOCAL_PREF: struct shim_locator. Set: the preference of a local
 *   locator; all zeroes: of none any more. Get: the most preferred one.
 * @SHIM_LOC_PEER_PREF: Likewise for the peer's locators.
 * @SHIM_LOC_LOCAL_RECV: int. 1: the local locator of the last packet received is
 *   wanted; it is read by the same option into a struct shim_locator.
 * @SHIM_LOC_PEER_RECV: Likewise for the peer's locator.
 * @SHIM_LOC_LOCAL_SEND: struct shim_locator. The local locator that packets are
 *   to be sent from; all zeroes: none in particular.
 * @SHIM_LOC_PEER_SEND: Likewise for the peer's locator, to be sent to.
 * @SHIM_LOCLIST_LOCAL: struct shim_locator[]. The local locators that may be
 *   used; empty: all.
 * @SHIM_LOCLIST_PEER: Likewise for the peer's locators.
 * @SHIM_APP_TIMEOUT: int, seconds. The Send Timeout; 0: that of the setting.
 * @SHIM_PATHEXPLORE: struct shim_pathexplore.
 * @SHIM_DEFERRED_CONTEXT_SETUP: int, read only. 1: contexts are set up while
 *   data is exchanged already.
 * @SHIM_FEEDBACK: struct shim_feedback, set only. What the application sees of
 *   the path.
 */
enum {
	SHIM_ASSOCIATED = 6316,
	SHIM_DONTSHIM,
	SHIM_HOT_STANDBY,
	SHIM_LOC_LOCAL_PREF,
	SHIM_LOC_PEER_PREF,
	SHIM_LOC_LOCAL_RECV,
	SHIM_LOC_PEER_RECV,
	SHIM_LOC_LOCAL_SEND,
	SHIM_LOC_PEER_SEND,
	SHIM_LOCLIST_LOCAL,
	SHIM_LOCLIST_PEER,
	SHIM_APP_TIMEOUT,
	SHIM_PATHEXPLORE,
	SHIM_DEFERRED_CONTEXT_SETUP,
	SHIM_FEEDBACK,

	__SHIM_OPTION_MAX
};

/* Bits of lc_flags: how a locator is bound to the others. */
#define SHIM_LOCATOR_HBA	0x01
#define SHIM_LOCATOR_CGA	0x02

/**
 * struct shim_locator - A locator (RFC 6316, section 8.1).
 * @lc_family: AF_INET6.
 * @lc_proto: Zero: there is no NAT.
 * @lc_port: Zero.
 * @lc_prio: Priority, 0 to 255; the lowest comes first.
 * @lc_weight: Weight among locators of one priority, 0 to 255.
 * @lc_ifidx: Interface of a local locator; no effect when set.
 * @lc_addr: The address.
 * @lc_flags: SHIM_LOCATOR_HBA or SHIM_LOCATOR_CGA; no effect when set.
 * @lc_unused: Zero.
 */
struct shim_locator {
	__u8		lc_family;
	__u8		lc_proto;
	__u16		lc_port;
	__u16		lc_prio;
	__u16		lc_weight;
	__u32		lc_ifidx;
	struct in6_addr	lc_addr;
	__u16		lc_flags;
	__u16		lc_unused;
};

/**
 * struct shim_pathexplore - Failure detection and exploration (RFC 6316, section
 *   8.2). When set, zero stands for the setting of the host.
 * @pe_probenum: Number of initial Probes, 1 to 16.
 * @pe_keepaliveto: Seconds without a packet received, while there are packets
 *   sent, after which other pairs are tried: the Send Timeout of RFC 5534, which
 *   is the Keepalive Timeout of the peer; 1 to 100.
 * @pe_keepaliveint: Seconds between Keepalives: from a third to a half of the
 *   Keepalive Timeout that holds.
 * @pe_initprobeto: Milliseconds between the initial Probes, 100 to 10000.
 * @pe_reserved: Zero.
 */
struct shim_pathexplore {
	__u16	pe_probenum;
	__u16	pe_keepaliveto;
	__u16	pe_keepaliveint;
	__u16	pe_initprobeto;
	__u32	pe_reserved;
};

/* fb_direction. */
#define SHIM_FEEDBACK_OUTBOUND	0
#define SHIM_FEEDBACK_INBOUND	1

/* fb_indicator. */
#define SHIM_FEEDBACK_NONE		0
#define SHIM_FEEDBACK_UNABLE		1
#define SHIM_FEEDBACK_UNSATISFACTORY	2
#define SHIM_FEEDBACK_SATISFACTORY	3

/**
 * struct shim_feedback - What an application sees of the locator pair in use (RFC
 *   6316, section 8.3).
 * @fb_direction: SHIM_FEEDBACK_OUTBOUND or SHIM_FEEDBACK_INBOUND.
 * @fb_indicator: SHIM_FEEDBACK_NONE to SHIM_FEEDBACK_SATISFACTORY.
 * @fb_reserved: Ignored.
 */
struct shim_feedback {
	__u8	fb_direction;
	__u8	fb_indicator;
	__u16	fb_reserved;
};

/*
 * The errors of RFC 6316, section 6.16, by numbers that every C library has a
 * sentence for.
 */
#define EINVALIDLOCATOR		EADDRNOTAVAIL
#define EUNVERIFIEDLOCATOR	ENODATA
#define EUNREACHABLELOCATOR	EHOSTUNREACH
#define ETOOMANYLOCATORS	E2BIG

#endif /* _UAPI_LINUX_SHIM6_H */
