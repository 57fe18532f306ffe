"""The signing keys: one signs, the next is already published, the last one is still believed for as long as it signed.

``RELAIS_SIGNING_KEY`` is one private key (PEM), or a ring: ``{"keys": [{"state": "current", "pem": …}, …]}``, one key
a line. Who verifies holds the public parts of all three before the next one signs: nobody is disconnected.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from app.access.tokens import INSTANT, LEEWAY, LIFETIME, new_signing_key, public_jwk

CURRENT, NEXT, RETIRED = "current", "next", "retired"
STATES: Final = (CURRENT, NEXT, RETIRED)
BELIEVED_FOR: Final = timedelta(seconds=LIFETIME + LEEWAY)
"""How long the tokens that a key signed may still be presented once it signs no more."""


@dataclass(frozen=True)
class RingKey:
    """One key of the ring. Its text never shows."""

    state: str
    pem: str
    since: datetime | None = None
    until: datetime | None = None

    def __repr__(self) -> str:
        return f"RingKey({self.state!r}, {self.kid!r})"

    @property
    def kid(self) -> str:
        """The name that its tokens bear."""
        return public_jwk(self.pem)["kid"]

    def public(self) -> dict[str, str]:
        """Its public part; ``until`` when it is believed until then only."""
        until = {"until": self.until.strftime(INSTANT)} if self.until else {}
        return {**public_jwk(self.pem), **until}


@dataclass(frozen=True)
class SigningRing:
    """The keys, the one that signs first."""

    keys: Sequence[RingKey]

    @classmethod
    def of(cls, said: str) -> SigningRing:
        """Read one PEM, or a ring. ``ValueError`` when it is neither; what it quotes is never the key."""
        if not said.lstrip().startswith("{"):
            public_jwk(said)  # or ValueError
            return cls([RingKey(CURRENT, said)])
        try:
            keys = [_key(each) for each in json.loads(said)["keys"]]
        except (ValueError, KeyError, TypeError):
            raise ValueError("le trousseau des clés de signature est illisible") from None
        for state, most in ((CURRENT, 1), (NEXT, 1)):
            if sum(each.state == state for each in keys) > most:
                raise ValueError("le trousseau a deux clés dans le même état")
        if not any(each.state == CURRENT for each in keys):
            raise ValueError("le trousseau n'a pas de clé en service")
        return cls(sorted(keys, key=lambda each: STATES.index(each.state)))

    @property
    def current(self) -> RingKey:
        """The one that signs."""
        return self.keys[0]

    @property
    def following(self) -> RingKey | None:
        """The one that will."""
        return next((each for each in self.keys if each.state == NEXT), None)

    def key_set(self) -> str:
        """The JWKS that the other processes verify with."""
        return json.dumps({"keys": [each.public() for each in self.keys]})

    def rotated(self, moment: datetime, *, stolen: bool = False) -> SigningRing:
        """The next signs, the current one retires, another is drawn. A stolen key is believed no more, at once.

        The first time there is no next one: it is drawn, and nothing else changes, for it has to be published first.
        """
        moment = moment.replace(microsecond=0)
        drawn = RingKey(NEXT, new_signing_key(), since=moment)
        believed = [each for each in self.keys if each.state == RETIRED and each.until and each.until > moment]
        if self.following is None and not stolen:
            return SigningRing([self.current, drawn, *believed])
        following = self.following or RingKey(NEXT, new_signing_key())
        leaving = [] if stolen else [replace(self.current, state=RETIRED, until=moment + BELIEVED_FOR)]
        return SigningRing([replace(following, state=CURRENT, since=moment), drawn, *leaving, *believed])

    def written(self) -> str:
        """What its file holds: JSON, one key a line."""
        return '{"keys": [\n' + ",\n".join(json.dumps(_written(each)) for each in self.keys) + "\n]}"


def _key(said: dict[str, str]) -> RingKey:
    if said["state"] not in STATES:
        raise ValueError
    dates = {name: _instant(said[name]) for name in ("since", "until") if name in said}
    key = RingKey(said["state"], said["pem"], **dates)
    if (key.state == RETIRED) != (key.until is not None) or not key.kid:
        raise ValueError
    return key


def _written(key: RingKey) -> dict[str, str]:
    dates = {name: getattr(key, name).strftime(INSTANT) for name in ("since", "until") if getattr(key, name)}
    return {"state": key.state, **dates, "pem": key.pem}


def _instant(said: str) -> datetime:
    return datetime.strptime(said, INSTANT).replace(tzinfo=UTC)
