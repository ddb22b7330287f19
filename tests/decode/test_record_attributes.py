"""Attributes of native records: the quick way tells what all of the rules tell."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode import attributes
from llmtop.decode.record_attributes import fill_in
from llmtop.span import Flag, Fragment

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 10**13),
    st.floats(),
    st.sampled_from(["", "chat", "execute_tool", "invoke_agent", "ollama", "gpt-4o", "7", "{"]),
    st.lists(st.sampled_from(["stop", ""]), max_size=2),
)
NAMES = st.one_of(st.sampled_from(sorted(attributes.WANTED)), st.just("region"))
TOLD = st.dictionaries(NAMES, VALUES, max_size=6)


def by_all_rules(record: Fragment, told: dict[str, Any]) -> None:
    extra = Fragment(start=record.start)
    attributes.apply(extra, told)
    for each in attributes.TOLD:
        if getattr(record, each) is None:
            setattr(record, each, getattr(extra, each))
    record.flags |= extra.flags
    if extra.status == "error":
        record.status = "error"


@given(TOLD)
def test_the_quick_way_tells_what_all_rules_tell(told: dict[str, Any]) -> None:
    quick, thorough = Fragment(flags=int(Flag.ENDED)), Fragment(flags=int(Flag.ENDED))
    fill_in(quick, told)
    by_all_rules(thorough, told)
    assert repr(quick) == repr(thorough)


def test_what_a_record_says_itself_goes_before_its_attributes() -> None:
    record = Fragment(session_id="own", name="answer", start=1.0)
    fill_in(record, {"session.id": "other", "chain.step": "rag", "user.id": "ann"})
    assert (record.session_id, record.user_id, record.operation) == ("own", "ann", "chain")


def test_an_error_that_an_attribute_tells_goes_before_an_end_in_good_order() -> None:
    ended = Fragment(flags=int(Flag.ENDED), status="ok")
    fill_in(ended, {"langfuse.observation.level": "ERROR"})
    assert ended.status == "error"
