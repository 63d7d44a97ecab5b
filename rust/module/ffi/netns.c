// SPDX-License-Identifier: GPL-2.0
/* What a network namespace shares with all of the module: where it is found, the control lock, and work that may sleep. */
#include <net/netns/generic.h>

#include "netns.h"

unsigned int shim6_net_id __read_mostly;

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

void shim6_net_work_init(struct shim6_net *share)
{
	INIT_DELAYED_WORK(&share->chores, shim6_chores);
	INIT_DELAYED_WORK(&share->walk, shim6_walk);
	INIT_WORK(&share->signatures, shim6_signatures);
	INIT_DELAYED_WORK(&share->tend, shim6_tend);
}

/* Afterwards no work runs, and none begins. */
void shim6_net_work_stop(struct shim6_net *share)
{
	disable_delayed_work_sync(&share->chores);
	disable_delayed_work_sync(&share->walk);
	disable_work_sync(&share->signatures);
	disable_delayed_work_sync(&share->tend);
}
