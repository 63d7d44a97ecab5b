// SPDX-License-Identifier: GPL-2.0
/*
 * The indexes of contexts, and the memory and timer of each. No protocol here: what a key means, and when a context
 * comes and goes, is decided in Rust.
 */
#include <linux/random.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>
#include <linux/unaligned.h>
#include <net/ipv6.h>

#include "clock.h"
#include "fast.h"
#include "table.h"

static struct kmem_cache *shim6_node_cache;
static atomic_long_t shim6_nodes = ATOMIC_LONG_INIT(0);

/*
 * Secret words for the hash below. Peers choose their addresses and their tags, and must not be able to choose where in
 * a table they end up.
 */
static u64 shim6_secret[5] __read_mostly;

struct shim6_ulids {
	struct in6_addr local;
	struct in6_addr peer;
	u32 fii;
};

/*
 * NH of UMAC (RFC 4418): for anyone who does not know the words added, two addresses pairs collide with probability
 * 2^-64, and it takes two multiplications, where siphash over 32 octets takes fourteen rounds.
 */
static u32 shim6_hash_ulids(const struct in6_addr *local, const struct in6_addr *peer, u32 seed)
{
	u64 a = get_unaligned((const u64 *)&local->s6_addr[0]) + shim6_secret[0];
	u64 b = get_unaligned((const u64 *)&local->s6_addr[8]) + shim6_secret[1];
	u64 c = get_unaligned((const u64 *)&peer->s6_addr[0]) + shim6_secret[2];
	u64 d = get_unaligned((const u64 *)&peer->s6_addr[8]) + shim6_secret[3];
	unsigned __int128 sum = (unsigned __int128)a * b + (unsigned __int128)c * d;
	u64 folded = (u64)sum ^ (u64)(sum >> 64);

	return (u32)(((folded ^ seed) * shim6_secret[4]) >> 32);
}

static u32 shim6_hash_key(const void *data, u32 len, u32 seed)
{
	const struct shim6_ulids *key = data;

	return shim6_hash_ulids(&key->local, &key->peer, seed);
}

static u32 shim6_hash_node(const void *data, u32 len, u32 seed)
{
	const struct shim6_node *node = data;

	return shim6_hash_ulids(&node->local, &node->peer, seed);
}

static int shim6_compare_ulids(struct rhashtable_compare_arg *arg, const void *object)
{
	const struct shim6_ulids *key = arg->key;
	const struct shim6_node *node = object;

	return !ipv6_addr_equal(&key->peer, &node->peer) || !ipv6_addr_equal(&key->local, &node->local) ||
	       key->fii != node->fii;
}

/* Our own tags are random already: their bits are the hash. */
static u32 shim6_hash_tag(const void *data, u32 len, u32 seed)
{
	return (u32)*(const u64 *)data ^ seed;
}

static u32 shim6_hash_peer_tag(const void *data, u32 len, u32 seed)
{
	return (u32)(((*(const u64 *)data ^ seed) + shim6_secret[0]) * shim6_secret[4] >> 32);
}

/* Our own nonces are random too. */
static u32 shim6_hash_nonce(const void *data, u32 len, u32 seed)
{
	return *(const u32 *)data ^ seed;
}

static const struct rhashtable_params shim6_ulids_params = {
	.head_offset = offsetof(struct shim6_node, ulids),
	.key_len = sizeof(struct shim6_ulids),
	.hashfn = shim6_hash_key,
	.obj_hashfn = shim6_hash_node,
	.obj_cmpfn = shim6_compare_ulids,
	.automatic_shrinking = true,
};

/* All contexts between two addresses: the instance is no part of the hash, so they are in one chain. */
struct shim6_between {
	struct shim6_ulids key;
	u32 count;
	bool mark;
};

/* Meets each context of the chain, and finds none of them, so that the next one is met too. */
static int shim6_meet(struct rhashtable_compare_arg *arg, const void *object)
{
	struct shim6_between *between = (struct shim6_between *)arg->key;
	struct shim6_node *node = (struct shim6_node *)object;

	if (!ipv6_addr_equal(&between->key.peer, &node->peer) || !ipv6_addr_equal(&between->key.local, &node->local))
		return 1;
	between->count++;
	if (between->mark)
		WRITE_ONCE(node->used, true);
	return 1;
}

static const struct rhashtable_params shim6_between_params = {
	.head_offset = offsetof(struct shim6_node, ulids),
	.key_len = sizeof(struct shim6_ulids),
	.hashfn = shim6_hash_key,
	.obj_hashfn = shim6_hash_node,
	.obj_cmpfn = shim6_meet,
	.automatic_shrinking = true,
};

