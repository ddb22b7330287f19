from __future__ import annotations

import pytest

from llmtop.sources.listening import tcp_socket, written
from llmtop.sources.packages import are_installed
from llmtop.sources.status import SourceError


def test_an_address_is_written_as_in_a_url() -> None:
    assert written("127.0.0.1", 80) == "127.0.0.1:80"
    assert written("::1", 80) == "[::1]:80"


def test_a_port_that_is_in_use_is_refused_in_the_words_of_who_asks() -> None:
    with tcp_socket("127.0.0.1", 0, taken="") as first:
        port = first.getsockname()[1]
        with pytest.raises(SourceError, match="It is taken"):
            tcp_socket("127.0.0.1", port, taken="It is taken.")


def test_an_address_of_another_machine_is_refused_with_the_reason() -> None:
    with pytest.raises(SourceError, match="Port 8428 cannot be listened on: "):
        tcp_socket("192.0.2.1", 8428, taken="It is taken.")


def test_packages_are_there_only_if_all_of_them_are() -> None:
    assert are_installed(("json", "xml.dom"))
    assert not are_installed(("json", "no_such_package"))
    assert not are_installed(("no_such_package.within",))
