// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family shim6: its operations and the policy of each, as include/netlink/shim6.yaml has them.
 * A lab scenario compares what CTRL_CMD_GETPOLICY says with the specification. The handlers are Rust (genl_ops.rs).
 */
#include "genl.h"

#define SHIM6_ADDRESS	NLA_POLICY_EXACT_LEN(16)
#define SHIM6_ID	NLA_POLICY_MIN(NLA_U32, 1)

static const struct nla_policy hba_load_policy[] = {
	[SHIM6_A_HBA_LABEL] = { .type = NLA_NUL_STRING, .len = SHIM6_MAX_LABEL_LEN },
	[SHIM6_A_HBA_PDS] = NLA_POLICY_MAX_LEN(SHIM6_MAX_PDS_LEN),
	[SHIM6_A_HBA_ADDRESS] = SHIM6_ADDRESS,
};

static const struct nla_policy hba_select_policy[] = {
	[SHIM6_A_HBA_ID] = SHIM6_ID,
	[SHIM6_A_HBA_ADDRESS] = SHIM6_ADDRESS,
};

static const struct nla_policy context_add_policy[] = {
	[SHIM6_A_CONTEXT_ULID_LOCAL] = SHIM6_ADDRESS,
	[SHIM6_A_CONTEXT_ULID_PEER] = SHIM6_ADDRESS,
	[SHIM6_A_CONTEXT_FII] = { .type = NLA_U32 },
};

static const struct nla_policy context_select_policy[] = {
	[SHIM6_A_CONTEXT_ID] = SHIM6_ID,
	[SHIM6_A_CONTEXT_ULID_LOCAL] = SHIM6_ADDRESS,
	[SHIM6_A_CONTEXT_ULID_PEER] = SHIM6_ADDRESS,
	[SHIM6_A_CONTEXT_FII] = { .type = NLA_U32 },
};

static const struct nla_policy context_pair_policy[] = {
	[SHIM6_A_CONTEXT_ID] = SHIM6_ID,
	[SHIM6_A_CONTEXT_ULID_LOCAL] = SHIM6_ADDRESS,
	[SHIM6_A_CONTEXT_ULID_PEER] = SHIM6_ADDRESS,
	[SHIM6_A_CONTEXT_FII] = { .type = NLA_U32 },
	[SHIM6_A_CONTEXT_CURRENT_LOCAL] = SHIM6_ADDRESS,
	[SHIM6_A_CONTEXT_CURRENT_PEER] = SHIM6_ADDRESS,
};

static const struct nla_policy context_advise_policy[] = {
	[SHIM6_A_CONTEXT_ID] = SHIM6_ID,
	[SHIM6_A_CONTEXT_ULID_LOCAL] = SHIM6_ADDRESS,
	[SHIM6_A_CONTEXT_ULID_PEER] = SHIM6_ADDRESS,
	[SHIM6_A_CONTEXT_FII] = { .type = NLA_U32 },
	[SHIM6_A_CONTEXT_VERDICT] = NLA_POLICY_MAX(NLA_U32, SHIM6_VERDICT_FAILS),
};

static const struct nla_policy context_filter_policy[] = {
	[SHIM6_A_CONTEXT_STATE] = NLA_POLICY_MAX(NLA_U32, SHIM6_CONTEXT_STATE_NO_SUPPORT),
	[SHIM6_A_CONTEXT_ULID_LOCAL] = SHIM6_ADDRESS,
	[SHIM6_A_CONTEXT_ULID_PEER] = SHIM6_ADDRESS,
	[SHIM6_A_CONTEXT_FII] = { .type = NLA_U32 },
	[SHIM6_A_CONTEXT_TAG_LOCAL] = { .type = NLA_U64 },
	[SHIM6_A_CONTEXT_TAG_PEER] = { .type = NLA_U64 },
	[SHIM6_A_CONTEXT_CURRENT_LOCAL] = SHIM6_ADDRESS,
	[SHIM6_A_CONTEXT_CURRENT_PEER] = SHIM6_ADDRESS,
	[SHIM6_A_CONTEXT_REAP_STATE] = NLA_POLICY_MAX(NLA_U32, SHIM6_REAP_STATE_INBOUND_OK),
	[SHIM6_A_CONTEXT_HBA_ID] = { .type = NLA_U32 },
};

static const struct nla_policy locator_get_policy[] = {
	[SHIM6_A_LOCAL_ADDRESS] = SHIM6_ADDRESS,
};

static const struct nla_policy locator_change_policy[] = {
	[SHIM6_A_LOCAL_ADDRESS] = SHIM6_ADDRESS,
	[SHIM6_A_LOCAL_FLAGS] = NLA_POLICY_MASK(NLA_U32, SHIM6_LOCATOR_FLAGS_BROKEN | SHIM6_LOCATOR_FLAGS_TEMPORARY),
	[SHIM6_A_LOCAL_PRIORITY] = NLA_POLICY_MAX(NLA_U32, 255),
	[SHIM6_A_LOCAL_WEIGHT] = NLA_POLICY_MAX(NLA_U32, 255),
};