static const struct rhashtable_params shim6_tag_params = {
	.head_offset = offsetof(struct shim6_node, tag),
	.key_offset = offsetof(struct shim6_node, tag_local),
	.key_len = sizeof(u64),
	.hashfn = shim6_hash_tag,
	.automatic_shrinking = true,
};

static const struct rhashtable_params shim6_peer_tag_params = {
	.head_offset = offsetof(struct shim6_node, peer_tag),
	.key_offset = offsetof(struct shim6_node, tag_peer),
	.key_len = sizeof(u64),
	.hashfn = shim6_hash_peer_tag,
	.automatic_shrinking = true,
};

static const struct rhashtable_params shim6_nonce_params = {
	.head_offset = offsetof(struct shim6_node, nonce_link),
	.key_offset = offsetof(struct shim6_node, nonce),
	.key_len = sizeof(u32),
	.hashfn = shim6_hash_nonce,
	.automatic_shrinking = true,
};

int shim6_nodes_init(size_t size)
{
	struct kmem_cache_args args = {
		/* A memo that is too old may still read the keys and the path of what is free, and no more. */
		.use_freeptr_offset = true,
		.freeptr_offset = offsetof(struct shim6_node, rcu),
	};

	get_random_bytes(shim6_secret, sizeof(shim6_secret));
	shim6_secret[4] |= 1;
	shim6_node_cache = kmem_cache_create("shim6_context", size, &args,
					     SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT | SLAB_TYPESAFE_BY_RCU);
	return shim6_node_cache ? 0 : -ENOMEM;
}

/* Every namespace is gone; what is still on its way through RCU is waited for. */
void shim6_nodes_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(shim6_node_cache);
}

long shim6_nodes_live(void)
{
	return atomic_long_read(&shim6_nodes);
}

int shim6_tables_init(struct shim6_net *share)
{
	int err;

	err = rhashtable_init(&share->by_ulids, &shim6_ulids_params);
	if (err)
		return err;
	err = rhashtable_init(&share->by_tag, &shim6_tag_params);
	if (err)
		goto no_tag;
	err = rhashtable_init(&share->by_nonce, &shim6_nonce_params);
	if (err)
		goto no_nonce;
	err = rhltable_init(&share->by_peer_tag, &shim6_peer_tag_params);
	if (err)
		goto no_peer_tag;
	xa_init_flags(&share->by_id, XA_FLAGS_ALLOC1);
	return 0;

no_peer_tag:
	rhashtable_destroy(&share->by_nonce);
no_nonce:
	rhashtable_destroy(&share->by_tag);
no_tag:
	rhashtable_destroy(&share->by_ulids);
	return err;
}

/* All contexts are forgotten by then. */
void shim6_tables_destroy(struct shim6_net *share)
{
	xa_destroy(&share->by_id);
	rhltable_destroy(&share->by_peer_tag);
	rhashtable_destroy(&share->by_nonce);
	rhashtable_destroy(&share->by_tag);
	rhashtable_destroy(&share->by_ulids);
}

struct shim6_node *shim6_node_by_ulids(struct shim6_net *share, const u8 *local, const u8 *peer, u32 fii)
{
	struct shim6_ulids key;

	memcpy(&key.local, local, sizeof(key.local));
	memcpy(&key.peer, peer, sizeof(key.peer));
	key.fii = fii;
	return rhashtable_lookup(&share->by_ulids, &key, shim6_ulids_params);
}

/* Counts the contexts between two addresses, of whatever instance, and marks them as used if that is asked for. */
u32 shim6_nodes_between(struct shim6_net *share, const u8 *local, const u8 *peer, bool mark)
{
	struct shim6_between between = { .mark = mark };

	memcpy(&between.key.local, local, sizeof(between.key.local));
	memcpy(&between.key.peer, peer, sizeof(between.key.peer));
	rcu_read_lock();
	rhashtable_lookup(&share->by_ulids, &between, shim6_between_params);
	rcu_read_unlock();
	return between.count;
}

/* Something changed about a context that packets may have been remembered by. */
void shim6_node_changed(struct shim6_node *node)
{
	shim6_net_changed(node->share);
}

/* Has the context's packets leave by `path`, or as they are. */
void shim6_node_publish(struct shim6_node *node, struct shim6_path *path)
{
	shim6_net_changed(node->share);
	shim6_path_publish(&node->path, path);
}

