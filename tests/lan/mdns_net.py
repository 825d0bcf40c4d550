# SPDX-License-Identifier: MIT
"""Network namespaces for test_mdns.py, and the programs that run in them.

All is named after this process and ends with it; nothing outside is touched. Nothing
sleeps: every step waits for a line, with a deadline.
"""
import os
import re
import selectors
import shutil
import subprocess
import sys
import tempfile
import time

DEADLINE = 20
GOODBYE_DEADLINE = 5


def sh(*words):
    subprocess.run(words, check=True)


class Peer:
    """One lan_peer inside a namespace."""

    program = None
    peers = []

    def __init__(self, net, host, backend, *interfaces):
        self.label = host
        self.lines = []
        command = net.enter(host) + [Peer.program, backend, *interfaces]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, env=net.env(host))
        os.set_blocking(self.process.stdout.fileno(), False)
        self.partial = b''
        Peer.peers.append(self)
        self.expect(r'ready (\w+)')

    def say(self, line):
        self.process.stdin.write(line.encode() + b'\n')
        self.process.stdin.flush()

    def read(self, timeout):
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(timeout):
                return
        data = self.process.stdout.read()
        if data == b'':
            raise AssertionError(f'{self.label}: ended; lines: {self.lines}')
        *lines, self.partial = (self.partial + (data or b'')).split(b'\n')
        self.lines += [line.decode('utf-8', 'replace') for line in lines]

    def expect(self, pattern, deadline=DEADLINE):
        """Takes the first line that matches, and those before it, off the list."""
        end = time.monotonic() + deadline
        while True:
            for i, line in enumerate(self.lines):
                match = re.fullmatch(pattern, line)
                if match:
                    self.passed = self.lines[:i]
                    del self.lines[:i + 1]
                    return match
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f'{self.label}: no {pattern!r} in {self.lines}')
            self.read(left)

    def pending(self):
        """All lines so far: an answer to a question is behind them."""
        self.say('backend')
        self.expect(r'backend \w+')
        return self.passed

    def quit(self):
        self.say('quit')
        self.expect('bye')
        assert self.process.wait(DEADLINE) == 0, f'{self.label}: {self.process.returncode}'
        self.forget()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.forget()

    def forget(self):
        self.process.stdin.close()
        self.process.stdout.close()
        Peer.peers.remove(self)


