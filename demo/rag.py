"""A chain that looks things up before it answers. Run: python demo/rag.py [QUESTION…]"""

from __future__ import annotations

import sys

from offline_model import client, model

import llmtop
from llmtop import tracer

NOTES = (
    "Spans have a start, an end, and a parent.",
    "Cached input tokens cost a tenth of fresh ones.",
    "A 429 means that a limit was reached: wait, and try again.",
    "Time to first token grows with the length of the prompt.",
)

openai = llmtop.instrument(client())


def embedded(texts: list[str]) -> list[list[float]]:
    """One vector for each text."""
    made = openai.embeddings.create(model="text-embedding-3-small", input=texts)
    return [row.embedding for row in made.data]


def nearest(question: str, count: int = 2) -> list[str]:
    """The notes that are nearest to the question."""
    with tracer.retrieval("notes", query=question) as search:
        wanted, *vectors = embedded([question, *NOTES])
        ranked = sorted(
            zip(vectors, NOTES, strict=True),
            key=lambda pair: -sum(a * b for a, b in zip(wanted, pair[0], strict=True)),
        )
        found = [note for _, note in ranked[:count]]
        search.set_output(found).set_attribute("retrieval.count", len(found))
    return found


@tracer.chain_step("write prompt")
def prompt(question: str, notes: list[str]) -> str:
    """The prompt, with what was found."""
    return "\n".join(["Answer from these notes:", *notes, "", question])


@tracer.chain_step("answer")
def answered(text: str) -> str:
    """The model's answer."""
    answer = openai.chat.completions.create(
        model=model(), messages=[{"role": "user", "content": text}], temperature=0.2
    )
    return str(answer.choices[0].message.content)


def main() -> None:
    """Answer the questions of the command line, or two others."""
    for question in sys.argv[1:] or ("What does caching save?", "What is a 429?"):
        with tracer.trace("rag", user_id="demo"):
            print(f"> {question}\n{answered(prompt(question, nearest(question)))}")


if __name__ == "__main__":
    main()
