"""Real Asterisk instances for demonstrations and tests: pbx, gate, and world, which plays carrier, called people and phones."""
