//! The least of weighted sums of chains of straight lines, group by group, added up for each owner.

use crate::grouped_sums::{Holdings, Refusal};

/// Chains of straight lines over the numbers from zero: where each begins, how steeply, and where it
/// turns by how much. Every chain belongs to a group.
pub struct Chains<'a> {
    pub value: &'a [i64],
    pub slope: &'a [i64],
    /// Where the turns of each chain begin; one more than there are chains.
    pub first: &'a [i64],
    pub place: &'a [i64],
    pub turn: &'a [i64],
    pub group: &'a [i64],
    /// Not zero where a chain itself goes below zero.
    pub dips: &'a [i64],
}

/// For each owner the sum of the leasts of his groups, none above zero. None where a group falls for
/// ever, or where numbers leave what is counted with.
///
/// Each chain of a group may come to less than its weight says, by less than one, and what all come
/// to is whole: to one less than there are chains. A group in which nothing can be below zero is not.
pub fn least_sums(
    chains: &Chains<'_>,
    holdings: &Holdings<'_>,
) -> Result<Vec<Option<i64>>, Refusal> {
    let count = chains.group.len();
    if [chains.value.len(), chains.slope.len(), chains.dips.len(), chains.first.len() - 1]
        != [count; 4]
        || chains.place.len() != chains.turn.len()
    {
        return Err(Refusal::Misshapen("each chain needs a value, a slope, a group and its turns"));
    }
    let mut least = Vec::with_capacity(holdings.start.len());
    for range in holdings.owners()? {
        let mut sum = Some(0);
        let mut at = range.start;
        while at < range.end {
            let mut group = Group::default();
            let of = chains.group_of(holdings.row[at])?;
            while at < range.end && chains.group_of(holdings.row[at])? == of {
                group.add(chains, holdings.row[at] as usize, holdings.weight[at])?;
                at += 1;
            }
            sum = sum.zip(group.least()).and_then(|(sum, one): (i128, i128)| sum.checked_add(one));
        }
        least.push(sum.and_then(|sum| i64::try_from(sum).ok()));
    }
    Ok(least)
}

impl Chains<'_> {
    fn group_of(&self, row: i64) -> Result<i64, Refusal> {
        let at = usize::try_from(row).ok().filter(|&at| at < self.group.len());
        at.map(|at| self.group[at]).ok_or(Refusal::NoSuchRow { row, rows: self.group.len() })
    }
}

/// The sum of an owner's chains of one group.
#[derive(Default)]
struct Group {
    value: i128,
    slope: i128,
    turns: Vec<(i64, i128)>,
    members: i128,
    may_dip: bool,
    is_beyond: bool,
}

impl Group {
    fn add(&mut self, chains: &Chains<'_>, at: usize, weight: i64) -> Result<(), Refusal> {
        let weighted = |number: i64| i128::from(weight) * i128::from(number);
        let sums = (
            self.value.checked_add(weighted(chains.value[at])),
            self.slope.checked_add(weighted(chains.slope[at])),
        );
        let (Some(value), Some(slope)) = sums else {
            self.is_beyond = true;
            return Ok(());
        };
        (self.value, self.slope) = (value, slope);
        let bounds = (usize::try_from(chains.first[at]), usize::try_from(chains.first[at + 1]));
        let (Ok(begin), Ok(end)) = bounds else {
            return Err(Refusal::Misshapen("turns begin at 0"));
        };
        if begin > end || end > chains.turn.len() {
            return Err(Refusal::Misshapen("turns of a chain are in one piece"));
        }
        self.turns.extend((begin..end).map(|k| (chains.place[k], weighted(chains.turn[k]))));
        self.members += i128::from(weight != 0);
        self.may_dip |= weight < 0 || (weight > 0 && chains.dips[at] != 0);
        Ok(())
    }

