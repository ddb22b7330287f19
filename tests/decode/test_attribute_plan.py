"""What the names of a span's attributes mean, worked out once."""

from __future__ import annotations

from msgspec import Raw

from llmtop.decode import attribute_plan
from llmtop.decode.attribute_plan import plan_of


def test_the_best_name_of_a_field_stands_last() -> None:
    plan = plan_of(("gen_ai.usage.input_tokens", "x", "gen_ai.usage.prompt_tokens"))
    assert plan.counts == ((2, "input_tokens"), (0, "input_tokens"))


def test_what_depends_on_others_is_kept_beside() -> None:
    plan = plan_of(("output.value", "server.address", "gen_ai.tool.name", "other"))
    assert plan.beside == ((0, "output.value"), (2, "gen_ai.tool.name"))
    assert plan.special == {"output.value"}
    assert [at for at, *_ in plan.flags] == [1]


def test_names_without_end_do_not_stay_in_memory() -> None:
    for number in range(1000):
        plan_of((f"name {number}", "gen_ai.request.model"))
    many = tuple(f"name {number}" for number in range(10_000))
    assert plan_of((*many, "llm.model_name")).repeated[0][0] == 10_000
    kept = attribute_plan._plans
    assert len(kept) <= 256
    assert all(len(names) < 1000 for names in kept)


def test_values_without_end_do_not_stay_in_memory() -> None:
    plan = plan_of(("gen_ai.request.model",))
    _, _, known, convert = plan.repeated[0]
    for number in range(3000):
        raw = Raw(f'"model {number}"'.encode())
        learned = attribute_plan.learn(known, raw, lambda told: bytes(told).decode(), convert)
        assert learned == f'"model {number}"'
    long = Raw(b"x" * 1000)
    assert attribute_plan.learn(known, long, lambda told: bytes(told).decode(), convert)
    assert 0 < len(known) <= 2048
    assert max(map(len, known)) < 1000
