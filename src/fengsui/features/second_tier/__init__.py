"""The second tier of footage: closed files move to an S3 bucket, and what is asked for of them comes back."""

from fengsui.features.second_tier.actions import SecondTier

__all__ = ["SecondTier"]
