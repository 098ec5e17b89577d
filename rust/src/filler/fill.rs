//! Filling: derived cells and carries row by row, then how often each provided fact is asked for.

use std::collections::HashSet;

use p3_baby_bear::BabyBear;
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use rayon::prelude::*;

use super::balance::Balance;
use super::plan::{Fill, FillKind, Provided, TablePlan};
use super::{FillError, Filler};
use crate::evaluation::{Cells, Context, Evaluator};
use crate::program::{Message, Table};

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

    /// How often each fact is looked up, over all tables.
    fn asked(&self, traces: &[Cells], publics: &[Vec<BabyBear>]) -> Balance {
        let planned = || self.tables.iter().zip(&self.plans);
        let provided: HashSet<u16> = planned()
            .flat_map(|(table, plan)| plan.provides.iter().map(|p| table.messages[p.message].bus))
            .collect();
        planned()
            .zip(traces.iter().zip(publics))
            .map(|((table, plan), (cells, public))| plan.asked(table, &provided, cells, public))
            .fold(Balance::default(), Balance::merge)
    }
}

impl TablePlan {
    fn is_real(&self, local: &[BabyBear]) -> bool {
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

    /// The lookups of one table.
    fn asked(
        &self,
        table: &Table,
        provided: &HashSet<u16>,
        cells: &[BabyBear],
        public: &[BabyBear],
    ) -> Balance {
        let provides = |i: usize| self.provides.iter().any(|p| p.message == i);
        let messages = table.messages.iter().enumerate();
        let asking: Vec<&Message> = messages
            .filter(|&(i, message)| provided.contains(&message.bus) && !provides(i))
            .map(|(_, message)| message)
            .collect();
        if asking.is_empty() {
            return Balance::default();
        }
        let roots = asking.iter().flat_map(|m| m.fields.iter().copied().chain([m.count]));
        let evaluator = Evaluator::new(table, roots);
        let height = cells.len() / table.width;
        let share = height.div_ceil(rayon::current_num_threads());
        let starts: Vec<usize> = (0..height).step_by(share).collect();
        starts
            .into_par_iter()
            .map(|start| {
                let mut asked = Balance::default();
                let mut values = evaluator.values();
                let mut fields = Vec::new();
                for row in start..(start + share).min(height) {
                    let at = Context::of(table, cells, public, row);
                    if !self.is_real(at.local) {
                        continue;
                    }
                    evaluator.evaluate(&at, &mut values);
                    for message in &asking {
                        let count = values[message.count];
                        if count != BabyBear::ZERO {
                            fields.clear();
                            fields.extend(
                                message.fields.iter().map(|&i| values[i].as_canonical_u32()),
                            );
                            asked.add(message.bus, &fields, count);
                        }
                    }
                }
                asked
            })
            .reduce(Balance::default, Balance::merge)
    }

    /// Writes how often a provided fact is asked for, at the first row that provides it.
    fn count(
        &self,
        table: &Table,
        provided: Provided,
        cells: &mut Cells,
        public: &[BabyBear],
        asked: &mut Balance,
    ) {
        let Provided { message, cell, gate } = provided;
        let message = &table.messages[message];
        let evaluator = Evaluator::new(table, message.fields.iter().copied().chain([gate]));
        let mut values = evaluator.values();
        let mut fields = Vec::new();
        for row in 0..cells.len() / table.width {
            let at = Context::of(table, cells, public, row);
            if !self.is_real(at.local) {
                continue;
            }
            evaluator.evaluate(&at, &mut values);
            if values[gate] != BabyBear::ZERO {
                fields.clear();
                fields.extend(message.fields.iter().map(|&i| values[i].as_canonical_u32()));
                cells[row * table.width + cell] = asked.take(message.bus, &fields);
            }
        }
    }
}
