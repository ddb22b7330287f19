"""Shapes of the files of providers' batches: of a line only what figures are made of."""

from __future__ import annotations

from typing import Any, TypedDict

from msgspec import Raw

from llmtop.decode.shapes import Shape


class _Choice(TypedDict, total=False):
    finish_reason: Any


class _OpenAiAnswer(TypedDict, total=False):
    id: Any
    object: Any
    created: Any
    created_at: Any
    model: Any
    usage: Any
    error: Any
    status: Any
    incomplete_details: Any
    choices: list[_Choice] | None


class _OpenAiResponse(_OpenAiAnswer, total=False):
    status_code: Any
    body: _OpenAiAnswer | None


class _Question(TypedDict, total=False):
    model: Any


class _OpenAi(TypedDict, total=False):
    custom_id: Any
    object: Any
    request_counts: Any
    url: Any
    body: _Question
    response: _OpenAiResponse | None
    error: Any


class _AnthropicMessage(TypedDict, total=False):
    id: Any
    model: Any
    stop_reason: Any
    usage: Any


class _AnthropicResult(TypedDict, total=False):
    type: Any
    message: _AnthropicMessage | None
    error: Any


class _Anthropic(TypedDict, total=False):
    custom_id: Any
    params: _Question
    result: _AnthropicResult


class _Candidate(TypedDict, total=False):
    finishReason: Any
    finish_reason: Any


class _GeminiAnswer(TypedDict, total=False):
    responseId: Any
    response_id: Any
    modelVersion: Any
    model_version: Any
    createTime: Any
    create_time: Any
    usageMetadata: Any
    usage_metadata: Any
    candidates: list[_Candidate] | None
    promptFeedback: Any
    error: Any


class _GeminiQuestion(TypedDict, total=False):
    model: Any
    contents: Raw


class _Gemini(TypedDict, total=False):
    key: Any
    status: Any
    processed_time: Any
    request: _GeminiQuestion | None
    response: _GeminiAnswer | None
    error: Any


class _BedrockQuestion(TypedDict, total=False):
    modelId: Any


class _BedrockResult(TypedDict, total=False):
    tokenCount: Any
    completionReason: Any


class _BedrockAnswer(TypedDict, total=False):
    id: Any
    model: Any
    stop_reason: Any
    stopReason: Any
    finish_reason: Any
    usage: Any
    prompt_token_count: Any
    generation_token_count: Any
    inputTextTokenCount: Any
    results: list[_BedrockResult] | None
    choices: list[_Choice] | None
    embedding: Raw
    embeddings: Raw


class _Bedrock(TypedDict, total=False):
    recordId: Any
    modelInput: _BedrockQuestion
    modelOutput: _BedrockAnswer | None
    error: Any


OPENAI = Shape(_OpenAi)
ANTHROPIC = Shape(_Anthropic)
GEMINI = Shape(_Gemini)
BEDROCK = Shape(_Bedrock)
