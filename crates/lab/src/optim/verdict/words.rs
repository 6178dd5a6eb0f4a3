//! A verdict in plain English.

use std::fmt::Write as _;

use super::evidence::{Bounded, Character, Doubt, Kind, Verdict};

impl Verdict {
    /// One or two sentences: what kind of point this is, and why.
    pub fn words(&self) -> String {
        let mut text = self.claim();
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            " The gradient norm {} is {} {}",
            number(self.gradient_norm),
            if self.gradient_norm <= self.gradient_threshold { "within" } else { "above" },
            number(self.gradient_threshold)
        );
        if let Some(c) = &self.curvature {
            let _ = write!(
                text,
                "; the Hessian's eigenvalues lie between {} and {}{}",
                bounded(c.smallest),
                bounded(c.largest),
                if c.exact {
                    ", all of them computed"
                } else if c.confirmed {
                    ", by Lanczos, and a second search found none beyond"
                } else {
                    ", by Lanczos, unconfirmed"
                }
            );
            if let (Some(null @ 1..), false) = (c.null, matches!(self.kind, Kind::Minimum | Kind::Maximum)) {
                let _ = write!(text, "; {null} of them {} null", if null == 1 { "is" } else { "are" });
            }
            if let Some(estimate) = c.negative_estimate {
                let _ = match estimate.is_resolved() {
                    true => write!(
                        text,
                        "; an estimated {:.1} ± {:.1} are negative",
                        estimate.mean, estimate.stderr
                    ),
                    false => write!(
                        text,
                        "; between {:.0} and {:.0} are negative, many being too close to 0 to tell",
                        estimate.lower, estimate.upper
                    ),
                };
            }
        }
        text.push('.');
        if let Some(escape) = &self.escape {
            let leading: Vec<_> =
                escape.leading.iter().take(3).map(|c| format!("{:+.3} along {}", c.value, c.name)).collect();
            let _ = write!(text, " A way down ({})", leading.join(", "));
            let _ = if escape.decrease > 0.0 {
                write!(
                    text,
                    " lowers the value by {} at distance {}.",
                    number(escape.decrease),
                    number(escape.distance)
                )
            } else {
                write!(text, " has curvature {}.", number(escape.curvature))
            };
        }
        text
    }

    fn claim(&self) -> String {
        let order = |order: Option<u32>| match order {
            Some(order) => format!("decided by derivatives of order {order}"),
            None => "with no derivative up to order 6 found along the null directions".to_owned(),
        };
        match &self.kind {
            Kind::Minimum => "A strict local minimum: all eigenvalues are positive.".to_owned(),
            Kind::Maximum => "A strict local maximum: all eigenvalues are negative.".to_owned(),
            Kind::Saddle { index, index_exact: true } => format!("A saddle of index {index}."),
            Kind::Saddle { index, index_exact: false } => format!("A saddle of index {index} or more."),
            Kind::Degenerate { order: found, character } => match character {
                Character::Saddle => format!("A degenerate saddle, {}.", order(*found)),
                Character::NoDescentFound => format!(
                    "A degenerate point, {}: no descent was found, so it may be a minimum, but that is not proved.",
                    order(*found)
                ),
                Character::NoAscentFound => format!(
                    "A degenerate point, {}: no ascent was found, so it may be a maximum, but that is not proved.",
                    order(*found)
                ),
            },
            Kind::Plateau => {
                "A plateau: the Hessian is null and no derivative up to order 6 was found along the directions tried."
                    .to_owned()
            }
            Kind::NotCritical => "Not a critical point.".to_owned(),
            Kind::Undecided { doubt } => format!(
                "Undecided: {}.",
                match doubt {
                    Doubt::Residual => "an eigenvalue near 0 has no clear sign within its error".to_owned(),
                    Doubt::Unconfirmed => {
                        "that no eigenvalue lies beyond the ones found was not confirmed; allow more products".to_owned()
                    }
                    Doubt::NoHessian => "this objective has no Hessian products".to_owned(),
                    Doubt::Empty => "there are no coordinates".to_owned(),
                    Doubt::Stopped(stop) => stop.to_string(),
                }
            ),
        }
    }
}

fn bounded(known: Bounded) -> String {
    format!("{} ± {:.0e}", number(known.value), known.residual)
}

/// Four significant digits without zeros at the end: `0.4402`, `-2`, `9.313e-9`.
fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let exponent = value.abs().log10().floor() as i32;
    if !(-3..5).contains(&exponent) {
        let text = format!("{value:.3e}");
        let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{power}", trimmed(mantissa));
    }
    trimmed(&format!("{value:.*}", (3 - exponent).max(0) as usize)).to_owned()
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (-2.0, "-2"),
            (0.440154, "0.4402"),
            (0.00123456, "0.001235"),
            (12345.6, "12346"),
            (123456.0, "1.235e5"),
            (1e-6, "1e-6"),
            (-9.5134e-4, "-9.513e-4"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
