#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The core does no I/O, reads no clock and no environment, and keeps no mutable global.

Usage: core_purity_test.py LIBTROTH-CORE.A. What the objects refer to and define is read from
the archive itself. libc functions are listed one by one (PURE): a new name there is a
decision. The libraries are let in by their prefix, less what reaches outside (IMPURE).
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import house

PURE = re.compile(r"""^(
    bcmp | mem(chr|cmp|cpy|move|rchr|set|mem) | explicit_bzero
  | str(n?len|n?cmp|n?casecmp|r?chr|chrnul|n?dup|n?cpy|n?cat|spn|cspn|pbrk|str|tok_r|sep|to(u?ll?|u?l))
  | stp(n?cpy) | malloc | calloc | realloc | reallocarray | free | aligned_alloc
  | v?snprintf | __isoc\d+_(strtou?ll?|strtou?l) | qsort | bsearch | l?labs | abs
  | __(mem(cpy|move|set)|str(cpy|cat|ncpy|ncat)|stp(n?cpy)|v?snprintf)_chk
  | inet_(pton|ntop) | [nh]to[nh][sl] | __stack_chk_fail | __errno_location | abort
  | _GLOBAL_OFFSET_TABLE_
)$""", re.X)

LIBRARY = re.compile(r"""^(
    (SSL|TLS|EVP|X509v?3?|ASN1|BIO|BN|BUF|CMS|CRYPTO|EC|ECDSA|ERR|GENERAL_NAMES?|OBJ|OCSP|OPENSSL|OSSL|PEM
      |PKCS[578]|PROXY_CERT_INFO_EXTENSION|RSA|SRP|X509V3|DIST_POINT|BASIC_CONSTRAINTS|AUTHORITY)_\w+
  | (d2i|i2d|i2a|a2i|i2s|s2i|i2o|o2i)_\w+ | DTLS\w* | TLS_\w+ | PEM_\w+ | OTHERNAME_\w+
  | sodium_\w+ | crypto_\w+ | randombytes_\w+ | XML_\w+ | stringprep(_\w+)? | idna_\w+ | u8_\w+ | uc_\w+ | UC_\w+
  | uninorm_\w+ | RAND_(priv_)?bytes | HMAC(_\w+)?
)$""", re.X)

IMPURE = re.compile(r"""^(
    \w*_fp | \w*_fd | \w*_file(_ex)? | PEM_(read|write)_(?!bio(_|$))\w+ | \w+_locations | \w+_verify_(dir|store)
  | BIO_(s_file|s_fd|s_socket|s_connect|s_accept|s_datagram|s_log|socket\w*|connect|listen|accept\w*|lookup\w*)
  | BIO_new_(connect|accept|dgram|socket|mem_fp)\w* | X509_STORE_(load|set_default)_\w+ | X509_LOOKUP_\w+
  | SSL_CTX_(load_verify|set_default_verify|use_certificate_chain|set_default_ctlog)_\w+
  | SSL_load_client_CA\w* | OSSL_STORE_\w+ | CONF_\w+ | UI_\w+ | RAND_(load|write|poll)\w*
  | OCSP_(check_validity|sendreq\w*|REQ_CTX_\w+) | X509_cmp_current_time | X509_cmp_timeframe | X509_gmtime_adj | ASN1_\w+_adj_now
  | stringprep_(locale|utf8_to_locale|convert)\w* | idna_\w+_[l8]z
)$""", re.X)

# Sections whose content can change while the program runs; .data.rel.ro is constant.
MUTABLE = re.compile(r"^(\.t?bss|\.t?data(?!\.rel\.ro)|\.l?bss|\.ldata|\*COM\*)")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def foreign(symbol, own):
    if symbol in own or symbol.startswith("troth_"):
        return False
    return bool(IMPURE.match(symbol)) or not (PURE.match(symbol) or LIBRARY.match(symbol))


def violations(binary):
    """What in an object or archive the core may not have, as a sorted list of names."""
    own = {line.split()[-1] for line in run("nm", "--defined-only", "-g", binary).splitlines()
           if len(line.split()) == 3}
    used = {line.split()[-1] for line in run("nm", "-u", binary).splitlines()
            if re.match(r"\s+[Uwv] ", line)}
    bad = {name for name in used if foreign(name, own)}
    for line in run("objdump", "-t", binary).splitlines():
        match = re.match(r"[0-9a-f]{16} (.{7}) (\S+)\s+[0-9a-f]+\s+(?:\.\w+ )?(\S+)$", line)
        if match and "d" not in match[1] and MUTABLE.match(match[2]):
            bad.add(match[3])
    return sorted(bad)


