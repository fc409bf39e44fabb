"""The shell around the decisions: gather, ask the domain, perform the effects it returns."""
