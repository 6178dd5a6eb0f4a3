//! How far a picture reaches, where that is a rule.

use thalweg_lab::Scalar;
use thalweg_lab::landscape::{Direction, reach};

use crate::config::Reach;
use crate::error::Error;
use crate::session::Desk;
use crate::words::short;

/// The reach in units of the directions.
pub fn resolve<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    asked: Reach,
    x: &[T],
    directions: &[&Direction<T>],
) -> Result<f64, Error> {
    let rise = match asked {
        Reach::Fixed(reach) => return Ok(reach),
        Reach::Times(times) => {
            let value = desk.oracle.value(x)?;
            if value <= 0.0 {
                let what = desk.what();
                return Err(Error::Usage(format!(
                    "--range {asked}: the {what} at the point is {}, of which there is no multiple above it; say how \
                     much it shall rise (auto:+0.5), or how far to go (0.5)",
                    short(value)
                )));
            }
            times * value
        }
        Reach::Above(rise) => desk.oracle.value(x)? + rise,
    };
    reach(desk.oracle, x, directions, rise)?.ok_or_else(|| {
        let what = desk.what();
        Error::Usage(format!(
            "--range {asked}: the mean {what} at the ends of the directions never comes to {}; say how far to go",
            short(rise)
        ))
    })
}
