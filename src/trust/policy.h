/* SPDX-License-Identifier: MIT */
/*
 * The policy file: which certificate authorities may speak for which JIDs, and what level
 * something needs (man/troth-policy.5). Layer: trust. Pure: bytes in, a struct or the place and
 * sentence of the first error out. Opens none of the files that a policy names.
 */
#ifndef TROTH_TRUST_POLICY_H
#define TROTH_TRUST_POLICY_H

#include "keys/dn.h"
#include "trust/belief.h"
#include "xmpp/jid_pattern.h"

#include <troth/key.h>
#include <troth/trust.h>

/* The files of a section, by what they hold. */
enum troth_policy_kind {
	TROTH_POLICY_TRUST,
	TROTH_POLICY_INTERMEDIATES,
	TROTH_POLICY_CRL,
	TROTH_POLICY_OCSP
};
#define TROTH_POLICY_KINDS 4

struct troth_policy_file {
	enum troth_policy_kind kind;
	char *path; /* as written: relative to the policy's own folder */
	unsigned line;
	unsigned column;
};

/* A rule that makes a JID of a name: the first one that fits counts. */
struct troth_policy_map {
	char *text; /* of the pattern, as written */
	struct troth_dn_pattern *subject;
	char *jid; /* {TYPE} in the part before @ stands for that attribute */
};

enum troth_policy_identity { TROTH_POLICY_XMPP_ADDR, TROTH_POLICY_MAPPED };

struct troth_policy_subject {
	char *text;
	struct troth_dn_pattern *pattern;
};

struct troth_policy_jid {
	char *text;
	struct troth_jid_pattern pattern;
};

/* One `ca` section. */
struct troth_policy_ca {
	char *name;
	unsigned line;
	struct troth_policy_file *files;
	size_t file_count;
	struct troth_policy_jid *jids; /* one must fit */
	size_t jid_count;
	struct troth_policy_subject *subjects; /* one must fit; none: every name does */
	size_t subject_count;
	struct troth_policy_map *maps;
	size_t map_count;
	enum troth_policy_identity identity;
	bool needs_pin;    /* proof ca-and-pin: the CA alone isn't enough */
	bool pins;         /* pin yes: a meeting verified by this CA pins the key */
	bool needs_status; /* status required: nobody is taken whose revocation isn't known */
	unsigned proxies;  /* the longest row of proxy certificates; 0: none are taken */
	unsigned seen;     /* keywords given; for the parser */
};

/* What something needs. */
enum troth_policy_use { TROTH_POLICY_CHAT, TROTH_POLICY_FILES, TROTH_POLICY_BOTS };
#define TROTH_POLICY_USES 3

/* Whose call by XTLS is taken: TLS at once, of which nothing is compared afterwards. */
enum troth_policy_xtls {
	TROTH_POLICY_XTLS_CONTACTS,
	TROTH_POLICY_XTLS_NO,
	TROTH_POLICY_XTLS_ANYBODY
};

struct troth_policy {
	struct troth_policy_ca *cas;
	size_t ca_count;
	bool least_given[TROTH_POLICY_USES];
	enum troth_level least[TROTH_POLICY_USES]; /* VERIFIED where not given */
	enum troth_belief_validity openpgp; /* that an OpenPGP key needs: FULL where not given */
	unsigned introducers;               /* the longest chain of them: 1 where not given */
	enum troth_policy_xtls xtls;        /* CONTACTS where not given */
	unsigned contact_proxies;           /* of keys that are pinned, without any CA; 0: none */
	unsigned seen;
};

struct troth_policy_problem {
	unsigned line;   /* from 1 */
	unsigned column; /* from 1, in characters */
	char text[192];  /* a sentence */
};

/* Effect: reads a policy; the caller owns *out. Errors: TROTH_E_FORMAT with *problem filled in
 * (TROTH_E_LIMIT likewise, for a file that is too large), TROTH_E_NOMEM. */
int troth_policy_read(struct troth_policy **out, struct troth_slice text,
		      struct troth_policy_problem *problem) TROTH_MUST_USE;
void troth_policy_free(struct troth_policy *policy);

/* "contacts", "no", "anybody". Static. */
const char *troth_policy_xtls_name(enum troth_policy_xtls xtls);
/* "chat", "files", "bots"; "trust", "intermediates", "crl", "ocsp". Static. */
const char *troth_policy_use_name(enum troth_policy_use use);
const char *troth_policy_kind_name(enum troth_policy_kind kind);

/* Whether the section may speak for that JID at all. */
bool troth_policy_ca_covers(const struct troth_policy_ca *ca, const struct troth_address *jid);
/* Whether the subject of a certificate is one that the section takes. */
bool troth_policy_ca_takes(const struct troth_policy_ca *ca, const struct troth_cert *cert);
/* Effect: the nth JID (from 0) that the section believes of the owner of a certificate whose
 * chain was verified; the caller owns *out. Errors: TROTH_E_NOT_FOUND beyond the last. */
int troth_policy_ca_identity(const struct troth_policy_ca *ca, const struct troth_cert *cert,
			     size_t n, struct troth_address **out) TROTH_MUST_USE;

#endif
