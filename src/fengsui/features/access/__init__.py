"""Who may do what: people, sessions, and the one door that every endpoint and media ticket passes."""

from fengsui.features.access.actions import Access
from fengsui.features.access.decision import CameraFacts, Place, Scope
from fengsui.features.access.model import Principal
from fengsui.features.access.permissions import require, require_camera, require_device, signed_in
from fengsui.features.access.platforms import Platform, PlatformFunction
from fengsui.features.access.posts import CameraClass, Function, Post
from fengsui.features.access.refusals import OutOfScope, Refusal

__all__ = [
    "Access",
    "CameraClass",
    "CameraFacts",
    "Function",
    "OutOfScope",
    "Place",
    "Platform",
    "PlatformFunction",
    "Post",
    "Principal",
    "Refusal",
    "Scope",
    "require",
    "require_camera",
    "require_device",
    "signed_in",
]
