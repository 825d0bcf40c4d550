# SPDX-License-Identifier: MIT
"""Real XMPP servers for tests: Prosody and ejabberd, each from a folder of its own, on loopback.

    with Prosody() as server:
        server.port; server.ca; server.start(); server.stop(); server.register("romeo", "rpass")

Both serve montague.test and capulet.test by certificates of a CA that is made for them. Nothing of
the system's configuration is read or touched. A server runs in the network of whoever starts it; with
`prefix` in another one (Host.prefix of namespace.py). Standard library and the openssl command only.
"""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "net"))

from authority import openssl  # noqa: E402
from process import Process  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
DOMAINS = ("montague.test", "capulet.test")
# The least that a started server is given; a loaded machine is slow.
READY = 60


def free_port(address="127.0.0.1"):
    """A port that nobody has just now."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


class Certificates:
    """A CA and a certificate of each domain, all in a folder: ca.pem, DOMAIN.crt, DOMAIN.key, and
    DOMAIN.pem with both."""

    def __init__(self, folder, domains, wrong=()):
        self.folder, self.ca = folder, folder / "ca.pem"
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]
        openssl("req", "-x509", *curve, "-keyout", folder / "ca.key", "-out", self.ca, "-days", "30",
                "-subj", "/CN=Test CA", "-addext", "basicConstraints=critical,CA:TRUE")
        for domain in domains:
            names = f"subjectAltName=DNS:{domain}"
            openssl("req", "-x509", *curve, "-CA", self.ca, "-CAkey", folder / "ca.key", "-days", "30",
                    "-keyout", folder / f"{domain}.key", "-out", folder / f"{domain}.crt",
                    "-subj", f"/CN={domain}", "-addext", names,
                    "-addext", "basicConstraints=critical,CA:FALSE")
            if domain in wrong:  # shows the certificate of another one
                for kind in ("crt", "key"):
                    shutil.copy(folder / f"{domains[0]}.{kind}", folder / f"{domain}.{kind}")
            both = (folder / f"{domain}.crt").read_text() + (folder / f"{domain}.key").read_text()
            (folder / f"{domain}.pem").write_text(both)


class Server:
    """What both have in common. `address` is where it listens, `proxy` where it says that its SOCKS5
    proxy does ("": it has none), `more` and `ports` what its configuration has besides, at the
    end and among what is global."""

    name = None

    def __init__(self, domains=DOMAINS, address="127.0.0.1", prefix=(), accounts=(), wrong=(), proxy=None,
                 more="", ports=""):
        self.more, self.ports = more, ports
        self.domains, self.address, self.prefix = domains, address, list(prefix)
        self.proxy = address if proxy is None else proxy
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"troth-{self.name}-"))
        self.port, self.proxy_port = free_port(), free_port()
        self.process = None
        try:
            self.certificates = Certificates(self.folder, domains, wrong)
            self.ca = self.certificates.ca
            self.configure()
            self.start()
            for jid, password in accounts:
                self.register(jid, password)
        except BaseException:
            self.close()
            raise

    def listens(self):
        if self.prefix:  # where this process isn't
            knock = f"exec 3<>/dev/tcp/{self.address}/{self.port}"
            return subprocess.run([*self.prefix, "bash", "-c", knock], capture_output=True).returncode == 0
        try:
            socket.create_connection((self.address, self.port), 1).close()
            return True
        except OSError:
            return False

    def wait_ready(self):
        until = time.monotonic() + READY
        while not self.listens():
            assert self.process._child.poll() is None, self.log()
            assert time.monotonic() < until, self.log()
            time.sleep(0.02)

    def stop(self):
        """In order: it tells its clients."""
        self.process.close()
        self.process = None

    def kill(self):
        self.process.kill()
        self.process.close()
        self.process = None

    def close(self):
        if self.process:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Prosody(Server):
    """Prosody; ready in a tenth of a second."""

    name = "prosody"
    s2s = ""  # the port for other servers
    s2s_modules = 'modules_disabled={"s2s","s2s_auth_certs","offline"}'
    modules = ()  # those of this folder, mod_NAME.lua
    settings = ""  # theirs

    def configure(self):
        hosts = "".join(
            f"""VirtualHost "{domain}"
  ssl={{certificate="{self.folder}/{domain}.crt",key="{self.folder}/{domain}.key",
       cafile="{self.folder}/ca.pem"}}
