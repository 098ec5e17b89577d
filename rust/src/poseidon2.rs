//! Poseidon2 over BabyBear, width 16, with the backend's own permutation.

use p3_baby_bear::{default_babybear_poseidon2_16, BabyBear, Poseidon2BabyBear};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_symmetric::Permutation;
use std::sync::LazyLock;

pub type State = [BabyBear; 16];
pub type Word = [BabyBear; 8];

static PERMUTATION: LazyLock<Poseidon2BabyBear<16>> = LazyLock::new(default_babybear_poseidon2_16);

pub fn permute(state: &mut State) {
    PERMUTATION.permute_mut(state);
}

/// The first half of the permutation of both words, plus the left one (feed-forward).
pub fn compress(left: &Word, right: &Word) -> Word {
    let mut state = [BabyBear::ZERO; 16];
    state[..8].copy_from_slice(left);
    state[8..].copy_from_slice(right);
    permute(&mut state);
    core::array::from_fn(|i| state[i] + left[i])
}

/// Overwrite mode, rate 8; length and tag in the capacity before the first word.
pub fn sponge(tag: u32, elements: &[BabyBear]) -> Word {
    let mut state = [BabyBear::ZERO; 16];
    state[8] = BabyBear::from_usize(elements.len());
    state[9] = BabyBear::from_u32(tag);
    for chunk in elements.chunks(8) {
        state[..8].fill(BabyBear::ZERO);
        state[..chunk.len()].copy_from_slice(chunk);
        permute(&mut state);
    }
    core::array::from_fn(|i| state[i])
}

pub fn canonical(elements: &[BabyBear]) -> Vec<u32> {
    elements.iter().map(|x| x.as_canonical_u32()).collect()
}
