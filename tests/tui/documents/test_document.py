"""Documents: lines in sight, moving about, and breaking no more than is seen."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from llmtop.tui.documents.document import MEASURED_AT_ONCE, Document, Part, Parts, Place

WIDTH, HEIGHT = 40, 10


class Counted:
    """A block of some lines that counts how often it is broken."""

    def __init__(self, name: str, lines: int, size: int = 10) -> None:
        self.name = name
        self.lines = lines
        self.size = size
        self.broken = 0

    def rows(self, width: int) -> Sequence[Parts]:
        del width
        self.broken += 1
        return [((f"{self.name}.{number}", ""),) for number in range(self.lines)]


def texts(document: Document, place: Place, height: int = HEIGHT) -> list[str]:
    return ["".join(text for text, _ in row) for row in document.shown(place, WIDTH, height)]


heights = st.lists(st.integers(0, 7), min_size=0, max_size=12)


@given(heights, st.integers(-40, 40), st.integers(1, 12))
def test_moving_by_lines_shows_what_lies_that_many_lines_further(
    sizes: list[int], by: int, height: int
) -> None:
    document = Document([Counted(str(each), lines) for each, lines in enumerate(sizes)])
    whole = texts(document, Place(), 1000)
    last = max(0, len(whole) - height)
    middle = document.moved(Place(), last // 2, WIDTH, height)
    moved = document.moved(middle, by, WIDTH, height)
    at = max(0, min(last // 2 + by, last))
    assert texts(document, moved, height) == whole[at : at + height]
    assert document.above(moved, WIDTH) == at


@given(heights, st.integers(1, 12))
def test_the_last_place_fills_the_screen_with_the_end(sizes: list[int], height: int) -> None:
    document = Document([Counted(str(each), lines) for each, lines in enumerate(sizes)])
    whole = texts(document, Place(), 1000)
    shown = texts(document, document.last(WIDTH, height), height)
    assert shown == whole[max(0, len(whole) - height) :]


def test_only_what_is_in_sight_is_broken_of_a_long_document() -> None:
    blocks = [Counted(str(each), 100, size=10_000) for each in range(1000)]
    document = Document(blocks)
    document.shown(Place(), WIDTH, HEIGHT)
    document.length(WIDTH)
    document.moved(Place(), 5, WIDTH, HEIGHT)
    assert sum(block.broken for block in blocks) < 5


def test_a_block_is_broken_once_for_a_width() -> None:
    block = Counted("a", 30)
    document = Document([block])
    for _ in range(10):
        document.shown(Place(0, 3), WIDTH, HEIGHT)
        document.moved(Place(), 2, WIDTH, HEIGHT)
        document.length(WIDTH)
    assert block.broken == 1
    document.shown(Place(), WIDTH + 1, HEIGHT)
    assert block.broken == 2


def test_the_length_of_a_short_document_is_exact_and_of_a_long_one_it_is_said_to_be_guessed() -> (
    None
):
    short = Document([Counted("a", 3), Counted("b", 4)])
    assert short.length(WIDTH) == (7, True)
    long = Document([Counted("a", 3, size=MEASURED_AT_ONCE + 1), Counted("b", 4)])
    assert long.length(WIDTH).exact is False
    long.shown(Place(), WIDTH, 100)
    assert long.length(WIDTH) == (7, True)


def test_a_place_is_carried_to_the_same_line_of_the_same_part() -> None:
    head, said = Counted("head", 2), Counted("said", 9)
    before = Document([head, said], [Part("facts", "", 0), Part("input", "Input", 1)])
    more = [head, Counted("error", 1), Counted("said", 9), Counted("answer", 5)]
    after = Document(more, [Part("facts", "", 0), Part("input", "Input", 2)])
    place = before.carried(Place(1, 4), after)
    assert texts(after, place, 1) == ["said.4"]


def test_a_replaced_block_is_seen_and_the_others_stay_broken() -> None:
    clock, rest = Counted("old", 1), Counted("rest", 5)
    document = Document([clock, rest])
    document.shown(Place(), WIDTH, HEIGHT)
    document.replace(0, Counted("new", 1))
    assert texts(document, Place(), 2) == ["new.0", "rest.0"]
    assert rest.broken == 1


def test_the_part_in_sight_is_known() -> None:
    parts = [Part("input", "Input", 0), Part("output", "Output", 1)]
    document = Document([Counted("a", 3), Counted("b", 3)], parts)
    assert document.part_at(Place(0, 2)) == parts[0]
    assert document.part_at(Place(1, 0)) == parts[1]
    assert document.part("raw") is None


def test_how_far_below_a_place_a_block_begins() -> None:
    document = Document([Counted("a", 3), Counted("b", 4), Counted("c", 2)])
    assert document.distance(Place(0, 1), 2, WIDTH) == 6
    assert document.distance(Place(1, 0), 1, WIDTH) == 0
    assert document.distance(Place(1, 1), 1, WIDTH) < 0
    assert document.distance(Place(1, 1), 0, WIDTH) < 0
