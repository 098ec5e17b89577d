//! Mutants of satisfied traces: what a change of a few cells breaks, from the touched rows alone.
//!
//! The traces as given balance, so a mutant is judged by what its rows say less what they said before.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use p3_baby_bear::BabyBear;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use rayon::prelude::*;

use super::balance::Key;
use super::check::signed;
use super::{FillError, Filler};
use crate::evaluation::{Cells, Context, Evaluator};
use crate::program::Table;

/// Table, row, cell, and the new value.
pub type Patch = (usize, usize, usize, u32);
type Place = (usize, usize);

/// What a mutant breaks: (table, constraint, row), (table, message, row); and whether it says anything else.
pub struct Verdict {
    pub constraints: Vec<(usize, usize, usize)>,
    pub messages: Vec<(usize, usize, usize)>,
    pub spoke: bool,
}

/// How often a fact is looked up, and by how many rows it is provided.
#[derive(Clone, Copy, Default)]
struct Fact {
    asked: i64,
    providers: i64,
}

#[derive(Default)]
struct Change {
    net: BabyBear,
    fact: Fact,
    said: Vec<(usize, usize, usize)>,
    unsaid: Vec<(usize, usize, usize)>,
}

struct Probe<'a> {
    filler: &'a Filler,
    traces: &'a [Cells],
    publics: &'a [Vec<BabyBear>],
    facts: HashMap<Key, Fact>,
    provided: HashSet<u16>,
    gates: Vec<HashMap<usize, usize>>,
    mend: bool,
}

impl Filler {
    /// The verdict on each mutant; with `mend`, carries, derived cells and multiplicities are filled again first.
    pub fn probe(
        &self,
        traces: &[Cells],
        publics: &[Vec<BabyBear>],
        mutants: &[Vec<Patch>],
        mend: bool,
    ) -> Result<Vec<Verdict>, FillError> {
        self.shapes(traces)?;
        for &(table, row, cell, value) in mutants.iter().flatten() {
            let fits = self
                .tables
                .get(table)
                .is_some_and(|t| cell < t.width && row < traces[table].len() / t.width);
            if !fits || value >= BabyBear::ORDER_U32 {
                return Err(FillError::Mutant);
            }
        }
        let probe = Probe::new(self, traces, publics, mend);
        Ok(mutants.par_iter().map(|mutant| probe.judge(mutant)).collect())
    }
}

impl<'a> Probe<'a> {
    fn new(
        filler: &'a Filler,
        traces: &'a [Cells],
        publics: &'a [Vec<BabyBear>],
        mend: bool,
    ) -> Self {
        let gates: Vec<HashMap<usize, usize>> = filler
            .plans
            .iter()
            .map(|plan| plan.provides.iter().map(|p| (p.message, p.gate)).collect())
            .collect();
        let provided = filler
            .tables
            .iter()
            .zip(&gates)
            .flat_map(|(table, gates)| gates.keys().map(|&m| table.messages[m].bus))
            .collect();
        let mut probe =
            Self { filler, traces, publics, facts: HashMap::new(), provided, gates, mend };
        if mend {
            for table in 0..filler.tables.len() {
                probe.read_facts(table);
            }
        }
        probe
    }

    fn height(&self, table: usize) -> usize {
        self.traces[table].len() / self.filler.tables[table].width
    }

