"""Procedures: what is to be done about an alarm or an incident step by step, who did it and how long it took."""

from fengsui.features.procedures.actions import Procedures
from fengsui.features.procedures.endpoints import router
from fengsui.features.procedures.errors import UnknownProcedure
from fengsui.features.procedures.model import Procedure
from fengsui.features.procedures.ports import ProcedureRunChanged
from fengsui.features.procedures.runs import ProcedureRuns

__all__ = ["Procedure", "ProcedureRunChanged", "ProcedureRuns", "Procedures", "UnknownProcedure", "router"]
