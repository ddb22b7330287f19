"""Lengths of time, sizes and addresses, as people write them in settings and options."""

from __future__ import annotations

import pytest

from llmtop import setting_values


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("250ms", 0.25), ("10m", 600), ("1.5h", 5400), ("2 d", 172800), ("1w", 604800)],
)
def test_lengths_of_time(text: str, seconds: float) -> None:
    assert setting_values.seconds(text) == seconds


@pytest.mark.parametrize(
    ("text", "size"), [("1000", 1000), ("2k", 2000), ("500MB", 500_000_000), ("1.5GiB", 1.5e9)]
)
def test_sizes(text: str, size: float) -> None:
    assert setting_values.size(text) == size


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("8127", ("127.0.0.1", 8127)),
        ("0.0.0.0:9", ("0.0.0.0", 9)),
        ("[::1]:8127", ("::1", 8127)),
        ("off", None),
    ],
)
def test_addresses(text: str, address: tuple[str, int] | None) -> None:
    assert setting_values.address(text) == address


@pytest.mark.parametrize("text", ["", "x", "-1h", "1y", "1h2"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a length of time"):
        setting_values.seconds(text)
