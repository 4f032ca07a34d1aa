"""Use tickets: the purpose before the use."""

from fengsui.features.tickets.actions import TicketChanged, Tickets
from fengsui.features.tickets.case_numbers import CaseNumbers
from fengsui.features.tickets.model import Bounds, UseTicket

__all__ = ["Bounds", "CaseNumbers", "TicketChanged", "Tickets", "UseTicket"]
