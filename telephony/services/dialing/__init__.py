"""The dialed modes: pacer events, the dialer, the launcher, the lead feed."""
