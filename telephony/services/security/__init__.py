"""The watch, the tripwire, locks, intruders, DTMF."""
