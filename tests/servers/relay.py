# SPDX-License-Identifier: MIT
"""A TCP relay on loopback that a test can cut: the server behind it goes on."""
import socket
import threading

from servers import free_port


class Relay:
    """Everything that comes to `port` goes to `target`, until cut(); new connections go on."""

    def __init__(self, target):
        self.target, self.port = target, free_port()
        self._pairs = []
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            self._pairs.append((client, server))
            for one, two in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(one, two), daemon=True).start()

    @staticmethod
    def _pump(one, two):
        try:
            while data := one.recv(65536):
                two.sendall(data)
        except OSError:
            pass

    def cut(self):
        """As when the network goes: both sides see the end of the line, without a word."""
        while self._pairs:
            for end in self._pairs.pop():
                end.shutdown(socket.SHUT_RDWR)
                end.close()

    def close(self):
        self._listener.close()
        self.cut()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
