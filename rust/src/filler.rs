//! Witness kernel and checker: fills carries, derived cells and multiplicities, and evaluates every constraint
//! and message of a program on concrete rows. Nothing here is trusted: a wrong filling does not verify.

use std::collections::HashMap;

use p3_baby_bear::BabyBear;
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use rayon::prelude::*;
use thiserror::Error;

use crate::program::{decode, Message, Node, ProgramError, Table};
use crate::quotient::Quotient;

#[derive(Debug, Error)]
pub enum FillError {
    #[error(transparent)]
    Program(#[from] ProgramError),
    #[error("the plan does not belong to the program: {0}")]
    Plan(&'static str),
    #[error("table {table}: expected rows of {expected} cells, found {found} cells in all")]
    Shape { table: String, expected: usize, found: usize },
}

enum FillKind {
    Carry,
    Value,
    Inverse,
    Quotient(Quotient),
}

struct Fill {
    kind: FillKind,
    cell: usize,
    node: usize,
    shift: u32,
}

fn quotient(
    word: &mut impl FnMut() -> Result<u32, FillError>,
    table: &Table,
) -> Result<Quotient, FillError> {
    let mut digits = Vec::new();
    for _ in 0..word()? {
        let (position, node) = (word()?, word()? as usize);
        if node >= table.nodes.len() || position > 4096 {
            return Err(FillError::Plan("a digit out of range"));
        }
        digits.push((position, node));
    }
    let mut limbs = Vec::new();
    for _ in 0..word()? {
        let (cell, position, bits) = (word()? as usize, word()?, word()?);
        if cell >= table.width || bits > 16 || position > 4096 {
            return Err(FillError::Plan("a limb out of range"));
        }
        limbs.push((cell, position, bits));
    }
    let mut integer = || -> Result<Vec<u32>, FillError> { (0..word()?).map(|_| word()).collect() };
    let (modulus, bound) = (integer()?, integer()?);
    if modulus.is_empty() {
        return Err(FillError::Plan("a modulus of zero"));
    }
    Ok(Quotient::new(digits, limbs, modulus, bound))
}

impl Fill {
    /// Every node the filling reads; none comes after `node`.
    fn nodes(&self) -> Vec<usize> {
        match &self.kind {
            FillKind::Quotient(quotient) => quotient.nodes(),
            _ => vec![self.node],
        }
    }
}

/// A provided message, the cell of its multiplicity, and the node that is 1 on rows that provide it.
#[derive(Clone, Copy)]
pub(crate) struct Provided {
    pub message: usize,
    pub cell: usize,
    pub gate: usize,
}

pub(crate) struct TablePlan {
    real: Option<usize>,
    fills: Vec<Fill>,
    pub provides: Vec<Provided>,
}

pub struct Filler {
    pub(crate) tables: Vec<Table>,
    pub(crate) plans: Vec<TablePlan>,
}

/// A trace: rows of canonical cells.
pub type Cells = Vec<BabyBear>;

pub struct Broken {
    pub table: usize,
    pub constraint: usize,
    pub row: usize,
}

pub struct Unbalanced {
    pub bus: u16,
    pub fields: Vec<u32>,
    pub surplus: i64,
    pub table: usize,
    pub row: usize,
}

#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub local: &'a [BabyBear],
    pub next: &'a [BabyBear],
    pub public: &'a [BabyBear],
    pub row: usize,
    pub height: usize,
}

pub(crate) fn evaluate(node: Node, values: &[BabyBear], at: &Context) -> BabyBear {
    match node {
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
    }
}

/// The nodes that the given ones depend on, in order.
pub(crate) fn needed(table: &Table, roots: impl IntoIterator<Item = usize>) -> Vec<usize> {
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
    (0..table.nodes.len()).filter(|&i| wanted[i]).collect()
}

/// How often each message occurs, by bus; short messages of small numbers are counted in an array.
struct Counts {
    dense: HashMap<u16, Vec<u32>>,
    sparse: HashMap<(u16, Vec<u32>), i64>,
}

const DENSE_SECOND: u32 = 1 << 14;
const DENSE_FIRST: u32 = 1 << 8;

fn dense_index(fields: &[u32]) -> Option<usize> {
    match *fields {
        [a] if a < DENSE_FIRST * DENSE_SECOND => Some(a as usize),
        [a, b] if a < DENSE_FIRST && b < DENSE_SECOND => Some((a * DENSE_SECOND + b) as usize),
        _ => None,
    }
}

impl Counts {
    fn new() -> Self {
        Self { dense: HashMap::new(), sparse: HashMap::new() }
    }

