"""The second tier of footage: closed files move to an S3 bucket, and what is asked for of them comes back."""

from fengsui.features.second_tier.actions import SecondTier
from fengsui.features.second_tier.restoring import Restoring
from fengsui.features.second_tier.tier import Tier

__all__ = ["Restoring", "SecondTier", "Tier"]
