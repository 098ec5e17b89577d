//! Witness kernel and checker: fills carries, derived cells and multiplicities, and evaluates every constraint
//! and message of a program on concrete rows. Nothing here is trusted: a wrong filling does not verify.

mod balance;
mod check;
mod fill;
mod multiplicity;
mod plan;
mod probe;
mod quotient;

use thiserror::Error;

use crate::evaluation::Cells;
use crate::program::{decode, ProgramError, Table};
use plan::TablePlan;

pub use check::{Broken, Unbalanced};
pub use probe::{Patch, Verdict};

#[derive(Debug, Error)]
pub enum FillError {
    #[error(transparent)]
    Program(#[from] ProgramError),
    #[error("the plan does not belong to the program: {0}")]
    Plan(&'static str),
    #[error("table {table}: expected rows of {expected} cells, found {found} cells in all")]
    Shape { table: String, expected: usize, found: usize },
    #[error("a mutant outside the traces")]
    Mutant,
}

/// The tables of a program, and how their hidden cells are filled.
pub struct Filler {
    tables: Vec<Table>,
    plans: Vec<TablePlan>,
}

impl Filler {
    pub fn new(program: &[u8], plan: &[u8]) -> Result<Self, FillError> {
        let tables = decode(program)?;
        let plans = plan::decode(plan, &tables)?;
        Ok(Self { tables, plans })
    }

    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    fn shapes(&self, traces: &[Cells]) -> Result<(), FillError> {
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
}
