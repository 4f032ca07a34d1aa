"""Bytes to typed messages and back, and state tables. No socket, no clock, no database: standard library only."""
