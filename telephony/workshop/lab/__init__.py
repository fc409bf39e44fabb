"""Real Asterisk instances for demonstrations and tests: pbx, gate, and world (carrier, called people and phones).

``lab_up`` renders the same configuration as a real installation, starts three instances on a loopback network of
their own and returns when they work; ``lab_down`` leaves nothing behind. The controller is not part of the lab.
"""

from telephony.workshop.lab.lifecycle import (
    lab_down,
    lab_down_all,
    lab_list,
    lab_made,
    lab_up,
    start_instance,
    stop_instance,
)
from telephony.workshop.lab.model import Lab, LabInstance, LabOptions, LabSeat, load_lab
from telephony.workshop.lab.warden import start_warden, stop_warden
from telephony.workshop.lab.world import (
    CarrierInvite,
    carrier_invites,
    phone_dial,
    phone_hang_up,
    phone_login,
    phones_registered,
)

__all__ = [
    "CarrierInvite",
    "Lab",
    "LabInstance",
    "LabOptions",
    "LabSeat",
    "carrier_invites",
    "lab_down",
    "lab_down_all",
    "lab_list",
    "lab_made",
    "lab_up",
    "load_lab",
    "phone_dial",
    "phone_hang_up",
    "phone_login",
    "phones_registered",
    "start_instance",
    "start_warden",
    "stop_instance",
    "stop_warden",
]
