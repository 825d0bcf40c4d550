/* SPDX-License-Identifier: MIT */
/*
 * The keywords of a policy, a function for each kind of value. Layer: trust.
 * An unknown keyword is an error: a rule that was mistyped must not be left out silently.
 */
#include "trust/policy_map.h"
#include "trust/policy_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define MOST_PROXIES (TROTH_LIMIT_CHAIN_CERTS - 2)

struct keyword {
	const char *name;
	bool in_section;
	bool once;
	size_t least; /* words behind it */
	size_t most;
	int (*take)(struct troth_policy_reader *r, const struct keyword *k);
	int value;
};

static const struct troth_policy_word *word(const struct troth_policy_reader *r, size_t n)
{
	return &r->words[n];
}

static struct troth_policy_ca *section(struct troth_policy_reader *r)
{
	return &r->policy->cas[r->policy->ca_count - 1];
}

/* Effect: room for one more of `size` bytes behind *count ones, zeroed; `list` is the address of
 * the pointer to the first, of whatever type. NULL: no memory. */
static void *grow(void *list, size_t *count, size_t size)
{
	void *items;
	memcpy(&items, list, sizeof items);
	items = reallocarray(items, *count + 1, size);
	if (items == NULL)
		return NULL;
	memcpy(list, &items, sizeof items);
	return memset((char *)items + (*count)++ * size, 0, size);
}

static int too_many(struct troth_policy_reader *r, const struct troth_policy_word *w)
{
	return troth_policy_complain(r, w->at, "Those are too many.");
}

/* ---- values ---- */

/* The index of a word in a NULL-ended list. */
static int choose(struct troth_policy_reader *r, const char *const *names, int *out)
{
	char text[128];
	const struct troth_policy_word *w = word(r, 1);
	size_t len = (size_t)snprintf(text, sizeof text, "Here one of these is expected:");
	for (int i = 0; names[i] != NULL; i++) {
		if (strcmp(w->text, names[i]) == 0) {
			*out = i;
			return TROTH_OK;
		}
		len += (size_t)snprintf(text + len, sizeof text - len, "%s %s", i > 0 ? "," : "",
					names[i]);
	}
	(void)snprintf(text + len, sizeof text - len, ".");
	return troth_policy_complain(r, w->at, text);
}

static int take_level(struct troth_policy_reader *r, const struct keyword *k)
{
	static const char *const names[] = {"plain", "unverified", "vouched", "verified", NULL};
	static const enum troth_level levels[] = {TROTH_LEVEL_PLAIN, TROTH_LEVEL_UNVERIFIED,
						  TROTH_LEVEL_VOUCHED, TROTH_LEVEL_VERIFIED};
	int chosen;
	int err = choose(r, names, &chosen);
	if (err != TROTH_OK)
		return err;
	r->policy->least[k->value] = levels[chosen];
	r->policy->least_given[k->value] = true;
	return TROTH_OK;
}

static int take_openpgp(struct troth_policy_reader *r, const struct keyword *k)
{
	static const char *const names[] = {"full", "marginal", NULL};
	int chosen = 0;
	(void)k;
	int err = choose(r, names, &chosen);
	r->policy->openpgp = chosen == 1 ? TROTH_BELIEF_MARGINAL : TROTH_BELIEF_FULL;
	return err;
}

static int take_xtls(struct troth_policy_reader *r, const struct keyword *k)
{
	static const char *const names[] = {"contacts", "no", "anybody", NULL};
	int chosen = 0;
	(void)k;
	int err = choose(r, names, &chosen);
	r->policy->xtls = (enum troth_policy_xtls)chosen;
	return err;
}

static int take_number(struct troth_policy_reader *r, unsigned *out)
{
	const struct troth_policy_word *w = word(r, 1);
	if (w->text[0] < '0' || w->text[0] > '0' + MOST_PROXIES || w->text[1] != 0)
		return troth_policy_complain(r, w->at, "Here a number from 0 to 6 is expected.");
	*out = (unsigned)(w->text[0] - '0');
	return TROTH_OK;
}
_Static_assert(MOST_PROXIES == 6, "the sentence above names it");

