#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`troth policy`, and certificates by `troth id csr`, `import` and `delegate`."""
import os
import pathlib
import subprocess
import sys

from command import Command, main

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "net"))
from authority import Authority, openssl  # noqa: E402


class Policy(Command):
    def setUp(self):
        super().setUp()
        self.ca = Authority(self.folder)

    def test_check__passes_a_good_one(self):
        path = self.ca.policy(more="  proxies 2\n")
        self.assertIn("1 certificate authority", self.troth("policy", "check", path).out)
        self.assertEqual(self.troth("policy", "check", path, "--json").json,
                         {"file": str(path), "cas": 1})
        self.assertFalse(self.home.exists(), "nothing is needed to check a file")

    def test_check__says_the_line__as_compilers_do(self):
        path = self.ca.policy(more="  pin perhaps\n")
        result = self.fails(1, "policy", "check", path)
        self.assertEqual(result.err, f"{path}:5:7: Here one of these is expected: no, yes.\n")
        error = self.run_troth("policy", "check", path, "--json").json["error"]
        self.assertEqual((error["name"], error["line"], error["column"]), ("policy", 5, 7))

    def test_check__says_the_line_of_a_file_that_cant_be_used(self):
        path = self.ca.policy(more="  crl nowhere.crl\n")
        self.assertIn(f"{path}:5:7: {self.ca.folder}/nowhere.crl can't be used: No such file",
                      self.fails(1, "policy", "check", path).err)
        path = self.ca.policy(more="  ocsp ca.crl\n")
        self.assertIn(":5:8:", self.fails(1, "policy", "check", path).err)
        path = self.ca.policy(more="  trust ca.key\n")
        self.assertIn("no certificate", self.fails(1, "policy", "check", path).err)

    def test_check__refuses_what_others_can_change(self):
        path = self.ca.policy()
        self.ca.cert.chmod(0o666)
        self.assertIn(":2:9:", self.fails(1, "policy", "check", path).err)
        self.ca.cert.chmod(0o644)
        path.chmod(0o666)
        self.assertIn("Others can change it", self.fails(1, "policy", "check", path).err)

    def test_check__fails__where_there_is_none(self):
        self.fails(1, "policy", "check")
        self.fails(1, "policy", "check", "/nowhere")
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        for path in fifo, self.folder, "/dev/null":
            self.assertIn("It isn't a regular file", self.fails(1, "policy", "check", path).err)
        self.fails(2, "policy")
        self.fails(2, "policy", "chek")

    def test_check__finds_the_usual_place(self):
        usual = self.folder / ".config" / "troth"
        usual.mkdir(parents=True)
        (usual / "policy").write_text("chat verified\n")
        self.assertIn(str(usual / "policy"), self.troth("policy", "check").out)
        (self.folder / "xdg" / "troth").mkdir(parents=True)
        (self.folder / "xdg" / "troth" / "policy").write_text("chut verified\n")
        self.fails(1, "policy", "check", env={"XDG_CONFIG_HOME": str(self.folder / "xdg")})

    def test_show__says_all_of_it(self):
        path = self.ca.policy(more="  subject \"CN=*,O=Test\"\n  pin yes\n")
        shown = self.troth("policy", "show", "--policy", path, "--json").json
        self.assertEqual(shown["chat"], "verified")
        ca = shown["cas"][0]
        self.assertEqual((ca["name"], ca["for"], ca["subjects"], ca["proof"], ca["pin"], ca["proxies"]),
                         ("test", ["*@example.com"], ["CN=*,O=Test"], "ca", True, 0))
        self.assertEqual(len(ca["pins"][0]), 64)
        self.assertIn("CN=*,O=Test", self.troth("policy", "show", path).out)


class Certificates(Command):
    def setUp(self):
        super().setUp()
        self.ca = Authority(self.folder)
        self.init("home", "--jid", "romeo@example.com")

    def request(self, *words):
        return self.troth("id", "csr", *words).out

    def test_csr__asks_for_the_address(self):
        text = openssl("req", "-noout", "-text", "-verify", input=self.request().encode()).decode()
        self.assertIn("URI:xmpp:romeo@example.com", text)
        other = self.request("--jid", "Romeo@Example.org")
        self.assertIn("URI:xmpp:romeo@example.org",
                      openssl("req", "-noout", "-text", input=other.encode()).decode())
        self.fails(2, "id", "csr", "--jid", "a@b/c")
        self.init("random")
        self.fails(2, "id", "csr", home=self.folder / "random")

    def test_import__takes_what_the_ca_signed__and_keeps_the_key(self):
        before = self.troth("id", "--json").json
        chain = self.ca.sign(self.request())
        self.troth("id", "import", chain)
        self.assertEqual(self.troth("id", "--json").json, before)
        pem = (self.home / "device.pem").read_text()
        self.assertEqual(pem.count("BEGIN CERTIFICATE"), 3)
        self.troth("id", "import", chain)
        self.assertEqual((self.home / "device.pem").read_text(), pem)

    def test_import__refuses_a_certificate_for_another_key(self):
        pem = (self.home / "device.pem").read_text()
        self.fails(1, "id", "import", self.ca.cert)
        self.fails(1, "id", "import", "/nowhere")
        self.fails(1, "id", "import", self.ca.crl)
        self.fails(2, "id", "import")
        self.assertEqual((self.home / "device.pem").read_text(), pem)

    def test_delegate__makes_a_home__whose_chain_openssl_accepts(self):
        self.troth("id", "import", self.ca.sign(self.request()))
        job = self.folder / "job"
        said = self.troth("id", "delegate", "--hours", "12", job, "--json").json
        self.assertEqual(said["home"], str(job))
        self.assertEqual((job / "device.pem").stat().st_mode & 0o777, 0o600)
        done = subprocess.run(["openssl", "verify", "-allow_proxy_certs", "-CAfile", self.ca.cert,
                               "-untrusted", job / "device.pem", job / "device.pem"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.init("friend")
        self.fails(4, "trust", "pin", "Job", self.cert(job), home=self.folder / "friend")
        self.fails(1, "id", "delegate", "--hours", "1", job)  # it has a key
        self.fails(4, "id", "delegate", "--hours", "1", self.folder / "further", home=job)
        self.fails(2, "id", "delegate", job)
        self.fails(2, "id", "delegate", "--hours", "0", job)


if __name__ == "__main__":
    main()
