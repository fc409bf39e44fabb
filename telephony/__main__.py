"""``python -m telephony`` is the ``telephony`` command."""

from telephony.cli import main

if __name__ == "__main__":
    main()
