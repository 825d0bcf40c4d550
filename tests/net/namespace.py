# SPDX-License-Identifier: MIT
"""Machines on a link of their own: network namespaces on a bridge, with mDNS where asked.

    with Network("forza", "cucina") as (forza, cucina):
        forza.start_mdns()
        troth = forza.spawn(["troth", "chat"], use_pty=True)
        troth.wait_for("Secret: ", 5)

Each machine has its own network, host name and an empty /run, held by one process: nothing is
named in the system, and all is gone when that process is. Needs root, or user namespaces
(call become_root() first). Standard library, util-linux and iproute2 only.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from process import Failed, Process  # noqa: F401 (for those who import this module)

_HOLD = """set -e
mount -t tmpfs tmpfs /run
hostname "$0"
for f in /proc/sys/net/ipv6/conf/default/accept_dad; do [ ! -w $f ] || echo 0 >$f; done
ip link set lo up
echo ready
exec cat
"""

_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/> <allow own="*"/> <allow send_destination="*"/> <allow receive_sender="*"/>
  </policy>
</busconfig>
"""

_AVAHI = """[server]
host-name={name}
use-ipv4=yes
use-ipv6=yes
allow-interfaces=eth0
enable-dbus=yes
[wide-area]
enable-wide-area=no
[publish]
publish-hinfo=no
publish-workstation=no
"""


def become_root():
    """Runs this script again as root of a user namespace, unless it is root already."""
    if os.geteuid() != 0:
        os.execvp("unshare", ["unshare", "--user", "--map-root-user", "--net", "--mount",
                              *sys.orig_argv])


class Host:
    """One machine. `address` is its IPv4 link-local address, `name` its host name."""

    def __init__(self, name, address, folder):
        self.name = name
        self.address = address
        self._folder = folder
        self._started = []
        self._holder = Process(["unshare", "--net", "--mount", "--uts", "--propagation", "private",
                                "--", "sh", "-c", _HOLD, name], name=f"holder of {name}")
        self._holder.wait_for("^ready$", 5)

    @property
    def pid(self):
        """The process that holds the namespaces."""
        return self._holder.pid

    @property
    def prefix(self):
        """What runs a command in this machine's network alone."""
        return ["nsenter", "--target", str(self.pid), "--net", "--"]

    def spawn(self, argv, *, env=None, use_pty=False, cwd=None, name=None):
        """Starts a process on this machine; see Process."""
        inside = ["nsenter", "--target", str(self.pid), "--net", "--mount", "--uts",
                  f"--wdns={cwd or os.getcwd()}", "--"]
        process = Process(argv, env=env, use_pty=use_pty, prefix=inside,
                          name=name or f"{os.path.basename(str(argv[0]))} on {self.name}")
        self._started.append(process)
        return process

    def run(self, *argv):
        """Runs a short command on this machine; returns what it wrote, raises Failed."""
        with self.spawn(argv) as process:
            status = process.wait(10)
            if status != 0:
                raise Failed(f"{' '.join(map(str, argv))}: {status}: {process.transcript}")
            return process.transcript

    def start_mdns(self):
        """An avahi-daemon with the system bus that it and its clients meet on."""
        bus, avahi = self._folder / "bus.conf", self._folder / f"avahi-{self.name}.conf"
        bus.write_text(_BUS)
        avahi.write_text(_AVAHI.format(name=self.name))
        self.run("mkdir", "-p", "/run/dbus", "/run/avahi-daemon")
        daemon = self.spawn(["dbus-daemon", f"--config-file={bus}", "--nofork", "--nopidfile",
                             "--print-address"])
        daemon.wait_for("unix:path=", 10)
        self.mdns = self.spawn(["avahi-daemon", "-f", str(avahi), "--no-drop-root", "--no-chroot",
                                "--no-rlimits"], env={"PATH": os.environ["PATH"] + ":/usr/sbin"})
        self.mdns.wait_for("Server startup complete", 15)

    def close(self):
        """Ends what was started here, the youngest first, and the machine."""
        for process in (*reversed(self._started), self._holder):
            process.close()

    def cut(self, device="eth0"):
        """Pulls the cable out; plug() puts it back."""
        self.run("ip", "link", "set", device, "down")

    def plug(self, device="eth0"):
        self.run("ip", "link", "set", device, "up")


class Network:
    """As many machines as there are names, on one link: 169.254.7.1, .2, ..."""

    def __init__(self, *names):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="troth-net-"))
        self.hosts = []
        self._switch = Host("switch", None, self._folder)
        try:
            self._ip("link", "add", "switch0", "type", "bridge", "stp_state", "0", "forward_delay", "0",
                     "mcast_snooping", "0")
            self._ip("link", "set", "switch0", "up")
            for number, name in enumerate(names, 1):
                self._add(number, name)
        except BaseException:
            self.close()
            raise

    def _ip(self, *words):
        self._switch.run("ip", *words)

    def _add(self, number, name):
        host = Host(name, f"169.254.7.{number}", self._folder)
        self.hosts.append(host)
        subprocess.run(["ip", "link", "add", "eth0", "netns", str(host.pid), "type", "veth", "peer",
                        "name", f"port{number}", "netns", str(self._switch.pid)], check=True)
        self._ip("link", "set", f"port{number}", "master", "switch0", "up")
        host.run("ip", "addr", "add", f"{host.address}/16", "dev", "eth0")
        host.run("ip", "link", "set", "eth0", "up")

    def cable(self, one, two):
        """A second link, between two machines only: eth1, without IPv4."""
        subprocess.run(["ip", "link", "add", "eth1", "netns", str(one.pid), "type", "veth", "peer",
                        "name", "eth1", "netns", str(two.pid)], check=True)
        for host in (one, two):
            host.run("ip", "link", "set", "eth1", "up")

    def close(self):
        for host in (*self.hosts, self._switch):
            host.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self):
        return self.hosts

    def __exit__(self, *_):
        self.close()
