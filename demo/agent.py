"""An agent that uses a tool, and may fail at it. Run: python demo/agent.py [TASK…]"""

from __future__ import annotations

import json
import sys
from typing import Any

from offline_model import client, model

import llmtop
from llmtop import tracer

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "The weather in a city.",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
]
MOST_TURNS = 5

openai = llmtop.instrument(client())


def weather(city: str) -> str:
    """Look it up, in a table that is not large."""
    return {"Paris": "18 degrees and sunny", "Oslo": "4 degrees and rain"}[city]


def used(name: str, arguments: str) -> str:
    """Run a tool; what goes wrong is told to the model."""
    try:
        with tracer.tool(name, arguments=arguments) as run:
            result = weather(**json.loads(arguments))
            run.set_output(result)
    except (KeyError, TypeError, ValueError) as error:
        return f"That did not work: {error!r}"
    return result


@tracer.agent("assistant")
def solved(task: str) -> str:
    """Let the model call tools until it has an answer."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": task}]
    for _ in range(MOST_TURNS):
        answer = openai.chat.completions.create(model=model(), messages=messages, tools=TOOLS)
        message = answer.choices[0].message
        if not message.tool_calls:
            return str(message.content)
        calls = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.function.name, "arguments": call.function.arguments},
            }
            for call in message.tool_calls
        ]
        messages.append({"role": "assistant", "content": None, "tool_calls": calls})
        messages += [
            {
                "role": "tool",
                "tool_call_id": call.id,
                "content": used(call.function.name, call.function.arguments),
            }
            for call in message.tool_calls
        ]
    return "It took too long."


def main() -> None:
    """Solve the tasks of the command line, or one about the weather."""
    for task in sys.argv[1:] or ("What should I wear in Paris today?",):
        with tracer.trace("task", user_id="demo"):
            print(f"> {task}\n{solved(task)}")


if __name__ == "__main__":
    main()
