# SPDX-License-Identifier: MIT
"""Somebody between two streams who ends TLS towards both, by certificates of his own: `Splice` has the
bytes, `Between` a road for them over TCP.

    with Between(port, to_port, folder) as between:     # folder: of servers.Certificates
        between.turn = lambda end, words: {...}          # words of "caller" or "called", inside TLS
"""
import select
import socket
import ssl
import threading

OTHER = {"caller": "called", "called": "caller"}


class Splice:
    """Two TLS sessions by a certificate in that folder, where there was one: what is in one goes into
    the other. Words in clear are passed on as they are."""

    def __init__(self, folder, turn=None):
        self.context = {}
        for server_side in (True, False):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server_side else ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.load_cert_chain(folder / "montague.test.pem")
            self.context[server_side] = context
        self.turn = turn or (lambda end, words: {OTHER[end]: words})
        self.ends, self.clear, self.seen = None, "", b""

    def begin(self):
        """Towards the caller as the server of TLS, towards the other as its client."""
        self.ends, self.waiting = {}, dict.fromkeys(OTHER, b"")
        for to, server_side in (("caller", True), ("called", False)):
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            session = self.context[server_side].wrap_bio(incoming, outgoing, server_side=server_side)
            self.ends[to] = (session, incoming, outgoing)

    def read(self, end):
        """What one end says inside TLS, so far."""
        words = b""
        try:
            while more := self.ends[end][0].read(65536):
                words += more
        except ssl.SSLError:
            pass  # not yet, or never
        return words

    def write(self, end):
        """What it is to hear, once it can."""
        try:
            self.ends[end][0].do_handshake()
            if self.waiting[end]:
                self.ends[end][0].write(self.waiting[end])
            self.waiting[end] = b""
        except ssl.SSLError:
            pass

    def take(self, end, block):
        """Bytes of one end; returns what each gets now."""
        if self.ends is None:
            self.clear += block.decode("latin1")
            if end == "called" and "</proceed>" in self.clear:
                self.begin()
            return {OTHER[end]: block}
        self.ends[end][1].write(block)
        self.write(end)
        for one in OTHER:
            if words := self.read(one):
                self.seen += words
                for to, said in self.turn(one, words).items():
                    self.waiting[to] += said
        for one in OTHER:
            self.write(one)
        return {to: end[2].read() for to, end in self.ends.items()}


class Between:
    """Takes connections at a port and makes one to another for each; where one end closes, so does the
    other. `splices` are those that there were."""

    def __init__(self, port, to, folder):
        self.to, self.folder, self.turn = to, folder, None
        self.splices = []
        self.listener = socket.create_server(("127.0.0.1", port))
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while True:
            try:
                caller, _ = self.listener.accept()
            except OSError:
                return
            with caller:
                try:
                    with socket.create_connection(("127.0.0.1", self.to)) as called:
                        self._carry({"caller": caller, "called": called})
                except OSError:
                    pass

    def _carry(self, sockets):
        splice = Splice(self.folder, self.turn)
        self.splices.append(splice)
        names = {sock: name for name, sock in sockets.items()}
        while True:
            for sock in select.select(list(names), [], [])[0]:
                data = sock.recv(65536)
                if not data:
                    return
                for to, out in splice.take(names[sock], data).items():
                    sockets[to].sendall(out)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)
