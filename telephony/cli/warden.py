"""``telephony warden``: the process beside the gate that ends what must not go on."""

from telephony.cli.session import config_path
from telephony.warden.process import watch_until_told


def warden() -> None:
    """Watch the gate as its own user until SIGTERM or Ctrl-C; --config names the gate's warden.toml.

    Example: telephony --config /etc/telephony/gate/warden.toml warden
    """
    watch_until_told(config_path())
