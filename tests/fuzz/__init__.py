"""Fuzz targets of the wire's codecs: `python -m tests.fuzz <target> [seconds]`; their bodies also run as ordinary tests."""
