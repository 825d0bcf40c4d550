/* SPDX-License-Identifier: MIT */
/* Patterns of distinguished names: read from RFC 4514 text, matched attribute by attribute.
 * Layer: keys. */
#include "base/limits.h"
#include "keys/dn.h"
#include "keys/dn_type.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>
#include <unistr.h>

struct part {
	ASN1_OBJECT *type;
	X509_NAME *value; /* this attribute alone; NULL: any value */
};

struct troth_dn_pattern {
	struct part parts[TROTH_LIMIT_DN_PARTS]; /* in the order of the text */
	size_t count;
	bool open; /* begins with a star of its own */
};

/* Where reading stands. */
struct text {
	const char *start;
	const char *at;
	struct troth_dn_problem *problem;
};

static int complain(struct text *t, const char *at, const char *sentence)
{
	t->problem->at = (size_t)(at - t->start);
	t->problem->text = sentence;
	return TROTH_E_FORMAT;
}

static void skip_blanks(struct text *t)
{
	while (*t->at == ' ')
		t->at++;
}

static int read_type(struct text *t, struct part *part)
{
	char type[TROTH_DN_TYPE_MAX];
	const char *begin = t->at;
	size_t len = strspn(t->at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789.-");
	t->at += len;
	skip_blanks(t);
	if (len == 0 || *t->at != '=')
		return complain(t, begin, "Here an attribute is expected, like `O=Example`.");
	if (len >= sizeof type)
		return complain(t, begin, "That isn't a type of attribute.");
	memcpy(type, begin, len);
	type[len] = 0;
	part->type = troth_dn_type(type);
	if (part->type == NULL)
		return complain(t, begin, "That type of attribute isn't known; an OID would do.");
	t->at++;
	skip_blanks(t);
	return TROTH_OK;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c == 0 ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);
	return found == NULL ? -1 : (int)(found - digits);
}

/* RFC 4514 2.4: a backslash before the character itself, or before two hex digits. */
static int read_escape(struct text *t, struct troth_buf *to)
{
	const char *begin = t->at++;
	int high = hex_digit(t->at[0]);
	int low = high < 0 ? -1 : hex_digit(t->at[1]);
	if (low >= 0) {
		t->at += 2;
		return troth_buf_append_byte(to, (uint8_t)(high << 4 | low));
	}
	if (*t->at == 0 || strchr(" \"#+,;<=>\\", *t->at) == NULL)
		return complain(t, begin,
				"A backslash stands before one of  \"#+,;<=>\\ or two "
				"hexadecimal digits.");
	return troth_buf_append_byte(to, (uint8_t)*t->at++);
}

static int read_characters(struct text *t, struct troth_buf *to)
{
	size_t kept = 0; /* blanks at the end don't count unless escaped */
	while (*t->at != 0 && *t->at != ',') {
		int err;
		bool blank = *t->at == ' ';
		if (*t->at == '+')
			return complain(t, t->at,
					"Several attributes in one place (`+`) can't be "
					"asked for.");
		if (strchr("\";<>", *t->at) != NULL)
			return complain(t, t->at, "That character needs a backslash.");
		if (*t->at == '\\')
			err = read_escape(t, to);
		else
			err = troth_buf_append_byte(to, (uint8_t)*t->at++);
		if (err == TROTH_E_LIMIT)
			return complain(t, t->at, "That value is too long.");
		if (err != TROTH_OK)
			return err;
		if (!blank)
			kept = troth_buf_len(to);
	}
	troth_buf_truncate(to, kept);
	return TROTH_OK;
}

/* OpenSSL knows what a value of that type may be (a country has two letters). */
static int make_value(struct text *t, const char *begin, struct part *part,
		      struct troth_slice value)
{
	part->value = X509_NAME_new();
	if (part->value == NULL)
		return TROTH_E_NOMEM;
	int ok = X509_NAME_add_entry_by_OBJ(part->value, part->type, MBSTRING_UTF8, value.data,
					    (int)value.len, -1, 0);
	ERR_clear_error();
	return ok == 1 ? TROTH_OK
		       : complain(t, begin, "No attribute of that type has such a value.");
}

static bool is_star(const char *at)
{
	return at[0] == '*' && at[1 + strspn(at + 1, " ")] == 0;
}

