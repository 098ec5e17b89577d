//! All tables of many signatures, and the search for ladders without an exceptional addition.

use rayon::prelude::*;

use super::claim::{Attempt, Claim, Prepared, Refusal};
use super::joint::{joint_rows, joints, Joints};
use super::ladder::{ladders, Ladder, Subject};
use super::signature::{signature_row, Signatures};
use super::Bytes;

/// Signatures that share one inversion per addition.
const LOCKSTEP: usize = 64;
/// A start has 7 free bits, the spare byte 8.
const ATTEMPTS: usize = 1 << 15;

#[derive(Default)]
pub struct Witness {
    pub signatures: Signatures,
    pub joint_wide: Vec<Bytes>,
    pub ladder_wide: Vec<Bytes>,
    pub ladder_small: Vec<i32>,
    pub ladder_weights: Vec<u32>,
}

impl Witness {
    fn append(&mut self, mut other: Witness) {
        self.signatures.wide.append(&mut other.signatures.wide);
        self.signatures.small.append(&mut other.signatures.small);
        self.signatures.weights.append(&mut other.signatures.weights);
        self.joint_wide.append(&mut other.joint_wide);
        self.ladder_wide.append(&mut other.ladder_wide);
        self.ladder_small.append(&mut other.ladder_small);
        self.ladder_weights.append(&mut other.ladder_weights);
    }
}

/// The rows of every claim, or the first claim that cannot be proven and why.
pub fn witness(claims: &[Claim]) -> Result<Witness, (usize, Refusal)> {
    let parts: Vec<_> = claims
        .par_chunks(LOCKSTEP)
        .enumerate()
        .map(|(chunk, claims)| {
            let prepared = claims
                .iter()
                .enumerate()
                .map(|(i, claim)| Prepared::new(claim).map_err(|why| (chunk * LOCKSTEP + i, why)))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(chunk_witness(&prepared))
        })
        .collect::<Result<_, (usize, Refusal)>>()?;
    let mut all = Witness::default();
    parts.into_iter().for_each(|part| all.append(part));
    Ok(all)
}

fn chunk_witness(prepared: &[Prepared]) -> Witness {
    let joints = joints(prepared);
    let mut witness = Witness::default();
    for (i, (attempt, ladder)) in regular_ladders(prepared, &joints).into_iter().enumerate() {
        signature_row(&prepared[i], &attempt, &mut witness.signatures);
        joint_rows(&prepared[i], &joints[i], &mut witness.joint_wide);
        witness.ladder_wide.extend(ladder.wide);
        witness.ladder_small.extend(ladder.small);
        witness.ladder_weights.extend(ladder.weights);
    }
    witness
}

/// Of each claim the first attempt whose ladder has no exceptional addition, and that ladder.
fn regular_ladders(prepared: &[Prepared], joints: &[Joints]) -> Vec<(Attempt, Ladder)> {
    let mut done: Vec<Option<(Attempt, Ladder)>> = prepared.iter().map(|_| None).collect();
    for number in 0..ATTEMPTS {
        let open: Vec<usize> = (0..prepared.len()).filter(|&i| done[i].is_none()).collect();
        if open.is_empty() {
            break;
        }
        let subject = |&i: &usize| (&prepared[i], &joints[i], Attempt::new(&prepared[i], number));
        let subjects: Vec<Subject> = open.iter().map(subject).collect();
        let ladders = ladders(&subjects);
        for ((i, (_, _, attempt)), ladder) in open.into_iter().zip(subjects).zip(ladders) {
            if !ladder.exceptional {
                done[i] = Some((attempt, ladder));
            }
        }
    }
    let found: Vec<_> = done.into_iter().flatten().collect();
    assert_eq!(
        found.len(),
        prepared.len(),
        "{ATTEMPTS} attempts, each with an exceptional addition"
    );
    found
}
