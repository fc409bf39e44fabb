"""Decisions only: rules, tables and pacing as pure functions of their arguments; no loop, socket, file, clock, dice, log or database."""
