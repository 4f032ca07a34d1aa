"""Sessions, and the decision at the door."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock, SteadyTime
from fengsui.features.access import earlier_sessions, queries
from fengsui.features.access.api_tokens import PREFIX, ApiTokens
from fengsui.features.access.credentials import Credential, cookie_of
from fengsui.features.access.decision import (
    Allowed,
    CameraFacts,
    Decision,
    Footage,
    Person,
    Place,
    Refused,
    Scope,
    decide,
    scope_of,
)
from fengsui.features.access.guesses import Guesses
from fengsui.features.access.human_beings import HumanBeings
from fengsui.features.access.media_tickets import media_ticket
from fengsui.features.access.model import (
    MustChangePassword,
    MustEnrol,
    NotSignedIn,
    Principal,
    UnknownSignIn,
)
from fengsui.features.access.passkeys import Origin, Passkeys
from fengsui.features.access.persons import Persons, role_of
from fengsui.features.access.platforms import Platforms
from fengsui.features.access.ports import (
    Directory,
    HeldOf,
    PassedTo,
    ShownTo,
    StandingOf,
    no_standing,
    nothing_held,
    nothing_passed,
)
from fengsui.features.access.posts import OFFICES, RECORDED, Function
from fengsui.features.access.proofs import FactorProof, Proofs
from fengsui.features.access.refusals import FootageUnsaid
from fengsui.features.access.screen_lock import ScreenLock, ScreenLocked
from fengsui.features.access.second_factor import SecondFactors
from fengsui.features.access.session_time import SessionTime
from fengsui.features.access.signing_in import Record, SignedIn
from fengsui.features.access.workstation import OtherWorkstation, same_workstation
from fengsui.features.audit import Ground
from fengsui.settings import AccessSection, SignInSection
from fengsui.store import Store

MAX_KNOWN = 10_000
SESSION_CACHE_S = 3.0
USED_EVERY_S = 30.0


class Access:
    """The one door."""

    def __init__(
        self, store: Store, clock: Clock, settings: SignInSection, rules: AccessSection, ticket_key: bytes, factor_key: bytes
    ) -> None:
        self.steady = SteadyTime(clock)
        self.second_factors = SecondFactors(store, clock, factor_key)
        self.passkeys = Passkeys(store, clock)
        self.persons = Persons(store, clock, rules.prerequisites)
        self.persons.on_change(lambda _: self._known.clear())
        self.human_beings = HumanBeings(store, self.persons, self.steady)
        self.api_tokens = ApiTokens(store, self.steady, self.persons, factor_required=settings.second_factor == "required")
        self.platforms = Platforms()
        self.rules = rules
        self.directory: Directory | None = None
        """Set at composition, before anybody asks about a camera."""
        self.standing_of: StandingOf = no_standing
        """What duty, tickets and policy say; set at composition."""
        self.held_of: HeldOf = nothing_held
        """Which footage is there for a case alone; set at composition."""
        self.passed_to: PassedTo = nothing_passed
        """Whose shift sees alarms of elsewhere that were passed on to it; set at composition."""
        self.shown_to: list[ShownTo] = []
        """Who is shown which cameras live for what they are sent to do; any of them is enough."""
        self.on_hidden: list[Callable[[], None]] = []
        """Called when something is shown to somebody no more."""
        self._store = store
        self._clock = clock
        self._settings = settings
        self._ticket_key = ticket_key
        self.guesses = Guesses(clock, settings, ticket_key)
        self.proofs = Proofs(store, self.steady, settings, self.persons, self.guesses, self.second_factors, self.passkeys)
        self.screens = ScreenLock(store, self.steady, settings.lock_after_s, self.forget_sessions, self._let_back)
        self.times = SessionTime(store, self.steady, settings, self.api_tokens, self.screens, self.forget_sessions)
        self._earlier = earlier_sessions.EarlierSessions()
        self._known: dict[str, tuple[float, Principal, float]] = {}
        self._ended: dict[str, None] = {}
        self._on_session_end: list[Callable[[str], None]] = []
        self.on_begin: list[Callable[[Principal], Awaitable[None]]] = []  # follow each sign-in of who may work

    def on_session_end(self, act: Callable[[str], None]) -> None:
        """`act` is called with the id of each session that ends."""
        self._on_session_end.append(act)

    async def sign_in(
        self, name: str, password: str, address: str, *, record: Record, code: str = "", workstation: str = "", known: str = ""
    ) -> SignedIn:
        """`workstation`: how the browser names itself; `known`: the cookie of a workstation on which somebody signed in before.

        `record` puts the sign-in on record; the session begins only once that is done. Raises what `record` raises, and
        WrongPassword, LockedOut, TooManyTries, Disabled, AccountClosed, SecondFactorNeeded, PasskeyNeeded, WrongCode.
        """
        user = await self.proofs.by_password(name, password, address, code=code, known=known)
        return await self.begin(user, address, workstation, record)

    async def sign_in_by_passkey(
        self, origin: Origin, answer: dict[str, Any], address: str, workstation: str, *, record: Record
    ) -> SignedIn:
        """`record`: as for `sign_in`. Raises what it raises, and PasskeyRefused, Disabled, AccountClosed, LockedOut."""
        user = await self.proofs.by_passkey(origin, answer, address)
        return await self.begin(user, address, workstation, record)

    async def begin(
        self, user: queries.Row, address: str, workstation: str, record: Record, *, factor_elsewhere: bool = False
    ) -> SignedIn:
        """A session of whoever has proved to be this user; `factor_elsewhere`: an identity provider saw a second factor."""
        token, session = secrets.token_urlsafe(32), secrets.token_hex(12)
        cookie, workstation, now = cookie_of(token), workstation[:256], self.steady.now_s()
        person, keys = await self.persons.read_anew(user.id), await self.passkeys.of(user.id)
        if person is None:
            raise NotSignedIn()  # disabled between password and session, or changed past the node
        has_factor = bool(user.totp_confirmed or keys or factor_elsewhere)
        principal = self._principal(person, session, address, workstation, bool(user.must_change_password), has_factor=has_factor)
        await record(principal)
        async with self._store.transaction() as tx:
            cut = await earlier_sessions.cut(tx, user.id) if self._settings.one_workstation else ()
            began: dict[str, Any] = {
                "now": now,
                "address": address,
                "workstation": workstation,
                "factor_elsewhere": factor_elsewhere,
            }
            await queries.add_session(tx, token_hash=_hashed(cookie), session=session, user_id=user.id, **began)
            await queries.change_user(tx, user.id, signed_in_at=now)
        if cut:
            self._earlier.note(cut, address)
            self.forget_sessions(one.id for one in cut)
        return SignedIn(token, cookie, principal, principal.must_change_password, now + self._settings.longest_s, cut)

    def _principal(
        self, person: Person, session: str, address: str, workstation: str, must_change: bool, *, has_factor: bool
    ) -> Principal:
        return Principal(
            person,
            session,
            address,
            must_change,
            must_enrol=self._settings.second_factor == "required" and not has_factor,
            workstation=workstation,
            role=role_of(person, self.steady.now_s()),
        )

    async def principal_of(self, shown: Credential, address: str, *, though_locked: bool = False) -> Principal:
        """Whose session or program's token is shown, from `address`. Raises NotSignedIn, OtherWorkstation, ScreenLocked."""
        hashed, now = _hashed(shown.secret), self.steady.now_s()
        known = self._known.get(hashed)
        if known is not None and now < known[0] + SESSION_CACHE_S and now < known[2]:
            await self._refuse_moved(hashed, known[1], shown, address)
            return replace(known[1], address=address)
        if shown.secret.startswith(PREFIX):
            program = await self.api_tokens.holder(shown.secret, address)
            if program is None:
                raise NotSignedIn()
            return program
        async with self._store.reading() as tx:
            found = await queries.session_with_user(tx, hashed)
        until = 0.0 if found is None else self.times.until(found, now)
        if found is None or found.disabled or now > until:
            self._known.pop(hashed, None)
            if found is not None and now > until:
                await self.times.end(hashed, found.id)
            self._earlier.refuse(hashed)
            raise NotSignedIn()
        person = await self.persons.get(found.user_id)
        if person is None:
            raise NotSignedIn()
        must_change = bool(found.must_change_password)
        has_factor = bool(found.totp_confirmed or found.passkeys or found.factor_elsewhere)
        principal = self._principal(person, found.id, found.address, found.workstation, must_change, has_factor=has_factor)
        await self._refuse_moved(hashed, principal, shown, address)
        open_until = self.screens.open_until(found, shown)
        if now > open_until:
            if not though_locked:
                raise ScreenLocked(name=principal.name, session=principal.session)
            return replace(principal, address=address)
        if shown.browser is not None and not found.at_screen:
            async with self._store.transaction() as tx:
                await queries.change_session(tx, found.id, at_screen=True)
        elif not found.at_screen and now > found.used_at + USED_EVERY_S:
            async with self._store.transaction() as tx:
                await queries.use_session(tx, found.id, now)
        if len(self._known) > MAX_KNOWN:
            self._known.clear()
        self._known[hashed] = (now, principal, min(found.created_at + self._settings.longest_s, open_until))
        return replace(principal, address=address)

    async def _refuse_moved(self, hashed: str, began: Principal, shown: Credential, address: str) -> None:
        """Raises OtherWorkstation; `began`: the session with the address where it began."""
        home = {"began_address": began.address, "began_browser": began.workstation}
        if same_workstation(self._settings.workstation, **home, address=address, browser=shown.browser):
            return
        ends = self._settings.moved_session == "end"
        if ends:
            self._known.pop(hashed, None)
            await self.times.end(hashed, began.session)
        raise OtherWorkstation(name=began.name, session=began.session, ended=ends)

    async def sessions(self, user_id: int) -> list[queries.Row]:
        """A user's sessions, the newest first."""
        async with self._store.reading() as tx:
            found = await queries.sessions_of(tx, user_id)
        return sorted(found, key=lambda one: -float(one.created_at))

    async def end_session(self, user_id: int, session: str) -> None:
        """Ends one session of a user and every picture that it opened. Raises UnknownSignIn."""
        async with self._store.transaction() as tx:
            found = [one for one in await queries.sessions_of(tx, user_id) if one.id == session]
            if not found:
                raise UnknownSignIn()
            await queries.remove_session(tx, found[0].token_hash)
        self.forget_sessions([session])

    async def sign_out(self, secret: str, principal: Principal) -> None:
        """Ends the session and with it every picture that it opened."""
        async with self._store.transaction() as tx:
            await queries.remove_session(tx, _hashed(secret))
        self._known.pop(_hashed(secret), None)
        self._tell_ended([principal.session])

    def _tell_ended(self, sessions: Iterable[str]) -> None:
        for session in sessions:
            self._ended[session] = None
            if len(self._ended) > MAX_KNOWN:
                self._ended.pop(next(iter(self._ended)))
            for act in self._on_session_end:
                act(session)

    def _let_back(self, session: str) -> None:
        self._ended.pop(session, None)
        self._known.clear()

    async def change_password(self, principal: Principal, old: str, new: str, *, keep: bool | None, proof: FactorProof) -> None:
        """Other sessions and the tokens end; the passkeys as `keep` says. Raises what `Proofs.new_password` raises."""
        hashed = await self.proofs.new_password(principal, old, new, keep=keep, proof=proof)
        async with self._store.transaction() as tx:
            await queries.set_password(tx, principal.user_id, hashed)
            if not keep:
                await queries.remove_passkeys_of(tx, principal.user_id)
            ended = await self.end_sessions_of(tx, principal.user_id, but=principal.session)
            ended += await self.api_tokens.remove_of(tx, principal.user_id)
        self.forget_sessions(ended)

    async def end_factor(self, principal: Principal, code: str) -> None:
        """The authenticator is given up, and every token ends with it. Raises NoEnrolment, WrongCode, LockedOut."""
        async with self.proofs.counted(principal), self._store.transaction() as tx:
            await self.second_factors.end(tx, principal.user_id, code)
            ended = await self.api_tokens.remove_of(tx, principal.user_id)
        self.forget_sessions(ended)

    async def end_passkey(self, principal: Principal, passkey: int) -> None:
        """A passkey is given up, and every token ends with it. Raises UnknownPasskey."""
        async with self._store.transaction() as tx:
            await self.passkeys.remove(tx, principal.user_id, passkey)
            ended = await self.api_tokens.remove_of(tx, principal.user_id)
        self.forget_sessions(ended)

    def decide(
        self, person: Person, function: Function, what: CameraFacts | Place | None = None, footage: Footage | None = None
    ) -> Decision:
        """The decision now, with what duty, tickets and policy say. `footage`: of a camera's recordings, which span; without it
        they are refused (rule A2).
        """
        now = self.steady.now_s()
        if function in RECORDED and footage is None and isinstance(what, CameraFacts):
            return Refused(FootageUnsaid())
        if footage is not None and isinstance(what, CameraFacts):
            footage = footage._replace(held=self.held_of(what.code, footage, person))
        standing = self.standing_of(person.user_id, function, what, now, footage)
        return decide(
            person,
            function,
            what,
            now=now,
            footage=footage,
            age_limit_s=standing.age_limit_s,
            ticket=standing.ticket,
            on_duty=standing.on_duty,
            shift=standing.shift,
            no_centre=standing.no_centre,
        )

    def decide_or_refuse(
        self, person: Person, function: Function, what: CameraFacts | Place | None = None, at: float | None = None
    ) -> None:
        """For somebody who does not ask themselves, such as a successor; `at` None: now. Raises Refusal."""
        decision = decide(person, function, what, now=self.steady.now_s() if at is None else at)
        if isinstance(decision, Refused):
            raise decision.error

    def check(
        self, principal: Principal, function: Function, what: CameraFacts | Place | None = None, footage: Footage | None = None
    ) -> Ground:
        """The decision at the door, and what opened it. Raises Refusal, MustChangePassword, MustEnrol."""
        if principal.must_change_password:
            raise MustChangePassword()
        self.check_enrolled(principal)
        decision = self.decide(principal.person, function, what, footage)
        if isinstance(decision, Refused):
            raise decision.error
        return decision.ground

    def may(
        self, principal: Principal, function: Function, what: CameraFacts | Place | None = None, footage: Footage | None = None
    ) -> bool:
        """The decision where a refusal is no act: what is left out is not asked for."""
        return not isinstance(self.decide(principal.person, function, what, footage), Refused)

    def shown(self, person: Person, what: CameraFacts) -> Allowed | None:
        """What lets somebody see a camera live whom duty and tickets do not let: it is shown to them, and their post holds it."""
        now, function = self.steady.now_s(), Function.VIEW_LIVE
        if (
            function in person.withheld
            or not OFFICES.isdisjoint(person.posts(now))
            or self.standing_of(person.user_id, function, what, now).closed
        ):
            return None
        for of in self.shown_to:
            one = of(person.user_id, what.code)
            where = what.area if one is None or one.at is None else one.at
            if one is not None and scope_of(person, one.by, now=now).holds(where, what.camera_class):
                return Allowed(one.ground)
        return None

    def decide_live(self, person: Person, what: CameraFacts) -> Decision:
        """`decide` for a live picture, which may also be shown to somebody."""
        decision = self.decide(person, Function.VIEW_LIVE, what)
        return (self.shown(person, what) or decision) if isinstance(decision, Refused) else decision

    def check_live(self, principal: Principal, what: CameraFacts) -> Ground:
        """`check` for a live picture, which may also be shown to somebody. Raises Refusal, MustChangePassword, MustEnrol."""
        shown = None if self.may(principal, Function.VIEW_LIVE, what) else self.shown(principal.person, what)
        if shown is None:
            return self.check(principal, Function.VIEW_LIVE, what)
        if principal.must_change_password:
            raise MustChangePassword()
        self.check_enrolled(principal)
        return shown.ground

    async def still_may(self, principal: Principal, function: Function, what: CameraFacts | Place | None = None) -> bool:
        """For what goes on: whether the same person would be let in now, by the appointments of now."""
        try:
            now = await self.renewed(principal)
        except NotSignedIn:
            return False
        return not isinstance(self.decide(now.person, function, what), Refused)

    async def renewed(self, principal: Principal) -> Principal:
        """The same session with the rights of now. Raises NotSignedIn when it has ended or the account is gone."""
        person = await self.persons.get(principal.user_id)
        if person is None or principal.session in self._ended:
            raise NotSignedIn()
        if principal.is_program:
            person = person.bounded(principal.person.withheld, principal.person.within)
        return replace(principal, person=person)

    def scope(self, principal: Principal, function: Function) -> Scope:
        """Where a function is in force now, for lists."""
        return scope_of(principal.person, function, now=self.steady.now_s())

    def functions(self, principal: Principal) -> list[Function]:
        """What the console may offer."""
        return principal.person.functions(self.steady.now_s())

    def media_ticket(self, source: str, session: str, expires_unix: int, holder: Principal | None = None) -> str:
        """The signed right to read one source (docs/design/seams.md); the caller has passed `check`.

        A person's ticket opens on the person's workstation alone, where the policy binds sessions to addresses. A program may hand
        its tickets on, but one whose token holds from some networks alone: those open where it asked from. Our own workers have
        none (`holder` None).
        """
        by_policy = self._settings.workstation in ("address", "network")
        bound = holder is not None and (holder.has_networks if holder.is_program else by_policy)
        address = holder.address if holder is not None and bound else ""
        return media_ticket(self._ticket_key, source=source, session=session, expires_unix=expires_unix, address=address)

    async def end_sessions_of(self, tx: AsyncConnection, user_id: int, but: str = "") -> list[str]:
        """Takes a user's sessions away, except `but`; `forget_sessions` with what this returns once that is on disk."""
        found = [one for one in await queries.sessions_of(tx, user_id) if one.id != but]
        for one in found:
            await queries.remove_session(tx, one.token_hash)
        return [one.id for one in found]

    def forget_cached(self) -> None:
        """What is known of sessions is read anew: a second factor came or went."""
        self._known.clear()

    @staticmethod
    def check_enrolled(principal: Principal) -> None:
        """Raises MustEnrol."""
        if principal.must_enrol:
            raise MustEnrol()

    def forget_sessions(self, sessions: Iterable[str]) -> None:
        """Ends what these sessions opened."""
        self._known.clear()
        self._tell_ended(sessions)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
