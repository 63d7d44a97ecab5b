// SPDX-License-Identifier: GPL-2.0
/* Network namespaces: their coming and going, in the order in which what they hold begins and ends. */
#include <net/netns/generic.h>

#include "fast.h"
#include "hook.h"
#include "netns.h"
#include "pernet.h"
#include "router.h"
#include "socket.h"
#include "table.h"

static int __net_init shim6_net_init(struct net *net)
{
	struct shim6_net *share = shim6_net_of(net);
	int err;

	share->net = net;
	share->epoch = 1;
	spin_lock_init(&share->lock);
	shim6_net_work_init(share);
	err = shim6_tables_init(share);
	if (err)
		return err;
	err = shim6_sockets_init(share);
	if (err)
		goto no_sockets;
	err = shim6_memos_init(share);
	if (err)
		goto no_memos;
	err = shim6_net_begin(share);
	if (err)
		goto no_state;
	err = shim6_router_watch(share);
	if (err)
		goto no_routes;
	err = shim6_hooks_register(share);
	if (err)
		goto no_hooks;
	return 0;

no_hooks:
	shim6_router_unwatch(share);
no_routes:
	shim6_net_work_stop(share);
	shim6_net_end(share);
no_state:
	shim6_memos_free(share);
no_memos:
	shim6_sockets_destroy(share);
no_sockets:
	shim6_tables_destroy(share);
	return err;
}

/* Between this and shim6_net_exit the kernel waits for all readers under RCU, so for packets within the hooks. */
static void __net_exit shim6_net_pre_exit(struct net *net)
{
	shim6_hooks_unregister(shim6_net_of(net));
	shim6_router_unwatch(shim6_net_of(net));
}

static void __net_exit shim6_net_exit(struct net *net)
{
	struct shim6_net *share = shim6_net_of(net);

	shim6_net_work_stop(share);
	shim6_net_quiesce(share);
	/* A timer that fired while its context was being removed may still be looking for it. */
	synchronize_rcu();
	shim6_net_end(share);
	shim6_memos_free(share);
	shim6_sockets_destroy(share);
	shim6_tables_destroy(share);
}

static struct pernet_operations shim6_net_ops = {
	.init = shim6_net_init,
	.pre_exit = shim6_net_pre_exit,
	.exit = shim6_net_exit,
	.id = &shim6_net_id,
	.size = sizeof(struct shim6_net),
};

int shim6_pernet_register(void)
{
	return register_pernet_subsys(&shim6_net_ops);
}

void shim6_pernet_unregister(void)
{
	unregister_pernet_subsys(&shim6_net_ops);
}
