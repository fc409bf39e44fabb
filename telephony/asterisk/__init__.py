"""The adapter for Asterisk: AMI, FastAGI, and the rendering of both instances' configuration. Alone knows Asterisk's words."""
