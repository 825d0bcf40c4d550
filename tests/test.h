/* SPDX-License-Identifier: MIT */
/* What every unit test includes. Test names read unit__does__when. */
#ifndef TROTH_TESTS_TEST_H
#define TROTH_TESTS_TEST_H

/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* the blank line keeps the order */
#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <troth/bytes.h>
#include <troth/err.h>

#define assert_ok(expr) assert_string_equal(troth_err_name(expr), "ok")
#define assert_err(expr, err) assert_string_equal(troth_err_name(expr), troth_err_name(err))

#endif
