/* SPDX-License-Identifier: MIT */
/* Completion scripts for bash, zsh and fish. Layer: cli. Knows no verb by name. */
#include "cli/completion.h"

#include "cli/verb.h"

/* `troth` with the --home of the line that is completed. */
#define BASH_TROTH "troth \"${home[@]}\" "
#define ZSH_TROTH "troth $home "
#define FISH_TROTH "troth (__troth_home) "
/* Labels may hold blanks: one a line. */
#define LABELS "trust list --labels 2>/dev/null"
/* A fingerprint, a blank, a user ID that has been cleaned. */
#define OPENPGP "id openpgp --list 2>/dev/null"
/* An address, blanks, how it signs in. */
#define ACCOUNTS "login 2>/dev/null | cut -d ' ' -f 1"

/* The words that such an option takes; NULL: they aren't few. */
static const char *few(enum troth_complete complete)
{
	static const char *const all[] = {
		[TROTH_COMPLETE_ACCEPT] = "contacts vouched anyone plain",
		[TROTH_COMPLETE_REASON] = "compromised lost retired",
		[TROTH_COMPLETE_PUBLISH] = "open presence own asked none",
		[TROTH_COMPLETE_PASSWORD] = "secret-service file none",
	};
	return (size_t)complete < sizeof all / sizeof *all ? all[complete] : NULL;
}

static void names(FILE *out, const struct troth_option *table)
{
	for (const struct troth_option *o = table; o && o->name; o++)
		fprintf(out, "--%s ", o->name);
}

static void verb_names(FILE *out)
{
	for (size_t i = 0; troth_verbs[i]; i++)
		fprintf(out, "%s ", troth_verbs[i]->name);
}

static void words(FILE *out, const struct troth_verb *verb)
{
	for (size_t i = 0; verb->words && verb->words[i]; i++)
		fprintf(out, "%s ", verb->words[i]);
}

/* ---- bash ---- */

static void bash_value(FILE *out, const struct troth_option *o)
{
	if (!o->value)
		return;
	fprintf(out, "\t--%s) ", o->name);
	switch (o->complete) {
	case TROTH_COMPLETE_FILE:
		fputs("mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")", out);
		break;
	case TROTH_COMPLETE_DIRECTORY:
		fputs("mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")", out);
		break;
	case TROTH_COMPLETE_CONTACT:
		fputs("_troth_labels", out);
		break;
	case TROTH_COMPLETE_ACCOUNT:
		fputs("_troth_accounts", out);
		break;
	case TROTH_COMPLETE_OPENPGP:
		fputs("_troth_openpgp", out);
		break;
	case TROTH_COMPLETE_ACCEPT:
	case TROTH_COMPLETE_REASON:
	case TROTH_COMPLETE_PUBLISH:
	case TROTH_COMPLETE_PASSWORD:
		fprintf(out, "mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$cur\")",
			few(o->complete));
		break;
	case TROTH_COMPLETE_INTERFACE:
		fputs("mapfile -t COMPREPLY < <(cd /sys/class/net && compgen -W \"$(echo *)\" -- "
		      "\"$cur\")",
		      out);
		break;
	case TROTH_COMPLETE_NOTHING:
		fputs("COMPREPLY=()", out);
		break;
	}
	fputs("; return ;;\n", out);
}

static void bash_arguments(FILE *out, const struct troth_verb *verb)
{
	fprintf(out, "\t%s)\n\t\twords='", verb->name);
	words(out, verb);
	fputs("'\n\t\toptions=\"$options ", out);
	names(out, verb->options);
	fputs("\"\n", out);
	if (verb->complete == TROTH_COMPLETE_CONTACT)
		fputs("\t\tlabels=yes\n", out);
	if (verb->complete == TROTH_COMPLETE_FILE)
		fputs("\t\tfiles=yes\n", out);
	if (verb->complete == TROTH_COMPLETE_OPENPGP)
		fputs("\t\topenpgp=yes\n", out);
	if (verb->files_of)
		fprintf(out,
			"\t\t[[ ${COMP_WORDS[verb_at+1]} == %s && COMP_CWORD -gt verb_at+%zu ]] && "
			"labels= openpgp= files=yes\n",
			verb->files_of, 1 + verb->files_after);
	if (verb->complete == TROTH_COMPLETE_ACCOUNT)
		fputs("\t\taccounts=yes\n", out);
	fputs("\t\t;;\n", out);
}

