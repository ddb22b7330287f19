"""How the usage of a Codex session grows: what its lines tell again, and what is a call."""

from __future__ import annotations

from llmtop.decode.codex_lines import Tokens


class Growth:
    """Finds the calls in totals and in records of usage; newer versions write both of a call."""

    def __init__(self) -> None:
        self._total: Tokens | None = None
        self._unpaired: tuple[str, Tokens] | None = None
        """What kind of line told the last call, until one of the other kind tells it too."""

    def restart(self) -> None:
        """Another session begins, which counts from zero."""
        self._total = self._unpaired = None

    def counted(self, total: Tokens, last: Tokens | None) -> Tokens | None:
        """The usage of the call that a total tells, if it tells of one that is not known yet."""
        used = self.since(total, last)
        return None if used is None or self._paired("count", used) else used

    def recorded(self, used: Tokens, total: Tokens | None) -> Tokens | None:
        """The usage of the call that a record tells, if it is not known yet."""
        if total is not None and total.total_tokens is not None:
            return self.since(total, used)
        told = used.input_tokens or used.output_tokens
        return used if told and not self._paired("record", used) else None

    def since(self, total: Tokens, last: Tokens | None) -> Tokens | None:
        """What was used since the last total.

        The client tells the total again and again, and an estimate of the context's size.
        """
        known, self._total = self._total, total
        if known is not None and _key(known) == _key(total):
            return None
        used = last if last is not None else _beyond(total, known)
        return used if used.input_tokens or used.output_tokens else None

    def _paired(self, kind: str, used: Tokens) -> bool:
        other = self._unpaired
        if other is not None and other[0] != kind and _key(other[1]) == _key(used):
            self._unpaired = None
            return True
        self._unpaired = (kind, used)
        return False


def _key(used: Tokens) -> tuple[int | None, int | None, int | None]:
    return used.input_tokens, used.output_tokens, used.total_tokens


def _beyond(total: Tokens, known: Tokens | None) -> Tokens:
    """What a total has grown by; one that is smaller than before was counted from zero."""
    if known is None or (total.input_tokens or 0) < (known.input_tokens or 0):
        return total
    pairs = (
        (total.input_tokens, known.input_tokens),
        (total.cached_input_tokens, known.cached_input_tokens),
        (total.output_tokens, known.output_tokens),
        (total.reasoning_output_tokens, known.reasoning_output_tokens),
    )
    return Tokens(*(None if new is None else max(0, new - (old or 0)) for new, old in pairs))
