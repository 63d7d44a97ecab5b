// SPDX-License-Identifier: GPL-2.0
/*
 * The part of the hooks that every packet goes through: what this CPU remembers is acted on here, everything else is left
 * to Rust. See fast.h for what is remembered and for how long.
 *
 * A memo is read and written without anything that keeps the task on its CPU or softirqs off. So two of them may be at it
 * at once, and one may read the stamp of one memo and the context of the next. Its memory is that of a context all the
 * same: contexts are of a type-stable cache, and whoever put it there was under RCU with it when the reader was, too. That
 * it is the right one is seen by its addresses or its tag, which are compared after that. Counts that get lost so are lost.
 */
#include <linux/unaligned.h>
#include <net/addrconf.h>
#include <net/gso.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>

#include "fast.h"
#include "hook.h"
#include "path.h"
#include "protocol.h"
#include "skb.h"
#include "table.h"

int shim6_memos_init(struct shim6_net *share)
{
	share->memos = alloc_percpu(struct shim6_memos);
	return share->memos ? 0 : -ENOMEM;
}

void shim6_memos_free(struct shim6_net *share)
{
	free_percpu(share->memos);
}

/* No memo holds any more. Called under the control lock, before anything that the change concerns is freed by RCU. */
void shim6_net_changed(struct shim6_net *share)
{
	WRITE_ONCE(share->epoch, share->epoch + 1);
}

/* How many contexts and HBA sets there are. Called under the control lock. */
void shim6_net_numbers(struct shim6_net *share, u32 contexts, u32 sets)
{
	WRITE_ONCE(share->contexts, contexts);
	WRITE_ONCE(share->sets, sets);
	shim6_net_changed(share);
}

static u32 shim6_tick(void)
{
	return jiffies;
}

/* The stamp of a memo made now. It is to be taken before looking at anything that the memo will rest on. */
static u64 shim6_stamp_now(const struct shim6_net *share)
{
	return (u64)READ_ONCE(share->epoch) << 32 | shim6_tick();
}

u64 shim6_stamp(const struct shim6_net *share)
{
	return shim6_stamp_now(share);
}

static struct shim6_memo *shim6_memo(const struct shim6_net *share, enum shim6_memo_kind kind, u8 place)
{
	return &raw_cpu_ptr(share->memos)->memos[kind][place & (SHIM6_MEMOS - 1)];
}

static u8 shim6_memo_place(const struct shim6_node *node, enum shim6_memo_kind kind)
{
	return kind == SHIM6_MEMO_TAG ? node->tag_local : node->peer.s6_addr[15];
}

/*
 * Remembers a context until the tick or the epoch ends. Returns the number of the context that what went by since the
 * last time is to be counted for; 0: none. Called under RCU.
 */
u32 shim6_memo_set(struct shim6_node *node, enum shim6_memo_kind kind, u64 stamp, struct shim6_passed *passed)
{
	struct shim6_memo *memo = shim6_memo(node->share, kind, shim6_memo_place(node, kind));
	u32 before = memo->id;

	passed->packets = memo->packets;
	passed->octets = memo->octets;
	WRITE_ONCE(memo->stamp, 0);
	smp_wmb();
	WRITE_ONCE(memo->node, node);
	WRITE_ONCE(memo->turn, READ_ONCE(node->turn));
	memo->id = node->id;
	memo->packets = 0;
	memo->octets = 0;
	smp_store_release(&memo->stamp, stamp);
	return passed->packets ? before : 0;
}

/* Counts a packet with its context's memo; false if this CPU has none. */
bool shim6_memo_count(struct shim6_node *node, enum shim6_memo_kind kind, u32 octets)
{
	struct shim6_memo *memo = shim6_memo(node->share, kind, shim6_memo_place(node, kind));

	if (memo->id != node->id)
		return false;
	memo->packets++;
	memo->octets += octets;
	return true;
}

