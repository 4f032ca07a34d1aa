"""Upper platforms, at which this node registers by GB/T 28181: what each is given of the catalogue, and what it asks."""

from fengsui.features.upper_platforms.actions import KnownUpper, UpperPlatforms
from fengsui.features.upper_platforms.answering import Answering, is_answered
from fengsui.features.upper_platforms.endpoints import router
from fengsui.features.upper_platforms.model import Address, Granted, NotTaken, Upper
from fengsui.features.upper_platforms.sharing import Sharing
from fengsui.features.upper_platforms.subscribing import Subscribing

__all__ = [
    "Address",
    "Answering",
    "Granted",
    "KnownUpper",
    "NotTaken",
    "Sharing",
    "Subscribing",
    "Upper",
    "UpperPlatforms",
    "is_answered",
    "router",
]
