"""The description of a lab that ``lab_up`` made: one frozen ``Lab`` from its settings, addresses and process ids."""

from collections.abc import Mapping
from pathlib import Path

from telephony.settings import Settings
from telephony.workshop.lab.generate import CALLER_IDS, TRUNK, carrier_of
from telephony.workshop.lab.model import Lab, LabInstance, LabOptions, LabSeat
from telephony.workshop.lab.network import LabNetwork
from telephony.workshop.lab.tree import AsteriskTree


def describe(
    folder: Path,
    tree: AsteriskTree,
    options: LabOptions,
    place: LabNetwork,
    settings: Settings,
    pids: Mapping[str, int],
    firewall: tuple[str, str],
) -> Lab:
    """Return the lab in ``folder``; ``firewall`` is its table, or "" and why there is none."""
    host, port = carrier_of(options, place)
    return Lab(
        lab_id=folder.name,
        folder=folder,
        network=place.name,
        settings=folder / "telephony.toml",
        asterisk=tree.version,
        tree=tree.root,
        controller_host=str(settings.controller.agi_host),
        agi_port=settings.controller.agi_port,
        web_port=settings.web.port,
        database=settings.database.url,
        archive=settings.recording.archive,
        trunk=TRUNK,
        carrier=f"{host}:{port}",
        caller_ids=CALLER_IDS,
        pbx=_instance(folder, "pbx", place.user_id(0), pids, place, settings),
        gate=_instance(folder, "gate", place.user_id(1), pids, place, settings),
        world=_instance(folder, "world", place.user_id(2), pids, place, settings),
        seats=tuple(
            LabSeat(seat.number, f"seat{seat.number}", seat.secret.get_secret_value()) for seat in settings.seats
        ),
        firewall_table=firewall[0],
        firewall_note=firewall[1],
    )


def _instance(
    folder: Path, name: str, user_id: int, pids: Mapping[str, int], place: LabNetwork, settings: Settings
) -> LabInstance:
    node = {"pbx": settings.pbx, "gate": settings.gate}.get(name)
    return LabInstance(
        name=name,
        pid=pids[name],
        user_id=user_id,
        folder=folder / name,
        control=folder / name / "run" / f"{name}.ctl",
        addresses=_addresses(place)[name],
        ami_user=node.ami_user if node else "",
        ami_secret=node.ami_secret.get_secret_value() if node else "",
        sip_secret=settings.gate.sip_secret.get_secret_value() if name == "gate" else "",
    )


def _addresses(place: LabNetwork) -> dict[str, dict[str, str]]:
    return {
        "pbx": {"sip": f"{place.pbx}:{place.PBX_SIP}", "ami": f"{place.pbx}:{place.PBX_AMI}"},
        "gate": {
            "sip": f"{place.gate}:{place.GATE_SIP}",
            "trunk": f"{place.trunk}:{place.TRUNK_SIP}",
            "ami": f"{place.gate}:{place.GATE_AMI}",
        },
        "world": {
            "carrier": f"{place.carrier}:{place.CARRIER_SIP}",
            "phones": f"{place.phones}:{place.PHONES_SIP}",
        },
    }
