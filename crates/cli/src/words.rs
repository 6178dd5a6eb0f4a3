//! Numbers for people.

use std::time::Duration;

use thalweg_lab::krylov::Count;

/// Four significant digits: `0.01234`, `123.4`, `1.234e-5`.
pub fn short(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e5).contains(&size) {
        let text = format!("{value:.3e}");
        let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{power}", trimmed(mantissa));
    }
    let decimals = 3 - size.max(1e-3).log10().floor() as i32;
    trimmed(&format!("{value:.*}", decimals.clamp(0, 6) as usize))
}

/// A mean with its standard error in two digits: `12.3 ± 0.42`.
pub fn with_error(mean: f64, stderr: f64) -> String {
    if stderr == 0.0 || !mean.is_finite() || !stderr.is_finite() {
        return short(mean);
    }
    let decimals = 1 - stderr.log10().floor() as i32;
    match (0..=6).contains(&decimals) && mean.abs() < 1e6 {
        true => format!("{mean:.0$} ± {stderr:.0$}", decimals as usize),
        false => format!("{} ± {}", short(mean), short(stderr)),
    }
}

/// How many of n eigenvalues are negative: `646 of 2,410`, `at least 44, about 1,200 ± 30 of 85,002`.
pub fn negative(count: u64, exact: bool, estimate: Option<&Count>, n: usize) -> String {
    let known = grouped(count);
    let of = grouped(n as u64);
    match (exact, estimate) {
        (true, _) => format!("{known} of {of}"),
        (false, Some(estimate)) => format!("at least {known}, {}, of {of}", estimated(estimate)),
        (false, None) => format!("at least {known} of {of}"),
    }
}

/// A number of eigenvalues from Lanczos quadrature: `about 12.3 ± 0.4`, or its bounds where it cannot say more.
pub fn estimated(count: &Count) -> String {
    match count.is_resolved() {
        true => format!("about {}", with_error(count.mean, count.stderr)),
        false => format!(
            "between {} and {} (many too close to 0 to tell)",
            grouped(count.lower.floor() as u64),
            grouped(count.upper.ceil() as u64)
        ),
    }
}

/// Digits in groups of three: `1,797`.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things: `1 gradient`, `2,410 gradients`.
pub fn counted(count: u64, thing: &str) -> String {
    format!("{} {thing}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// A number of things whose plural is no matter of an s: `no minimum`, `1 minimum`, `3 minima`.
pub fn many(count: usize, one: &str, more: &str) -> String {
    match count {
        0 => format!("no {one}"),
        1 => format!("1 {one}"),
        n => format!("{} {more}", grouped(n as u64)),
    }
}

/// A share as a percentage: `99.2 %`.
pub fn percent(share: f64) -> String {
    let text = format!("{:.2}", 100.0 * share);
    format!("{} %", trimmed(&text))
}

/// A time: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
pub fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        s if s < 9.95 => format!("{s:.1} s"),
        s if s < 99.5 => format!("{s:.0} s"),
        s if s < 5970.0 => format!("{} min {} s", s as u64 / 60, s as u64 % 60),
        s => format!("{} h {} min", s as u64 / 3600, s as u64 % 3600 / 60),
    }
}

fn trimmed(text: &str) -> String {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_readable() {
        for (value, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (-12.3456, "-12.35"),
            (0.0123456, "0.01235"),
            (1234.56, "1235"),
            (123456.0, "1.235e5"),
            (1.23456e-7, "1.235e-7"),
            (1e-8, "1e-8"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(short(value), text);
        }
        assert_eq!(with_error(2.57239, 0.02209), "2.572 ± 0.022");
        assert_eq!(with_error(661.49, 42.027), "661 ± 42");
        assert_eq!(with_error(1.5e9, 2e8), "1.5e9 ± 2e8");
        assert_eq!(with_error(8.0, 0.0), "8");
        assert_eq!(grouped(1), "1");
        assert_eq!(grouped(1797), "1,797");
        assert_eq!(grouped(1234567), "1,234,567");
        assert_eq!(counted(1, "product"), "1 product");
        assert_eq!(percent(0.99889), "99.89 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(time(Duration::from_millis(440)), "0.4 s");
        assert_eq!(time(Duration::from_secs(200)), "3 min 20 s");
    }
}
