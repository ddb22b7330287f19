"""Ids, moments and values of OTLP's JSON."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode.otlp_values import any_value, attributes_of, identifier, moment
from tests.decode.otlp import value
from tests.decode.test_values import anything

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    "told",
    [TRACE, TRACE.upper(), f"0x{TRACE}", base64.b64encode(bytes.fromhex(TRACE)).decode()],
)
def test_an_id_has_one_spelling(told: str) -> None:
    assert identifier(told, 32) == TRACE


@pytest.mark.parametrize("told", [None, "", "0" * 32, "0x" + "0" * 32, True])
def test_an_id_of_zeros_is_none(told: object) -> None:
    assert identifier(told, 32) is None


def test_an_id_of_another_make_is_kept() -> None:
    assert identifier("my-own-id", 32) == "my-own-id"


@pytest.mark.parametrize(
    "told",
    [1767323045250000000, "1767323045250000000", "2026-01-02T03:04:05.250Z"],
)
def test_moments_are_seconds(told: object) -> None:
    assert moment(told) == pytest.approx(1767323045.25)


@pytest.mark.parametrize("told", [None, "", 0, "0", -1, [], "soon", "²"])
def test_what_is_no_moment_is_none(told: object) -> None:
    assert moment(told) is None


plain = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(plain)
def test_values_are_read_back(told: Any) -> None:
    assert any_value(value(told)) == told


def test_values_as_exporters_write_them() -> None:
    assert any_value({"intValue": 7}) == 7
    assert any_value({"int_value": "7"}) == 7
    assert any_value({"doubleValue": "NaN"}) is None
    assert any_value({"bytesValue": "AAAA"}) == "[bytes]"
    assert any_value({}) is None
    assert any_value({"stringValue": None, "intValue": "7", "arrayValue": None}) == 7
    assert attributes_of({"attributes": {"plain": 1}}) == {"plain": 1}


@given(anything)
def test_nothing_raises(told: object) -> None:
    any_value(told)
    moment(told)
    identifier(told, 16)
    attributes_of({"attributes": told})
    attributes_of({"attributes": [told, {"key": "a", "value": told}]})
