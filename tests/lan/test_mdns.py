#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Real mDNS between network namespaces, with and without avahi-daemon.

    test_mdns.py PATH/TO/lan_peer [NAME...]

Needs root or user namespaces, iproute2, avahi-daemon, avahi-utils and dbus-daemon.
"""
import os
import re
import signal
import subprocess
import sys
import time
import traceback

from mdns_net import DEADLINE, GOODBYE_DEADLINE, Net, Peer, become_root, sh

TESTS = []


def test(links=1, backend='embedded', daemons=''):
    def add(function):
        TESTS.append((function, links, backend, daemons))
        return function
    return add


def both(links=1):
    """The same with avahi-core in process and with a daemon on each side."""
    def add(function):
        TESTS.append((function, links, 'embedded', ''))
        TESTS.append((function, links, 'daemon', 'ab'))
        return function
    return add


@both()
def announce__is_seen_with_its_card__on_the_other_side(net, backend):
    a = Peer(net, 'a', backend)
    b = Peer(net, 'b', backend)
    b.say('browse')
    a.say('announce juliet pronto 5562 nick=JuliC 1st=Juliet last=Capulet email=j@capulet.lit '
          'jid=juliet@capulet.lit msg=Hanging+out status=away node=http://x hash=sha-1 '
          'ver=QgayPKawpkPSDYmwT/WM94uAlu0= port.p2pj=1')
    a.expect('own juliet@pronto')
    b.expect(r'found juliet@pronto status:1 tags:0 ifs:vb0 txtvers=1 1st=Juliet '
             r'email=j@capulet\.lit hash=sha-1 jid=juliet@capulet\.lit last=Capulet '
             r'msg=Hanging out nick=JuliC node=http://x port\.p2pj=5562 status=away '
             r'ver=QgayPKawpkPSDYmwT/WM94uAlu0=')
    a.quit()
    b.quit()


@both()
def announce__tells_nothing_personal__by_default(net, backend):
    a = Peer(net, 'a', backend)
    b = Peer(net, 'b', backend)
    b.say('browse')
    a.say('random 5562')
    name = a.expect(r'own ([a-z]{10}@[a-z]{10})').group(1)
    b.expect(rf'found {name} status:0 tags:8 ifs:vb0 txtvers=1 tr=[A-Za-z0-9+/]{{86}}==')
    a.quit()
    b.quit()


@both()
def resolve__gives_every_address_with_port_and_scope__afresh(net, backend):
    a = Peer(net, 'a', backend)
    b = Peer(net, 'b', backend)
    b.say('browse')
    a.say('announce juliet pronto 5562')
    b.expect(r'found juliet@pronto .*')
    fe80 = net.link_local('a', 'va0')
    b.say('cancel juliet@pronto')
    b.say('resolve juliet@pronto')
    b.expect(rf'resolved 5562 \[{fe80}%vb0\]:5562 169\.254\.7\.1:5562')
    assert not [line for line in b.pending() if line.startswith('resolved')]
    # The address changes; nothing of the first answer may be left.
    sh('ip', '-n', net.name('a'), 'addr', 'del', '169.254.7.1/24', 'dev', 'va0')
    sh('ip', '-n', net.name('a'), 'addr', 'add', '169.254.7.9/24', 'dev', 'va0')
    for _ in range(DEADLINE):
        b.say('resolve juliet@pronto')
        if '169.254.7.9:5562' in b.expect(r'resolved 5562 (.*)').group(1):
            break
    else:
        raise AssertionError('the new address was never found')
    a.quit()
    b.quit()


@both()
def update__is_seen__without_going(net, backend):
    a = Peer(net, 'a', backend)
    b = Peer(net, 'b', backend)
    b.say('browse')
    a.say('announce juliet pronto 5562 nick=J tags=2')
    a.expect('own juliet@pronto')
    first = b.expect(r'(?:found|changed) juliet@pronto .* (tr=\S+)').group(1)
    a.say('update nick=J status=dnd msg=Not+now tags=2')
    b.expect(rf'changed juliet@pronto status:2 tags:8 ifs:vb0 txtvers=1 msg=Not now nick=J '
             rf'status=dnd {re.escape(first)}')
    assert not [line for line in b.passed if line.startswith('gone')], b.passed
    assert not [line for line in a.pending() if line.startswith('own')]
    a.quit()
    b.quit()


@both()
def withdraw__is_seen_within_seconds__and_again(net, backend):
    a = Peer(net, 'a', backend)
    b = Peer(net, 'b', backend)
    b.say('browse')
    a.say('announce juliet pronto 5562')
    b.expect(r'found juliet@pronto .*')
    a.expect('own juliet@pronto')
    a.say('withdraw')
    a.expect('withdrawn')
    b.expect('gone juliet@pronto', GOODBYE_DEADLINE)
    a.say('announce romeo forza 5563')
    b.expect(r'found romeo@forza .*')
    # Ending without a word says goodbye, too.
    a.quit()
    b.expect('gone romeo@forza', GOODBYE_DEADLINE)
    b.quit()


@both()
def announce__takes_another_machine_name__on_collision(net, backend):
    a = Peer(net, 'a', backend)
    b = Peer(net, 'b', backend)
    a.say('announce juliet pronto 5562')
    a.expect('own juliet@pronto')
    a.say('browse')
    b.say('browse')
    b.expect(r'found juliet@pronto .*')
    b.say('announce juliet pronto 5563')
    b.expect('own juliet@pronto-1')
    a.expect(r'found juliet@pronto-1 .*')
    b.say('resolve juliet@pronto')
    b.expect(r'resolved 5562 .*169\.254\.7\.1:5562.*')
    a.say('resolve juliet@pronto-1')
    a.expect(r'resolved 5563 .*169\.254\.7\.2:5563.*')
    c = Peer(net, 'b', backend)
    c.say('browse')
    c.expect(r'found juliet@pronto(|-1) .*')
    c.expect(r'found juliet@pronto(|-1) .*')
    # On one machine only the user name is taken: the host's addresses are the same.
    c.say('announce juliet pronto-1 5564')
    # Who of the two changes it is mDNS's tie-break where no common daemon decides.
    if c.expect(r'own (juliet|juliet-1)@pronto-1').group(1) == 'juliet':
        b.expect('own juliet-1@pronto-1')
        c.expect(r'found juliet-1@pronto-1 .*')
    else:
        b.expect(r'found juliet-1@pronto-1 .*')
    a.expect(r'found juliet-1@pronto-1 .*')
    assert not [x for x in b.pending() + a.pending() if x.startswith('gone')]
    for peer in (a, b, c):
        peer.quit()


@both()
def browse__never_shows_the_own_announcement__but_other_programs(net, backend):
    a = Peer(net, 'a', backend)
    b = Peer(net, 'a', backend)
    a.say('browse')
    a.say('announce juliet pronto 5562')
    a.expect('own juliet@pronto')
    assert not a.passed, a.passed
    b.say('browse')
    b.expect(r'found juliet@pronto .*')
    b.say('announce romeo pronto 5563')
    b.expect('own romeo@pronto')
    a.expect(r'found romeo@pronto .*')
    for peer, name in ((a, 'juliet'), (b, 'romeo')):
        mine = [x for x in peer.passed + peer.pending() if name in x]
        assert not mine, mine
    a.say('resolve romeo@pronto')
    a.expect(r'resolved 5563 .*169\.254\.7\.1:5563.*')
    a.quit()
    b.quit()


@both(links=2)
def entity__is_one__on_two_interfaces(net, backend):
    a = Peer(net, 'a', backend)
    b = Peer(net, 'b', backend)
    a.say('announce juliet pronto 5562')
    a.expect('own juliet@pronto')
    b.say('browse')
    if ',' not in b.expect(r'found juliet@pronto .* (ifs:\S+) .*').group(1):
        b.expect(r'changed juliet@pronto .* ifs:vb\d,vb\d .*')
    assert not [x for x in b.passed + b.pending() if x.startswith('found')]
    fe80 = [net.link_local('a', device) for device in ('va0', 'va1')]
    b.say('resolve juliet@pronto')
    found = b.expect(r'resolved 5562 (.*)').group(1).split()
    assert sorted(found) == sorted([f'[{fe80[0]}%vb0]:5562', f'[{fe80[1]}%vb1]:5562',
                                    '169.254.7.1:5562', '169.254.8.1:5562']), found
    # One link goes: it stays the same entity on the other.
    sh('ip', '-n', net.name('b'), 'link', 'set', 'vb0', 'down')
    b.expect(r'changed juliet@pronto .* ifs:vb1 .*')
    a.quit()
    b.expect('gone juliet@pronto', GOODBYE_DEADLINE)
    b.quit()


@both(links=2)
def interfaces__restrict_both_directions__when_named(net, backend):
    a = Peer(net, 'a', backend, 'va1')
    b = Peer(net, 'b', backend)
    c = Peer(net, 'b', backend, 'vb0')
    a.say('browse')
    b.say('browse')
    c.say('browse')
    a.say('announce juliet pronto 5562')
    b.expect(r'found juliet@pronto .* ifs:vb1( .*)?$')  # what its TXT record says may come later
    c.say('announce romeo forza 5563')
    b.expect(r'found romeo@forza .*')
    c.expect('own romeo@forza')
    assert not [x for x in c.pending() if 'juliet' in x]
    assert not [x for x in a.pending() if 'romeo' in x]
    b.say('resolve juliet@pronto')
    assert '169.254.7.1' not in b.expect(r'resolved 5562 (.*)').group(1)
    for peer in (a, b, c):
        peer.quit()


@test()
def announce__follows__when_an_interface_comes_later(net, backend):
    sh('ip', '-n', net.name('a'), 'link', 'set', 'va0', 'down')
    a = Peer(net, 'a', backend)
    b = Peer(net, 'b', backend)
    b.say('browse')
    a.say('announce juliet pronto 5562')
    a.expect('own juliet@pronto')
    sh('ip', '-n', net.name('a'), 'link', 'set', 'va0', 'up')
    b.expect(r'found juliet@pronto .*')
    b.say('resolve juliet@pronto')
    b.expect(r'resolved 5562 .*')
    a.quit()
    b.quit()


@test()
def processes__see_each_other__on_loopback_alone(net, backend):
    a = Peer(net, 'a', backend, 'lo')
    b = Peer(net, 'a', backend, 'lo')
    b.say('browse')
    a.say('announce juliet pronto 5562')
    b.expect(r'found juliet@pronto .* ifs:lo .*')
    b.say('resolve juliet@pronto')
    b.expect(r'resolved 5562 .*127\.0\.0\.1:5562.*')
    a.quit()
    b.expect('gone juliet@pronto', GOODBYE_DEADLINE)
    b.quit()


@test()
def announce__refuses__what_cannot_be_announced(net, backend):
    a = Peer(net, 'a', backend)
    for line, error in (('announce juliet pronto 0', 'invalid-call'),
                        ('announce ju@liet pronto 1', 'format'),
                        ('announce juliet pro_nto 1', 'format'),
                        ('announce juliet -pronto 1', 'format'),
                        (f'announce {"j" * 50} pronto 1', 'format'),
                        ('announce juliet pronto 1 tags=65', 'limit'),
                        ('update nick=J', 'invalid-call')):
        a.say(line)
        a.expect(f'failed {error}')
    big = 'x' * 240
    a.say(f'announce juliet pronto 1 nick={big} 1st={big} last={big} email={big} jid={big}')
    a.expect('failed limit')
    a.say('withdraw')
    a.expect('withdrawn')
    a.quit()


@test(backend='daemon', daemons='ab')
def daemon__keeps_the_real_host_name__out_of_srv(net, backend):
    a = Peer(net, 'a', backend)
    b = Peer(net, 'b', backend)
    b.say('browse')
    a.say('random 5562')
    name = a.expect(r'own (.*)').group(1)
    b.expect(rf'found {name} .*')
    out = subprocess.run(net.enter('b') + ['avahi-browse', '-prtk', '_presence._tcp'], check=True,
                         capture_output=True, text=True, env=net.env('b')).stdout
    assert f'{name.split("@")[1]}.local' in out, out
    assert 'real-a' not in out, out
    # A profile that names the machine itself uses the daemon's records.
    a.say('announce juliet real-a 5562')
    a.expect('own juliet@real-a')
    b.expect(r'found juliet@real-a .*')
    b.say('resolve juliet@real-a')
    b.expect(r'resolved 5562 .*169\.254\.7\.1:5562.*')
    a.quit()
    b.quit()


@test(backend='daemon', daemons='a')
def daemon_and_embedded__see_each_other__either_way(net, backend):
    a = Peer(net, 'a', backend)
    b = Peer(net, 'b', 'embedded')
    for peer, name in ((a, 'juliet'), (b, 'romeo')):
        peer.say('browse')
        peer.say(f'announce {name} box-{name} 5562')
    a.expect(r'found romeo@box-romeo .*')
    b.expect(r'found juliet@box-juliet .*')
    # In process beside a daemon of the same machine.
    c = Peer(net, 'a', 'embedded')
    c.say('browse')
    c.say('announce tybalt box-tybalt 5563')
    c.expect('own tybalt@box-tybalt')
    b.expect(r'found tybalt@box-tybalt .*')
    a.expect(r'found tybalt@box-tybalt .*')
    for peer in (a, b, c):
        peer.quit()


def until_backend(peer, name):
    """Asks until the answer is name; each question waits for its answer."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        peer.say('backend')
        if peer.expect(r'backend (\w+)').group(1) == name:
            return
        peer.read(0.1)
    raise AssertionError(f'{peer.label}: never {name}')


