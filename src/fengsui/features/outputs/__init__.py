"""Alarm outputs: switches at a camera's device, on for some seconds by a rule or by hand, and off again whatever happens."""

from fengsui.features.outputs.endpoints import router
from fengsui.features.outputs.outputs import Outputs
from fengsui.features.outputs.pulses import Pulses

__all__ = ["Outputs", "Pulses", "router"]
