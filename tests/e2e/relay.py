# SPDX-License-Identifier: MIT
"""A road between two machines that breaks where a test wants it to: run on one of them.

Usage: relay.py PORT TO_PORT WHICH AFTER

What comes to PORT goes on to TO_PORT of the same machine. Of the connection number WHICH (from 1)
only AFTER bytes of either direction together get through; then that connection and all later ones
break. Says "up", "carried BYTES" of every connection that ended by itself, and "broken".
"""
import select
import socket
import sys


def carry(one, two, budget):
    """Until one of them ends, or the budget is spent; returns what is left of it."""
    while budget > 0:
        for source in select.select([one, two], [], [])[0]:
            try:
                data = source.recv(min(65536, budget))
                (two if source is one else one).sendall(data)
            except OSError:
                return budget
            if not data:
                return budget
            budget -= len(data)
            if budget == 0:
                break
    return 0


def main(port, to, which, after):
    number = 0
    broken = False
    listener = socket.create_server(("0.0.0.0", port))
    print("up", flush=True)
    while not broken:
        one, _ = listener.accept()
        number += 1
        with one:
            if number == which and after == 0:
                broken = True
            else:
                with socket.create_connection(("127.0.0.1", to)) as two:
                    budget = after if number == which else 2**40
                    left = carry(one, two, budget)
                    broken = left == 0
                    if not broken:
                        print("carried", budget - left, flush=True)
    listener.close()
    print("broken", flush=True)


main(*map(int, sys.argv[1:]))
