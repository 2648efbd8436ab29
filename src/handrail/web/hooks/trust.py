"""Whether a caller is a client that this service trusts: JSON Web Tokens signed by keys that a file names."""

from __future__ import annotations

import ipaddress
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request

from handrail.files import parse, read_bytes
from handrail.terms import InputError
from handrail.web.hooks.seen import InMemory, Seen
from handrail.web.problems import Problem
from handrail.web.settings import Settings

#: Signatures that are taken. Those of shared secrets, and none, never are.
ALGORITHMS = (
    "ES384", "RS384", "ES256", "ES512", "PS256", "PS384", "PS512", "RS256", "RS512", "Ed25519", "EdDSA",
)  # fmt: skip
#: Seconds that clocks may differ, and that a token may live.
SKEW, LONGEST = 60, 3600
_MAX_TOKEN = 8192
_NAMES = ("localhost", "127.0.0.1", "[::1]", "::1")


class Clients:
    """The clients of a file: issuers with their keys, and the address under which they call this service."""

    def __init__(self, base: str, clients: dict[str, KeySet], seen: Seen | None = None) -> None:
        self.base, self.clients = base.rstrip("/"), clients
        self.seen = seen or InMemory()

    @classmethod
    def of(cls, path: Path, seen: Seen | None = None) -> Clients:
        """The clients of a file (docs/cds-hooks.md), and where used tokens are remembered.

        Raises:
            InputError: naming the file and what is wrong in it.
        """
        file = parse(read_bytes(path), path.name)
        if not isinstance(file, dict) or not isinstance(file.get("clients"), dict) or not file["clients"]:
            raise InputError("names no clients", where=path.name, hint="clients: {issuer: {jwks: file}}")
        base = file.get("audience")
        if not isinstance(base, str) or urlsplit(base).scheme not in ("http", "https"):
            raise InputError(
                "is no address", where=f"{path.name}: audience", hint="Such as https://cds.example.org"
            )
        keys = {}
        for issuer, entry in file["clients"].items():
            where = f"{path.name}: clients.{issuer}"
            entry = entry if isinstance(entry, dict) else {"jwks": entry}
            if not isinstance(entry.get("jwks"), str):
                raise InputError("names no file of keys", where=f"{where}.jwks")
            keys[str(issuer)] = _key_set(entry["jwks"], path.parent, where)
        return cls(base, keys, seen)

    def verify(self, token: str, endpoints: tuple[str, ...], now: float | None = None) -> str:
        """The issuer of a token that may call one of some endpoints.

        Raises:
            Problem: 401, with why; never with what the token says.
        """
        now = time.time() if now is None else now
        if len(token) > _MAX_TOKEN:
            raise refused("the token is too long")
        try:
            seen = jws.extract_compact(token.encode())
            header, stated = seen.headers(), json.loads(seen.payload)
        except (JoseError, ValueError, RecursionError, AttributeError, TypeError):
            raise refused("the token cannot be read") from None
        if header.get("alg") not in ALGORITHMS:
            raise refused("the token is signed by an algorithm that is not taken")
        if str(header.get("typ", "")).upper() != "JWT" or not isinstance(header.get("kid"), str):
            raise refused("the token's header must have typ JWT and a kid")
        issuer = stated.get("iss") if isinstance(stated, dict) else None
        keys = self.clients.get(issuer) if isinstance(issuer, str) else None
        if keys is None or not isinstance(issuer, str):
            raise refused("the token's issuer is not one that this service trusts")
        key = next((key for key in keys.keys if key.kid == header["kid"]), None)
        if key is None:
            raise refused("the token's key is not one of its issuer's")
        if key.as_dict().get("alg") not in (None, header["alg"]):
            raise refused("the token's key is for another algorithm")
        try:
            claims = jwt.decode(token, key, algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError, TypeError):
            raise refused("the token's signature is not right") from None
        self._check(claims, tuple(f"{self.base}{endpoint}" for endpoint in endpoints), now)
        if not self.seen.first(issuer, claims["jti"], claims["exp"] + SKEW, now):
            raise refused("the token was used before")
        return issuer

    @staticmethod
    def _check(claims: dict[str, Any], endpoints: tuple[str, ...], now: float) -> None:
        audience = claims.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        if not any(name in endpoints for name in named):
            raise refused("the token is for another audience: it must name the address that is called")
        for name in ("exp", "iat"):
            value = claims.get(name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
                raise refused(f"the token must have {name}, in seconds")
        if claims["exp"] <= now - SKEW:
            raise refused("the token has expired")
        if claims["iat"] > now + SKEW:
            raise refused("the token is of the future")
        if claims["exp"] > now + LONGEST + SKEW or claims["exp"] <= claims["iat"]:
            raise refused("the token lives too long, or ends before it begins")
        before = claims.get("nbf")
        if before is not None and not (isinstance(before, int | float) and before <= now + SKEW):
            raise refused("the token is not valid yet")
        if not isinstance(claims.get("jti"), str) or not 0 < len(claims["jti"]) <= 256:
            raise refused("the token must have a jti")


def refused(why: str) -> Problem:
    """The answer to a caller that is not trusted."""
    headers = {"WWW-Authenticate": 'Bearer realm="cds-services", error="invalid_token"'}
    return Problem(401, "Not authenticated", why, kind="not-authenticated", headers=headers)


def _key_set(given: str, folder: Path, where: str) -> KeySet:
    address = urlsplit(given)
    if address.scheme in ("http", "https"):
        hint = "Save the client's key set and name the file; nothing is fetched"
        raise InputError("is an address in the network", where=f"{where}.jwks", hint=hint)
    path = Path(unquote(address.path)) if address.scheme == "file" else folder / given
    try:
        data = json.loads(read_bytes(path))
        # Private parts are dropped, so that a file with them does no harm here.
        public = {"keys": [{k: v for k, v in key.items() if k not in _PRIVATE} for key in data["keys"]]}
        keys = KeySet.import_key_set(public)  # type: ignore[arg-type]
    except InputError as error:
        raise InputError(f"{path.name} {error.message}", where=f"{where}.jwks", hint=error.hint) from None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise InputError("is no JSON Web Key Set", where=f"{where}.jwks") from None
    if not keys.keys or any(key.key_type == "oct" for key in keys.keys):
        raise InputError("must hold public keys (EC, RSA or OKP)", where=f"{where}.jwks")
    if any(not isinstance(key.get("kid"), str) or not key["kid"] for key in data["keys"]):
        raise InputError("has a key without a kid", where=f"{where}.jwks")
    return keys


_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth")


def admit(request: Request, clients: Clients | None, settings: Settings, endpoints: tuple[str, ...]) -> str:
    """Who calls: the issuer of the token, or ``loopback`` where no clients are configured.

    Raises:
        Problem: 401 for everybody else.
    """
    if clients is not None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise refused("a Bearer token is needed")
        return clients.verify(token.strip(), endpoints)
    if not _is_loopback(request, settings):
        raise refused("open on loopback only, as long as no clients are configured (HANDRAIL_HOOKS_CLIENTS)")
    return "loopback"


def _is_loopback(request: Request, settings: Settings) -> bool:
    """Whether the call comes from this machine and asks for it by a name of its own.

    A proxy in front also calls from this machine: what it forwards does not count. The Host header keeps a page of
    elsewhere from calling by a name that it made point here.
    """
    forwarded = any(
        name in request.headers for name in ("forwarded", "x-forwarded-for", "x-forwarded-host", "via")
    )
    if settings.behind_proxy or forwarded or not _local(settings.host) or request.client is None:
        return False
    host = request.headers.get("host", "")
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    return name.lower() in _NAMES and _local(request.client.host)


def _local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
