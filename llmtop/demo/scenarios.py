"""The applications of the demo: a chatbot, a RAG chain and an agent, each as a list of traces."""

from __future__ import annotations

import random
from collections.abc import Callable

from llmtop.demo import models, texts
from llmtop.demo.trace import Record, Trace, tokens_in
from llmtop.demo.weather import Weather

USERS = tuple(f"user_{number:03d}" for number in range(1, 61))
TOOL_DEFINITIONS = 1664
"""Tokens that the definitions of an agent's tools take in each of its prompts."""

Session = Callable[[random.Random, Weather, float], list[Trace]]


def _identity(chance: random.Random, kind: str) -> tuple[str, str]:
    return chance.choice(USERS), f"{kind}_{chance.getrandbits(32):08x}"


def chatbot(chance: random.Random, weather: Weather, start: float) -> list[Trace]:
    """A person talks with a bot: each turn is a trace, and its prompt holds all turns before."""
    user, session = _identity(chance, "chat")
    topic = chance.choice(texts.CHATS)
    model = chance.choices(models.CHAT_MODELS, models.CHAT_WEIGHTS)[0]
    messages: list[Record] = [{"role": "system", "content": topic.system}]
    overhead = chance.choice((0, 0, 380, 1290))
    known = 0
    at = start
    traces = []
    for question, answer in topic.turns[: chance.randint(1, len(topic.turns))]:
        trace = Trace(chance, weather, at, user, session)
        messages = [*messages, {"role": "user", "content": question}]
        outcome = trace.call(
            model, messages, answer, at, None, known_prefix=known, overhead=overhead
        )
        traces.append(trace)
        if not outcome.ok:
            break
        known = overhead + sum(tokens_in(message["content"]) for message in messages)
        messages = [*messages, {"role": "assistant", "content": answer}]
        at = outcome.end + trace.duration(14.0, 0.7)
    return traces


def rag(chance: random.Random, weather: Weather, start: float) -> list[Trace]:
    """A question over documents: embed, retrieve, rerank, generate under one chain span."""
    user, session = _identity(chance, "ask")
    question = chance.choice(texts.QUESTIONS)
    collection = chance.choice(texts.COLLECTIONS)
    model = chance.choices(models.RAG_MODELS, models.RAG_WEIGHTS)[0]
    trace = Trace(chance, weather, start, user, session)
    chain = trace.span("answer_question", start, None, {"chain.step": "rag"})
    parent = chain["span_id"]
    at = trace.embed(models.EMBED_SMALL, question, start + 0.004, parent)

    found = trace.span(
        f"retrieve {collection}",
        at,
        parent,
        {
            "gen_ai.operation.name": "retrieval",
            "retrieval.source": collection,
            "retrieval.query": question,
            "retrieval.top_k": 20,
        },
    )
    at += trace.duration(0.06, 0.7) * (12 if chance.random() < 0.02 else 1)
    if chance.random() < 0.006:
        trace.close(found, at, error="index shard 3 did not answer")
        trace.close(chain, at + 0.002, error="retrieval failed: index shard 3 did not answer")
        return [trace]
    trace.close(found, at, attributes={"retrieval.documents": 20})

    ranked = trace.span("rerank", at, parent, {"chain.step": "rerank", "rerank.top_n": 4})
    at += trace.duration(0.11, 0.3)
    trace.close(ranked, at)

    passages = chance.sample(texts.PASSAGES, chance.randint(3, 5))
    context = "\n\n".join(f"[{number}] {text}" for number, text in enumerate(passages, 1))
    messages = [
        {"role": "system", "content": f"Answer only from these passages.\n\n{context}"},
        {"role": "user", "content": question},
    ]
    extra = chance.randint(200, 3200)
    outcome = trace.call(model, messages, chance.choice(texts.ANSWERS), at, parent, overhead=extra)
    error = None if outcome.ok else "no answer was generated"
    trace.close(chain, outcome.end + 0.003, error=error)
    return [trace]