static void bash_helpers(FILE *out)
{
	fputs("# bash completion for troth, made by `troth completion bash`\n"
	      "_troth_labels() {\n"
	      "\tlocal label quoted\n"
	      "\twhile IFS= read -r label; do\n"
	      "\t\tprintf -v quoted %q \"$label\"\n"
	      "\t\t[[ ${label,,} == \"${cur,,}\"* || $quoted == \"$cur\"* ]] && "
	      "COMPREPLY+=(\"$quoted\")\n"
	      "\tdone < <(" BASH_TROTH LABELS ")\n"
	      "}\n"
	      "_troth_openpgp() {\n"
	      "\tlocal keys=$(" BASH_TROTH OPENPGP " | cut -d ' ' -f 1)\n"
	      "\tmapfile -t COMPREPLY < <(compgen -W \"$keys\" -- \"$cur\")\n"
	      "}\n"
	      "_troth_accounts() {\n"
	      "\tlocal accounts=$(" BASH_TROTH ACCOUNTS ")\n"
	      "\tmapfile -t COMPREPLY < <(compgen -W \"$accounts\" -- \"$cur\")\n"
	      "}\n",
	      out);
}

/* readline makes "=" a word of its own. Of a home that was typed quotes and backslashes go, and
 * nothing is run. */
static void bash_head(FILE *out)
{
	bash_helpers(out);
	fputs("_troth() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tlocal verb= verb_at=0 i dir words= options= labels= files= openpgp= accounts=\n"
	      "\tlocal -a home=()\n"
	      "\tCOMPREPLY=()\n"
	      "\t[[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
	      "\t[[ $cur == = ]] && cur=\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\t[[ ${COMP_WORDS[i]} == --home ]] || continue\n"
	      "\t\t[[ ${COMP_WORDS[i+1]} == = ]] && ((i++))\n"
	      "\t\tdir=${COMP_WORDS[i+1]//[\\\\\\'\\\"]/}\n"
	      "\t\thome=(--home \"${dir/#\\~/$HOME}\")\n"
	      "\tdone\n"
	      "\tcase $prev in\n",
	      out);
}

void troth_completion_bash(FILE *out)
{
	bash_head(out);
	for (const struct troth_option *o = troth_global_options; o->name; o++)
		bash_value(out, o);
	for (size_t i = 0; troth_verbs[i]; i++)
		for (const struct troth_option *o = troth_verbs[i]->options; o && o->name; o++)
			bash_value(out, o);
	fputs("\tesac\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tcase ${COMP_WORDS[i]} in\n"
	      "\t\t--home | --policy | --passphrase-fd)\n"
	      "\t\t\t[[ ${COMP_WORDS[i+1]} == = ]] && ((i++))\n"
	      "\t\t\t((i++)) ;;\n"
	      "\t\t-*) ;;\n"
	      "\t\t*) verb=${COMP_WORDS[i]} verb_at=$i; break ;;\n"
	      "\t\tesac\n"
	      "\tdone\n"
	      "\toptions='",
	      out);
	names(out, troth_global_options);
	fputs("'\n\tcase $verb in\n\t'') words='help ", out);
	verb_names(out);
	fputs("' ;;\n\thelp) words='", out);
	verb_names(out);
	fputs("' ;;\n", out);
	for (size_t i = 0; troth_verbs[i]; i++)
		bash_arguments(out, troth_verbs[i]);
	fputs("\tesac\n"
	      "\tif [[ $cur == -* ]]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
	      "\telif [[ -n $words && $((COMP_CWORD)) -eq $((verb_at + 1)) ]] || [[ -z $verb ]]; "
	      "then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	      "\telif [[ -n $labels ]]; then\n"
	      "\t\t_troth_labels\n"
	      "\telif [[ -n $files ]]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	      "\telif [[ -n $openpgp ]]; then\n"
	      "\t\t_troth_openpgp\n"
	      "\telif [[ -n $accounts ]]; then\n"
	      "\t\t_troth_accounts\n"
	      "\tfi\n"
	      "}\n"
	      "complete -F _troth troth\n",
	      out);
}

/* ---- zsh ---- */

/* Text inside single quotes of an _arguments specification. */
static void zsh_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else if (*text == ':' || *text == '[' || *text == ']' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else
			putc(*text, out);
	}
}

