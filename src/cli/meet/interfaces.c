/* SPDX-License-Identifier: MIT */
/* --interface: on which links. Layer: cli. */
#include "cli/meet/interfaces.h"

#include "cli/cli.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#define LIST_SIZE 256

/* "eth0, wlan0"; as many as fit. */
static void list(char out[LIST_SIZE])
{
	struct if_nameindex *all = if_nameindex();
	size_t len = 0;
	out[0] = 0;
	for (struct if_nameindex *i = all; i != NULL && i->if_name != NULL; i++) {
		size_t more = strlen(i->if_name) + 2;
		if (len + more >= LIST_SIZE)
			break;
		len += (size_t)snprintf(out + len, LIST_SIZE - len, "%s%s", len > 0 ? ", " : "",
					i->if_name);
	}
	if (all != NULL)
		if_freenameindex(all);
}

static enum troth_exit no_such(struct troth_cli *cli, const char *name)
{
	char there[LIST_SIZE];
	list(there);
	return troth_cli_usage(cli, "there is no interface '%s' here; there %s %s", name,
			       strchr(there, ',') != NULL ? "are" : "is",
			       there[0] != 0 ? there : "none");
}

enum troth_exit troth_cli_interfaces(struct troth_cli *cli,
				     const char *out[TROTH_INTERFACES_MAX + 1])
{
	const char *name;
	size_t n = 0;
	for (; (name = troth_cli_value_at(cli, "interface", n)) != NULL; n++) {
		if (n == TROTH_INTERFACES_MAX)
			return troth_cli_usage(cli, "--interface can be given %d times",
					       TROTH_INTERFACES_MAX);
		if (if_nametoindex(name) == 0)
			return no_such(cli, name);
		out[n] = name;
	}
	out[n] = NULL;
	return TROTH_EXIT_OK;
}