/* What all CPUs counted and the context was not told yet. */
void shim6_memos_passed(struct shim6_node *node, enum shim6_memo_kind kind, struct shim6_passed *passed)
{
	u8 place = shim6_memo_place(node, kind) & (SHIM6_MEMOS - 1);
	int cpu;

	passed->packets = 0;
	passed->octets = 0;
	for_each_possible_cpu(cpu) {
		const struct shim6_memo *memo = &per_cpu_ptr(node->share->memos, cpu)->memos[kind][place];

		if (READ_ONCE(memo->id) != node->id)
			continue;
		passed->packets += READ_ONCE(memo->packets);
		passed->octets += READ_ONCE(memo->octets);
	}
}

/* The context of a memo that holds, not compared with any packet yet. Under RCU. */
static struct shim6_node *shim6_memo_node(const struct shim6_net *share, const struct shim6_memo *memo)
{
	struct shim6_node *node;

	if (smp_load_acquire(&memo->stamp) != shim6_stamp_now(share))
		return NULL;
	node = READ_ONCE(memo->node);
	return READ_ONCE(memo->turn) == READ_ONCE(node->turn) ? node : NULL;
}

/* A packet was noted after one of the other direction in the same tick: the next of that is to be noted as well. */
void shim6_node_turn(struct shim6_node *node)
{
	WRITE_ONCE(node->turn, node->turn + 1);
}

/*
 * Without contexts: from now on packets to this peer are only counted, until the tick ends. Returns how many were so since
 * the last time, if they were to the same peer.
 */
u32 shim6_start_memo(struct shim6_net *share, const u8 *peer)
{
	struct shim6_memos *memos = raw_cpu_ptr(share->memos);
	u64 end = get_unaligned((const u64 *)(peer + 8));
	u32 packets = memos->start_peer == end ? memos->start_packets : 0;

	memos->start_peer = end;
	memos->start_tick = shim6_tick();
	memos->start_packets = 0;
	return packets;
}

/*
 * Whether the destination of a packet on its way in is an address of this host. One that is stays so until the tick ends. Only
 * in softirq: nobody else on this CPU is at the memo then.
 */
bool shim6_is_for_host(struct shim6_net *share, const u8 *address)
{
	struct shim6_memos *memos = raw_cpu_ptr(share->memos);
	struct in6_addr copy;

	memcpy(&copy, address, sizeof(copy));
	if (memos->host_tick == shim6_tick() && ipv6_addr_equal(&memos->host, &copy))
		return true;
	if (!ipv6_chk_addr(share->net, &copy, NULL, 0))
		return false;
	memos->host = copy;
	memos->host_tick = shim6_tick();
	return true;
}

/*
 * Whether a route may be lent to a packet: whoever sends it holds RCU until it has left, or has been given a reference of
 * its own. One hook's RCU is netfilter's.
 */
static bool shim6_may_lend(const struct sk_buff *skb)
{
	return skb_dst_is_noref(skb) || in_softirq() || rcu_preempt_depth() > 1;
}

/* Whether a packet fits a path as it is, or its segments do and are made later. */
static bool shim6_fits(const struct sk_buff *skb, unsigned int limit)
{
	if (!skb_is_gso(skb))
		return skb->len <= limit;
	return shim6_skb_is_plain_gso(skb) && shim6_skb_segment_len(skb) <= limit;
}

/* Whether a sum still to be made, of a packet that is no tunnel's, was left to others or made. */
static bool shim6_fast_sum(const struct shim6_path *path, struct sk_buff *skb, const struct net_device *dev)
{
	if (unlikely(skb->encapsulation))
		return false;
	if (skb_is_gso(skb)) {
		if (dev != READ_ONCE(path->segmenting))
			return false;
	} else if (dev != READ_ONCE(path->guarded)) {
		return shim6_skb_leave_sum(skb, dev);
	}
	skb_reset_inner_headers(skb);
	skb->encapsulation = 1;
	return true;
}

