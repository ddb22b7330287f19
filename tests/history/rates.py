"""Prices that a test can work out in its head."""

from __future__ import annotations

from llmtop.span import Series


class FlatRates:
    """A millionth of a dollar a token, whatever the model."""

    ready = True

    def cost(
        self,
        series: Series,
        input_tokens: int | None,
        output_tokens: int | None,
        cache_read: int | None,
        cache_write: int | None,
        cache_write_1h: int | None,
        when: float | None,
    ) -> float | None:
        del series, cache_read, cache_write, cache_write_1h, when
        return ((input_tokens or 0) + (output_tokens or 0)) * 1e-6