static int take_contact_proxies(struct troth_policy_reader *r, const struct keyword *k)
{
	(void)k;
	return take_number(r, &r->policy->contact_proxies);
}

static int take_introducers(struct troth_policy_reader *r, const struct keyword *k)
{
	const struct troth_policy_word *w = word(r, 1);
	(void)k;
	if (w->text[0] < '1' || w->text[0] > '0' + TROTH_BELIEF_DEPTH_MAX || w->text[1] != 0)
		return troth_policy_complain(r, w->at, "Here a number from 1 to 3 is expected.");
	r->policy->introducers = (unsigned)(w->text[0] - '0');
	return TROTH_OK;
}
_Static_assert(TROTH_BELIEF_DEPTH_MAX == 3, "the sentence above names it");

static int take_proxies(struct troth_policy_reader *r, const struct keyword *k)
{
	(void)k;
	return take_number(r, &section(r)->proxies);
}

static int take_pin(struct troth_policy_reader *r, const struct keyword *k)
{
	static const char *const names[] = {"no", "yes", NULL};
	int chosen = 0;
	(void)k;
	int err = choose(r, names, &chosen);
	section(r)->pins = chosen == 1;
	return err;
}

static int take_proof(struct troth_policy_reader *r, const struct keyword *k)
{
	static const char *const names[] = {"ca", "ca-and-pin", NULL};
	int chosen = 0;
	(void)k;
	int err = choose(r, names, &chosen);
	section(r)->needs_pin = chosen == 1;
	return err;
}

static int take_status(struct troth_policy_reader *r, const struct keyword *k)
{
	static const char *const names[] = {"known", "required", NULL};
	int chosen = 0;
	(void)k;
	int err = choose(r, names, &chosen);
	section(r)->needs_status = chosen == 1;
	return err;
}

static int take_identity(struct troth_policy_reader *r, const struct keyword *k)
{
	static const char *const names[] = {"xmpp-addr", "map", NULL};
	int chosen = 0;
	(void)k;
	int err = choose(r, names, &chosen);
	section(r)->identity = chosen == 1 ? TROTH_POLICY_MAPPED : TROTH_POLICY_XMPP_ADDR;
	return err;
}

static int take_file(struct troth_policy_reader *r, const struct keyword *k)
{
	struct troth_policy_ca *ca = section(r);
	const struct troth_policy_word *w = word(r, 1);
	if (w->text[0] == 0)
		return troth_policy_complain(r, w->at, "Here the name of a file is expected.");
	if (ca->file_count == TROTH_LIMIT_POLICY_ITEMS)
		return too_many(r, w);
	struct troth_policy_file *file = grow(&ca->files, &ca->file_count, sizeof *file);
	if (file == NULL || (file->path = strdup(w->text)) == NULL)
		return TROTH_E_NOMEM;
	file->kind = (enum troth_policy_kind)k->value;
	file->line = r->line;
	file->column = (unsigned)(w->at - r->line_start) + 1;
	return TROTH_OK;
}

static int take_jid(struct troth_policy_reader *r, const struct troth_policy_word *w)
{
	const char *why = "";
	struct troth_policy_ca *ca = section(r);
	if (ca->jid_count == TROTH_LIMIT_POLICY_ITEMS)
		return too_many(r, w);
	struct troth_policy_jid *jid = grow(&ca->jids, &ca->jid_count, sizeof *jid);
	if (jid == NULL || (jid->text = strdup(w->text)) == NULL)
		return TROTH_E_NOMEM;
	int err = troth_jid_pattern_init(&jid->pattern, w->text, &why);
	return err == TROTH_E_FORMAT ? troth_policy_complain(r, w->at, why) : err;
}

