"""How a run of tests inside another Debian is judged, and by which test runner."""

from __future__ import annotations

import pytest

from tests.deploy.debian import ROOT, ToolError
from tests.deploy.tested import FILES, LOCK, RUNNER, SERVER_FILES, judged, locked

CASE = '<testcase classname="tests.deploy.test_units" name="{0}">{1}</testcase>'
UNITS = "tests/deploy/test_units.py"
PASSED = CASE.format("one", "")
SKIPPED = CASE.format("two", '<skipped message="no such tool"/>')


def wrong(cases: str, *files: str) -> dict[str, object]:
    report = f"<testsuites><testsuite>{cases}</testsuite></testsuites>"
    rows = judged(report, files, {"no such tool"})
    return {name: found for name, found, expected in rows if found != expected}


def test_all_is_well_where_all_passed_and_only_the_known_is_skipped() -> None:
    assert wrong(PASSED + SKIPPED, UNITS) == {}


@pytest.mark.parametrize(
    ("cases", "found"),
    [
        (
            PASSED + SKIPPED + CASE.format("three", "<failure/>"),
            {"test_units: 1 passed; failed": ["three"]},
        ),
        (
            PASSED + SKIPPED + CASE.format("three", "<error/>"),
            {"test_units: 1 passed; failed": ["three"]},
        ),
        (SKIPPED, {"test_units: 0 passed; failed": ["none passed"]}),
        (PASSED, {"tests skipped": []}),
        (
            PASSED + SKIPPED + CASE.format("three", '<skipped message="no root"/>'),
            {"tests skipped": ["no root", "no such tool"]},
        ),
    ],
)
def test_what_is_not_as_it_should_be_is_told(cases: str, found: dict[str, object]) -> None:
    assert wrong(cases, UNITS) == found


def test_a_file_that_did_not_run_is_told_and_so_is_one_that_nobody_asked_for() -> None:
    found = wrong(SKIPPED + CASE.format("three", "<error/>"), "tests/deploy/test_other.py")
    assert found == {
        "test_other: 0 passed; failed": ["none passed"],
        "tests elsewhere that failed": {"tests.deploy.test_units": ["three"]},
    }


def test_the_files_are_there() -> None:
    assert [name for name in (*FILES, *SERVER_FILES) if not (ROOT / name).is_file()] == []


def test_the_runner_is_the_locked_one_with_its_hashes() -> None:
    text = (ROOT / LOCK).read_text("utf-8")
    lines = locked(text, RUNNER).splitlines()
    assert [line.partition("==")[0] for line in lines if line[0].isalnum()] == list(RUNNER)
    assert sum("--hash=sha256:" in line for line in lines) >= 2 * len(RUNNER)


def test_a_runner_that_is_not_locked_is_refused() -> None:
    with pytest.raises(ToolError, match="tox: not in the lock"):
        locked("pytest==1 \\\n    --hash=sha256:00\n", ["pytest", "tox"])
