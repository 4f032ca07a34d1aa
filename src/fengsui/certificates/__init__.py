"""The node's certificate for HTTPS, the media port and SIP over TLS: of the node's own CA, or given."""

from fengsui.certificates.files import Certificate, CertificateUnusable, fingerprint_of, read_certificate
from fengsui.certificates.in_force import Certificates
from fengsui.certificates.own_authority import RENEW_BEFORE, OwnAuthority

__all__ = [
    "RENEW_BEFORE",
    "Certificate",
    "CertificateUnusable",
    "Certificates",
    "OwnAuthority",
    "fingerprint_of",
    "read_certificate",
]
