//! Where searches begin.

use crate::Scalar;
use crate::random::Stream;
use crate::vector::displaced;

/// Where searches begin: start k is a function of the seed and k alone.
#[derive(Clone, Debug, PartialEq)]
pub enum Starts<T> {
    /// Uniform in a box, an interval for each coordinate (n).
    Box(Vec<(f64, f64)>),
    /// x + σξ with standard normal ξ.
    Noise {
        /// x (n).
        centre: Vec<T>,
        /// σ.
        deviation: f64,
    },
    /// Points of a way in turn, evenly spread over it, each with normal noise of deviation σ, which may be 0.
    Trajectory {
        /// The points (n each).
        points: Vec<Vec<T>>,
        /// σ.
        deviation: f64,
    },
}

/// Why there are no starts.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StartsError {
    /// An interval of a box is empty or infinite.
    #[error("coordinate {coordinate} of the box goes from {low} to {high}; expected a finite interval")]
    Interval {
        /// Which.
        coordinate: usize,
        /// Its lower end.
        low: f64,
        /// Its upper end.
        high: f64,
    },
    /// A trajectory has no points.
    #[error("the trajectory has no points")]
    Empty,
    /// A deviation is negative or not finite.
    #[error("the noise has deviation {0}; expected a finite number from 0")]
    Deviation(f64),
}

impl<T: Scalar> Starts<T> {
    /// Checks them.
    ///
    /// # Errors
    /// If there are none.
    pub fn check(&self) -> Result<(), StartsError> {
        let finite = |deviation: f64| match deviation.is_finite() && deviation >= 0.0 {
            true => Ok(()),
            false => Err(StartsError::Deviation(deviation)),
        };
        match self {
            Self::Box(bounds) => {
                let bad = bounds
                    .iter()
                    .enumerate()
                    .find(|(_, (low, high))| !(low.is_finite() && high.is_finite() && low < high));
                bad.map_or(Ok(()), |(coordinate, &(low, high))| {
                    Err(StartsError::Interval { coordinate, low, high })
                })
            }
            Self::Noise { deviation, .. } => finite(*deviation),
            Self::Trajectory { points, .. } if points.is_empty() => Err(StartsError::Empty),
            Self::Trajectory { deviation, .. } => finite(*deviation),
        }
    }

    /// Start `k` of `count` (n).
    ///
    /// # Panics
    /// If a trajectory has no points.
    pub fn get(&self, seed: u64, k: u64, count: u64) -> Vec<T> {
        let mut stream = Stream::new(seed, "critical-starts", k);
        match self {
            Self::Box(bounds) => {
                let mut unit = vec![0.0; bounds.len()];
                stream.fill_uniform(0.0, 1.0, &mut unit);
                bounds.iter().zip(&unit).map(|((low, high), u)| T::of(low + (high - low) * u)).collect()
            }
            Self::Noise { centre, deviation } => noisy(&mut stream, centre, *deviation),
            Self::Trajectory { points, deviation } => {
                let at = if count <= 1 {
                    points.len() - 1
                } else {
                    ((k % count) as usize * (points.len() - 1)) / (count as usize - 1)
                };
                noisy(&mut stream, &points[at], *deviation)
            }
        }
    }
}

fn noisy<T: Scalar>(stream: &mut Stream, centre: &[T], deviation: f64) -> Vec<T> {
    let mut noise = vec![T::zero(); centre.len()];
    if deviation > 0.0 {
        stream.fill_normal(&mut noise);
    }
    let mut start = centre.to_vec();
    displaced(centre, &[(deviation, &noise)], &mut start);
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_lie_where_they_should() {
        let boxed = Starts::<f64>::Box(vec![(-2.0, -1.0), (5.0, 9.0)]);
        boxed.check().unwrap();
        let all: Vec<Vec<f64>> = (0..200).map(|k| boxed.get(3, k, 200)).collect();
        assert!(all.iter().all(|x| (-2.0..=-1.0).contains(&x[0]) && (5.0..=9.0).contains(&x[1])));
        let mean = all.iter().map(|x| x[1]).sum::<f64>() / 200.0;
        assert!((mean - 7.0).abs() < 0.35, "{mean}");
        assert_eq!(boxed.get(3, 17, 200), boxed.get(3, 17, 5));
        let noise = Starts::Noise { centre: vec![10.0f64; 1000], deviation: 0.5 };
        let x = noise.get(0, 4, 10);
        let deviation = (x.iter().map(|v| (v - 10.0).powi(2)).sum::<f64>() / 1000.0).sqrt();
        assert!((deviation - 0.5).abs() < 0.05, "{deviation}");
    }

    #[test]
    fn a_trajectory_is_walked_from_end_to_end() {
        let points: Vec<Vec<f64>> = (0..5).map(|i| vec![f64::from(i)]).collect();
        let way = Starts::Trajectory { points, deviation: 0.0 };
        let seen: Vec<f64> = (0..3).map(|k| way.get(0, k, 3)[0]).collect();
        assert_eq!(seen, [0.0, 2.0, 4.0]);
        assert_eq!(way.get(0, 0, 1), [4.0]);
    }

    #[test]
    fn what_is_no_place_to_begin_is_said() {
        let bad = Starts::<f64>::Box(vec![(0.0, 1.0), (1.0, 1.0)]).check().unwrap_err();
        assert!(bad.to_string().contains("coordinate 1"), "{bad}");
        assert_eq!(
            Starts::<f64>::Trajectory { points: Vec::new(), deviation: 0.0 }.check(),
            Err(StartsError::Empty)
        );
        let noise = Starts::Noise { centre: vec![0.0f64], deviation: -1.0 };
        assert_eq!(noise.check(), Err(StartsError::Deviation(-1.0)));
    }
}
