/* SPDX-License-Identifier: MIT */
/* Instance and host names (XEP-0174 3): checking, numbering after a collision. Layer: lan. */
#ifndef TROTH_LAN_NAME_H
#define TROTH_LAN_NAME_H

#include <stdbool.h>
#include <troth/bytes.h>

#define LAN_LABEL_MAX 63 /* RFC 1035 2.3.4 */
#define LAN_NAME_MAX 56  /* user@machine, leaving room for "-100" and the like */

/* What is asserted: the two parts and how often each had to be changed. */
struct lan_name {
	char user[LAN_NAME_MAX];
	char machine[LAN_NAME_MAX];
	unsigned user_try;
	unsigned machine_try;
};

/* Effect: checks and keeps. Errors: TROTH_E_FORMAT. */
int lan_name_set(struct lan_name *name, const char *user, const char *machine) TROTH_MUST_USE;
/* "user-1@machine-2" and "machine-2.local". */
void lan_name_instance(const struct lan_name *name, char out[LAN_LABEL_MAX + 1]);
void lan_name_host(const struct lan_name *name, char out[LAN_LABEL_MAX + 8]);
/* "machine-2" */
void lan_name_machine(const struct lan_name *name, char out[LAN_LABEL_MAX + 1]);

#endif
