/* SPDX-License-Identifier: MIT */
/* The machines of `troth demo`, by namespaces and ip(8). Layer: cli. Names nothing in the system.
 */
#include "cli/demo/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <troth/err.h>
#include <unistd.h>

#define WORDS_MAX 16

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return TROTH_E_IO;
	ssize_t n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text) ? TROTH_OK : TROTH_E_IO;
}

/* Effect: root over namespaces of its own, as any user; over new ones as root. */
static int become_root(void)
{
	char map[64];
	uid_t uid = geteuid();
	gid_t gid = getegid();
	if (uid == 0)
		return unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 ? TROTH_OK : TROTH_E_IO;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0)
		return TROTH_E_IO;
	snprintf(map, sizeof map, "0 %u 1", (unsigned)uid);
	if (write_file("/proc/self/setgroups", "deny") != TROTH_OK ||
	    write_file("/proc/self/uid_map", map) != TROTH_OK)
		return TROTH_E_IO;
	snprintf(map, sizeof map, "0 %u 1", (unsigned)gid);
	return write_file("/proc/self/gid_map", map);
}

/* Effect: runs ip(8) on a machine, NULL for the switch. words end with NULL. */
static int run_ip(const struct troth_machine *machine, ...)
{
	const char *words[WORDS_MAX] = {"ip"};
	size_t count = 1;
	va_list args;
	va_start(args, machine);
	while (count < WORDS_MAX - 1 && (words[count] = va_arg(args, const char *)) != NULL)
		count++;
	va_end(args);
	words[count] = NULL;
	pid_t pid = fork();
	if (pid < 0)
		return TROTH_E_IO;
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);
		if (null < 0 || dup2(null, STDERR_FILENO) < 0 ||
		    (machine && troth_machine_enter(machine) != TROTH_OK))
			_exit(1);
		execvp("ip", (char *const *)words);
		_exit(127);
	}
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return TROTH_E_IO;
	return status == 0 ? TROTH_OK : TROTH_E_IO;
}

/* A machine of its own: network, host name, and an empty /run, so that no daemon of the
 * system is found on it. Ends when the pipe is closed. */
static void hold(int ready, int stop)
{
	char byte = 0;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
	    unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS) == 0 &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("tmpfs", "/run", "tmpfs", 0, NULL) == 0 && sethostname("stage", 5) == 0 &&
	    write(ready, "r", 1) == 1)
		while (read(stop, &byte, 1) < 0 && errno == EINTR)
			;
	_exit(0);
}

static int machine_hold(struct troth_machine *machine)
{
	int ready[2], stop[2];
	char byte;
	if (pipe2(ready, O_CLOEXEC) != 0)
		return TROTH_E_IO;
	if (pipe2(stop, O_CLOEXEC) != 0) {
		close(ready[0]);
		close(ready[1]);
		return TROTH_E_IO;
	}
	pid_t pid = fork();
	if (pid == 0) {
		close(stop[1]);
		hold(ready[1], stop[0]);
	}
	close(ready[1]);
	close(stop[0]);
	bool good = pid > 0 && read(ready[0], &byte, 1) == 1;
	close(ready[0]);
	if (pid > 0) {
		machine->holder = pid;
		machine->stop = stop[1];
	} else {
		close(stop[1]);
	}
	return good ? TROTH_OK : TROTH_E_IO;
}

static int machine_plug(struct troth_machine *machine, unsigned number)
{
	char port[16], holder[16], address[40];
	snprintf(port, sizeof port, "port%u", number);
	snprintf(holder, sizeof holder, "%d", (int)machine->holder);
	snprintf(machine->address, sizeof machine->address, "169.254.7.%u", number + 1);
	snprintf(address, sizeof address, "%s/16", machine->address);
	int err = run_ip(NULL, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns",
			 holder, NULL);
	if (!err)
		err = run_ip(NULL, "link", "set", port, "master", "switch0", "up", NULL);
	if (!err)
		err = run_ip(machine, "link", "set", "lo", "up", NULL);
	if (!err)
		err = run_ip(machine, "addr", "add", address, "dev", "eth0", NULL);
	if (!err)
		err = run_ip(machine, "link", "set", "eth0", "up", NULL);
	return err;
}

static int make_machines(struct troth_stage *stage)
{
	/* Holders have to be entered: nothing here is worth hiding from this user. */
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0 || become_root() != TROTH_OK) {
		snprintf(stage->why_not, sizeof stage->why_not, "no namespaces can be made here");
		return TROTH_E_UNSUPPORTED;
	}
	int err = run_ip(NULL, "link", "add", "switch0", "type", "bridge", "stp_state", "0",
			 "forward_delay", "0", "mcast_snooping", "0", NULL);
	if (!err)
		err = run_ip(NULL, "link", "set", "switch0", "up", NULL);
	for (unsigned i = 0; i < TROTH_STAGE_MACHINES && !err; i++) {
		err = machine_hold(&stage->machines[i]);
		if (!err)
			err = machine_plug(&stage->machines[i], i);
	}
	if (err)
		snprintf(stage->why_not, sizeof stage->why_not,
			 "ip (iproute2) can't make a link between namespaces here");
	return err;
}

static void end_machines(struct troth_stage *stage)
{
	for (unsigned i = 0; i < TROTH_STAGE_MACHINES; i++) {
		struct troth_machine *machine = &stage->machines[i];
		if (machine->holder > 0) {
			close(machine->stop);
			/* Those forked later hold this end of the pipe too. */
			kill(machine->holder, SIGKILL);
			while (waitpid(machine->holder, NULL, 0) < 0 && errno == EINTR)
				;
		}
		*machine = (struct troth_machine){.address = "127.0.0.1"};
	}
}

int troth_machine_enter(const struct troth_machine *machine)
{
	static const struct {
		const char *name;
		int kind;
	} spaces[] = {{"net", CLONE_NEWNET}, {"uts", CLONE_NEWUTS}, {"mnt", CLONE_NEWNS}};
	int fds[3] = {-1, -1, -1};
	char path[64];
	if (machine->holder == 0)
		return TROTH_OK;
	bool good = true;
	/* All before the first move: /proc may be another one afterwards. */
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)machine->holder, spaces[i].name);
		fds[i] = open(path, O_RDONLY | O_CLOEXEC);
		good = good && fds[i] >= 0;
	}
	for (size_t i = 0; i < 3; i++) {
		good = good && setns(fds[i], spaces[i].kind) == 0;
		if (fds[i] >= 0)
			close(fds[i]);
	}
	return good ? TROTH_OK : TROTH_E_IO;
}

int troth_stage_open(struct troth_stage *stage, bool machines)
{
	*stage = (struct troth_stage){.linked = false};
	const char *tmp = getenv("TMPDIR");
	snprintf(stage->folder, sizeof stage->folder, "%s/troth-demo-XXXXXX",
		 tmp && tmp[0] == '/' && strlen(tmp) < 200 ? tmp : "/tmp");
	if (!mkdtemp(stage->folder))
		return TROTH_E_IO;
	stage->linked = machines && make_machines(stage) == TROTH_OK;
	if (!stage->linked)
		end_machines(stage);
	return TROTH_OK;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

void troth_stage_close(struct troth_stage *stage)
{
	end_machines(stage);
	if (stage->folder[0] && nftw(stage->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0)
		fprintf(stderr, "troth: %s couldn't be removed\n", stage->folder);
	stage->folder[0] = '\0';
}
