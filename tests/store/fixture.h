/* SPDX-License-Identifier: MIT */
/* A store in a directory of its own, for the tests of the store. */
#ifndef TROTH_TESTS_STORE_FIXTURE_H
#define TROTH_TESTS_STORE_FIXTURE_H

#include "../test.h"
#include "store/store.h"

struct home {
	char dir[64];
	struct troth_store *store;
};

/* cmocka setup and teardown: *state is a struct home with its store open. */
int home_setup(void **state);
int home_teardown(void **state);
struct troth_store *home_store(void **state);

/* Closes the store and opens it again, as another run of the program would. */
void home_reopen(struct home *home);
/* A further store on the same directory. */
struct troth_store *home_open_again(const struct home *home);
void home_path(const struct home *home, const char *file, char *out, size_t size);
/* Runs SQL by another connection, which knows nothing of the store. */
void home_sql(const struct home *home, const char *sql);
int home_sql_result(const struct home *home, const char *sql);

struct troth_pin pin_of(unsigned number);
/* A key with that pin and a name made of the number; the strings are static. */
struct troth_store_new_key key_of(const struct troth_pin *pin);
int64_t add_contact(struct troth_store *store, const char *label);
enum troth_store_key_state state_of(struct troth_store *store, const struct troth_pin *pin);
/* How many entries of this kind the log has (NULL: of any), and that it verifies. */
int64_t log_count(struct troth_store *store, const char *kind);
void assert_log_whole(struct troth_store *store);
void assert_says(struct troth_store *store, const char *part);

#endif
