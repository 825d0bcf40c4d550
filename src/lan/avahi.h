/* SPDX-License-Identifier: MIT */
/*
 * The functions of libavahi-client and libavahi-core that are used here, each library
 * loaded on its own. Layer: lan.
 *
 * They can't be linked into one program: both export avahi_entry_group_free, with
 * different arguments, and each calls its own. Linked together, libavahi-core frees its
 * groups by libavahi-client's function and the process dies. Loaded with RTLD_LOCAL each
 * finds its own. So whatever uses this folder mustn't link either of the two.
 */
#ifndef TROTH_LAN_AVAHI_H
#define TROTH_LAN_AVAHI_H

#include <avahi-client/client.h>
#include <avahi-client/lookup.h>
#include <avahi-client/publish.h>
#include <avahi-core/core.h>
#include <avahi-core/log.h>
#include <avahi-core/lookup.h>
#include <avahi-core/publish.h>
#include <troth/bytes.h>

#define LAN_AVAHI_CLIENT(X)                                                                        \
	X(avahi_client_new)                                                                        \
	X(avahi_client_free)                                                                       \
	X(avahi_client_errno)                                                                      \
	X(avahi_client_get_host_name)                                                              \
	X(avahi_entry_group_new)                                                                   \
	X(avahi_entry_group_free)                                                                  \
	X(avahi_entry_group_commit)                                                                \
	X(avahi_entry_group_add_address)                                                           \
	X(avahi_entry_group_add_service_strlst)                                                    \
	X(avahi_entry_group_update_service_txt_strlst)                                             \
	X(avahi_record_browser_new)                                                                \
	X(avahi_record_browser_free)                                                               \
	X(avahi_service_browser_new)                                                               \
	X(avahi_service_browser_free)

#define LAN_AVAHI_CORE(X)                                                                          \
	X(avahi_key_new)                                                                           \
	X(avahi_key_unref)                                                                         \
	X(avahi_rdata_parse)                                                                       \
	X(avahi_record_new_full)                                                                   \
	X(avahi_record_unref)                                                                      \
	X(avahi_s_entry_group_new)                                                                 \
	X(avahi_s_entry_group_free)                                                                \
	X(avahi_s_entry_group_commit)                                                              \
	X(avahi_s_record_browser_new)                                                              \
	X(avahi_s_record_browser_free)                                                             \
	X(avahi_s_service_browser_new)                                                             \
	X(avahi_s_service_browser_free)                                                            \
	X(avahi_server_new)                                                                        \
	X(avahi_server_free)                                                                       \
	X(avahi_server_errno)                                                                      \
	X(avahi_server_get_group_of_service)                                                       \
	X(avahi_server_config_init)                                                                \
	X(avahi_server_config_free)                                                                \
	X(avahi_server_add_address)                                                                \
	X(avahi_server_add_service_strlst)                                                         \
	X(avahi_server_update_service_txt_strlst)                                                  \
	X(avahi_set_log_function)

#define LAN_AVAHI_MEMBER(function) __typeof__(&function) function;

struct lan_avahi_client {
	LAN_AVAHI_CLIENT(LAN_AVAHI_MEMBER)
};

struct lan_avahi_core {
	LAN_AVAHI_CORE(LAN_AVAHI_MEMBER)
};

/* Effect: loads the library (for the life of the process) and fills in the functions.
 * Errors: TROTH_E_UNSUPPORTED when it isn't installed or lacks one. */
int lan_avahi_client_load(struct lan_avahi_client *out) TROTH_MUST_USE;
int lan_avahi_core_load(struct lan_avahi_core *out) TROTH_MUST_USE;

#endif
