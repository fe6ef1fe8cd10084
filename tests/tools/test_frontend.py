"""When the front end is built again, and when not."""

import pytest

from tools import frontend


@pytest.fixture
def tree(tmp_path):
    for name in frontend.SOURCES:
        path = tmp_path / name
        if path.suffix:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x = 1\n")
        else:
            path.mkdir(parents=True, exist_ok=True)
            (path / "one.py").write_text("y = 1\n")
    return tmp_path


def test_every_source_it_watches_exists():
    assert [name for name in frontend.SOURCES if not (frontend.ROOT / name).exists()] == []


@pytest.mark.parametrize("name", [n if "." in n else f"{n}/one.py" for n in frontend.SOURCES])
def test_a_changed_source_asks_for_a_build(tree, name):
    before = frontend.source_hash("Portal", tree)
    assert frontend.source_hash("Portal", tree) == before
    (tree / name).write_text("z = 2\n")
    assert frontend.source_hash("Portal", tree) != before


def test_a_new_file_a_moved_file_and_another_name_ask_for_a_build(tree):
    seen = {frontend.source_hash("Portal", tree), frontend.source_hash("Other", tree)}
    new = tree / "portal_app/pages/two.py"
    new.write_text("")
    seen.add(frontend.source_hash("Portal", tree))
    new.rename(tree / "portal_app/pages/three.py")
    seen.add(frontend.source_hash("Portal", tree))
    assert len(seen) == 4


def test_compiled_python_and_what_never_reaches_a_browser_do_not(tree):
    before = frontend.source_hash("Portal", tree)
    for name in ("portal_app/pages/__pycache__/one.pyc", "portal_app/storage/users.py", "README.md"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("later")
    assert frontend.source_hash("Portal", tree) == before


def test_the_build_finds_node_of_the_wheel_first_and_writes_no_registry_into_the_lock(monkeypatch):
    env = frontend.build_environment({"PATH": "/usr/bin"})
    first = env["PATH"].split(":")[0]
    assert (frontend.Path(first) / "node").exists()
    assert (frontend.Path(first) / "npm").exists()
    assert env["REFLEX_USE_NPM"] == "true"
    assert env["npm_config_omit_lockfile_registry_resolved"] == "true"