static const struct netlink_range_validation ports = { .min = 1, .max = 65535 };
static const struct netlink_range_validation packets = { .min = 1, .max = 1000000 };
static const struct netlink_range_validation times = { .min = 1, .max = 3600000 };

#define SHIM6_PORT	NLA_POLICY_FULL_RANGE(NLA_U32, &ports)

static const struct nla_policy policy_select_policy[] = {
	[SHIM6_A_POLICY_ID] = SHIM6_ID,
};

static const struct nla_policy policy_rule_policy[] = {
	[SHIM6_A_POLICY_ORDER] = { .type = NLA_U32 },
	[SHIM6_A_POLICY_ACTION] = NLA_POLICY_MAX(NLA_U32, SHIM6_POLICY_ACTION_TELL_NOT),
	[SHIM6_A_POLICY_LOCAL] = SHIM6_ADDRESS,
	[SHIM6_A_POLICY_LOCAL_LEN] = NLA_POLICY_MAX(NLA_U32, 128),
	[SHIM6_A_POLICY_PEER] = SHIM6_ADDRESS,
	[SHIM6_A_POLICY_PEER_LEN] = NLA_POLICY_MAX(NLA_U32, 128),
	[SHIM6_A_POLICY_PROTOCOL] = NLA_POLICY_MAX(NLA_U32, SHIM6_POLICY_PROTOCOL_MPTCP),
	[SHIM6_A_POLICY_LOCAL_PORT] = SHIM6_PORT,
	[SHIM6_A_POLICY_LOCAL_PORT_END] = SHIM6_PORT,
	[SHIM6_A_POLICY_PEER_PORT] = SHIM6_PORT,
	[SHIM6_A_POLICY_PEER_PORT_END] = SHIM6_PORT,
	[SHIM6_A_POLICY_USER] = { .type = NLA_U32 },
	[SHIM6_A_POLICY_PACKETS] = NLA_POLICY_FULL_RANGE(NLA_U32, &packets),
	[SHIM6_A_POLICY_TIME] = NLA_POLICY_FULL_RANGE(NLA_U32, &times),
};

static const struct nla_policy policy_replace_policy[] = {
	[SHIM6_A_POLICY_RULE] = NLA_POLICY_NESTED(policy_rule_policy),
};

/* The bounds are settings.rs's to check, which answers with a sentence that tells them. */
static const struct nla_policy config_policy[] = {
	[SHIM6_A_CONFIG_START_PACKETS] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_START_TIME] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_SEND_TIMEOUT] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_KEEPALIVE_TIMEOUT] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_INITIAL_PROBES] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_INITIAL_PROBE_TIMEOUT] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_MAX_PROBE_TIMEOUT] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_FAST_PROBE_LIMIT] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_IDLE_TIMEOUT] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_MAX_CONTEXTS] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_REPLY_LIMIT] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_ICMP_DELIVER_ALL] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_PARALLEL_PROBES] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_ADVICE_LOCAL] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_ADVICE_ICMP] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_ADVICE_TRANSPORT] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_ADVICE_CADENCE] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_ADVICE_APPLICATION] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_TEST_PROBES] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_TEST_LIMIT] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_RETURN_TIME] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_STANDBY_INTERVAL] = { .type = NLA_U32 },
	[SHIM6_A_CONFIG_ADVICE_ROUTER] = { .type = NLA_U32 },
};

#define DO(command, name, rights, table) {				\
	.cmd = command,							\
	.doit = shim6_nl_##name##_doit,					\
	.policy = table,						\
	.maxattr = ARRAY_SIZE(table) - 1,				\
	.flags = GENL_CMD_CAP_DO | (rights),				\
}

#define DO_BARE(command, name) {					\
	.cmd = command,							\
	.doit = shim6_nl_##name##_doit,					\
	.flags = GENL_CMD_CAP_DO,					\
}

#define DUMP(command, name, table) {					\
	.cmd = command,							\
	.start = shim6_nl_##name##_start,				\
	.dumpit = shim6_nl_##name##_dumpit,				\
	.done = shim6_nl_##name##_done,					\
	.policy = table,						\
	.maxattr = ARRAY_SIZE(table) - 1,				\
	.flags = GENL_CMD_CAP_DUMP,					\
}

#define DUMP_BARE(command, name) {					\
	.cmd = command,							\
	.start = shim6_nl_##name##_start,				\
	.dumpit = shim6_nl_##name##_dumpit,				\
	.done = shim6_nl_##name##_done,					\
	.flags = GENL_CMD_CAP_DUMP,					\
}

