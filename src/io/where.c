/* SPDX-License-Identifier: MIT */
/* host:port. Layer: io. Pure. */
#include "io/where.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <troth/err.h>

static int read_port(char out[6], const char *text)
{
	size_t len = strlen(text);
	unsigned number = 0;
	if (len == 0 || len > 5 || strspn(text, "0123456789") != len)
		return TROTH_E_FORMAT;
	for (size_t i = 0; i < len; i++)
		number = number * 10 + (unsigned)(text[i] - '0');
	if (number == 0 || number > 65535)
		return TROTH_E_FORMAT;
	memcpy(out, text, len + 1);
	return TROTH_OK;
}

int troth_where_read(struct troth_where *out, const char *text)
{
	struct troth_where w;
	const char *host = text;
	const char *colon = strrchr(text, ':');
	if (colon == NULL || strpbrk(text, "@ /") != NULL)
		return TROTH_E_FORMAT;
	size_t len = (size_t)(colon - text);
	if (text[0] == '[') {
		if (len < 3 || colon[-1] != ']')
			return TROTH_E_FORMAT;
		host++;
		len -= 2;
	} else if (memchr(text, ':', len) != NULL) {
		return TROTH_E_FORMAT; /* an IPv6 literal whose end nobody can tell from the port */
	}
	if (len == 0 || len >= sizeof w.host)
		return TROTH_E_FORMAT;
	memcpy(w.host, host, len);
	w.host[len] = 0;
	int err = read_port(w.port, colon + 1);
	if (err == TROTH_OK)
		*out = w;
	return err;
}

/* ::ffff:192.0.2.1 is what a socket for both families shows of an IPv4 peer. */
static socklen_t unmap(struct sockaddr_storage *to, const struct sockaddr *from)
{
	struct sockaddr_in6 six;
	if (from->sa_family == AF_INET) {
		memcpy(to, from, sizeof(struct sockaddr_in));
		return sizeof(struct sockaddr_in);
	}
	memcpy(&six, from, sizeof six);
	if (!IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
		memcpy(to, &six, sizeof six);
		return sizeof six;
	}
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = six.sin6_port};
	memcpy(&four.sin_addr, six.sin6_addr.s6_addr + 12, 4);
	memcpy(to, &four, sizeof four);
	return sizeof four;
}

void troth_where_write(char out[TROTH_WHERE_TEXT], const struct sockaddr *address)
{
	struct sockaddr_storage plain;
	char host[NI_MAXHOST];
	char port[NI_MAXSERV];
	(void)snprintf(out, TROTH_WHERE_TEXT, "?");
	if (address->sa_family != AF_INET && address->sa_family != AF_INET6)
		return;
	memset(&plain, 0, sizeof plain);
	socklen_t len = unmap(&plain, address);
	if (getnameinfo((const struct sockaddr *)&plain, len, host, sizeof host, port, sizeof port,
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	if (plain.ss_family == AF_INET6)
		(void)snprintf(out, TROTH_WHERE_TEXT, "[%s]:%s", host, port);
	else
		(void)snprintf(out, TROTH_WHERE_TEXT, "%s:%s", host, port);
}
