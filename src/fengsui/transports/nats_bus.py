"""The bus between nodes over NATS: one connection, TLS, made again whenever it breaks."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, Header, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, NoStreamResponseError, NotFoundError
from prometheus_client import Counter, Gauge

from fengsui.audit_settings import BusSection
from fengsui.errors import WrongSettings
from fengsui.key_file import two_lines_of
from fengsui.loops import keep
from fengsui.node_bus import BusAway, BusState, Channel, Reply, Take

log = structlog.get_logger(__name__)
AGAIN_S, CONNECT_S, PUBLISH_S, PING_S = 2, 5, 5.0, 20
AT_ONCE, FETCH_S, ACK_S = 16, 5.0, 30.0
DUPLICATES_S = 120.0
OTHER_CONFIGURATION = 10058
"""The server's code for a stream that somebody made otherwise: it is used as it is."""
CONNECTED = Gauge("fengsui_bus_connected", "1 while there is a connection to the bus between nodes")
BREAKS = Counter("fengsui_bus_breaks", "Connections to the bus between nodes that broke or could not be made")


class NotSecured(NatsError):
    """The server offers no TLS: nothing is told to it, least of all a password."""

    def __str__(self) -> str:
        return "the server offers no TLS"


@dataclass(frozen=True, slots=True)
class _Answering:
    subject: str
    reply: Reply


class NatsBus:
    """`start` before anything else; a server that is away delays nothing. `code`: of this node."""

    def __init__(self, settings: BusSection, code: str) -> None:
        self._settings = settings
        self._code = code
        self._client: Client | None = None
        self._what = "not connected yet" if settings.servers else ""
        self._answering: list[_Answering] = []
        self._up = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None

    @property
    def state(self) -> BusState:
        """Now."""
        up = self._client is not None and self._client.is_connected
        return BusState(up, "" if up else self._what)

    async def start(self) -> None:
        """Reads the key file and the CA; without servers in the settings nothing else. Raises WrongSettings."""
        if not self._settings.servers:
            return
        options = self._options()
        CONNECTED.set(0)
        self._keeping = keep("bus", lambda: self._keep_connected(options))

    async def stop(self) -> None:
        """Closes the connection."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._client is not None:
            with suppress(NatsError, OSError):
                await self._client.close()
        CONNECTED.set(0)

    async def connected(self, within_s: float) -> bool:
        """Waits for a connection."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._up.wait()
        return self.state.connected

    def _options(self) -> dict[str, Any]:
        settings = self._settings
        secured = [one.startswith("tls://") for one in settings.servers]
        options: dict[str, Any] = {"servers": list(settings.servers)}
        if any(secured):
            try:
                options["tls"] = ssl.create_default_context(cafile=settings.ca or None)
            except OSError as error:
                raise WrongSettings(
                    what=f"bus.ca: {settings.ca}: {error.strerror or error}",
                    do_zh="请给出运行用户可读的 PEM 格式 CA 文件",
                    do_en="Give the bus's CA as a file in PEM that this user may read",
                ) from error
        if settings.key_file:
            options["user"], options["password"] = two_lines_of(Path(settings.key_file), "bus.key_file", "name", "password")
        return options

    async def _keep_connected(self, options: dict[str, Any]) -> None:
        """The client makes a broken connection again by itself; when it gives up (refused by the server), a new one is made."""
        while True:
            client, closed = Client(), asyncio.Event()
            given = dict(options)
            if "tls" in given and "password" in given:
                given["password"] = _guarded(client, given["password"])
            self._client = client
            try:
                await client.connect(
                    **given,
                    name=f"fengsui {self._code}",
                    inbox_prefix=f"_INBOX.{self._code}",
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=AGAIN_S,
                    connect_timeout=CONNECT_S,
                    ping_interval=PING_S,
                    error_cb=self._told,
                    disconnected_cb=self._down,
                    reconnected_cb=self._again,
                    closed_cb=_setter(closed),
                )
                for one in self._answering:
                    await _subscribe(client, one)
                await self._again()
                await closed.wait()
            except (NatsError, OSError) as error:
                await self._told(error)
            except BaseException:
                with suppress(NatsError, OSError):
                    await client.close()
                raise
            await self._down()
            await asyncio.sleep(AGAIN_S)

    async def _told(self, error: Exception) -> None:
        """The client's own word for whatever went wrong in the background."""
        what = str(error) or type(error).__name__
        if isinstance(error, NatsTimeout):
            return
        if what != self._what:
            log.warning("the bus between nodes", what=what)
        self._what = what
        if not self.state.connected:
            BREAKS.inc()

    async def _down(self) -> None:
        if self._up.is_set():
            log.warning("the connection to the bus between nodes broke")
        self._up.clear()
        CONNECTED.set(0)

    async def _again(self) -> None:
        log.info("connected to the bus between nodes")
        self._up.set()
        CONNECTED.set(1)

    def _connected(self) -> Client:
        """Raises BusAway."""
        if self._client is None or not self._client.is_connected:
            raise BusAway(f"no connection to the bus: {self._what}")
        return self._client

    async def publish(self, channel: Channel, subject: str, messages: Sequence[tuple[str, bytes]]) -> None:
        """Raises OSError."""
        stream = self._connected().jetstream()
        for at in range(0, len(messages), AT_ONCE):
            # Handed to the one connection in their order; only the acknowledgements are awaited together.
            asked = [
                stream.publish(subject, body, timeout=PUBLISH_S, headers={Header.MSG_ID.value: message_id})
                for message_id, body in messages[at : at + AT_ONCE]
            ]
            for answer in await asyncio.gather(*asked, return_exceptions=True):
                if isinstance(answer, BaseException):
                    raise _as_os_error(answer, channel) from answer

    async def newest(self, channel: Channel, subject: str) -> bytes | None:
        """Raises OSError."""
        try:
            found = await self._connected().jetstream().get_last_msg(channel.stream, subject, direct=True)
        except NotFoundError:
            return None
        except (NatsError, TimeoutError) as error:
            raise _as_os_error(error, channel) from error
        return found.data or b""

    async def ask(self, subject: str, body: bytes, *, within_s: float) -> bytes:
        """Raises BusAway."""
        try:
            answer = await self._connected().request(subject, body, timeout=within_s)
        except NoRespondersError as error:
            raise BusAway("the other node is not on the bus") from error
        except (NatsError, TimeoutError) as error:
            raise BusAway(f"the other node did not answer: {str(error) or type(error).__name__}") from error
        return bytes(answer.data)

    async def answer(self, subject: str, reply: Reply) -> None:
        """Stays over every new connection."""
        one = _Answering(subject, reply)
        self._answering.append(one)
        if self._client is not None and self._client.is_connected:
            await _subscribe(self._client, one)

    async def follow(self, channel: Channel, subject: str, name: str, take: Take) -> None:
        """Until cancelled."""
        while True:
            await self._up.wait()
            try:
                await self._follow(channel, subject, name, take)
            except (NatsError, OSError, TimeoutError) as error:
                log.warning(
                    "the bus cannot be followed; it is tried again", subject=subject, what=str(error) or type(error).__name__
                )
            await asyncio.sleep(AGAIN_S)

    async def _follow(self, channel: Channel, subject: str, name: str, take: Take) -> None:
        stream = self._connected().jetstream()
        await _have(stream, channel)
        consumer = ConsumerConfig(
            name=name,
            durable_name=name,
            filter_subject=subject,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_S,
            max_ack_pending=4 * AT_ONCE,
        )
        await stream.add_consumer(channel.stream, consumer)
        pulled = await stream.pull_subscribe_bind(name, channel.stream)
        try:
            while True:
                try:
                    messages = await pulled.fetch(AT_ONCE, timeout=FETCH_S)
                except TimeoutError:
                    self._connected()
                    continue
                await _hand_over(messages, take)
        finally:
            with suppress(NatsError):
                await pulled.unsubscribe()


