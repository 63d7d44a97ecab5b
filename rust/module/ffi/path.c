// SPDX-License-Identifier: GPL-2.0
/* Published paths and their routes. A route is found by the new source, so that the uplink of that source is taken. */
#include <linux/slab.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>

#include "path.h"
#include "protocol.h"
#include "skb.h"

static struct kmem_cache *shim6_path_cache;
static atomic_long_t shim6_paths = ATOMIC_LONG_INIT(0);

int shim6_paths_init(void)
{
	shim6_path_cache = KMEM_CACHE(shim6_path, SLAB_ACCOUNT);
	return shim6_path_cache ? 0 : -ENOMEM;
}

/* No context is left; what is still on its way through RCU is waited for. */
void shim6_paths_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(shim6_path_cache);
}

long shim6_paths_live(void)
{
	return atomic_long_read(&shim6_paths);
}

struct shim6_path *shim6_path_alloc(const u8 *local, const u8 *peer, const u8 *header, bool lent)
{
	struct shim6_path *path = kmem_cache_zalloc(shim6_path_cache, GFP_ATOMIC | __GFP_NOWARN);

	if (!path)
		return NULL;
	memcpy(&path->local, local, sizeof(path->local));
	memcpy(&path->peer, peer, sizeof(path->peer));
	memcpy(path->header, header, sizeof(path->header));
	path->lent = lent;
	atomic_long_inc(&shim6_paths);
	return path;
}

/* Frees a path that nobody can see. */
void shim6_path_discard(struct shim6_path *path)
{
	dst_release(rcu_dereference_protected(path->dst, true));
	atomic_long_dec(&shim6_paths);
	kmem_cache_free(shim6_path_cache, path);
}

static void shim6_path_free(struct rcu_head *head)
{
	shim6_path_discard(container_of(head, struct shim6_path, rcu));
}

/*
 * Called under the control lock. The route of the old path is let go at once: at the end of a namespace its counters are
 * gone before RCU gets to free the path. A packet that still sees the path may put another route there, but at that end
 * there are no packets any more.
 */
void shim6_path_publish(struct shim6_path __rcu **place, struct shim6_path *path)
{
	struct shim6_path *old = rcu_replace_pointer(*place, path, true);

	if (!old)
		return;
	dst_release(unrcu_pointer(xchg(&old->dst, NULL)));
	call_rcu(&old->rcu, shim6_path_free);
}

struct shim6_path *shim6_path_read(struct shim6_path __rcu *const *place)
{
	return rcu_dereference(*place);
}

static kuid_t shim6_skb_uid(const struct net *net, const struct sk_buff *skb)
{
	return sock_net_uid(net, skb_to_full_sk(skb));
}

/* Whether the route of a path was found for packets like this one. */
bool shim6_path_is_for(const struct shim6_path *path, const struct net *net, const struct sk_buff *skb)
{
	return skb->mark == READ_ONCE(path->mark) && uid_eq(shim6_skb_uid(net, skb), READ_ONCE(path->uid));
}

static struct dst_entry *shim6_path_look_up(struct net *net, const struct shim6_path *path, const struct sk_buff *skb)
{
	struct flowi6 fl6 = {
		.saddr = path->local,
		.daddr = path->peer,
		.flowlabel = ip6_flowinfo(ipv6_hdr(skb)),
		.flowi6_mark = skb->mark,
		.flowi6_proto = SHIM6_PROTOCOL,
		.flowi6_uid = shim6_skb_uid(net, skb),
	};

	return ip6_route_output(net, NULL, &fl6);
}

/* Finds the path's route by this packet. */
static struct dst_entry *shim6_path_find(struct net *net, struct shim6_path *path, const struct sk_buff *skb)
{
	struct dst_entry *dst = shim6_path_look_up(net, path, skb);
	struct dst_entry *old;

	if (dst->error)
		return dst;
	dst_hold(dst);
	WRITE_ONCE(path->cookie, rt6_get_cookie(dst_rt6_info(dst)));
	WRITE_ONCE(path->mark, skb->mark);
	WRITE_ONCE(path->uid, shim6_skb_uid(net, skb));
	WRITE_ONCE(path->guarded, shim6_dev_is_veth(dst->dev) ? dst->dev : NULL);
	WRITE_ONCE(path->segmenting, shim6_dev_segments_later(dst->dev, &path->peer) ? dst->dev : NULL);
	old = unrcu_pointer(xchg(&path->dst, RCU_INITIALIZER(dst)));
	/* Readers under RCU may be looking at the old one; dst_release() frees after a grace period. */
	dst_release(old);
	return dst;
}

static struct dst_entry *shim6_path_limited(struct shim6_path *path, struct dst_entry *dst)
{
	u32 mtu = dst_mtu(dst), limit = mtu > SHIM6_PAYLOAD_LEN ? mtu - SHIM6_PAYLOAD_LEN : 0;

	if (READ_ONCE(path->limit) != limit)
		WRITE_ONCE(path->limit, limit);
	return dst;
}

/*
 * A route with a reference; its `error` says if it is none. Under RCU. If two CPUs find that the route no longer holds,
 * both find a new one, and the later stays. Packets with another mark, or of another user, than those that it was found for have
 * one looked up each.
 */
struct dst_entry *shim6_path_route(struct net *net, struct shim6_path *path, const struct sk_buff *skb)
{
	struct dst_entry *dst = rcu_dereference(path->dst);

	if (likely(dst && dst_check(dst, READ_ONCE(path->cookie)))) {
		if (unlikely(!shim6_path_is_for(path, net, skb)))
			return shim6_path_look_up(net, path, skb);
		if (dst_hold_safe(dst))
			return shim6_path_limited(path, dst);
	}
	dst = shim6_path_find(net, path, skb);
	return dst->error ? dst : shim6_path_limited(path, dst);
}

struct dst_entry *shim6_route(struct net *net, const u8 *source, const u8 *destination, u32 mark)
{
	struct flowi6 fl6 = { .flowi6_mark = mark, .flowi6_proto = SHIM6_PROTOCOL };

	memcpy(&fl6.saddr, source, sizeof(fl6.saddr));
	memcpy(&fl6.daddr, destination, sizeof(fl6.daddr));
	return ip6_route_output(net, NULL, &fl6);
}

u32 shim6_dst_mtu(const struct dst_entry *dst)
{
	return dst_mtu(dst);
}

void shim6_dst_release(struct dst_entry *dst)
{
	dst_release(dst);
}

void shim6_dst_hold(struct dst_entry *dst)
{
	dst_hold(dst);
}

/* Octets to keep free before a packet for the link layer and for a payload extension header. */
u32 shim6_dst_room(const struct dst_entry *dst)
{
	return LL_RESERVED_SPACE(dst->dev) + SHIM6_PAYLOAD_LEN;
}

/* Whether the route says that there is none. */
bool shim6_dst_is_error(const struct dst_entry *dst)
{
	return dst->error;
}
