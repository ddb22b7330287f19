"""Made-up records of coding agents, as large as those of sessions in which tools read files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def gemini_cli(make: Any, number: int) -> Any:
    told = {"id": f"g{number}", "timestamp": make.stamp(number)}
    if number % 2 == 0:
        return {**told, "type": "user", "content": [{"text": make.text(150)}]}
    result = {"functionResponse": {"id": f"t{number}", "response": {"output": make.text(1800)}}}
    tool = {"id": f"t{number}", "name": "read_file", "args": {"path": "a.py"}, "result": [result],
            "status": "success", "timestamp": make.stamp(number + 1)}  # fmt: skip
    tokens = {"input": 9000, "output": 90, "cached": 8000, "thoughts": 40, "total": 9130}
    return {**told, "type": "gemini", "content": make.text(100), "model": "gemini-3-pro",
            "tokens": tokens, "toolCalls": [tool]}  # fmt: skip


def qwen_code(make: Any, number: int) -> Any:
    told = {"uuid": f"u{number}", "parentUuid": f"u{number - 1}", "sessionId": "s", "cwd": "/p",
            "timestamp": make.stamp(number), "version": "0.6.0"}  # fmt: skip
    if number % 2:
        answer = {"id": f"c{number - 1}", "name": "read", "response": {"output": make.text(1800)}}
        return {**told, "type": "tool_result", "toolCallResult": {"status": "success"},
                "message": {"role": "user", "parts": [{"functionResponse": answer}]}}  # fmt: skip
    call = {"id": f"c{number}", "name": "read", "args": {"path": "a.py"}}
    parts = [{"text": make.text(80)}, {"functionCall": call}]
    usage = {"promptTokenCount": 9000, "candidatesTokenCount": 90, "totalTokenCount": 9090}
    return {**told, "type": "assistant", "model": "qwen3", "usageMetadata": usage,
            "message": {"role": "model", "parts": parts}}  # fmt: skip


def copilot_cli(make: Any, number: int) -> Any:
    told = {"id": f"e{number}", "parentId": f"e{number - 1}", "timestamp": make.stamp(number)}
    if number % 2:
        data = {"toolCallId": f"c{number - 1}", "success": True,
                "result": {"content": make.text(1800)}}  # fmt: skip
        return {**told, "type": "tool.execution_complete", "data": data}
    request = {"toolCallId": f"c{number}", "name": "view", "arguments": {"path": "a.py"}}
    data = {"messageId": f"m{number}", "content": make.text(80), "model": "gpt-5",
            "outputTokens": 90, "toolRequests": [request]}  # fmt: skip
    return {**told, "type": "assistant.message", "data": data}


def opencode(make: Any, number: int) -> Any:
    part = {"id": f"p{number}", "sessionID": "ses_1", "messageID": f"m{number // 2}"}
    told = {"timestamp": 1767323045000 + number, "sessionID": "ses_1"}
    if number % 2:
        tokens = {"input": 900, "output": 90, "reasoning": 0, "cache": {"read": 1, "write": 2}}
        part |= {"type": "step-finish", "reason": "stop", "cost": 0.1, "tokens": tokens}
        return {**told, "type": "step_finish", "part": part}
    state = {"status": "completed", "input": {"path": "a.py"}, "output": make.text(1800),
             "time": {"start": 1767323045000, "end": 1767323045500}}  # fmt: skip
    part |= {"type": "tool", "callID": f"c{number}", "tool": "read", "state": state}
    return {**told, "type": "tool_use", "part": part}


def managed_agents(make: Any, number: int) -> Any:
    told = {"id": f"s{number}", "processed_at": make.stamp(number)}
    if number % 3 == 0:
        return {**told, "type": "span.model_request_start"}
    if number % 3 == 1:
        usage = {"input_tokens": 2, "cache_read_input_tokens": 7126, "output_tokens": 46}
        return {**told, "type": "span.model_request_end", "is_error": False,
                "model_request_start_id": f"s{number - 1}", "model_usage": usage}  # fmt: skip
    return {**told, "type": "agent.tool_result", "tool_use_id": "t", "is_error": False,
            "content": [{"type": "text", "text": make.text(1800)}]}  # fmt: skip


AGENTS: dict[str, Callable[[Any, int], Any]] = {
    "Gemini CLI": gemini_cli,
    "Qwen Code": qwen_code,
    "Copilot CLI": copilot_cli,
    "opencode": opencode,
    "managed agents": managed_agents,
}
"""The makers of records, by the names of the formats."""
