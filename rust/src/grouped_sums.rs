//! Sums of weighted rows of a table of integers, group by group and owner by owner.

use std::fmt;

/// A table of integers, row after row; every row belongs to a group.
pub struct Table<'a> {
    pub cells: &'a [i64],
    pub width: usize,
    /// Columns from here on are weighted by the magnitude of a weight.
    pub sized: usize,
    pub group: &'a [i64],
}

/// Rows named with their weights; `start` says where each owner's begin.
pub struct Holdings<'a> {
    pub row: &'a [i64],
    pub weight: &'a [i64],
    pub start: &'a [i64],
}

impl Holdings<'_> {
    /// Where the rows of each owner stand.
    pub fn owners(&self) -> Result<Vec<std::ops::Range<usize>>, Refusal> {
        if self.row.len() != self.weight.len() {
            return Err(Refusal::Misshapen("each row needs a weight"));
        }
        let ends = self.start.iter().skip(1).copied().chain([self.row.len() as i64]);
        let mut owners = Vec::with_capacity(self.start.len());
        let mut expected = 0;
        for (&start, end) in self.start.iter().zip(ends) {
            if start != expected || end <= start {
                return Err(Refusal::Misshapen("owners start at 0 and each has a row"));
            }
            expected = end;
            owners.push(start as usize..end as usize);
        }
        if expected != self.row.len() as i64 {
            return Err(Refusal::Misshapen("every row needs an owner"));
        }
        Ok(owners)
    }
}

/// Sums of one owner's neighbours of one group, and of one owner.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub by_group: Vec<i64>,
    pub group: Vec<i64>,
    /// Where each owner's groups begin.
    pub first: Vec<i64>,
    pub by_owner: Vec<i64>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    Misshapen(&'static str),
    NoSuchRow { row: i64, rows: usize },
    Overflow { row: i64, column: usize },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Misshapen(what) => write!(f, "{what}"),
            Refusal::NoSuchRow { row, rows } => write!(f, "row {row} is not one of {rows}"),
            Refusal::Overflow { row, column } => {
                write!(f, "a sum with row {row} in column {column} leaves 64 bits")
            }
        }
    }
}

/// The sums, exact: what does not fit 64 bits is refused, never wrapped.
pub fn grouped_sums(table: &Table<'_>, holdings: &Holdings<'_>) -> Result<Sums, Refusal> {
    let width = table.width;
    if width == 0 || table.cells.len() != width * table.group.len() || table.sized > width {
        return Err(Refusal::Misshapen("a table needs a group for each row"));
    }
    let mut sums = Sums::default();
    for range in holdings.owners()? {
        sums.first.push(sums.group.len() as i64);
        let owned = sums.by_group.len();
        add_owner(table, holdings, range, &mut sums)?;
        add_groups(&mut sums, owned, width)?;
    }
    Ok(sums)
}

/// Append the group sums of one owner, whose rows stand in `range`.
fn add_owner(
    table: &Table<'_>,
    holdings: &Holdings<'_>,
    range: std::ops::Range<usize>,
    sums: &mut Sums,
) -> Result<(), Refusal> {
    let width = table.width;
    let mut last = None;
    for (&row, &weight) in holdings.row[range.clone()].iter().zip(&holdings.weight[range]) {
        let at = usize::try_from(row).ok().filter(|&at| at < table.group.len());
        let at = at.ok_or(Refusal::NoSuchRow { row, rows: table.group.len() })?;
        if last != Some(table.group[at]) {
            last = Some(table.group[at]);
            sums.group.push(table.group[at]);
            sums.by_group.resize(sums.by_group.len() + width, 0);
        }
        let size = weight.checked_abs().ok_or(Refusal::Overflow { row, column: 0 })?;
        let begin = sums.by_group.len() - width;
        let cells = &table.cells[at * width..(at + 1) * width];
        for (column, (sum, &cell)) in sums.by_group[begin..].iter_mut().zip(cells).enumerate() {
            let factor = if column < table.sized { weight } else { size };
            *sum = cell
                .checked_mul(factor)
                .and_then(|product| sum.checked_add(product))
                .ok_or(Refusal::Overflow { row, column })?;
        }
    }
    Ok(())
}

/// Append an owner's sums: of the groups that begin at `owned`.
fn add_groups(sums: &mut Sums, owned: usize, width: usize) -> Result<(), Refusal> {
    let begin = sums.by_owner.len();
    sums.by_owner.resize(begin + width, 0);
    for group in sums.by_group[owned..].chunks_exact(width) {
        for (column, (sum, &part)) in sums.by_owner[begin..].iter_mut().zip(group).enumerate() {
            *sum = sum.checked_add(part).ok_or(Refusal::Overflow { row: -1, column })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Table<'static> =
        Table { cells: &[1, 10, 2, 20, 3, 30], width: 2, sized: 1, group: &[0, 0, 1] };

    fn summed(row: &[i64], weight: &[i64], start: &[i64]) -> Result<Sums, Refusal> {
        grouped_sums(&TABLE, &Holdings { row, weight, start })
    }

    #[test]
    fn groups_and_owners_are_summed_with_signs_and_with_sizes() {
        let sums = summed(&[0, 1, 2, 2], &[5, -7, 1, -1], &[0, 3]).unwrap();
        assert_eq!(sums.by_group, [5 - 14, 50 + 140, 3, 30, -3, 30]);
        assert_eq!(sums.group, [0, 1, 1]);
        assert_eq!(sums.first, [0, 2]);
        assert_eq!(sums.by_owner, [5 - 14 + 3, 50 + 140 + 30, -3, 30]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(summed(&[0], &[i64::MAX], &[0]), Err(Refusal::Overflow { row: 0, column: 1 }));
        assert_eq!(summed(&[0], &[i64::MIN], &[0]), Err(Refusal::Overflow { row: 0, column: 0 }));
        let half = i64::MAX / 20;
        let sums = summed(&[0, 0, 0], &[half, half, half], &[0]);
        assert_eq!(sums, Err(Refusal::Overflow { row: 0, column: 1 }));
    }

    #[test]
    fn misshapen_holdings_are_refused() {
        assert_eq!(summed(&[3], &[1], &[0]), Err(Refusal::NoSuchRow { row: 3, rows: 3 }));
        assert_eq!(summed(&[-1], &[1], &[0]), Err(Refusal::NoSuchRow { row: -1, rows: 3 }));
        for (row, weight, start) in [
            (&[0, 1][..], &[1][..], &[0][..]),
            (&[0, 1], &[1, 1], &[1]),
            (&[0, 1], &[1, 1], &[0, 2]),
            (&[0, 1], &[1, 1], &[0, 0]),
            (&[0, 1], &[1, 1], &[]),
        ] {
            assert!(matches!(summed(row, weight, start), Err(Refusal::Misshapen(_))));
        }
        assert_eq!(summed(&[], &[], &[]), Ok(Sums::default()));
    }
}
