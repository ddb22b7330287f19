"""Whether words stand in what a call was asked and answered: its records' bytes are asked first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llmtop.decode.json_words import standing_in, written
from llmtop.payload import Payload
from llmtop.sources.chunk import split_place
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.span import Span

_MOST_CHUNKS = 10_000


class Records:
    """Where the records that tell of a span lie, and what they say."""

    def __init__(
        self,
        chunks: ChunkIndex,
        places: Callable[[Span], Sequence[int]],
        payload: Callable[[Span], Payload],
    ) -> None:
        self.chunks = chunks
        self.places = places
        self.payload = payload


class RecordWords:
    """Some words; of each chunk it is remembered in which of its lines they may stand."""

    def __init__(self, words: str, records: Records) -> None:
        self._written = written(words)
        self._stand_in = standing_in(words)
        self._records = records
        self._lines: dict[int, frozenset[int]] = {}

    def stand_in(self, span: Span) -> bool:
        """Whether they stand in the prompt, the answer or a tool's arguments."""
        if not any(map(self._may_stand_at, self._records.places(span))):
            return False
        return any(map(self._stand_in, self._records.payload(span).texts()))

    def _may_stand_at(self, place: int) -> bool:
        number, index = split_place(place)
        chunks = self._records.chunks
        if chunks.is_whole(number):
            return True
        lines = self._lines.get(number)
        if lines is None:
            if len(self._lines) >= _MOST_CHUNKS:
                self._lines.clear()
            lines = chunks.matching(number, self._written) or frozenset()
            self._lines[number] = lines
        return index in lines
