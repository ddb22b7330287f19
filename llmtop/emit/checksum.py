"""How much of what a pattern matched is a card, an IBAN, a mail address or a public IP address."""

from __future__ import annotations


def card_length(text: str) -> int:
    """How many characters at the beginning of a text are a card's number, by Luhn's check."""
    for end in range(len(text), 12, -1):
        if (end == len(text) or not text[end].isdigit()) and _is_card(text[:end]):
            return end
    return 0


def _is_card(text: str) -> bool:
    digits = [int(each) for each in text if each.isdigit()]
    if not text[-1].isdigit() or not 13 <= len(digits) <= 19:
        return False
    total = sum(digits[-1::-2]) + sum(sum(divmod(2 * each, 10)) for each in digits[-2::-2])
    return total % 10 == 0


def iban_length(text: str) -> int:
    """How many characters at the beginning of a text are an IBAN: by length and checksum."""
    wanted = _IBAN_LENGTHS.get(text[:2], 0)
    compact = text.replace(" ", "")[:wanted]
    if not wanted or len(compact) < wanted:
        return 0
    turned = compact[4:] + compact[:4]
    if int("".join(str(int(each, 36)) for each in turned)) % 97 != 1:
        return 0
    end = 0
    while wanted:
        wanted -= text[end] != " "
        end += 1
    return 0 if text[end : end + 1].isalnum() else end


def mail_length(text: str) -> int:
    """The length of a mail address, or 0 for what is none: dots side by side or at an end."""
    local = text.partition("@")[0]
    return 0 if ".." in text or local[0] == "." or local[-1] == "." else len(text)


def public_address_length(text: str) -> int:
    """The length of an IPv4 address that may be somebody's; 0 for this host's and private ones."""
    first, second, *_ = (int(part) for part in text.split("."))
    private = (
        first in {0, 10, 127}
        or (first, second) in {(192, 168), (169, 254)}
        or (first == 172 and 16 <= second < 32)
    )
    return 0 if private else len(text)


_IBAN_COUNTRIES = {
    15: "NO",
    16: "BE",
    18: "DK FI FO GL NL",
    19: "MK SI",
    20: "AT BA EE KZ LT LU XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT",
    26: "IS TR",
    27: "FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HU LB PL",
    29: "BR EG PS QA UA",
    30: "JO KW MU",
    31: "MT SC",
    32: "LC",
}
_IBAN_LENGTHS = {
    country: length for length, names in _IBAN_COUNTRIES.items() for country in names.split()
}
