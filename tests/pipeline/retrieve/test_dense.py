import hashlib
import json
import os
import random
import stat
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path

import hnswlib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.retrieve.dense import MAX_K, DenseIndex, Embedder, IndexFileError, entries_digest
from tests.soak import SOAK

TEXTS = [
    " ".join(words)
    for words in product(
        ("acute", "chronic", "mild", "severe"),
        ("heart failure", "kidney disease", "asthma", "pain", "anemia"),
        ("", "left", "right", "stage 2", "with neuropathy"),
    )
]
ASKED = ["heart failure", "severe pain left knee", "diabetes", "chronic kidney disease stage 2"]


@pytest.fixture
def embedder(make_model: Callable[..., Path]) -> Embedder:
    return Embedder.load(make_model())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "dense.hnsw"


def _oracle(embedder: Embedder, texts: list[str], k: int) -> NDArray[np.float32]:
    cosines = embedder.encode(texts) @ embedder.encode(TEXTS).T
    return -np.sort(-cosines, axis=1)[:, :k]


def _assert_right(index: DenseIndex, embedder: Embedder) -> None:
    ids, scores = index.query(ASKED, 10)
    assert np.allclose(scores, _oracle(embedder, ASKED, 10), atol=1e-5)
    found = np.einsum("nkd,nd->nk", embedder.encode(TEXTS)[ids], embedder.encode(ASKED))
    assert np.allclose(scores, found, atol=1e-5)


def test_neighbours_are_those_of_an_exact_search(embedder: Embedder, path: Path) -> None:
    index = DenseIndex.build(TEXTS, embedder, path)
    assert index.count == len(TEXTS)
    assert index.notice == ""
    _assert_right(index, embedder)
    vectors = embedder.encode(ASKED)
    ids, scores = index.exact(vectors, 10)
    assert np.allclose(scores, _oracle(embedder, ASKED, 10), atol=1e-5)
    assert scores.dtype == np.float32
    assert ids.dtype == np.int64


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    texts=st.lists(
        st.text(max_size=20) | st.sampled_from(TEXTS) | st.sampled_from(ASKED), max_size=8
    ),
    k=st.integers(1, MAX_K),
)
def test_any_text_and_any_k_are_answered(
    embedder: Embedder, path: Path, texts: list[str], k: int
) -> None:
    index = DenseIndex.open(TEXTS, embedder, path)
    ids, scores = index.query(texts, k)
    assert ids.shape == scores.shape == (len(texts), min(k, len(TEXTS)))
    assert np.isfinite(scores).all()
    assert (np.diff(scores, axis=1) <= 0).all()
    known = embedder.encode(texts).any(axis=1)
    assert (ids[~known] == -1).all()
    assert (scores[~known] == 0).all()
    assert ((ids[known] >= 0) & (ids[known] < len(TEXTS))).all()
    for row, text in enumerate(texts):
        alone = index.query([text], k)
        assert alone[0].tobytes() == ids[row : row + 1].tobytes()
        assert alone[1].tobytes() == scores[row : row + 1].tobytes()


def test_equal_cosines_come_in_the_order_of_the_entries(embedder: Embedder, path: Path) -> None:
    texts = ["left knee pain", "pain knee left", "heart failure", "knee left pain"]
    ids, _ = DenseIndex.build(texts, embedder, path).query(["pain left knee"], 4)
    assert ids[0, :3].tolist() == [0, 1, 3]


def test_many_equal_entries_are_all_found(embedder: Embedder, path: Path) -> None:
    texts = ["acute pain"] * 600 + TEXTS
    index = DenseIndex.build(texts, embedder, path)
    ids, scores = index.query(["acute pain"], MAX_K)
    assert np.allclose(scores, 1, atol=1e-5)
    assert len(set(ids[0].tolist())) == MAX_K


def test_entries_without_a_vector_are_never_found(embedder: Embedder, path: Path) -> None:
    index = DenseIndex.build(["", "🫀", "heart failure", "unheard"], embedder, path)
    assert index.count == 1
    ids, _ = index.query(["heart", "🫀"], 4)
    assert ids.tolist() == [[2], [-1]]


def test_an_index_of_nothing_answers_with_nothing(embedder: Embedder, path: Path) -> None:
    for index in (DenseIndex.build([], embedder, path), DenseIndex.open([], embedder, path)):
        ids, scores = index.query(ASKED, 5)
        assert ids.shape == scores.shape == (len(ASKED), 0)


@pytest.mark.parametrize("k", [0, -1, MAX_K + 1])
def test_k_is_bounded(embedder: Embedder, path: Path, k: int) -> None:
    index = DenseIndex.build(TEXTS, embedder, path)
    with pytest.raises(ValueError, match="asks for 1 to"):
        index.query(ASKED, k)


