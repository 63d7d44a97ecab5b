/* SPDX-License-Identifier: GPL-2.0 */
/* Socket options (RFC 6316): their registration, and the way of their values between programs and the module. */
#ifndef SHIM6_SOCKOPT_H
#define SHIM6_SOCKOPT_H

#include <linux/shim6.h>
#include <net/sock.h>

/* Octets of the longest value. */
#define SHIM6_SOCKOPT_LEN (SHIM_MAX_LOCATORS * sizeof(struct shim_locator))

int shim6_sockopt_register(void);
void shim6_sockopt_unregister(void);

/* Written in Rust (sockopt.rs). */
int shim6_sockopt_set(struct sock *sk, int option, const u8 *value, size_t len);
int shim6_sockopt_get(struct sock *sk, int option, u8 *value, size_t room);

#endif
