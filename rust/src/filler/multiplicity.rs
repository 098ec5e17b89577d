//! Multiplicities: how often each provided fact is asked for.

use std::collections::HashSet;

use p3_baby_bear::BabyBear;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use rayon::prelude::*;

use super::balance::Balance;
use super::plan::{Provided, TablePlan};
use super::Filler;
use crate::evaluation::{Cells, Context, Evaluator};
use crate::program::{Message, Table};

impl Filler {
    /// How often each fact is looked up, over all tables.
    pub(super) fn asked(&self, traces: &[Cells], publics: &[Vec<BabyBear>]) -> Balance {
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
    pub fn count(
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
