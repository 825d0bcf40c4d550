/* SPDX-License-Identifier: MIT */
/*
 * `troth-label`: draws the label of a device. Layer: cli, a program of its own, so that what draws
 * (cairo, fonts) isn't in the process that has keys. JSON on standard input, a picture on standard
 * output; opens no file and no socket, and is run by `troth bot label`.
 */
#include <cairo-svg.h>
#include <cairo.h>
#include <jansson.h>
#include <qrencode.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* In points (1/72 inch): 127 by 57 mm. */
#define WIDTH 360.0
#define HEIGHT 162.0
#define QUIET 4 /* modules around a QR code, ISO/IEC 18004 */
#define TEXT_X 168.0
#define TEXT_WIDTH (WIDTH - TEXT_X - 10.0)
#define DPI 300.0

struct label {
	const char *format, *name, *code, *jid, *uri;
};

static cairo_status_t write_out(void *closure, const unsigned char *data, unsigned int length)
{
	(void)closure;
	while (length > 0) {
		ssize_t n = write(STDOUT_FILENO, data, length);
		if (n <= 0)
			return CAIRO_STATUS_WRITE_ERROR;
		data += n;
		length -= (unsigned int)n;
	}
	return CAIRO_STATUS_SUCCESS;
}

static int draw_qr(cairo_t *c, const char *text)
{
	QRcode *qr = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	if (qr == NULL)
		return -1;
	double module = HEIGHT / (qr->width + 2 * QUIET);
	cairo_set_antialias(c, CAIRO_ANTIALIAS_NONE);
	for (int y = 0; y < qr->width; y++)
		for (int x = 0; x < qr->width; x++)
			if ((qr->data[y * qr->width + x] & 1) != 0)
				cairo_rectangle(c, (x + QUIET) * module, (y + QUIET) * module,
						module, module);
	cairo_fill(c);
	cairo_set_antialias(c, CAIRO_ANTIALIAS_DEFAULT);
	QRcode_free(qr);
	return 0;
}

/* Effect: a line at that height, as large as asked or as fits. */
static void draw_line(cairo_t *c, const char *text, double y, double size)
{
	cairo_text_extents_t extents;
	cairo_set_font_size(c, size);
	cairo_text_extents(c, text, &extents);
	if (extents.x_advance > TEXT_WIDTH)
		cairo_set_font_size(c, size * TEXT_WIDTH / extents.x_advance);
	cairo_move_to(c, TEXT_X, y);
	cairo_show_text(c, text);
}

/* "troth1 abcd efgh ijkl mnop qrst uvwx" on three lines. */
static void draw_code(cairo_t *c, const char *code)
{
	static const size_t ends[] = {6, 21, 36};
	size_t begin = 0;
	for (size_t i = 0; i < 3 && begin < strlen(code); i++) {
		char line[32];
		(void)snprintf(line, sizeof line, "%.*s", (int)(ends[i] - begin), code + begin);
		draw_line(c, line, 66.0 + 24.0 * (double)i, 20.0);
		begin = ends[i] + 1;
	}
}

static int draw(cairo_t *c, const struct label *l)
{
	cairo_set_source_rgb(c, 1, 1, 1);
	cairo_paint(c);
	cairo_set_source_rgb(c, 0, 0, 0);
	if (draw_qr(c, l->uri) != 0)
		return -1;
	cairo_select_font_face(c, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
	draw_line(c, l->name, 28.0, 17.0);
	cairo_select_font_face(c, "monospace", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
	draw_code(c, l->code);
	cairo_select_font_face(c, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
	draw_line(c, l->jid, 146.0, 10.0);
	return cairo_status(c) == CAIRO_STATUS_SUCCESS ? 0 : -1;
}

static int make(const struct label *l)
{
	bool svg = strcmp(l->format, "svg") == 0;
	double scale = svg ? 1.0 : DPI / 72.0;
	cairo_surface_t *surface =
		svg ? cairo_svg_surface_create_for_stream(write_out, NULL, WIDTH, HEIGHT)
		    : cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(WIDTH * scale),
						 (int)(HEIGHT * scale));
	cairo_t *c = cairo_create(surface);
	cairo_scale(c, scale, scale);
	int failed = draw(c, l);
	cairo_destroy(c);
	if (failed == 0 && !svg)
		failed = cairo_surface_write_to_png_stream(surface, write_out, NULL) !=
			 CAIRO_STATUS_SUCCESS;
	cairo_surface_finish(surface);
	failed |= cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS;
	cairo_surface_destroy(surface);
	return failed;
}

#ifdef __SANITIZE_ADDRESS__
/* What fontconfig keeps for the life of a process. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig";
}

__attribute__((visibility("default"))) const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}
#endif

int main(void)
{
	struct label l;
	json_t *input = json_loadf(stdin, JSON_REJECT_DUPLICATES, NULL);
	int failed = json_unpack_ex(input, NULL, JSON_STRICT, "{s:s, s:s, s:s, s:s, s:s}", "format",
				    &l.format, "name", &l.name, "code", &l.code, "jid", &l.jid,
				    "uri", &l.uri);
	if (failed == 0)
		failed = make(&l);
	if (failed != 0)
		fputs("troth-label: the label can't be drawn\n", stderr);
	json_decref(input);
	return failed != 0;
}