    fn given(&self, (table, row): Place) -> &'a [BabyBear] {
        let width = self.filler.tables[table].width;
        &self.traces[table][row * width..(row + 1) * width]
    }

    fn values(
        &self,
        place: Place,
        local: &[BabyBear],
        next: &[BabyBear],
        evaluator: &Evaluator,
    ) -> Vec<BabyBear> {
        let at = Context {
            local,
            next,
            public: &self.publics[place.0],
            row: place.1,
            height: self.height(place.0),
        };
        let mut values = evaluator.values();
        evaluator.evaluate(&at, &mut values);
        values
    }

    fn read_facts(&mut self, index: usize) {
        let table = &self.filler.tables[index];
        let spoken: Vec<usize> = (0..table.messages.len())
            .filter(|&m| self.provided.contains(&table.messages[m].bus))
            .collect();
        let roots = spoken.iter().flat_map(|&m| {
            let message = &table.messages[m];
            message
                .fields
                .iter()
                .copied()
                .chain([self.gates[index].get(&m).copied().unwrap_or(message.count)])
        });
        let evaluator = Evaluator::new(table, roots);
        let height = self.height(index);
        for row in 0..height {
            let next = self.given((index, (row + 1) % height));
            let values = self.values((index, row), self.given((index, row)), next, &evaluator);
            for &m in &spoken {
                if let Some((key, fact)) = self.fact(index, m, &values) {
                    let known = self.facts.entry(key).or_default();
                    known.asked += fact.asked;
                    known.providers += fact.providers;
                }
            }
        }
    }

    /// The fact a row asks for or provides by a message, if it does.
    fn fact(&self, table: usize, m: usize, values: &[BabyBear]) -> Option<(Key, Fact)> {
        let message = &self.filler.tables[table].messages[m];
        let fact = match self.gates[table].get(&m) {
            Some(&gate) => Fact { asked: 0, providers: signed(values[gate]) },
            None => Fact { asked: signed(values[message.count]), providers: 0 },
        };
        if fact.asked == 0 && fact.providers == 0 {
            return None;
        }
        let fields = message.fields.iter().map(|&i| values[i].as_canonical_u32()).collect();
        Some(((message.bus, fields), fact))
    }

    fn judge(&self, mutant: &[Patch]) -> Verdict {
        let mut rows: BTreeMap<Place, Vec<BabyBear>> = BTreeMap::new();
        for &(table, row, cell, value) in mutant {
            let changed =
                rows.entry((table, row)).or_insert_with(|| self.given((table, row)).to_vec());
            changed[cell] = BabyBear::from_u32(value);
        }
        let touched: BTreeSet<Place> =
            rows.keys().flat_map(|&(t, r)| [(t, r), (t, self.before(t, r))]).collect();
        if self.mend {
            self.refill(&mut rows, &touched);
        }
        let mut changes: HashMap<Key, Change> = HashMap::new();
        let mut constraints = Vec::new();
        for &(t, row) in touched.iter() {
            let table = &self.filler.tables[t];
            let evaluator = Evaluator::new(table, 0..table.nodes.len());
            let following = (t, (row + 1) % self.height(t));
            let old =
                self.values((t, row), self.given((t, row)), self.given(following), &evaluator);
            let new = self.values(
                (t, row),
                self.row(&rows, (t, row)),
                self.row(&rows, following),
                &evaluator,
            );
            for (index, &constraint) in table.constraints.iter().enumerate() {
                if new[constraint] != BabyBear::ZERO {
                    constraints.push((t, index, row));
                }
            }
            for m in 0..table.messages.len() {
                self.compare(table, (t, row), m, &old, &new, &mut changes);
            }
        }
        self.weigh(constraints, changes)
    }

    fn before(&self, table: usize, row: usize) -> usize {
        if row == 0 {
            self.height(table) - 1
        } else {
            row - 1
        }
    }

    fn row<'b>(&'b self, rows: &'b BTreeMap<Place, Vec<BabyBear>>, place: Place) -> &'b [BabyBear] {
        rows.get(&place).map_or_else(|| self.given(place), Vec::as_slice)
    }

    fn refill(&self, rows: &mut BTreeMap<Place, Vec<BabyBear>>, touched: &BTreeSet<Place>) {
        for &(t, row) in touched.iter().rev() {
            let height = self.height(t);
            let mut local = self.row(rows, (t, row)).to_vec();
            let next = self.row(rows, (t, (row + 1) % height)).to_vec();
            let table = &self.filler.tables[t];
            self.filler.plans[t].refill(table, &mut local, &next, &self.publics[t], (row, height));
            if local != self.given((t, row)) {
                rows.insert((t, row), local);
            }
        }
    }

    fn compare(
        &self,
        table: &Table,
        (t, row): Place,
        m: usize,
        old: &[BabyBear],
        new: &[BabyBear],
        changes: &mut HashMap<Key, Change>,
    ) {
        let message = &table.messages[m];
        let same = old[message.count] == new[message.count]
            && message.fields.iter().all(|&i| old[i] == new[i])
            && self.gates[t].get(&m).is_none_or(|&gate| old[gate] == new[gate]);
        if same {
            return;
        }
        for (values, sign) in [(old, -1), (new, 1)] {
            let fields = message.fields.iter().map(|&i| values[i].as_canonical_u32()).collect();
            let count = values[message.count];
            let fact = self.fact(t, m, values).map(|found| found.1).unwrap_or_default();
            if count == BabyBear::ZERO && fact.providers == 0 {
                continue;
            }
            let change = changes.entry((message.bus, fields)).or_default();
            change.fact.asked += sign * fact.asked;
            change.fact.providers += sign * fact.providers;
            if sign > 0 {
                change.net += count;
                change.said.push((t, m, row));
            } else {
                change.net -= count;
                change.unsaid.push((t, m, row));
            }
        }
    }

    fn weigh(
        &self,
        constraints: Vec<(usize, usize, usize)>,
        changes: HashMap<Key, Change>,
    ) -> Verdict {
        let mut messages = Vec::new();
        let mut spoke = false;
        for (key, change) in changes {
            let Fact { asked, providers } = change.fact;
            let wrong = if self.mend && self.provided.contains(&key.0) {
                spoke |= asked != 0 || providers != 0;
                let known = self.facts.get(&key).copied().unwrap_or_default();
                known.asked + asked != 0 && known.providers + providers == 0
            } else {
                spoke |= change.net != BabyBear::ZERO;
                change.net != BabyBear::ZERO
            };
            if wrong {
                let blamed = if change.said.is_empty() { change.unsaid } else { change.said };
                messages.extend(blamed);
            }
        }
        messages.sort_unstable();
        Verdict { constraints, messages, spoke }
    }
}