static const char *zsh_action(enum troth_complete complete)
{
	switch (complete) {
	case TROTH_COMPLETE_FILE:
		return "_files";
	case TROTH_COMPLETE_DIRECTORY:
		return "_files -/";
	case TROTH_COMPLETE_CONTACT:
		return "_troth_labels";
	case TROTH_COMPLETE_ACCOUNT:
		return "_troth_accounts";
	case TROTH_COMPLETE_OPENPGP:
		return "_troth_openpgp";
	case TROTH_COMPLETE_ACCEPT:
	case TROTH_COMPLETE_PASSWORD:
	case TROTH_COMPLETE_REASON:
	case TROTH_COMPLETE_PUBLISH:
		break;
	case TROTH_COMPLETE_INTERFACE:
		return "_files -W /sys/class/net";
	case TROTH_COMPLETE_NOTHING:
		break;
	}
	return " ";
}

static void zsh_options(FILE *out, const struct troth_option *table)
{
	for (const struct troth_option *o = table; o && o->name; o++) {
		fprintf(out, " \\\n\t\t'*--%s[", o->name);
		zsh_text(out, o->help);
		putc(']', out);
		if (o->value) {
			putc(':', out);
			zsh_text(out, o->value);
			if (few(o->complete) != NULL)
				fprintf(out, ":(%s)", few(o->complete));
			else
				fprintf(out, ":%s", zsh_action(o->complete));
		}
		putc('\'', out);
	}
}

static void zsh_verb(FILE *out, const struct troth_verb *verb)
{
	fprintf(out, "\t%s) _arguments", verb->name);
	zsh_options(out, troth_global_options);
	zsh_options(out, verb->options);
	if (verb->words) {
		fputs(" \\\n\t\t'1:what:(", out);
		words(out, verb);
		fputs(")'", out);
	}
	if (verb->files_of)
		fprintf(out,
			" \\\n\t\t'*:argument:{ if [[ $words[2] == %s && CURRENT -gt %zu ]]; then "
			"_files; else %s; fi }'",
			verb->files_of, 2 + verb->files_after, zsh_action(verb->complete));
	else if (verb->complete != TROTH_COMPLETE_NOTHING)
		fprintf(out, " \\\n\t\t'*:argument:%s'", zsh_action(verb->complete));
	fputs(" ;;\n", out);
}

void troth_completion_zsh(FILE *out)
{
	fputs("#compdef troth\n"
	      "# zsh completion for troth, made by `troth completion zsh`\n"
	      "_troth_labels() {\n"
	      "\tlocal -a labels=(\"${(@f)$(" ZSH_TROTH LABELS ")}\")\n"
	      "\tcompadd -a labels\n"
	      "}\n"
	      "_troth_accounts() {\n"
	      "\tlocal -a accounts=(\"${(@f)$(" ZSH_TROTH ACCOUNTS ")}\")\n"
	      "\tcompadd -a accounts\n"
	      "}\n"
	      "_troth_openpgp() {\n"
	      "\tlocal -a keys=(\"${(@f)$(" ZSH_TROTH OPENPGP ")}\")\n"
	      "\tcompadd -d keys -- ${keys%% *}\n"
	      "}\n"
	      "_troth_verbs() {\n"
	      "\tlocal -a verbs=(\n",
	      out);
	for (size_t i = 0; troth_verbs[i]; i++) {
		fprintf(out, "\t\t'%s:", troth_verbs[i]->name);
		zsh_text(out, troth_verbs[i]->help);
		fputs("'\n", out);
	}
	fputs("\t\t'help:what a verb does, with examples'\n\t)\n\t_describe verb verbs\n}\n"
	      "_troth() {\n"
	      "\tlocal curcontext=$curcontext state line\n"
	      "\tlocal -a home=()\n"
	      "\t(( ${words[(I)--home]} )) && "
	      "home=(--home \"${(Q)words[${words[(I)--home]}+1]}\")\n"
	      "\t_arguments -C",
	      out);
	zsh_options(out, troth_global_options);
	fputs(" \\\n\t\t'1:verb:_troth_verbs' '*::arguments:->verb'\n"
	      "\t[[ $state == verb ]] || return\n"
	      "\tcase $line[1] in\n",
	      out);
	for (size_t i = 0; troth_verbs[i]; i++)
		zsh_verb(out, troth_verbs[i]);
	fputs("\thelp) _arguments '1:verb:_troth_verbs' ;;\n", out);
	fputs("\tesac\n}\nif [[ $zsh_eval_context[-1] == loadautofunc ]]; then _troth \"$@\"; "
	      "else compdef _troth troth; fi\n",
	      out);
}

