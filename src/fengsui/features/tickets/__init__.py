"""Use tickets: the purpose before the use."""

from fengsui.features.tickets.actions import TicketChanged, Tickets
from fengsui.features.tickets.case_numbers import CaseNumbers
from fengsui.features.tickets.endpoints import router
from fengsui.features.tickets.model import Bounds, NoTicket, PapersOverdue, TicketOver, UnjustifiedUse, UseTicket
from fengsui.features.tickets.queries import OPEN_TICKETS, TICKET_ROWS, is_whole
from fengsui.features.tickets.register import register_of

__all__ = [
    "OPEN_TICKETS",
    "TICKET_ROWS",
    "Bounds",
    "CaseNumbers",
    "NoTicket",
    "PapersOverdue",
    "TicketChanged",
    "TicketOver",
    "Tickets",
    "UnjustifiedUse",
    "UseTicket",
    "is_whole",
    "register_of",
    "router",
]