""" for domain in self.domains)
        acl = ",".join(f'"{domain}"' for domain in self.domains)
        (self.folder / "data").mkdir()
        self.config = self.folder / "prosody.cfg.lua"
        self.config.write_text(f"""
{"run_as_root = true" if os.geteuid() == 0 else ""}
data_path="{self.folder}/data"; pidfile="{self.folder}/prosody.pid"; certificates="{self.folder}"
interfaces={{"{self.address}"}}
log={{{{levels={{min="info"}},to="file",filename="{self.folder}/prosody.log"}}}}
c2s_ports={{{self.port}}}; c2s_direct_tls_ports={{}}; s2s_ports={{{self.s2s}}}; s2s_direct_tls_ports={{}}
http_ports={{}}; https_ports={{}}
{self.ports}
proxy65_ports={{{self.proxy_port}}}; proxy65_interfaces={{"{self.address}"}}
network_settings={{ nagle=false }}
plugin_paths={{"{HERE}"}}; {self.settings}
modules_enabled={{"roster","saslauth","tls","disco","pep","ping","blocklist","version","smacks",
  {"".join(f'"{module}",' for module in self.modules)}}}
{self.s2s_modules}
authentication="internal_hashed"; storage="internal"; c2s_require_encryption=true
{hosts}""" + (f"""Component "proxy.{self.domains[0]}" "proxy65"
  proxy65_address="{self.proxy}"; proxy65_acl={{{acl}}}
""" if self.proxy else "") + self.more)

    def start(self):
        self.process = Process([*self.prefix, "prosody", "--config", self.config, "-F"],
                               name="prosody", cwd=self.folder)
        self.wait_ready()

    def register(self, jid, password):
        user, domain = jid.split("@")
        subprocess.run(["prosodyctl", "--config", self.config, "register", user, domain, password],
                       check=True, capture_output=True)

    def log(self):
        path = self.folder / "prosody.log"
        return path.read_text() if path.exists() else self.process.transcript


class Interpreting(Prosody):
    """Prosody with mod_interpreter.lua: `applications` are called by the name of ours, and ours by that
    of the first; candidates of the types in `cut` lead nowhere."""

    modules = ("interpreter",)

    def __init__(self, applications=(), cut=(), **how):
        interpret, types = (",".join(f'"{name}"' for name in names) for names in (applications, cut))
        self.settings = f"interpret={{{interpret}}}; cut_candidates={{{types}}};"
        super().__init__(**how)

    def jingle(self):
        """The Jingle stanzas that went through, in order, as their senders wrote them."""
        return re.findall(r"jingle (<iq .*)$", self.log(), re.M)


class Federated(Prosody):
    """Prosody with one domain on a machine of its own (namespace.Host), which finds others by DNS: on
    that machine, with the names in `domains_at` ({domain: address})."""

    s2s = "5269"
    s2s_modules = 'modules_disabled={"offline"}'

    def __init__(self, host, domain, domains_at, certificates, accounts=()):
        self.host, self.shared = host, certificates
        self.prefix = ["nsenter", "--target", str(host.pid), "--net", "--mount", "--uts", "--"]
        names = [f"{name}={address}" for name, address in domains_at.items()]
        self.dns = host.spawn([sys.executable, "-B", HERE / "dns.py", host.address, "15222", *names])
        self.dns.wait_for("^ready$")
        super().__init__(domains=(domain,), address=host.address, prefix=self.prefix, accounts=accounts)

    def configure(self):
        resolv = self.folder / "resolv.conf"
        resolv.write_text(f"nameserver {self.host.address}\n")
        self.host.run("mount", "--bind", resolv, "/etc/resolv.conf")
        for file in self.shared.iterdir():
            shutil.copy(file, self.folder)
        self.ca = self.folder / "ca.pem"
        self.port = 15222  # not the usual one: SRV says it
        super().configure()

    def wait_ready(self):
        until = time.monotonic() + READY
        while "Activated service 's2s'" not in self.log():
            assert time.monotonic() < until, self.log()
            time.sleep(0.02)

    def close(self):
        super().close()
        self.dns.close()


class Ejabberd(Server):
    """ejabberd, without ejabberdctl, which wants its own user; ready in a second or two."""

    name = "ejabberd"
    node = "ej1"
    roster_cache = "true"

    def configure(self):
        self.epmd = free_port()
        (self.folder / "spool").mkdir()
        (self.folder / "log").mkdir()
        certificates = ", ".join(f'"{self.folder}/{domain}.pem"' for domain in self.domains)
        (self.folder / "ejabberd.yml").write_text(f"""
hosts: [{", ".join(self.domains)}]
certfiles: [{certificates}]
listen:
  - {{port: {self.port}, ip: "{self.address}", module: ejabberd_c2s, starttls_required: true,
     max_stanza_size: 262144}}
