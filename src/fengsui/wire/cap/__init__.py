"""OASIS Common Alerting Protocol, version 1.2."""