def compiled(folder, body, flags=()):
    source, obj = folder / "probe.c", folder / "probe.o"
    source.write_text(body)
    subprocess.run([*house.compiler(), "-O1", "-fPIC", "-w", *flags, "-c", source, "-o", obj], check=True)
    return obj


# One deed each that the test has to catch, with the symbol that gives it away.
DEEDS = {
    "socket": "int socket(int,int,int); int f(void) { return socket(1, 1, 0); }",
    "open": "int open(const char *, int, ...); int f(void) { return open(\"/\", 0); }",
    "fopen": "void *fopen(const char *, const char *); void *f(void) { return fopen(\"a\", \"r\"); }",
    "read": "long read(int, void *, unsigned long); long f(void *p) { return read(0, p, 1); }",
    "write": "long write(int, const void *, unsigned long); long f(void *p) { return write(1, p, 1); }",
    "time": "long time(long *); long f(void) { return time(0); }",
    "clock_gettime": "int clock_gettime(int, void *); int f(void *p) { return clock_gettime(0, p); }",
    "gettimeofday": "int gettimeofday(void *, void *); int f(void *p) { return gettimeofday(p, 0); }",
    "getenv": "char *getenv(const char *); char *f(void) { return getenv(\"HOME\"); }",
    "secure_getenv": "char *secure_getenv(const char *); char *f(void) { return secure_getenv(\"HOME\"); }",
    "printf": "int printf(const char *, ...); int f(int i) { return printf(\"%d\", i); }",
    "puts": "int puts(const char *); int f(void) { return puts(\"a\"); }",
    "perror": "void perror(const char *); void f(void) { perror(\"a\"); }",
    "stderr": "extern void *stderr; void *f(void) { return stderr; }",
    "stdout": "extern void *stdout; void *f(void) { return stdout; }",
    "syslog": "void syslog(int, const char *, ...); void f(void) { syslog(1, \"a\"); }",
    "pthread_create": "int pthread_create(); int f(void *p) { return pthread_create(p, 0, 0, 0); }",
    "pthread_mutex_lock": "int pthread_mutex_lock(void *); int f(void *p) { return pthread_mutex_lock(p); }",
    "__assert_fail": "#include <assert.h>\nvoid f(int i) { assert(i); }",
    "ERR_print_errors_fp": "void ERR_print_errors_fp(void *); void f(void *p) { ERR_print_errors_fp(p); }",
    "BIO_new_file": "void *BIO_new_file(const char *, const char *); void *f(void) { return BIO_new_file(\"a\", \"r\"); }",
    "X509_gmtime_adj": "void *X509_gmtime_adj(void *, long); void *f(void *p) { return X509_gmtime_adj(p, 0); }",
    "counter": "int counter; int f(void) { return ++counter; }",
    "hidden": "static int hidden = 1; int f(void) { return ++hidden; }",
    "per_thread": "__thread int per_thread; int f(void) { return ++per_thread; }",
    "common": "int common;",
}


class TheTestItself(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_deed__is_caught__when_an_object_does_it(self):
        for symbol, body in DEEDS.items():
            with self.subTest(symbol):
                flags = ["-fcommon"] if symbol == "common" else []
                self.assertIn(symbol, violations(compiled(self.folder, body, flags)))

    def test_static_local__is_caught__in_a_function(self):
        obj = compiled(self.folder, "int f(void) { static int calls; return ++calls; }")
        self.assertRegex(" ".join(violations(obj)), r"calls")

    def test_constants__pass__with_and_without_relocation(self):
        obj = compiled(self.folder, "int g(void); static const char *const names[] = {\"a\", \"b\"};"
                       "static int (*const table[])(void) = {g};"
                       "const char *f(int i) { return names[i] + table[i](); } int g(void) { return 1; }")
        self.assertEqual(violations(obj), [])


class Core(unittest.TestCase):
    archive = None

    def test_core__does_no_io_and_keeps_no_state(self):
        members = run("ar", "t", self.archive).split()
        self.assertGreaterEqual(len(members), 5)
        self.assertEqual(violations(self.archive), [])


if __name__ == "__main__":
    Core.archive = sys.argv.pop(1)
    unittest.main(verbosity=2)
