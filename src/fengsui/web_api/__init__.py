"""HTTP: joins the rooms' routes, maps errors to answers, serves the console."""

from fengsui.web_api.app import NodeFacts, make_app, problem
from fengsui.web_api.events import EventLog
from fengsui.web_api.events import router as events_router
from fengsui.web_api.map_sources import map_router
from fengsui.web_api.secure_headers import SecureHeaders

__all__ = ["EventLog", "NodeFacts", "SecureHeaders", "events_router", "make_app", "map_router", "problem"]