@test(backend='auto', daemons='a')
def auto__goes_on_in_process__when_the_daemon_goes_and_comes(net, backend):
    a = Peer(net, 'a', backend)
    b = Peer(net, 'b', 'embedded')
    a.say('backend')
    a.expect('backend daemon')
    a.say('browse')
    b.say('browse')
    a.say('announce juliet pronto 5562')
    b.say('announce romeo forza 5563')
    b.expect(r'found juliet@pronto .*')
    a.expect(r'found romeo@forza .*')
    net.stop('a', 'avahi')
    until_backend(a, 'embedded')
    # If it was away for b at all, it is back.
    a.say('update status=away')
    b.expect(r'(found|changed) juliet@pronto status:1 .*')
    b.say('resolve juliet@pronto')
    b.expect(r'resolved 5562 .*')
    net.start_avahi('a')
    until_backend(a, 'daemon')
    a.say('update status=dnd')
    b.expect(r'(found|changed) juliet@pronto status:2 .*')
    # Through both changes the other one stayed for a.
    assert not [x for x in a.pending() if x.startswith(('gone', 'own', 'error'))]
    b.quit()
    a.expect('gone romeo@forza', GOODBYE_DEADLINE)
    a.quit()


@test(backend='auto')
def auto__works_in_process__without_any_bus(net, backend):
    a = Peer(net, 'a', backend)
    a.say('backend')
    a.expect('backend embedded')
    a.say('announce juliet pronto 5562')
    a.expect('own juliet@pronto')
    a.quit()


