/* SPDX-License-Identifier: MIT */
/* Checks of the machine: clock, locale, network, OpenSSL. Layer: cli. Sends nothing. */
#include "cli/doctor/doctor.h"
#include "cli/terminal/when.h"
#include "tls/tls.h"

#include <errno.h>
#include <ifaddrs.h>
#include <langinfo.h>
#include <locale.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define AVAHI_SOCKET "/run/avahi-daemon/socket"
#define MDNS_PORT 5353
#define DAY 86400

/* Of the compiler; SOURCE_DATE_EPOCH sets it where builds are to be the same. 0: unknown. */
static int64_t build_time(void)
{
	struct tm tm = {.tm_isdst = 0};
	/* In English whatever the locale, so strptime won't do. */
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char date[] = __DATE__; /* "Mmm dd yyyy" */
	char month[4] = {date[0], date[1], date[2], 0};
	const char *at = strstr(months, month);
	if (!at || sscanf(date + 4, "%d %d", &tm.tm_mday, &tm.tm_year) != 2)
		return 0;
	tm.tm_mon = (int)(at - months) / 3;
	tm.tm_year -= 1900;
	return (int64_t)timegm(&tm);
}

void troth_doctor_clock(struct troth_cli *cli, struct troth_check *check)
{
	char now[TROTH_WHEN_LEN];
	(void)cli;
	troth_when_local(now, troth_when_now());
	if (troth_when_now() + DAY < build_time())
		troth_check_set(check, TROTH_HEALTH_FAIL,
				"Set the clock: tags on the link and the record depend on it.",
				"It is %s here, before this program was built.", now);
	else
		troth_check_set(check, TROTH_HEALTH_OK, NULL, "It is %s here.", now);
}

void troth_doctor_locale(struct troth_cli *cli, struct troth_check *check)
{
	(void)cli;
	(void)setlocale(LC_CTYPE, ""); /* what the user has, not what main made of it */
	const char *codeset = nl_langinfo(CODESET);
	if (strcmp(codeset, "UTF-8") == 0)
		troth_check_set(check, TROTH_HEALTH_OK, NULL, "The locale uses UTF-8.");
	else
		troth_check_set(
			check, TROTH_HEALTH_WARN, "Set LANG=C.UTF-8 or another UTF-8 locale.",
			"The locale uses %s: names in other scripts may look wrong.", codeset);
}

void troth_doctor_tls(struct troth_cli *cli, struct troth_check *check)
{
	(void)cli;
	if (troth_tls_has_srp())
		troth_check_set(check, TROTH_HEALTH_OK, NULL, "OpenSSL can do TLS-SRP.");
	else
		troth_check_set(
			check, TROTH_HEALTH_WARN,
			"Secrets work with other programs that know the pake method.",
			"OpenSSL was built without SRP: peers that know only TLS-SRP can't be "
			"met by a secret.");
}

void troth_doctor_network(struct troth_cli *cli, struct troth_check *check)
{
	struct ifaddrs *all, *i;
	const char *found = NULL;
	(void)cli;
	if (getifaddrs(&all) != 0) {
		troth_check_set(check, TROTH_HEALTH_FAIL, NULL,
				"The network can't be looked at: %s.", strerror(errno));
		return;
	}
	for (i = all; i; i = i->ifa_next)
		if (i->ifa_addr && (i->ifa_flags & IFF_UP) && (i->ifa_flags & IFF_MULTICAST) &&
		    !(i->ifa_flags & IFF_LOOPBACK) &&
		    (i->ifa_addr->sa_family == AF_INET || i->ifa_addr->sa_family == AF_INET6))
			found = i->ifa_name;
	if (found)
		troth_check_set(check, TROTH_HEALTH_OK, NULL, "There is a network (%s).", found);
	else
		troth_check_set(check, TROTH_HEALTH_WARN,
				"Connect to a network to find others on it.",
				"No network but this machine itself.");
	freeifaddrs(all);
}

static bool daemon_answers(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = AVAHI_SOCKET};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool answers =
		fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
	if (fd >= 0)
		close(fd);
	return answers;
}

/* Effect: 0, or the errno for which the port can't be shared with others. */
static int open_mdns(void)
{
	const int on = 1;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(MDNS_PORT)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	int failed = 0;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
	    bind(fd, (const struct sockaddr *)&address, sizeof address) != 0)
		failed = errno;
	close(fd);
	return failed;
}

void troth_doctor_mdns(struct troth_cli *cli, struct troth_check *check)
{
	(void)cli;
	if (daemon_answers()) {
		troth_check_set(check, TROTH_HEALTH_OK, NULL, "avahi-daemon answers.");
		return;
	}
	int failed = open_mdns();
	if (failed == 0)
		troth_check_set(check, TROTH_HEALTH_OK, NULL,
				"avahi-daemon doesn't run; troth does mDNS by itself.");
	else
		troth_check_set(check, TROTH_HEALTH_FAIL,
				"Start avahi-daemon, or end the program that holds UDP port 5353.",
				"Neither avahi-daemon nor UDP port 5353: %s.", strerror(failed));
}

void troth_doctor_listen(struct troth_cli *cli, struct troth_check *check)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	(void)cli;
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool can = fd >= 0 && bind(fd, (const struct sockaddr *)&v6, sizeof v6) == 0 &&
		   listen(fd, 1) == 0;
	if (fd >= 0)
		close(fd);
	if (!can) {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		can = fd >= 0 && bind(fd, (const struct sockaddr *)&v4, sizeof v4) == 0 &&
		      listen(fd, 1) == 0;
		if (fd >= 0)
			close(fd);
	}
	if (can)
		troth_check_set(check, TROTH_HEALTH_OK, NULL,
				"Others can be let in on a TCP port.");
	else
		troth_check_set(check, TROTH_HEALTH_FAIL,
				"Look at the limits of this user and this container.",
				"No TCP port can be listened on: %s.", strerror(errno));
}