/* In the order of the commands' numbers, do before dump: genetlink asks for it. */
static const struct genl_split_ops shim6_nl_ops[] = {
	DO(SHIM6_CMD_HBA_LOAD, hba_load, GENL_UNS_ADMIN_PERM, hba_load_policy),
	DO(SHIM6_CMD_HBA_GET, hba_get, 0, hba_select_policy),
	DUMP_BARE(SHIM6_CMD_HBA_GET, hba_get),
	DO(SHIM6_CMD_HBA_DEL, hba_del, GENL_UNS_ADMIN_PERM, hba_select_policy),
	DO(SHIM6_CMD_CONTEXT_ADD, context_add, GENL_UNS_ADMIN_PERM, context_add_policy),
	DO(SHIM6_CMD_CONTEXT_GET, context_get, 0, context_select_policy),
	DUMP(SHIM6_CMD_CONTEXT_GET, context_get, context_filter_policy),
	DO(SHIM6_CMD_CONTEXT_DEL, context_del, GENL_UNS_ADMIN_PERM, context_select_policy),
	DO(SHIM6_CMD_CONTEXT_EXPLORE, context_explore, GENL_UNS_ADMIN_PERM, context_select_policy),
	DO(SHIM6_CMD_LOCATOR_GET, locator_get, 0, locator_get_policy),
	DUMP_BARE(SHIM6_CMD_LOCATOR_GET, locator_get),
	DO_BARE(SHIM6_CMD_CONFIG_GET, config_get),
	DO(SHIM6_CMD_CONFIG_SET, config_set, GENL_UNS_ADMIN_PERM, config_policy),
	DO_BARE(SHIM6_CMD_STATS_GET, stats_get),
	DO(SHIM6_CMD_LOCATOR_SET, locator_set, GENL_UNS_ADMIN_PERM, locator_change_policy),
	DO(SHIM6_CMD_LOCATOR_ADD, locator_add, GENL_UNS_ADMIN_PERM, locator_change_policy),
	DO(SHIM6_CMD_LOCATOR_DEL, locator_del, GENL_UNS_ADMIN_PERM, locator_get_policy),
	DO(SHIM6_CMD_CONTEXT_FORK, context_fork, GENL_UNS_ADMIN_PERM, context_select_policy),
	DO(SHIM6_CMD_CONTEXT_FLUSH, context_flush, GENL_UNS_ADMIN_PERM, context_filter_policy),
	DO(SHIM6_CMD_POLICY_ADD, policy_add, GENL_UNS_ADMIN_PERM, policy_rule_policy),
	DO(SHIM6_CMD_POLICY_GET, policy_get, 0, policy_select_policy),
	DUMP_BARE(SHIM6_CMD_POLICY_GET, policy_get),
	DO(SHIM6_CMD_POLICY_DEL, policy_del, GENL_UNS_ADMIN_PERM, policy_select_policy),
	DO(SHIM6_CMD_POLICY_REPLACE, policy_replace, GENL_UNS_ADMIN_PERM, policy_replace_policy),
	DO(SHIM6_CMD_CONTEXT_SWITCH, context_switch, GENL_UNS_ADMIN_PERM, context_pair_policy),
	DO(SHIM6_CMD_CONTEXT_PROBE, context_probe, GENL_UNS_ADMIN_PERM, context_pair_policy),
	DO(SHIM6_CMD_CONTEXT_ADVISE, context_advise, GENL_UNS_ADMIN_PERM, context_advise_policy),
};

static const struct genl_multicast_group shim6_nl_groups[] = {
	{ .name = SHIM6_MCGRP_EVENTS },
};

#define SHIM6_GROUP_EVENTS	0

static struct genl_family shim6_nl_family __ro_after_init = {
	.name = SHIM6_FAMILY_NAME,
	.version = SHIM6_FAMILY_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.split_ops = shim6_nl_ops,
	.n_split_ops = ARRAY_SIZE(shim6_nl_ops),
	.mcgrps = shim6_nl_groups,
	.n_mcgrps = ARRAY_SIZE(shim6_nl_groups),
};

int shim6_genl_register(void)
{
	return genl_register_family(&shim6_nl_family);
}

void shim6_genl_unregister(void)
{
	genl_unregister_family(&shim6_nl_family);
}

void *shim6_genl_put_event(struct sk_buff *skb, u8 cmd)
{
	return genlmsg_put(skb, 0, 0, &shim6_nl_family, 0, cmd);
}

bool shim6_genl_has_listeners(struct net *net)
{
	return genl_has_listeners(&shim6_nl_family, net, SHIM6_GROUP_EVENTS);
}

/* Events come from under locks and from softirq, so this never sleeps. */
int shim6_genl_multicast(struct net *net, struct sk_buff *skb)
{
	return genlmsg_multicast_netns(&shim6_nl_family, net, skb, 0, SHIM6_GROUP_EVENTS, GFP_ATOMIC);
}

/* Tells the listeners that they missed something, as a full socket would (ENOBUFS at their next receive). */
void shim6_genl_overrun(struct net *net)
{
	genl_set_err(&shim6_nl_family, net, 0, SHIM6_GROUP_EVENTS, -ENOBUFS);
}