    fn add(&mut self, bus: u16, fields: &[u32], count: u32) {
        if let Some(index) = dense_index(fields) {
            let counts = self
                .dense
                .entry(bus)
                .or_insert_with(|| vec![0; (DENSE_FIRST * DENSE_SECOND) as usize]);
            counts[index] = counts[index].wrapping_add(count);
        } else {
            *self.sparse.entry((bus, fields.to_vec())).or_insert(0) += i64::from(count);
        }
    }

    fn merge(mut self, other: Self) -> Self {
        for (bus, counts) in other.dense {
            match self.dense.get_mut(&bus) {
                Some(mine) => mine.iter_mut().zip(counts).for_each(|(a, b)| *a = a.wrapping_add(b)),
                None => {
                    self.dense.insert(bus, counts);
                }
            }
        }
        for (key, count) in other.sparse {
            *self.sparse.entry(key).or_insert(0) += count;
        }
        self
    }

    /// The count of a message, once: asked again, nothing is left.
    fn take(&mut self, bus: u16, fields: &[u32]) -> u32 {
        if let Some(index) = dense_index(fields) {
            return self.dense.get_mut(&bus).map_or(0, |counts| std::mem::take(&mut counts[index]));
        }
        self.sparse.remove(&(bus, fields.to_vec())).unwrap_or(0) as u32
    }
}

impl Filler {
    pub fn new(program: &[u8], plan: &[u8]) -> Result<Self, FillError> {
        let tables = decode(program)?;
        let words: Vec<u32> =
            plan.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect();
        let mut words = words.into_iter();
        let mut word = || words.next().ok_or(FillError::Plan("it ends early"));
        if word()? as usize != tables.len() {
            return Err(FillError::Plan("another number of tables"));
        }
        let mut plans = Vec::new();
        for table in &tables {
            let real = Some(word()? as usize).filter(|&cell| cell != u32::MAX as usize);
            let mut fills = Vec::new();
            for _ in 0..word()? {
                let code = word()?;
                let (cell, node, shift) = (word()? as usize, word()? as usize, word()?);
                if cell >= table.width || node >= table.nodes.len() || shift > 31 {
                    return Err(FillError::Plan("a cell, node or shift out of range"));
                }
                let kind = match code {
                    0 => FillKind::Carry,
                    1 => FillKind::Value,
                    2 => FillKind::Inverse,
                    3 => FillKind::Quotient(quotient(&mut word, table)?),
                    _ => return Err(FillError::Plan("an unknown kind of filling")),
                };
                fills.push(Fill { kind, cell, node, shift });
            }
            let mut provides = Vec::new();
            for _ in 0..word()? {
                let (message, cell, gate) = (word()? as usize, word()? as usize, word()? as usize);
                if message >= table.messages.len()
                    || cell >= table.width
                    || gate >= table.nodes.len()
                {
                    return Err(FillError::Plan("a message, cell or node out of range"));
                }
                provides.push(Provided { message, cell, gate });
            }
            if real.is_some_and(|cell| cell >= table.width) {
                return Err(FillError::Plan("the real flag out of range"));
            }
            plans.push(TablePlan { real, fills, provides });
        }
        Ok(Self { tables, plans })
    }

    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    pub(crate) fn shapes(&self, traces: &[Cells]) -> Result<(), FillError> {
        for (table, cells) in self.tables.iter().zip(traces) {
            if cells.is_empty() || cells.len() % table.width != 0 {
                return Err(FillError::Shape {
                    table: table.name.clone(),
                    expected: table.width,
                    found: cells.len(),
                });
            }
        }
        Ok(())
    }

    /// Fill derived cells and carries of every row, then the multiplicities of provided facts.
    pub fn fill(&self, traces: &mut [Cells], publics: &[Vec<BabyBear>]) -> Result<(), FillError> {
        self.shapes(traces)?;
        for ((table, plan), (cells, public)) in
            self.tables.iter().zip(&self.plans).zip(traces.iter_mut().zip(publics))
        {
            fill_rows(table, plan, cells, public);
        }
        let mut counts = self.asked(traces, publics);
        for ((table, plan), (cells, public)) in
            self.tables.iter().zip(&self.plans).zip(traces.iter_mut().zip(publics))
        {
            for &provided in &plan.provides {
                provide(table, provided, plan.real, cells, public, &mut counts);
            }
        }
        Ok(())
    }