async def _hand_over(messages: Sequence[Msg], take: Take) -> None:
    try:
        await take([bytes(one.data) for one in messages])
    except OSError as error:
        log.warning("what came by the bus could not be kept; it comes again", what=str(error))
        for one in messages:
            await one.nak(delay=AGAIN_S)
        await asyncio.sleep(AGAIN_S)
        return
    for one in messages:
        await one.ack()


async def _have(stream: JetStreamContext, channel: Channel) -> None:
    """The channel's stream: made unless it is there. What lies in it can be removed by age alone, not by request."""
    wanted = StreamConfig(
        name=channel.stream,
        subjects=[channel.subjects],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        max_age=channel.keep_s,
        max_bytes=channel.keep_bytes,
        duplicate_window=DUPLICATES_S,
        deny_delete=True,
        deny_purge=True,
        allow_direct=True,
    )
    try:
        await stream.add_stream(wanted)
    except APIError as error:
        if error.err_code != OTHER_CONFIGURATION:
            raise


async def _subscribe(client: Client, one: _Answering) -> None:
    async def asked(message: Msg) -> None:
        found = await one.reply(bytes(message.data))
        if found is not None and message.reply:
            with suppress(NatsError):
                await client.publish(message.reply, found)

    await client.subscribe(one.subject, cb=asked, pending_msgs_limit=256, pending_bytes_limit=4 << 20)


def _guarded(client: Client, password: str) -> Any:
    """The client would tell the password in clear to a server that does not ask for TLS (or to whoever sits between)."""

    def tell() -> str:
        if not client._server_info.get("tls_required"):
            raise NotSecured()
        return password

    return tell


def _setter(event: asyncio.Event) -> Any:
    async def closed() -> None:
        event.set()

    return closed


def _as_os_error(error: BaseException, channel: Channel) -> OSError:
    if isinstance(error, NoStreamResponseError):
        return BusAway(f"the bus has no stream {channel.stream} yet: the node that follows it makes it")
    if isinstance(error, NatsError | TimeoutError | OSError):
        return BusAway(f"the bus did not take it: {str(error) or type(error).__name__}")
    raise error
