"""The formats, in the order in which they are tried: the surest first."""

from __future__ import annotations

from llmtop.decode.agent_events import AgentEvents
from llmtop.decode.anthropic_batch import AnthropicBatch
from llmtop.decode.bedrock import Bedrock
from llmtop.decode.bedrock_batch import BedrockBatch
from llmtop.decode.claude_code import ClaudeCode
from llmtop.decode.cline import Cline
from llmtop.decode.codex import Codex
from llmtop.decode.console_exporter import ConsoleExporter
from llmtop.decode.copilot_cli import CopilotCli
from llmtop.decode.format import Format
from llmtop.decode.gemini_batch import GeminiBatch
from llmtop.decode.gemini_cli import GeminiCli
from llmtop.decode.gemini_stream import GeminiStream
from llmtop.decode.generic import Generic, mapped_generic
from llmtop.decode.generic_fields import Mapped
from llmtop.decode.langfuse import Langfuse
from llmtop.decode.langfuse_events import LangfuseEvents
from llmtop.decode.langsmith import LangSmith
from llmtop.decode.langsmith_upload import LangSmithUpload
from llmtop.decode.litellm import LiteLlm
from llmtop.decode.llm_cli import LlmCli
from llmtop.decode.logging_json import LoggingJson
from llmtop.decode.managed_agents import ManagedAgents
from llmtop.decode.mlflow import MlFlow
from llmtop.decode.native import Native
from llmtop.decode.openai_batch import OpenAiBatch
from llmtop.decode.opencode import OpenCode
from llmtop.decode.otlp_json import OtlpJson
from llmtop.decode.pi import Pi
from llmtop.decode.qwen_code import QwenCode
from llmtop.decode.stream_chunks import StreamChunks

FORMATS: tuple[type[Format], ...] = (
    Native,
    OtlpJson,
    StreamChunks,
    GeminiCli,
    QwenCode,
    ClaudeCode,
    Codex,
    CopilotCli,
    Cline,
    Pi,
    OpenCode,
    ManagedAgents,
    LiteLlm,
    ConsoleExporter,
    AgentEvents,
    MlFlow,
    Langfuse,
    LangfuseEvents,
    LangSmith,
    LangSmithUpload,
    OpenAiBatch,
    AnthropicBatch,
    GeminiBatch,
    BedrockBatch,
    Bedrock,
    LlmCli,
    GeminiStream,
    LoggingJson,
    Generic,
)


def formats(mapped: Mapped | None = None) -> tuple[type[Format], ...]:
    """The formats, the generic one with a user's own names where there are some."""
    if not mapped:
        return FORMATS
    return (*FORMATS[:-1], mapped_generic(mapped))
