/* SPDX-License-Identifier: MIT */
/* Avahi's event interface (AvahiPoll) on a libuv loop. Layer: lan. */
#ifndef TROTH_LAN_UVPOLL_H
#define TROTH_LAN_UVPOLL_H

#include <avahi-common/watch.h>
#include <uv.h>

/* Effect: fills in *poll; it must outlive everything that avahi made with it. Handles that
 * avahi frees end in the next turn of the loop and don't need *poll for that. */
void troth_lan_poll_init(AvahiPoll *poll, uv_loop_t *loop);

#endif