    /// How often each fact is looked up, over all tables.
    fn asked(&self, traces: &[Cells], publics: &[Vec<BabyBear>]) -> Counts {
        let mut provided = std::collections::HashSet::new();
        for (table, plan) in self.tables.iter().zip(&self.plans) {
            provided.extend(plan.provides.iter().map(|p| table.messages[p.message].bus));
        }
        let mut total = Counts::new();
        for ((table, plan), (cells, public)) in
            self.tables.iter().zip(&self.plans).zip(traces.iter().zip(publics))
        {
            let asking: Vec<&Message> = table
                .messages
                .iter()
                .enumerate()
                .filter(|(i, m)| {
                    provided.contains(&m.bus) && !plan.provides.iter().any(|p| p.message == *i)
                })
                .map(|(_, m)| m)
                .collect();
            if asking.is_empty() {
                continue;
            }
            let roots = asking.iter().flat_map(|m| m.fields.iter().copied().chain([m.count]));
            let order = needed(table, roots);
            let height = cells.len() / table.width;
            let share = height.div_ceil(rayon::current_num_threads());
            let counted = (0..height)
                .step_by(share)
                .collect::<Vec<_>>()
                .into_par_iter()
                .map(|start| {
                    let mut counts = Counts::new();
                    let mut values = vec![BabyBear::ZERO; table.nodes.len()];
                    let mut fields = Vec::new();
                    for row in start..(start + share).min(height) {
                        let at = context(table, cells, public, row);
                        if plan.real.is_some_and(|cell| at.local[cell] == BabyBear::ZERO) {
                            continue;
                        }
                        for &i in &order {
                            values[i] = evaluate(table.nodes[i], &values, &at);
                        }
                        for message in &asking {
                            let count = values[message.count].as_canonical_u32();
                            if count != 0 {
                                fields.clear();
                                fields.extend(
                                    message.fields.iter().map(|&i| values[i].as_canonical_u32()),
                                );
                                counts.add(message.bus, &fields, count);
                            }
                        }
                    }
                    counts
                })
                .reduce(Counts::new, Counts::merge);
            total = total.merge(counted);
        }
        total
    }

    /// Constraints that are not zero and messages that do not cancel; at most `limit` of each.
    pub fn check(
        &self,
        traces: &[Cells],
        publics: &[Vec<BabyBear>],
        limit: usize,
    ) -> Result<(Vec<Broken>, Vec<Unbalanced>), FillError> {
        self.shapes(traces)?;
        let mut broken = Vec::new();
        let mut balance: HashMap<(u16, Vec<u32>), (BabyBear, usize, usize)> = HashMap::new();
        for (index, (table, (cells, public))) in
            self.tables.iter().zip(traces.iter().zip(publics)).enumerate()
        {
            let height = cells.len() / table.width;
            let share = height.div_ceil(4 * rayon::current_num_threads());
            let parts: Vec<_> = (0..height)
                .step_by(share)
                .collect::<Vec<_>>()
                .into_par_iter()
                .map(|start| {
                    check_rows(table, cells, public, start..(start + share).min(height), limit)
                })
                .collect();
            for (wrong, sums) in parts {
                for (constraint, row) in wrong {
                    if broken.len() < limit {
                        broken.push(Broken { table: index, constraint, row });
                    }
                }
                for (key, (count, row)) in sums {
                    let entry = balance.entry(key).or_insert((BabyBear::ZERO, index, row));
                    entry.0 += count;
                    entry.1 = index;
                    entry.2 = row;
                }
            }
        }
        let mut unbalanced: Vec<Unbalanced> = balance
            .into_iter()
            .filter(|(_, (count, _, _))| *count != BabyBear::ZERO)
            .map(|((bus, fields), (count, table, row))| {
                let value = i64::from(count.as_canonical_u32());
                let order = i64::from(BabyBear::ORDER_U32);
                let surplus = if value > order / 2 { value - order } else { value };
                Unbalanced { bus, fields, surplus, table, row }
            })
            .collect();
        unbalanced.sort_by(|a, b| (a.bus, &a.fields).cmp(&(b.bus, &b.fields)));
        unbalanced.truncate(limit);
        Ok((broken, unbalanced))
    }
}

fn context<'a>(
    table: &Table,
    cells: &'a [BabyBear],
    public: &'a [BabyBear],
    row: usize,
) -> Context<'a> {
    let width = table.width;
    let height = cells.len() / width;
    let following = if row + 1 == height { 0 } else { row + 1 };
    Context {
        local: &cells[row * width..(row + 1) * width],
        next: &cells[following * width..(following + 1) * width],
        public,
        row,
        height,
    }
}

