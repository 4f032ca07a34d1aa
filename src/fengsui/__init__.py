"""Fengsui 烽燧: an open city alarm-and-video platform."""

__version__ = "0.1.0"
