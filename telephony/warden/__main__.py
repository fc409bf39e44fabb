"""``python -m telephony.warden FILE``: the warden, without the rest of the command line."""

import sys
from pathlib import Path

from telephony.errors import TelephonyError
from telephony.warden.process import watch_until_told

if __name__ == "__main__":
    try:
        watch_until_told(Path(sys.argv[1]))
    except TelephonyError as error:
        sys.stderr.write(f"telephony warden: {error}\n")
        sys.exit(error.exit_status)
