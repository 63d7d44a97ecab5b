/* SPDX-License-Identifier: GPL-2.0 */
/* Contexts as the indexes see them: the keys, the links, the timer, and the published path. */
#ifndef SHIM6_TABLE_H
#define SHIM6_TABLE_H

#include <linux/in6.h>
#include <linux/timer.h>

#include "netns.h"
#include "path.h"

/* The first member of the Rust `Node`, so that one pointer serves both. */
struct shim6_node {
	/* What a packet reads: keys, links and the path. */
	struct rhash_head ulids;
	struct in6_addr local;
	struct in6_addr peer;
	u32 fii;
	/* Changes when packets of the other direction follow within a tick (fast.h). */
	u8 turn;
	bool has_peer_tag;
	bool has_nonce;
	/* A socket uses it, as far as the last look at all sockets has shown. */
	bool used;
	struct rhash_head tag;
	u64 tag_local;
	struct shim6_path __rcu *path;
	/* What only control reads, but for the link of nonces. */
	struct timer_list timer;
	union {
		/* Link and key of the one index that is searched with the control lock only. */
		struct {
			struct rhlist_head peer_tag;
			u64 tag_peer;
		};
		/*
		 * Once it is in no index, and the allocator's once it is free. No link of an index that is searched under RCU
		 * alone may lie here: whoever is at it still goes on by it until the grace period ends.
		 */
		struct rcu_head rcu;
	};
	struct rhash_head nonce_link;
	u32 nonce;
	u32 id;
	struct shim6_net *share;
};

int shim6_nodes_init(size_t size);
void shim6_nodes_exit(void);
int shim6_tables_init(struct shim6_net *share);
void shim6_tables_destroy(struct shim6_net *share);

/* Readers hold RCU; those that change anything hold the control lock. */
struct shim6_node *shim6_node_by_ulids(struct shim6_net *share, const u8 *local, const u8 *peer, u32 fii);
u32 shim6_nodes_between(struct shim6_net *share, const u8 *local, const u8 *peer, bool mark);
struct shim6_node *shim6_node_by_tag(struct shim6_net *share, u64 tag);
struct shim6_node *shim6_node_by_nonce(struct shim6_net *share, u32 nonce);
struct shim6_node *shim6_node_by_id(struct shim6_net *share, u32 id);
struct shim6_node *shim6_node_after(struct shim6_net *share, u32 id);
struct shim6_node *shim6_node_peer_first(struct shim6_net *share, u64 tag);
struct shim6_node *shim6_node_peer_next(const struct shim6_node *node);

struct shim6_node *shim6_node_alloc(struct shim6_net *share);
void shim6_node_cancel(struct shim6_node *node);
int shim6_node_insert(struct shim6_node *node);
int shim6_node_index_peer(struct shim6_node *node, bool has, u64 tag);
int shim6_node_index_nonce(struct shim6_node *node, bool has, u32 nonce);
void shim6_node_retire(struct shim6_node *node);
void shim6_node_forget(struct shim6_node *node);

void shim6_node_changed(struct shim6_node *node);
void shim6_node_publish(struct shim6_node *node, struct shim6_path *path);
void shim6_node_arm(struct shim6_node *node, u64 milliseconds);
long shim6_nodes_live(void);

/* Written in Rust (table.rs). */
void shim6_node_fired(struct shim6_net *share, u32 id);

#endif
