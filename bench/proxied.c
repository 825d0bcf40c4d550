/* SPDX-License-Identifier: MIT */
/*
 * Both ends of a bytestream through a proxy that bench/proxy65 has started:
 * bench-proxied PORT DST stream|tls MEBIBYTES. Says "ready" when it is to be activated, goes on
 * with the next line that it reads, and prints the milliseconds that it took.
 */
#include "bytestreams.h"
#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void activate(void)
{
	char line[16];
	printf("ready\n");
	fflush(stdout);
	sample_need(fgets(line, sizeof line, stdin) != NULL, "nobody activates");
}

int main(int argc, char **argv)
{
	sample_need(argc == 5, "usage: bench-proxied PORT DST stream|tls MEBIBYTES");
	const struct socks_path path = {
		.port = (uint16_t)strtoul(argv[1], NULL, 10), .dst = argv[2], .activate = activate};
	size_t stanzas = strtoul(argv[4], NULL, 10) * 1024 * 1024 / STANZA_BYTES;
	through_proxy_at(&path);
	printf("%.3f\n", (strcmp(argv[3], "stream") == 0 ? through_proxy_stream(stanzas)
							 : through_proxy_tls(stanzas)) /
				 1000);
	return 0;
}
