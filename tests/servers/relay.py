# SPDX-License-Identifier: MIT
"""A TCP relay on loopback that a test can cut: the server behind it goes on."""
import socket
import threading

from servers import free_port


class Relay:
    """Everything that comes to `port` goes to `target`, until cut(); new connections go on. With
    `swallow`, of each connection only so many bytes go to the target: the rest is taken and lost. While
    `deaf`, all that clients send is."""

    def __init__(self, target, address="127.0.0.1", port=None, swallow=None):
        self.target, self.port, self.swallow = target, port or free_port(), swallow
        self.lost, self.deaf = 0, False
        self._pairs = []
        self._listener = socket.create_server((address, self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            self._pairs.append((client, server))
            for one, two, budget in ((client, server, self.swallow), (server, client, None)):
                threading.Thread(target=self._pump, args=(one, two, budget, one is client), daemon=True).start()

    def _pump(self, one, two, budget, up):
        try:
            while data := one.recv(65536):
                kept = b"" if up and self.deaf else data if budget is None else data[:budget]
                budget = None if budget is None else budget - len(kept)
                self.lost += len(data) - len(kept)
                two.sendall(kept)
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
