/* SPDX-License-Identifier: MIT */
/* Which account, and by which password. Layer: cli. */
#include "base/slice.h"
#include "cli/account/password_store.h"
#include "cli/account/secret_service.h"
#include "cli/account/signing_in.h"
#include "cli/terminal/prompt.h"

#include <sodium.h>
#include <stdlib.h>
#include <troth/err.h>

void troth_signing_as_fini(struct troth_signing_as *as)
{
	troth_secret_free(as->password);
	for (size_t i = 0; i < sizeof as->texts / sizeof *as->texts; i++)
		free(as->texts[i]);
	*as = (struct troth_signing_as){.password = NULL};
}

struct looking {
	const char *jid; /* NULL: any */
	struct troth_signing_as *as;
	size_t count;
	int err;
};

static int keep(struct looking *l, const struct troth_store_account *a)
{
	struct troth_signing_as *as = l->as;
	const char *const texts[] = {a->jid, a->host, a->ca_file};
	troth_signing_as_fini(as);
	as->account = *a;
	as->account.password = NULL;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		as->texts[i] = strdup(texts[i]);
		if (as->texts[i] == NULL)
			return TROTH_E_NOMEM;
	}
	as->account.jid = as->texts[0];
	as->account.host = as->texts[1];
	as->account.ca_file = as->texts[2];
	/* Another one is looked for when it is known which account it is. */
	return a->password == NULL ? TROTH_OK
				   : troth_secret_new(&as->password, troth_slice_str(a->password));
}

static int each(void *user, const struct troth_store_account *a)
{
	struct looking *l = user;
	if (l->jid != NULL && strcmp(l->jid, a->jid) != 0)
		return TROTH_OK;
	l->count++;
	return keep(l, a);
}

static enum troth_exit find(struct troth_cli *cli, struct troth_store *store,
			    struct troth_signing_as *out)
{
	struct troth_address *address = NULL;
	const char *jid = troth_cli_value(cli, "account");
	if (jid != NULL && troth_address_new(&address, TROTH_REALM_SERVER, jid) != TROTH_OK)
		return troth_cli_usage(cli, "'%s' isn't an address like romeo@montague.example",
				       jid);
	struct looking l = {.jid = address == NULL ? NULL : troth_address_bare(address), .as = out};
	int err = troth_store_account_list(store, each, &l);
	troth_address_free(address);
	if (err != TROTH_OK)
		return troth_home_store_failed(cli, err, "can't read the accounts");
	if (l.count > 1)
		return troth_cli_usage(
			cli, "there are %zu accounts: say which one by --account JID", l.count);
	if (l.count == 0)
		return troth_cli_fail(
			cli,
			&(struct troth_failure){.err = TROTH_E_NOT_FOUND,
						.cause = "",
						.next = "`troth login JID` adds one."},
			jid == NULL ? "this device has no account"
				    : "this device doesn't sign in to %s",
			jid);
	return TROTH_EXIT_OK;
}

/* Effect: as it is kept elsewhere, or asked for. */
static enum troth_exit get_password(struct troth_cli *cli, struct troth_signing_as *as)
{
	struct troth_secret_service_problem problem;
	int err = troth_password_get(cli, &as->account, &as->password, &problem);
	if (err != TROTH_OK)
		return troth_password_failed(cli, as->account.jid, err, &problem);
	return as->password != NULL ? TROTH_EXIT_OK
				    : troth_prompt_password(cli, as->account.jid, &as->password);
}

enum troth_exit troth_signing_as_kept(struct troth_cli *cli, struct troth_signing_as *out)
{
	struct troth_store *store;
	enum troth_exit status = troth_home_store(cli, &store);
	if (status == TROTH_EXIT_OK)
		status = find(cli, store, out);
	if (status != TROTH_EXIT_OK || out->account.certificate)
		return status;
	if (troth_cli_has(cli, "password-fd")) {
		troth_secret_free(out->password);
		out->password = NULL;
		return troth_prompt_password(cli, out->account.jid, &out->password);
	}
	return out->password != NULL ? TROTH_EXIT_OK : get_password(cli, out);
}
