"""Who may do what: people, sessions, and the one door that every endpoint and media ticket passes."""

from fengsui.features.access.account_endpoints import router as account_router
from fengsui.features.access.actions import Access
from fengsui.features.access.credentials import ForeignSite, cookie_name, credential_of, credential_of_token
from fengsui.features.access.decision import (
    CLASS_TEXTS,
    EVERYWHERE,
    CameraFacts,
    Footage,
    HeldFootage,
    Person,
    Place,
    Refused,
    Scope,
    classes_of_function,
    decide,
    out_of_scope,
    scope_of,
)
from fengsui.features.access.endpoints import origin_of, router
from fengsui.features.access.first_people import (
    DEMONSTRATION,
    FIRST_PEOPLE,
    SET_UP_DAYS,
    FirstPerson,
    demonstration,
    first_security_administrator,
)
from fengsui.features.access.first_people import from_text as first_people_from_text
from fengsui.features.access.first_people import to_text as first_people_to_text
from fengsui.features.access.human_beings import Tie, tie
from fengsui.features.access.log_readers import whole_log
from fengsui.features.access.model import NotSignedIn, PersonsOnly, Principal
from fengsui.features.access.people import DATES_A9, Kept, Order, People
from fengsui.features.access.people_endpoints import Shapes, dates_of
from fengsui.features.access.people_endpoints import router as people_router
from fengsui.features.access.people_schemas import MadePerson, NewAppointment, NewPerson, PersonShape, Prerequisites
from fengsui.features.access.permissions import (
    address_of,
    desk_scopes_for,
    nearest_of,
    refuse_unless,
    refused_person,
    refused_stranger,
    require,
    require_camera,
    require_camera_shown,
    require_device,
    require_where_it_was,
    scope_for,
    signed_in,
    turned_away,
)
from fengsui.features.access.persons import BEIJING, EVERYBODY, Named, RightsChanged, lapse_of
from fengsui.features.access.platforms import Platform, PlatformFunction, Platforms, PlatformUnproven
from fengsui.features.access.ports import Directory, Shown, Standing
from fengsui.features.access.posts import (
    CLASS_BIT,
    EVERY_CLASS,
    OWNERS_CLASSES,
    POST_TEXTS,
    PROTECTION,
    RECORDED,
    CameraClass,
    Function,
    Post,
    classes_of,
    mask_of,
    posts_with,
)
from fengsui.features.access.proofs import FactorProof
from fengsui.features.access.provider import Provider
from fengsui.features.access.provider_endpoints import router as provider_router
from fengsui.features.access.provider_errors import ProviderAccount, ProviderAway
from fengsui.features.access.queries import ADMINISTRATORS
from fengsui.features.access.ranks import RANK_TEXTS, Rank, height_of, is_subordinate, rank_in, rank_of
from fengsui.features.access.ranks import text_of as rank_text
from fengsui.features.access.refusals import FootageHeld, FootageTooOld, Refusal, TicketNeeded
from fengsui.features.access.refused_acts import foreign_recorded, recorded
from fengsui.features.access.rights_endpoints import router as rights_router
from fengsui.features.access.rights_log import RightsLog
from fengsui.features.access.screen_endpoints import router as screen_router
from fengsui.features.access.screen_lock import ScreenLocked
from fengsui.features.access.set_up import make_first_people
from fengsui.features.access.single_sign_on import SingleSignOn
from fengsui.features.access.standing_then import LiftThen, ShiftThen, StandingState, TicketThen
from fengsui.features.access.standing_then import fitting as fitting_tickets
from fengsui.features.access.units import Units
from fengsui.features.access.workstation import OtherWorkstation

__all__ = [
    "ADMINISTRATORS",
    "BEIJING",
    "CLASS_BIT",
    "CLASS_TEXTS",
    "DATES_A9",
    "DEMONSTRATION",
    "EVERYBODY",
    "EVERYWHERE",
    "EVERY_CLASS",
    "FIRST_PEOPLE",
    "OWNERS_CLASSES",
    "POST_TEXTS",
    "PROTECTION",
    "RANK_TEXTS",
    "RECORDED",
    "SET_UP_DAYS",
    "Access",
    "CameraClass",
    "CameraFacts",
    "Directory",
    "FactorProof",
    "FirstPerson",
    "Footage",
    "FootageHeld",
    "FootageTooOld",
    "ForeignSite",
    "Function",
    "HeldFootage",
    "Kept",
    "LiftThen",
    "MadePerson",
    "Named",
    "NewAppointment",
    "NewPerson",
    "NotSignedIn",
    "Order",
    "OtherWorkstation",
    "People",
    "Person",
    "PersonShape",
    "PersonsOnly",
    "Place",
    "Platform",
    "PlatformFunction",
    "PlatformUnproven",
    "Platforms",
    "Post",
    "Prerequisites",
    "Principal",
    "Provider",
    "ProviderAccount",
    "ProviderAway",
    "Rank",
    "Refusal",
    "Refused",
    "RightsChanged",
    "RightsLog",
    "Scope",
    "ScreenLocked",
    "Shapes",
    "ShiftThen",
    "Shown",
    "SingleSignOn",
    "Standing",
    "StandingState",
    "TicketNeeded",
    "TicketThen",
    "Tie",
    "Units",
    "account_router",
    "address_of",
    "classes_of",
    "classes_of_function",
    "cookie_name",
    "credential_of",
    "credential_of_token",
    "dates_of",
    "decide",
    "demonstration",
    "desk_scopes_for",
    "first_people_from_text",
    "first_people_to_text",
    "first_security_administrator",
    "fitting_tickets",
    "foreign_recorded",
    "height_of",
    "is_subordinate",
    "lapse_of",
    "make_first_people",
    "mask_of",
    "nearest_of",
    "origin_of",
    "out_of_scope",
    "people_router",
    "posts_with",
    "provider_router",
    "rank_in",
    "rank_of",
    "rank_text",
    "recorded",
    "refuse_unless",
    "refused_person",
    "refused_stranger",
    "require",
    "require_camera",
    "require_camera_shown",
    "require_device",
    "require_where_it_was",
    "rights_router",
    "router",
    "scope_for",
    "scope_of",
    "screen_router",
    "signed_in",
    "tie",
    "turned_away",
    "whole_log",
]
