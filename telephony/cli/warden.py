"""``telephony warden``: the process beside the gate that hangs up calls that must not go on."""

from telephony.cli.session import config_path
from telephony.warden.process import watch_until_told


def warden() -> None:
    """Watch the gate until SIGTERM or Ctrl-C. Runs as its own user; --config is the gate's warden.toml.

    Example: telephony --config /etc/telephony/gate/warden.toml warden
    """
    watch_until_told(config_path())
