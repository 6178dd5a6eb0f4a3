//! The table of functions, and their choice by name.

use std::ops::RangeInclusive;
use std::str::FromStr;

use super::{Function, global, mgh, planted, quadratic, rastrigin, rosenbrock, saddles, styblinski_tang};

/// One row of the table of functions.
pub struct Entry {
    /// What users type, before a colon.
    pub name: &'static str,
    /// How its parameters follow.
    pub usage: &'static str,
    /// Texts that choose it.
    pub examples: &'static [&'static str],
    /// What it is, in a few words.
    pub summary: &'static str,
    /// Where it was published; empty for what needs no source.
    pub source: &'static str,
    /// Makes the function from what follows the colon.
    pub(super) build: fn(&str) -> Result<Function, SpecError>,
}

/// All functions. To add one, write its file and add its row here.
///
/// Each of them may be moved: `shift=SEED` and `rotate=SEED` after its own parameters, as in
/// `rosenbrock:10,shift=1,rotate=2`, make it f(Q(x − s)); see [`Function::shifted`] and [`Function::rotated`].
pub fn registry() -> &'static [Entry] {
    &[
        rosenbrock::ENTRY,
        rastrigin::ENTRY,
        styblinski_tang::ENTRY,
        quadratic::ENTRY,
        saddles::WALLED,
        saddles::MONKEY,
        planted::octopus::ENTRY,
        planted::factorization::ENTRY,
        planted::sensing::ENTRY,
        planted::completion::ENTRY,
        planted::phase_retrieval::ENTRY,
        planted::tensor::ENTRY,
        planted::linear_network::ENTRY,
        planted::spin::ENTRY,
        planted::xor::ENTRY,
        planted::lennard_jones::ENTRY,
        planted::groups::ENTRY,
        planted::wedges::ENTRY,
        global::kinks::ACKLEY,
        global::egg_boxes::GRIEWANK,
        global::egg_boxes::LEVY,
        global::schwefel::SCHWEFEL,
        global::schwefel::MICHALEWICZ,
        global::kinks::SALOMON,
        global::kinks::ALPINE,
        global::bowls::ZAKHAROV,
        global::bowls::DIXON_PRICE,
        global::bowls::TRID,
        global::bowls::SUM_OF_POWERS,
        global::camels::HIMMELBLAU,
        global::camels::SIX_HUMP,
        global::camels::THREE_HUMP,
        global::landscapes::MULLER_BROWN,
        global::landscapes::BRANIN,
        global::landscapes::GOLDSTEIN_PRICE,
        global::landscapes::MCCORMICK,
        global::egg_boxes::BOHACHEVSKY,
        global::egg_boxes::DROP_WAVE,
        global::egg_boxes::EASOM,
        global::bowls::BOOTH,
        global::bowls::MATYAS,
        global::kinks::CROSS_IN_TRAY,
        global::kinks::EGGHOLDER,
        global::gaussians::HARTMANN_3,
        global::gaussians::HARTMANN_6,
        global::gaussians::SHEKEL,
        mgh::plane::FREUDENSTEIN_ROTH,
        mgh::plane::POWELL_BADLY_SCALED,
        mgh::plane::BROWN_BADLY_SCALED,
        mgh::plane::BEALE,
        mgh::plane::JENNRICH_SAMPSON,
        mgh::space::HELICAL_VALLEY,
        mgh::space::BARD,
        mgh::space::GAUSSIAN,
        mgh::space::MEYER,
        mgh::space::GULF,
        mgh::space::BOX,
        mgh::four::POWELL_SINGULAR,
        mgh::four::WOOD,
        mgh::four::KOWALIK_OSBORNE,
        mgh::four::BROWN_DENNIS,
        mgh::exponentials::OSBORNE_1,
        mgh::exponentials::BIGGS,
        mgh::exponentials::OSBORNE_2,
        mgh::any::WATSON,
        mgh::any::EXTENDED_ROSENBROCK,
        mgh::any::PENALTY_1,
        mgh::any::PENALTY_2,
        mgh::any::VARIABLY_DIMENSIONED,
        mgh::any::TRIGONOMETRIC,
        mgh::any::BROWN_ALMOST_LINEAR,
        mgh::equations::BOUNDARY_VALUE,
        mgh::equations::INTEGRAL_EQUATION,
        mgh::equations::BROYDEN_TRIDIAGONAL,
        mgh::equations::BROYDEN_BANDED,
        mgh::linear::FULL_RANK,
        mgh::linear::RANK_ONE,
        mgh::linear::RANK_ONE_ZEROS,
        mgh::linear::CHEBYQUAD,
    ]
}

