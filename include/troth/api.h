/* SPDX-License-Identifier: MIT */
/*
 * What the declarations of every public header stand between: inside, functions are
 * exported from the shared library (everything else is hidden; src/troth.map lists
 * them one by one) and have C linkage for C++.
 */
#ifndef TROTH_API_H
#define TROTH_API_H

/* clang-format off */
#ifdef __cplusplus
#define TROTH_API_BEGIN _Pragma("GCC visibility push(default)") extern "C" {
#define TROTH_API_END } _Pragma("GCC visibility pop")
#else
#define TROTH_API_BEGIN _Pragma("GCC visibility push(default)")
#define TROTH_API_END _Pragma("GCC visibility pop")
#endif
/* clang-format on */

#endif
