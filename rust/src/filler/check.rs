//! Traces without a proof: which constraint is not zero, and which message has no counterpart.

use std::collections::HashMap;
use std::ops::Range;

use p3_baby_bear::BabyBear;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use rayon::prelude::*;

use super::balance::{Balance, Key};
use super::{FillError, Filler};
use crate::evaluation::{Cells, Context, Evaluator};
use crate::program::{Message, Table};

/// A constraint that is not zero on a row.
pub struct Broken {
    pub table: usize,
    pub constraint: usize,
    pub row: usize,
}

/// A message that does not cancel, and where it was last seen.
pub struct Unbalanced {
    pub bus: u16,
    pub fields: Vec<u32>,
    pub surplus: i64,
    pub table: usize,
    pub row: usize,
}

impl Filler {
    /// Constraints that are not zero and messages that do not cancel; at most `limit` of each.
    pub fn check(
        &self,
        traces: &[Cells],
        publics: &[Vec<BabyBear>],
        limit: usize,
    ) -> Result<(Vec<Broken>, Vec<Unbalanced>), FillError> {
        self.shapes(traces)?;
        let mut broken = Vec::new();
        let mut balance = Balance::default();
        for (index, (table, (cells, public))) in
            self.tables.iter().zip(traces.iter().zip(publics)).enumerate()
        {
            let messages = table.messages.iter().collect();
            let rows = Rows::of(table, cells, public, messages, &table.constraints);
            let (wrong, sums) = rows.check(limit - broken.len());
            broken.extend(wrong.into_iter().map(|(constraint, row)| Broken {
                table: index,
                constraint,
                row,
            }));
            balance = balance.merge(sums);
        }
        let mut open = balance.open();
        open.sort_by(|a, b| a.0.cmp(&b.0));
        open.truncate(limit);
        Ok((broken, self.places(open, traces, publics)))
    }

    /// Where the open messages were last seen: looked for only when there are any.
    fn places(
        &self,
        open: Vec<(Key, BabyBear)>,
        traces: &[Cells],
        publics: &[Vec<BabyBear>],
    ) -> Vec<Unbalanced> {
        if open.is_empty() {
            return Vec::new();
        }
        let mut seen: HashMap<Key, (usize, usize)> =
            open.iter().map(|(key, _)| (key.clone(), (0, 0))).collect();
        for (index, (table, (cells, public))) in
            self.tables.iter().zip(traces.iter().zip(publics)).enumerate()
        {
            let concerned = |m: &&Message| open.iter().any(|((bus, _), _)| *bus == m.bus);
            let messages: Vec<_> = table.messages.iter().filter(concerned).collect();
            if messages.is_empty() {
                continue;
            }
            let rows = Rows::of(table, cells, public, messages, &[]);
            rows.each(0..rows.height, |row, values| {
                rows.said(values, |bus, fields, _| {
                    if let Some(place) = seen.get_mut(&(bus, fields.to_vec())) {
                        *place = (index, row);
                    }
                });
            });
        }
        open.into_iter()
            .map(|(key, count)| {
                let (table, row) = seen.get(&key).copied().unwrap_or_default();
                let (bus, fields) = key;
                Unbalanced { bus, fields, surplus: signed(count), table, row }
            })
            .collect()
    }
}

/// The representative of an element in (-p/2, p/2).
pub fn signed(count: BabyBear) -> i64 {
    let (value, order) = (i64::from(count.as_canonical_u32()), i64::from(BabyBear::ORDER_U32));
    if value > order / 2 {
        value - order
    } else {
        value
    }
}

/// The rows of one trace, read for some of the table's messages and constraints.
struct Rows<'a> {
    table: &'a Table,
    cells: &'a [BabyBear],
    public: &'a [BabyBear],
    height: usize,
    messages: Vec<&'a Message>,
    constraints: &'a [usize],
    evaluator: Evaluator<'a>,
}

impl<'a> Rows<'a> {
    fn of(
        table: &'a Table,
        cells: &'a [BabyBear],
        public: &'a [BabyBear],
        messages: Vec<&'a Message>,
        constraints: &'a [usize],
    ) -> Self {
        let height = cells.len() / table.width;
        let said = messages.iter().flat_map(|m| m.fields.iter().chain([&m.count]));
        let evaluator = Evaluator::new(table, said.chain(constraints).copied());
        Self { table, cells, public, height, messages, constraints, evaluator }
    }

    fn each(&self, rows: Range<usize>, mut visit: impl FnMut(usize, &[BabyBear])) {
        let mut values = self.evaluator.values();
        for row in rows {
            let at = Context::of(self.table, self.cells, self.public, row);
            self.evaluator.evaluate(&at, &mut values);
            visit(row, &values);
        }
    }

    fn said(&self, values: &[BabyBear], mut visit: impl FnMut(u16, &[u32], BabyBear)) {
        let mut fields = Vec::new();
        for message in &self.messages {
            let count = values[message.count];
            if count != BabyBear::ZERO {
                fields.clear();
                fields.extend(message.fields.iter().map(|&i| values[i].as_canonical_u32()));
                visit(message.bus, &fields, count);
            }
        }
    }

    /// Constraints with the rows that break them, at most `limit`; and the sums of all messages.
    fn check(&self, limit: usize) -> (Vec<(usize, usize)>, Balance) {
        let share = self.height.div_ceil(rayon::current_num_threads());
        let starts: Vec<_> = (0..self.height).step_by(share).collect();
        let (mut broken, balance) = starts
            .into_par_iter()
            .map(|start| self.check_rows(start..(start + share).min(self.height), limit))
            .reduce(Default::default, |(mut left, mine), (right, other)| {
                left.extend(right);
                (left, mine.merge(other))
            });
        broken.truncate(limit);
        (broken, balance)
    }

    fn check_rows(&self, rows: Range<usize>, limit: usize) -> (Vec<(usize, usize)>, Balance) {
        let mut broken = Vec::new();
        let mut balance = Balance::default();
        self.each(rows, |row, values| {
            for (index, &constraint) in self.constraints.iter().enumerate() {
                if values[constraint] != BabyBear::ZERO && broken.len() < limit {
                    broken.push((index, row));
                }
            }
            self.said(values, |bus, fields, count| balance.add(bus, fields, count));
        });
        (broken, balance)
    }
}