static int take_for(struct troth_policy_reader *r, const struct keyword *k)
{
	int err = TROTH_OK;
	(void)k;
	for (size_t i = 1; i < r->word_count && err == TROTH_OK; i++)
		err = take_jid(r, word(r, i));
	return err;
}

static int read_pattern(struct troth_policy_reader *r, const struct troth_policy_word *w,
			struct troth_dn_pattern **out)
{
	struct troth_dn_problem problem = {0};
	int err = troth_dn_pattern_new(out, w->text, &problem);
	return err == TROTH_E_FORMAT ? troth_policy_complain(r, w->text + problem.at, problem.text)
				     : err;
}

static int take_subject(struct troth_policy_reader *r, const struct keyword *k)
{
	struct troth_policy_ca *ca = section(r);
	(void)k;
	if (ca->subject_count == TROTH_LIMIT_POLICY_ITEMS)
		return too_many(r, word(r, 1));
	struct troth_policy_subject *s = grow(&ca->subjects, &ca->subject_count, sizeof *s);
	if (s == NULL || (s->text = strdup(word(r, 1)->text)) == NULL)
		return TROTH_E_NOMEM;
	return read_pattern(r, word(r, 1), &s->pattern);
}

static int take_map(struct troth_policy_reader *r, const struct keyword *k)
{
	const char *why = "";
	struct troth_policy_ca *ca = section(r);
	(void)k;
	if (ca->map_count == TROTH_LIMIT_POLICY_ITEMS)
		return too_many(r, word(r, 1));
	struct troth_policy_map *m = grow(&ca->maps, &ca->map_count, sizeof *m);
	if (m == NULL || (m->text = strdup(word(r, 1)->text)) == NULL ||
	    (m->jid = strdup(word(r, 2)->text)) == NULL)
		return TROTH_E_NOMEM;
	int err = read_pattern(r, word(r, 1), &m->subject);
	if (err == TROTH_OK)
		err = troth_policy_map_check(m->jid, &why);
	return err == TROTH_E_FORMAT && *why != 0 ? troth_policy_complain(r, word(r, 2)->at, why)
						  : err;
}

/* ---- sections ---- */

static bool has_file(const struct troth_policy_ca *ca, enum troth_policy_kind kind)
{
	for (size_t i = 0; i < ca->file_count; i++) {
		if (ca->files[i].kind == kind)
			return true;
	}
	return false;
}

static const char *missing(const struct troth_policy_ca *ca)
{
	if (!has_file(ca, TROTH_POLICY_TRUST))
		return "This section has no `trust FILE`: the certificates of the CA.";
	if (ca->jid_count == 0)
		return "This section has no `for`: the addresses that the CA may speak for.";
	if (ca->identity == TROTH_POLICY_MAPPED && ca->map_count == 0)
		return "`identity map` needs a `map` rule.";
	if (ca->identity == TROTH_POLICY_XMPP_ADDR && ca->map_count > 0)
		return "`map` rules count only with `identity map`.";
	return NULL;
}

int troth_policy_end_section(struct troth_policy_reader *r)
{
	if (r->policy->ca_count == 0)
		return TROTH_OK;
	const char *what = missing(section(r));
	if (what == NULL)
		return TROTH_OK;
	r->line = section(r)->line;
	return troth_policy_complain(r, r->line_start, what);
}

static int take_ca(struct troth_policy_reader *r, const struct keyword *k)
{
	struct troth_policy *p = r->policy;
	const struct troth_policy_word *w = word(r, 1);
	(void)k;
	int err = troth_policy_end_section(r);
	if (err != TROTH_OK)
		return err;
	if (p->ca_count == TROTH_LIMIT_POLICY_CAS)
		return too_many(r, w);
	if (w->text[0] == 0)
		return troth_policy_complain(r, w->at, "Here a name for the CA is expected.");
	for (size_t i = 0; i < p->ca_count; i++) {
		if (strcmp(p->cas[i].name, w->text) == 0)
			return troth_policy_complain(r, w->at, "A CA of that name stands above.");
	}
	struct troth_policy_ca *ca = grow(&p->cas, &p->ca_count, sizeof *ca);
	if (ca == NULL || (ca->name = strdup(w->text)) == NULL)
		return TROTH_E_NOMEM;
	ca->line = r->line;
	return TROTH_OK;
}

