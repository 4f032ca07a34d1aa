"""Policy packs: what a jurisdiction prescribes, signed by its publisher; without one recorded functions stay closed."""

from fengsui.features.policy.actions import Policy, PolicyChanged
from fengsui.features.policy.model import Gated, Purpose
from fengsui.features.policy.pack import Pack
from fengsui.features.policy.pack_change import PackChange

__all__ = ["Gated", "Pack", "PackChange", "Policy", "PolicyChanged", "Purpose"]
