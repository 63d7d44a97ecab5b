/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What each CPU remembers until its next tick: packets like one that Rust has just decided about are dealt with without
 * asking it again, nor looking anything up. Contexts are remembered by pointer, addresses and tags are compared with the
 * context's own.
 *
 * A memo holds for the tick and the epoch in its stamp, and until the direction of its context's packets turns within the tick
 * (as often as that is looked at): who came last decides which timer of RFC 5534 runs. The epoch is the namespace's: control
 * counts it up, under its lock, whenever it changes something that a memo may rest on: contexts that come and go, paths, states.
 */
#ifndef SHIM6_FAST_H
#define SHIM6_FAST_H

#include <linux/in6.h>
#include <linux/types.h>

struct shim6_net;
struct shim6_node;
struct sk_buff;
struct nf_hook_state;

/* Memos of each kind; a power of two. */
#define SHIM6_MEMOS 8

enum shim6_memo_kind {
	/* Packets out between the ULIDs of a context. */
	SHIM6_MEMO_OUT,
	/* Packets in between the ULIDs of a context, as they are. */
	SHIM6_MEMO_IN,
	/* Packets in with the tag of a context. */
	SHIM6_MEMO_TAG,
	SHIM6_MEMO_KINDS,
};

struct shim6_memo {
	u64 stamp;
	/* Only to be followed while the stamp holds. */
	struct shim6_node *node;
	/* What went by since the context of this number was told. */
	u32 id;
	u32 packets;
	u8 turn;
	u64 octets;
};

/* One CPU's. */
struct shim6_memos {
	struct shim6_memo memos[SHIM6_MEMO_KINDS][SHIM6_MEMOS];
	/* Without any context: the last peer sent to, the tick of that, and packets since they were counted. */
	u64 start_peer;
	u32 start_tick;
	u32 start_packets;
	/* The last destination of a message that was found to be an address of this host, and the tick of that. */
	u32 host_tick;
	struct in6_addr host;
};

/* Packets and octets of one context. */
struct shim6_passed {
	u64 packets;
	u64 octets;
};

int shim6_memos_init(struct shim6_net *share);
void shim6_memos_free(struct shim6_net *share);
void shim6_net_changed(struct shim6_net *share);
void shim6_net_numbers(struct shim6_net *share, u32 contexts, u32 sets);
void shim6_node_turn(struct shim6_node *node);
u64 shim6_stamp(const struct shim6_net *share);
u32 shim6_memo_set(struct shim6_node *node, enum shim6_memo_kind kind, u64 stamp, struct shim6_passed *passed);
bool shim6_memo_count(struct shim6_node *node, enum shim6_memo_kind kind, u32 octets);
void shim6_memos_passed(struct shim6_node *node, enum shim6_memo_kind kind, struct shim6_passed *passed);
bool shim6_is_for_host(struct shim6_net *share, const u8 *address);
u32 shim6_start_memo(struct shim6_net *share, const u8 *peer);

unsigned int shim6_fast_out(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);
unsigned int shim6_fast_in(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);

#endif
