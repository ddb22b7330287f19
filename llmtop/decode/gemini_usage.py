"""Token counts in the words of Gemini's API, whatever a program that uses it calls them."""

from __future__ import annotations

from llmtop.decode.values import count
from llmtop.span import Flag, Fragment

_LOWER_BOUND = int(Flag.LOWER_BOUND)


def read(
    fragment: Fragment,
    sent: object,
    output: object,
    cached: object,
    thoughts: object,
    total: object,
) -> None:
    """Put the counts into a call: cached tokens are input; thoughts are output beside the answer.

    Programs that call other models by Gemini's words count thoughts as part of the answer, which
    the total tells. A total of more than is told makes the output a lower bound.
    """
    fragment.input_tokens, fragment.output_tokens = count(sent), count(output)
    fragment.cache_read_tokens = count(cached)
    fragment.reasoning_tokens = count(thoughts)
    if fragment.output_tokens is None:
        return
    whole = count(total)
    rest = None
    if whole is not None and fragment.input_tokens is not None:
        rest = whole - fragment.input_tokens - fragment.output_tokens
    if fragment.reasoning_tokens:
        if rest != 0:
            fragment.output_tokens += fragment.reasoning_tokens
    elif fragment.reasoning_tokens is None and rest is not None and rest > 0:
        fragment.flags |= _LOWER_BOUND