/// Why a text does not choose a function.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SpecError(String);

impl SpecError {
    pub(in crate::problem) fn new(reason: String) -> Self {
        Self(reason)
    }
}

/// ```
/// use thalweg_lab::problem::analytic::Function;
///
/// let function: Function = "rosenbrock:10".parse()?;
/// assert_eq!(function.dimension(), 10);
/// assert_eq!(function.known()[0].x, [1.0; 10]);
/// # Ok::<(), thalweg_lab::problem::analytic::SpecError>(())
/// ```
impl FromStr for Function {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let (name, parameters) = text.split_once(':').unwrap_or((text, ""));
        let entry = registry().iter().find(|entry| entry.name == name).ok_or_else(|| {
            let known: Vec<&str> = registry().iter().map(|entry| entry.usage).collect();
            SpecError(format!("no function is named {name:?}; there are {}", known.join(", ")))
        })?;
        build(entry, parameters)
            .map_err(|SpecError(reason)| SpecError(format!("function {text:?} ({}): {reason}", entry.usage)))
    }
}

/// The function of a row, moved as the parameters say.
fn build(entry: &Entry, parameters: &str) -> Result<Function, SpecError> {
    let (mut own, mut moves) = (Vec::new(), [None; 2]);
    for item in parameters.split(',') {
        match ["shift=", "rotate="].iter().position(|name| item.starts_with(name)) {
            Some(at) => {
                let (what, seed) = item.split_once('=').unwrap_or_default();
                let seed = seed.parse::<u64>().map_err(|_| {
                    SpecError(format!("expected a whole number as the seed of {what}, found {seed:?}"))
                })?;
                moves[at] = Some(seed);
            }
            None => own.push(item),
        }
    }
    let function = (entry.build)(&own.join(","))?;
    let [shift, rotate] = moves;
    let function = rotate.map_or(Ok(function.clone()), |seed| function.rotated(seed))?;
    Ok(shift.map_or(function.clone(), |seed| function.shifted(seed)))
}

/// Reads a number of coordinates.
pub(super) fn dimension(text: &str, least: usize) -> Result<usize, SpecError> {
    const LARGEST: usize = 1 << 24;
    match text.parse::<usize>() {
        Ok(n) if (least..=LARGEST).contains(&n) => Ok(n),
        _ => Err(SpecError(format!(
            "expected a number of coordinates from {least} to {LARGEST}, found {text:?}"
        ))),
    }
}

/// Reads a whole number of a range, which the text may leave out.
pub(super) fn optional(
    text: &str,
    what: &str,
    range: RangeInclusive<usize>,
    usual: usize,
) -> Result<usize, SpecError> {
    match text.parse::<usize>() {
        _ if text.is_empty() => Ok(usual),
        Ok(n) if range.contains(&n) => Ok(n),
        _ => Err(SpecError(format!(
            "expected a number of {what} from {} to {}, found {text:?}",
            range.start(),
            range.end()
        ))),
    }
}

/// Separates a text's items from those that are given by name, as in `5,rank=2`.
pub(in crate::problem) fn named<'t, const K: usize>(
    text: &'t str,
    names: [&str; K],
) -> Result<(Vec<&'t str>, [Option<&'t str>; K]), SpecError> {
    let (mut own, mut given) = (Vec::new(), [None; K]);
    for item in text.split(',') {
        match item.split_once('=') {
            Some((name, value)) => {
                let at = names
                    .iter()
                    .position(|known| *known == name)
                    .ok_or_else(|| SpecError(format!("expected {}, found {name:?}", names.join(", "))))?;
                given[at] = Some(value);
            }
            None => own.push(item),
        }
    }
    Ok((own, given))
}

/// Reads no parameters.
pub(super) fn nothing(text: &str) -> Result<(), SpecError> {
    if text.is_empty() { Ok(()) } else { Err(SpecError(format!("expected no parameters, found {text:?}"))) }
}