def test_vectors_that_would_crash_the_library_are_refused(embedder: Embedder, path: Path) -> None:
    index = DenseIndex.build(TEXTS, embedder, path)
    bad = embedder.encode(ASKED)
    for vectors in (bad[:, :-1], np.hstack([bad, bad]), bad[0], bad[None]):
        with pytest.raises(ValueError, match="shape"):
            index.query_vectors(vectors, 5)
    bad[1, 1] = np.nan
    with pytest.raises(ValueError, match="finite"):
        index.query_vectors(bad, 5)


def test_a_kept_index_is_loaded_and_answers_alike(embedder: Embedder, path: Path) -> None:
    built = DenseIndex.build(TEXTS, embedder, path)
    loaded = DenseIndex.load(path, embedder, entries_digest(TEXTS))
    assert loaded.digest == built.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    ids, scores = built.query(ASKED, 20)
    loaded_ids, loaded_scores = loaded.query(ASKED, 20)
    assert ids.tobytes() == loaded_ids.tobytes()
    assert scores.tobytes() == loaded_scores.tobytes()


def test_files_are_the_owners_and_nothing_is_left_beside_them(
    embedder: Embedder, path: Path
) -> None:
    DenseIndex.build(TEXTS, embedder, path)
    assert {each.name for each in path.parent.iterdir()} == {"dense.hnsw", "dense.hnsw.json"}
    for each in path.parent.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600


