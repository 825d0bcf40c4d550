/* SPDX-License-Identifier: MIT */
/* QR codes on a terminal. Layer: cli. libqrencode makes them. */
#include "cli/terminal/qr.h"

#include <errno.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define QUIET 3 /* modules around it */
/* Of the 256 colours these two are the same in every theme. */
#define BLACK_ON_WHITE "\033[38;5;16;48;5;231m"
#define END "\033[0m"

static bool is_dark(const QRcode *qr, int x, int y)
{
	return x >= 0 && y >= 0 && x < qr->width && y < qr->width &&
	       (qr->data[y * qr->width + x] & 1) != 0;
}

/* Two rows a line. `inked` is what a block stands for: dark modules, or light ones. */
static void draw(FILE *to, const QRcode *qr, bool colours)
{
	static const char *const blocks[] = {" ", "▄", "▀", "█"};
	for (int y = -QUIET; y < qr->width + QUIET; y += 2) {
		if (colours)
			(void)fputs(BLACK_ON_WHITE, to);
		for (int x = -QUIET; x < qr->width + QUIET; x++) {
			bool upper = is_dark(qr, x, y) == colours;
			bool lower = is_dark(qr, x, y + 1) == colours;
			(void)fputs(blocks[2 * upper + lower], to);
		}
		(void)fputs(colours ? END "\n" : "\n", to);
	}
}

int troth_qr_show(struct troth_output *out, const char *text)
{
	if (out->json)
		return TROTH_OK;
	QRcode *qr = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
	if (qr == NULL)
		return errno == ENOMEM ? TROTH_E_NOMEM : TROTH_E_LIMIT;
	draw(out->out, qr, out->colour_out);
	memset(qr->data, 0, (size_t)qr->width * (size_t)qr->width);
	QRcode_free(qr);
	return fflush(out->out) == 0 ? TROTH_OK : TROTH_E_IO;
}
