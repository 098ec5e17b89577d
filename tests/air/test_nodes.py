"""The graph of field operations: written once, folded, with degrees and values at zero."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.air.nodes import Code, Nodes
from novate.field import P

CELLS = 4


def worth(nodes: Nodes, root: int, local: list[int], following: list[int]) -> int:
    """The value of a node over two rows."""
    code, a, b = nodes.entries[root]
    match code:
        case Code.CONSTANT:
            return a
        case Code.LOCAL:
            return local[a]
        case Code.NEXT:
            return following[a]
    left, right = worth(nodes, a, local, following), worth(nodes, b, local, following)
    return {Code.ADD: left + right, Code.SUB: left - right, Code.MUL: left * right}[Code(code)] % P


@st.composite
def grown(draw: st.DrawFn) -> tuple[Nodes, list[int], list[tuple[str, int, int]]]:
    """A graph of some operations, its roots, and how each was asked for."""
    nodes = Nodes()
    roots = [nodes.local(i) for i in range(CELLS)] + [nodes.next(i) for i in range(CELLS)]
    roots += [nodes.constant(value) for value in (0, 1, 2, P - 1)]
    asked = []
    for _ in range(draw(st.integers(1, 12))):
        operation = draw(st.sampled_from(["add", "sub", "mul"]))
        a, b = draw(st.sampled_from(roots)), draw(st.sampled_from(roots))
        if operation == "mul" and nodes.degrees[a] + nodes.degrees[b] > 4:
            continue
        roots.append(getattr(nodes, operation)(a, b))
        asked.append((operation, a, b))
    return nodes, roots, asked


row = st.lists(st.integers(0, P - 1), min_size=CELLS, max_size=CELLS)


@given(grown(), row, row)
def test_folding_changes_no_value(
    graph: tuple[Nodes, list[int], list[tuple[str, int, int]]],
    local: list[int],
    following: list[int],
) -> None:
    nodes, roots, asked = graph
    made = roots[2 * CELLS + 4 :]
    for root, (operation, a, b) in zip(made, asked, strict=True):
        left, right = (worth(nodes, x, local, following) for x in (a, b))
        expected = {"add": left + right, "sub": left - right, "mul": left * right}[operation]
        assert worth(nodes, root, local, following) == expected % P


@given(grown())
def test_the_value_where_all_cells_are_zero_is_known(
    graph: tuple[Nodes, list[int], list[tuple[str, int, int]]],
) -> None:
    nodes, roots, _ = graph
    for root in roots:
        assert nodes.at_zero[root] == worth(nodes, root, [0] * CELLS, [0] * CELLS)


@given(grown(), row, row, row, row)
def test_a_node_reads_the_cells_it_names_and_no_others(
    graph: tuple[Nodes, list[int], list[tuple[str, int, int]]],
    local: list[int],
    following: list[int],
    other_local: list[int],
    other_following: list[int],
) -> None:
    nodes, roots, _ = graph
    for root in roots:
        read = nodes.cells(root)
        mixed = [
            [old[i] if i in read else new[i] for i in range(CELLS)]
            for old, new in ((local, other_local), (following, other_following))
        ]
        assert worth(nodes, root, local, following) == worth(nodes, root, *mixed)


def test_the_same_operation_is_written_once() -> None:
    nodes = Nodes()
    a, b = nodes.local(0), nodes.local(1)
    assert nodes.add(a, b) == nodes.add(a, b)
    assert nodes.mul(a, b) == nodes.mul(a, b)
    assert nodes.local(0) == a and nodes.next(0) != a
    assert nodes.constant(P + 3) == nodes.constant(3)


def test_nothing_is_computed_with_zero_and_one() -> None:
    nodes = Nodes()
    a, zero, one = nodes.local(0), nodes.constant(0), nodes.constant(1)
    assert nodes.add(a, zero) == nodes.add(zero, a) == nodes.sub(a, zero) == a
    assert nodes.mul(a, one) == nodes.mul(one, a) == nodes.scale(a, 1) == a
    assert nodes.mul(a, zero) == nodes.mul(zero, a) == zero
    assert nodes.total([]) == zero and nodes.total([a]) == a


def test_degrees_add_in_products_and_no_constant_has_one() -> None:
    nodes = Nodes()
    a, b = nodes.local(0), nodes.next(1)
    assert nodes.degrees[nodes.constant(5)] == nodes.degrees[nodes.public(0)] == 0
    assert nodes.degrees[nodes.selector(Code.IS_FIRST)] == nodes.degrees[a] == 1
    product = nodes.mul(nodes.mul(a, b), nodes.add(a, nodes.public(0)))
    assert nodes.degrees[product] == 3
    assert nodes.degrees[nodes.sub(product, a)] == 3


@pytest.mark.parametrize("unknown", ["public", "selector"])
def test_a_value_that_is_not_a_cell_is_unknown_at_zero_unless_a_cell_takes_it_away(
    unknown: str,
) -> None:
    nodes = Nodes()
    node = nodes.public(0) if unknown == "public" else nodes.selector(Code.IS_LAST)
    cell = nodes.local(0)
    assert nodes.at_zero[node] is None
    assert nodes.at_zero[nodes.add(node, cell)] is None
    assert nodes.at_zero[nodes.mul(node, nodes.constant(2))] is None
    assert nodes.at_zero[nodes.mul(node, cell)] == 0
