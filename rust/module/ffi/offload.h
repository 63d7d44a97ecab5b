/* SPDX-License-Identifier: GPL-2.0 */
/* The payload extension header for segmentation and aggregation. */
#ifndef SHIM6_OFFLOAD_H
#define SHIM6_OFFLOAD_H

int shim6_offload_register(void);
void shim6_offload_unregister(void);

#endif
