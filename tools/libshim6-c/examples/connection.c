// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * A connection of UDP that looks after its own Shim6 context: connection LOCAL PEER OTHER_LOCAL PORT. It has the context set up,
 * says who the peer is, has its packets sent from OTHER_LOCAL from now on, and hears from the kernel that they are.
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
		struct pollfd ready = { .fd = shim6_watch_fd(watch), .events = POLLIN };
		char answer[16];

		/* Payload makes the shim look at its paths. */
		if (send(fd, "hello", 5, 0) != 5 || recv(fd, answer, sizeof(answer), 0) != 5)
			die("talk");
		if (poll(&ready, 1, 10000) != 1 || shim6_watch_next(watch, &context) < 0)
			die("watch");
		moved = context.fii && !memcmp(&context.current_local, &other, sizeof(other));
	}
	printf("moved: context %u sends from another locator\n", context.id);
	if (shim6_socket_use(fd, NULL, NULL))
		die("use nothing in particular");
	close(fd);
	if (shim6_explore(shim6, INT32_MAX) == 0 || errno != ENOENT)
		die("there is no such context");
	printf("explore: %s\n", shim6_error());
	printf("contexts: %d\n", shim6_contexts(shim6, NULL, 0));
	shim6_watch_close(watch);
	shim6_close(shim6);
	return 0;
}
