/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family shim6: what genl.rs and genl_message.rs need of the kernel's inline functions. */
#ifndef SHIM6_FFI_GENL_H
#define SHIM6_FFI_GENL_H

#include <net/genetlink.h>
#include <linux/shim6.h>

int shim6_genl_register(void);
void shim6_genl_unregister(void);

/* Requests. */
struct net *shim6_genl_net(const struct genl_info *info);
bool shim6_genl_admin(const struct sk_buff *request);
const struct genl_info *shim6_genl_dump_info(struct netlink_callback *cb);
const struct nlattr *shim6_genl_attr(const struct genl_info *info, u32 type);
const struct nlattr *shim6_genl_attr_after(const struct genl_info *info, const struct nlattr *last, u32 type);
const struct nlattr *shim6_genl_nested(const struct nlattr *nest, u32 type);
const void *shim6_genl_attr_data(const struct nlattr *attr);
size_t shim6_genl_attr_len(const struct nlattr *attr);
void shim6_genl_refuse(const struct genl_info *info, const struct nlattr *attr, const char *text, size_t len);
void shim6_genl_missing(const struct genl_info *info, u32 type);

/* Messages. */
struct sk_buff *shim6_genl_new(size_t size, bool atomic);
void shim6_genl_free(struct sk_buff *skb);
void *shim6_genl_put(struct sk_buff *skb, const struct genl_info *info, u32 flags, u8 cmd);
void *shim6_genl_put_event(struct sk_buff *skb, u8 cmd);
void shim6_genl_end(struct sk_buff *skb, void *header);
void shim6_genl_cancel(struct sk_buff *skb, void *header);
void shim6_genl_consistent(struct netlink_callback *cb, void *header);
int shim6_genl_reply(struct sk_buff *skb, const struct genl_info *info);
bool shim6_genl_has_listeners(struct net *net);
int shim6_genl_multicast(struct net *net, struct sk_buff *skb);
void shim6_genl_overrun(struct net *net);
struct nlattr *shim6_genl_nest_start(struct sk_buff *skb, u32 type);
void shim6_genl_nest_end(struct sk_buff *skb, struct nlattr *nest);
void shim6_genl_nest_cancel(struct sk_buff *skb, struct nlattr *nest);

/* The handlers, which are Rust (genl_ops.rs). */
#define SHIM6_GENL_DO(name) int shim6_nl_##name##_doit(struct sk_buff *skb, struct genl_info *info)
#define SHIM6_GENL_DUMP(name)							\
	int shim6_nl_##name##_start(struct netlink_callback *cb);		\
	int shim6_nl_##name##_dumpit(struct sk_buff *skb, struct netlink_callback *cb); \
	int shim6_nl_##name##_done(struct netlink_callback *cb)

SHIM6_GENL_DO(hba_load);
SHIM6_GENL_DO(hba_get);
SHIM6_GENL_DUMP(hba_get);
SHIM6_GENL_DO(hba_del);
SHIM6_GENL_DO(context_add);
SHIM6_GENL_DO(context_get);
SHIM6_GENL_DUMP(context_get);
SHIM6_GENL_DO(context_del);
SHIM6_GENL_DO(context_explore);
SHIM6_GENL_DO(locator_get);
SHIM6_GENL_DUMP(locator_get);
SHIM6_GENL_DO(config_get);
SHIM6_GENL_DO(config_set);
SHIM6_GENL_DO(stats_get);
SHIM6_GENL_DO(locator_set);
SHIM6_GENL_DO(locator_add);
SHIM6_GENL_DO(locator_del);
SHIM6_GENL_DO(context_fork);
SHIM6_GENL_DO(context_flush);
SHIM6_GENL_DO(policy_add);
SHIM6_GENL_DO(policy_get);
SHIM6_GENL_DUMP(policy_get);
SHIM6_GENL_DO(policy_del);
SHIM6_GENL_DO(policy_replace);
SHIM6_GENL_DO(context_switch);
SHIM6_GENL_DO(context_probe);
SHIM6_GENL_DO(context_advise);

#endif
