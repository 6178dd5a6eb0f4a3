//! From evidence to a verdict.

use super::evidence::{Bounded, Character, Curvatures, Doubt, Escape, Kind, Verdict};
use super::probe::{Path, Probe, Prober, directions};
use super::{Spectrum, VerdictOptions};
use crate::krylov::Eigenpair;
use crate::vector::{dot, norm};
use crate::{Oracle, Scalar, Stop};

/// The sign of an eigenvalue known as λ ± r, against the threshold h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Negative,
    Null,
    Positive,
    Unclear,
}

fn sign(known: Bounded, threshold: f64) -> Sign {
    let Bounded { value, residual } = known;
    if value - residual > threshold {
        Sign::Positive
    } else if value + residual < -threshold {
        Sign::Negative
    } else if value.abs() + residual <= threshold {
        Sign::Null
    } else {
        Sign::Unclear
    }
}

/// The eigenvalues that are known, with their signs.
struct Signs {
    known: Vec<(Bounded, Sign)>,
    threshold: f64,
    exact: bool,
    confirmed: bool,
}

pub(super) fn decide<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    value: f64,
    gradient: &[T],
    spectrum: &Spectrum<T>,
    options: &VerdictOptions,
) -> Verdict {
    let gradient_norm = norm(gradient);
    let gradient_threshold = (options.gradient * value.abs().max(1.0)).max(rounding(x, spectrum));
    let mut verdict = Verdict::undecided(Doubt::Empty, value, gradient_norm, gradient_threshold);
    let signs = Signs::new(spectrum, gradient_norm, options);
    let Some(curvature) = signs.curvatures() else { return verdict };
    verdict.curvature = Some(curvature);
    let critical = gradient_norm <= gradient_threshold;
    let (falls, rises) = (signs.any(Sign::Negative), signs.any(Sign::Positive));
    let stiff = match spectrum {
        Spectrum::Exact { eigen, .. } => {
            let stiff = |i: &usize| matches!(signs.known[*i].1, Sign::Negative | Sign::Positive);
            Some((eigen, (0..signs.known.len()).filter(stiff).collect()))
        }
        Spectrum::Ends(_) => None,
    };
    let scale = (norm(x) / (x.len() as f64).sqrt()).max(1.0);
    let slack = [gradient_norm, signs.softest() / 2.0];
    let prober = Prober { oracle, x, radius: options.radius * scale, slack, stiff };
    let mut way = falls.then(|| lowest(spectrum));
    let settled = settle(&signs, falls, rises);
    verdict.kind = if !critical {
        Kind::NotCritical
    } else if let Some(kind) = settled {
        kind
    } else {
        match look(&prober, &signs, spectrum, options) {
            Ok((probes, vectors)) => {
                verdict.probes = probes;
                let falling = verdict.probes.iter().find(|p| p.falls() && p.path == Path::Line);
                if let (None, Some(probe)) = (&way, falling) {
                    way = Some((vectors[probe.direction].clone(), 0.0));
                }
                degenerate(&signs, &verdict.probes)
            }
            Err(stop) => Kind::Undecided { doubt: Doubt::Stopped(stop) },
        }
    };
    if let Some((direction, curvature)) = way {
        match escape(&prober, direction, curvature, gradient) {
            Ok(escape) => verdict.escape = Some(escape),
            Err(stop) => verdict.kind = Kind::Undecided { doubt: Doubt::Stopped(stop) },
        }
    }
    verdict
}

/// The kind, where the signs of the known eigenvalues settle it.
fn settle(signs: &Signs, falls: bool, rises: bool) -> Option<Kind> {
    let all = |sign| signs.known.iter().all(|(_, s)| *s == sign);
    let only = |kind| if signs.confirmed { kind } else { Kind::Undecided { doubt: Doubt::Unconfirmed } };
    let first = signs.known[0].1;
    let last = signs.known[signs.known.len() - 1].1;
    if falls && rises {
        let index = signs.count(Sign::Negative);
        Some(Kind::Saddle { index, index_exact: signs.exact && !signs.any(Sign::Unclear) })
    } else if all(Sign::Positive) || !signs.exact && first == Sign::Positive {
        Some(only(Kind::Minimum))
    } else if all(Sign::Negative) || !signs.exact && last == Sign::Negative {
        Some(only(Kind::Maximum))
    } else {
        None
    }
}

/// The kind of a critical point with null or unclear eigenvalues, from the probes along them.
fn degenerate(signs: &Signs, probes: &[Probe]) -> Kind {
    let falls = signs.any(Sign::Negative) || probes.iter().any(Probe::falls);
    let rises = signs.any(Sign::Positive) || probes.iter().any(Probe::rises);
    let order = probes.iter().filter_map(|p| p.order).min();
    match (falls, rises) {
        (true, true) => Kind::Degenerate { order, character: Character::Saddle },
        _ if signs.any(Sign::Unclear) => Kind::Undecided { doubt: Doubt::Residual },
        _ if !signs.confirmed => Kind::Undecided { doubt: Doubt::Unconfirmed },
        (false, true) => Kind::Degenerate { order, character: Character::NoDescentFound },
        (true, false) => Kind::Degenerate { order, character: Character::NoAscentFound },
        (false, false) => Kind::Plateau,
    }
}

