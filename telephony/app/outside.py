"""What the services reach the world through, made from the settings; nothing is connected here."""

from dataclasses import dataclass

from telephony.app.system import SystemClock, SystemDice
from telephony.archive import LocalArchive
from telephony.asterisk.agi import FastAgiDesk
from telephony.asterisk.switch import GateEvents, PbxSwitch
from telephony.ports.archive import Archive
from telephony.ports.clock import Clock, Dice
from telephony.ports.switch import AgiDesk, GateWatch, Switch
from telephony.settings import Settings
from telephony.wire.verdict_key import verdict_key


@dataclass(frozen=True, slots=True)
class Outside:
    """What the services reach the world through: the adapters of a real site, or their doubles."""

    pbx: Switch
    gate: GateWatch
    agi: AgiDesk
    archive: Archive
    clock: Clock
    dice: Dice


def outside(settings: Settings) -> Outside:
    """Make the adapters of a real site; nothing is connected."""
    clock = SystemClock()
    return Outside(
        pbx=PbxSwitch(
            str(settings.pbx.ami_host),
            settings.pbx.ami_port,
            settings.pbx.ami_user,
            settings.pbx.ami_secret.get_secret_value(),
            clock.now,
        ),
        gate=GateEvents(
            str(settings.gate.ami_host),
            settings.gate.ami_port,
            settings.gate.ami_user,
            settings.gate.ami_secret.get_secret_value(),
            clock.now,
        ),
        agi=FastAgiDesk(
            str(settings.controller.agi_host),
            settings.controller.agi_port,
            _agi_peers(settings),
            keys={"verdict": verdict_key(settings.gate.ami_secret.get_secret_value())},
        ),
        archive=LocalArchive(settings.gate.spool / "monitor", settings.recording.archive),
        clock=clock,
        dice=SystemDice(),
    )


def _agi_peers(settings: Settings) -> set[str]:
    """Addresses the two instances ask from; on one machine that is 127.0.0.1; the network rules tell users apart."""
    peers = {str(settings.pbx.sip_host), str(settings.gate.sip_host)}
    return peers | {"127.0.0.1"} if settings.controller.agi_host.is_loopback else peers
