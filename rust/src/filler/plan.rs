//! How a program's hidden cells are filled, decoded from the bytes that come with it.

use super::quotient::Quotient;
use super::FillError;
use crate::program::Table;

/// What a cell takes from the value of a node.
pub enum FillKind {
    Carry,
    Value,
    Inverse,
    Quotient(Quotient),
}

pub struct Fill {
    pub kind: FillKind,
    pub cell: usize,
    pub node: usize,
    pub shift: u32,
}

impl Fill {
    /// Every node the filling reads; none comes after `node`.
    pub fn nodes(&self) -> Vec<usize> {
        match &self.kind {
            FillKind::Quotient(quotient) => quotient.nodes(),
            _ => vec![self.node],
        }
    }
}

/// A provided message, the cell of its multiplicity, and the node that is 1 on rows that provide it.
#[derive(Clone, Copy)]
pub struct Provided {
    pub message: usize,
    pub cell: usize,
    pub gate: usize,
}

pub struct TablePlan {
    /// The cell of the flag that is 1 on rows that count, if there are others.
    pub real: Option<usize>,
    pub fills: Vec<Fill>,
    pub provides: Vec<Provided>,
}

/// The plans of all tables, in their order.
pub fn decode(bytes: &[u8], tables: &[Table]) -> Result<Vec<TablePlan>, FillError> {
    let mut words = Words(bytes);
    if words.next()? as usize != tables.len() {
        return Err(FillError::Plan("another number of tables"));
    }
    tables.iter().map(|table| words.table(table)).collect()
}

/// Little-endian words still to be read.
struct Words<'a>(&'a [u8]);

impl Words<'_> {
    fn next(&mut self) -> Result<u32, FillError> {
        let (word, rest) = self.0.split_first_chunk().ok_or(FillError::Plan("it ends early"))?;
        self.0 = rest;
        Ok(u32::from_le_bytes(*word))
    }

    fn below(&mut self, limit: usize, otherwise: &'static str) -> Result<usize, FillError> {
        let found = self.next()? as usize;
        if found < limit {
            Ok(found)
        } else {
            Err(FillError::Plan(otherwise))
        }
    }

    fn table(&mut self, table: &Table) -> Result<TablePlan, FillError> {
        let real = match self.next()? {
            u32::MAX => None,
            cell if (cell as usize) < table.width => Some(cell as usize),
            _ => return Err(FillError::Plan("the real flag out of range")),
        };
        let fills = (0..self.next()?).map(|_| self.fill(table)).collect::<Result<_, _>>()?;
        let provides = (0..self.next()?).map(|_| self.provided(table)).collect::<Result<_, _>>()?;
        Ok(TablePlan { real, fills, provides })
    }

    fn fill(&mut self, table: &Table) -> Result<Fill, FillError> {
        let code = self.next()?;
        let cell = self.below(table.width, "a filled cell out of range")?;
        let node = self.below(table.nodes.len(), "a node out of range")?;
        let shift = self.below(32, "a shift out of range")? as u32;
        let kind = match code {
            0 => FillKind::Carry,
            1 => FillKind::Value,
            2 => FillKind::Inverse,
            3 => FillKind::Quotient(self.quotient(table)?),
            _ => return Err(FillError::Plan("an unknown kind of filling")),
        };
        Ok(Fill { kind, cell, node, shift })
    }

    fn quotient(&mut self, table: &Table) -> Result<Quotient, FillError> {
        let mut digits = Vec::new();
        for _ in 0..self.next()? {
            let position = self.below(Quotient::BITS_MAX, "a digit out of range")? as u32;
            digits.push((position, self.below(table.nodes.len(), "a node out of range")?));
        }
        let mut limbs = Vec::new();
        for _ in 0..self.next()? {
            let cell = self.below(table.width, "a limb's cell out of range")?;
            let position = self.below(Quotient::BITS_MAX, "a limb out of range")? as u32;
            limbs.push((cell, position, self.below(17, "a limb of more than 16 bits")? as u32));
        }
        let (modulus, bound) = (self.integer()?, self.integer()?);
        if modulus.iter().all(|&word| word == 0) {
            return Err(FillError::Plan("a modulus of zero"));
        }
        Ok(Quotient::new(digits, limbs, modulus, bound))
    }

    fn integer(&mut self) -> Result<Vec<u32>, FillError> {
        (0..self.next()?).map(|_| self.next()).collect()
    }

    fn provided(&mut self, table: &Table) -> Result<Provided, FillError> {
        let message = self.below(table.messages.len(), "a message out of range")?;
        let cell = self.below(table.width, "a multiplicity's cell out of range")?;
        Ok(Provided { message, cell, gate: self.below(table.nodes.len(), "a node out of range")? })
    }
}