/// Probes f along the directions whose eigenvalues are null or unclear.
fn look<T: Scalar>(
    prober: &Prober<'_, '_, '_, T>,
    signs: &Signs,
    spectrum: &Spectrum<T>,
    options: &VerdictOptions,
) -> Result<(Vec<Probe>, Vec<Vec<T>>), Stop> {
    let soft = |i: &usize| matches!(signs.known[*i].1, Sign::Null | Sign::Unclear);
    let null: Vec<Vec<T>> = (0..signs.known.len()).filter(soft).map(|i| vector(spectrum, i)).collect();
    let vectors = directions(&null, options.probes, options.seed);
    let mut probes = Vec::new();
    for (index, direction) in vectors.iter().enumerate() {
        probes.extend(prober.probe(index, direction)?);
    }
    Ok((probes, vectors))
}

/// The way down along a direction, pointed to the side on which f falls farther;
/// where neither falls, against the gradient, and else with its largest component positive.
fn escape<T: Scalar>(
    prober: &Prober<'_, '_, '_, T>,
    direction: Vec<T>,
    curvature: f64,
    gradient: &[T],
) -> Result<Escape, Stop> {
    let (distance, decrease) = prober.fall(&direction)?;
    let mut wide: Vec<f64> = direction.iter().map(|v| v.wide()).collect();
    let length = norm(&wide);
    let slope = dot(gradient, &direction);
    let largest = wide.iter().fold(0.0f64, |best, &v| if v.abs() > best.abs() { v } else { best });
    let towards = if decrease > 0.0 {
        distance
    } else if slope != 0.0 {
        -slope
    } else {
        largest
    };
    wide.iter_mut().for_each(|v| *v *= towards.signum() / length);
    Ok(Escape::new(prober.oracle.objective().layout(), wide, curvature, distance.abs(), decrease))
}

impl Signs {
    fn new<T: Scalar>(spectrum: &Spectrum<T>, gradient_norm: f64, options: &VerdictOptions) -> Self {
        let values: Vec<Bounded> = match spectrum {
            Spectrum::Exact { eigen, error } => {
                eigen.values.iter().map(|&value| Bounded { value, residual: *error }).collect()
            }
            Spectrum::Ends(ends) => {
                let bounded = |p: &Eigenpair<T>| Bounded { value: p.value, residual: p.residual };
                ends.bottom.iter().chain(ends.top.iter().rev()).map(bounded).collect()
            }
        };
        let drift = options.hessian_lipschitz.map_or(0.0, |rho| (rho * gradient_norm).sqrt());
        let null = spectrum.null_threshold(options.curvature);
        let threshold = null.max(options.curvature_absolute).max(drift);
        let (exact, confirmed) = match spectrum {
            Spectrum::Exact { .. } => (true, true),
            Spectrum::Ends(ends) => (false, ends.confirmed),
        };
        let known = values.into_iter().map(|v| (v, sign(v, threshold))).collect();
        Self { known, threshold, exact, confirmed }
    }

    fn any(&self, sign: Sign) -> bool {
        self.known.iter().any(|(_, s)| *s == sign)
    }

    fn count(&self, sign: Sign) -> u64 {
        self.known.iter().filter(|(_, s)| *s == sign).count() as u64
    }

    /// The largest size that an eigenvalue without a clear sign may have.
    fn softest(&self) -> f64 {
        let soft = self.known.iter().filter(|(_, s)| matches!(s, Sign::Null | Sign::Unclear));
        soft.map(|(known, _)| known.value.abs() + known.residual).fold(0.0, f64::max)
    }

    fn curvatures(&self) -> Option<Curvatures> {
        let (smallest, largest) = (self.known.first()?.0, self.known.last()?.0);
        Some(Curvatures {
            smallest,
            largest,
            threshold: self.threshold,
            negative: self.count(Sign::Negative),
            null: self.exact.then(|| self.count(Sign::Null)),
            positive: self.exact.then(|| self.count(Sign::Positive)),
            unclear: self.count(Sign::Unclear),
            negative_estimate: None,
            exact: self.exact,
            confirmed: self.confirmed,
        })
    }
}

/// ½ε Σᵢ |λᵢ| |vᵢ|ᵀ|x| over the known eigenpairs: what rounding x to its precision may make of a gradient that is 0.
fn rounding<T: Scalar>(x: &[T], spectrum: &Spectrum<T>) -> f64 {
    let along = |v: &mut dyn Iterator<Item = f64>| v.zip(x).map(|(v, x)| (v * x.wide()).abs()).sum::<f64>();
    let moved: f64 = match spectrum {
        Spectrum::Exact { eigen, .. } => (0..eigen.values.len())
            .map(|i| eigen.values[i].abs() * along(&mut eigen.vector(i).iter().copied()))
            .sum(),
        Spectrum::Ends(ends) => {
            let pairs = ends.bottom.iter().chain(&ends.top);
            pairs.map(|pair| pair.value.abs() * along(&mut pair.vector.iter().map(|v| v.wide()))).sum()
        }
    };
    0.5 * T::epsilon().wide() * moved
}

/// The eigenvector of the i-th known eigenvalue.
fn vector<T: Scalar>(spectrum: &Spectrum<T>, i: usize) -> Vec<T> {
    match spectrum {
        Spectrum::Exact { eigen, .. } => eigen.vector(i).iter().map(|&v| T::of(v)).collect(),
        Spectrum::Ends(ends) => match ends.bottom.get(i) {
            Some(pair) => pair.vector.to_vec(),
            None => ends.top[ends.top.len() - 1 - (i - ends.bottom.len())].vector.to_vec(),
        },
    }
}

/// The eigenvector and eigenvalue of λ_min.
fn lowest<T: Scalar>(spectrum: &Spectrum<T>) -> (Vec<T>, f64) {
    let value = match spectrum {
        Spectrum::Exact { eigen, .. } => eigen.values[0],
        Spectrum::Ends(ends) => ends.bottom.first().map_or(0.0, |pair| pair.value),
    };
    (vector(spectrum, 0), value)
}
