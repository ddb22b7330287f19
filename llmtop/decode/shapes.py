"""Shapes of records: of a line only what figures are made of is decoded, in one pass.

A shape is a TypedDict of the keys that a format reads; other keys are passed over. A value that
is only asked whether it is there is `Raw`, which stays undecoded.
"""

from __future__ import annotations

from typing import Any, TypedDict

from msgspec import DecodeError, Raw, ValidationError, json

SKIPPED = "…"
"""Stands for content that was not decoded: it is there, and is some text."""

_Errors = (DecodeError, ValidationError, UnicodeDecodeError, RecursionError)


def opened(value: object) -> object:
    """A value that may have been left undecoded."""
    return json.decode(value) if isinstance(value, Raw) else value


class Shape:
    """Decodes lines of one shape; `None` for what is not as expected."""

    def __init__(self, kind: Any) -> None:
        self._decoder = json.Decoder(kind)

    def line(self, data: bytes) -> dict[str, Any] | None:
        """One line."""
        try:
            found: dict[str, Any] = self._decoder.decode(data)
        except _Errors:
            return None
        return found

    def lines(self, data: bytes, count: int) -> list[dict[str, Any]] | None:
        """So many lines."""
        try:
            found: list[dict[str, Any]] = self._decoder.decode_lines(data)
        except _Errors:
            return None
        return found if len(found) == count else None


class _PiPart(TypedDict, total=False):
    type: Any
    id: Any
    name: Any
    text: Raw


class _PiMessage(TypedDict, total=False):
    role: Any
    content: list[_PiPart] | str
    provider: Any
    model: Any
    stopReason: Any
    errorMessage: Any
    timestamp: Any
    duration: Any
    ttft: Any
    usage: Any
    responseId: Any
    toolCallId: Any
    toolName: Any
    isError: Any


class _Pi(TypedDict, total=False):
    type: Any
    id: Any
    parentId: Raw
    timestamp: Any
    cwd: Raw
    parentSession: Any
    branchedFrom: Any
    modelId: Any
    model: Any
    message: _PiMessage
    v: Raw
    updatedAt: Raw
    session_id: Raw
    sessionID: Raw


class _GeminiTool(TypedDict, total=False):
    id: Any
    name: Any
    status: Any
    timestamp: Any
    result: Raw
    resultDisplay: Raw


class _GeminiMessage(TypedDict, total=False):
    id: Any
    type: Any
    timestamp: Any
    content: Raw
    model: Any
    tokens: Any
    toolCalls: list[_GeminiTool] | None


class _GeminiSession(TypedDict, total=False):
    messages: list[_GeminiMessage]


class _Gemini(_GeminiMessage, total=False):
    sessionId: Any
    projectHash: Raw
    kind: Any
    startTime: Any
    messages: list[_GeminiMessage]
    messageId: Raw
    message: Raw


_NAMES: Any = {**_Gemini.__annotations__, "$set": _GeminiSession, "$rewindTo": Raw}
_GeminiLine: Any = TypedDict("_GeminiLine", _NAMES, total=False)  # type: ignore[misc]  # "$" in a name


class _CopilotData(TypedDict, total=False):
    sessionId: Any
    selectedModel: Any
    newModel: Any
    model: Any
    content: Raw
    messageId: Any
    requestId: Any
    outputTokens: Any
    inputTokens: Any
    cacheReadTokens: Any
    cacheWriteTokens: Any
    reasoningTokens: Any
    copilotUsage: Any
    duration: Any
    ttftMs: Any
    durationMs: Any
    errorMessage: Any
    statusCode: Any
    toolCallId: Any
    toolName: Any
    parentToolCallId: Any
    success: Any
    result: Raw
    error: Any
    agentName: Any
    agentDisplayName: Any
    errorType: Any
    message: Any
    modelMetrics: Any


class _Copilot(TypedDict, total=False):
    type: Any
    id: Any
    parentId: Raw
    agentId: Any
    timestamp: Any
    data: _CopilotData
    exitCode: Raw
    sessionId: Raw


class _ClineMessage(TypedDict, total=False):
    ts: Any
    type: Any
    say: Any
    ask: Any
    text: Raw
    partial: Any
    modelInfo: Any
    taskId: Any


class _ClineRequest(TypedDict, total=False):
    request: Raw
    tokensIn: Any
    tokensOut: Any
    cacheReads: Any
    cacheWrites: Any
    reasoningTokens: Any
    cost: Any
    cancelReason: Any
    streamingFailedMessage: Any
    apiProtocol: Any
    providerId: Any
    modelId: Any


class _QwenFunction(TypedDict, total=False):
    id: Any
    name: Any


class _QwenPart(TypedDict, total=False):
    text: Raw
    functionCall: _QwenFunction
    functionResponse: _QwenFunction


class _QwenMessage(TypedDict, total=False):
    parts: list[_QwenPart]


class _QwenResult(TypedDict, total=False):
    callId: Any
    status: Any
    error: Any
    errorType: Any
    resultDisplay: Raw


class _Qwen(TypedDict, total=False):
    uuid: Any
    sessionId: Any
    timestamp: Any
    type: Any
    subtype: Any
    model: Any
    agentId: Any
    agentName: Any
    forkedFrom: Raw
    message: _QwenMessage
    usageMetadata: Any
    toolCallResult: _QwenResult
    systemPayload: Any


class _ManagedEvent(TypedDict, total=False):
    type: Any
    id: Any
    processed_at: Any
    created_at: Any
    content: Raw
    name: Any
    model: Any
    model_usage: Any
    model_request_start_id: Any
    is_error: Any
    error: Any
    tool_use_id: Any
    custom_tool_use_id: Any
    mcp_tool_use_id: Any
    agent: Any
    environment_id: Any


CLINE = Shape(_ClineMessage)
CLINE_TASK = Shape(list[_ClineMessage])
CLINE_REQUEST = Shape(_ClineRequest)
COPILOT_CLI = Shape(_Copilot)
GEMINI_CLI = Shape(_GeminiLine)
MANAGED_AGENTS = Shape(_ManagedEvent)
PI = Shape(_Pi)
QWEN_CODE = Shape(_Qwen)
