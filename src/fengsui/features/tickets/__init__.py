"""Use tickets: the purpose before the use."""

from fengsui.features.tickets.actions import TicketChanged, Tickets
from fengsui.features.tickets.case_numbers import CaseNumbers
from fengsui.features.tickets.endpoints import router
from fengsui.features.tickets.model import Bounds, NoTicket, TicketOver, UseTicket
from fengsui.features.tickets.register import register_of

__all__ = ["Bounds", "CaseNumbers", "NoTicket", "TicketChanged", "TicketOver", "Tickets", "UseTicket", "register_of", "router"]
