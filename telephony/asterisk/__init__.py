"""The adapter for Asterisk: AMI, FastAGI and the rendering of both instances' configuration; alone knows its words."""
