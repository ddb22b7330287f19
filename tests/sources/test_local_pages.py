"""Only pages of this machine send from a browser, and only to this machine's own names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.sources.local_pages import is_host_allowed, is_local_origin


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost",
        "http://localhost:5173",
        "https://127.0.0.1:3000",
        "http://[::1]:8080",
        "http://app.localhost:3000",
    ],
)
def test_a_page_of_this_machine_may_send(origin: str) -> None:
    assert is_local_origin(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://evil.example:80/@localhost",
        "null",
        "",
        "file://",
        "http://[::1",
        "chrome-extension://localhost",
        "http://192.168.1.7",
    ],
)
def test_any_other_page_may_not(origin: str) -> None:
    assert not is_local_origin(origin)


@pytest.mark.parametrize("host", ["localhost:4318", "127.0.0.1:4318", "[::1]:4318", "LOCALHOST"])
def test_a_port_of_this_machine_answers_to_its_names(host: str) -> None:
    assert is_host_allowed(host, "127.0.0.1")


@pytest.mark.parametrize("host", ["evil.example:4318", "", None, "10.0.0.1", "[::1", "a b"])
def test_a_port_of_this_machine_answers_to_no_other_name(host: str | None) -> None:
    assert not is_host_allowed(host, "127.0.0.1")


def test_a_port_opened_to_others_answers_to_any_name() -> None:
    assert is_host_allowed("llmtop.internal:4318", "0.0.0.0")


@given(st.text(max_size=30))
def test_no_text_is_too_odd_for_a_header(text: str) -> None:
    assert is_local_origin(text) in (True, False)
    assert is_host_allowed(text, "localhost") in (True, False)
