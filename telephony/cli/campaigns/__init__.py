"""The commands of `telephony campaign`."""
