/* SPDX-License-Identifier: MIT */
/* Columns that line up whatever is in them: wide, combining or hostile text. Layer: cli. */
#include "cli/terminal/table.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>
#include <uniwidth.h>

#define CELL_CHARS 40
#define LAST_CHARS 400

struct row {
	struct row *next;
	enum troth_style style;
	char *cells[TROTH_TABLE_COLUMNS_MAX];
};

struct troth_table {
	const char *titles[TROTH_TABLE_COLUMNS_MAX];
	size_t columns;
	size_t count;
	struct row *first;
	struct row **last;
};

static size_t width(const char *text)
{
	int columns = u8_strwidth((const uint8_t *)text, "UTF-8");
	return columns > 0 ? (size_t)columns : 0;
}

int troth_table_new(struct troth_table **out, const char *const *titles, size_t count)
{
	if (count == 0 || count > TROTH_TABLE_COLUMNS_MAX)
		return TROTH_E_INVAL;
	struct troth_table *table = calloc(1, sizeof *table);
	if (!table)
		return TROTH_E_NOMEM;
	memcpy(table->titles, titles, count * sizeof *titles);
	table->columns = count;
	table->last = &table->first;
	*out = table;
	return TROTH_OK;
}

static void row_free(struct row *row)
{
	for (size_t i = 0; i < TROTH_TABLE_COLUMNS_MAX; i++)
		free(row->cells[i]);
	free(row);
}

void troth_table_free(struct troth_table *table)
{
	if (!table)
		return;
	while (table->first) {
		struct row *row = table->first;
		table->first = row->next;
		row_free(row);
	}
	free(table);
}

int troth_table_row(struct troth_table *table, enum troth_style style, const char *const *cells)
{
	struct row *row = calloc(1, sizeof *row);
	if (!row)
		return TROTH_E_NOMEM;
	row->style = style;
	for (size_t i = 0; i < table->columns; i++) {
		row->cells[i] =
			troth_clean(cells[i], i + 1 < table->columns ? CELL_CHARS : LAST_CHARS);
		if (!row->cells[i]) {
			row_free(row);
			return TROTH_E_NOMEM;
		}
	}
	*table->last = row;
	table->last = &row->next;
	table->count++;
	return TROTH_OK;
}

size_t troth_table_rows(const struct troth_table *table)
{
	return table->count;
}

static void print_row(const struct troth_table *table, struct troth_output *out,
		      enum troth_style style, const char *const *cells, const size_t *widths)
{
	for (size_t i = 0; i < table->columns; i++) {
		bool last = i + 1 == table->columns;
		size_t have = width(cells[i]);
		size_t pad = last || have >= widths[i] ? 0 : widths[i] - have;
		troth_piece(out, style, "%s", cells[i]);
		troth_piece(out, TROTH_STYLE_PLAIN, "%*s%s", (int)pad, "", last ? "" : "  ");
	}
	troth_line(out, TROTH_STYLE_PLAIN, "%s", "");
}

void troth_table_print(const struct troth_table *table, struct troth_output *out)
{
	size_t widths[TROTH_TABLE_COLUMNS_MAX];
	for (size_t i = 0; i < table->columns; i++)
		widths[i] = width(table->titles[i]);
	for (const struct row *row = table->first; row; row = row->next)
		for (size_t i = 0; i < table->columns; i++)
			if (width(row->cells[i]) > widths[i])
				widths[i] = width(row->cells[i]);
	print_row(table, out, TROTH_STYLE_DIM, table->titles, widths);
	for (const struct row *row = table->first; row; row = row->next)
		print_row(table, out, row->style, (const char *const *)row->cells, widths);
}
