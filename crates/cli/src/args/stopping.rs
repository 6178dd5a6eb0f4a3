//! Options that say when a descent ends.

use std::str::FromStr;

use thalweg_lab::Budget;
use thalweg_lab::optim::{Limits, Stall, Tests};

use super::parse::{Seconds, not_negative, positive};
use crate::config::Stopping;

/// When a descent ends.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "End of the descent")]
pub struct StoppingOptions {
    /// Iterations at most
    #[arg(long, value_name = "N", default_value_t = 10_000, requires = "minimize")]
    pub iterations: u64,
    /// Tests of convergence, one of which is enough: gradient=‖∇f‖, value=|Δf|, step=‖Δx‖, each also relative
    /// (relative-step=1e-8), and target=f [default: gradient=1e-8]
    #[arg(long, value_name = "TEST=T,…", requires = "minimize")]
    pub until: Option<Until>,
    /// End only where all tests of --until are passed together
    #[arg(long, requires = "until")]
    pub until_all: bool,
    /// End where no value in N iterations was lower than those before
    #[arg(long, value_name = "N", requires = "minimize", value_parser = clap::value_parser!(u64).range(1..))]
    pub stall: Option<u64>,
    /// Evaluations at most: values=N, gradients=N, products=N, or cost=G for all of them in gradients, of
    /// which a value is a third and a product two
    #[arg(long, value_name = "WHAT=N,…", requires = "minimize")]
    pub within: Option<Within>,
    /// End after this time: 90s, 10min, 2h. Where that is differs from run to run, unlike with --within
    #[arg(long, value_name = "TIME", requires = "minimize")]
    pub time_limit: Option<Seconds>,
}

impl StoppingOptions {
    /// What they say together.
    pub fn plan(&self) -> Stopping {
        let tests = self.until.as_ref().map_or_else(Limits::default, |until| until.0);
        Stopping {
            limits: Limits {
                iterations: self.iterations,
                tests: if self.until_all { Tests::All } else { Tests::Any },
                stall: self.stall.map(|iterations| Stall { iterations, decrease: 0.0 }),
                ..tests
            },
            budget: self.within.as_ref().map_or_else(Budget::default, |within| within.0),
            seconds: self.time_limit.map(|time| time.0),
        }
    }
}

/// Tests of convergence: `gradient=1e-8,relative-step=1e-10`.
#[derive(Clone, Debug, PartialEq)]
pub struct Until(pub Limits);

impl FromStr for Until {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut limits = Limits { gradient_absolute: 0.0, ..Limits::default() };
        for (name, number) in pairs(text)? {
            let said = |error| format!("{name}: {error}");
            match name {
                "gradient" => limits.gradient_absolute = positive(number).map_err(said)?,
                "relative-gradient" => limits.gradient_relative = positive(number).map_err(said)?,
                "value" => {
                    limits.value.get_or_insert_default().absolute = not_negative(number).map_err(said)?
                }
                "relative-value" => {
                    limits.value.get_or_insert_default().relative = not_negative(number).map_err(said)?
                }
                "step" => {
                    limits.step.get_or_insert_default().absolute = not_negative(number).map_err(said)?
                }
                "relative-step" => {
                    limits.step.get_or_insert_default().relative = not_negative(number).map_err(said)?
                }
                "target" => {
                    let target = number.parse().ok().filter(|v: &f64| v.is_finite());
                    limits.target = Some(target.ok_or("target: expected a finite number")?);
                }
                _ => {
                    return Err(format!(
                        "there is no test {name:?}; there are gradient, relative-gradient, value, \
                         relative-value, step, relative-step and target"
                    ));
                }
            }
        }
        Ok(Self(limits))
    }
}

/// Budgets: `gradients=1000,products=5000`.
#[derive(Clone, Debug, PartialEq)]
pub struct Within(pub Budget);

impl FromStr for Within {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut budget = Budget::default();
        for (name, number) in pairs(text)? {
            let count = || match number.parse() {
                Ok(count) if count > 0 => Ok(Some(count)),
                _ => Err(format!("{name}: expected a whole number from 1")),
            };
            match name {
                "values" => budget.values = count()?,
                "gradients" => budget.gradients = count()?,
                "products" => budget.products = count()?,
                "cost" => budget.cost = Some(positive(number).map_err(|error| format!("cost: {error}"))?),
                _ => {
                    return Err(format!(
                        "there is no budget of {name:?}; there are values, gradients, products and cost"
                    ));
                }
            }
        }
        Ok(Self(budget))
    }
}

/// Names with what stands behind their `=`.
fn pairs(text: &str) -> Result<Vec<(&str, &str)>, String> {
    let mut all: Vec<(&str, &str)> = Vec::new();
    for part in text.split(',') {
        let (name, number) =
            part.split_once('=').ok_or_else(|| format!("expected NAME=NUMBER, found {part:?}"))?;
        let (name, number) = (name.trim(), number.trim());
        if all.iter().any(|(other, _)| *other == name) {
            return Err(format!("{name} is given twice"));
        }
        all.push((name, number));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use thalweg_lab::optim::Tolerance;

    use super::*;

    #[test]
    fn tests_are_read_by_name() {
        let Until(limits) = "gradient=1e-6, step=0,relative-step=1e-9,target=-2".parse().unwrap();
        assert_eq!((limits.gradient_absolute, limits.target, limits.value), (1e-6, Some(-2.0), None));
        assert_eq!(limits.step, Some(Tolerance { absolute: 0.0, relative: 1e-9 }));
        // What is not named is not asked for.
        let Until(limits) = "relative-value=1e-12".parse().unwrap();
        assert_eq!((limits.gradient_absolute, limits.gradient_relative), (0.0, 0.0));
        for (text, says) in [
            ("", "found \"\""),
            ("gradient", "expected NAME=NUMBER"),
            ("gradient=0", "above 0"),
            ("step=-1", "from 0"),
            ("target=nan", "finite"),
            ("xtol=1e-8", "there are gradient, relative-gradient"),
            ("step=1,step=2", "twice"),
        ] {
            let error = text.parse::<Until>().unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn budgets_are_read_by_name() {
        let Within(budget) = "gradients=100,cost=2.5".parse().unwrap();
        assert_eq!(budget, Budget { gradients: Some(100), cost: Some(2.5), ..Budget::default() });
        for (text, says) in
            [("values=0", "from 1"), ("cost=-1", "above 0"), ("hours=2", "values, gradients, products")]
        {
            let error = text.parse::<Within>().unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