static int read_value(struct text *t, struct part *part)
{
	const char *begin = t->at;
	struct troth_buf value;
	if (*t->at == '*') {
		const char *after = t->at + 1 + strspn(t->at + 1, " ");
		if (*after != ',' && !is_star(t->at))
			return complain(t, t->at, "A star stands for a whole value.");
		t->at = after;
		return TROTH_OK;
	}
	if (*t->at == '#')
		return complain(t, t->at, "Values in hexadecimal can't be asked for.");
	troth_buf_init(&value, TROTH_LIMIT_DN_VALUE);
	int err = read_characters(t, &value);
	struct troth_slice got = troth_buf_slice(&value);
	if (err == TROTH_OK && got.len == 0)
		err = complain(t, begin, "Here a value is expected.");
	if (err == TROTH_OK &&
	    (memchr(got.data, 0, got.len) != NULL || u8_check(got.data, got.len) != NULL))
		err = complain(t, begin, "That value isn't text.");
	if (err == TROTH_OK)
		err = make_value(t, begin, part, got);
	troth_buf_fini(&value);
	return err;
}

static int read_part(struct text *t, struct troth_dn_pattern *p)
{
	if (p->count == TROTH_LIMIT_DN_PARTS)
		return complain(t, t->at, "Those are too many attributes.");
	struct part *part = &p->parts[p->count++];
	int err = read_type(t, part);
	return err == TROTH_OK ? read_value(t, part) : err;
}

static int read_parts(struct text *t, struct troth_dn_pattern *p)
{
	skip_blanks(t);
	if (t->at[0] == '*') {
		p->open = true;
		t->at++;
		skip_blanks(t);
		if (*t->at == 0)
			return TROTH_OK;
		if (*t->at != ',')
			return complain(t, t->at, "After a star on its own a comma is expected.");
		t->at++;
		skip_blanks(t);
	}
	for (;;) {
		int err = read_part(t, p);
		if (err != TROTH_OK || *t->at == 0)
			return err;
		t->at++;
		skip_blanks(t);
	}
}

int troth_dn_pattern_new(struct troth_dn_pattern **out, const char *text,
			 struct troth_dn_problem *problem)
{
	struct troth_dn_pattern *p = calloc(1, sizeof *p);
	if (p == NULL)
		return TROTH_E_NOMEM;
	struct text t = {.start = text, .at = text, .problem = problem};
	int err = read_parts(&t, p);
	if (err != TROTH_OK) {
		troth_dn_pattern_free(p);
		return err;
	}
	*out = p;
	return TROTH_OK;
}

void troth_dn_pattern_free(struct troth_dn_pattern *pattern)
{
	if (pattern == NULL)
		return;
	for (size_t i = 0; i < pattern->count; i++) {
		ASN1_OBJECT_free(pattern->parts[i].type);
		X509_NAME_free(pattern->parts[i].value);
	}
	free(pattern);
}

/* ---- matching ---- */

static bool part_matches(const struct part *part, const X509_NAME_ENTRY *entry)
{
	if (OBJ_cmp(part->type, X509_NAME_ENTRY_get_object(entry)) != 0)
		return false;
	if (part->value == NULL)
		return true;
	X509_NAME *alone = X509_NAME_new();
	bool same = alone != NULL && X509_NAME_add_entry(alone, entry, -1, 0) == 1 &&
		    X509_NAME_cmp(alone, part->value) == 0;
	X509_NAME_free(alone);
	ERR_clear_error();
	return same;
}

/* Whether the entry has its level of the name to itself. */
static bool stands_alone(const X509_NAME *name, int at)
{
	int set = X509_NAME_ENTRY_set(X509_NAME_get_entry(name, at));
	if (at > 0 && X509_NAME_ENTRY_set(X509_NAME_get_entry(name, at - 1)) == set)
		return false;
	return at + 1 == X509_NAME_entry_count(name) ||
	       X509_NAME_ENTRY_set(X509_NAME_get_entry(name, at + 1)) != set;
}

/* The text has the most special attribute first, the name the most general one. */
bool troth_dn_pattern_matches(const struct troth_dn_pattern *pattern, const X509_NAME *name)
{
	int entries = X509_NAME_entry_count(name);
	int count = (int)pattern->count;
	if (entries < count || (entries > count && !pattern->open))
		return false;
	for (int i = 0; i < count; i++) {
		if (!stands_alone(name, i) ||
		    !part_matches(&pattern->parts[count - 1 - i], X509_NAME_get_entry(name, i)))
			return false;
	}
	return true;
}
