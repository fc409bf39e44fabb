"""The watch, the tripwire, locks, intruders, tones."""