struct shim6_node *shim6_node_by_tag(struct shim6_net *share, u64 tag)
{
	return rhashtable_lookup(&share->by_tag, &tag, shim6_tag_params);
}

struct shim6_node *shim6_node_by_nonce(struct shim6_net *share, u32 nonce)
{
	return rhashtable_lookup(&share->by_nonce, &nonce, shim6_nonce_params);
}

struct shim6_node *shim6_node_by_id(struct shim6_net *share, u32 id)
{
	return xa_load(&share->by_id, id);
}

/* The context with the smallest number above this one. */
struct shim6_node *shim6_node_after(struct shim6_net *share, u32 id)
{
	unsigned long index = id;

	return xa_find_after(&share->by_id, &index, U32_MAX, XA_PRESENT);
}

static struct shim6_node *shim6_node_of_peer(const struct rhlist_head *head)
{
	return head ? container_of(head, struct shim6_node, peer_tag) : NULL;
}

struct shim6_node *shim6_node_peer_first(struct shim6_net *share, u64 tag)
{
	return shim6_node_of_peer(rhltable_lookup(&share->by_peer_tag, &tag, shim6_peer_tag_params));
}

struct shim6_node *shim6_node_peer_next(const struct shim6_node *node)
{
	return shim6_node_of_peer(rcu_dereference(node->peer_tag.next));
}

/* For so long timers of contexts may run one after another, in nanoseconds; so long a time without any begins anew. */
#define SHIM6_TIMERS_RUN NSEC_PER_MSEC
#define SHIM6_TIMERS_PAUSE (100 * NSEC_PER_USEC)
/* How many are put off to each of the next ticks. */
#define SHIM6_TIMERS_A_TICK (16000 / HZ)

/* From so far away, in jiffies, the wheel keeps timers that are due within so many in one bucket. */
#define SHIM6_TIMERS_FAR 512
#define SHIM6_TIMERS_BUCKET 64
/* How many timers a CPU puts into a bucket before it goes on to the next, and how many buckets it may be ahead. */
#define SHIM6_TIMERS_A_BUCKET (SHIM6_TIMERS_BUCKET * 8000 / HZ)
#define SHIM6_TIMERS_AHEAD 16

/* The bucket that a CPU puts timers into, and how many it has put there. */
struct shim6_deal {
	unsigned long bucket;
	unsigned int dealt;
};

static DEFINE_PER_CPU(struct shim6_deal, shim6_deal);

/* When those that run one after another on a processor began, when the last one ended, and how many were put off since. */
struct shim6_crowd {
	u64 began;
	u64 ended;
	unsigned int put_off;
};

static DEFINE_PER_CPU(struct shim6_crowd, shim6_crowd);

/*
 * The wheel keeps timers that are far away in coarse buckets, and runs a bucket in one go with softirqs off: tens of thousands of
 * contexts that were used in the same moment wait for the same timeout. Where shim6_node_arm() could not spread them, and they
 * have run for long enough, the others are dealt out to the next ticks. Who fires is told by number, not by context, which is
 * looked up again under the lock.
 */
static void shim6_node_timer(struct timer_list *timer)
{
	struct shim6_node *node = timer_container_of(node, timer, timer);
	struct shim6_crowd *crowd = this_cpu_ptr(&shim6_crowd);
	u64 now = local_clock();

	if (now - crowd->ended > SHIM6_TIMERS_PAUSE) {
		crowd->began = now;
		crowd->put_off = 0;
	}
	if (now - crowd->began < SHIM6_TIMERS_RUN)
		shim6_node_fired(node->share, node->id);
	else
		timer_reduce(&node->timer, jiffies + 1 + crowd->put_off++ / SHIM6_TIMERS_A_TICK);
	crowd->ended = local_clock();
}

/* A zeroed context with a number and nothing else; found by that number only once inserted. */
struct shim6_node *shim6_node_alloc(struct shim6_net *share)
{
	struct shim6_node *node = kmem_cache_zalloc(shim6_node_cache, GFP_ATOMIC | __GFP_NOWARN);

	if (!node)
		return NULL;
	node->share = share;
	timer_setup(&node->timer, shim6_node_timer, 0);
	if (xa_alloc_cyclic(&share->by_id, &node->id, NULL, xa_limit_31b, &share->last_id, GFP_ATOMIC | __GFP_NOWARN) < 0) {
		kmem_cache_free(shim6_node_cache, node);
		return NULL;
	}
	atomic_long_inc(&shim6_nodes);
	return node;
}

static void shim6_node_free(struct shim6_node *node)
{
	atomic_long_dec(&shim6_nodes);
	kmem_cache_free(shim6_node_cache, node);
}

