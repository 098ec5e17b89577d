//! Filling: derived cells and carries row by row; then what the tables provide is counted.

use p3_baby_bear::BabyBear;
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use rayon::prelude::*;

use super::plan::{Fill, FillKind, TablePlan};
use super::{FillError, Filler};
use crate::evaluation::{Cells, Context, Evaluator};
use crate::program::Table;

impl Filler {
    /// Fill derived cells and carries of every row, then the multiplicities of provided facts.
    pub fn fill(&self, traces: &mut [Cells], publics: &[Vec<BabyBear>]) -> Result<(), FillError> {
        self.shapes(traces)?;
        let planned = || self.tables.iter().zip(&self.plans);
        for ((table, plan), (cells, public)) in planned().zip(traces.iter_mut().zip(publics)) {
            plan.fill_rows(table, cells, public);
        }
        let mut asked = self.asked(traces, publics);
        for ((table, plan), (cells, public)) in planned().zip(traces.iter_mut().zip(publics)) {
            for &provided in &plan.provides {
                plan.count(table, provided, cells, public, &mut asked);
            }
        }
        Ok(())
    }
}

impl TablePlan {
    pub fn is_real(&self, local: &[BabyBear]) -> bool {
        self.real.is_none_or(|cell| local[cell] != BabyBear::ZERO)
    }

    fn evaluator<'a>(&self, table: &'a Table) -> Evaluator<'a> {
        Evaluator::new(table, self.fills.iter().flat_map(Fill::nodes))
    }

    fn fill_rows(&self, table: &Table, cells: &mut Cells, public: &[BabyBear]) {
        if self.fills.is_empty() {
            return;
        }
        let evaluator = self.evaluator(table);
        let width = table.width;
        let height = cells.len() / width;
        // fills never read a filled cell of the next row, so the rows as given serve as next rows
        let given = cells.clone();
        cells.par_chunks_exact_mut(width).enumerate().for_each_init(
            || evaluator.values(),
            |values, (row, local)| {
                if self.is_real(local) {
                    let next = Context::of(table, &given, public, row).next;
                    self.fill_row(&evaluator, values, local, next, public, (row, height));
                }
            },
        );
    }

    fn fill_row(
        &self,
        evaluator: &Evaluator,
        values: &mut [BabyBear],
        local: &mut [BabyBear],
        next: &[BabyBear],
        public: &[BabyBear],
        (row, height): (usize, usize),
    ) {
        let mut pending = evaluator.order.iter().copied().peekable();
        for fill in &self.fills {
            while let Some(i) = pending.next_if(|&i| i <= fill.node) {
                let here = Context { local, next, public, row, height };
                evaluator.step(i, &here, values);
            }
            let value = values[fill.node];
            local[fill.cell] = match &fill.kind {
                FillKind::Carry => BabyBear::from_u32(value.as_canonical_u32() >> fill.shift),
                FillKind::Value => value,
                FillKind::Inverse => value.try_inverse().unwrap_or(BabyBear::ZERO),
                FillKind::Quotient(quotient) => {
                    quotient.fill(values, local);
                    continue;
                }
            };
        }
    }

    /// Fill one row again after a change, and silence its multiplicities where it provides nothing.
    pub fn refill(
        &self,
        table: &Table,
        local: &mut [BabyBear],
        next: &[BabyBear],
        public: &[BabyBear],
        (row, height): (usize, usize),
    ) {
        if !self.is_real(local) {
            return;
        }
        let evaluator = self.evaluator(table);
        let mut values = evaluator.values();
        self.fill_row(&evaluator, &mut values, local, next, public, (row, height));
        for provided in &self.provides {
            let here = Context { local, next, public, row, height };
            Evaluator::new(table, [provided.gate]).evaluate(&here, &mut values);
            if values[provided.gate] == BabyBear::ZERO {
                local[provided.cell] = BabyBear::ZERO;
            }
        }
    }
}
