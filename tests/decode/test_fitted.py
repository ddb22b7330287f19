"""Objects fitted to a typed record."""

from __future__ import annotations

from hypothesis import given
from msgspec import Raw, Struct

from llmtop.decode.fitted import fitted
from tests.decode.test_values import anything


class Inner(Struct):
    number: int | None = None
    text: str | None = None


class Outer(Struct):
    name: str | None = None
    inner: Inner | None = None
    several: list[Inner] | str | None = None
    raw: Raw = Raw(b"")


def test_what_fits_is_taken_and_the_rest_left_out() -> None:
    found = fitted(
        {
            "name": ["no text"],
            "inner": {"number": "7", "text": 5, "unknown": 1},
            "several": [{"number": 1}, "odd", {"number": "many", "text": "t"}],
            "raw": {"a": 1},
        },
        Outer,
    )
    assert found.name is None
    assert found.inner is not None
    assert found.inner.number == 7
    assert [each.number for each in found.several or () if isinstance(each, Inner)] == [1, None]
    assert bytes(found.raw) == b'{"a":1}'


def test_one_of_several_kinds_is_taken() -> None:
    assert fitted({"several": "a text"}, Outer).several == "a text"


@given(anything, anything)
def test_nothing_is_too_odd(one: object, other: object) -> None:
    found = fitted({"name": one, "inner": other, "several": [one, other], "raw": one}, Outer)
    assert isinstance(found, Outer)
