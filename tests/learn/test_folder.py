"""Folders of labelled pictures: what is read, and what is refused, by line."""

from pathlib import Path

import numpy as np
import pytest

from osler.errors import LearnError
from osler.learn.folder import labelled_images, picture
from tests.learn.painted import write_folder

LABELS = ("normal", "metastasis")


def _rewrite(folder: Path, text: str) -> None:
    (folder / "labels.csv").write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path, 4)


def test_indices_and_names_are_both_labels(folder: Path) -> None:
    _rewrite(folder, "filename,label\n000.png,0\n001.png,metastasis\n")
    examples = labelled_images(folder, LABELS)
    assert examples.names == ("000.png", "001.png")
    assert examples.labels.tolist() == [0, 1]
    assert examples.stated == (None, None)
    assert examples.groups == examples.digests


def test_parts_and_groups_are_read_where_stated(folder: Path) -> None:
    _rewrite(folder, "split,filename,label,group\ntrain,000.png,0,slide 1\n,001.png,1,\n")
    examples = labelled_images(folder, LABELS)
    assert examples.stated == ("train", None)
    assert examples.groups == ("slide 1", examples.digests[1])


def test_a_table_of_a_spreadsheet_is_read(folder: Path) -> None:
    _rewrite(folder, "\ufefffilename,label\r\n000.png,0\r\n001.png,1\r\n")
    assert len(labelled_images(folder, LABELS)) == 2


def test_the_same_file_twice_is_one_group(folder: Path) -> None:
    (folder / "copy.png").write_bytes((folder / "000.png").read_bytes())
    _rewrite(folder, "filename,label\n000.png,0\ncopy.png,0\n001.png,1\n")
    examples = labelled_images(folder, LABELS)
    assert examples.groups[0] == examples.groups[1] != examples.groups[2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("filename,label,colour\n000.png,0,red\n", "has a column 'colour'"),
        ("filename\n000.png\n", "lacks the column 'label'"),
        ("filename,label\n000.png,0\nnone.png,1\n", r"line 3: .*none\.png does not exist"),
        ("filename,label\n000.png,0\n001.png,2\n", "line 3: '2' is no label"),
        ("filename,label\n000.png,0\n001.png\n", "line 3: '' is no label"),
        ("filename,label\n../000.png,0\n", "line 2: .* no file name inside the folder"),
        ("filename,label\n000.png,0\n002.png,0\n", "no example of 'metastasis'"),
        ("", "lacks the column 'filename'"),
    ],
)
def test_what_is_wrong_is_named(folder: Path, text: str, words: str) -> None:
    _rewrite(folder, text)
    with pytest.raises(LearnError, match=words):
        labelled_images(folder, LABELS)


def test_a_folder_without_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LearnError, match=r"labels\.csv cannot be read"):
        labelled_images(tmp_path, LABELS)


def test_pixels_are_colour_whatever_the_file(folder: Path) -> None:
    pixels = picture(folder / "000.png")
    assert pixels.shape == (32, 32, 3)
    assert pixels.dtype == np.uint8


def test_a_broken_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"not a picture")
    with pytest.raises(LearnError, match="cannot be opened"):
        picture(tmp_path / "x.png")
