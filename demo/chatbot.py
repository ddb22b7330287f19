"""A chatbot that streams its answers. Run: python demo/chatbot.py [QUESTION…]"""

from __future__ import annotations

import sys
from typing import Any

from offline_model import client, model

import llmtop

QUESTIONS = ("What is a trace?", "Why was the first token late?", "What did it cost?")

openai = llmtop.instrument(client())


def answer(conversation: list[dict[str, Any]]) -> str:
    """Stream one answer to standard output."""
    said = []
    for piece in openai.chat.completions.create(model=model(), messages=conversation, stream=True):
        text = piece.choices[0].delta.content or ""
        print(text, end="", flush=True)
        said.append(text)
    print()
    return "".join(said)


def main() -> None:
    """Ask the questions of the command line, or a few others, in one conversation."""
    conversation: list[dict[str, Any]] = [{"role": "system", "content": "Answer in a sentence."}]
    for question in sys.argv[1:] or QUESTIONS:
        print(f"> {question}")
        conversation.append({"role": "user", "content": question})
        with llmtop.tracer.trace("chat turn", user_id="demo", session_id="chatbot") as turn:
            turn.set_input(question)
            said = answer(conversation)
            turn.set_output(said)
        conversation.append({"role": "assistant", "content": said})


if __name__ == "__main__":
    main()
