"""May a call leave: blockers, decisions, permits at the gate, whitelist, do-not-call list."""
