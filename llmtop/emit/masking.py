"""Masks personal data and secrets in text: bounded patterns, checksums, linear time."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from llmtop.emit.checksum import (
    card_length,
    iban_length,
    mail_length,
    public_address_length,
)

LONGEST = 256 * 1024
"""Characters of one text that are looked at; a longer one is cut to head and tail first."""
_LONGEST_KEY = 8000

Counts = dict[str, int]
"""How many of each kind were masked."""


class Kind(NamedTuple):
    """One kind of thing to mask: when to look, what for, and how much of a match it really is."""

    name: str
    guard: Callable[[str], bool]
    pattern: re.Pattern[str]
    length: Callable[[str], int]


def mask(text: str, counts: Counts, *, addresses: bool = False) -> str:
    """The text with what is personal or secret replaced by `[EMAIL]`, `[PHONE]` and so on.

    Adds to `counts`. IP addresses only with `addresses`: versions such as 1.2.3.4 look like them.
    """
    if len(text) > LONGEST:
        text = _cut(text)
    if "-----BEGIN" in text:
        text = _without_private_keys(text, counts)
    digits = _has_digits(text)
    for kind in _KINDS:
        if kind.guard(text) and (digits or kind.name not in _OF_DIGITS):
            text = _replaced(text, kind, counts)
    if addresses and text.count(".") >= 3:
        text = _replaced(text, _ADDRESS, counts)
    return text


def _replaced(text: str, kind: Kind, counts: Counts) -> str:
    label = f"[{kind.name.upper()}]"
    found = 0

    def instead(match: re.Match[str]) -> str:
        nonlocal found
        matched = match.group(0)
        length = kind.length(matched)
        if not length:
            return matched
        found += 1
        # The words around a secret stay: `password: [SECRET]`.
        before = match.group(1) if match.re.groups else ""
        return f"{before}{label}{matched[length:]}"

    text = kind.pattern.sub(instead, text)
    if found:
        counts[kind.name] = counts.get(kind.name, 0) + found
    return text


def _cut(text: str) -> str:
    """Head and tail of a text, so cut that nothing is left of a secret at the cut."""
    half = LONGEST // 2
    head, tail = text[:half], text[-half:]
    start = head[-512:].rfind(" ")
    head = head[: len(head) - 512 + start] if start >= 0 else head[:-512]
    start = tail[:512].find(" ")
    tail = tail[start:] if start >= 0 else tail[512:]
    left_out = len(text) - len(head) - len(tail)
    return f"{head}\n… {left_out} characters cut before masking …\n{tail}"


def _without_private_keys(text: str, counts: Counts) -> str:
    """Replace PEM private keys, also one whose end was cut off."""
    kept: list[str] = []
    at = 0
    for begin in _KEY_BEGIN.finditer(text):
        if begin.start() < at:
            continue
        kept.append(text[at : begin.start()])
        kept.append("[PRIVATE_KEY]")
        counts["private_key"] = counts.get("private_key", 0) + 1
        body = _KEY_BODY.match(text, begin.end(), begin.end() + _LONGEST_KEY)
        at = body.end() if body else begin.end()
        end = _KEY_END.match(text, at, at + 100)
        at = end.end() if end else at
    kept.append(text[at:])
    return "".join(kept)


_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----")
_KEY_BODY = re.compile(
    r"(?:[A-Za-z0-9+/=\s:,-]|\\[nr])*?(?=-----END|$)|(?:[A-Za-z0-9+/=\s]|\\[nr])*"
)
_KEY_END = re.compile(r"-----END [A-Z ]{0,20}PRIVATE KEY-----")


def _always(_: str) -> bool:
    return True


def _whole(match: str) -> int:
    return len(match)


def _has(*parts: str) -> Callable[[str], bool]:
    if len(parts) == 1:
        (part,) = parts
        return lambda text: part in text
    return lambda text: any(part in text for part in parts)


def _has_word(*words: str) -> Callable[[str], bool]:
    def found(text: str) -> bool:
        lowered = text.lower()
        return any(word in lowered for word in words)

    return found


_NINE_DIGITS = re.compile(r"(?:\d[^\d\n]{0,8}){8}\d")


def _has_digits(text: str) -> bool:
    return _NINE_DIGITS.search(text) is not None


_OF_DIGITS = frozenset({"iban", "credit_card", "ssn", "phone"})
_KINDS = (
    Kind(
        "jwt",
        _has("eyJ"),
        re.compile(
            r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,4096}\.eyJ[A-Za-z0-9_-]{8,8192}"
            r"\.[A-Za-z0-9_-]{8,2048}"
        ),
        _whole,
    ),
    Kind(
        "api_key",
        _has(
            "sk-",
            "AIza",
            "ghp_",
            "gho_",
            "ghu_",
            "ghs_",
            "ghr_",
            "github_pat_",
            "glpat-",
            "hf_",
            "gsk_",
            "xox",
            "AKIA",
            "ASIA",
            "pylf_v",
        ),
        re.compile(
            r"(?<![A-Za-z0-9_-])(?:"
            r"sk-(?:proj-|svcacct-|admin-|ant-[a-z0-9]{3,12}-|or-v1-|lf-)?[A-Za-z0-9_-]{20,200}"
            r"|AIza[0-9A-Za-z_-]{35}|gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}"
            r"|glpat-[A-Za-z0-9_-]{20,64}|hf_[A-Za-z0-9]{30,64}|gsk_[A-Za-z0-9]{20,80}"
            r"|xox[abeprs]-[A-Za-z0-9-]{10,250}|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])"
            r"|pylf_v\d_[A-Za-z0-9_]{20,100})"
        ),
        _whole,
    ),
    Kind(
        "bearer",
        _has_word("bearer"),
        re.compile(r"((?i:\bbearer)\s{1,4})[A-Za-z0-9._~+/-]{16,4096}=*"),
        _whole,
    ),
    Kind(
        "secret",
        _has_word("key", "secret", "token", "passw", "pwd"),
        re.compile(
            r"(?i)((?:api[_-]?key|secret(?:[_-]?access[_-]?key)?|access[_-]?token|auth[_-]?token"
            r"|passwd|password|pwd)[\\\"']{0,3}\s{0,3}[:=]\s{0,3}[\\\"']{0,3})"
            r"(?!\[[A-Z_]{3,20}\])[^\s\"',;<>\\]{8,200}"
        ),
        _whole,
    ),
    Kind(
        "email",
        _has("@"),
        re.compile(
            r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@"
            r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}"
            r"(?![A-Za-z0-9-])(?!:[A-Za-z0-9_.~/-])"
        ),
        mail_length,
    ),
    # Before cards and phones: part of an IBAN may look like one of them.
    Kind(
        "iban",
        _always,
        re.compile(
            r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?"
            r"(?![A-Za-z0-9])"
        ),
        iban_length,
    ),
    Kind(
        "credit_card",
        _always,
        re.compile(
            r"(?<![\w.+-])(?:3[0-9]|4\d|5[0-9]|6[0-9]|2[2-7])\d{2}[ -]?\d{4,6}[ -]?\d{4,5}"
            r"(?:[ -]?\d{1,7})?(?![\w-]|\.\d)",
            re.ASCII,
        ),
        card_length,
    ),
    Kind(
        "ssn",
        _has("-"),
        re.compile(
            r"(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])", re.ASCII
        ),
        _whole,
    ),
    Kind(
        "phone",
        _always,
        re.compile(
            r"(?<![\w.+-])(?:\+[1-9]\d{0,2}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){5,12}"
            r"|(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4})(?![\w-]|\.\d)",
            re.ASCII,
        ),
        _whole,
    ),
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_ADDRESS = Kind(
    "ip",
    _always,
    re.compile(rf"(?<![\w.]){_OCTET}(?:\.{_OCTET}){{3}}(?![\w.])", re.ASCII),
    public_address_length,
)
