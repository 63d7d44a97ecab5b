// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options (RFC 6316) by way of netfilter's: IPv6 asks for them when it does not know an option of its level
 * itself. A list by netfilter, so a program is bothered by no module that it does not use.
 */
#include <linux/netfilter.h>
#include <linux/sockptr.h>
#include <linux/uaccess.h>

#include "sockopt.h"

/* The value is copied once, before anybody looks at it. */
static int shim6_sockopt_copy_in(struct sock *sk, int option, sockptr_t from, unsigned int len)
{
	u8 value[SHIM6_SOCKOPT_LEN];

	if (len > sizeof(value))
		return option == SHIM_LOCLIST_LOCAL || option == SHIM_LOCLIST_PEER ? -ETOOMANYLOCATORS : -EINVAL;
	if (copy_from_sockptr(value, from, len))
		return -EFAULT;
	return shim6_sockopt_set(sk, option, value, len);
}

static int shim6_sockopt_copy_out(struct sock *sk, int option, void __user *to, int *len)
{
	u8 value[SHIM6_SOCKOPT_LEN] = {};
	int written;

	if (*len < 0)
		return -EINVAL;
	written = shim6_sockopt_get(sk, option, value, min_t(size_t, *len, sizeof(value)));
	if (written < 0)
		return written;
	if (copy_to_user(to, value, written))
		return -EFAULT;
	*len = written;
	return 0;
}

static struct nf_sockopt_ops shim6_sockopts = {
	.pf = PF_INET6,
	.set_optmin = SHIM_ASSOCIATED,
	.set_optmax = __SHIM_OPTION_MAX,
	.set = shim6_sockopt_copy_in,
	.get_optmin = SHIM_ASSOCIATED,
	.get_optmax = __SHIM_OPTION_MAX,
	.get = shim6_sockopt_copy_out,
	.owner = THIS_MODULE,
};

int shim6_sockopt_register(void)
{
	return nf_register_sockopt(&shim6_sockopts);
}

/* Options that are being dealt with hold a reference to the module, so none is when it goes. */
void shim6_sockopt_unregister(void)
{
	nf_unregister_sockopt(&shim6_sockopts);
}
