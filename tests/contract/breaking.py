"""What of a new contract would break a program written against an older one, each in one French sentence.

What is read may only grow, what is said may only be asked less: a field more in an answer breaks nobody, a field more
that must be sent breaks everybody. Shapes are compared by what they hold, not by what they are called.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from tests.contract.reading import led_to, operations, parameters

Way = Literal["said", "read"]
Node = dict[str, Any]
# Limits of what is said: what they are called, and whether a greater one is more generous.
GENEROUS = {
    "maxLength": True, "maximum": True, "exclusiveMaximum": True, "maxItems": True, "maxProperties": True,
    "minLength": False, "minimum": False, "exclusiveMinimum": False, "minItems": False, "minProperties": False,
}  # fmt: skip


def breaks(old: Node, new: Node) -> list[str]:
    """Every break, in the order of the older document."""
    return list(dict.fromkeys(_Comparison(old, new).all()))


class _Comparison:
    def __init__(self, old: Node, new: Node) -> None:
        self.old, self.new = old, new
        self._compared: set[tuple[str, str, Way]] = set()

    def all(self) -> Iterator[str]:
        for method, path, operation in operations(self.old):
            where = f"{method.upper()} {path}"
            now = self.new["paths"].get(path, {}).get(method)
            if now is None:
                yield f"{where} n'existe plus : qui l'appelle reçoit 404."
                continue
            yield from self._operation(where, operation, now)

    def _operation(self, where: str, old: Node, new: Node) -> Iterator[str]:
        if old["operationId"] != new["operationId"]:
            yield f"{where} a changé d'operationId : une fonction des clients générés n'a plus le même nom."
        if old.get("x-scope") != new.get("x-scope"):
            yield f"{where} demande une autre portée : un jeton qui l'ouvrait ne l'ouvre plus."
        for role in sorted(set(old.get("x-roles", ())) - set(new.get("x-roles", ()))):
            yield f"{where} n'est plus ouverte au rôle {role} : il reçoit 403."
        if new["security"] and not old["security"]:
            yield f"{where} demande un jeton : qui l'appelait sans reçoit 401."
        yield from self._parameters(where, old, new)
        yield from self._request(where, old.get("requestBody"), new.get("requestBody"))
        yield from self._responses(where, old["responses"], new["responses"])

    def _parameters(self, where: str, old: Node, new: Node) -> Iterator[str]:
        before = {(each["in"], each["name"]): each for each in parameters(self.old, old)}
        after = {(each["in"], each["name"]): each for each in parameters(self.new, new)}
        for (place, name), each in before.items():
            now = after.get((place, name))
            if now is None:
                yield f"{where} ne connaît plus le paramètre {name} : qui l'envoie est refusé."
                continue
            yield from self._schemas(f"{where}, paramètre {name}", "said", _never_null(each), _never_null(now))
        for (place, name), each in after.items():
            if each.get("required") and not before.get((place, name), {}).get("required"):
                yield f"{where} exige le paramètre {name} : qui ne l'envoie pas est refusé."

    def _request(self, where: str, old: Node | None, new: Node | None) -> Iterator[str]:
        if old is None:
            if new is not None and new.get("required"):
                yield f"{where} exige un corps : qui n'en envoie pas est refusé."
            return
        if new is None:
            yield f"{where} ne lit plus de corps : qui en envoie un est refusé."
            return
        if new.get("required") and not old.get("required"):
            yield f"{where} exige un corps : qui n'en envoie pas est refusé."
        for media_type, media in old["content"].items():
            if media_type not in new["content"]:
                yield f"{where} ne lit plus {media_type} : qui l'envoie reçoit 415."
                continue
            # ``null`` says that there may be no body: ``required`` tells it now.
            now = new["content"][media_type]
            yield from self._schemas(f"{where}, corps", "said", _never_null(media), _never_null(now))

    def _responses(self, where: str, old: Node, new: Node) -> Iterator[str]:
        for status, response in old.items():
            if status not in new:
                yield f"{where} ne répond plus {status} : qui l'attendait ne le voit plus venir."
                continue
            before, after = led_to(self.old, response), led_to(self.new, new[status])
            for name in before.get("headers", {}).keys() - after.get("headers", {}).keys():
                yield f"{where}, réponse {status} : l'en-tête {name} n'est plus envoyé."
            for media_type, media in before.get("content", {}).items():
                now = after.get("content", {}).get(media_type)
                if now is None:
                    yield f"{where}, réponse {status} : {media_type} n'est plus rendu."
                    continue
                yield from self._schemas(f"{where}, réponse {status}", "read", media["schema"], now["schema"])

    def _schemas(self, where: str, way: Way, old: Node, new: Node) -> Iterator[str]:
        pair = (old.get("$ref", ""), new.get("$ref", ""), way)
        if all(pair):
            if pair in self._compared:
                return
            self._compared.add(pair)
        before, after = _alternatives(led_to(self.old, old)), _alternatives(led_to(self.new, new))
        if len(before) == len(after) == 1:
            yield from self._one(where, way, led_to(self.old, before[0]), led_to(self.new, after[0]))
            return
        # Said: each shape that was accepted still is. Read: each shape that may come was known.
        for shape in before if way == "said" else after:
            others = after if way == "said" else before
            found = [self._tried(where, way, *((shape, each) if way == "said" else (each, shape))) for each in others]
            yield from min(found, key=len, default=[])

    def _tried(self, where: str, way: Way, old: Node, new: Node) -> list[str]:
        return list(_Comparison(self.old, self.new)._schemas(where, way, old, new))

    def _one(self, where: str, way: Way, old: Node, new: Node) -> Iterator[str]:
        allowed, given = (new, old) if way == "said" else (old, new)
        if not _types(given) <= _types(allowed):
            yield f"{where} : le type a changé, de {old.get('type')} à {new.get('type')}."
            return
        for key, what in (
            ("format", "le format"),
            ("x-nomenclature", "la liste officielle"),
            ("default", "la valeur par défaut"),
        ):
            if old.get(key) != new.get(key):
                yield f"{where} : {what} a changé, de {old.get(key)} à {new.get(key)}."
        gone = [
            str(each) for each in _values(old) or () if _values(new) is not None and each not in (_values(new) or ())
        ]
        if gone:
            yield f"{where} : {', '.join(gone)} n'est plus une valeur admise."
        if _values(old) is None and _values(new) is not None and way == "said":
            yield f"{where} : seules quelques valeurs sont encore admises."
        if way == "said":
            yield from self._limits(where, old, new)
        yield from self._members(where, way, old, new)
        if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
            yield from self._schemas(f"{where}[]", way, old["items"], new["items"])

    def _limits(self, where: str, old: Node, new: Node) -> Iterator[str]:
        for key, greater_is_more in GENEROUS.items():
            before, after = old.get(key), new.get(key)
            if after is not None and (before is None or (after < before if greater_is_more else after > before)):
                yield f"{where} : la limite {key} s'est resserrée, de {before} à {after}."
        if new.get("pattern") not in (None, old.get("pattern")):
            yield f"{where} : le motif exigé a changé."
        if old.get("additionalProperties", True) is True and new.get("additionalProperties", True) is False:
            yield f"{where} : un membre inconnu est désormais refusé."

    def _members(self, where: str, way: Way, old: Node, new: Node) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, member in before.items():
            if name not in after:
                what = "qui l'envoie est refusé" if way == "said" else "qui le lit ne le trouve plus"
                yield f"{where}, /{name} : ce champ n'existe plus : {what}."
                continue
            yield from self._schemas(f"{where}, /{name}", way, member, after[name])
        required, now = set(old.get("required", ())), set(new.get("required", ()))
        if way == "said":
            for name in sorted(now - required):
                yield f"{where}, /{name} : ce champ est désormais exigé : qui ne l'envoie pas est refusé."
        else:
            for name in sorted((required - now) & after.keys()):
                yield f"{where}, /{name} : ce champ n'est plus toujours rendu : qui compte dessus s'arrête."


def _alternatives(schema: Node) -> list[Node]:
    found: list[Node] = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return found


def _never_null(said: Node) -> Node:
    """The schema of a body or a parameter, which cannot be ``null``: it is there, or it is not."""
    schema: Node = said["schema"]
    kept = [each for each in _alternatives(schema) if each != {"type": "null"}]
    return kept[0] if len(kept) == 1 else {"anyOf": kept}


def _types(schema: Node) -> set[str]:
    """The types of a schema, in full: an integer is a number too."""
    kind = schema.get("type")
    if kind is None:
        return {"string", "integer", "number", "boolean", "array", "object", "null"}
    found = set(kind if isinstance(kind, list) else [kind])
    return found | ({"integer"} if "number" in found else set())


def _values(schema: Node) -> list[Any] | None:
    found: list[Any] | None = [schema["const"]] if "const" in schema else schema.get("enum")
    return found