/* ---- fish ---- */

static void fish_text(FILE *out, const char *text)
{
	putc('\'', out);
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			putc('\\', out);
		putc(*text, out);
	}
	putc('\'', out);
}

static void fish_options(FILE *out, const char *verb, const struct troth_option *table)
{
	for (const struct troth_option *o = table; o && o->name; o++) {
		fputs("complete -c troth", out);
		if (verb)
			fprintf(out, " -n '__fish_seen_subcommand_from %s'", verb);
		if (o->letter)
			fprintf(out, " -s %c", o->letter);
		fprintf(out, " -l %s", o->name);
		if (o->value)
			fputs(o->complete == TROTH_COMPLETE_FILE ? " -rF" : " -x", out);
		if (o->complete == TROTH_COMPLETE_DIRECTORY)
			fputs(" -a '(__fish_complete_directories)'", out);
		if (o->complete == TROTH_COMPLETE_CONTACT)
			fputs(" -a '(" FISH_TROTH LABELS ")'", out);
		if (few(o->complete) != NULL)
			fprintf(out, " -a '%s'", few(o->complete));
		if (o->complete == TROTH_COMPLETE_INTERFACE)
			fputs(" -a '(command ls /sys/class/net)'", out);
		if (o->complete == TROTH_COMPLETE_ACCOUNT)
			fputs(" -a '(" FISH_TROTH "login 2>/dev/null | string split -f 1 \" \")'",
			      out);
		fputs(" -d ", out);
		fish_text(out, o->help);
		putc('\n', out);
	}
}

void troth_completion_fish(FILE *out)
{
	fputs("# fish completion for troth, made by `troth completion fish`\n"
	      "function __troth_home\n"
	      "\tset -l line (commandline -opc)\n"
	      "\tset -l at (contains -i -- --home $line)\n"
	      "\tand printf '%s\\n' --home $line[(math $at + 1)]\n"
	      "end\n"
	      "complete -c troth -f\n"
	      "complete -c troth -n __fish_use_subcommand -a help -d 'what a verb does'\n"
	      "complete -c troth -n '__fish_seen_subcommand_from help' -a '",
	      out);
	verb_names(out);
	fputs("'\n", out);
	fish_options(out, NULL, troth_global_options);
	for (size_t i = 0; troth_verbs[i]; i++) {
		const struct troth_verb *verb = troth_verbs[i];
		fprintf(out, "complete -c troth -n __fish_use_subcommand -a %s -d ", verb->name);
		fish_text(out, verb->help);
		putc('\n', out);
		if (verb->words) {
			fprintf(out,
				"complete -c troth -n '__fish_seen_subcommand_from %s; and not "
				"__fish_seen_subcommand_from ",
				verb->name);
			words(out, verb);
			fputs("' -a '", out);
			words(out, verb);
			fputs("'\n", out);
		}
		if (verb->complete == TROTH_COMPLETE_CONTACT)
			fprintf(out,
				"complete -c troth -n '__fish_seen_subcommand_from %s' "
				"-a '(" FISH_TROTH LABELS ")'\n",
				verb->name);
		if (verb->files_of)
			fprintf(out,
				"complete -c troth -n '__fish_seen_subcommand_from %s; and "
				"__fish_seen_subcommand_from %s' -F\n",
				verb->name, verb->files_of);
		if (verb->complete == TROTH_COMPLETE_ACCOUNT)
			fprintf(out,
				"complete -c troth -n '__fish_seen_subcommand_from %s' "
				"-a '(" FISH_TROTH
				"login 2>/dev/null | string split -f 1 \" \")'\n",
				verb->name);
		if (verb->complete == TROTH_COMPLETE_OPENPGP)
			fprintf(out,
				"complete -c troth -n '__fish_seen_subcommand_from %s' "
				"-a '(" FISH_TROTH OPENPGP " | string replace \" \" \\t)'\n",
				verb->name);
		if (verb->complete == TROTH_COMPLETE_FILE)
			fprintf(out, "complete -c troth -n '__fish_seen_subcommand_from %s' -F\n",
				verb->name);
		fish_options(out, verb->name, verb->options);
	}
}