def test_two_builds_are_the_same_file_in_any_process(
    make_model: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_model()
    code = (
        "import json, sys; from pathlib import Path\n"
        "from pipeline.retrieve.dense import DenseIndex, Embedder\n"
        "embedder = Embedder.load(Path(sys.argv[1]))\n"
        "print(DenseIndex.build(json.loads(sys.argv[3]), embedder, Path(sys.argv[2])).digest)\n"
    )
    digests = {DenseIndex.build(TEXTS, Embedder.load(folder), tmp_path / "a").digest}
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(folder), str(tmp_path / seed), json.dumps(TEXTS)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        digests.add(done.stdout.strip())
    assert len(digests) == 1


def _damages(raw: bytes, count: int) -> list[tuple[str, bytes]]:
    chance = random.Random(20260401)
    damages = [("empty", b""), ("half", raw[: len(raw) // 2]), ("longer", raw + b"\0")]
    for _ in range(count):
        at = chance.randrange(len(raw))
        changed = bytes([raw[at] ^ (1 << chance.randrange(8))])
        damages.append((f"flip {at}", raw[:at] + changed + raw[at + 1 :]))
        damages.append((f"cut {at}", raw[:at]))
        page = min(at, max(0, len(raw) - 4096))
        noise = chance.randbytes(len(raw[page : page + 4096]))
        damages.append((f"page {page}", raw[:page] + noise + raw[page + 4096 :]))
    return damages


@pytest.mark.soak
@pytest.mark.parametrize("which", ["dense.hnsw", "dense.hnsw.json"])
def test_a_damaged_file_never_reaches_the_library_and_is_built_anew(
    embedder: Embedder, path: Path, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = DenseIndex.build(TEXTS, embedder, path).digest
    target = path.with_name(which)
    good = target.read_bytes()

    class Guarded(hnswlib.Index):
        def load_index(self, *_args: object, **_options: object) -> None:
            pytest.fail("a damaged file reached hnswlib")

    for name, bad in _damages(good, 20 * SOAK):
        target.write_bytes(bad)
        with monkeypatch.context() as patch:
            patch.setattr("pipeline.retrieve.dense.hnswlib.Index", Guarded)
            with pytest.raises(IndexFileError):
                DenseIndex.load(path, embedder, entries_digest(TEXTS))
        rebuilt = DenseIndex.open(TEXTS, embedder, path)
        assert rebuilt.digest == digest, name
        assert target.read_bytes() == good, name
    _assert_right(DenseIndex.open(TEXTS, embedder, path), embedder)


@pytest.mark.parametrize("key", ["dim", "count", "space", "m", "ef_construction", "seed", "format"])
def test_a_manifest_that_says_something_else_is_not_believed(
    embedder: Embedder, path: Path, key: str
) -> None:
    digest = DenseIndex.build(TEXTS, embedder, path).digest
    note = path.with_name("dense.hnsw.json")
    said = json.loads(note.read_text("utf-8"))
    said[key] = said[key] + 1 if isinstance(said[key], int) else said[key] + "x"
    note.write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(IndexFileError):
        DenseIndex.load(path, embedder, entries_digest(TEXTS))
    assert DenseIndex.open(TEXTS, embedder, path).digest == digest


@pytest.mark.parametrize("options", [{"dim": 8}, {"dim": 32}, {"seed": 8}])
def test_an_index_of_another_model_is_built_anew(
    make_model: Callable[..., Path], path: Path, options: dict[str, int]
) -> None:
    DenseIndex.build(TEXTS, Embedder.load(make_model("old", **options)), path)
    embedder = Embedder.load(make_model("new"))
    _assert_right(DenseIndex.open(TEXTS, embedder, path), embedder)


@pytest.mark.parametrize("other", [TEXTS[:-1], TEXTS[::-1], [*TEXTS, "asthma"]])
def test_an_index_of_other_entries_is_built_anew(
    embedder: Embedder, path: Path, other: list[str]
) -> None:
    DenseIndex.build(other, embedder, path)
    _assert_right(DenseIndex.open(TEXTS, embedder, path), embedder)


def test_entries_digest_sees_order_and_ends() -> None:
    lists = [["ab", "c"], ["a", "bc"], ["abc"], ["c", "ab"], ["ab", "c", ""], ["ab", "c\ud800"]]
    assert len({entries_digest(texts) for texts in lists}) == len(lists)


def test_a_link_is_replaced_and_what_it_points_to_stays(
    embedder: Embedder, path: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"not an index")
    path.parent.mkdir()
    path.symlink_to(elsewhere)
    _assert_right(DenseIndex.open(TEXTS, embedder, path), embedder)
    assert elsewhere.read_bytes() == b"not an index"
    assert not path.is_symlink()


@pytest.mark.parametrize("obstacle", ["folder-at-path", "folder-at-manifest", "file-at-parent"])
def test_an_index_that_cannot_be_kept_serves_from_memory_and_says_so(
    embedder: Embedder, path: Path, tmp_path: Path, obstacle: str
) -> None:
    match obstacle:
        case "folder-at-path":
            (path / "taken").mkdir(parents=True)
        case "folder-at-manifest":
            path.with_name("dense.hnsw.json").mkdir(parents=True)
        case "file-at-parent":
            path.parent.touch()
    index = DenseIndex.open(TEXTS, embedder, path)
    _assert_right(index, embedder)
    assert str(path) in index.notice
    assert "choose another cache folder" in index.notice
    assert index.digest == DenseIndex.build(TEXTS, embedder, tmp_path / "kept").digest


def test_a_short_write_is_not_kept(
    embedder: Embedder, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(hnswlib.Index):
        def save_index(self, name: str) -> None:
            super().save_index(name)
            os.truncate(name, 100)

    monkeypatch.setattr("pipeline.retrieve.dense.hnswlib.Index", Full)
    with pytest.raises(IndexFileError, match="free some space"):
        DenseIndex.build(TEXTS, embedder, path)
    assert list(path.parent.iterdir()) == []


def test_progress_is_told_and_an_exception_from_it_stops_without_a_file(
    embedder: Embedder, path: Path
) -> None:
    told: list[tuple[str, int, int]] = []
    DenseIndex.build(TEXTS, embedder, path, report=lambda *step: told.append(step))
    assert [step for step in told if step[1] == step[2]] == [
        ("Encoding terms", len(TEXTS), len(TEXTS)),
        ("Indexing terms", len(TEXTS), len(TEXTS)),
    ]
    path.unlink()

    def stop(step: str, _done: int, _total: int) -> None:
        if step == "Indexing terms":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        DenseIndex.open(TEXTS, embedder, path, report=stop)
    assert [each.name for each in path.parent.iterdir()] == ["dense.hnsw.json"]


NEW = ["acute heart failure stage 4", "diabetes", "severe pain left knee and hip", "###"]
"""Two beside what is in TEXTS, one that stands alone, and one without a vector."""


def test_texts_beside_the_graph_are_found_as_if_they_were_in_it(
    embedder: Embedder, path: Path
) -> None:
    index = DenseIndex.build(TEXTS, embedder, path)
    more = index.extended(NEW, first=len(TEXTS))
    whole = DenseIndex.build([*TEXTS, *NEW], embedder, path.with_name("whole.hnsw"))
    known = int(np.any(embedder.encode(NEW), axis=1).sum())
    assert more.count == whole.count == len(TEXTS) + known
    for k in (1, 7, more.count):
        vectors = embedder.encode(ASKED)
        ids, scores = more.query_vectors(vectors, k)
        expected = whole.exact(vectors, k)[1]
        assert np.allclose(scores, expected, atol=1e-5)
        found = np.einsum("nkd,nd->nk", embedder.encode([*TEXTS, *NEW])[ids], vectors)
        assert np.allclose(scores, found, atol=1e-5)
        assert np.allclose(more.exact(vectors, k)[1], expected, atol=1e-5)
    assert more.query(["diabetes"], 1)[0].tolist() == [[len(TEXTS) + 1]]
    assert index.count == len(TEXTS), "the index they were added to stays as it was"


def test_the_digest_covers_what_was_added(embedder: Embedder, path: Path) -> None:
    index = DenseIndex.build(TEXTS, embedder, path)
    one, other = (index.extended([text], first=len(TEXTS)) for text in ("diabetes", "gout asthma"))
    assert len({index.digest, one.digest, other.digest}) == 3
    assert index.extended([], first=len(TEXTS)) is index
