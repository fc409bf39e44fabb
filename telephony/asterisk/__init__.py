"""The adapter for Asterisk: AMI, FastAGI and rendered configuration. Only this package knows Asterisk's terms."""
