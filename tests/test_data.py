"""The data that is shipped: it loads without a network, is what its text says, and a damaged file is told by name with what to do."""

import fnmatch
import gc
import socket
import tomllib
from pathlib import Path

import numpy as np
import pytest

from helpers import data

HERE = Path(data.__file__).parent
FILES = [path for path in HERE.iterdir() if path.is_file() and path.suffix not in (".py", ".pyc", ".md")]
PACKED = (HERE / "digits.npz").read_bytes()


def told(file):
    """What is said of a file that is not as it should be; it names the file and says what to do."""
    with pytest.raises(ValueError) as caught:
        data.digits(file)
    said = str(caught.value)
    assert str(file) in said and "take it afresh from the project" in said and "git checkout -- helpers/data" in said, said
    return said


def zeros(*shape):
    return np.zeros(shape, np.uint8)


def written(tmp_path, content):
    file = tmp_path / "digits.npz"
    file.write_bytes(content)
    return file


# the digits


def test_the_digits_load_without_a_network(monkeypatch):
    def refused(*args, **options):
        raise AssertionError("the data asked for a network")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    images, labels = data.digits()
    assert images.shape == (1797, 64) and labels.shape == (1797,) and images.dtype == labels.dtype == np.uint8


def test_the_digits_are_those_of_the_original_file():
    images, labels = data.digits()
    assert images.min() == 0 and images.max() == 16 and len(np.unique(images, axis=0)) == 1797
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # as the source counts them
    assert images[0].reshape(8, 8)[0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0] and labels[:10].tolist() == list(range(10))
    assert np.flatnonzero((images == 0).all(axis=0)).tolist() == [0, 32, 39]  # nobody ever inked these


def test_each_call_gives_arrays_of_its_own():
    images, labels = data.digits()
    images[:], labels[:] = 0, 0
    assert data.digits()[0].max() == 16 and data.digits()[1].max() == 9


def test_the_wines_are_those_of_the_original_file():
    measures, labels = data.wine()
    assert measures.shape == (178, 13) and np.bincount(labels).tolist() == [59, 71, 48]  # as the source counts them
    assert measures[0].tolist() == [14.23, 1.71, 2.43, 15.6, 127, 2.8, 3.06, 0.28, 2.29, 5.64, 1.04, 3.92, 1065]
    assert measures[:, 12].max() == 1680 and measures[:, 7].max() == 0.66 and len(np.unique(measures, axis=0)) == 178


def test_wines_that_are_missing_or_something_else_are_told_by_name(tmp_path):
    file = tmp_path / "wine.npz"
    with pytest.raises(ValueError, match="is missing: take it afresh"):
        data.wine(file)
    file.write_bytes(b"<!doctype html>")
    with pytest.raises(ValueError, match="is damaged"):
        data.wine(file)
    measures, labels = data.wine()
    for changed in ({"measures": measures[1:], "labels": labels}, {"measures": measures * np.nan, "labels": labels}, {"measures": measures, "labels": labels + np.uint8(1)}):
        np.savez_compressed(file, **changed)
        with pytest.raises(ValueError, match="does not hold the wines"):
            data.wine(file)


def test_the_wines_name_licence_doi_and_credit():
    text = (HERE / "wine.md").read_text(encoding="utf-8")
    for said in ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/", "https://doi.org/10.24432/C5PC7J", "S. Aeberhard and M. Forina"):
        assert said in text


# files that are not as they should be


def test_a_missing_file_is_told(tmp_path):
    assert "is missing" in told(tmp_path / "digits.npz")


@pytest.mark.parametrize("left", [0, 1, 3, 4, 100, 2000, 40000, len(PACKED) - 100, len(PACKED) - 1])
def test_a_file_cut_short_is_told(tmp_path, left):
    assert "is damaged" in told(written(tmp_path, PACKED[:left]))


