"""Settings: defaults, the file, the environment, and mistakes in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmtop import config
from llmtop.config import ConfigError, load


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    return path


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    settings = load(environment={"XDG_CONFIG_HOME": str(tmp_path)})
    assert settings == config.Settings()


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "[view]\nwindow = '1h'\ntime_format = 'utc'\n")
    settings = load(path, {"LLMTOP_WINDOW": "15m", "LLMTOP_MAX_CALLS": "10"})
    assert settings.view.window == "15m"
    assert settings.view.time_format == "utc"
    assert settings.limits.max_calls == 10


def test_the_file_is_found_where_the_system_keeps_settings(tmp_path: Path) -> None:
    folder = tmp_path / "llmtop"
    folder.mkdir()
    written(folder, "[sources]\nfollow = ['./a', './b']\n")
    assert load(environment={"XDG_CONFIG_HOME": str(tmp_path)}).sources.follow == ["./a", "./b"]
    named = {"LLMTOP_CONFIG": str(folder / "config.toml"), "XDG_CONFIG_HOME": "/nowhere"}
    assert load(environment=named).sources.follow == ["./a", "./b"]


def test_prices_of_ones_own_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "[prices.'my-*']\ninput = 1\noutput = 2.5\nprovider = 'vllm'\n")
    (price,) = load(path, {}).overrides()
    assert (price.model, price.input, price.output, price.provider) == ("my-*", 1.0, 2.5, "vllm")
    assert price.cache_read is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[view]\nwindow = '2m'", "view.window is one of 1m, 5m, 15m, 1h, all"),
        ("[view]\nthem = 'nord'", "[view] has no setting them. Did you mean theme?"),
        ("[veiw]\n", "has no setting veiw. Did you mean view?"),
        ("[view]\nrefresh_hz = 100", "between 0.2 and 30"),
        ("[view]\nrefresh_hz = 'fast'", "view.refresh_hz"),
        ("[view]\ntime_format = 'gmt'", "relative, local or utc"),
        ("[limits]\nmax_calls = 0", "at least 1"),
        ("[limits]\nlost_after = 'soon'", "limits.lost_after"),
        ("[limits]\nmax_memory = 'lots'", "limits.max_memory"),
        ("[sources]\nudp = '127.0.0.1'", "sources.udp"),
        ("[prices.gpt]\ninput = 1", "output"),
        ("[prices.gpt]\ninput = -1\noutput = 1", "prices[...].input: expected `float` >= 0"),
        ("[view]\nfilter = 'modle:x'", "view.filter: there is no key `modle:`"),
        ("[serve]\nport = 99999999", "serve.port: expected `int` <= 65535"),
        ("[[alert]]\nwen = 'p95 > 1s'", "Did you mean when?"),
        ("[[alert]]\nwhen = 'eror_rate > 5%'", "alert 1: `eror_rate > 5%`: there is no figure"),
        ("[[alert]]\nname = 'x'", "either `when` or `budget`"),
        ("[[alert]]\nwhen = 'p95 > 1s'\nurl = 'file:///etc/passwd'", "begins with http://"),
        ("[serve]\nprot = 1", "Did you mean port?"),
        ("[view\n", "not valid TOML"),
    ],
)
def test_a_mistake_names_the_file_the_setting_and_what_would_be_right(
    text: str, said: str, tmp_path: Path
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert str(path) in str(caught.value)
    assert said in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load(tmp_path / "none.toml", {})


def test_a_number_in_the_environment_must_be_one() -> None:
    with pytest.raises(ConfigError, match="LLMTOP_MAX_CALLS must be a number, not 'many'"):
        load(environment={"LLMTOP_MAX_CALLS": "many", "XDG_CONFIG_HOME": "/nowhere"})


def test_alerts_are_rules_with_what_is_done_when_they_fire(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        [[alert]]
        name = "Errors"
        when = "error_rate > 5%"
        over = "10m"
        for = "1m"
        filter = "provider:openai"
        per = "model"
        at_least = 20
        command = "notify-send"

        [[alert]]
        budget = "$20 per day"
        url = "https://hooks.example/llm"
        """,
    )
    errors, budget = load(path, {}).rules()
    assert (errors.name, errors.figure, errors.limit) == ("Errors", "error_rate", 0.05)
    assert (errors.over, errors.hold, errors.per, errors.at_least) == (600.0, 60.0, "model", 20)
    assert errors.filter is not None
    assert errors.filter.text == "provider:openai"
    assert errors.command == "notify-send"
    assert (budget.figure, budget.limit, budget.period) == ("cost", 20.0, "day")
    assert budget.url == "https://hooks.example/llm"


def test_the_token_of_the_service_comes_from_the_file_or_the_environment(tmp_path: Path) -> None:
    path = written(tmp_path, "[serve]\ntoken = 'from-file'\nport = 9000")
    assert load(path, {}).serve.token == "from-file"
    assert load(path, {"LLMTOP_TOKEN": "from-shell"}).serve.token == "from-shell"
    assert load(path, {}).serve.port == 9000
