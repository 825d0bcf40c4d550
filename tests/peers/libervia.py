# SPDX-License-Identifier: MIT
"""libervia, a client that others wrote, with Jingle of its own (XEP-0166, 0260, 0261, and two
applications): a daemon on a private D-Bus session, driven by its command.

    with Libervia(folder, server, "mercutio@montague.test", "secret") as peer:
        peer.jid                       its full JID
        peer.pipe_out(jid, path)       calls somebody, and sends a file

All that it keeps is in the folder. Call alone() first: it would like to ask the web for its address.
"""
import os
import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "net"))

from process import Failed, Process  # noqa: E402

PROFILE = "peer"
# Of `pipe` and of `file`.
APPLICATIONS = ("http://salut-a-toi.org/protocol/stream", "urn:xmpp:jingle:apps:file-transfer:5")
# The least that it is given; it is slow, and so is a loaded machine.
READY = 60
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/> <allow own="*"/> <allow send_destination="*"/> <allow receive_sender="*"/>
  </policy>
</busconfig>
"""
# 192.0.2.0/24 is nobody's (RFC 5737).
ADDRESS = "192.0.2.1"
_ALONE = f"""ip link set lo up && ip link add eth0 type veth peer name eth1 && ip addr add {ADDRESS}/24 dev eth0 &&
ip link set eth1 up && ip link set eth0 up && exec "$0" "$@\""""


def alone():
    """Runs this script again in a network of its own, where all that is reached is ADDRESS."""
    if os.environ.get("TROTH_ALONE") != str(os.getpid()):
        os.environ["TROTH_ALONE"] = str(os.getpid())
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        os.execvp("unshare", ["unshare", *user, "--net", "--", "sh", "-c", _ALONE, *sys.orig_argv])


class Libervia:
    def __init__(self, folder, server, jid, password):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        bus, config = self.folder / "bus", self.folder / "bus.conf"
        config.write_text(_BUS.format(path=bus))
        # With the system's Python, whichever else there is.
        self.env = {"HOME": self.folder, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={bus}", "LC_ALL": "C.UTF-8",
                    "PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore",
                    **{f"XDG_{kind}_HOME": None for kind in ("DATA", "CONFIG", "CACHE")}}
        self.bus = self._start("dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile",
                               "--print-address")
        self.bus.wait_for("unix:path=", READY)
        self.backend = self._start("libervia-backend", "fg")
        self._wait_ready()
        self._configure(server, jid, password)
        self.run("profile", "connect", "--connect", "--profile", PROFILE)
        self.jid = re.search(r"jid: (\S+)", self.run("info", "session", "--profile", PROFILE))[1]

    def _start(self, *argv):
        return Process(argv, env=self.env, cwd=self.folder)

    def _wait_ready(self):
        until = time.monotonic() + READY
        while True:
            with self.cli("profile", "list") as asked:
                if asked.wait(READY) == 0:
                    return
            if time.monotonic() > until or self.backend._child.poll() is not None:
                raise Failed(self.backend.transcript)

    def _configure(self, server, jid, password):
        self.run("profile", "create", PROFILE, "--jid", jid, "--xmpp-password", password)
        for category, name, value in (
                ("Connection", "Force server", server.address), ("Connection", "Force port", server.port),
                ("Connection", "check_certificate", "false"), ("General", "allow_get_ip", "false")):
            self.run("param", "set", category, name, value, "--profile", PROFILE)

    def cli(self, *words):
        """Its command, as a Process."""
        return self._start("libervia-cli", *words)

    def run(self, *words):
        """Its command, to its end; returns what it wrote."""
        with self.cli(*words) as process:
            process.end_input()
            status = process.wait(READY)
            if status != 0:
                raise Failed(f"{words}: {status}: {process.transcript}")
            return process.transcript

    def pipe_out(self, jid, path):
        """Sends a file by a session of its own application; a Process."""
        return self._start("sh", "-c", 'exec libervia-cli pipe out "$0" --profile "$1" <"$2"', jid, PROFILE, path)

    def send_file(self, jid, path):
        """The same by XEP-0234, for whoever says to know that; a Process."""
        return self.cli("file", "send", path, jid, "--profile", PROFILE)

    def pipe_in(self, path):
        """Takes the next session of pipe_out's application, into a file; a Process."""
        return self._start("sh", "-c", 'exec libervia-cli pipe in --profile "$0" >"$1"', PROFILE, path)

    def close(self):
        self.backend.close()
        self.bus.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
