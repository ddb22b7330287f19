"""Masking: what is found, what is left alone, and that time grows with the text and no faster."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.emit import masking


def masked(text: str, **options: Any) -> tuple[str, dict[str, int]]:
    counts: dict[str, int] = {}
    return masking.mask(text, counts, **options), counts


JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAK\nabc+/=\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "expected", "kind"),
    [
        ("mail alice.b@ex-ample.co.uk now", "mail [EMAIL] now", "email"),
        ("a@b.co|m", "[EMAIL]|m", "email"),
        ("call +1 415 555 2671.", "call [PHONE].", "phone"),
        ("(415) 555-2671", "[PHONE]", "phone"),
        ("415-555-2671", "[PHONE]", "phone"),
        ("+44 20 7946 0958", "[PHONE]", "phone"),
        ("ssn 123-45-6789", "ssn [SSN]", "ssn"),
        ("4111 1111 1111 1111", "[CREDIT_CARD]", "credit_card"),
        ("4111-1111-1111-1111 123", "[CREDIT_CARD] 123", "credit_card"),
        ("378282246310005", "[CREDIT_CARD]", "credit_card"),
        ("to DE89 3704 0044 0532 0130 00 OK", "to [IBAN] OK", "iban"),
        ("GB29NWBK60161331926819", "[IBAN]", "iban"),
        ("sk-proj-" + "aB3" * 12, "[API_KEY]", "api_key"),
        ("api_key=sk-" + "b" * 30, "api_key=[API_KEY]", "api_key"),
        ("AKIAIOSFODNN7EXAMPLE", "[API_KEY]", "api_key"),
        ("ghp_" + "a" * 36, "[API_KEY]", "api_key"),
        ("Authorization: Bearer abcdefghijklmnop1234", "Authorization: Bearer [BEARER]", "bearer"),
        ("password: hunter2hunter", "password: [SECRET]", "secret"),
        ('{"password": "hunter2hunter"}', '{"password": "[SECRET]"}', "secret"),
        (f"token {JWT}", "token [JWT]", "jwt"),
        (f"{KEY} after", "[PRIVATE_KEY] after", "private_key"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEowABC cut. Rest", "[PRIVATE_KEY]. Rest", "private_key"),
    ],
)
def test_what_is_personal_or_secret_is_replaced_and_counted(
    text: str, expected: str, kind: str
) -> None:
    assert masked(text) == (expected, {kind: 1})


@pytest.mark.parametrize(
    "text",
    [
        "git@github.com:llmtop",
        "a.@b..com",
        "created 1700000000, cost 0.1234567890",
        "1700000000123456789 ns",
        "000-12-3456 666-12-3456 900-12-3456",
        "123-45-6789-00",
        "4111 1111 1111 1112",
        "DE89 3704 0044 0532 0130 01",
        "550e8400-e29b-41d4-a716-446655440000",
        "version 1.2.3.4 of 2024-05-01",
        "sk-short",
        "the bearer of this letter",
        "the password is secret",
        "gpt-4o-mini-2024-07-18",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert masked(text) == (text, {})


def test_addresses_are_masked_where_that_is_asked_for_and_private_ones_never() -> None:
    text = "8.8.8.8 and 10.0.0.1, 192.168.1.1, 172.16.0.9, 127.0.0.1"
    assert masked(text) == (text, {})
    assert masked(text, addresses=True) == (text.replace("8.8.8.8", "[IP]"), {"ip": 1})


@given(st.text(max_size=300))
def test_masking_again_changes_nothing(text: str) -> None:
    once, _ = masked(text)
    assert masked(once)[0] == once


@given(st.text(max_size=50), st.text(max_size=50))
def test_an_address_is_found_wherever_it_stands(before: str, after: str) -> None:
    text = f"{before} alice@example.com {after}"
    assert "alice@example.com" not in masked(text)[0]


HOSTILE = {
    "dots": "a.",
    "at signs": "@",
    "half addresses": "a@b.",
    "encoded": "%20a%3Db%26",
    "keys that begin": "-----BEGIN PRIVATE KEY-----",
    "tokens that begin": "eyJaaaaaaaaaa.",
    "digits": "1 ",
    "dashes": "12-",
    "ibans that begin": "AB12 ",
    "phones that begin": "+1 (4",
    "passwords": "password=",
    "bearers": "bearer ",
    "long labels": "a@" + "b-" * 30 + ".",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_no_pattern_backtracks_beyond_its_bounds(piece: str) -> None:
    # A quadratic pattern needs minutes for this and runs into the test's timeout.
    long = piece * (masking.LONGEST // len(piece))
    assert len(masked(long)[0]) > 0


def test_a_text_too_long_to_search_is_cut_and_nothing_of_it_slips_through() -> None:
    address = "alice@example.com "
    text = address * (2 * masking.LONGEST // len(address))
    short, counts = masked(text)
    assert len(short) < masking.LONGEST + 100
    assert "alice" not in short
    assert "example" not in short
    assert re.search(r"… \d+ characters cut before masking …", short)
    assert counts["email"] > 1000
