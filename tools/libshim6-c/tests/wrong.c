// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Wrong calls of every kind: wrong WHO ULID PEER. WHO is an admin, anybody, or somebody elsewhere, in a namespace to which the context
 * between ULID and PEER does not belong. Each must be refused with its errno and a sentence; a line is printed for each, PASS or
 * FAIL first.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/shim6.h>
#include <shim6.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct in6_addr address(const char *text)
{
	struct in6_addr found;

	if (inet_pton(AF_INET6, text, &found) != 1)
		exit(2);
	return found;
}

/* WHAT is refused with NUMBER, and a sentence that has WORDS in it. */
static void refused(const char *what, int result, int number, const char *words)
{
	int error = errno;
	const char *said = shim6_error();

	if (result == -1 && error == number && strstr(said, words))
		printf("PASS %s\n", what);
	else
		printf("FAIL %s (%d, %s: %s)\n", what, result, strerror(error), said);
}

static void admin(struct shim6 *shim6, const struct in6_addr *ulid, const struct in6_addr *peer)
{
	struct in6_addr multicast = address("ff02::1"), stranger = address("2001:db8:99::1");
	struct shim6_context context;

	refused("a peer that is no host's address", shim6_pair_set(shim6, ulid, &multicast, 100), EINVAL, "ulid-peer");
	refused("a ULID that is not ours", shim6_pair_set(shim6, &stranger, peer, 100), EADDRNOTAVAIL, "2001:db8:99::1");
	refused("an unknown flag", shim6_locator_set(shim6, ulid, 8, 0, 0), EINVAL, "flags");
	refused("a priority out of range", shim6_locator_set(shim6, ulid, 0, 256, 0), ERANGE, "priority, 0 to 255");
	refused("a missing address", shim6_pair_set(shim6, ulid, NULL, 100), EFAULT, "null pointer");
	refused("a missing handle", shim6_explore(NULL, 1), EFAULT, "null pointer");
	refused("a context by a number that is not there", shim6_explore(shim6, 4000000), ENOENT, "no context 4000000");
	refused("a context by ULIDs that have none", shim6_context_get(shim6, ulid, &stranger, 0, &context), ENOENT, "no context");
	refused("a locator that is not ours", shim6_locator_del(shim6, &stranger), ENOENT, "2001:db8:99::1");
	if (shim6_context_get(shim6, ulid, peer, 0, &context)) {
		printf("FAIL the context is there (%s)\n", shim6_error());
		return;
	}
	refused("a switch to what is no locator of it", shim6_switch(shim6, context.id, ulid, &stranger), EADDRNOTAVAIL, "2001:db8:99::1");
}

static void anybody(struct shim6 *shim6, const struct in6_addr *ulid, const struct in6_addr *peer)
{
	struct shim6_context context;

	if (shim6_context_get(shim6, ulid, peer, 0, &context))
		printf("FAIL anybody may look (%s)\n", shim6_error());
	else
		printf("PASS anybody may look\n");
	refused("removal without permission", shim6_pair_unset(shim6, ulid, peer), EPERM, "CAP_NET_ADMIN");
	refused("exploration without permission", shim6_explore(shim6, context.id), EPERM, "CAP_NET_ADMIN");
	refused("a switch without permission", shim6_switch(shim6, context.id, ulid, peer), EPERM, "CAP_NET_ADMIN");
	refused("withdrawal without permission", shim6_locator_del(shim6, ulid), EPERM, "CAP_NET_ADMIN");
	refused("a preference without permission", shim6_locator_set(shim6, ulid, 0, 1, 1), EPERM, "CAP_NET_ADMIN");
}

static void elsewhere(struct shim6 *shim6, const struct in6_addr *ulid, const struct in6_addr *peer)
{
	struct shim6_context context;

	refused("a context of another namespace", shim6_context_get(shim6, ulid, peer, 0, &context), ENOENT, "no context");
	refused("its removal from there", shim6_pair_unset(shim6, ulid, peer), ENOENT, "no context");
	refused("a new one from there", shim6_pair_set(shim6, ulid, peer, 100), EADDRNOTAVAIL, "in no loaded HBA set");
	refused("a locator of another namespace", shim6_locator_del(shim6, ulid), ENOENT, "in no loaded HBA set");
}

int main(int argc, char **argv)
{
	struct in6_addr ulid, peer;
	struct shim6 *shim6;

	if (argc != 4)
		return 2;
	ulid = address(argv[2]);
	peer = address(argv[3]);
	shim6 = shim6_open();
	if (!shim6) {
		printf("FAIL open (%s)\n", shim6_error());
		return 1;
	}
	if (!strcmp(argv[1], "admin"))
		admin(shim6, &ulid, &peer);
	else if (!strcmp(argv[1], "anybody"))
		anybody(shim6, &ulid, &peer);
	else
		elsewhere(shim6, &ulid, &peer);
	shim6_close(shim6);
	return 0;
}
