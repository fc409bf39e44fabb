"""Campaign days in simulated time: every pacer meets the same dials (docs/simulation.md)."""
