/* SPDX-License-Identifier: MIT */
/* `troth policy`: what the policy file says, and whether it can be used. Layer: cli. */
#include "cli/cli.h"
#include "cli/terminal/fingerprint.h"
#include "cli/trust/policy.h"
#include "cli/verbs.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

/* ---- show ---- */

static void show_use(struct troth_output *out, const struct troth_policy *p,
		     enum troth_policy_use use)
{
	troth_line(out, TROTH_STYLE_PLAIN, "%-16s %s%s", troth_policy_use_name(use),
		   troth_level_name(p->least[use]), p->least_given[use] ? "" : " (default)");
}

static void show_anchors(struct troth_output *out, const struct troth_ca *ca)
{
	char text[TROTH_FINGERPRINT_LEN];
	struct troth_pin pin;
	for (size_t i = 0; troth_ca_anchor_pin(ca, i, &pin) == TROTH_OK; i++)
		troth_line(out, TROTH_STYLE_PLAIN, "  pin            %s",
			   troth_fingerprint(text, &pin));
}

static void show_ca(struct troth_output *out, const struct troth_policy_ca *ca,
		    const struct troth_ca *loaded)
{
	troth_line(out, TROTH_STYLE_BOLD, "ca %s", ca->name);
	show_anchors(out, loaded);
	for (size_t i = 0; i < ca->file_count; i++)
		troth_line(out, TROTH_STYLE_PLAIN, "  %-14s %s",
			   troth_policy_kind_name(ca->files[i].kind), ca->files[i].path);
	for (size_t i = 0; i < ca->jid_count; i++)
		troth_line(out, TROTH_STYLE_PLAIN, "  for            %s", ca->jids[i].text);
	for (size_t i = 0; i < ca->subject_count; i++)
		troth_line(out, TROTH_STYLE_PLAIN, "  subject        %s", ca->subjects[i].text);
	for (size_t i = 0; i < ca->map_count; i++)
		troth_line(out, TROTH_STYLE_PLAIN, "  map            %s -> %s", ca->maps[i].text,
			   ca->maps[i].jid);
	troth_line(out, TROTH_STYLE_PLAIN, "  proof          %s",
		   ca->needs_pin ? "ca-and-pin" : "ca");
	troth_line(out, TROTH_STYLE_PLAIN, "  pin            %s", ca->pins ? "yes" : "no");
	troth_line(out, TROTH_STYLE_PLAIN, "  status         %s",
		   ca->needs_status ? "required" : "known");
	troth_line(out, TROTH_STYLE_PLAIN, "  proxies        %u", ca->proxies);
}

static json_t *list(size_t count, const char *(*text)(const struct troth_policy_ca *, size_t),
		    const struct troth_policy_ca *ca)
{
	json_t *array = json_array();
	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(array, troth_json_text(text(ca, i)));
	return array;
}

static const char *jid_text(const struct troth_policy_ca *ca, size_t i)
{
	return ca->jids[i].text;
}

static const char *subject_text(const struct troth_policy_ca *ca, size_t i)
{
	return ca->subjects[i].text;
}

static json_t *anchors_json(const struct troth_ca *ca)
{
	char text[TROTH_FINGERPRINT_LEN];
	struct troth_pin pin;
	json_t *array = json_array();
	for (size_t i = 0; troth_ca_anchor_pin(ca, i, &pin) == TROTH_OK; i++)
		(void)json_array_append_new(array,
					    troth_json_text(troth_fingerprint_hex(text, &pin)));
	return array;
}

static json_t *ca_json(const struct troth_policy_ca *ca, const struct troth_ca *loaded)
{
	json_t *files = json_array();
	json_t *maps = json_array();
	for (size_t i = 0; i < ca->file_count; i++)
		(void)json_array_append_new(files,
					    json_pack("{s:s, s:o}", "kind",
						      troth_policy_kind_name(ca->files[i].kind),
						      "path", troth_json_text(ca->files[i].path)));
	for (size_t i = 0; i < ca->map_count; i++)
		(void)json_array_append_new(
			maps, json_pack("{s:o, s:o}", "subject", troth_json_text(ca->maps[i].text),
					"jid", troth_json_text(ca->maps[i].jid)));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:s, s:i}", "name",
			 troth_json_text(ca->name), "pins", anchors_json(loaded), "files", files,
			 "for", list(ca->jid_count, jid_text, ca), "subjects",
			 list(ca->subject_count, subject_text, ca), "maps", maps, "proof",
			 ca->needs_pin ? "ca-and-pin" : "ca", "pin", ca->pins, "status",
			 ca->needs_status ? "required" : "known", "proxies", (int)ca->proxies);
}