@test(backend='daemon')
def daemon__waits__until_it_comes(net, backend):
    net.start_bus('a')
    a = Peer(net, 'a', backend)
    a.say('backend')
    a.expect('backend none')
    a.say('browse')
    a.say('announce juliet pronto 5562')
    net.start_avahi('a')
    a.expect('own juliet@pronto')
    net.stop('a', 'bus')
    until_backend(a, 'none')
    a.say('announce juliet pronto-x 5562')
    a.quit()


def run(function, links, backend, daemons):
    net = Net(links)
    try:
        for host in daemons:
            net.start_bus(host)
            net.start_avahi(host)
        function(net, backend)
    finally:
        for peer in list(Peer.peers):
            peer.kill()
        net.close()


def main():
    wanted = sys.argv[2:]
    failed = 0
    for function, links, backend, daemons in TESTS:
        title = f'{function.__name__} [{backend}]'
        if wanted and not any(word in title for word in wanted):
            continue
        begin = time.monotonic()
        try:
            run(function, links, backend, daemons)
            print(f'ok      {title} {time.monotonic() - begin:.1f} s', flush=True)
        except (AssertionError, OSError, subprocess.SubprocessError, AttributeError):
            traceback.print_exc()
            print(f'FAILED  {title}', flush=True)
            failed += 1
    return 1 if failed else 0


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    become_root()
    Peer.program = os.path.abspath(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
