//! The lengths inside a proof's bytes, compared with what the key expects before anything is decoded.
//!
//! The backend's decoder believes the lengths it reads. Most are harmless: each entry takes bytes, and bytes end. But
//! rows of width zero, lists of empty lists, and an exponent that is a quotient of two lengths take none, so that a
//! page of bytes could ask for more memory than there is, which ends a process and is no panic to catch. Here every
//! length that the key determines must be that length, and every other is counted against the bytes that are left.

use openvm_stark_backend::keygen::types::MultiStarkVerifyingKey;
use thiserror::Error;

use crate::machine::Config;

const ELEMENT: usize = 4;
const EXTENSION: usize = 4 * ELEMENT;
const DIGEST: usize = 8 * ELEMENT;

#[derive(Debug, Error, PartialEq, Eq)]
pub enum ShapeError {
    #[error("it ends at byte {found}, expected at least {expected}")]
    Truncated { expected: usize, found: usize },
    #[error("{part}: {found}, expected {expected}")]
    Length { part: &'static str, expected: usize, found: usize },
    #[error("{found} bytes, expected {expected}")]
    Trailing { expected: usize, found: usize },
}

/// The lengths that do not depend on the heights of the traces.
pub struct ProofShape {
    public_values: Vec<usize>,
    constraint_degree: usize,
    commitments: usize,
    folded_rows: usize,
    sumcheck_rounds: usize,
    queries: Vec<usize>,
    /// Of the first round; each later round's trees are lower by one.
    merkle_depth: usize,
}

impl ProofShape {
    pub fn of(key: &MultiStarkVerifyingKey<Config>) -> Self {
        let (airs, params) = (&key.inner.per_air, &key.inner.params);
        let apart = airs
            .iter()
            .map(|air| air.num_cached_mains() + usize::from(air.preprocessed_data.is_some()));
        Self {
            public_values: airs.iter().map(|air| air.params.num_public_values).collect(),
            constraint_degree: key.inner.max_constraint_degree(),
            commitments: 1 + apart.sum::<usize>(),
            folded_rows: 1 << params.k_whir(),
            sumcheck_rounds: params.num_whir_sumcheck_rounds(),
            queries: params.whir.rounds.iter().map(|round| round.num_queries).collect(),
            merkle_depth: params.log_stacked_height() + params.log_blowup - params.k_whir(),
        }
    }

    /// Reads the lengths of a proof in the order of the backend's codec, and skips all else.
    pub fn check(&self, bytes: &[u8]) -> Result<(), ShapeError> {
        let mut left = Lengths { bytes, at: 0 };
        self.tables(&mut left)?;
        self.lookups(&mut left)?;
        self.constraints(&mut left)?;
        self.stacking(&mut left)?;
        self.openings(&mut left)?;
        left.end()
    }

    /// Version and commitment; then which tables there are, all of them, with their heights and public values.
    fn tables(&self, left: &mut Lengths) -> Result<(), ShapeError> {
        left.skip(1, ELEMENT + DIGEST)?;
        let tables = self.public_values.len();
        left.exactly("tables", tables)?;
        let present = left.ones(tables.div_ceil(8))?;
        Lengths::same("tables present", tables, present)?;
        for _ in 0..tables {
            left.skip(1, ELEMENT)?;
            left.list(DIGEST)?;
        }
        left.exactly("lists of public values", tables)?;
        for &count in &self.public_values {
            left.exactly("public values of a table", count)?;
            left.skip(count, ELEMENT)?;
        }
        Ok(())
    }

    /// One layer has one sumcheck round more than the layer before it.
    fn lookups(&self, left: &mut Lengths) -> Result<(), ShapeError> {
        left.skip(1, ELEMENT + EXTENSION)?;
        let layers = left.list(4 * EXTENSION)?;
        left.skip(layers * layers.saturating_sub(1) / 2, 3 * EXTENSION)
    }

    fn constraints(&self, left: &mut Lengths) -> Result<(), ShapeError> {
        let tables = self.public_values.len();
        left.exactly("tables with constraints", tables)?;
        left.skip(tables, 2 * EXTENSION)?;
        left.list(EXTENSION)?;
        let rounds = left.next()?;
        if rounds > 0 {
            left.exactly("values of a sumcheck polynomial", self.constraint_degree + 1)?;
            left.skip(rounds, (self.constraint_degree + 1) * EXTENSION)?;
        }
        for _ in 0..tables {
            left.lists(EXTENSION)?;
        }
        Ok(())
    }

