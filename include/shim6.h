/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * libshim6: Shim6 (RFC 5533) for programs in C. Link with -lshim6 (pkg-config shim6).
 *
 * Functions that can fail return -1 and set errno; shim6_error() has a sentence then. A null pointer where nothing is said of one
 * is EFAULT, ENOENT may be that the module is not loaded, and EPERM a lack of CAP_NET_ADMIN. Addresses are in network byte order.
 * Times are in milliseconds. Everything concerns the network namespace of the calling thread. A handle is for one thread at
 * a time. Reading needs no privilege; what says so needs CAP_NET_ADMIN.
 *
 * The socket options themselves (RFC 6316) are in <linux/shim6.h>: setsockopt(fd, SOL_SHIM, ...).
 */
#ifndef SHIM6_H
#define SHIM6_H

#include <netinet/in.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A connection to the module. */
struct shim6;
/* A listener to its events. */
struct shim6_watch;

/* A context (RFC 5533, section 6), as it was when it was asked for. */
struct shim6_context {
	uint32_t id;			/* its number in the namespace */
	uint32_t fii;			/* Forked Instance Identifier; 0: the default context */
	uint32_t state;			/* enum shim6_context_state of <linux/shim6.h> */
	uint32_t reap_state;		/* enum shim6_reap_state */
	uint32_t event;			/* enum shim6_event: what happened last */
	uint32_t cause;			/* enum shim6_cause: why */
	struct in6_addr ulid_local;	/* what applications use */
	struct in6_addr ulid_peer;
	struct in6_addr current_local;	/* what is on the wire */
	struct in6_addr current_peer;
	uint64_t rx_age;		/* since the last packet from the peer; UINT64_MAX: none came */
	uint64_t tx_age;		/* since the last payload to the peer; UINT64_MAX: none went */
};

/* A local locator: an address of an HBA set that is loaded, and its preference (RFC 5533, section 5.15.3). */
struct shim6_locator {
	struct in6_addr address;
	uint32_t status;		/* enum shim6_locator_status: usable, and if not, why */
	uint32_t flags;			/* enum shim6_locator_flags: broken, temporary */
	uint32_t priority;		/* 0 to 255: the lowest is used first */
	uint32_t weight;		/* 0 to 255, among those of one priority */
	uint32_t ifindex;		/* the interface that has it; 0: none */
	uint32_t contexts;		/* how many contexts send from it */
};

/* The sentence about the last error of this thread; never NULL, valid until its next error. */
const char *shim6_error(void);

/* Connects to the module; NULL and ENOENT if it is not loaded. shim6_close() takes NULL, too. */
struct shim6 *shim6_open(void);
void shim6_close(struct shim6 *shim6);

/*
 * Whether a peer speaks Shim6, by the exchange itself (RFC 5533, section 7), which is waited for at most `timeout`: 1 it does, 0
 * it does not, or does not answer; -1 and ETIMEDOUT: not known yet. CAP_NET_ADMIN, unless there is a context.
 */
int shim6_supports(struct shim6 *shim6, const struct in6_addr *local, const struct in6_addr *peer, uint32_t timeout);

/*
 * Shim6 between two addresses: runs the exchange unless there is a context, and waits for it at most `timeout`. 0: it is
 * established; -1 and ETIMEDOUT: not yet; ECONNREFUSED: the peer does not speak Shim6. CAP_NET_ADMIN.
 */
int shim6_pair_set(struct shim6 *shim6, const struct in6_addr *local, const struct in6_addr *peer, uint32_t timeout);
/* No Shim6 between them any more, until traffic or somebody asks for it again. ENOENT: there is no context. CAP_NET_ADMIN. */
int shim6_pair_unset(struct shim6 *shim6, const struct in6_addr *local, const struct in6_addr *peer);

/* The context between two ULIDs. ENOENT: there is none. */
int shim6_context_get(struct shim6 *shim6, const struct in6_addr *local, const struct in6_addr *peer, uint32_t fii,
		      struct shim6_context *context);
