//! How far a picture has to go to show something.

use super::direction::Direction;
use super::evaluate::values_along;
use crate::{Oracle, Scalar, Stop};

/// Doublings and halvings at most.
const DOUBLINGS: i32 = 40;
/// Halvings of the exponent: to 2^(1/128), half a percent.
const BISECTIONS: u32 = 7;

/// The reach r at which the mean of f over the ends x ± r dⱼ of all directions comes to `level`,
/// rounded to two digits; `None` where it lies beyond 2^±40 or is never come to.
///
/// From r = 1 it is doubled or halved until the mean crosses the level, and then bisected; where f
/// is not monotone along the directions there are several such r, and this is one of them. A value that is
/// not finite counts as above every level.
///
/// Cost: 2 values for each direction and each r tried, of which there are about 10.
pub fn reach<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    directions: &[&Direction<T>],
    level: f64,
) -> Result<Option<f64>, Stop> {
    let above = |r: f64| -> Result<bool, Stop> {
        let mut sum = 0.0;
        for direction in directions {
            let ends = values_along(oracle, x, [&direction.vector], &[[-r], [r]])?;
            sum += ends.iter().map(|v| if v.is_finite() { *v } else { f64::INFINITY }).sum::<f64>();
        }
        Ok(sum / (2 * directions.len()) as f64 >= level)
    };
    let first = above(1.0)?;
    let step = if first { -1 } else { 1 };
    let Some(crossed) = find(1..=DOUBLINGS, |k| Ok(above(2f64.powi(step * k))? != first))? else {
        return Ok(None);
    };
    let (mut low, mut high) = match first {
        true => (f64::from(-crossed), f64::from(1 - crossed)),
        false => (f64::from(crossed - 1), f64::from(crossed)),
    };
    for _ in 0..BISECTIONS {
        let middle = 0.5 * (low + high);
        if above(middle.exp2())? { high = middle } else { low = middle }
    }
    let found = format!("{:.1e}", high.exp2());
    Ok(Some(found.parse().expect("a number was just written")))
}

fn find(
    mut range: std::ops::RangeInclusive<i32>,
    mut holds: impl FnMut(i32) -> Result<bool, Stop>,
) -> Result<Option<i32>, Stop> {
    range.find_map(|k| holds(k).map(|holds| holds.then_some(k)).transpose()).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    /// f = ½ (a s² + b t²): the mean over the four ends is r² (a + b) / 4.
    #[test]
    fn the_mean_at_the_ends_is_the_level() {
        let f = samples::diagonal(&[1.0, 3.0]);
        let d = [[1.0, 0.0], [0.0, 1.0]].map(|d| Direction::<f64>::unit("d", &d).unwrap());
        let found = |level| reach(&Oracle::new(&f), &[0.0, 0.0], &[&d[0], &d[1]], level).unwrap();
        for (level, expected) in [(1.0, 1.0), (9.0, 3.0), (1e4, 100.0), (1e-4, 0.01), (6.2, 2.5)] {
            let r: f64 = found(level).unwrap();
            assert!((r / expected - 1.0).abs() < 0.03, "{level}: {r} {expected}");
            assert_eq!(r, format!("{r:.1e}").parse::<f64>().unwrap());
        }
        assert_eq!((found(-1.0), found(f64::INFINITY)), (None, None));
    }

    #[test]
    fn what_is_not_finite_is_above_every_level() {
        let f =
            samples::function(1, |x| if x[0].abs() < 20.0 { 0.0 } else { f64::NAN }, |_, _| (), |_, _| ());
        let d = Direction::<f64>::unit("d", &[1.0]).unwrap();
        assert_eq!(reach(&Oracle::new(&f), &[0.0], &[&d], 1.0), Ok(Some(20.0)));
    }
}
