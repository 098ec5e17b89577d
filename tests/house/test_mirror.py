"""`tests/` mirrors the pure rooms file for file."""

from .source import ROOT, pure_modules, told

ELSEWHERE: dict[str, str] = {
    "circuits/buses.py": "tests/circuits/test_batch.py",
    "circuits/poseidon2_parameters.py": "tests/field/test_poseidon2.py",
    "circuits/transactions/listed_instrument.py": (
        "tests/circuits/transactions/test_user_trade.py, test_system_settle.py"
    ),
}
"""Modules without a test of their own name, and where they are tested instead."""


def mirror_of(path: str) -> str:
    """The test module of a module: `ledger/order_slot.py` has `tests/ledger/test_order_slot.py`."""
    folder, _, name = path.rpartition("/")
    return f"tests/{folder}/test_{name.lstrip('_')}"


def mirror_complaints(paths: list[str], tests: set[str], elsewhere: dict[str, str]) -> list[str]:
    """Each module has its test, or one line that says where it is tested."""
    complaints = [
        f"src/novate/{path} has no {mirror_of(path)}; next: write it, or name the reason in "
        "ELSEWHERE in tests/house/test_mirror.py"
        for path in paths
        if not path.endswith("__init__.py")
        and mirror_of(path) not in tests
        and path not in elsewhere
    ]
    complaints += [
        f"ELSEWHERE in tests/house/test_mirror.py excuses {path} in vain; next: delete the line"
        for path in elsewhere
        if path not in paths or mirror_of(path) in tests
    ]
    return complaints


def test_a_module_without_its_test_is_refused() -> None:
    paths = ["units/__init__.py", "units/usd.py", "ledger/transactions/user_trade.py"]
    tests = {"tests/ledger/transactions/test_user_trade.py"}
    assert len(mirror_complaints(paths, tests, {})) == 1
    assert not mirror_complaints(paths, tests, {"units/usd.py": "in tests/units/test_price.py"})


def test_an_excuse_that_nobody_needs_is_refused() -> None:
    assert mirror_complaints(["units/usd.py"], {"tests/units/test_usd.py"}, {"units/usd.py": "x"})
    assert mirror_complaints([], set(), {"units/gone.py": "x"})


def test_every_module_of_a_pure_room_has_its_test() -> None:
    tests = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")}
    paths = [module.path for module in pure_modules()]
    complaints = mirror_complaints(paths, tests, ELSEWHERE)
    assert not complaints, told(complaints)
