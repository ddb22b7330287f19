"""Attributes of MLflow's spans, in its own traces and in OTLP: values are JSON in text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.decode import providers, usage
from llmtop.decode.values import mapping, number, parsed, text
from llmtop.span import CALL_OPERATIONS, Fragment

KIND = "mlflow.spanType"
COMPANIONS = frozenset(
    {
        "mlflow.chat.model",
        "mlflow.chat.tokenUsage",
        "mlflow.llm.cost",
        "mlflow.llm.model",
        "mlflow.llm.provider",
    }
)
"""Attributes that are looked at beside the kind of a span."""
_OPERATIONS = {
    "LLM": "chat",
    "CHAT_MODEL": "chat",
    "EMBEDDING": "embeddings",
    "RETRIEVER": "retrieval",
    "RERANKER": "rerank",
    "TOOL": "execute_tool",
    "AGENT": "invoke_agent",
    "CHAIN": "chain",
    "WORKFLOW": "invoke_workflow",
    "TASK": "chain",
    "MEMORY": "memory",
    "GUARDRAIL": "guardrail",
    "EVALUATOR": "evaluator",
}


def tell(fragment: Fragment, told: Mapping[str, Any]) -> None:
    """Put in what MLflow tells and no convention that stands beside it."""
    kind = (text(parsed(told.get(KIND))) or "").upper()
    fragment.operation = _OPERATIONS.get(kind) or fragment.operation or "other"
    if fragment.operation not in CALL_OPERATIONS:
        return
    named = parsed(told.get("mlflow.llm.model") or told.get("mlflow.chat.model"))
    fragment.model = fragment.model or text(named)
    served = providers.provider(parsed(told.get("mlflow.llm.provider")))
    fragment.provider = fragment.provider or served
    usage.read(fragment, mapping(told.get("mlflow.chat.tokenUsage")))
    cost = number(mapping(told.get("mlflow.llm.cost")).get("total_cost"))
    fragment.cost = fragment.cost if cost is None else cost
