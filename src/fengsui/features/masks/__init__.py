"""Privacy masks: what of a picture nobody sees without a lift, at which position of the camera, and for whom it is lifted."""

from fengsui.features.masks.actions import Masks
from fengsui.features.masks.endpoints import router
from fengsui.features.masks.kinds import MaskedView, MaskLifting, MaskRemoval
from fengsui.features.masks.masks_log import MasksLog
from fengsui.features.masks.model import NotHidden
from fengsui.features.masks.ports import MaskPositionLost

__all__ = ["MaskLifting", "MaskPositionLost", "MaskRemoval", "MaskedView", "Masks", "MasksLog", "NotHidden", "router"]
