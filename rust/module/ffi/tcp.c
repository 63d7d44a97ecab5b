// SPDX-License-Identifier: GPL-2.0
/* TCP as a source of advice (RFC 5534 section 3), and told when its path has changed. */
#include <net/inet6_hashtables.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#include "path.h"
#include "protocol.h"
#include "tcp.h"
#include "unsent.h"

/*
 * Whether the timer for a tail-loss probe has run and TCP is about to send that probe. It does so at the next tick already
 * where round trips are short, so that what is sent in the moments before the timer runs, or while it waits for whoever has
 * the socket, would look the same by its time alone.
 */
static bool shim6_tcp_probes(const struct sock *sk)
{
	return inet_csk(sk)->icsk_pending == ICSK_TIME_LOSS_PROBE && !time_after(tcp_timeout_expires(sk), jiffies) &&
	       !timer_pending(&sk->tcp_retransmit_timer) && !test_bit(TCP_WRITE_TIMER_DEFERRED, &sk->sk_tsq_flags);
}

/*
 * What the connection knows whose packet this is, on its way out. It stalls if the packet is sent again, or sent as a
 * tail-loss probe, since nothing was acknowledged for as long as TCP waits. The socket is locked by whoever sends.
 */
bool shim6_tcp_sender(const struct sk_buff *skb, struct shim6_tcp_sender *sender)
{
	const struct inet_connection_sock *icsk;
	const struct sock *sk = skb->sk;
	const struct tcp_sock *tp;
	u32 deviation;

	if (!sk || !sk_fullsock(sk) || !sk_is_tcp(sk))
		return false;
	icsk = inet_csk(sk);
	tp = tcp_sk(sk);
	sender->stalls = icsk->icsk_retransmits || shim6_tcp_probes(sk);
	/* What is sent just now may not count yet, but it then is the first of more. */
	sender->waits = tp->packets_out || tcp_send_head(sk);
	sender->mean = tp->srtt_us >> 3;
	/* The first sample sets the deviation to half of itself, for want of another. */
	deviation = tp->mdev_us >> 2;
	sender->variation = deviation == tp->srtt_us >> 4 ? 0 : max(deviation, 1u);
	return true;
}

/*
 * Whether a connection waits for an acknowledgement for longer than a round trip takes; or at all, where it is known that
 * what is on its way is lost: what was sent again just now is not meant.
 */
static bool shim6_tcp_waits_in_vain(const struct sock *sk, bool lost)
{
	const struct sk_buff *head = tcp_rtx_queue_head(sk);
	u64 wait = lost ? NSEC_PER_MSEC : (u64)(tcp_sk(sk)->srtt_us >> 3) * NSEC_PER_USEC;

	/* What is paced may have a time to come. */
	return head && (s64)(ktime_get_ns() - head->skb_mstamp_ns) >= (s64)wait;
}

/* Octets by which the MTU of a connection shrinks at the least that is to send again. */
#define SHIM6_TCP_NOTCH 4

/*
 * The smaller MTU of a switched path: TCP learns it as from a router, and sends again at once, without taking the loss for
 * congestion, what no longer fits. That is also the only way for a module to have it do so: where it has learnt the MTU
 * from an earlier switch it is told of one that is a notch smaller, until the kernel forgets that (ipv6.route.mtu_expires).
 */
static void shim6_tcp_reduce_mtu(struct sock *sk, const u8 *source, const u8 *destination, bool is_switched, bool lost)
{
	struct dst_entry *dst = shim6_route(sock_net(sk), source, destination, READ_ONCE(sk->sk_mark));
	u32 mtu = dst_mtu(dst) - (is_switched ? SHIM6_PAYLOAD_LEN : 0);

	if (!dst->error) {
		if (shim6_tcp_waits_in_vain(sk, lost))
			mtu = min_t(u32, mtu, tcp_mss_to_mtu(sk, tcp_sk(sk)->mss_cache) - SHIM6_TCP_NOTCH);
		WRITE_ONCE(tcp_sk(sk)->mtu_info, max_t(u32, mtu, IPV6_MIN_MTU));
		inet_csk(sk)->icsk_af_ops->mtu_reduced(sk);
	}
	dst_release(dst);
}

/*
 * Has a connection that waits in vain for an acknowledgement send at the next tick, with the
 * timeout that it had before it began to back off: the waits were for a path that is no longer used. Much as an ICMPv6
 * error undoes the back-off (RFC 6069).
 */
static void shim6_tcp_hasten(struct sock *sk, bool lost)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);
	int pending = icsk->icsk_pending;

	switch (pending) {
	case ICSK_TIME_PROBE0:
		if (!icsk->icsk_backoff)
			return;
		break;
	case ICSK_TIME_RETRANS:
	case ICSK_TIME_LOSS_PROBE:
	case ICSK_TIME_REO_TIMEOUT:
		if (!shim6_tcp_waits_in_vain(sk, lost))
			return;
		pending = ICSK_TIME_RETRANS;
		break;
	default:
		return;
	}
	icsk->icsk_backoff = 0;
	icsk->icsk_rto = tp->srtt_us ? max(__tcp_set_rto(tp), tcp_rto_min(sk)) : TCP_TIMEOUT_INIT;
	tcp_bound_rto(sk);
	/* The wheel runs it a tick later. */
	tcp_reset_xmit_timer(sk, pending, 0, false);
}

