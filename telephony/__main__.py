"""``python -m telephony`` is the ``telephony`` command."""

from telephony.cli.main import main

if __name__ == "__main__":
    main()
