/* SPDX-License-Identifier: MIT */
/* What `troth doctor` looks at: one function a check. Layer: cli. None of them changes anything. */
#ifndef TROTH_CLI_DOCTOR_DOCTOR_H
#define TROTH_CLI_DOCTOR_DOCTOR_H

#include "cli/cli.h"

enum troth_health { TROTH_HEALTH_OK, TROTH_HEALTH_WARN, TROTH_HEALTH_FAIL };

struct troth_check {
	enum troth_health health;
	char text[600];   /* what was found, a sentence */
	const char *next; /* what to do; NULL: nothing */
};

/* Effect: fills in a check. */
void troth_check_set(struct troth_check *check, enum troth_health health, const char *next,
		     const char *format, ...) TROTH_PRINTF(4, 5);

/* The machine. */
void troth_doctor_clock(struct troth_cli *cli, struct troth_check *check);
void troth_doctor_locale(struct troth_cli *cli, struct troth_check *check);
void troth_doctor_tls(struct troth_cli *cli, struct troth_check *check);
void troth_doctor_network(struct troth_cli *cli, struct troth_check *check);
void troth_doctor_mdns(struct troth_cli *cli, struct troth_check *check);
void troth_doctor_listen(struct troth_cli *cli, struct troth_check *check);
/* The home. */
void troth_doctor_home(struct troth_cli *cli, struct troth_check *check);
void troth_doctor_key(struct troth_cli *cli, struct troth_check *check);
void troth_doctor_token(struct troth_cli *cli, struct troth_check *check);
void troth_doctor_user(struct troth_cli *cli, struct troth_check *check);
void troth_doctor_openpgp(struct troth_cli *cli, struct troth_check *check);
void troth_doctor_store(struct troth_cli *cli, struct troth_check *check);
void troth_doctor_log(struct troth_cli *cli, struct troth_check *check);
void troth_doctor_copies(struct troth_cli *cli, struct troth_check *check);

#endif
