// SPDX-License-Identifier: GPL-2.0
/* The clock and the random numbers of the module. */
#include <linux/random.h>

#include "clock.h"

u64 shim6_now(void)
{
	return shim6_clock();
}

void shim6_random(u8 *octets, size_t len)
{
	get_random_bytes(octets, len);
}