/* The default context of a connected socket. ENOTCONN, ENOENT. */
int shim6_context_of(struct shim6 *shim6, int fd, struct shim6_context *context);
/* All contexts: writes up to `room`, and returns how many there are. */
int shim6_contexts(struct shim6 *shim6, struct shim6_context *contexts, uint32_t room);
/* Tries the locator pairs of a context now (RFC 5534, section 4.3). ENOENT, EINVAL: not established. CAP_NET_ADMIN. */
int shim6_explore(struct shim6 *shim6, uint32_t id);
/*
 * Sends a Probe from `local` to `peer` (RFC 5534, section 5.2), both NULL: over the pair in use. An event tells whether it was
 * answered. ENOENT; EINVAL: not established; EADDRNOTAVAIL: not a pair that the context can use. CAP_NET_ADMIN.
 */
int shim6_probe(struct shim6 *shim6, uint32_t id, const struct in6_addr *local, const struct in6_addr *peer);
/*
 * Has a context, whatever sockets are on it, use that pair from when a Probe over it is answered (RFC 5533, section 15); an event
 * tells. shim6_socket_use() does it for one socket. Errors as above. CAP_NET_ADMIN.
 */
int shim6_switch(struct shim6 *shim6, uint32_t id, const struct in6_addr *local, const struct in6_addr *peer);

/* All local locators: writes up to `room`, and returns how many there are. */
int shim6_locators(struct shim6 *shim6, struct shim6_locator *locators, uint32_t room);
/* One of them. ENOENT: the address is in no HBA set that is loaded. */
int shim6_locator_get(struct shim6 *shim6, const struct in6_addr *address, struct shim6_locator *locator);
/*
 * Gives one this preference, and tells peers (RFC 5533, sections 5.15.3 and 10). With SHIM6_LOCATOR_FLAGS_BROKEN contexts leave
 * it. ENOENT; ERANGE: a number is too large. CAP_NET_ADMIN.
 */
int shim6_locator_set(struct shim6 *shim6, const struct in6_addr *address, uint32_t flags, uint32_t priority, uint32_t weight);
/* Withdraws one: peers are told not to use it, and only what applications send from it as their ULID leaves from it. The address
 * stays on its interface. ENOENT; EALREADY: it is withdrawn. CAP_NET_ADMIN. */
int shim6_locator_del(struct shim6 *shim6, const struct in6_addr *address);
/* Takes one that was withdrawn into use again, with the preference it had. ENOENT; EEXIST: it is in use; EPERM also: a rule of
 * the policy keeps it from use. CAP_NET_ADMIN. */
int shim6_locator_add(struct shim6 *shim6, const struct in6_addr *address);

/* Begins to listen to what happens to contexts; NULL on failure. */
struct shim6_watch *shim6_watch_open(void);
void shim6_watch_close(struct shim6_watch *watch);
/* A descriptor for poll(): readable when there is something to be heard. It is the watch's. */
int shim6_watch_fd(const struct shim6_watch *watch);
/*
 * What there is to be heard, once for each time that the descriptor is readable; waits for it if it is not. 1: a context, and what
 * became of it; 0: events were lost, ask for all anew; -1 and EAGAIN: it was not about a context, poll or call again; ENOENT: the
 * module was unloaded, and this watch hears nothing any more: close it, and open another when the module is loaded again.
 */
int shim6_watch_next(struct shim6_watch *watch, struct shim6_context *context);

/* Whether a connected socket has a context: 1 or 0 (RFC 6316, section 6.1). EOPNOTSUPP: not connected; ENOPROTOOPT: no module. */
int shim6_socket_get(int fd);
/* Before it is connected: `on` 0 has the socket's packets pass the shim by (RFC 6316, section 6.2). EOPNOTSUPP: too late. */
int shim6_socket_set(int fd, int on);
/*
 * Changes the context: has the socket send from `local` to `peer`, either of which may be NULL: none in particular (RFC 6316,
 * sections 6.8 and 6.9). It gets a context of its own for that. ENOENT, EINVALIDLOCATOR, EUNVERIFIEDLOCATOR (which is being
 * found out then), EUNREACHABLELOCATOR. If the peer's locator is refused, the local one is as it was.
 */
int shim6_socket_use(int fd, const struct in6_addr *local, const struct in6_addr *peer);
/* Has the pair in use and others tested at once, since something seems wrong (RFC 6316, section 7.3). ENOENT. */
int shim6_socket_test(int fd);
/* The Send Timeout in seconds, 0 for the host's (RFC 6316, section 6.12). ENOENT, EINVAL: not 0 to 100. */
int shim6_socket_timeout(int fd, uint32_t seconds);

#ifdef __cplusplus
}
#endif

#endif
