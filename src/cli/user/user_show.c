/* SPDX-License-Identifier: MIT */
/* `troth user show`: the user key and the devices that it endorses. Layer: cli. */
#include "cli/terminal/fingerprint.h"
#include "cli/terminal/when.h"
#include "cli/user/user.h"
#include "cli/user/user_key.h"

#include <string.h>
#include <troth/err.h>

struct showing {
	struct troth_cli *cli;
	const struct troth_own *own;
	const struct troth_pin *here; /* this device's key */
	struct troth_store *store;
};

/* What our own list calls a device: "this device", or the contact as which we paired with it. */
static const char *who(const struct showing *s, const struct troth_pin *pin,
		       struct troth_store_contact *contact)
{
	if (troth_pin_equal(pin, s->here))
		return "this device";
	if (troth_store_contact_by_pin(s->store, pin, contact) == TROTH_OK)
		return contact->label;
	return "another device";
}

static void device_text(const struct showing *s, const struct troth_own_device *d)
{
	struct troth_store_contact contact;
	char pin[TROTH_FINGERPRINT_LEN], from[TROTH_WHEN_LEN], until[TROTH_WHEN_LEN];
	struct troth_output *out = &s->cli->out;
	troth_line(out, d->revoked != NULL ? TROTH_STYLE_BAD : TROTH_STYLE_PLAIN, "%s",
		   who(s, &d->pin, &contact));
	troth_line(out, TROTH_STYLE_PLAIN, "  fingerprint  %s", troth_fingerprint(pin, &d->pin));
	if (d->endorsement != NULL)
		troth_line(out, TROTH_STYLE_PLAIN, "  endorsed     %s to %s",
			   troth_when_local(from, d->endorsement->issued_at),
			   troth_when_local(until, d->endorsement->expires_at));
	if (d->revoked == NULL && d->suspended != NULL)
		troth_line(out, TROTH_STYLE_BAD, "  suspended    %s, %s",
			   troth_when_local(from, d->suspended->time_at),
			   d->suspended->reason_text);
	if (d->revoked != NULL)
		troth_line(out, TROTH_STYLE_BAD, "  revoked      %s, %s",
			   troth_when_local(from, d->revoked->time_at), d->revoked->reason_text);
}

static json_t *device_json(const struct showing *s, const struct troth_own_device *d)
{
	struct troth_store_contact contact;
	char pin[TROTH_FINGERPRINT_LEN], from[TROTH_WHEN_LEN], until[TROTH_WHEN_LEN];
	const struct troth_endorsement *e = d->endorsement;
	return json_pack("{s:s, s:o, s:b, s:s?, s:s?, s:s?, s:s?}", "fingerprint",
			 troth_fingerprint_hex(pin, &d->pin), "label",
			 troth_json_text(who(s, &d->pin, &contact)), "here",
			 troth_pin_equal(&d->pin, s->here), "issued",
			 e != NULL ? troth_when_iso(from, e->issued_at) : NULL, "expires",
			 e != NULL ? troth_when_iso(until, e->expires_at) : NULL, "revoked",
			 d->revoked != NULL ? d->revoked->reason_text : NULL, "suspended",
			 d->suspended != NULL ? d->suspended->reason_text : NULL);
}

static void quorum_text(const struct showing *s, const struct troth_quorum *q)
{
	struct troth_store_contact contact;
	char pin[TROTH_FINGERPRINT_LEN];
	if (q == NULL)
		return;
	troth_line(&s->cli->out, TROTH_STYLE_BOLD,
		   "%u of these devices can name the next user key%s", q->need,
		   troth_pin_equal(&s->own->quorum_by, troth_cert_pin(s->own->user_key))
			   ? ""
			   : " (says the one before)");
	for (size_t i = 0; i < q->device_count; i++)
		troth_line(&s->cli->out, TROTH_STYLE_PLAIN, "  %.9s  %s",
			   troth_fingerprint(pin, &q->devices[i]),
			   who(s, &q->devices[i], &contact));
}

static json_t *quorum_json(const struct troth_quorum *q)
{
	char pin[TROTH_FINGERPRINT_LEN];
	if (q == NULL)
		return json_null();
	json_t *devices = json_array();
	for (size_t i = 0; i < q->device_count; i++) {
		if (json_array_append_new(
			    devices, json_string(troth_fingerprint_hex(pin, &q->devices[i]))) != 0)
			break;
	}
	return json_pack("{s:i, s:o}", "need", (int)q->need, "devices", devices);
}

static void show(const struct showing *s)
{
	char pin[TROTH_FINGERPRINT_LEN];
	struct troth_output *out = &s->cli->out;
	const struct troth_pin *key = troth_cert_pin(s->own->user_key);
	json_t *devices = json_array();
	troth_line(out, TROTH_STYLE_BOLD, "Your user key");
	troth_line(out, TROTH_STYLE_PLAIN, "  fingerprint  %s", troth_fingerprint(pin, key));
	troth_line(out, TROTH_STYLE_BOLD, "Your devices");
	for (size_t i = 0; i < s->own->device_count; i++) {
		device_text(s, &s->own->devices[i]);
		if (json_array_append_new(devices, device_json(s, &s->own->devices[i])) != 0)
			out->lost = true;
	}
	quorum_text(s, s->own->quorum);
	if (troth_own_is_due(troth_own_device_find(s->own, s->here), troth_when_now()))
		troth_note(out, "It is time to renew the endorsement: `troth user endorse`.");
	troth_json(out,
		   json_pack("{s:s, s:s, s:o, s:o}", "fingerprint", troth_fingerprint_hex(pin, key),
			     "name", troth_cert_name(s->own->user_key), "devices", devices,
			     "quorum", quorum_json(s->own->quorum)));
}

enum troth_exit troth_user_show(struct troth_cli *cli)
{
	struct troth_own *own;
	const struct troth_cert *cert;
	enum troth_exit status = troth_user_own(cli, &own);
	if (status != TROTH_EXIT_OK)
		return status;
	status = troth_home_cert(cli, &cert); /* it is open already */
	if (status == TROTH_EXIT_OK && own->user_key == NULL)
		status = troth_cli_fail(
			cli,
			&(struct troth_failure){.err = TROTH_E_NOT_FOUND,
						.cause = "",
						.next = "`troth user init` makes one."},
			"you have no user key");
	if (status == TROTH_EXIT_OK) {
		const struct showing s = {cli, own, troth_cert_pin(cert), cli->home.store};
		show(&s);
	}
	troth_own_free(own);
	return status;
}
