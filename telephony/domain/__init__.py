"""Decisions only: rules, tables and pacing as pure functions; no loop, socket, file, clock, dice, log or database."""