fn fill_rows(table: &Table, plan: &TablePlan, cells: &mut Cells, public: &[BabyBear]) {
    if plan.fills.is_empty() {
        return;
    }
    let order = needed(table, plan.fills.iter().flat_map(Fill::nodes));
    let width = table.width;
    let height = cells.len() / width;
    // fills never read a filled cell of the next row, so the rows as given serve as next rows
    let given = cells.clone();
    cells.par_chunks_exact_mut(width).enumerate().for_each_init(
        || vec![BabyBear::ZERO; table.nodes.len()],
        |values, (row, local)| {
            if plan.real.is_some_and(|cell| local[cell] == BabyBear::ZERO) {
                return;
            }
            let following = if row + 1 == height { 0 } else { row + 1 };
            let next = &given[following * width..(following + 1) * width];
            fill_row(table, plan, &order, values, local, next, public, (row, height));
        },
    );
}

#[allow(clippy::too_many_arguments)]
fn fill_row(
    table: &Table,
    plan: &TablePlan,
    order: &[usize],
    values: &mut [BabyBear],
    local: &mut [BabyBear],
    next: &[BabyBear],
    public: &[BabyBear],
    at: (usize, usize),
) {
    let mut pending = order.iter().copied().peekable();
    for fill in &plan.fills {
        while let Some(i) = pending.next_if(|&i| i <= fill.node) {
            let here = Context { local, next, public, row: at.0, height: at.1 };
            values[i] = evaluate(table.nodes[i], values, &here);
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

impl TablePlan {
    /// Fill one row again after a change, and silence its multiplicities where it provides nothing.
    pub(crate) fn refill(
        &self,
        table: &Table,
        local: &mut [BabyBear],
        next: &[BabyBear],
        public: &[BabyBear],
        at: (usize, usize),
    ) {
        if self.real.is_some_and(|cell| local[cell] == BabyBear::ZERO) {
            return;
        }
        let mut values = vec![BabyBear::ZERO; table.nodes.len()];
        let order = needed(table, self.fills.iter().flat_map(Fill::nodes));
        fill_row(table, self, &order, &mut values, local, next, public, at);
        for provided in &self.provides {
            for i in needed(table, [provided.gate]) {
                let here = Context { local, next, public, row: at.0, height: at.1 };
                values[i] = evaluate(table.nodes[i], &values, &here);
            }
            if values[provided.gate] == BabyBear::ZERO {
                local[provided.cell] = BabyBear::ZERO;
            }
        }
    }
}

fn provide(
    table: &Table,
    provided: Provided,
    real: Option<usize>,
    cells: &mut Cells,
    public: &[BabyBear],
    counts: &mut Counts,
) {
    let Provided { message, cell, gate } = provided;
    let message = &table.messages[message];
    let order = needed(table, message.fields.iter().copied().chain([gate]));
    let height = cells.len() / table.width;
    let mut values = vec![BabyBear::ZERO; table.nodes.len()];
    let mut fields = Vec::new();
    for row in 0..height {
        let at = context(table, cells, public, row);
        if real.is_some_and(|flag| at.local[flag] == BabyBear::ZERO) {
            continue;
        }
        for &i in &order {
            values[i] = evaluate(table.nodes[i], &values, &at);
        }
        if values[gate] == BabyBear::ZERO {
            continue;
        }
        fields.clear();
        fields.extend(message.fields.iter().map(|&i| values[i].as_canonical_u32()));
        let count = counts.take(message.bus, &fields);
        cells[row * table.width + cell] = BabyBear::from_u32(count % BabyBear::ORDER_U32);
    }
}

type Sums = HashMap<(u16, Vec<u32>), (BabyBear, usize)>;

fn check_rows(
    table: &Table,
    cells: &[BabyBear],
    public: &[BabyBear],
    rows: std::ops::Range<usize>,
    limit: usize,
) -> (Vec<(usize, usize)>, Sums) {
    let mut broken = Vec::new();
    let mut sums: Sums = HashMap::new();
    let mut values = vec![BabyBear::ZERO; table.nodes.len()];
    for row in rows {
        let at = context(table, cells, public, row);
        for (i, &node) in table.nodes.iter().enumerate() {
            values[i] = evaluate(node, &values, &at);
        }
        for (index, &constraint) in table.constraints.iter().enumerate() {
            if values[constraint] != BabyBear::ZERO && broken.len() < limit {
                broken.push((index, row));
            }
        }
        for message in &table.messages {
            let count = values[message.count];
            if count != BabyBear::ZERO {
                let fields = message.fields.iter().map(|&i| values[i].as_canonical_u32()).collect();
                let entry = sums.entry((message.bus, fields)).or_insert((BabyBear::ZERO, row));
                entry.0 += count;
                entry.1 = row;
            }
        }
    }
    (broken, sums)
}