/* One that receives acknowledges again: what it said last may have gone the old way, and the sender waits for it. */
static void shim6_tcp_acknowledge(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 silence = tcp_jiffies32 - inet_csk(sk)->icsk_ack.lrcvtime;

	if (sk->sk_state == TCP_ESTABLISHED && !tp->packets_out && silence < HZ)
		__tcp_send_ack(sk, tp->rcv_nxt, 0);
}

/* The connection between these ULIDs that has these ports, with a reference; none if there is none. */
static struct sock *shim6_tcp_connection(struct net *net, const u8 *local, const u8 *peer, u32 ports)
{
	struct in6_addr here, there;

	memcpy(&here, local, sizeof(here));
	memcpy(&there, peer, sizeof(there));
	return __inet6_lookup_established(net, &there, htons(ports & 0xffff), &here, ports >> 16, 0, 0);
}

/*
 * Tells a connection between these ULIDs that its packets go from `source` to `destination` from now on. `ports` are the
 * first four octets of what it sends. If the peer has `lost` what the packets on their way are addressed to, they are sent
 * again. A connection that is being used at this moment waits for its own timers. What was to go the old way and is still in
 * the host is taken back, whoever uses the connection, and that of other connections between these ULIDs with it. Called without
 * the control lock.
 */
void shim6_tcp_wake(struct net *net, const u8 *local, const u8 *peer, u32 ports, const u8 *source,
		    const u8 *destination, bool lost)
{
	struct sock *sk;

	local_bh_disable();
	sk = shim6_tcp_connection(net, local, peer, ports);
	if (!sk)
		goto out;
	if (!sk_fullsock(sk))
		goto put;
	/* Whoever sends a packet that makes its own path change holds the lock already. */
	if (spin_trylock(&sk->sk_lock.slock)) {
		if (sock_owned_by_user(sk) || shim6_unsent(sk))
			shim6_unsent_drop(net, local, peer, source, destination);
		if (!sock_owned_by_user(sk) && sk->sk_state != TCP_CLOSE) {
			bool switched = memcmp(local, source, sizeof(struct in6_addr)) ||
					memcmp(peer, destination, sizeof(struct in6_addr));

			shim6_tcp_reduce_mtu(sk, source, destination, switched, lost);
			shim6_tcp_hasten(sk, lost);
			shim6_tcp_acknowledge(sk);
		}
		spin_unlock(&sk->sk_lock.slock);
	} else {
		shim6_unsent_drop(net, local, peer, source, destination);
	}
put:
	sock_gen_put(sk);
out:
	local_bh_enable();
}

/*
 * Whether a connection can be made to send its tail-loss probe: it waits for an acknowledgement in vain or, where the peer is
 * `owed` what was sent, at all, and the kernel would send it, as none is on its way and no copy of it is still in the host.
 */
static bool shim6_tcp_may_probe(const struct sock *sk, bool owed)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	return !sock_owned_by_user(sk) && inet_csk(sk)->icsk_pending == ICSK_TIME_LOSS_PROBE &&
	       !(tp->tlp_high_seq && before(tp->snd_una, tp->tlp_high_seq)) && shim6_tcp_waits_in_vain(sk, owed) &&
	       !skb_fclone_busy(sk, skb_rb_last(&sk->tcp_rtx_queue));
}

/*
 * Sends it: one segment, and no sign of congestion (RFC 8985 section 7). The timer is made to have run while somebody else had the
 * socket, and the kernel then does what it does when the socket is released. Once one was acknowledged TCP goes on waiting for what
 * tells whether both copies arrived, and sends no other until then; but what was lost over a path that fails is no congestion.
 */
static bool shim6_tcp_probe(struct sock *sk)
{
	if (test_and_set_bit(TCP_WRITE_TIMER_DEFERRED, &sk->sk_tsq_flags))
		return false;
	tcp_sk(sk)->tlp_high_seq = 0;
	/* Who handles what was deferred lets the reference go. */
	sock_hold(sk);
	tcp_reset_xmit_timer(sk, ICSK_TIME_LOSS_PROBE, 0, false);
	sk->sk_prot->release_cb(sk);
	return true;
}

/*
 * Whether a connection between these ULIDs has something to send again, or, if it `sends`, has done so. One that is being used at
 * this moment waits for its own timer. Called without the control lock.
 */
bool shim6_tcp_lend(struct net *net, const u8 *local, const u8 *peer, u32 ports, bool owed, bool sends)
{
	struct sock *sk;
	bool lends = false;

	local_bh_disable();
	sk = shim6_tcp_connection(net, local, peer, ports);
	if (!sk)
		goto out;
	if (sk_fullsock(sk) && spin_trylock(&sk->sk_lock.slock)) {
		lends = shim6_tcp_may_probe(sk, owed) && (!sends || shim6_tcp_probe(sk));
		spin_unlock(&sk->sk_lock.slock);
	}
	sock_gen_put(sk);
out:
	local_bh_enable();
	return lends;
}
