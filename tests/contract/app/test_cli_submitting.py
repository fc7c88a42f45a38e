"""`argraph submit` and `argraph review` against a real server, and against what is none."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from argraph.app.cli import main

from ...conftest import absent
from .receiving import House, house, identifier


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("house")) as place:
        yield place


def argraph(*arguments: object, token: str | None = None) -> Result:
    environment = {"ARGRAPH_TOKEN": token or "", "no_proxy": "*"}
    return CliRunner(env=environment).invoke(main, [str(argument) for argument in arguments])


def address(place: House) -> str:
    return str(place.client.base_url)


def written(folder: Path, data: bytes, name: str = "mine.ttl") -> Path:
    file = folder / name
    file.write_bytes(data)
    return file


# -- submit -------------------------------------------------------------------------------------------------


def test_a_file_is_handed_in_and_its_page_is_named(place: House, tmp_path: Path) -> None:
    data = place.objection("by-cli")
    done = argraph("submit", written(tmp_path, data), "--to", address(place), token=place.secret("ada"))
    assert done.exit_code == 0, done.output
    assert "It does not stand: nothing that speaks for it holds." in done.stdout
    assert done.stdout.endswith(
        f"It waits for its review: {address(place).rstrip('/')}/contributions/{identifier(data)}\n"
    )
    assert place.see(identifier(data)).json()["name"] == "mine.ttl"


def test_a_token_may_stand_in_a_file(place: House, tmp_path: Path) -> None:
    file = written(tmp_path, place.objection("token-in-file"))
    token = written(tmp_path, f"{place.secret('ada')}\n".encode(), "token")
    done = argraph("submit", file, "--to", address(place), "--token-file", token)
    assert done.exit_code == 0, done.output


def test_handing_in_again_is_no_fault_until_it_was_turned_down(place: House, tmp_path: Path) -> None:
    data = place.objection("again-by-cli")
    file, id = written(tmp_path, data), identifier(data)
    for _ in range(2):
        done = argraph("submit", file, "--to", address(place), token=place.secret("ada"))
        assert done.exit_code == 0
    assert done.stdout.startswith(
        f"This was handed in before, as contribution {id}: it waits for its review."
    )
    place.do("reject", id, "ruth", comment="No.")
    done = argraph("submit", file, "--to", address(place), token=place.secret("ada"))
    assert (done.exit_code, done.stdout) == (3, "")
    assert "it was not accepted. Change the file" in done.stderr


@pytest.mark.parametrize(
    "change",
    [
        (b"osai:pil-safety", b"osai:pil-safty"),
        (b"osai:pil-safety", b"osai:pil-safety ;;; ]"),
        (b"@prefix arg", b"\xff\xfe@prefix arg"),
        (b"osai:pil-safety .", b"osai:pil-safety , " + b" " * 3000 + b"osai:pil-safty ."),
        (
            b'"@en ;\n    schema',
            b'\x1b[31m"@en ; arg:supports osai:x' + b" " * 3000 + b", osai:pil-safty ;\n    schema",
        ),
    ],
)
def test_faults_are_shown_exactly_as_a_check_of_the_file_shows_them(
    place: House, tmp_path: Path, change: tuple[bytes, bytes]
) -> None:
    file = written(tmp_path, place.objection("shown-alike").replace(*change))
    for form in "text", "sarif":
        here = argraph("check", file, "--against", place.graph, "--format", form)
        for more in (), ("--dry-run",):
            there = argraph(
                "submit", file, "--to", address(place), "--format", form, *more, token=place.secret("ada")
            )
            assert there.exit_code == here.exit_code == 1
            assert there.stdout == here.stdout


def test_json_is_what_the_server_says(place: House, tmp_path: Path) -> None:
    file = written(tmp_path, place.objection("as-json"))
    done = argraph("submit", file, "--to", address(place), "--dry-run", "--format", "json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["label"] == "On as json"


def test_a_newer_version_names_the_older(place: House, tmp_path: Path) -> None:
    id = place.pending("older-by-cli")
    newer = written(tmp_path, place.objection("older-by-cli") + b"# newer\n")
    done = argraph("submit", newer, "--to", address(place), "--supersedes", id, token=place.secret("ada"))
    assert done.exit_code == 0, done.output
    assert place.see(id).json()["state"] == "superseded"
    done = argraph("submit", newer, "--to", address(place), "--supersedes", id, "--dry-run")
    assert done.exit_code == 2


# -- review -------------------------------------------------------------------------------------------------


def test_a_reviewer_lists_shows_and_accepts(place: House, tmp_path: Path) -> None:
    id = place.pending("reviewed-by-cli")
    place.do("comment", id, "ruth", comment="Which\nstudy\x1b[31m?", marks=["unsupported"])
    to = ("--to", address(place))
    listed = argraph("review", "list", *to, "--state", "pending", token=place.secret("ruth"))
    assert f"{id}  pending  " in listed.stdout
    shown = argraph("review", "show", id, *to)
    assert "submitted by ada" in shown.stdout
    assert "commented by ruth: unsupported: Which␊study[31m?" in shown.stdout
    assert "added: objection “Against all that is known about reviewed by cli”" in shown.stdout
    assert argraph("review", "show", id, "--check", *to, token=place.secret("ruth")).exit_code == 0
    done = argraph("review", "accept", id, *to, "--comment", "Good.", token=place.secret("ruth"))
    path = place.see(id).json()["path"]
    assert (done.exit_code, done.stdout) == (0, f"“On reviewed by cli” is accepted, in {path}.\n")
    assert (place.graph / path).exists()
    again = argraph("review", "accept", id, *to, token=place.secret("ruth"))
    assert (again.exit_code, again.stderr) == (3, f"argraph: Contribution {id} was accepted already.\n")


def test_a_reviewer_rejects_with_words_and_marks(place: House) -> None:
    id, to = place.pending("rejected-by-cli"), ("--to", address(place))
    assert argraph("review", "reject", id, *to, token=place.secret("ruth")).exit_code == 2
    said = ("--comment", "Unclear.", "--mark", "unclear", "--mark", "unsupported")
    done = argraph("review", "reject", id, *to, *said, "--format", "json", token=place.secret("ruth"))
    assert done.exit_code == 0
    assert json.loads(done.stdout)["marks"] == ["unsupported", "unclear"]


def test_a_contributor_comments_withdraws_and_asks_to_retract(place: House) -> None:
    to, ada = ("--to", address(place)), place.secret("ada")
    id = place.pending("followed-by-cli")
    assert argraph("review", "comment", id, *to, "--comment", "It is new.", token=ada).exit_code == 0
    assert place.see(id).json()["comment"] == ""  # that of the review; the history has both
    assert place.see(id, "history").json()["events"][-1]["comment"] == "It is new."
    refused = argraph("review", "withdraw", id, *to, token=place.secret("ben"))
    assert (refused.exit_code, refused.stdout) == (3, "")
    done = argraph("review", "withdraw", id, *to, token=ada)
    assert (done.exit_code, done.stdout) == (0, "“On followed by cli” is withdrawn.\n")
    id = place.pending("retracted-by-cli")
    assert place.do("accept", id, "ruth").status_code == 200
    done = argraph("review", "retract", id, *to, "--comment", "It was wrong.", token=ada)
    assert (done.exit_code, done.stdout) == (0, "“Retraction of “On retracted by cli”” is pending.\n")


def test_what_does_not_pass_any_more_is_shown_with_exit_code_1(place: House) -> None:
    first = place.objection("passes-no-more")
    second = first.replace(b"osai:contribution-passes", b"osai:contribution-again-passes")
    ids = [place.hand_in(data).json()["id"] for data in (first, second)]
    for id, code in zip(ids, (0, 1), strict=True):
        done = argraph("review", "accept", id, "--to", address(place), token=place.secret("ruth"))
        assert done.exit_code == code
    assert "violation" in done.stdout


# -- what is in the way -------------------------------------------------------------------------------------


def refusal(*arguments: object, token: str | None = None) -> str:
    done = argraph(*arguments, token=token)
    assert (done.exit_code, done.stdout) == (3, ""), done.output
    lines = done.stderr.splitlines()
    assert lines[-1].startswith("argraph: ")
    return lines[-1]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path, b"<x> <y> <z> .")


def test_who_has_no_token_or_a_wrong_one_is_told(place: House, file: Path) -> None:
    to = ("--to", address(place))
    assert "set ARGRAPH_TOKEN" in refusal("submit", file, *to)
    assert "was revoked, or has expired" in refusal("submit", file, *to, token="argraph_" + "x" * 43)
    id = place.pending("not-by-ada")
    told = refusal("review", "accept", id, *to, token=place.secret("ada"))
    assert told == "argraph: This needs the token of a reviewer; yours is one of a contributor."


@pytest.mark.parametrize("content", [None, b"", b"two words", b"\xff"])
def test_a_file_that_holds_no_token_is_told(
    place: House, file: Path, tmp_path: Path, content: bytes | None
) -> None:
    token = tmp_path / "token"
    if content is not None:
        token.write_bytes(content)
    assert str(token) in refusal("submit", file, "--to", address(place), "--token-file", token)


def test_where_nobody_listens_is_told(file: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        to = f"http://127.0.0.1:{free.getsockname()[1]}"
    assert refusal("submit", file, "--to", to).startswith("argraph: There is no server at 127.0.0.1:")
    assert "cannot be reached" in refusal("submit", file, "--to", "http://nobody.invalid/")


@pytest.mark.parametrize("where", ["debates.example", "ftp://debates.example/", "http://", "http://a:b@c/"])
def test_what_is_no_address_is_a_wrong_use(file: Path, where: str) -> None:
    assert argraph("submit", file, "--to", where).exit_code == 2


@contextmanager
def answering(status: int, headers: dict[str, str], body: bytes) -> Iterator[tuple[str, list[Any]]]:
    """A server that always answers the same, and the heads of what it was sent."""
    heads: list[Any] = []

    class Same(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heads.append(dict(self.headers))
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Same) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", heads
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "media", "body"),
    [
        (200, "text/html", b"<h1>Welcome</h1>"),
        (200, "application/json", b"[1]"),
        (200, "application/json", b"{"),
        (200, "application/json", b"[" * 100_000),
        (404, "application/json", b'{"detail":"Not Found"}'),
        (502, "text/html", b"Bad Gateway"),
    ],
)
def test_a_server_that_is_not_argraphs_is_told(file: Path, status: int, media: str, body: bytes) -> None:
    with answering(status, {"content-type": media}, body) as (to, _):
        assert "it is not a server of argraph that takes contributions" in refusal("submit", file, "--to", to)


@pytest.mark.parametrize(
    "told",
    [
        {"report": {}},
        {"report": {"diagnostics": [1]}},
        {"report": {"diagnostics": [{"code": 1}]}},
        {"report": {"diagnostics": []}, "impact": {"told": {"sections": 5, "headline": ""}}},
        {"report": {"diagnostics": []}, "impact": "x"},
    ],
)
def test_an_answer_of_another_shape_is_one_clear_line(file: Path, told: dict[str, Any]) -> None:
    with answering(200, {"content-type": "application/json"}, json.dumps(told).encode()) as (to, _):
        assert "it is of another release" in argraph("submit", file, "--to", to, "--dry-run").stderr


def test_a_token_is_not_sent_on_to_where_a_server_points(file: Path, place: House) -> None:
    with answering(200, {"content-type": "application/json"}, b"{}") as (elsewhere, heads):
        with answering(307, {"location": elsewhere}, b"") as (to, _):
            told = refusal("submit", file, "--to", to, token=place.secret("ada"))
        assert told.endswith(f"sends on to {elsewhere}: name that with --to.")
        assert heads == []


def test_a_token_on_an_open_line_is_warned_of(file: Path) -> None:
    done = argraph("submit", file, "--to", "http://nobody.invalid/", token="x")
    assert done.stderr.startswith(
        "argraph: nobody.invalid is asked without encryption: others may read your token."
    )


def test_a_token_is_in_nothing_that_is_printed(file: Path, place: House) -> None:
    secret = place.secret("ada")
    for to in (address(place), "http://nobody.invalid/", address(place) + "nowhere"):
        for form in "text", "json":
            assert secret not in argraph("submit", file, "--to", to, "--format", form, token=secret).output


def test_tls_faults_are_told(file: Path, place: House, tmp_path: Path) -> None:
    told = refusal("submit", file, "--to", address(place).replace("http:", "https:"))
    assert "There is no secure connection to 127.0.0.1:" in told
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    try:
        subprocess.run(
            [
                *(
                    "openssl",
                    "req",
                    "-x509",
                    "-newkey",
                    "ec",
                    "-pkeyopt",
                    "ec_paramgen_curve:P-256",
                    "-nodes",
                ),
                *("-keyout", key, "-out", certificate, "-days", "1", "-subj", "/CN=localhost"),
            ],
            check=True,
            capture_output=True,
        )
    except FileNotFoundError:
        absent("openssl, which makes a certificate, is not installed.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def shake() -> None:
            with socket.socket() as _:
                caller, _ = listener.accept()
                try:
                    context.wrap_socket(caller, server_side=True).close()
                except OSError:
                    caller.close()

        thread = threading.Thread(target=shake)
        thread.start()
        told = refusal("submit", file, "--to", f"https://localhost:{listener.getsockname()[1]}/")
        thread.join()
    assert told.startswith("argraph: The certificate of localhost:")
    assert told.endswith("Nothing was sent.")


def test_a_file_that_cannot_be_handed_in_is_not_sent(place: House, tmp_path: Path) -> None:
    to = ("--to", address(place))
    assert refusal("submit", tmp_path / "none.ttl", *to).startswith("argraph: There is no file or folder")
    assert "cannot be read: Is a directory" in refusal("submit", tmp_path, *to)
    large = written(tmp_path, b"#" * (1024 * 1024 + 1))
    assert "is longer than 1,048,576 bytes" in refusal("submit", large, *to)
    assert argraph("review", "show", "../session", *to).exit_code == 2
