"""Documents that a retriever found, as LangChain and its kin write them: their text alone."""

from __future__ import annotations

from typing import Any

from llmtop.decode.values import mapping, parsed

_TEXTS = ("page_content", "pageContent")


def texts_of(answer: Any) -> Any:
    """The texts of the documents that are all of an answer; any other answer as it is."""
    value = parsed(answer)
    listed = mapping(value).get("documents", value)
    if not isinstance(listed, list) or not listed:
        return answer
    texts = []
    for each in listed:
        document = mapping(mapping(each).get("kwargs")) or mapping(each)
        told = next((document[name] for name in _TEXTS if name in document), None)
        if not isinstance(told, str):
            return answer
        texts.append(told)
    return texts