class Net:
    """Two namespaces, a and b, joined by links."""

    count = 0

    def __init__(self, links=1):
        Net.count += 1
        self.tag = f'troth{os.getpid()}x{Net.count}'
        self.folder = tempfile.mkdtemp(prefix='troth-lan-')
        self.daemons = {}
        self.holders = {}
        self.buses = {}
        for host in 'ab':
            sh('ip', 'netns', 'add', self.name(host))
            sh('ip', '-n', self.name(host), 'link', 'set', 'lo', 'up')
        for link in range(links):
            self.link(link)

    def name(self, host):
        return f'{self.tag}{host}'

    def enter(self, host):
        return ['ip', 'netns', 'exec', self.name(host)]

    def env(self, host):
        # Without a bus of the test no daemon of the machine may be met.
        bus = self.buses.get(host, f'unix:path={self.folder}/none')
        return {**os.environ, 'DBUS_SYSTEM_BUS_ADDRESS': bus}

    def link(self, number):
        a, b = f'va{number}', f'vb{number}'
        sh('ip', 'link', 'add', a, 'netns', self.name('a'), 'type', 'veth',
           'peer', 'name', b, 'netns', self.name('b'))
        for host, device, last in (('a', a, 1), ('b', b, 2)):
            namespace = self.name(host)
            sh('ip', '-n', namespace, 'addr', 'add', f'169.254.{7 + number}.{last}/24', 'dev', device)
            sh('ip', '-n', namespace, 'link', 'set', device, 'up')

    def link_local(self, host, device):
        out = subprocess.run(['ip', '-n', self.name(host), '-6', '-o', 'addr', 'show', 'dev', device],
                             check=True, capture_output=True, text=True).stdout
        return re.search(r'inet6 (fe80:[0-9a-f:]+)', out).group(1)

    def start(self, host, *command):
        return subprocess.Popen(self.enter(host) + list(command), stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, env=self.env(host))

    def start_bus(self, host):
        path = f'{self.folder}/bus-{host}'
        config = f'{path}.conf'
        with open(config, 'w', encoding='utf-8') as file:
            file.write('<busconfig><type>system</type>'
                       f'<listen>unix:path={path}</listen><auth>EXTERNAL</auth>'
                       '<policy context="default"><allow send_destination="*"/>'
                       '<allow receive_sender="*"/><allow own="*"/><allow user="*"/></policy>'
                       '</busconfig>')
        bus = self.start(host, 'dbus-daemon', f'--config-file={config}', '--nofork',
                         '--nopidfile', '--print-address')
        self.daemons[host, 'bus'] = bus
        assert bus.stdout.readline().startswith(b'unix:'), 'dbus-daemon did not start'
        self.buses[host] = f'unix:path={path}'

    def start_avahi(self, host):
        """A daemon with a /run of its own: its socket and pid file have fixed places."""
        config = f'{self.folder}/avahi-{host}.conf'
        with open(config, 'w', encoding='utf-8') as file:
            file.write(f'[server]\nhost-name=real-{host}\nuse-ipv4=yes\nuse-ipv6=yes\n'
                       '[publish]\npublish-workstation=no\npublish-hinfo=no\n')
        # A user namespace maps one user only: there the daemon's is this one.
        for name, line in (('passwd', 'avahi:x:0:0::/:/bin/false'), ('group', 'avahi:x:0:')):
            with open(f'{self.folder}/{name}', 'w', encoding='utf-8') as file:
                file.write(f'{line.replace("avahi", "root", 1)}\n{line}\n')
        script = ('mount -t tmpfs tmpfs /run && mkdir -p /run/avahi-daemon && '
                  f'mount --bind {self.folder}/passwd /etc/passwd && '
                  f'mount --bind {self.folder}/group /etc/group && '
                  f'exec avahi-daemon -f {config} --no-drop-root --no-chroot --no-rlimits')
        avahi = self.start(host, 'unshare', '--uts', '--mount', 'sh', '-c', script)
        self.daemons[host, 'avahi'] = avahi
        seen = []
        for line in avahi.stdout:
            seen.append(line)
            if b'Server startup complete' in line:
                return
        raise AssertionError(f'avahi-daemon did not start: {seen}')

    def stop(self, host, what):
        process = self.daemons.pop((host, what))
        process.terminate()
        process.wait()
        process.stdout.close()

    def close(self):
        for host, what in list(self.daemons):
            self.stop(host, what)
        for host in 'ab':
            subprocess.run(['ip', 'netns', 'del', self.name(host)], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def become_root():
    """Ends with a sentence where this can't run, and comes back as root where it can."""
    for tool in ('ip', 'unshare', 'dbus-daemon', 'avahi-daemon', 'avahi-browse'):
        if shutil.which(tool, path=os.environ.get('PATH', '') + ':/usr/sbin:/sbin') is None:
            sys.exit(f'test_mdns.py needs {tool}.')
    if os.geteuid() == 0:
        return
    probe = ['unshare', '-Urnm', 'true']
    if subprocess.run(probe, check=False, stderr=subprocess.DEVNULL).returncode != 0:
        sys.exit('test_mdns.py needs root, or user namespaces (unshare -Urnm fails here).')
    # ip netns keeps its names in /run/netns, which only a mount of our own lets us write.
    script = 'mount -t tmpfs tmpfs /run && exec "$@"'
    os.execvp('unshare', ['unshare', '-Urnm', 'sh', '-c', script, 'sh', sys.executable, *sys.argv])
