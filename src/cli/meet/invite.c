/* SPDX-License-Identifier: MIT */
/* What is to be typed on the other machine. Layer: cli. */
#include "cli/meet/invite.h"

#include <string.h>

bool troth_invite_where(const struct troth_running *r, char out[TROTH_WHERE_TEXT])
{
	uv_interface_address_t *all;
	int count = 0;
	bool found = false;
	uint16_t port = troth_session_port(r->session);
	(void)snprintf(out, TROTH_WHERE_TEXT, "127.0.0.1:%u", port);
	if (uv_interface_addresses(&all, &count) != 0)
		return false;
	for (int i = 0; i < count && !found; i++) {
		struct sockaddr_in four;
		if (all[i].is_internal || all[i].address.address4.sin_family != AF_INET)
			continue;
		four = all[i].address.address4;
		four.sin_port = htons(port);
		troth_where_write(out, (const struct sockaddr *)&four);
		found = true;
	}
	uv_free_interface_addresses(all, count);
	return found;
}

void troth_invite(struct troth_running *r)
{
	struct troth_output *out = &r->cli->out;
	const char *verb = r->cli->verb->name;
	char where[TROTH_WHERE_TEXT];
	bool lan = !troth_cli_has(r->cli, "no-lan");
	bool reachable = troth_invite_where(r, where);
	if (lan)
		troth_line(out, TROTH_STYLE_PLAIN, "On the other machine:  troth %s %s", verb,
			   troth_session_name(r->session));
	if (reachable)
		troth_line(out, TROTH_STYLE_PLAIN, "%s troth %s %s",
			   lan ? "or, if it isn't found:" : "On the other machine: ", verb, where);
	else if (!lan)
		troth_line(out, TROTH_STYLE_PLAIN, "On this machine:       troth %s %s", verb,
			   where);
	(void)fflush(out->out);
}

void troth_invite_online(struct troth_running *r, const struct troth_news *n)
{
	troth_line(&r->cli->out, TROTH_STYLE_PLAIN, "or, over a server:     troth %s %.*s",
		   r->cli->verb->name, (int)strcspn(n->who, "/"), n->who);
	(void)fflush(r->cli->out.out);
}