/* Undoes shim6_node_alloc for a context that was never inserted. */
void shim6_node_cancel(struct shim6_node *node)
{
	timer_shutdown(&node->timer);
	xa_erase(&node->share->by_id, node->id);
	shim6_node_free(node);
}

int shim6_node_insert(struct shim6_node *node)
{
	struct shim6_net *share = node->share;
	struct shim6_ulids key = { .local = node->local, .peer = node->peer, .fii = node->fii };
	int err;

	err = rhashtable_lookup_insert_key(&share->by_ulids, &key, &node->ulids, shim6_ulids_params);
	if (err)
		return err;
	err = rhashtable_lookup_insert_fast(&share->by_tag, &node->tag, shim6_tag_params);
	if (err) {
		rhashtable_remove_fast(&share->by_ulids, &node->ulids, shim6_ulids_params);
		return err;
	}
	xa_store(&share->by_id, node->id, node, GFP_ATOMIC);
	shim6_net_changed(share);
	return 0;
}

int shim6_node_index_peer(struct shim6_node *node, bool has, u64 tag)
{
	struct rhltable *table = &node->share->by_peer_tag;
	int err = 0;

	if (node->has_peer_tag)
		rhltable_remove(table, &node->peer_tag, shim6_peer_tag_params);
	node->has_peer_tag = false;
	if (has) {
		node->tag_peer = tag;
		err = rhltable_insert(table, &node->peer_tag, shim6_peer_tag_params);
		node->has_peer_tag = !err;
	}
	return err;
}

int shim6_node_index_nonce(struct shim6_node *node, bool has, u32 nonce)
{
	struct rhashtable *table = &node->share->by_nonce;
	int err = 0;

	if (node->has_nonce)
		rhashtable_remove_fast(table, &node->nonce_link, shim6_nonce_params);
	node->has_nonce = false;
	if (has) {
		node->nonce = nonce;
		err = rhashtable_insert_fast(table, &node->nonce_link, shim6_nonce_params);
		node->has_nonce = !err;
	}
	return err;
}

/* Out of every index but the numbers. */
void shim6_node_retire(struct shim6_node *node)
{
	struct shim6_net *share = node->share;

	shim6_net_changed(share);
	shim6_node_index_nonce(node, false, 0);
	shim6_node_index_peer(node, false, 0);
	rhashtable_remove_fast(&share->by_tag, &node->tag, shim6_tag_params);
	rhashtable_remove_fast(&share->by_ulids, &node->ulids, shim6_ulids_params);
}

static void shim6_node_free_rcu(struct rcu_head *head)
{
	shim6_node_free(container_of(head, struct shim6_node, rcu));
}

/*
 * The memory goes when nobody under RCU can see it, which includes a timer that is running now: timers run with softirqs
 * off, and RCU waits for that. After timer_shutdown() none starts.
 */
void shim6_node_forget(struct shim6_node *node)
{
	timer_shutdown(&node->timer);
	shim6_path_publish(&node->path, NULL);
	xa_erase(&node->share->by_id, node->id);
	call_rcu(&node->rcu, shim6_node_free_rcu);
}

/*
 * When a timer that is far away is to fire: with those that are due then, unless these are many already, else with the next. Who
 * waits for seconds does not mind a little more. Two that count at once on a CPU may count as one.
 */
static unsigned long shim6_node_deal(unsigned long at)
{
	struct shim6_deal *deal = raw_cpu_ptr(&shim6_deal);
	unsigned long bucket = at / SHIM6_TIMERS_BUCKET;
	long ahead = deal->bucket - bucket;

	if (ahead < 0 || ahead > SHIM6_TIMERS_AHEAD) {
		deal->bucket = bucket;
		deal->dealt = 0;
	}
	if (deal->dealt++ >= SHIM6_TIMERS_A_BUCKET) {
		deal->bucket++;
		deal->dealt = 1;
	}
	return deal->bucket == bucket ? at : deal->bucket * SHIM6_TIMERS_BUCKET;
}

/* The timer fires at this time of shim6_now(), or earlier; where very many do, soon after. */
void shim6_node_arm(struct shim6_node *node, u64 milliseconds)
{
	unsigned long at = shim6_jiffies_at(milliseconds);

	if (timer_pending(&node->timer) && !time_after(READ_ONCE(node->timer.expires), at))
		return;
	if (time_after_eq(at, jiffies + SHIM6_TIMERS_FAR))
		at = shim6_node_deal(at);
	timer_reduce(&node->timer, at);
}
