// SPDX-License-Identifier: GPL-2.0
/* Network namespaces: their coming and going, the control lock, and work that may sleep. */
#include <net/netns/generic.h>

#include "fast.h"
#include "hook.h"
#include "netns.h"
#include "router.h"
#include "socket.h"
#include "table.h"

static unsigned int shim6_net_id __read_mostly;

struct shim6_net *shim6_net_of(const struct net *net)
{
	return net_generic(net, shim6_net_id);
}

void shim6_net_lock(struct shim6_net *share)
{
	spin_lock_bh(&share->lock);
}

void shim6_net_unlock(struct shim6_net *share)
{
	spin_unlock_bh(&share->lock);
}

/* Between two contexts of a walk over all of them: lets others have the CPU, and RCU get on. */
void shim6_rest(void)
{
	cond_resched();
}

static void shim6_chores(struct work_struct *work)
{
	shim6_net_do_chores(container_of(to_delayed_work(work), struct shim6_net, chores));
}

static void shim6_walk(struct work_struct *work)
{
	shim6_net_do_walk(container_of(to_delayed_work(work), struct shim6_net, walk));
}

static void shim6_signatures(struct work_struct *work)
{
	shim6_net_do_signatures(container_of(work, struct shim6_net, signatures));
}

static void shim6_tend(struct work_struct *work)
{
	shim6_net_do_tend(container_of(to_delayed_work(work), struct shim6_net, tend));
}

/* The sooner of this and what was asked for before. */
static void shim6_net_ask(struct delayed_work *work, unsigned int milliseconds)
{
	if (milliseconds)
		schedule_delayed_work(work, msecs_to_jiffies(milliseconds));
	else
		mod_delayed_work(system_percpu_wq, work, 0);
}

void shim6_net_chores(struct shim6_net *share, unsigned int milliseconds)
{
	shim6_net_ask(&share->chores, milliseconds);
}

void shim6_net_tend(struct shim6_net *share, unsigned int milliseconds)
{
	shim6_net_ask(&share->tend, milliseconds);
}

void shim6_net_walk(struct shim6_net *share, unsigned int milliseconds)
{
	schedule_delayed_work(&share->walk, msecs_to_jiffies(milliseconds));
}

/* On any CPU: computing must not hold up the one that packets come in on. */
void shim6_net_signatures(struct shim6_net *share)
{
	queue_work(system_dfl_wq, &share->signatures);
}

static int __net_init shim6_net_init(struct net *net)
{
	struct shim6_net *share = shim6_net_of(net);
	int err;

	share->net = net;
	share->epoch = 1;
	spin_lock_init(&share->lock);
	INIT_DELAYED_WORK(&share->chores, shim6_chores);
	INIT_DELAYED_WORK(&share->walk, shim6_walk);
	INIT_WORK(&share->signatures, shim6_signatures);
	INIT_DELAYED_WORK(&share->tend, shim6_tend);
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
	disable_delayed_work_sync(&share->chores);
	disable_delayed_work_sync(&share->walk);
	disable_work_sync(&share->signatures);
	disable_delayed_work_sync(&share->tend);
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

	disable_delayed_work_sync(&share->chores);
	disable_delayed_work_sync(&share->walk);
	disable_work_sync(&share->signatures);
	disable_delayed_work_sync(&share->tend);
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