def agent(chance: random.Random, weather: Weather, start: float) -> list[Trace]:
    """An agent that plans, runs tools side by side, and hands a part to an agent of its own."""
    user, session = _identity(chance, "job")
    job = chance.choice(texts.JOBS)
    planner = chance.choices(models.PLANNERS, models.PLANNER_WEIGHTS)[0]
    trace = Trace(chance, weather, start, user, session)
    root = trace.span(
        f"invoke_agent {job.agent}", start, None, _agent_attributes(job.agent, "planner")
    )
    messages: list[Record] = [
        {"role": "system", "content": f"You are {job.agent}. Use the tools; be thorough."},
        {"role": "user", "content": job.task},
    ]
    waiting = list(job.tools)
    known = 0
    at = start + 0.01
    while waiting:
        count = min(len(waiting), chance.randint(1, 3))
        batch, waiting = waiting[:count], waiting[count:]
        asked = [
            {"id": f"call_{chance.getrandbits(40):010x}", "name": name, "arguments": arguments}
            for name, arguments, _ in batch
        ]
        plan = chance.choice(texts.PLANS)
        outcome = trace.call(
            planner,
            messages,
            plan,
            at,
            root["span_id"],
            known_prefix=known,
            overhead=TOOL_DEFINITIONS,
            tool_calls=asked,
        )
        if not outcome.ok:
            trace.close(root, outcome.end, error="the planner's model failed")
            return [trace]
        known = TOOL_DEFINITIONS + sum(tokens_in(message["content"]) for message in messages)
        messages = [*messages, {"role": "assistant", "content": plan}]
        at = outcome.end
        for call, (name, arguments, result) in zip(asked, batch, strict=True):
            ended, told = _tool(trace, name, arguments, result, outcome.end, root["span_id"])
            at = max(at, ended)
            messages = [*messages, {"role": "tool", "tool_call_id": call["id"], "content": told}]
    if chance.random() < 0.6:
        at = _helper(trace, job, at + 0.01, root["span_id"])
    outcome = trace.call(
        planner,
        messages,
        job.result,
        at,
        root["span_id"],
        known_prefix=known,
        overhead=TOOL_DEFINITIONS,
    )
    error = None if outcome.ok else "no final answer"
    trace.close(root, outcome.end + 0.004, error=error)
    return [trace]


def _agent_attributes(name: str, role: str) -> Record:
    return {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": name,
        "agent.role": role,
    }


def _tool(
    trace: Trace, name: str, arguments: str, result: str, at: float, parent: str
) -> tuple[float, str]:
    """Run a tool; the second at which it ends, and what it says."""
    span = trace.span(
        f"execute_tool {name}",
        at + 0.001,
        parent,
        {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": name,
            "gen_ai.tool.call.arguments": arguments,
        },
    )
    ended = at + 0.001 + trace.duration(0.45, 0.9)
    if trace.chance.random() < 0.03:
        trace.close(span, ended, error=f"{name}: upstream answered 503")
        return ended, "error: upstream answered 503"
    trace.close(span, ended, attributes={"gen_ai.tool.call.result": result})
    return ended, result


def _helper(trace: Trace, job: texts.Job, at: float, parent: str) -> float:
    """An agent below the agent: one thought, one tool, one answer; the second at which it ends."""
    model = trace.chance.choice(models.WORKERS)
    handed = trace.span(
        "execute_tool delegate", at, parent, {"gen_ai.operation.name": "execute_tool"}
    )
    helper = trace.span(
        f"invoke_agent {job.helper}",
        at + 0.002,
        handed["span_id"],
        _agent_attributes(job.helper, "helper"),
    )
    messages: list[Record] = [
        {"role": "system", "content": f"You are {job.helper}."},
        {"role": "user", "content": job.helper_task},
    ]
    inside = helper["span_id"]
    thought = trace.call(model, messages, texts.PLANS[0], at + 0.004, inside, overhead=420)
    at = thought.end
    if thought.ok:
        name, arguments, result = job.tools[-1]
        at, told = _tool(trace, name, arguments, result, at, inside)
        messages = [*messages, {"role": "user", "content": told}]
        at = trace.call(model, messages, job.result, at, inside, overhead=420).end
    error = None if thought.ok else "the helper's model failed"
    trace.close(helper, at + 0.001, error=error)
    trace.close(handed, at + 0.002, error=error)
    return at + 0.002


MIXES: dict[str, tuple[tuple[Session, int], ...]] = {
    "all": ((chatbot, 5), (rag, 6), (agent, 2)),
    "chatbot": ((chatbot, 1),),
    "rag": ((rag, 1),),
    "agent": ((agent, 1),),
    "storm": ((chatbot, 3), (rag, 3), (agent, 1)),
    "slow": ((chatbot, 3), (rag, 3), (agent, 1)),
}
"""Which applications run in a scenario, and how often each is used."""

SCENARIOS = tuple(MIXES)
