/* SPDX-License-Identifier: MIT */
/* A table of text whose columns line up, by display width. Layer: cli. Cells are cleaned. */
#ifndef TROTH_CLI_TERMINAL_TABLE_H
#define TROTH_CLI_TERMINAL_TABLE_H

#include "cli/terminal/output.h"

#define TROTH_TABLE_COLUMNS_MAX 8

struct troth_table;

/* Effect: a table with these titles (borrowed; at most TROTH_TABLE_COLUMNS_MAX).
 * Errors: TROTH_E_NOMEM, TROTH_E_INVAL. */
int troth_table_new(struct troth_table **out, const char *const *titles,
		    size_t count) TROTH_MUST_USE;
void troth_table_free(struct troth_table *table);

/* Effect: adds a row: a cell for each column, copied; NULL is "". Errors: TROTH_E_NOMEM. */
int troth_table_row(struct troth_table *table, enum troth_style style,
		    const char *const *cells) TROTH_MUST_USE;
size_t troth_table_rows(const struct troth_table *table);

/* Effect: writes titles and rows, as troth_line does. No cell is wider than 40 columns
 * except in the last column. */
void troth_table_print(const struct troth_table *table, struct troth_output *out);

#endif
