"""The ``telephony`` command, as ``python -m telephony`` and as installed; what it does is left to ``telephony.cli``."""

import sys


def run() -> None:
    """Run the command; Ctrl-C while the program is still being loaded is one sentence too."""
    try:
        from telephony.cli.main import main  # noqa: PLC0415 - loading takes a second, in which Ctrl-C may come
    except KeyboardInterrupt:
        sys.stderr.write("telephony: given up; nothing was done\n")
        sys.exit(130)
    main()


if __name__ == "__main__":
    run()
