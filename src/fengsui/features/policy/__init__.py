"""Policy packs: what a jurisdiction prescribes, signed by its publisher; without one recorded functions stay closed."""

from fengsui.features.policy.actions import Policy, PolicyChanged, opens_without_centre
from fengsui.features.policy.changes import entries as pack_entries
from fengsui.features.policy.endpoints import router
from fengsui.features.policy.loosening import ByPolicy, Loosening, both_names
from fengsui.features.policy.model import TEXTS as POLICY_TEXTS
from fengsui.features.policy.model import CaseNumber, DataClass, Gated, Purpose, SignOnHours, TwoPersonAct, UnknownCase
from fengsui.features.policy.owner_notices import Notice, Told
from fengsui.features.policy.pack import Duty as DutyRules
from fengsui.features.policy.pack import Pack
from fengsui.features.policy.pack import read as read_document
from fengsui.features.policy.pack_change import PackChange
from fengsui.features.policy.queries import PACK_IN_FORCE
from fengsui.features.policy.signing import DEMO_PACK, DEMO_PUBLISHER, Envelope, key_id, private_key, public_key, trusted_in
from fengsui.features.policy.signing import FOLDER as PUBLISHERS
from fengsui.features.policy.signing import HEAD as PACK_HEAD
from fengsui.features.policy.signing import SUFFIX as PACK_SUFFIX
from fengsui.features.policy.signing import sign as sign_document
from fengsui.features.policy.signing import verify as verify_document

__all__ = [
    "DEMO_PACK",
    "DEMO_PUBLISHER",
    "PACK_HEAD",
    "PACK_IN_FORCE",
    "PACK_SUFFIX",
    "POLICY_TEXTS",
    "PUBLISHERS",
    "ByPolicy",
    "CaseNumber",
    "DataClass",
    "DutyRules",
    "Envelope",
    "Gated",
    "Loosening",
    "Notice",
    "Pack",
    "PackChange",
    "Policy",
    "PolicyChanged",
    "Purpose",
    "SignOnHours",
    "Told",
    "TwoPersonAct",
    "UnknownCase",
    "both_names",
    "key_id",
    "opens_without_centre",
    "pack_entries",
    "private_key",
    "public_key",
    "read_document",
    "router",
    "sign_document",
    "trusted_in",
    "verify_document",
]
