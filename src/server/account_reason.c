/* SPDX-License-Identifier: MIT */
/* Why an account isn't connected, in words. Layer: server. */
#include "server/account.h"

/* In the order of the enum. */
static const struct {
	const char *name;
	const char *text;
} reasons[] = {
	{"ended", "Signed off."},
	{"unreachable", "The server can't be reached."},
	{"lost", "The connection to the server was lost."},
	{"server", "The server has ended the connection."},
	{"broken", "The server has sent what can't be taken."},
	{"wrong-password", "The server doesn't take the password or the certificate."},
	{"certificate", "The server's certificate isn't valid for this address."},
	{"no-tls", "The server offers no encryption."},
	{"conflict", "Another program has signed in under the same resource."},
	{"local", "This machine can't start what signs in."},
};

const char *troth_account_reason_name(enum troth_account_reason reason)
{
	return reasons[reason].name;
}

const char *troth_account_reason_text(enum troth_account_reason reason)
{
	return reasons[reason].text;
}
