//! Parameters of optimizers.

/// A parameter of an optimizer.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// What users type.
    pub name: &'static str,
    /// The value if nothing is said; of a choice, its place in `choices`.
    pub default: f64,
    /// What it is.
    pub meaning: &'static str,
    /// Which values it takes, in words; empty for a choice.
    pub expected: &'static str,
    /// Whether it takes this value.
    pub accepts: fn(f64) -> bool,
    /// The words to choose from; empty for a number.
    pub choices: &'static [&'static str],
}

impl Parameter {
    /// A parameter in [0, 1).
    pub const fn fraction(name: &'static str, default: f64, meaning: &'static str) -> Self {
        let accepts = |value| (0.0..1.0).contains(&value);
        Self::number(name, default, meaning, "a number in [0, 1)", accepts)
    }

    /// A finite parameter above 0.
    pub const fn positive(name: &'static str, default: f64, meaning: &'static str) -> Self {
        let accepts = |value: f64| value.is_finite() && value > 0.0;
        Self::number(name, default, meaning, "a number above 0", accepts)
    }

    /// A finite parameter from 0 on.
    pub const fn not_negative(name: &'static str, default: f64, meaning: &'static str) -> Self {
        let accepts = |value: f64| value.is_finite() && value >= 0.0;
        Self::number(name, default, meaning, "a number not below 0", accepts)
    }

    /// A whole number from 1 on.
    pub const fn count(name: &'static str, default: u32, meaning: &'static str) -> Self {
        let accepts = |value: f64| value.fract() == 0.0 && (1.0..=1e9).contains(&value);
        Self::number(name, default as f64, meaning, "a whole number from 1", accepts)
    }

    /// The seed of a method's own random numbers.
    pub const fn seed() -> Self {
        let accepts = |value: f64| value.fract() == 0.0 && (0.0..=MOST_EXACT).contains(&value);
        Self::number("seed", 0.0, "seed of the method's random numbers", "a whole number from 0", accepts)
    }

    /// One of a few words; the value is its place among them.
    pub const fn choice(name: &'static str, choices: &'static [&'static str], meaning: &'static str) -> Self {
        let accepts = |value: f64| value.fract() == 0.0 && value >= 0.0;
        Self { name, default: 0.0, meaning, expected: "", accepts, choices }
    }

    /// A number with a condition of its own.
    pub const fn number(
        name: &'static str,
        default: f64,
        meaning: &'static str,
        expected: &'static str,
        accepts: fn(f64) -> bool,
    ) -> Self {
        Self { name, default, meaning, expected, accepts, choices: &[] }
    }

    /// This parameter with another default.
    #[must_use]
    pub const fn with_default(mut self, default: f64) -> Self {
        self.default = default;
        self
    }

    /// The values that it takes, in words.
    pub fn takes(&self) -> String {
        if self.choices.is_empty() { self.expected.to_owned() } else { self.choices.join(", ") }
    }

    /// A value as users type it.
    pub fn show(&self, value: f64) -> String {
        match self.choices.get(value as usize) {
            Some(choice) => (*choice).to_owned(),
            None if value != 0.0 && !(1e-4..1e6).contains(&value.abs()) && value.is_finite() => {
                format!("{value:e}")
            }
            None => value.to_string(),
        }
    }

    /// The value that a user typed.
    pub(super) fn read(&self, text: &str) -> Option<f64> {
        if self.choices.is_empty() {
            text.parse().ok().filter(|&value| (self.accepts)(value))
        } else {
            self.choices.iter().position(|&choice| choice == text).map(|place| place as f64)
        }
    }
}

/// 2⁵³, up to which f64 holds every whole number.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;
