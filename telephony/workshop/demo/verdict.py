"""The verdict: what was promised against database, archive and the gate's own call records."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from telephony.app.wiring.services import Services
from telephony.app.workbench import workbench
from telephony.asterisk.call_records import gate_legs
from telephony.domain.calls.attempts import Attempt, CallState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import CampaignProgress
from telephony.domain.evidence.ledger import first_break
from telephony.domain.evidence.proof import Proof, match
from telephony.domain.evidence.recordings import Recording, RecordingQuery
from telephony.workshop.demo.crash import Crash
from telephony.workshop.demo.setup import Stage

LENGTH_TOLERANCE_S: Final = 0.3
AUDIBLE: Final = 0.05
"""Peak level, of 1, above which a side was heard."""
ALL: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the demonstration shows.

    Attributes:
        connected: attempts connected to an operator.
        recorded: recordings with audio.
        faults: one message for each promise that was not kept.
        crash: the result of a crash of the controller, when one was planned.
    """

    attempts: int
    connected: int
    recorded: int
    proof: Proof
    progress: CampaignProgress
    outcomes: dict[str, int]
    talks: dict[str, tuple[int, timedelta]]
    faults: tuple[str, ...]
    crash: Crash | None = None

    def with_crash(self, crash: Crash) -> "Verdict":
        """Return the verdict with the crash, its fault first."""
        return replace(self, crash=crash, faults=(crash.fault, *self.faults) if crash.fault else self.faults)

    def line(self) -> str:
        """Return the last line of the demonstration."""
        if self.faults:
            return "DEMO FAILED: " + self.faults[0]
        return (
            f"DEMO OK attempts={self.attempts} connected={self.connected} recorded={self.recorded}"
            f" trunk_legs={self.proof.trunk_legs} without_permit={self.proof.without_permit}"
            f" without_recording={self.proof.without_recording}"
        )


async def judge(stage: Stage, *, is_whole_list: bool = True) -> Verdict:
    """Check everything; ``is_whole_list``: no lead may be left waiting."""
    async with workbench(stage.settings) as bench:
        attempts = list(await bench.store.attempts.recent(None, ALL))
        recordings = list(await bench.store.recordings.search(RecordingQuery(answered_only=False, limit=ALL)))
        progress = await bench.store.campaigns.progress(stage.campaign.campaign_id)
        recorded = {recording.tag.attempt_id: recording.file is not None for recording in recordings}
        proof = match(gate_legs(stage.settings.gate.log), attempts, recorded)
        faults = [*proof.gaps, *_unfinished(attempts)]
        if is_whole_list and (progress.waiting or progress.in_progress):
            faults.append(f"{progress.waiting} leads wait and {progress.in_progress} are in progress")
        for recording in recordings:
            faults += await _heard(bench, recording)
        broken = first_break([entry async for entry in bench.store.ledger.entries()])
        if broken:
            faults.append(f"the ledger is broken: {broken}")
        faults += [incident.text for incident in await bench.store.ledger.open_incidents()]
    connected = [attempt for attempt in attempts if attempt.connected_at is not None]
    if not connected:
        faults.append("nobody was connected to an operator")
    return Verdict(
        attempts=len(attempts),
        connected=len(connected),
        recorded=sum(recorded.values()),
        proof=proof,
        progress=progress,
        outcomes=dict(Counter(str(attempt.outcome) for attempt in attempts)),
        talks=_talks(recordings),
        faults=tuple(faults),
    )


def _unfinished(attempts: list[Attempt]) -> list[str]:
    return [
        f"attempt {attempt.attempt_id} is still {attempt.state}"
        for attempt in attempts
        if attempt.state is not CallState.ENDED
    ]


async def _heard(bench: Services, recording: Recording) -> list[str]:
    """Check one recording: intact, as long as the call, and both voices on their own channels when connected."""
    if recording.file is None:
        return []
    which = f"recording {recording.tag.recording_id}"
    if not await bench.archive.verify(recording.file):
        return [f"{which}: the file is not the one that was kept"]
    if recording.tag.answered_at is None or recording.tag.operator_id is None:
        return []
    faults = []
    talked_s = (recording.tag.ended_at - recording.tag.answered_at).total_seconds()
    off_s = recording.file.length_s - recording.file.before_answer_s - talked_s
    if abs(off_s) > LENGTH_TOLERANCE_S:
        faults.append(f"{which}: {off_s:+.2f} s longer than the call")
    left, right = await bench.archive.peaks(recording.file, 50)
    for side, peaks in (("operator", left), ("called person", right)):
        if max(peaks, default=0.0) < AUDIBLE:
            faults.append(f"{which}: the {side} cannot be heard")
    return faults


def _talks(recordings: list[Recording]) -> dict[str, tuple[int, timedelta]]:
    talks: dict[str, tuple[int, timedelta]] = {}
    for recording in recordings:
        if recording.tag.operator_id is not None and recording.tag.answered_at is not None:
            count, total = talks.get(recording.tag.operator, (0, timedelta()))
            talks[recording.tag.operator] = (count + 1, total + (recording.tag.ended_at - recording.tag.answered_at))
    return talks


def outcome_words() -> tuple[str, ...]:
    """Return the outcomes in the order they are shown."""
    return tuple(Outcome)