/* Whether a path's route was found for packets like this one. Most have a socket, whose owner is read without more ado. */
static bool shim6_fast_fits_route(const struct shim6_net *share, const struct shim6_path *path, const struct sk_buff *skb)
{
	const struct sock *sk = skb->sk;

	if (unlikely(!sk || !sk_fullsock(sk)))
		return shim6_path_is_for(path, share->net, skb);
	return skb->mark == READ_ONCE(path->mark) && uid_eq(sk_uid(sk), READ_ONCE(path->uid));
}

/*
 * Switches the common packet: no other extension headers, not too long, room before it, of a socket that the route was found for.
 * The route was looked at in this tick.
 * False for every other, which is as it was but for a sum that was to be made.
 */
static bool shim6_fast_switch(struct shim6_net *share, struct shim6_path *path, struct sk_buff *skb)
{
	struct dst_entry *dst = rcu_dereference(path->dst);
	const struct net_device *dev;
	const struct dst_entry *old;
	u64 *to, *from, first;
	u8 next;

	next = ((struct ipv6hdr *)skb->data)->nexthdr;
	if (unlikely(!dst || !shim6_fits(skb, READ_ONCE(path->limit))))
		return false;
	if (unlikely(next != IPPROTO_TCP && next != IPPROTO_UDP))
		return false;
	dev = dst->dev;
	if (unlikely(skb_headroom(skb) < SHIM6_PAYLOAD_LEN + LL_RESERVED_SPACE(dev) || skb_header_cloned(skb)))
		return false;
	if (unlikely(!shim6_fast_fits_route(share, path, skb) || skb_is_decrypted(skb)))
		return false;
	old = skb_dst(skb);
	if (unlikely(!old || dst_xfrm(old) || !shim6_may_lend(skb)))
		return false;
	if (skb->ip_summed == CHECKSUM_PARTIAL && unlikely(!shim6_fast_sum(path, skb, dev)))
		return false;
	skb_dst_drop(skb);
	skb_dst_set_noref(skb, dst);
	/* Where it is now: a sum that was made may have moved the headers. */
	from = (u64 *)skb->data;
	to = (u64 *)skb_push(skb, SHIM6_PAYLOAD_LEN);
	skb->network_header -= SHIM6_PAYLOAD_LEN;
	first = from[0];
	to[0] = first;
	ipv6_set_payload_len((struct ipv6hdr *)to, skb->len - sizeof(struct ipv6hdr));
	((struct ipv6hdr *)to)->nexthdr = SHIM6_PROTOCOL;
	((struct ipv6hdr *)to)->saddr = path->local;
	((struct ipv6hdr *)to)->daddr = path->peer;
	memcpy(to + 5, path->header, SHIM6_PAYLOAD_LEN);
	*(u8 *)(to + 5) = next;
	this_cpu_inc(*share->tx_switched);
	return true;
}

/* A packet of a context that is switched. Apart, so that packets of others need not save what this one uses. */
static noinline unsigned int shim6_out_switched(struct shim6_net *share, struct shim6_memo *memo, struct shim6_path *path,
						struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (!shim6_fast_switch(share, path, skb))
		return shim6_hook_out(share, skb, state);
	memo->packets++;
	memo->octets += skb->len - SHIM6_PAYLOAD_LEN;
	return NF_ACCEPT;
}

