//! Step lengths as users choose them.

use super::{Backtracking, Goldstein, Guess, HagerZhang, MoreThuente, Nonmonotone, StepLength, StrongWolfe};

/// The searches by name.
pub(in crate::optim) const CHOICES: &[&str] =
    &["backtracking", "goldstein", "nonmonotone", "strong-wolfe", "more-thuente", "hager-zhang"];

/// The search at a place of [`CHOICES`] that begins at a guess, with its usual constants;
/// where it tests slopes, with this share of φ′(0).
pub(in crate::optim) fn chosen(place: f64, guess: Guess, curvature: f64) -> StepLength {
    match CHOICES[place as usize] {
        "backtracking" => {
            StepLength::Backtracking(Backtracking { guess, longest: 1e10, ..Default::default() })
        }
        "goldstein" => StepLength::Goldstein(Goldstein { guess, ..Default::default() }),
        "nonmonotone" => StepLength::Nonmonotone(Nonmonotone { guess, ..Default::default() }),
        "strong-wolfe" => StepLength::StrongWolfe(StrongWolfe { guess, curvature, ..Default::default() }),
        "more-thuente" => StepLength::MoreThuente(MoreThuente { guess, curvature, ..Default::default() }),
        _ => StepLength::HagerZhang(HagerZhang { guess, curvature, ..Default::default() }),
    }
}