/* ---- the table ---- */

static const struct keyword keywords[] = {
	/* clang-format off */
	{"chat",            false, true,  1, 1,  take_level, TROTH_POLICY_CHAT},
	{"files",           false, true,  1, 1,  take_level, TROTH_POLICY_FILES},
	{"bots",            false, true,  1, 1,  take_level, TROTH_POLICY_BOTS},
	{"openpgp",         false, true,  1, 1,  take_openpgp, 0},
	{"contact-proxies", false, true,  1, 1,  take_contact_proxies, 0},
	{"introducers",     false, true,  1, 1,  take_introducers, 0},
	{"xtls",            false, true,  1, 1,  take_xtls, 0},
	{"ca",              false, false, 1, 1,  take_ca, 0},
	{"trust",           true,  false, 1, 1,  take_file, TROTH_POLICY_TRUST},
	{"intermediates",   true,  false, 1, 1,  take_file, TROTH_POLICY_INTERMEDIATES},
	{"crl",             true,  false, 1, 1,  take_file, TROTH_POLICY_CRL},
	{"ocsp",            true,  false, 1, 1,  take_file, TROTH_POLICY_OCSP},
	{"for",             true,  false, 1, TROTH_LIMIT_POLICY_WORDS, take_for, 0},
	{"subject",         true,  false, 1, 1,  take_subject, 0},
	{"identity",        true,  true,  1, 1,  take_identity, 0},
	{"map",             true,  false, 2, 2,  take_map, 0},
	{"proof",           true,  true,  1, 1,  take_proof, 0},
	{"pin",             true,  true,  1, 1,  take_pin, 0},
	{"status",          true,  true,  1, 1,  take_status, 0},
	{"proxies",         true,  true,  1, 1,  take_proxies, 0},
	/* clang-format on */
};
#define KEYWORDS (sizeof keywords / sizeof keywords[0])
_Static_assert(KEYWORDS <= 32, "one bit for each");

static int check_place(struct troth_policy_reader *r, const struct keyword *k)
{
	const char *at = word(r, 0)->at;
	bool inside = r->policy->ca_count > 0;
	if (k->in_section && !inside)
		return troth_policy_complain(r, at,
					     "That belongs into a section: below `ca NAME`.");
	if (!k->in_section && inside && k->take != take_ca)
		return troth_policy_complain(r, at, "That stands above the first `ca` only.");
	unsigned bit = 1U << (k - keywords);
	unsigned *seen = k->in_section ? &section(r)->seen : &r->policy->seen;
	if (k->once && (*seen & bit) != 0)
		return troth_policy_complain(r, at, "That was said before.");
	*seen |= bit;
	return TROTH_OK;
}

static int check_words(struct troth_policy_reader *r, const struct keyword *k)
{
	size_t values = r->word_count - 1;
	const struct troth_policy_word *last = word(r, r->word_count - 1);
	if (values < k->least)
		return troth_policy_complain(r, last->text + strlen(last->text),
					     "Something is missing at the end of this line.");
	if (values > k->most)
		return troth_policy_complain(r, word(r, k->most + 1)->at,
					     "That is one word too many; one with blanks stands "
					     "between quotation marks.");
	return TROTH_OK;
}

int troth_policy_keyword(struct troth_policy_reader *r)
{
	for (size_t i = 0; i < KEYWORDS; i++) {
		const struct keyword *k = &keywords[i];
		if (strcmp(k->name, word(r, 0)->text) != 0)
			continue;
		int err = check_place(r, k);
		if (err == TROTH_OK)
			err = check_words(r, k);
		return err == TROTH_OK ? k->take(r, k) : err;
	}
	return troth_policy_complain(r, word(r, 0)->at, "That keyword isn't known.");
}