    fn stacking(&self, left: &mut Lengths) -> Result<(), ShapeError> {
        left.list(EXTENSION)?;
        left.list(2 * EXTENSION)?;
        left.lists(EXTENSION)
    }

    fn openings(&self, left: &mut Lengths) -> Result<(), ShapeError> {
        let later = self.queries.get(1..).unwrap_or_default();
        left.skip(1, ELEMENT)?;
        left.exactly("folding rounds", self.sumcheck_rounds)?;
        left.skip(self.sumcheck_rounds, 2 * EXTENSION)?;
        left.exactly("folded codewords", later.len())?;
        left.skip(later.len(), DIGEST + EXTENSION)?;
        left.skip(self.sumcheck_rounds + self.queries.len(), ELEMENT)?;
        self.first_round(left)?;
        for &queries in later {
            left.exactly("queries of a round", queries)?;
            left.skip(queries, self.folded_rows * EXTENSION)?;
        }
        let depths = (0..self.merkle_depth).rev();
        let second = if later.is_empty() { 0 } else { self.merkle_depth - 1 };
        left.exactly("depth of the second round's trees", second)?;
        for (&queries, depth) in later.iter().zip(depths) {
            left.skip(queries * depth, DIGEST)?;
        }
        left.list(EXTENSION)?;
        Ok(())
    }

    fn first_round(&self, left: &mut Lengths) -> Result<(), ShapeError> {
        let queries = self.queries.first().copied().unwrap_or_default();
        left.exactly("commitments", self.commitments)?;
        left.exactly("queries of the first round", queries)?;
        left.exactly("depth of the first round's trees", self.merkle_depth)?;
        let mut width = 0;
        for _ in 0..self.commitments {
            width += left.next()?;
        }
        left.skip(queries * self.folded_rows, width * ELEMENT)?;
        left.skip(self.commitments * queries * self.merkle_depth, DIGEST)
    }
}

/// A reader of little-endian lengths that never allocates and never reads past the end.
struct Lengths<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lengths<'a> {
    fn take(&mut self, size: usize) -> Result<&'a [u8], ShapeError> {
        let end = self.at.saturating_add(size);
        let taken = self.bytes.get(self.at..end);
        self.at = end;
        taken.ok_or(ShapeError::Truncated { expected: end, found: self.bytes.len() })
    }

    fn skip(&mut self, count: usize, size: usize) -> Result<(), ShapeError> {
        self.take(count.saturating_mul(size)).map(|_| ())
    }

    fn next(&mut self) -> Result<usize, ShapeError> {
        let mut four = [0; 4];
        four.copy_from_slice(self.take(4)?);
        Ok(u32::from_le_bytes(four) as usize)
    }

    fn exactly(&mut self, part: &'static str, expected: usize) -> Result<(), ShapeError> {
        let found = self.next()?;
        Self::same(part, expected, found)
    }

    fn same(part: &'static str, expected: usize, found: usize) -> Result<(), ShapeError> {
        if found == expected {
            Ok(())
        } else {
            Err(ShapeError::Length { part, expected, found })
        }
    }

    /// Skips a list of entries of a size above zero; its length.
    fn list(&mut self, size: usize) -> Result<usize, ShapeError> {
        let count = self.next()?;
        self.skip(count, size)?;
        Ok(count)
    }

    fn lists(&mut self, size: usize) -> Result<(), ShapeError> {
        for _ in 0..self.next()? {
            self.list(size)?;
        }
        Ok(())
    }

    fn ones(&mut self, size: usize) -> Result<usize, ShapeError> {
        Ok(self.take(size)?.iter().map(|byte| byte.count_ones() as usize).sum())
    }

    fn end(&self) -> Result<(), ShapeError> {
        match self.bytes.len() - self.at {
            0 => Ok(()),
            _ => Err(ShapeError::Trailing { expected: self.at, found: self.bytes.len() }),
        }
    }
}
