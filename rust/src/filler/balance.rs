//! Sums of counts by message: what is sent less what is received, or how often a fact is asked for.

use std::collections::HashMap;

use p3_baby_bear::BabyBear;
use p3_field::PrimeCharacteristicRing;

/// A bus and the fields of a message on it.
pub type Key = (u16, Vec<u32>);

/// Range checks outnumber all else, so short messages of small numbers are counted in arrays.
#[derive(Default)]
pub struct Balance {
    /// By bus and number of fields.
    dense: HashMap<(u16, usize), Vec<BabyBear>>,
    sparse: HashMap<Key, BabyBear>,
}

const FIRST: u32 = 1 << 8;
const SECOND: u32 = 1 << 14;

fn place(fields: &[u32]) -> Option<usize> {
    match *fields {
        [a] if a < FIRST * SECOND => Some(a as usize),
        [a, b] if a < FIRST && b < SECOND => Some((a * SECOND + b) as usize),
        _ => None,
    }
}

fn fields(place: usize, count: usize) -> Vec<u32> {
    match place as u32 {
        place if count == 1 => vec![place],
        place => vec![place / SECOND, place % SECOND],
    }
}

impl Balance {
    pub fn add(&mut self, bus: u16, fields: &[u32], count: BabyBear) {
        match place(fields) {
            Some(place) => {
                let empty = || vec![BabyBear::ZERO; (FIRST * SECOND) as usize];
                self.dense.entry((bus, fields.len())).or_insert_with(empty)[place] += count;
            }
            None => *self.sparse.entry((bus, fields.to_vec())).or_default() += count,
        }
    }

    pub fn merge(mut self, other: Self) -> Self {
        for (bus, counts) in other.dense {
            match self.dense.get_mut(&bus) {
                Some(mine) => mine.iter_mut().zip(counts).for_each(|(a, b)| *a += b),
                None => {
                    self.dense.insert(bus, counts);
                }
            }
        }
        for (key, count) in other.sparse {
            *self.sparse.entry(key).or_default() += count;
        }
        self
    }

    /// The count of a message, once: asked again, nothing is left.
    pub fn take(&mut self, bus: u16, fields: &[u32]) -> BabyBear {
        let left = match place(fields) {
            Some(place) => self.dense.get_mut(&(bus, fields.len())).map(|all| &mut all[place]),
            None => self.sparse.get_mut(&(bus, fields.to_vec())),
        };
        left.map(std::mem::take).unwrap_or_default()
    }

    /// Every message whose count is not zero.
    pub fn open(self) -> Vec<(Key, BabyBear)> {
        let dense = self.dense.into_iter().flat_map(|((bus, length), counts)| {
            let open = counts.into_iter().enumerate().filter(|(_, count)| *count != BabyBear::ZERO);
            open.map(move |(place, count)| ((bus, fields(place, length)), count))
        });
        let sparse = self.sparse.into_iter().filter(|(_, count)| *count != BabyBear::ZERO);
        dense.chain(sparse).collect()
    }
}
