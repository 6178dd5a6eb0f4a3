//! Derivatives of higher order along directions in which the Hessian is null.

use serde::Serialize;

use super::fit::{self, Ladder};
use crate::krylov::Eigen;
use crate::random::Stream;
use crate::vector::{displaced, dot, norm};
use crate::{Oracle, Scalar, Stop};

/// Halvings of the distance.
const RUNGS: i32 = 16;

/// What f does along a way through x on which its second derivative is null.
///
/// f is evaluated at the distances ±R 2⁻ʲ, j = 0 to 16, and the coefficients c₃ to
/// c₆ of f(x(t)) = f(x) + Σ c_p tᵖ are estimated from three neighbouring
/// distances each, with an error made of truncation (the change since the next
/// larger distances), rounding (4 ε of a value) and measured noise (four times the level found
/// by Moré & Wild's difference table). The lowest order counts whose coefficient
/// is at least four times its error, and whose rise or fall is there in the values themselves
/// and is more than four times what a slope of ‖∇f(x)‖ and the largest null or unclear
/// eigenvalue could make. The errors are estimates, not proofs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Probe {
    /// The way.
    pub path: Path,
    /// Which null direction: eigenvectors first, then random ones in their span.
    pub direction: usize,
    /// The order p; `None` if no order up to 6 was found.
    pub order: Option<u32>,
    /// c_p, in f = f(x) + c_p tᵖ + …; 0 if none.
    pub coefficient: f64,
    /// Its estimated error.
    pub error: f64,
    /// The largest distance that the estimate used, or that was tried.
    pub radius: f64,
}

/// The way of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    /// x + t v.
    Line,
    /// x + t v + w(t), w(t) = −Σ (qᵢᵀ∇f(x + tv)/λᵢ) qᵢ over the eigenpairs that
    /// are not null: one Newton step towards the curve on which f is
    /// stationary in those directions. By the splitting lemma (Gromoll & Meyer
    /// 1969) f differs from its quadratic part by a function of this curve's
    /// parameter, whose fall a line can miss, as in (y − x²)(y − 3x²).
    Curve,
}

impl Probe {
    /// Whether f rises along the way, on either side.
    pub fn rises(&self) -> bool {
        self.order.is_some_and(|order| order % 2 == 1 || self.coefficient > 0.0)
    }

    /// Whether f falls along the way, on either side.
    pub fn falls(&self) -> bool {
        self.order.is_some_and(|order| order % 2 == 1 || self.coefficient < 0.0)
    }
}

/// Where a probe of a degenerate point stands.
pub(super) struct Prober<'p, 'o, 'a, T: Scalar> {
    pub oracle: &'o Oracle<'a, T>,
    pub x: &'p [T],
    /// R.
    pub radius: f64,
    /// Bounds of the slope and of half the curvature that count as 0.
    pub slack: [f64; 2],
    /// The whole spectrum, and the indices of the eigenpairs that are not null.
    pub stiff: Option<(&'p Eigen, Vec<usize>)>,
}

/// The null directions to be probed: the given ones, at most `count`, then as many random ones in
/// their span if it has two dimensions or more.
pub(super) fn directions<T: Scalar>(null: &[Vec<T>], count: usize, seed: u64) -> Vec<Vec<T>> {
    let mut chosen: Vec<Vec<T>> = null.iter().take(count).cloned().collect();
    if null.len() >= 2 {
        for index in 0..count as u64 {
            let mut weights = vec![0.0f64; null.len()];
            Stream::new(seed, "probe", index).fill_normal(&mut weights);
            let length = norm(&weights);
            let terms: Vec<(f64, &[T])> =
                weights.iter().zip(null).map(|(w, v)| (w / length, &v[..])).collect();
            let mut direction = vec![T::zero(); null[0].len()];
            let origin = direction.clone();
            displaced(&origin, &terms, &mut direction);
            chosen.push(direction);
        }
    }
    chosen
}

