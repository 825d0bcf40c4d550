#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`troth demo`: that it plays all of it, cleans up, and fails when something didn't happen."""
import os
import pathlib

from command import Command, main


class Demo(Command):
    def setUp(self):
        super().setUp()
        self.tmp = self.folder / "tmp"
        self.tmp.mkdir()

    def play(self, *words, **env):
        path = os.environ["PATH"] + ":/usr/sbin:/sbin"
        result = self.run_troth("demo", "--json", *words, env={"TMPDIR": str(self.tmp), "PATH": path, **env})
        self.assertEqual(list(self.tmp.iterdir()), [], "everything is removed")
        self.assertFalse(self.home.exists(), "nothing of the user's is touched")
        return result

    def test_story__happens_on_a_network_of_its_own(self):
        result = self.play()
        self.assertEqual(result.status, 0, result.out + result.err)
        scenes = result.json_lines
        self.assertTrue(all(scene["happened"] for scene in scenes))
        self.assertEqual([scene["scene"] for scene in scenes],
                         ["keys", "wait", "find", "meet", "talk", "part", "recognise", "again", "impostor"])

    def test_story__happens_on_loopback__without_finding(self):
        result = self.play("--loopback")
        self.assertEqual(result.status, 0, result.out + result.err)
        self.assertEqual([scene["scene"] for scene in result.json_lines],
                         ["keys", "wait", "meet", "talk", "part", "again", "impostor"])

    def test_demo__fails__without_a_network_to_play_on(self):
        result = self.play(PATH=str(pathlib.Path("/nowhere")))
        self.assertEqual(result.status, 1)
        self.assertIn("--loopback", result.json["error"]["next"])


if __name__ == "__main__":
    main()
