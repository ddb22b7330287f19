"""What the names of a span's attributes mean, worked out once."""

from __future__ import annotations

from msgspec import Raw, json

from llmtop.decode import attribute_plan
from llmtop.decode.attribute_plan import follow, plan_of
from llmtop.span import Flag, Fragment


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
    known = plan.repeated[0][2]
    for told in (*(f"model {number}" for number in range(3000)), "x" * 1000):
        fragment = Fragment()
        follow(plan, fragment, [Raw(f'"{told}"'.encode())], json.Decoder().decode)
        assert fragment.model == told
    assert 0 < len(known) <= 2048
    assert max(map(len, known)) < 1000


def test_a_value_seen_before_tells_the_same() -> None:
    plan = plan_of(("gen_ai.system", "gen_ai.request.stream", "server.address"))
    raws = [Raw(b'"Azure"'), Raw(b"true"), Raw(b'"localhost"')]
    first, second = Fragment(), Fragment()
    for fragment in (first, second):
        follow(plan, fragment, raws, json.Decoder().decode)
    assert first == second
    assert first.provider == "azure.ai.openai"
    assert first.flags == Flag.STREAM | Flag.LOCAL
