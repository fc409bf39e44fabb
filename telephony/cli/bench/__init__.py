"""The commands of `telephony bench`."""
