"""Decoding happens in processes of its own: stills, and H.265 to H.264 for browsers that cannot decode it."""

from fengsui.picture_worker.masking import UNITS, MaskPlan, Point
from fengsui.picture_worker.pool import StillFailed, StillWorkers
from fengsui.picture_worker.transcoders import Transcoders

__all__ = ["UNITS", "MaskPlan", "Point", "StillFailed", "StillWorkers", "Transcoders"]