@pytest.mark.parametrize("first, last, changed", [
    (200, 44000, 30), (0, 200, 200), (len(PACKED) - 260, len(PACKED), 260),
], ids=["in the middle", "at its head", "at its end"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # what NumPy thinks of the header that a wrong bit made
def test_no_flipped_bit_goes_unnoticed(tmp_path, first, last, changed):
    images, labels = data.digits()
    noticed = 0
    for i, place in enumerate(np.linspace(first, last - 1, changed).astype(int)):
        spoilt = bytearray(PACKED)
        spoilt[place] ^= 1 << i % 8
        file = written(tmp_path, spoilt)
        try:
            read = data.digits(file)
        except ValueError:
            told(file)
            noticed += 1
        else:  # a bit that says nothing of the numbers, as the date of packing
            assert first != 200 and np.array_equal(read[0], images) and np.array_equal(read[1], labels) and read[0].dtype == images.dtype
    assert noticed == changed if first == 200 else noticed > changed / 4


def test_a_damaged_file_is_not_left_open(tmp_path, recwarn):
    told(written(tmp_path, PACKED[:-1000]))
    gc.collect()
    assert not [warning for warning in recwarn if issubclass(warning.category, ResourceWarning)]


@pytest.mark.parametrize("arrays", [
    {"pictures": zeros(1797, 64), "labels": zeros(1797)}, {"images": zeros(1797, 64)}, {}, {"images": zeros(1797, 8, 8), "labels": zeros(1797)},
    {"images": zeros(0, 64), "labels": zeros(0)}, {"images": zeros(1797, 64), "labels": zeros(1797, 10)},
    {"images": zeros(1797, 64) + np.uint8(17), "labels": zeros(1797)}, {"images": zeros(1797, 64), "labels": zeros(1797) + np.uint8(10)},
    {"images": zeros(1797, 64) + np.nan, "labels": zeros(1797)}, {"images": zeros(1797, 64), "labels": np.full(1797, -1)},
    {"images": np.full((1797, 64), None), "labels": zeros(1797)},
], ids=["other names", "no labels", "nothing", "another shape", "no rows", "labels of another shape", "too much ink", "an 11th class", "NaN", "below 0",
        "objects"])
def test_a_file_with_something_else_in_it_is_told(tmp_path, arrays):
    file = tmp_path / "digits.npz"
    np.savez_compressed(file, **arrays)
    told(file)


@pytest.mark.parametrize("content", [
    b"<!doctype html><p>404", b"version 1\noid sha256:0\n", np.lib.format.magic(1, 0),
], ids=["a web page", "a pointer", "half a head"])
def test_a_file_of_another_kind_is_told(tmp_path, content):
    assert "is damaged" in told(written(tmp_path, content))
    (tmp_path / "folder.npz").mkdir()
    assert "is damaged" in told(tmp_path / "folder.npz")


def test_a_single_array_in_place_of_two_is_told(tmp_path):
    with (tmp_path / "digits.npz").open("wb") as file:
        np.save(file, np.zeros((1797, 64)))
    assert "is damaged" in told(tmp_path / "digits.npz")


# what lies beside the data


def test_all_data_together_is_small():
    assert FILES and sum(path.stat().st_size for path in FILES) < 60_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_of_data_says_whose_it_is_and_under_which_licence(path):
    text = path.with_suffix(".md").read_text(encoding="utf-8")
    assert f"`{path.name}`" in text, "the text does not name the file that it is about"
    for said in ("- Source:", "- Credit:", "- Licence"):
        assert said in text, f"{path.stem}.md has no line {said!r}"


def test_the_digits_name_licence_doi_and_credit():
    text = (HERE / "digits.md").read_text(encoding="utf-8")
    for said in ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/", "https://doi.org/10.24432/C50P49", "E. Alpaydin and C. Kaynak, 1998"):
        assert said in text
    assert all(f"`{name}` {part.shape}" in text and str(part.dtype) in text for name, part in zip(("images", "labels"), data.digits()))


@pytest.mark.parametrize("path", [path for path in HERE.iterdir() if path.is_file() and path.suffix not in (".py", ".pyc")], ids=lambda path: path.name)
def test_an_installed_package_has_the_data_and_its_text(path):
    settings = tomllib.loads((HERE.parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    declared = settings["package-data"]
    patterns = declared.get("*", []) + declared.get("helpers.data", [])
    assert "helpers.data" in settings["packages"]
    assert any(fnmatch.fnmatch(path.name, pattern) for pattern in patterns), f"name *{path.suffix} under package-data in pyproject.toml"
