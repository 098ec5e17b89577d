"""Every refusal of the contracts is in their reference and expected by a test."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
UNREACHABLE = {"number exceeds 64 bits"}
"""What no call can bring about: no supply reaches 64 bits."""


def refusals_in(source: str) -> set[str]:
    """The reasons of a contract's assertions."""
    with_numbers = re.findall(r'refusal\.because\(\s*"([^"]+)"', source)
    plain = re.findall(r'assert [^"#]*?, "([^"]+)"', source)
    return {*with_numbers, *plain, *re.findall(r'^\s*\), "([^"]+)"', source, re.MULTILINE)}


def complaints(sources: dict[str, str], page: str, tests: str) -> list[str]:
    """Reasons that the page does not list, or that no test quotes."""
    found = []
    for name, source in sources.items():
        for reason in sorted(refusals_in(source)):
            if f"`{reason}" not in page:
                found.append(f"{name}: '{reason}' is not in docs/reference/contracts.md")
            if f'"{reason}' not in tests and reason not in UNREACHABLE:
                found.append(f"{name}: '{reason}' is expected by no test")
    return found


def test_a_refusal_unlisted_or_untested_is_found() -> None:
    source = """
    assert a <= b, refusal.because(
        "too much", a, b
    )
    assert extcall IERC20(token).transfer(
        recipient, amount, default_return_value=True
    ), "token refused"
    assert x, "no"
    """
    assert refusals_in(source) == {"too much", "token refused", "no"}
    page, tests = "`too much: got A, allowed B`, `no`", 'refused("too much: got 2") refused("no")'
    assert len(complaints({"X": source}, page, tests)) == 2
    assert not complaints({"X": source}, page + "`token refused`", tests + '"token refused"')


def test_an_assertion_without_a_reason_is_not_written() -> None:
    for path in (ROOT / "contracts/src").glob("*.vy"):
        assertions = re.findall(r"^ *assert ", path.read_text(), re.MULTILINE)
        reasons = re.findall(r'refusal\.because\(|, "[^"]+"$', path.read_text(), re.MULTILINE)
        assert len(assertions) == len(reasons), path.name


def test_every_refusal_is_listed_and_tested() -> None:
    sources = {path.name: path.read_text() for path in (ROOT / "contracts/src").glob("*.vy")}
    tests = [
        path.read_text()
        for folder in ("chain", "attacks")
        for path in (ROOT / "tests" / folder).glob("test_*.py")
        if path != Path(__file__)
    ]
    page = (ROOT / "docs/reference/contracts.md").read_text()
    assert len(sources) == 8
    found = complaints(sources, page, "\n".join(tests))
    assert not found, "\n".join(found)
