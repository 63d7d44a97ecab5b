// SPDX-License-Identifier: GPL-2.0
/* Requests and messages of generic netlink for Rust: the inline functions and macros that bindgen cannot see. */
#include <linux/capability.h>
#include <linux/netlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "genl.h"

struct net *shim6_genl_net(const struct genl_info *info)
{
	return genl_info_net(info);
}

/*
 * Whether the one who asks has CAP_NET_ADMIN over the namespace, both now and when the socket was opened: a socket
 * handed to somebody with more rights shows no more. To be asked while the request is dealt with (do, or a dump's start).
 */
bool shim6_genl_admin(const struct sk_buff *request)
{
	return netlink_ns_capable(request, sock_net(request->sk)->user_ns, CAP_NET_ADMIN);
}

const struct genl_info *shim6_genl_dump_info(struct netlink_callback *cb)
{
	return genl_info_dump(cb);
}

/* Operations without a policy have no table of attributes. */
const struct nlattr *shim6_genl_attr(const struct genl_info *info, u32 type)
{
	return info->attrs ? info->attrs[type] : NULL;
}

/* The next attribute of a type after `last`, or the first if that is NULL, in the order of the message. */
const struct nlattr *shim6_genl_attr_after(const struct genl_info *info, const struct nlattr *last, u32 type)
{
	const struct nlattr *end = (void *)info->nlhdr + nlmsg_len(info->nlhdr) + NLMSG_HDRLEN;
	const struct nlattr *attr = last ? (void *)last + NLA_ALIGN(last->nla_len) :
					   (void *)info->genlhdr + GENL_HDRLEN;
	int rem = (void *)end - (void *)attr;

	for (; nla_ok(attr, rem); attr = nla_next(attr, &rem)) {
		if (nla_type(attr) == type)
			return attr;
	}
	return NULL;
}

const struct nlattr *shim6_genl_nested(const struct nlattr *nest, u32 type)
{
	return nla_find_nested(nest, type);
}

const void *shim6_genl_attr_data(const struct nlattr *attr)
{
	return nla_data(attr);
}

size_t shim6_genl_attr_len(const struct nlattr *attr)
{
	return nla_len(attr);
}

/* The sentence and the attribute that an error is about; the text is cut to what an extended ACK holds. */
void shim6_genl_refuse(const struct genl_info *info, const struct nlattr *attr, const char *text, size_t len)
{
	struct netlink_ext_ack *extack = info->extack;

	if (!extack)
		return;
	len = min(len, sizeof(extack->_msg_buf) - 1);
	memcpy(extack->_msg_buf, text, len);
	extack->_msg_buf[len] = '\0';
	extack->_msg = extack->_msg_buf;
	extack->bad_attr = attr;
}

void shim6_genl_missing(const struct genl_info *info, u32 type)
{
	NL_SET_ERR_ATTR_MISS(info->extack, NULL, type);
}

struct sk_buff *shim6_genl_new(size_t size, bool atomic)
{
	return genlmsg_new(size, atomic ? GFP_ATOMIC : GFP_KERNEL);
}

void shim6_genl_free(struct sk_buff *skb)
{
	nlmsg_free(skb);
}

void *shim6_genl_put(struct sk_buff *skb, const struct genl_info *info, u32 flags, u8 cmd)
{
	return genlmsg_put(skb, info->snd_portid, info->snd_seq, info->family, flags, cmd);
}

void shim6_genl_end(struct sk_buff *skb, void *header)
{
	genlmsg_end(skb, header);
}

void shim6_genl_cancel(struct sk_buff *skb, void *header)
{
	genlmsg_cancel(skb, header);
}

void shim6_genl_consistent(struct netlink_callback *cb, void *header)
{
	genl_dump_check_consistent(cb, header);
}

int shim6_genl_reply(struct sk_buff *skb, const struct genl_info *info)
{
	return genlmsg_unicast(genl_info_net(info), skb, info->snd_portid);
}

struct nlattr *shim6_genl_nest_start(struct sk_buff *skb, u32 type)
{
	return nla_nest_start(skb, type);
}

void shim6_genl_nest_end(struct sk_buff *skb, struct nlattr *nest)
{
	nla_nest_end(skb, nest);
}

void shim6_genl_nest_cancel(struct sk_buff *skb, struct nlattr *nest)
{
	nla_nest_cancel(skb, nest);
}
