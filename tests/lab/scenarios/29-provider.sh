# SPDX-License-Identifier: GPL-2.0
# A whole provider goes black: both ends must leave it, so three of the four pairs of locators are dead at once.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "a provider goes black for both hosts at once"
shim6_hosts
capture A
across provider 40 30
finish
