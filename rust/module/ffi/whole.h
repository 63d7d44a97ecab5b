/* SPDX-License-Identifier: GPL-2.0 */
/* Shim6's headers behind a Fragment header, once the packet is whole. */
#ifndef SHIM6_WHOLE_H
#define SHIM6_WHOLE_H

int shim6_whole_register(void);
void shim6_whole_unregister(void);

#endif
