"""The life of a situation as a page of rules: who reaches what, when an act conflicts, and what it changes.

Nothing here knows of SQL or of HTTP beyond a path and a status. A tester compares it with the API, step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.house_for_tests import ANSWERS_FOR, PEOPLE, SERVED
from tests.routers.asking import interview, someone

CAST = (
    "officer", "officer_elsewhere", "commander", "worker", "colleague", "worker_elsewhere", "partner",
    "partner_elsewhere",
)  # fmt: skip
ROLE = {name: PEOPLE[name][0] for name in CAST}
UNIT = {name: PEOPLE[name][1] for name in CAST}
POST = {name: PEOPLE[name][2] for name in CAST}
WORKER, OFFICER, PARTNER = ("social_worker",), ("police_officer",), ("partner",)
STANDIN = "worker_elsewhere"
"""Who replaces the holders of the shared post, while a replacement is in course: reads, writes nothing, no note."""


@dataclass
class Thing:
    """Something of the model: a referral, a situation, a participation, a note, an orientation."""

    kind: str
    id: str
    state: str
    facts: dict[str, Any] = field(default_factory=dict)
    parent: Thing | None = None

    @property
    def situation(self) -> Thing:
        """The situation it hangs on."""
        return self if self.kind == "situation" or self.parent is None else self.parent.situation


@dataclass
class World:
    """Everything that was made, and whether the stand-in replaces."""

    things: dict[str, list[Thing]] = field(default_factory=dict)
    replaced: bool = False

    def add(self, thing: Thing) -> Thing:
        self.things.setdefault(thing.kind, []).append(thing)
        return thing

    def reads(self, who: str, thing: Thing) -> bool:
        """Does this person, whose role reads such things, see this one?"""
        role = ROLE[who]
        if thing.kind == "referral":
            if role == "police_officer":
                return bool(UNIT[who] == thing.facts["unit"])
            return role == "social_worker" and any(thing.facts["unit"] in SERVED[post] for post in self._posts(who))
        if thing.kind == "note":
            return who == thing.facts["author"] or who in thing.facts["shares"]
        if role == "partner":
            return thing.state != "proposed" and thing.facts.get("sent", False) and ANSWERS_FOR[who] == "ccas"
        return thing.situation.facts["post"] in self._posts(who)

    def holds(self, who: str, thing: Thing) -> bool:
        """Does this person act on it, and not read only?"""
        if who == STANDIN and thing.kind == "referral":
            return thing.facts["unit"] in SERVED[str(POST[who])]
        if who == STANDIN and thing.kind != "note":
            return bool(thing.situation.facts["post"] == POST[who])
        return self.reads(who, thing)

    def _posts(self, who: str) -> list[str]:
        own = [str(POST[who])] if POST[who] else []
        return [*own, "shared_post"] if who == STANDIN and self.replaced else own


READERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "referral": ("/v1/referrals/{id}", ("police_officer", "social_worker", "partner")),
    "situation": ("/v1/situations/{id}", WORKER),
    "participation": ("/v1/participations/{id}", WORKER),
    "note": ("/v1/notes/{id}", WORKER),
    "orientation": ("/v1/orientations/{id}", (*WORKER, *PARTNER)),
}


def shown(who: str, thing: Thing) -> Mapping[str, Any]:
    """What this reader must see of its state, and nothing else than that of her side."""
    if thing.kind == "referral":
        feedback = {"feedback_code": thing.facts["feedback"]}
        # To the unit, the referral never says what the worker made of it.
        return feedback if ROLE[who] == "police_officer" else {**feedback, "status": thing.state}
    if thing.kind == "orientation":
        answer = thing.facts["answer"]
        if ROLE[who] == "partner":
            return {"status": answer or ("no_feedback" if thing.facts["closed"] else "transmitted")}
        return {"status": answer or thing.state if thing.state == "transmitted" else thing.state}
    return {"status": thing.state} if thing.kind == "situation" else {}


Body = Mapping[str, Any] | None


@dataclass(frozen=True)
class Act:
    """One act: who may, on what, where, what is said, when it conflicts, and what it changes."""

    on: str
    roles: tuple[str, ...]
    path: str
    body: Body | Callable[[Thing], Body] = None
    wrong: Body = None
    conflicts: Callable[[Thing], bool] = lambda _: False
    then: Callable[[World, str, Thing, Any], None] = lambda *_: None
    status: int = 200
    only: Callable[[str, Thing], bool] = lambda *_: True
    """Who, of those who reach it, may: the others are answered as if it were not there."""
    method: str = "POST"
    cannot: Callable[[str, Thing], bool] = lambda *_: False
    """What she says does not hold, for her: 422."""


def _becomes(state: str, **facts: Any) -> Callable[[World, str, Thing, Any], None]:
    def then(_: World, __: str, thing: Thing, ___: Any) -> None:
        thing.state = state
        thing.facts.update(facts)

    return then


def _decided(thing: Thing) -> bool:
    return thing.state not in ("sent", "received")


def _open(world: World, answer: Any, post: str) -> None:
    situation = world.add(Thing("situation", answer["id"], "open", {"post": post}))
    for each in answer["participations"]:
        world.add(Thing("participation", each["id"], "", {}, situation))


def _accept(world: World, who: str, thing: Thing, answer: Any) -> None:
    thing.state = "accepted"
    _open(world, answer, str(POST[who]))


def _feedback(_: World, __: str, thing: Thing, ___: Any) -> None:
    thing.facts["feedback"] = "contact_made"
    thing.state = "received" if thing.state == "sent" else thing.state


def _met(_: World, __: str, thing: Thing, ___: Any) -> None:
    if thing.situation.state in ("open", "contact_in_progress"):
        thing.situation.state = "active"


def _tried(_: World, __: str, thing: Thing, ___: Any) -> None:
    if thing.situation.state == "open":
        thing.situation.state = "contact_in_progress"


def _joined(world: World, _: str, thing: Thing, answer: Any) -> None:
    world.add(Thing("participation", answer["id"], "", {}, thing))


def _noted(world: World, who: str, thing: Thing, answer: Any) -> None:
    world.add(Thing("note", answer["id"], "", {"author": who, "shares": {}}, thing))


def _proposed(world: World, _: str, thing: Thing, answer: Any) -> None:
    world.add(Thing("orientation", answer["id"], "proposed", {"answer": None, "closed": False}, thing))


def _shared(_: World, who: str, thing: Thing, answer: Any) -> None:
    thing.facts["shares"][_other(who)] = answer["id"]


def _unshared(_: World, __: str, thing: Thing, ___: Any) -> None:
    thing.facts["shares"].clear()


def _ended(_: World, __: str, thing: Thing, ___: Any) -> None:
    thing.facts["closed"] = True
    thing.state = thing.state if thing.facts["answer"] in ("taken_up", "refused_by_partner") else "no_feedback"


def _closed(thing: Thing) -> bool:
    return thing.situation.state == "closed"


def _sent(thing: Thing) -> bool:
    return thing.state not in ("proposed", "agreed")


def _deaf(thing: Thing) -> bool:
    return thing.facts["closed"] or thing.facts["answer"] == "refused_by_partner"


def _answers(value: str) -> Callable[[World, str, Thing, Any], None]:
    def then(_: World, __: str, thing: Thing, ___: Any) -> None:
        thing.facts["answer"] = value

    return then


def _other(who: str) -> str:
    return "colleague" if who == "worker" else "worker"


def _author(who: str, thing: Thing) -> bool:
    return bool(who == thing.facts["author"])


SENDING = {"legal_basis": "person_agreement", "fields": ["last_name"], "person_informed": "informed_before"}
NONSENSE = {"nonsense": "of somebody who mistyped"}
S, R, P = "/v1/situations/{id}", "/v1/referrals/{id}", "/v1/participations/{id}"
N, OR = "/v1/notes/{id}", "/v1/orientations/{id}"

ACTS: Mapping[str, Act] = {
    "withdraw a referral": Act(
        "referral", (*OFFICER, *PARTNER), f"{R}/withdraw",
        conflicts=lambda r: r.state == "withdrawn", then=_becomes("withdrawn")),
    "accept a referral": Act(
        "referral", WORKER, f"{R}/accept", {}, NONSENSE, _decided, _accept, 201),
    "redirect a referral": Act(
        "referral", WORKER, f"{R}/redirect", {"redirected_to": "CCAS"}, {"redirected_to": ""}, _decided,
        _becomes("redirected")),
    "reject a referral": Act(
        "referral", WORKER, f"{R}/reject", {}, NONSENSE, _decided, _becomes("rejected_out_of_scope")),
    "answer the unit": Act(
        "referral", WORKER, f"{R}/feedback", {"feedback_code": "contact_made"}, {"feedback_code": "nonsense"},
        lambda r: r.state == "withdrawn", _feedback),
    "suspend a situation": Act(
        "situation", WORKER, f"{S}/suspend", {}, {"suspended_on": "soon"}, lambda s: s.state != "active",
        _becomes("suspended")),
    "resume a situation": Act(
        "situation", WORKER, f"{S}/resume", conflicts=lambda s: s.state != "suspended", then=_becomes("active")),
    "close a situation": Act(
        "situation", WORKER, f"{S}/close", {"closure_reason": "need_met"}, {"closure_reason": "nonsense"},
        lambda s: s.state == "closed", _becomes("closed")),
    "reopen a situation": Act(
        "situation", WORKER, f"{S}/reopen", conflicts=lambda s: s.state != "closed", then=_becomes("active")),
    "add somebody": Act(
        "situation", WORKER, f"{S}/participations", someone(), NONSENSE, _closed, _joined, 201),
    "try to reach her": Act(
        "participation", WORKER, "/v1/interventions",
        lambda p: interview(p.id, intervention_type="contact_attempt", outcome="no_answer"),
        {"intervention_type": "nonsense"}, _closed, _tried, 201),
    "meet her": Act(
        "participation", WORKER, "/v1/interventions", lambda p: interview(p.id), {"outcome": "nonsense"},
        _closed, _met, 201),
    "write a note": Act(
        "participation", WORKER, f"{P}/notes", {"text": "Ce qu'elle m'a confié."}, {"text": ""}, _closed, _noted, 201),
    "propose an orientation": Act(
        "participation", WORKER, f"{P}/orientations", {"need_type": "housing"}, {"need_type": "nonsense"}, _closed,
        _proposed, 201),
    "open a note to a colleague": Act(
        "note", WORKER, f"{N}/shares", {}, {"shared_with": "nobody"},
        lambda n: bool(n.facts["shares"]), _shared, 201, _author,
        # In the other post she is alone.
        cannot=lambda who, _: who == STANDIN),
    "close a note to a colleague": Act(
        "note", WORKER, f"{N}/shares/{{share}}", then=_unshared, status=204, method="DELETE",
        only=lambda who, n: _author(who, n) and bool(n.facts["shares"])),
    "agree": Act(
        "orientation", WORKER, f"{OR}/agree", {"agreed_fields": ["last_name", "message"]}, {"agreed_fields": ["x"]},
        lambda o: _sent(o) or _closed(o), _becomes("agreed")),
    "decline": Act(
        "orientation", WORKER, f"{OR}/decline", {}, {"declined_on": "later"}, _sent, _becomes("declined_by_person")),
    "transmit": Act(
        "orientation", WORKER, f"{OR}/transmit", SENDING, {"fields": "all of them"},
        lambda o: o.state != "agreed" or _closed(o), _becomes("transmitted", sent=True)),
    "end an exchange": Act(
        "orientation", WORKER, f"{OR}/close",
        conflicts=lambda o: o.state != "transmitted" or o.facts["closed"], then=_ended),
    "acknowledge": Act(
        "orientation", PARTNER, f"{OR}/acknowledge",
        conflicts=lambda o: _deaf(o) or o.facts["answer"] is not None, then=_answers("acknowledged")),
    "take up": Act(
        "orientation", PARTNER, f"{OR}/take-up",
        conflicts=lambda o: _deaf(o) or o.facts["answer"] == "taken_up", then=_answers("taken_up")),
    "refuse": Act(
        "orientation", PARTNER, f"{OR}/refuse", {"refusal_reason": "no_capacity"}, {"refusal_reason": "nonsense"},
        lambda o: _deaf(o) or o.facts["answer"] == "taken_up", _answers("refused_by_partner")),
}  # fmt: skip


def expected(world: World, act: Act, who: str, thing: Thing | None, *, wrong: bool) -> frozenset[int]:
    """What this person must be answered; ``thing`` is ``None`` where there is nothing."""
    if ROLE[who] not in act.roles:
        return frozenset({403})
    if wrong:
        return frozenset({422})
    if thing is None or not world.reads(who, thing) or not act.only(who, thing):
        return frozenset({404})
    if not world.holds(who, thing):
        return frozenset({403, 404, 409})  # the stand-in: refused whatever the state
    if act.cannot(who, thing):
        return frozenset({422})
    return frozenset({409}) if act.conflicts(thing) else frozenset({act.status})
