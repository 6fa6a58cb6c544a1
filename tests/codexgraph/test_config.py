"""Where settings come from, and what is said about wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from codexgraph.config import (
    Config,
    ConfigError,
    find_root,
    load_config,
    setting_rows,
    unknown_variables,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    return folder


def load(root: Path, environment: dict[str, str] | None = None, **flags: object) -> Config:
    return load_config(root, flags, environment or {}, root.parent / "user.toml")


def test_defaults(root: Path) -> None:
    config = load(root)
    assert config.store == "embedded"
    assert config.index_dir == root / ".codexgraph"
    assert config.repo == "repo"
    assert {origin for _, _, origin in setting_rows(config)} == {"default"}


def test_every_layer_wins_over_the_one_before(root: Path) -> None:
    def jobs(environment: dict[str, str] | None = None, **flags: object) -> tuple[int, str]:
        config = load(root, environment, **flags)
        return config.jobs, config.origins.get("jobs", "default")

    assert jobs() == (0, "default")
    (root.parent / "user.toml").write_text("jobs = 1\n")
    assert jobs() == (1, f"{root.parent / 'user.toml'}:1")
    (root / "pyproject.toml").write_text("[project]\nname = 'x'\n\n[tool.codexgraph]\njobs = 2\n")
    assert jobs() == (2, f"{root / 'pyproject.toml'}:5")
    (root / "codexgraph.toml").write_text("# ours\njobs = 3\n")
    assert jobs() == (3, f"{root / 'codexgraph.toml'}:2")
    environment = {"CODEXGRAPH_JOBS": "4"}
    assert jobs(environment) == (4, "environment CODEXGRAPH_JOBS")
    assert jobs(environment, jobs=5) == (5, "flag")


def test_tables_and_lists(root: Path) -> None:
    (root / "codexgraph.toml").write_text(
        'exclude = ["build/", "*.gen.py"]\n[neo4j]\nuri = "neo4j://[::1]:7687"\n'
        "[query]\ntimeout_s = 2\nmax_rows = 10\n"
    )
    config = load(root)
    assert config.exclude == ("build/", "*.gen.py")
    assert config.neo4j_uri == "neo4j://[::1]:7687"
    assert (config.query_timeout_s, config.query_max_rows) == (2.0, 10)
    assert config.origins["query.max_rows"].endswith("codexgraph.toml:6")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("jobs = 1\nstor = 'neo4j'\n", 2, "unknown setting 'stor': did you mean 'store'?"),
        ("[neo4j]\nuser = 'me'\nurl = 'bolt://x'\n", 3, "unknown setting 'neo4j.url'"),
        ("jobs = -1\n", 1, "jobs must be a whole number, 0 or more, not -1"),
        ("store = 'sqlite'\n", 1, "store must be one of embedded, neo4j, not 'sqlite'"),
        ("\n\n[query]\ntimeout_s = 0\n", 4, "query.timeout_s must be a number of seconds above 0"),
        ("inherited_members = 'yes'\n", 1, "inherited_members must be true or false"),
        ("exclude = [1]\n", 1, "exclude must be a list of patterns"),
        ("neo4j.uri = 'nowhere'\n", 1, "neo4j.uri must be an address"),
        ("neo4j = 3\n", 1, "unknown setting 'neo4j'"),
        ("neo4j.uri = 'bolt://db.example.org:7687'\n", 1, "where a password is sent: set it in"),
        ("neo4j.uri = 'bolt://localhost.example.org'\n", 1, "where a password is sent"),
    ],
)
def test_a_wrong_setting_is_one_line_with_its_place(
    root: Path, text: str, line: int, words: str
) -> None:
    (root / "codexgraph.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(root)
    message = str(caught.value)
    assert message.startswith(f"{root / 'codexgraph.toml'}:{line}: ")
    assert words in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "text",
    [
        "[neo4j]\npassword = 'secret1'\n",
        "neo4j.password = 'secret1'\n",
        "password = 'secret1'\n",
        "neo4j_password = 'secret1'\n",
        "[neo4j]\nuri = 'bolt://neo4j:secret1@host:7687'\n",
    ],
)
def test_a_password_in_a_file_is_an_error_that_does_not_show_it(root: Path, text: str) -> None:
    (root / "codexgraph.toml").write_text(text)
    with pytest.raises(ConfigError, match="password does not belong in") as caught:
        load(root)
    assert "secret1" not in str(caught.value)
    assert "CODEXGRAPH_NEO4J_PASSWORD" in str(caught.value)


def test_broken_toml_names_file_and_line(root: Path) -> None:
    (root / "codexgraph.toml").write_text("jobs = 1\nstore = \n")
    with pytest.raises(ConfigError, match=r"codexgraph\.toml: not valid TOML: .*line 2"):
        load(root)


def test_a_file_that_is_not_text_is_one_line(root: Path) -> None:
    (root / "codexgraph.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"codexgraph\.toml: cannot be read"):
        load(root)


def test_a_foreign_pyproject_is_left_alone(root: Path) -> None:
    (root / "pyproject.toml").write_text("[project\nthis is not TOML")
    assert load(root).store == "embedded"


def test_a_wrong_variable_is_named(root: Path) -> None:
    with pytest.raises(ConfigError, match=r"^CODEXGRAPH_JOBS: jobs must be"):
        load(root, {"CODEXGRAPH_JOBS": "many"})


def test_flags_are_named(root: Path) -> None:
    with pytest.raises(ConfigError, match=r"^--store: store must be one of"):
        load(root, store="sqlite")


def test_variables_of_every_type(root: Path) -> None:
    config = load(
        root,
        {
            "CODEXGRAPH_STORE": "neo4j",
            "CODEXGRAPH_INDEX_DIR": "/somewhere/index",
            "CODEXGRAPH_NEO4J_USER": "me",
            "CODEXGRAPH_EXCLUDE": "a/, b.py",
            "CODEXGRAPH_QUERY_TIMEOUT_S": "1.5",
            "CODEXGRAPH_IMPORTED_MEMBERS": "false",
        },
    )
    assert (config.store, config.neo4j_user) == ("neo4j", "me")
    assert config.index_dir == Path("/somewhere/index")
    assert config.exclude == ("a/", "b.py")
    assert config.query_timeout_s == 1.5
    assert not config.imported_members


def test_variables_that_set_nothing_are_known() -> None:
    environment = {"CODEXGRAPH_STOER": "x", "CODEXGRAPH_NEO4J_PASSWORD": "x", "PATH": ""}
    assert unknown_variables(environment) == ["CODEXGRAPH_STOER"]


def test_the_root_is_the_nearest_index_or_work_tree(root: Path) -> None:
    deep = root / "a" / "b"
    deep.mkdir(parents=True)
    (root / ".git").mkdir()
    assert find_root(deep) == root
    (root / "a" / ".codexgraph").mkdir()
    assert find_root(deep) == root / "a"
    assert find_root(root / "a" / "b" / "missing") == root / "a"


def test_without_either_the_folder_is_the_root(tmp_path: Path) -> None:
    assert find_root(tmp_path) == tmp_path
