// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * A connection of UDP that looks after its own Shim6 context: connection LOCAL PEER OTHER_LOCAL PORT. It has the context set up,
 * says who the peer is, has its packets sent from OTHER_LOCAL from now on, and hears from the kernel that they are. Then it does as
 * an administrator does: it has the whole context moved there, and takes OTHER_LOCAL out of use and into it again.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/shim6.h>
#include <poll.h>
#include <shim6.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", what, strerror(errno), shim6_error());
	exit(1);
}

static struct in6_addr address(const char *text)
{
	struct in6_addr found;

	if (inet_pton(AF_INET6, text, &found) != 1) {
		fprintf(stderr, "%s is no address\n", text);
		exit(2);
	}
	return found;
}

static int connected(const struct in6_addr *local, const struct in6_addr *peer, int port)
{
	struct sockaddr_in6 here = { .sin6_family = AF_INET6, .sin6_addr = *local };
	struct sockaddr_in6 there = { .sin6_family = AF_INET6, .sin6_addr = *peer, .sin6_port = htons(port) };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof(here)) || connect(fd, (struct sockaddr *)&there, sizeof(there)))
		die("connect");
	return fd;
}

static void refused(const char *what, int result, int number)
{
	if (result != -1 || errno != number) {
		fprintf(stderr, "%s: %d is not refused with %s\n", what, result, strerror(number));
		exit(1);
	}
	printf("refused: %s: %s\n", what, shim6_error());
}

/* Hears what there is to be heard: 1 if it is of a context. What is not, as a change of the policy, says so instead of waiting. */
static int heard(struct shim6_watch *watch, struct shim6_context *context)
{
	struct pollfd ready = { .fd = shim6_watch_fd(watch), .events = POLLIN };
	int result;

	if (poll(&ready, 1, 10000) != 1)
		die("nothing is heard");
	result = shim6_watch_next(watch, context);
	if (result < 0 && errno != EAGAIN)
		die("watch");
	return result == 1;
}

static void manage(struct shim6 *shim6, const struct in6_addr *address)
{
	struct shim6_watch *watch = shim6_watch_open();
	struct shim6_locator before, locator, locators[8];
	struct shim6_context context;
	int count = shim6_locators(shim6, locators, 8), place = 0;

	if (count < 1 || count > 8)
		die("locators");
	while (place < count && memcmp(&locators[place].address, address, sizeof(*address)))
		place++;
	if (place == count || shim6_locator_get(shim6, address, &before) || before.status != locators[place].status)
		die("locator_get");
	printf("locators: %d, status %u\n", count, before.status);

	if (shim6_locator_set(shim6, address, SHIM6_LOCATOR_FLAGS_TEMPORARY, 7, 200))
		die("locator_set");
	while (heard(watch, &context))
		;
	printf("heard: %s\n", shim6_error());
	shim6_watch_close(watch);
	refused("locator_set", shim6_locator_set(shim6, address, 0, 256, 0), ERANGE);
	if (shim6_locator_get(shim6, address, &locator))
		die("locator_get");
	printf("locator: flags %u, priority %u, weight %u\n", locator.flags, locator.priority, locator.weight);
	if (shim6_locator_set(shim6, address, before.flags, before.priority, before.weight))
		die("locator_set");

	if (shim6_locator_del(shim6, address))
		die("locator_del");
	refused("locator_del", shim6_locator_del(shim6, address), EALREADY);
	if (shim6_locator_get(shim6, address, &locator) || locator.status != SHIM6_LOCATOR_STATUS_WITHDRAWN)
		die("it is not withdrawn");
	if (shim6_locator_add(shim6, address))
		die("locator_add");
	refused("locator_add", shim6_locator_add(shim6, address), EEXIST);
	refused("locator_get", shim6_locator_get(shim6, &in6addr_loopback, &locator), ENOENT);
	refused("locator_get", shim6_locator_get(shim6, NULL, &locator), EFAULT);
	if (shim6_locator_get(shim6, address, &locator) || locator.status != before.status)
		die("it is not as it was");
}

int main(int argc, char **argv)
{
	struct in6_addr local, peer, other;
	struct shim6_watch *watch;
	struct shim6_context context;
	struct shim6 *shim6;
	int fd, moved = 0;

	if (argc != 5) {
		fprintf(stderr, "usage: %s LOCAL PEER OTHER_LOCAL PORT\n", argv[0]);
		return 2;
	}
	local = address(argv[1]);
	peer = address(argv[2]);
	other = address(argv[3]);
	shim6 = shim6_open();
	watch = shim6_watch_open();
	if (!shim6 || !watch)
		die("open");

	if (shim6_pair_set(shim6, &local, &peer, 10000))
		die("pair_set");
	printf("supported: %d\n", shim6_supports(shim6, &local, &peer, 1000));

	fd = connected(&local, &peer, atoi(argv[4]));
	printf("associated: %d\n", shim6_socket_get(fd));
	if (shim6_socket_set(fd, 0) == 0 || errno != EOPNOTSUPP)
		die("a connected socket cannot be taken out of the shim");
	if (shim6_context_of(shim6, fd, &context))
		die("context_of");
	printf("context: %u, state %u\n", context.id, context.state);
	if (shim6_socket_timeout(fd, 5) || shim6_socket_test(fd))
		die("timeout, test");

	if (shim6_socket_use(fd, &other, NULL))
		die("use");
	while (!moved) {
		char answer[16];

		/* Payload makes the shim look at its paths. */
		if (send(fd, "hello", 5, 0) != 5 || recv(fd, answer, sizeof(answer), 0) != 5)
			die("talk");
		moved = heard(watch, &context) && context.fii && !memcmp(&context.current_local, &other, sizeof(other));
	}
	printf("moved: context %u sends from another locator\n", context.id);
	if (shim6_socket_use(fd, NULL, NULL))
		die("use nothing in particular");
	close(fd);
	if (shim6_explore(shim6, INT32_MAX) == 0 || errno != ENOENT)
		die("there is no such context");
	printf("explore: %s\n", shim6_error());
	if (shim6_context_get(shim6, &local, &peer, 0, &context) || shim6_probe(shim6, context.id, NULL, NULL))
		die("probe");
	refused("probe", shim6_probe(shim6, context.id, &in6addr_loopback, &peer), EADDRNOTAVAIL);
	refused("switch", shim6_switch(shim6, context.id, &other, &in6addr_loopback), EADDRNOTAVAIL);
	if (shim6_switch(shim6, context.id, &other, &peer))
		die("switch");
	while (!heard(watch, &context) || context.fii || memcmp(&context.current_local, &other, sizeof(other)))
		;
	printf("switched: context %u, FII %u\n", context.id, context.fii);
	manage(shim6, &other);
	printf("contexts: %d\n", shim6_contexts(shim6, NULL, 0));
	shim6_watch_close(watch);
	shim6_close(shim6);
	return 0;
}
