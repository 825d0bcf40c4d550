/* SPDX-License-Identifier: MIT */
/* Loading of avahi's two libraries. Layer: lan. Calls none of their functions. */
#include "lan/avahi.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>
#include <troth/err.h>

/* NODELETE: libdbus comes with them and doesn't bear being unloaded. */
static void *load(const char *name)
{
	return dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

static bool find(void *library, const char *name, void *out, size_t size)
{
	void *symbol = dlsym(library, name);
	/* POSIX lets a data pointer be a function's; ISO C has no cast for it. */
	memcpy(out, &symbol, size);
	return symbol != NULL;
}

#define FIND(function) ok = find(library, #function, &out->function, sizeof out->function) && ok;

int lan_avahi_client_load(struct lan_avahi_client *out)
{
	void *library = load("libavahi-client.so.3");
	bool ok = library != NULL;
	if (ok) {
		LAN_AVAHI_CLIENT(FIND)
	}
	return ok ? TROTH_OK : TROTH_E_UNSUPPORTED;
}

int lan_avahi_core_load(struct lan_avahi_core *out)
{
	void *library = load("libavahi-core.so.7");
	bool ok = library != NULL;
	if (ok) {
		LAN_AVAHI_CORE(FIND)
	}
	return ok ? TROTH_OK : TROTH_E_UNSUPPORTED;
}
