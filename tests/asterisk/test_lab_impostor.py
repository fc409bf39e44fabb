"""Who takes a dead controller's address gets no request: the network rules check which process speaks."""

import subprocess
import sys

import pytest

from telephony.workshop.lab import LabOptions
from tests.asterisk.lab_peers import LabMaker

pytestmark = pytest.mark.asterisk

IMPOSTOR = """
import os, socket, sys
os.setuid(int(sys.argv[3]))
listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
print("listening", flush=True)
peer, _ = listener.accept()
peer.sendall(b"VERDICT")
"""
ASKER = """
import os, socket, sys
os.setuid(int(sys.argv[3]))
with socket.socket() as asking:
    asking.settimeout(3)
    asking.connect((sys.argv[1], int(sys.argv[2])))
    print(asking.recv(100).decode(), flush=True)
"""


@pytest.mark.parametrize(("who", "answer"), [("pbx", ""), ("controller", "VERDICT")])
def test_only_the_controllers_user_answers_at_its_address(new_lab: LabMaker, who: str, answer: str):
    lab = new_lab(LabOptions(seats=1))
    assert lab.firewall_table, lab.firewall_note
    place = (lab.controller_host, str(lab.agi_port))
    user_id = lab.pbx.user_id if who == "pbx" else 0
    with subprocess.Popen(
        [sys.executable, "-c", IMPOSTOR, *place, str(user_id)], stdout=subprocess.PIPE, text=True
    ) as impostor:
        try:
            assert impostor.stdout is not None
            assert impostor.stdout.readline() == "listening\n"
            finished = subprocess.run(
                [sys.executable, "-c", ASKER, *place, str(lab.gate.user_id)],
                capture_output=True,
                text=True,
                timeout=20,
                check=False,
            )
        finally:
            impostor.kill()
    assert finished.stdout.strip() == answer, finished.stderr
