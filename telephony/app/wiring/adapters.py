"""The adapters between the services and the outside, made from the settings; nothing is connected here."""

from dataclasses import dataclass

from telephony.app.wiring.daily_proof import GateFiles
from telephony.app.wiring.system import SystemClock, SystemDice
from telephony.archive import LocalArchive
from telephony.asterisk.agi import FastAgiServer
from telephony.asterisk.switch import GateEvents, PbxSwitch
from telephony.ports.calls.switch import AgiServer, GateWatch, Switch
from telephony.ports.clock import Clock, Dice
from telephony.ports.evidence.archive import Archive
from telephony.ports.evidence.proof import CallRecords
from telephony.settings import Settings
from telephony.settings.models import AsteriskSettings
from telephony.wire.verdict_key import verdict_key


@dataclass(frozen=True, slots=True)
class Outside:
    """The adapters of a real site, or their doubles."""

    pbx: Switch
    gate: GateWatch
    agi: AgiServer
    archive: Archive
    records: CallRecords
    clock: Clock
    dice: Dice


def outside(settings: Settings) -> Outside:
    """Make the adapters of a real site; nothing is connected."""
    clock = SystemClock()
    return Outside(
        pbx=PbxSwitch(*ami_of(settings.pbx), clock.now),
        gate=GateEvents(*ami_of(settings.gate), clock.now),
        agi=FastAgiServer(
            str(settings.controller.agi_host),
            settings.controller.agi_port,
            _agi_peers(settings),
            keys={"verdict": verdict_key(settings.gate.ami_secret.get_secret_value())},
        ),
        archive=LocalArchive(settings.gate.spool / "monitor", settings.recording.archive),
        records=GateFiles(settings),
        clock=clock,
        dice=SystemDice(),
    )


def ami_of(node: AsteriskSettings) -> tuple[str, int, str, str]:
    """Return host, port, account and secret of an instance's manager interface."""
    return str(node.ami_host), node.ami_port, node.ami_user, node.ami_secret.get_secret_value()


def _agi_peers(settings: Settings) -> set[str]:
    """Return the addresses that pbx and gate connect from, 127.0.0.1 on one host; network rules tell users apart."""
    peers = {str(settings.pbx.sip_host), str(settings.gate.sip_host)}
    return peers | {"127.0.0.1"} if settings.controller.agi_host.is_loopback else peers
