/* SPDX-License-Identifier: GPL-2.0 */
/* The module's clock: milliseconds that never go back, read from the tick, so that reading costs nothing. */
#ifndef SHIM6_CLOCK_H
#define SHIM6_CLOCK_H

#include <linux/jiffies.h>

/* One at the earliest: zero means never. */
static inline u64 shim6_clock(void)
{
	return jiffies64_to_msecs(get_jiffies_64() - INITIAL_JIFFIES) + 1;
}

/*
 * What to set a timer to that is to run at the first tick at which shim6_clock() has reached `at`: the timer wheel runs
 * it a tick after what it is set to. A time beyond four weeks is taken for four weeks.
 */
static inline unsigned long shim6_jiffies_at(u64 at)
{
	u64 now = shim6_clock();
	u64 ahead = at > now ? min_t(u64, at - now, 28ull * 24 * 3600 * 1000) : 0;

	return jiffies + msecs_to_jiffies((unsigned int)ahead) - (ahead ? 1 : 0);
}

u64 shim6_now(void);
void shim6_random(u8 *octets, size_t len);

#endif
