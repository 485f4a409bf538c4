"""The SOAP `login()` call, and no other: old clients sign in by it.

Orgs have it off by default, and versions from 65.0 on do not know it (3): here it works
only where a password was configured, and up to 64.0.
"""

from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from .calls import Answer
from .org import Org
from .triggers import INTEGRATION_USER

URN = "{urn:partner.soap.sforce.com}"
NEWEST = 64.0
ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" {spaces}>'
    "<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)
FAULT_SPACES = 'xmlns:sf="urn:fault.partner.soap.sforce.com"'
XML = {"Content-Type": "text/xml;charset=UTF-8"}


def login(org: Org, base_url: str, version: str, raw: bytes) -> Answer:
    """POST /services/Soap/u/{version}."""
    if org.settings.password is None or not known(version):
        message = "SOAP API login() is disabled by default in this org."
        return fault("INVALID_OPERATION", message)
    if (given := credentials(raw)) is None:
        return fault("INVALID_OPERATION", "only login() is part of this simulated org")
    if org.frozen or given != (org.settings.username, org.settings.password):
        message = "Invalid username, password, security token; or user locked out."
        return fault("INVALID_LOGIN", message)
    token = org.tokens.issue(INTEGRATION_USER, org.behaviour.token_ttl_s)
    url = f"{base_url}/services/Soap/u/{version}/{org.id[:15]}"
    body = (
        f"<loginResponse><result><metadataServerUrl>{escape(url)}</metadataServerUrl>"
        f"<serverUrl>{escape(url)}</serverUrl><sessionId>{escape(token)}</sessionId>"
        f"<userId>{INTEGRATION_USER}</userId></result></loginResponse>"
    )
    spaces = 'xmlns="urn:partner.soap.sforce.com"'
    return Answer(200, ENVELOPE.format(spaces=spaces, body=body), XML)


def known(version: str) -> bool:
    """Whether a version still has `login()`."""
    try:
        return float(version) <= NEWEST
    except ValueError:
        return False


def credentials(raw: bytes) -> tuple[str, str] | None:
    """Read user name and password, the security token run together with it."""
    try:
        found = ET.fromstring(raw).find(f".//{URN}login")
    except ET.ParseError:
        return None
    if found is None:
        return None
    return found.findtext(f"{URN}username", ""), found.findtext(f"{URN}password", "")


def fault(code: str, message: str) -> Answer:
    """Say no as SOAP does."""
    body = (
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {escape(message)}"
        f"</faultstring><detail><sf:LoginFault><sf:exceptionCode>{code}</sf:exceptionCode>"
        f"<sf:exceptionMessage>{escape(message)}</sf:exceptionMessage></sf:LoginFault></detail>"
        "</soapenv:Fault>"
    )
    return Answer(500, ENVELOPE.format(spaces=FAULT_SPACES, body=body), XML)
