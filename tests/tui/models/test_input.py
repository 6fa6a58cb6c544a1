"""What is typed: pickers, commands, keys, editors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.models.cursor import location_of, offset_of
from tui.models.editor import editor_of, open_command
from tui.models.fuzzy import fuzzy_rank
from tui.models.help_text import help_markdown
from tui.models.keymap import read_keymap
from tui.models.picker import Option, Trigger, accepted, command_options, file_options, wanted_at
from tui.models.slash import COMMANDS, CommandError, read_command

if TYPE_CHECKING:
    from pathlib import Path

PATHS = ["src/app.py", "src/application/views.py", "tests/test_app.py", "docs/a_p_p.md"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("who calls @Sha", (Trigger.SYMBOL, "Sha")),
        ("@", (Trigger.SYMBOL, "")),
        ("read #src/ap", (Trigger.FILE, "src/ap")),
        ("/ca", (Trigger.COMMAND, "ca")),
        ("me@host", None),
        ("a /b", None),
        ("@done now", None),
    ],
)
def test_what_opens_a_picker(text: str, expected: tuple[Trigger, str] | None) -> None:
    wanted = wanted_at(text, len(text))
    assert (wanted and (wanted.trigger, wanted.text)) == expected


def test_a_choice_takes_the_place_of_what_was_typed() -> None:
    text = "who calls @Sha and why"
    wanted = wanted_at(text, len("who calls @Sha"))
    assert wanted is not None
    put, cursor = accepted(text, wanted, Option("pkg.Shape", "C Shape"))
    assert (put, put[:cursor]) == ("who calls pkg.Shape and why", "who calls pkg.Shape")


def test_files_are_ranked_by_name_then_path_then_letters() -> None:
    assert [option.insert for option in file_options(PATHS, "app")] == [
        "src/app.py",
        "tests/test_app.py",
        "src/application/views.py",
        "docs/a_p_p.md",
    ]
    assert fuzzy_rank("xyz", "src/app.py") is None


def test_commands_that_begin_so_come_first() -> None:
    names = [option.insert for option in command_options(COMMANDS, "ca")]
    assert names[:2] == ["/callees", "/callers"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("/calers x", "did you mean /callers"),
        ("/callers", "/callers NAME: NAME is missing"),
        ("/xyzzy", "/help lists them"),
    ],
)
def test_a_wrong_command_is_one_line(line: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        read_command(line)


def test_commands_and_paths_are_told_apart() -> None:
    found = read_command("/callers pkg.Shape.area ")
    assert found is not None
    assert (found[0].name, found[1]) == ("callers", "pkg.Shape.area")
    assert read_command("/usr/bin/python fails") is None
    assert read_command("what is /callers") is None


def test_every_command_goes_somewhere() -> None:
    from tui.commands import FUNCTIONS
    from tui.modes import MODES

    modes = {mode.id for mode in MODES}
    for command in COMMANDS:
        assert command.question or command.mode in modes or command.name in FUNCTIONS, command.name


def test_a_keymap_with_faults_holds_where_it_is_right(tmp_path: Path) -> None:
    file = tmp_path / "keymap.toml"
    file.write_text('[keys]\n"app.side" = "f2"\n"app.hlep" = "f3"\n"app.help" = 3\n[colors]\n')
    keymap = read_keymap(file, {"app.side", "app.help"})
    assert keymap.keys == {"app.side": "f2"}
    assert [line.partition("keymap.toml:")[2] for line in keymap.troubles] == [
        "5: unknown table or setting 'colors': only [keys] is known",
        "3: no action is called 'app.hlep': did you mean 'app.help'?",
        "4: the keys of 'app.help' must be a text such as \"ctrl+b,f2\"",
    ]
    file.write_text("[keys")
    assert "not valid TOML" in read_keymap(file, ()).troubles[0]
    assert read_keymap(tmp_path / "none.toml", ()).troubles == ()


@pytest.mark.parametrize(
    ("editor", "expected"),
    [
        ("vim", ["vim", "+7", "a.py"]),
        ("/usr/bin/code --wait", ["/usr/bin/code", "--wait", "--goto", "a.py:7"]),
        ("hx", ["hx", "a.py:7"]),
        ("unknown-editor", ["unknown-editor", "a.py"]),
    ],
)
def test_editors_are_opened_at_the_line(editor: str, expected: list[str]) -> None:
    command = editor_of({"EDITOR": editor})
    assert command is not None
    assert open_command(command, "a.py", 7) == expected


def test_no_editor_and_a_broken_one() -> None:
    assert editor_of({}) is None
    assert editor_of({"VISUAL": "'", "EDITOR": "vi"}) == ("vi",)


@given(st.text(alphabet="ab\n"), st.integers(0, 40))
def test_places_in_a_text_go_both_ways(text: str, offset: int) -> None:
    offset = min(offset, len(text))
    assert offset_of(text, location_of(text, offset)) == offset


def test_the_help_page_has_every_command() -> None:
    page = help_markdown([("app.help", "f1", "Help")], "keymap.toml")
    assert all(command.usage in page for command in COMMANDS)
    assert "app.help" in page
