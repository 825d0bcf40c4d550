# SPDX-License-Identifier: MIT
"""A desktop's session as far as passwords go: a bus, and what it starts as secret service.

    with Desktop() as desktop:          # the real gnome-keyring-daemon, unlocked
        run(..., env=desktop.env); desktop.lock()

Nothing of the user's session or keyrings is touched: bus, home and keyrings are in a folder of its
own. Nobody can be asked: there is no program on the bus that shows a window.
"""
import pathlib
import shutil
import subprocess
import tempfile

from process import Process

SERVICE = "org.freedesktop.secrets"
KEYRING = ["gnome-keyring-daemon", "--foreground", "--components=secrets"]
CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={folder}/bus</listen>
  <servicedir>{folder}/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""


class Desktop:
    """service: a command that the bus starts as secret service; None: there is none, "": the keyring,
    which is there already and unlocked."""

    def __init__(self, service=""):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="troth-desktop-"))
        self.running = []
        self.env = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.folder}/bus", "HOME": str(self.folder),
                    "XDG_RUNTIME_DIR": str(self.folder), "XDG_DATA_HOME": None, "DISPLAY": None,
                    "WAYLAND_DISPLAY": None}
        (self.folder / "services").mkdir()
        (self.folder / "bus.conf").write_text(CONFIG.format(folder=self.folder))
        if service:
            (self.folder / "services" / f"{SERVICE}.service").write_text(
                f"[D-BUS Service]\nName={SERVICE}\nExec={service}\n")
        try:
            self.spawn(["dbus-daemon", f"--config-file={self.folder}/bus.conf", "--nofork", "--nopidfile",
                        "--print-address=1"]).wait_for("^unix:")
            if service == "":
                self.unlock()
        except BaseException:
            self.close()
            raise

    def spawn(self, argv):
        process = Process(argv, env=self.env, cwd=self.folder)
        self.running.append(process)
        return process

    def unlock(self):
        """As at login: the keyring's password comes by standard input."""
        keyring = self.spawn([*KEYRING, "--unlock"])
        keyring.send("of the keyring")
        keyring.end_input()
        while not self.owned() or self.locked():
            assert keyring._child.poll() is None, keyring.transcript

    def call(self, *words):
        """A method of the service, or a property."""
        return subprocess.run(["dbus-send", "--session", "--print-reply", f"--dest={SERVICE}", *words],
                              env={k: v for k, v in self.env.items() if v}, capture_output=True, text=True,
                              timeout=30, check=True).stdout

    def owned(self):
        done = subprocess.run(["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/",
                               "org.freedesktop.DBus.NameHasOwner", f"string:{SERVICE}"],
                              env={k: v for k, v in self.env.items() if v}, capture_output=True, text=True,
                              timeout=30)
        return "boolean true" in done.stdout

    def locked(self):
        """Whether the keyring that passwords go to is; True too where there is none yet."""
        said = self.call("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.ReadAlias", "string:default")
        path = said.split('object path "')[1].split('"')[0]
        if path == "/":
            return True
        return "boolean true" in self.call(path, "org.freedesktop.DBus.Properties.Get",
                                           "string:org.freedesktop.Secret.Collection", "string:Locked")

    def lock(self):
        self.call("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock",
                  "array:objpath:/org/freedesktop/secrets/collection/login")
        assert self.locked()

    def close(self):
        for process in reversed(self.running):
            process.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
