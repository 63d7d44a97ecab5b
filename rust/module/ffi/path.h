/* SPDX-License-Identifier: GPL-2.0 */
/* How payload of a switched context leaves: locators, tag, and the route for them, published to packets under RCU. */
#ifndef SHIM6_PATH_H
#define SHIM6_PATH_H

#include <linux/in6.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/uidgid.h>
#include <net/dst.h>
#include <net/net_namespace.h>

struct shim6_path {
	struct in6_addr local;
	struct in6_addr peer;
	/* CT(peer) as the octets of a payload extension header, P bit and all, without its Next Header. */
	u8 header[8];
	/* The route last found, and what tells whether it still holds. */
	struct dst_entry __rcu *dst;
	u32 cookie;
	/* Whose packets it was found for: rules of routing may tell marks and users apart. */
	u32 mark;
	kuid_t uid;
	/* The longest packet that fits it before it is switched, as of the last look at the route. */
	u32 limit;
	/* The route's device if it takes sums to be completed in switched packets as in tunnels, and if large sends may go on. */
	const struct net_device *guarded;
	const struct net_device *segmenting;
	/* Whether it is lent for a moment: nobody is told then that it has less room. Set before it is published. */
	bool lent;
	struct rcu_head rcu;
};

int shim6_paths_init(void);
void shim6_paths_exit(void);
struct shim6_path *shim6_path_alloc(const u8 *local, const u8 *peer, const u8 *header, bool lent);
void shim6_path_discard(struct shim6_path *path);
void shim6_path_publish(struct shim6_path __rcu **place, struct shim6_path *path);
struct shim6_path *shim6_path_read(struct shim6_path __rcu *const *place);
bool shim6_path_is_for(const struct shim6_path *path, const struct net *net, const struct sk_buff *skb);
struct dst_entry *shim6_path_route(struct net *net, struct shim6_path *path, const struct sk_buff *skb);
struct dst_entry *shim6_route(struct net *net, const u8 *source, const u8 *destination, u32 mark);
u32 shim6_dst_mtu(const struct dst_entry *dst);
void shim6_dst_release(struct dst_entry *dst);
void shim6_dst_hold(struct dst_entry *dst);
bool shim6_dst_is_error(const struct dst_entry *dst);
u32 shim6_dst_room(const struct dst_entry *dst);
long shim6_paths_live(void);

#endif
