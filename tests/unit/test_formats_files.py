"""A path that leads to no file of sentences is refused at once, without waiting for anything."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.reading import read_file
from states.errors import SettingsError
from states.intents.records import Columns


def _refusal(path: Path) -> str:
    with pytest.raises(SettingsError) as refused:
        list(read_file(path, Columns()).records)
    return str(refused.value)


def test_a_missing_file_is_told_with_its_neighbour(tmp_path: Path) -> None:
    """The name that is nearest, if one is near."""
    (tmp_path / "ventas.csv").touch()
    told = _refusal(tmp_path / "venta.csv")
    assert told == f"There is no file {tmp_path / 'venta.csv'}; did you mean `ventas.csv`?"
    assert _refusal(tmp_path / "zzz") == f"There is no file {tmp_path / 'zzz'}."
    assert _refusal(tmp_path / "none" / "zzz").startswith("There is no file")


def test_a_folder_a_pipe_and_a_device_are_no_files(tmp_path: Path) -> None:
    """A pipe is not waited for."""
    os.mkfifo(tmp_path / "pipe.csv")
    assert "is a folder. Name the file in it." in _refusal(tmp_path)
    assert "is a pipe or a device" in _refusal(tmp_path / "pipe.csv")
    assert "is a pipe or a device" in _refusal(Path("/dev/zero"))
    assert "cannot be read" in _refusal(Path("a\0b.csv"))


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "ventas.csv").touch()
    assert _refusal(tmp_path / "ventas.csv").endswith(
        "ventas.csv is empty. Give a file with sentences."
    )


def test_a_file_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the words of the operating system; as root no file is forbidden, so it is said for it."""
    path = tmp_path / "ventas.csv"
    path.write_text("text,intent\n", encoding="utf-8")

    def forbid(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", forbid)
    assert _refusal(path).endswith("ventas.csv cannot be read: Permission denied.")


def test_a_link_leads_to_its_file(tmp_path: Path) -> None:
    """And is told by the name that the person used."""
    (tmp_path / "real.csv").write_text("text,intent\nhola,a\n", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    table = read_file(tmp_path / "link.csv", Columns())
    assert table.source.file == "link.csv"
    assert [record.text for record in table.records] == ["hola"]


def test_a_header_alone_is_told(tmp_path: Path) -> None:
    """Before anything is written."""
    (tmp_path / "ventas.csv").write_text("text,intent\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"ventas\.csv: no row has a sentence: fill it\."):
        read_file(tmp_path / "ventas.csv", Columns())


SEEDS = {
    ".csv": 'text;intent\r\n"hólá; ""x""";a\r\n\r\notra;b\r\n'.encode("cp1252"),
    ".tsv": "text\tintent\nhóla\ta\n".encode("utf-16"),
    ".json": b'{"a": ["x", "y"], "b": [\n"z"]}',
    ".jsonl": b'{"messages":[{"role":"user","content":"u"},{"role":"assistant","content":"a"}]}\n',
    ".txt": b'[{"text": "x", "intent": "a"}]',
}


@given(
    suffix=st.sampled_from(sorted(SEEDS)),
    damage=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4)), max_size=4),
    columns=st.sampled_from([Columns(), Columns("1", "2"), Columns("a", "b", "c", "d")]),
)
def test_a_damaged_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
    suffix: str,
    damage: list[tuple[float, bytes]],
    columns: Columns,
) -> None:
    """Nobody meets a traceback, whatever stands in a file."""
    content = SEEDS[suffix] * 2
    for where, written in damage:
        at = int(where * len(content))
        content = content[:at] + written + content[at + len(written) // 2 :]
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(content or b" ")
    with suppress(SettingsError):
        assert all(record.row for record in read_file(path, columns).records)
