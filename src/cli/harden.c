/* SPDX-License-Identifier: MIT */
/* Core dumps and tracing off, before there is anything to protect. Layer: cli. */
#include "cli/harden.h"

#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <troth/err.h>
#include <unistd.h>

/* A file opened later must not become stdout by chance: a key would be written into. */
static int occupy_standard_descriptors(void)
{
	int fd;
	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			return TROTH_E_IO;
	} while (fd <= STDERR_FILENO);
	close(fd);
	return TROTH_OK;
}

int troth_harden(void)
{
	int err = occupy_standard_descriptors();
	if (err)
		return err;
	const struct rlimit none = {0, 0};
	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return TROTH_E_IO;
#ifndef __SANITIZE_ADDRESS__ /* which looks at this process from outside */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return TROTH_E_IO;
#endif
	umask(077);
	/* A peer that goes away, or a file that may not grow, is an error of write, not our end. */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return TROTH_E_IO;
	return sodium_init() < 0 ? TROTH_E_CRYPTO : TROTH_OK;
}
