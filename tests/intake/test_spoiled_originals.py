"""2,000 spoiled copies of published ODS, XLS and ZIP files: no abort, no traceback, nothing over 30 s.

They are made from the published files when the test runs. A sample of 30, of files that are read in a fraction of a
second, is tried here, 100 in `make test-full` and all of them, for ten minutes, in `make test-faults`.
"""

from collections import Counter

import pytest
import spoiled_originals

pytestmark = pytest.mark.published
A_SAMPLE = range(30)


def test_a_sample_of_spoiled_files_is_refused_in_words_or_read_as_printed(tmp_path, files_of_today):
    ended, wrong = Counter(), []
    for number in A_SAMPLE:
        path, of, how = spoiled_originals.spoil(number, files_of_today, tmp_path, spoiled_originals.QUICK)
        outcome = spoiled_originals.judge(number, path, of, how)
        ended[outcome.ended] += 1
        path.unlink()
        if outcome.wrong:
            wrong.append(str(outcome))
    assert not wrong, "\n".join(wrong)
    assert ended["refused"] > 8 and ended["loaded"] > 3


def test_what_is_wrong_is_seen(tmp_path, files_of_today, monkeypatch):
    """A reader that fails, one that is slow and one that misreads a cell: each is an outcome that is wrong."""
    path = tmp_path / "spoiled_0.ods"
    path.write_bytes(spoiled_originals.original("ods", files_of_today))
    assert not spoiled_originals.judge(0, path, "ods", "").wrong
    with monkeypatch.context() as patch:
        patch.setattr(spoiled_originals, "survey_landing", lambda paths: 1 / 0)
        assert spoiled_originals.judge(0, path, "ods", "").ended == "traceback"
    with monkeypatch.context() as patch:
        patch.setattr(spoiled_originals, "MOST_SECONDS", 0.0)
        assert spoiled_originals.judge(0, path, "ods", "").wrong == "0 s"

    def misread(paths, read=spoiled_originals.survey_landing):
        survey = read(paths)
        reading = survey.files[0].readings[0]
        cell = next(iter(reading.cells))
        survey.files[0].file.grids[reading.sheet][cell.row - 1][cell.column - 1] = "another"
        return survey

    monkeypatch.setattr(spoiled_originals, "survey_landing", misread)
    assert "otherwise" in spoiled_originals.judge(0, path, "ods", "").wrong


@pytest.mark.parametrize("number", [pytest.param(100, marks=pytest.mark.full),
                                    pytest.param(2_000, marks=pytest.mark.faults)])
def test_many_spoiled_files(files_of_today, number):
    outcomes = list(spoiled_originals.run(number, files_of_today))
    assert [str(outcome) for outcome in outcomes if outcome.wrong] == []
    assert {outcome.of for outcome in outcomes} == set(spoiled_originals.ORIGINALS)
    assert len(outcomes) == number


def test_a_file_that_ends_its_process_is_an_outcome(files_of_today, monkeypatch, tmp_path):
    served = tmp_path / "served.py"
    served.write_text("import os\nos.abort()\n")
    monkeypatch.setattr(spoiled_originals, "__file__", str(served))
    (outcome,) = spoiled_originals.run(1, files_of_today)
    assert outcome.ended == "abort" and "-6" in outcome.wrong
