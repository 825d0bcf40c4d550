/* SPDX-License-Identifier: MIT */
/*
 * What the subcommands of `troth trust` share: a contact with all that the store has
 * about it, and words for it. Layer: cli.
 */
#ifndef TROTH_CLI_TRUST_TRUST_H
#define TROTH_CLI_TRUST_TRUST_H

#include "cli/cli.h"
#include "session/introducer.h"

#include <troth/trust.h>

#define TROTH_PORTRAIT_KEYS 32
#define TROTH_PORTRAIT_TEXT 128

/* What a row of the history says, kept beyond its callback. */
struct troth_portrait_row {
	int64_t time; /* 0: there is none */
	char method[TROTH_PORTRAIT_TEXT];
	char level[TROTH_PORTRAIT_TEXT];
	char outcome[TROTH_PORTRAIT_TEXT];
	bool transcript;
};

struct troth_portrait {
	struct troth_store_contact contact;
	struct troth_store_key keys[TROTH_PORTRAIT_KEYS];
	size_t key_count; /* how many are kept; there may be more */
	size_t proven;
	char vouchers[TROTH_PORTRAIT_KEYS][TROTH_VOUCHER_MAX + 1]; /* of each; "": none */
	const char *voucher;                /* the first of them, in here; NULL: none that counts */
	size_t met;                         /* connections that ended "ok" */
	struct troth_portrait_row last_ok;  /* the newest of those */
	struct troth_portrait_row last_bad; /* the newest of the others */
};

/* Effect: gathers what is known of a contact. Errors: those of the store. */
int troth_portrait_load(struct troth_portrait *out, struct troth_store *store,
			const struct troth_store_contact *contact) TROTH_MUST_USE;
/* verified with a proven key, vouched with an introducer's word that counts, else unverified. */
enum troth_level troth_portrait_level(const struct troth_portrait *portrait);
/* The introducer whose word is all that speaks for the contact; NULL: there is none, or better is
 * known. Borrowed. */
const char *troth_portrait_voucher(const struct troth_portrait *portrait);
/* How the key that counts came to be trusted, "" without keys. Borrowed. */
const char *troth_portrait_how(const struct troth_portrait *portrait);

/* "you both gave the same secret" for "pake"; how itself when it is none of ours. */
const char *troth_how_text(const char *how);
/* The same in a word, for tables: "secret". */
const char *troth_how_word(const char *how);

/* "by key" for "keyinfo", and the like. */
const char *troth_method_words(const char *method);
/* The sentence for "floor" and other names of errors; the name itself when it is none. */
const char *troth_outcome_text(const char *outcome);

/* Effect: the contact named by argument n of the verb, by its label or an account of its, or a
 * failure that names a near one. */
enum troth_exit troth_trust_contact(struct troth_cli *cli, size_t n,
				    struct troth_store_contact *out);

/* The subcommands. */
enum troth_exit troth_trust_list(struct troth_cli *cli);
enum troth_exit troth_trust_show(struct troth_cli *cli);
enum troth_exit troth_trust_explain(struct troth_cli *cli);
enum troth_exit troth_trust_graph(struct troth_cli *cli);
enum troth_exit troth_trust_rename(struct troth_cli *cli);
enum troth_exit troth_trust_forget(struct troth_cli *cli);
enum troth_exit troth_trust_pin(struct troth_cli *cli);
enum troth_exit troth_trust_secret(struct troth_cli *cli);
enum troth_exit troth_trust_add(struct troth_cli *cli);
enum troth_exit troth_trust_openpgp(struct troth_cli *cli);
enum troth_exit troth_trust_sign(struct troth_cli *cli);
enum troth_exit troth_trust_assign(struct troth_cli *cli);
enum troth_exit troth_trust_introducer(struct troth_cli *cli);
enum troth_exit troth_trust_share(struct troth_cli *cli);
enum troth_exit troth_trust_ask(struct troth_cli *cli);
enum troth_exit troth_trust_fetch(struct troth_cli *cli);
enum troth_exit troth_trust_send(struct troth_cli *cli);

#endif
