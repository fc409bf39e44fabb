"""Write the manager events of five calls, as the pbx and the gate send them, into ``transcripts/``.

Run by hand against a fresh lab when Asterisk or the dialplan changes: ``python -m tests.asterisk.write_transcripts``.
"""

import asyncio
from pathlib import Path

from telephony.workshop.lab import LabOptions, lab_down, lab_up, phone_login
from telephony.workshop.lab.launch import await_fact, log_faults
from tests.asterisk.lab_peers import FastAgiStub, ManagerListener, originate

FOLDER = Path(__file__).parent / "transcripts"
CALLS = {
    "answered": "33199000102",  # rings a second, answers, speaks two seconds, hangs up; connected to seat 1
    "abandoned": "33199000130",  # the same, but no operator is free: the message, then the pbx hangs up
    "busy": "33199005000",
    "ring_out": "33199007000",
    "refused": "",  # an unknown permit
    "early_media": "33199008202",
    "unallocated": "33199005200",
    "not_recorded": "33199000102",
}


async def main() -> None:
    lab = await asyncio.to_thread(lab_up, LabOptions(seats=1))
    try:
        async with FastAgiStub(lab).listening() as stub:
            await asyncio.to_thread(phone_login, lab, 1)
            for name, number in CALLS.items():
                async with ManagerListener(lab.pbx).connected() as pbx, ManagerListener(lab.gate).connected() as gate:
                    stub.seat = None if name == "abandoned" else "1"
                    permit = stub.allow(number or "33199000102")
                    if name == "not_recorded":
                        (lab.gate.spool / "monitor" / f"{permit.recording}.wav").write_text("taken")
                    attempt = await originate(pbx, permit.permit_id if number else "p" + "1" * 36)
                    await pbx.event("Hangup", Uniqueid=attempt, timeout_s=30)
                    await gate.until(lambda gate=gate: balanced(gate.events))
                    for side, listener in (("pbx", pbx), ("gate", gate)):
                        (FOLDER / f"{name}-{side}.txt").write_text("".join(listener.raw).replace("\r\n", "\n"))
        await_fact("no complaint", lambda: not log_faults(lab.pbx.log), 1)
    finally:
        lab_down(lab.lab_id)


def balanced(events: list[dict[str, str]]) -> bool:
    """Return True if every channel that began has ended."""
    names = [event["Event"] for event in events]
    return 0 < names.count("Newchannel") == names.count("Hangup")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    asyncio.run(main())