    /// The least at zero and at every turn, less one for each member but one; at most zero.
    fn least(mut self) -> Option<i128> {
        self.turns.sort_unstable();
        let (mut least, mut place) = (self.value, 0);
        for &(next, turn) in &self.turns {
            let run = i128::from(next) - i128::from(place);
            self.value = self.value.checked_add(self.slope.checked_mul(run)?)?;
            self.slope = self.slope.checked_add(turn)?;
            least = least.min(self.value);
            place = next;
        }
        if self.is_beyond || self.slope < 0 {
            return None;
        }
        least = least.checked_sub((self.members - 1).max(0))?;
        Some(if self.may_dip { least.min(0) } else { 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A call and a put at 100, a call at 120; a constant of -5 with a call at 100; of two groups.
    const CHAINS: Chains<'static> = Chains {
        value: &[0, 100, 0, -5, 0],
        slope: &[0, -1, 0, 0, 1],
        first: &[0, 1, 2, 3, 4, 4],
        place: &[100, 100, 120, 100],
        turn: &[1, 1, 1, 1],
        group: &[0, 0, 0, 1, 1],
        dips: &[0, 0, 0, 1, 0],
    };

    fn least(row: &[i64], weight: &[i64]) -> Option<i64> {
        least_sums(&CHAINS, &Holdings { row, weight, start: &[0] }).unwrap()[0]
    }

    #[test]
    fn a_sum_is_least_at_zero_or_where_it_turns() {
        assert_eq!(least(&[1], &[-3]), Some(-300));
        assert_eq!(least(&[0, 2], &[-2, 2]), Some(-40 - 1));
        assert_eq!(least(&[0, 2], &[2, -2]), Some(-1));
        assert_eq!(least(&[0, 1, 2], &[-1, -1, 1]), Some(-100 - 2));
        assert_eq!(least(&[3], &[7]), Some(-35));
        assert_eq!(least(&[3], &[-7]), None);
    }

    #[test]
    fn what_is_never_below_zero_counts_nothing() {
        assert_eq!(least(&[0, 1], &[5, 5]), Some(0));
        assert_eq!(least(&[0, 1, 2], &[0, 0, 0]), Some(0));
        assert_eq!(least(&[4], &[9]), Some(0));
    }

    #[test]
    fn what_falls_for_ever_has_no_least_and_groups_do_not_pay_for_each_other() {
        assert_eq!(least(&[0], &[-1]), None);
        assert_eq!(least(&[0, 2], &[-2, 1]), None);
        assert_eq!(least(&[4], &[-1]), None);
        assert_eq!(least(&[1, 3], &[-1, 1]), Some(-100 - 5));
    }

    #[test]
    fn owners_are_apart_and_what_does_not_fit_has_no_least() {
        let holdings = Holdings { row: &[0, 1, 0], weight: &[-1, 2, 1], start: &[0, 1, 2] };
        assert_eq!(least_sums(&CHAINS, &holdings), Ok(vec![None, Some(0), Some(0)]));
        assert_eq!(least(&[1], &[i64::MIN]), None);
        let steep = Chains { turn: &[1, 1, i64::MAX, 1], place: &[1, 1, i64::MAX, 1], ..CHAINS };
        let holdings = Holdings { row: &[2, 2], weight: &[i64::MIN, i64::MIN], start: &[0] };
        assert_eq!(least_sums(&steep, &holdings), Ok(vec![None]));
    }

    #[test]
    fn misshapen_chains_are_refused() {
        let holdings = Holdings { row: &[0], weight: &[1], start: &[0] };
        for chains in [
            Chains { value: &[0], ..CHAINS },
            Chains { first: &[0, 1, 2, 3, 4], ..CHAINS },
            Chains { first: &[2, 1, 2, 3, 4, 4], ..CHAINS },
            Chains { first: &[0, 9, 2, 3, 4, 4], ..CHAINS },
            Chains { first: &[-1, 1, 2, 3, 4, 4], ..CHAINS },
            Chains { place: &[1], ..CHAINS },
        ] {
            assert!(matches!(least_sums(&chains, &holdings), Err(Refusal::Misshapen(_))));
        }
        for row in [-1, 5] {
            let found = least_sums(&CHAINS, &Holdings { row: &[row], weight: &[1], start: &[0] });
            assert_eq!(found, Err(Refusal::NoSuchRow { row, rows: 5 }));
        }
    }
}