auth_password_format: scram
acl: {{local: {{user_regexp: ""}}}}
access_rules: {{local: {{allow: local}}}}
shaper_rules: {{max_user_sessions: 10, c2s_shaper: none, s2s_shaper: none}}
modules:
  mod_disco: {{}}
  mod_caps: {{}}
  mod_roster: {{use_cache: {self.roster_cache}}}
  mod_ping: {{}}
  mod_admin_extra: {{}}
  mod_stream_mgmt: {{}}
  mod_privacy: {{}}
  mod_blocking: {{}}
  mod_pubsub: {{access_createnode: local, max_items_node: 256, last_item_cache: false,
    plugins: [flat, pep]}}
""" + (f"""  mod_proxy65: {{hosts: ["proxy.@HOST@"], hostname: "{self.proxy}", ip: "{self.address}",
    port: {self.proxy_port}, access: local, shaper: none}}
""" if self.proxy else ""))
        self.env = {
            "EJABBERD_CONFIG_PATH": self.folder / "ejabberd.yml", "HOME": self.folder,
            "EJABBERD_LOG_PATH": self.folder / "log" / "ejabberd.log",
            "ERL_LIBS": next(str(p.parent.parent) for p in pathlib.Path("/usr/lib").glob("*/ejabberd-*/ebin")),
        }
        self.distribution = ["-erl_epmd_port", str(self.epmd), "-start_epmd", "false", "-setcookie", "c",
                             "-kernel", "inet_dist_use_interface", "{127,0,0,1}"]

    def names(self, name):
        """How a node of that name is called."""
        return ["-sname", f"{name}@localhost"]

    def start(self):
        self.process = Process([*self.prefix, "erl", *self.names(self.node), *self.distribution,
                                "-mnesia", "dir", f'"{self.folder}/spool"', "-s", "ejabberd", "-noinput"],
                               env=self.env, name="ejabberd", cwd=self.folder)
        self.wait_ready()
        self.control("status")

    def control(self, *words):
        """A command of ejabberdctl."""
        done = subprocess.run(
            ["erl", *self.names(f"ctl{os.getpid()}"), *self.distribution, "-dist_listen", "false",
             "-hidden", "-noinput", "-s", "ejabberd_ctl", "-extra", self.names(self.node)[1], *words],
            env={**os.environ, **{k: str(v) for k, v in self.env.items()}}, capture_output=True, text=True,
            timeout=READY)
        assert done.returncode == 0, done.stdout + done.stderr + self.log()
        return done.stdout

    def register(self, jid, password):
        self.control("register", *jid.split("@"), password)

    def log(self):
        path = self.folder / "log" / "ejabberd.log"
        return (path.read_text() if path.exists() else "") + self.process.transcript[-2000:]


class Cluster:
    """Two nodes of ejabberd that are one service: `nodes`, each with a port of its own."""

    def __init__(self, accounts=()):
        self.nodes = []
        self.epmd = free_port()
        try:
            self.nodes = [_Node(1, self.epmd)]
            self.nodes.append(_Node(2, self.epmd, self.nodes[0]))
            self.ca = self.nodes[0].ca
            for jid, password in accounts:
                self.nodes[0].register(jid, password)
        except BaseException:
            self.close()
            raise

    def register(self, jid, password):
        self.nodes[0].register(jid, password)

    def close(self):
        for node in reversed(self.nodes):
            node.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class _Node(Ejabberd):
    """A node with an address of its own, 127.0.0.N, which joins `first` if there is one."""

    # A node empties the other's cache before that one has what was written: asked in between, it
    # reads the old roster into its cache and answers so for good.
    roster_cache = "false"

    def __init__(self, number, epmd, first=None):
        self.number, self.shared_epmd, self.first = number, epmd, first
        super().__init__(address=f"127.0.0.{number}")
        if first:
            self.control("join_cluster", f"ej1@{first.address}")

    def configure(self):
        if self.first:  # one service shows one certificate
            for file in self.first.folder.glob("*.*"):
                if file.suffix in (".pem", ".crt", ".key"):
                    shutil.copy(file, self.folder)
        super().configure()
        self.epmd = self.shared_epmd
        self.distribution = ["-erl_epmd_port", str(self.epmd), "-start_epmd", "false", "-setcookie", "c",
                             "-kernel", "inet_dist_use_interface", "{%s}" % self.address.replace(".", ",")]
        self.node = f"ej{self.number}"

    def names(self, name):
        return ["-name", f"{name}@{self.address}"]
