"""Settings: a TOML file and environment variables become one frozen ``Settings`` value.

Unknown keys are refused, errors name the key's full path, no secret has a default. Reading the file is the only
I/O here; ``telephony check`` checks if the addresses answer and the folders exist.
"""

from telephony.settings.load import load_settings, settings_from
from telephony.settings.models import (
    CampaignDefaults,
    ControllerSettings,
    DatabaseSettings,
    DialingSettings,
    FirewallSettings,
    GateSettings,
    PbxSettings,
    ProofSettings,
    RecordingSettings,
    SeatSettings,
    Settings,
    SiteSettings,
    WatchSettings,
    WebSettings,
)
from telephony.settings.previews import PreviewSettings
from telephony.settings.rules import RulesSettings
from telephony.settings.trunks import BreakerSettings, TrunkSettings

__all__ = [
    "BreakerSettings",
    "CampaignDefaults",
    "ControllerSettings",
    "DatabaseSettings",
    "DialingSettings",
    "FirewallSettings",
    "GateSettings",
    "PbxSettings",
    "PreviewSettings",
    "ProofSettings",
    "RecordingSettings",
    "RulesSettings",
    "SeatSettings",
    "Settings",
    "SiteSettings",
    "TrunkSettings",
    "WatchSettings",
    "WebSettings",
    "load_settings",
    "settings_from",
]
