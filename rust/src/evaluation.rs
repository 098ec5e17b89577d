//! A table's expressions on concrete rows.

use p3_baby_bear::BabyBear;
use p3_field::PrimeCharacteristicRing;

use crate::program::{Node, Table};

/// A trace: rows of canonical cells.
pub type Cells = Vec<BabyBear>;

/// All that an expression can see from one row.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub local: &'a [BabyBear],
    pub next: &'a [BabyBear],
    pub public: &'a [BabyBear],
    pub row: usize,
    pub height: usize,
}

impl<'a> Context<'a> {
    /// A row of a trace; the first follows the last.
    pub fn of(
        table: &Table,
        cells: &'a [BabyBear],
        public: &'a [BabyBear],
        row: usize,
    ) -> Context<'a> {
        let width = table.width;
        let height = cells.len() / width;
        let following = (row + 1) % height;
        Context {
            local: &cells[row * width..(row + 1) * width],
            next: &cells[following * width..(following + 1) * width],
            public,
            row,
            height,
        }
    }
}

/// Some nodes of a table, with all they depend on, in the order of evaluation.
pub struct Evaluator<'a> {
    table: &'a Table,
    pub order: Vec<usize>,
}

impl<'a> Evaluator<'a> {
    pub fn new(table: &'a Table, roots: impl IntoIterator<Item = usize>) -> Self {
        let mut wanted = vec![false; table.nodes.len()];
        for root in roots {
            wanted[root] = true;
        }
        for index in (0..table.nodes.len()).rev() {
            if !wanted[index] {
                continue;
            }
            match table.nodes[index] {
                Node::Add(a, b) | Node::Sub(a, b) | Node::Mul(a, b) => {
                    wanted[a] = true;
                    wanted[b] = true;
                }
                Node::Neg(a) => wanted[a] = true,
                _ => {}
            }
        }
        Self { table, order: (0..table.nodes.len()).filter(|&i| wanted[i]).collect() }
    }

    /// Room for the values of all nodes.
    pub fn values(&self) -> Vec<BabyBear> {
        vec![BabyBear::ZERO; self.table.nodes.len()]
    }

    /// The values of the nodes on a row; those of other nodes stay as they are.
    pub fn evaluate(&self, at: &Context, values: &mut [BabyBear]) {
        for &i in &self.order {
            self.step(i, at, values);
        }
    }

    /// The value of one node, whose operands are known.
    pub fn step(&self, node: usize, at: &Context, values: &mut [BabyBear]) {
        values[node] = match self.table.nodes[node] {
            Node::Constant(c) => c,
            Node::Local(i) => at.local[i],
            Node::Next(i) => at.next[i],
            Node::Public(i) => at.public[i],
            Node::IsFirst => BabyBear::from_bool(at.row == 0),
            Node::IsLast => BabyBear::from_bool(at.row + 1 == at.height),
            Node::IsTransition => BabyBear::from_bool(at.row + 1 != at.height),
            Node::Add(a, b) => values[a] + values[b],
            Node::Sub(a, b) => values[a] - values[b],
            Node::Mul(a, b) => values[a] * values[b],
            Node::Neg(a) => -values[a],
        };
    }
}
