"""Steering: who turns a camera, within which sector; presets with their pictures, home positions and patrols."""

from fengsui.features.steering.actions import Steering
from fengsui.features.steering.endpoints import router
from fengsui.features.steering.model import SteeringChanged

__all__ = ["Steering", "SteeringChanged", "router"]
