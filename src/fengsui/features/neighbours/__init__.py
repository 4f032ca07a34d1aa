"""Nodes keep each other's audit checkpoints: our copy at a neighbour, the copies of theirs here, what is wrong with them."""

from fengsui.features.neighbours.actions import Neighbours, folder_of, pinned_keys
from fengsui.features.neighbours.endpoints import router
from fengsui.features.neighbours.findings import TEXTS as FINDING_TEXTS
from fengsui.features.neighbours.findings import Findings
from fengsui.features.neighbours.held_chain import verify_held
from fengsui.features.neighbours.place import NeighbourPlace

__all__ = ["FINDING_TEXTS", "Findings", "NeighbourPlace", "Neighbours", "folder_of", "pinned_keys", "router", "verify_held"]
