"""The table of series: one object for each (provider, model, operation) that was ever seen."""

from __future__ import annotations

from llmtop.span import CALL_OPERATIONS, Flag, Fragment, Series, row_model

MOST_SERIES = 1000
"""Beyond this many, new model names share one series named `(other models)`: a hostile or broken
log that names a new model in each line must not fill the memory with sums."""

_LOCAL = int(Flag.LOCAL)

_Key = tuple[str | None, str | None, str | None, str, bool]


class SeriesTable:
    """Interns series."""

    def __init__(self) -> None:
        self._by_key: dict[_Key, Series] = {}
        self.by_number: list[Series] = []

    def of(self, fragment: Fragment) -> Series:
        """The series a span with this one fragment belongs to."""
        operation = fragment.operation or operation_of(fragment)
        key = (
            fragment.provider,
            fragment.model,
            fragment.response_model,
            operation,
            fragment.flags & _LOCAL != 0,
        )
        return self._by_key.get(key) or self._intern(*key)

    def refined(self, series: Series, fragment: Fragment) -> Series:
        """The series after one more fragment told more about the same span."""
        told = fragment.operation
        if (
            (fragment.response_model is None or fragment.response_model == series.answered)
            and (fragment.model is None or series.requested is not None)
            and (fragment.provider is None or series.provider is not None)
            and (told == series.operation or (told is None and series.is_call))
            and (series.local or not fragment.flags & _LOCAL)
        ):
            return series
        provider = series.provider or fragment.provider
        requested = series.requested or fragment.model
        answered = fragment.response_model or series.answered
        local = series.local or fragment.flags & _LOCAL != 0
        operation = _sharper(series.operation, fragment)
        if (
            answered == series.answered
            and requested == series.requested
            and provider == series.provider
            and operation == series.operation
            and local == series.local
        ):
            return series
        return self._intern(provider, requested, answered, operation, local)

    def _intern(
        self,
        provider: str | None,
        requested: str | None,
        answered: str | None,
        operation: str,
        local: bool,
    ) -> Series:
        key = (provider, requested, answered, operation, local)
        series = self._by_key.get(key)
        if series is None:
            if len(self.by_number) >= MOST_SERIES and requested != _OTHER:
                return self._intern(None, _OTHER, None, operation, local)
            series = Series(
                number=len(self.by_number),
                provider=provider,
                model=row_model(requested, answered),
                requested=requested,
                answered=answered,
                operation=operation,
                is_call=operation in CALL_OPERATIONS,
                local=local,
            )
            self._by_key[key] = series
            self.by_number.append(series)
        return series


_OTHER = "(other models)"


def operation_of(fragment: Fragment) -> str:
    """The operation a fragment tells, or the one that its other fields imply."""
    if fragment.operation is not None:
        return fragment.operation
    if fragment.model is not None or fragment.request_id is not None:
        return "chat"
    return "other"


def _sharper(known: str, fragment: Fragment) -> str:
    told = operation_of(fragment)
    if told == known:
        return known
    return max(known, told, key=lambda operation: (_sharpness(operation), operation))


def _sharpness(operation: str) -> int:
    if operation in CALL_OPERATIONS:
        return 3 if operation == "chat" else 4
    return {"other": 0, "chain": 1}.get(operation, 2)
