"""Rows out of a file of any size, one at a time, in a memory that does not grow.

Four forms are understood, told apart as they are read: `{"structures": […], "services": […]}` in any order, a list of
mixed rows, a page of the data·inclusion API (`{"items": […], "page": 1…}`), one row a line. Pages or objects may follow
one another. A row with a `structure_id` is a service, unless the list it stands in says otherwise.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO, Final, Literal, NamedTuple

import ijson

Kind = Literal["structure", "service"]

LARGEST_ROW: Final = 262_144
"""Bytes, to within one buffer."""

DEEPEST: Final = 16
_BUFFER: Final = 16_384
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
# The members of an object that hold rows, and which rows.
_LISTS: Final[dict[str, Kind | None]] = {"structures": "structure", "services": "service", "items": None}
_OF_A_ROW: Final = frozenset({"source", "id"})


class Unreadable(Exception):  # noqa: N818 — read as a sentence where it is raised
    """The file cannot be read on: why, and the number of the row that was being read."""

    def __init__(self, code: str, number: int) -> None:
        super().__init__(code)
        self.code = code
        self.number = number


class RawRow(NamedTuple):
    """A row as it stands in the file: its number, from 1; what it is; its members, checked by nobody."""

    number: int
    kind: Kind
    members: Any


class Rows:
    """The rows of a binary file, from its beginning; to be read once. Raises Unreadable as they are read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._since_row = 0
        self.count = 0
        """Rows read so far."""
        self.position = 0
        """Bytes read so far."""
        self.size = file.seek(0, 2)
        file.seek(0)

    def read(self, size: int = -1) -> bytes:
        """What the parser calls: the next bytes, unless the row it is in has grown too large."""
        if self._since_row > LARGEST_ROW:
            raise Unreadable("import_row_too_large", self.count + 1)
        chunk = self._file.read(size)
        if self.position == 0 and chunk.startswith(_BYTE_ORDER_MARK):
            self.position = len(_BYTE_ORDER_MARK)
            chunk = chunk[len(_BYTE_ORDER_MARK) :]
        self.position += len(chunk)
        self._since_row += len(chunk)
        return chunk

    def __iter__(self) -> Iterator[RawRow]:
        events = ijson.basic_parse(self, use_float=True, multiple_values=True, buf_size=_BUFFER)
        try:
            for kind, members in _rows(events):
                self.count += 1
                self._since_row = 0
                yield RawRow(self.count, kind, members)
        except _Broken as broken:
            raise Unreadable(broken.code, self.count + 1) from None
        except (ijson.JSONError, UnicodeDecodeError):  # whose text quotes the file
            raise Unreadable("import_json_broken", self.count + 1) from None


class _Broken(Exception):  # noqa: N818 — same
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Value:
    """A value being built from events; ``done`` once its last event has come."""

    def __init__(self) -> None:
        self.done = False
        self.value: Any = None
        self._open: list[Any] = []
        self._keys: list[str] = []

    @property
    def depth(self) -> int:
        """How many objects and lists are open."""
        return len(self._open)

    def take(self, event: str, said: Any) -> None:
        """Build on with one more event."""
        if event == "map_key":
            if said in self._open[-1]:
                raise _Broken("duplicate_member")
            self._open[-1][said] = None  # its place, so that a second one is seen
            self._keys[-1] = said
        elif event in ("end_map", "end_array"):
            self._open.pop()
            self._keys.pop()
            self.done = not self._open
        else:
            self._add(said if event not in ("start_map", "start_array") else {} if event == "start_map" else [])
            if event in ("start_map", "start_array"):
                if self.depth >= DEEPEST:
                    raise _Broken("too_deep")
                self._open.append(self._last)
                self._keys.append("")
            else:
                self.done = not self._open

    def _add(self, value: Any) -> None:
        self._last = value
        if not self._open:
            self.value = value
        elif isinstance(self._open[-1], dict):
            self._open[-1][self._keys[-1]] = value
        else:
            self._open[-1].append(value)

    def turns_into_an_envelope(self, event: str) -> Any:
        """The list of rows that starts here, if this object is no row but what holds rows: its name, else `None`."""
        if event != "start_array" or self.depth != 1 or not isinstance(self.value, dict):
            return None
        name = self._keys[-1]
        return name if name in _LISTS and not _OF_A_ROW & self.value.keys() else None


def _rows(events: Iterator[tuple[str, Any]]) -> Iterator[tuple[Kind, Any]]:
    """The rows that these events tell, in order."""
    for event, said in events:
        if event == "start_array":
            yield from _list(events, None)
            continue
        value = _Value()
        value.take(event, said)
        envelope = False
        while not value.done:
            event, said = next(events)  # noqa: PLW2901 — the same stream, further on
            if name := value.turns_into_an_envelope(event):
                envelope = True
                yield from _list(events, _LISTS[name])
            else:
                value.take(event, said)
        if not envelope:
            yield _kind_of(value.value), value.value


def _list(events: Iterator[tuple[str, Any]], kind: Kind | None) -> Iterator[tuple[Kind, Any]]:
    """The rows of a list whose beginning has just been read."""
    for event, said in events:
        if event == "end_array":
            return
        value = _Value()
        value.take(event, said)
        while not value.done:
            value.take(*next(events))
        yield kind or _kind_of(value.value), value.value


def _kind_of(members: Any) -> Kind:
    return "service" if isinstance(members, dict) and "structure_id" in members else "structure"
