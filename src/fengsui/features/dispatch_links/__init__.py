"""Links to other systems: what they are told and tell, each matter once, in order, and never lost."""

from fengsui.features.dispatch_links.endpoints import router
from fengsui.features.dispatch_links.forwarding import AlarmForwarding
from fengsui.features.dispatch_links.job_folder import JobFolder
from fengsui.features.dispatch_links.job_leftovers import JobLeftovers
from fengsui.features.dispatch_links.jobs import JobIntake
from fengsui.features.dispatch_links.links import DispatchLinks
from fengsui.features.dispatch_links.sending import LinkSender
from fengsui.features.dispatch_links.upper import UpperNodes

__all__ = [
    "AlarmForwarding",
    "DispatchLinks",
    "JobFolder",
    "JobIntake",
    "JobLeftovers",
    "LinkSender",
    "UpperNodes",
    "router",
]
