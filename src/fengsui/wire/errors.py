"""What a peer can get wrong on the wire. Each has a stable code that the manual and the console look up."""

from __future__ import annotations


class WireError(ValueError):
    """Bytes or text that are not what the protocol says. Always the peer's fault."""

    code = "wire.malformed"


class MalformedSip(WireError):
    """Not a SIP message that can be read (RFC 3261 §7)."""

    code = "sip.malformed"


class MalformedDigest(WireError):
    """Digest credentials or challenge that cannot be read (RFC 2617 §3.2)."""

    code = "sip.malformed_digest"


class MalformedSdp(WireError):
    """A session description that cannot be read (RFC 4566; GB/T 28181-2022 annex G)."""

    code = "sdp.malformed"


class MalformedManscdp(WireError):
    """An XML body that cannot be read even after repair (GB/T 28181-2022 annex A)."""

    code = "manscdp.malformed"


class RefusedXml(MalformedManscdp):
    """XML with a document type, entities, or beyond the limits of size and depth."""

    code = "manscdp.refused_xml"


class MalformedPtz(WireError):
    """A PTZCmd that is not 16 hexadecimal digits with a right checksum (GB/T 28181-2022 A.3)."""

    code = "ptz.malformed"


class MalformedMansrtsp(WireError):
    """A MANSRTSP text that cannot be read (GB/T 28181-2022 annex B)."""

    code = "mansrtsp.malformed"


class MalformedCap(WireError):
    """No CAP 1.2 message: XML that cannot be read or is refused, a value that is missing or none of its list."""

    code = "cap.malformed"
