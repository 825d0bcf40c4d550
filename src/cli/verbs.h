/* SPDX-License-Identifier: MIT */
/* Every verb there is, one line each; verbs.c puts them in order. Layer: cli. */
#ifndef TROTH_CLI_VERBS_H
#define TROTH_CLI_VERBS_H

#include "cli/verb.h"

extern const struct troth_verb troth_verb_init;
extern const struct troth_verb troth_verb_id;
extern const struct troth_verb troth_verb_nearby;
extern const struct troth_verb troth_verb_trust;
extern const struct troth_verb troth_verb_user;
extern const struct troth_verb troth_verb_verify;
extern const struct troth_verb troth_verb_policy;
extern const struct troth_verb troth_verb_log;
extern const struct troth_verb troth_verb_doctor;
extern const struct troth_verb troth_verb_demo;
extern const struct troth_verb troth_verb_completion;
extern const struct troth_verb troth_verb_pair;
extern const struct troth_verb troth_verb_chat;
extern const struct troth_verb troth_verb_send;
extern const struct troth_verb troth_verb_listen;
extern const struct troth_verb troth_verb_probe;
extern const struct troth_verb troth_verb_pipe;
extern const struct troth_verb troth_verb_bot;
extern const struct troth_verb troth_verb_login;
extern const struct troth_verb troth_verb_logout;
extern const struct troth_verb troth_verb_roster;
extern const struct troth_verb troth_verb_backup;

#endif
