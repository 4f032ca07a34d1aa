"""Decoding happens in processes of its own: stills, H.265 to H.264 for browsers that cannot decode it, changes of a place, whether
footage plays.
"""

from fengsui.picture_worker.masking import UNITS, MaskPlan, Point
from fengsui.picture_worker.playing import decoded_pictures
from fengsui.picture_worker.pool import StillFailed, StillWorkers
from fengsui.picture_worker.scene_searches import Fetch, SearchFailed, change_search
from fengsui.picture_worker.transcoders import Transcoders

__all__ = [
    "UNITS",
    "Fetch",
    "MaskPlan",
    "Point",
    "SearchFailed",
    "StillFailed",
    "StillWorkers",
    "Transcoders",
    "change_search",
    "decoded_pictures",
]
