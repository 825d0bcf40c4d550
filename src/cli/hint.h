/* SPDX-License-Identifier: MIT */
/* Commands in our sentences, made such that they work when they are pasted. Layer: cli. */
#ifndef TROTH_CLI_HINT_H
#define TROTH_CLI_HINT_H

#include <stdbool.h>

/* Effect: text in which each "`troth VERB ...`" that our user is to type here has the --home of
 * this run, quoted for a shell (what is for another device stands in other quotes); freed by the
 * caller. home NULL: there is none. NULL for NULL, and without memory. */
char *troth_hint(const char *text, const char *home);

#endif