static void show_all(struct troth_output *out, const char *path,
		     const struct troth_authorities *all)
{
	const struct troth_policy *p = troth_authorities_policy(all);
	json_t *cas = json_array();
	troth_line(out, TROTH_STYLE_DIM, "# %s", path);
	for (int use = 0; use < TROTH_POLICY_USES; use++)
		show_use(out, p, (enum troth_policy_use)use);
	troth_line(out, TROTH_STYLE_PLAIN, "openpgp  %s",
		   p->openpgp == TROTH_BELIEF_MARGINAL ? "marginal" : "full");
	troth_line(out, TROTH_STYLE_PLAIN, "contact-proxies  %u", p->contact_proxies);
	troth_line(out, TROTH_STYLE_PLAIN, "introducers  %u", p->introducers);
	troth_line(out, TROTH_STYLE_PLAIN, "xtls  %s", troth_policy_xtls_name(p->xtls));
	for (size_t i = 0; i < p->ca_count; i++) {
		show_ca(out, &p->cas[i], troth_authorities_ca(all, i));
		(void)json_array_append_new(cas, ca_json(&p->cas[i], troth_authorities_ca(all, i)));
	}
	troth_json(out, json_pack("{s:o, s:s, s:s, s:s, s:s, s:i, s:i, s:s, s:o}", "file",
				  troth_json_text(path), "chat",
				  troth_level_name(p->least[TROTH_POLICY_CHAT]), "files",
				  troth_level_name(p->least[TROTH_POLICY_FILES]), "bots",
				  troth_level_name(p->least[TROTH_POLICY_BOTS]), "openpgp",
				  p->openpgp == TROTH_BELIEF_MARGINAL ? "marginal" : "full",
				  "contact_proxies", (int)p->contact_proxies, "introducers",
				  (int)p->introducers, "xtls", troth_policy_xtls_name(p->xtls),
				  "cas", cas));
}

/* ---- check ---- */

static void show_good(struct troth_output *out, const char *path,
		      const struct troth_authorities *all)
{
	size_t count = troth_authorities_policy(all)->ca_count;
	troth_line(out, TROTH_STYLE_GOOD, "%s can be used: %zu certificate %s.", path, count,
		   count == 1 ? "authority" : "authorities");
	troth_json(out, json_pack("{s:o, s:i}", "file", troth_json_text(path), "cas", (int)count));
}

static enum troth_exit run(struct troth_cli *cli)
{
	char *path = NULL;
	struct troth_authorities *all = NULL;
	const char *what = troth_cli_arg(cli, 0);
	bool check = what && strcmp(what, "check") == 0;
	if (!what || (!check && strcmp(what, "show") != 0))
		return troth_cli_usage(cli, "what to do with the policy? check or show");
	enum troth_exit status = troth_cli_args(cli, 1, 2);
	if (status == TROTH_EXIT_OK)
		status = troth_cli_policy_path(cli, troth_cli_arg(cli, 1), &path);
	if (status == TROTH_EXIT_OK)
		status = troth_cli_policy_load(cli, path, &all);
	if (status == TROTH_EXIT_OK && check)
		show_good(&cli->out, path, all);
	else if (status == TROTH_EXIT_OK)
		show_all(&cli->out, path, all);
	troth_authorities_free(all);
	free(path);
	return status;
}

static const char *const words[] = {"check", "show", NULL};
static const char *const usage[] = {"check [FILE]", "show [FILE]", NULL};
static const struct troth_example examples[] = {
	{"troth policy check", "can ~/.config/troth/policy be used? Says the line if not"},
	{"troth policy check new-policy && mv new-policy ~/.config/troth/policy",
	 "before it is put in place"},
	{"troth policy show", "which CAs may speak for whom, with all defaults"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_policy = {
	.name = "policy",
	.help = "check or show which certificate authorities are believed",
	.usage = usage,
	.about =
		"The policy says which CAs may speak for which addresses, and what level of proof\n"
		"is needed for what; troth-policy(5) describes it. Without one no CA is believed.\n"
		"One that can't be used stops every verb that would go by it.",
	.examples = examples,
	.words = words,
	.complete = TROTH_COMPLETE_FILE,
	.run = run,
};