impl<T: Scalar> Prober<'_, '_, '_, T> {
    /// Probes the line, and the curve where there is one.
    pub fn probe(&self, index: usize, direction: &[T]) -> Result<Vec<Probe>, Stop> {
        let noise = 4.0 * self.noise(direction)?;
        let line = self.ladder(noise, |t, point| {
            displaced(self.x, &[(t, direction)], point);
            Ok(())
        })?;
        let mut probes = vec![read(&line, Path::Line, index)];
        if let Some((eigen, stiff)) = self.stiff.as_ref().filter(|(_, stiff)| !stiff.is_empty()) {
            let mut gradient = vec![T::zero(); self.x.len()];
            let curve = self.ladder(noise, |t, point| {
                displaced(self.x, &[(t, direction)], point);
                self.oracle.value_grad(point, &mut gradient)?;
                let wide: Vec<f64> = gradient.iter().map(|g| g.wide()).collect();
                let mut moved: Vec<f64> = point.iter().map(|p| p.wide()).collect();
                for &i in stiff {
                    let q = eigen.vector(i);
                    let step = dot(q, &wide) / eigen.values[i];
                    moved.iter_mut().zip(q).for_each(|(m, q)| *m -= step * q);
                }
                point.iter_mut().zip(moved).for_each(|(p, m)| *p = T::of(m));
                Ok(())
            })?;
            probes.push(read(&curve, Path::Curve, index));
        }
        Ok(probes)
    }

    /// The farthest fall along a line, on the side to which the direction points and on the
    /// other: (signed distance, decrease), with decrease 0 if there is none.
    pub fn fall(&self, direction: &[T]) -> Result<(f64, f64), Stop> {
        let ladder = self.ladder(0.0, |t, point| {
            displaced(self.x, &[(t, direction)], point);
            Ok(())
        })?;
        let mut best = (0.0, 0.0);
        for (j, rung) in ladder.rungs.iter().enumerate() {
            let t = self.radius * 0.5f64.powi(j as i32);
            for (t, value) in [(t, rung[0]), (-t, rung[1])] {
                if ladder.centre - value > best.1 {
                    best = (t, ladder.centre - value);
                }
            }
        }
        Ok(best)
    }

    fn ladder(
        &self,
        noise: f64,
        mut place: impl FnMut(f64, &mut [T]) -> Result<(), Stop>,
    ) -> Result<Ladder, Stop> {
        let n = self.x.len();
        let mut points = vec![T::zero(); 2 * n];
        place(0.0, &mut points[..n])?;
        let mut centre = [0.0];
        self.oracle.values(&points[..n], &mut centre)?;
        let mut rungs = Vec::new();
        for j in 0..=RUNGS {
            let t = self.radius * 0.5f64.powi(j);
            let mut rung = [f64::NAN; 2];
            let (plus, minus) = points.split_at_mut(n);
            // A place that cannot be had, since f or its gradient is not finite there, has no value.
            let placed = match place(t, plus).and_then(|()| place(-t, minus)) {
                Ok(()) => true,
                Err(Stop::NonFinite { .. }) => false,
                Err(stop) => return Err(stop),
            };
            if placed {
                self.oracle.values(&points, &mut rung)?;
            }
            rungs.push(rung);
        }
        let epsilon = 4.0 * T::epsilon().wide();
        Ok(Ladder { radius: self.radius, centre: centre[0], rungs, noise, epsilon, slack: self.slack })
    }

    /// The noise of f near x: seven values, ε^(1/3) R apart.
    fn noise(&self, direction: &[T]) -> Result<f64, Stop> {
        let spacing = T::epsilon().wide().cbrt() * self.radius;
        let n = self.x.len();
        let mut points = vec![T::zero(); 7 * n];
        for (i, point) in points.chunks_exact_mut(n).enumerate() {
            displaced(self.x, &[(spacing * (i as f64 - 3.0), direction)], point);
        }
        let mut values = [0.0; 7];
        self.oracle.values(&points, &mut values)?;
        Ok(fit::noise(&values))
    }
}

fn read(ladder: &Ladder, path: Path, direction: usize) -> Probe {
    match ladder.leading() {
        Some(c) => Probe {
            path,
            direction,
            order: Some(c.order),
            coefficient: c.value,
            error: c.error,
            radius: c.radius,
        },
        None => Probe { path, direction, order: None, coefficient: 0.0, error: 0.0, radius: ladder.radius },
    }
}