/* LOCAL_OUT. */
unsigned int shim6_fast_out(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct ipv6hdr *header = (struct ipv6hdr *)skb->data;
	struct shim6_net *share = priv;
	struct shim6_memo *memo;
	struct shim6_node *node;
	struct shim6_path *path;

	/* Control messages, and what was switched already. */
	if (header->nexthdr == SHIM6_PROTOCOL)
		return NF_ACCEPT;
	if (!READ_ONCE(share->contexts)) {
		struct shim6_memos *memos;

		if (!READ_ONCE(share->sets))
			return NF_ACCEPT;
		memos = raw_cpu_ptr(share->memos);
		if (memos->start_tick != shim6_tick() ||
		    memos->start_peer != get_unaligned((u64 *)&header->daddr.s6_addr[8]))
			return shim6_hook_out(priv, skb, state);
		memos->start_packets++;
		return NF_ACCEPT;
	}
	memo = shim6_memo(share, SHIM6_MEMO_OUT, header->daddr.s6_addr[15]);
	node = shim6_memo_node(share, memo);
	if (!node || !ipv6_addr_equal(&node->peer, &header->daddr) || !ipv6_addr_equal(&node->local, &header->saddr) ||
	    node->fii)
		return shim6_hook_out(priv, skb, state);
	path = rcu_dereference(node->path);
	if (!path)
		return NF_ACCEPT;
	return shim6_out_switched(share, memo, path, skb, state);
}

/* Turns the common packet back: its headers in one piece and ours alone, no sum over the whole of it. */
static bool shim6_fast_restore(struct shim6_net *share, struct sk_buff *skb)
{
	const unsigned int headers = sizeof(struct ipv6hdr) + SHIM6_PAYLOAD_LEN;
	struct shim6_memo *memo;
	struct shim6_node *node;
	u64 *from, *to, header, first;

	if (unlikely(skb_headlen(skb) < headers))
		return false;
	from = (u64 *)skb->data;
	header = get_unaligned_be64(from + 5);
	/* Control messages, fragments and whatever else there may be are not common. */
	if (unlikely(header >> 56 != IPPROTO_TCP && header >> 56 != IPPROTO_UDP))
		return false;
	if (unlikely(skb->ip_summed == CHECKSUM_COMPLETE || (skb_cloned(skb) && !skb_clone_writable(skb, headers))))
		return false;
	memo = shim6_memo(share, SHIM6_MEMO_TAG, header);
	node = shim6_memo_node(share, memo);
	/* The tag with the P bit, and a length of zero. */
	if (unlikely(!node || (header & GENMASK_ULL(55, 0)) != (node->tag_local | SHIM6_PAYLOAD_BIT)))
		return false;
	to = from + 1;
	first = from[0];
	to[0] = first;
	((struct ipv6hdr *)to)->nexthdr = header >> 56;
	((struct ipv6hdr *)to)->saddr = node->peer;
	((struct ipv6hdr *)to)->daddr = node->local;
	__skb_pull(skb, SHIM6_PAYLOAD_LEN);
	ipv6_set_payload_len((struct ipv6hdr *)to, skb->len - sizeof(struct ipv6hdr));
	skb->network_header += SHIM6_PAYLOAD_LEN;
	skb->transport_header += SHIM6_PAYLOAD_LEN;
	shim6_skb_restored(skb);
	this_cpu_inc(*share->rx_switched);
	memo->packets++;
	memo->octets += skb->len;
	return true;
}

static noinline unsigned int shim6_in_switched(struct shim6_net *share, struct sk_buff *skb,
					       const struct nf_hook_state *state)
{
	return shim6_fast_restore(share, skb) ? NF_ACCEPT : shim6_hook_in(share, skb, state);
}

/* PRE_ROUTING. */
unsigned int shim6_fast_in(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct ipv6hdr *header = (struct ipv6hdr *)skb->data;
	struct shim6_net *share = priv;
	struct shim6_node *node;

	switch (header->nexthdr) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		if (!READ_ONCE(share->contexts))
			return NF_ACCEPT;
		node = shim6_memo_node(share, shim6_memo(share, SHIM6_MEMO_IN, header->saddr.s6_addr[15]));
		if (node && ipv6_addr_equal(&node->peer, &header->saddr) && ipv6_addr_equal(&node->local, &header->daddr))
			return NF_ACCEPT;
		break;
	case SHIM6_PROTOCOL:
		return shim6_in_switched(share, skb, state);
	}
	return shim6_hook_in(priv, skb, state);
}
