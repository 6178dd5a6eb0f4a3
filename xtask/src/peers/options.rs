//! Options of `cargo xtask bench-peers`.

use std::path::PathBuf;

use super::workload::WORKLOADS;

/// What `--help` prints.
pub const HELP: &str = "\
The same workloads in Thalweg, PyTorch and JAX, as ratios of one run.

Usage: cargo xtask bench-peers [OPTIONS]

Options:
  --python PATH       A Python that has torch, jax or both [default: python3]
  --peers LIST        Who takes part, of thalweg,torch,jax [default: all three]
  --workload NAME     Only this workload; may be repeated
  --rounds N          Rounds in which the peers take turns; the fastest counts [default: 3]
  --budget SECONDS    How long each way of doing a workload is measured [default: 1]
";

const PEERS: [&str; 3] = ["thalweg", "torch", "jax"];

/// Options with their defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The Python of the peers.
    pub python: PathBuf,
    /// Number of rounds, at least 1.
    pub rounds: usize,
    /// Seconds of measuring, for each variant.
    pub budget: f64,
    peers: Vec<String>,
    workloads: Vec<String>,
}

impl Options {
    /// Reads the arguments; `None` when help is asked for.
    pub fn parse(arguments: &[String]) -> Result<Option<Self>, String> {
        let mut options = Self {
            python: "python3".into(),
            rounds: 3,
            budget: 1.0,
            peers: PEERS.map(String::from).to_vec(),
            workloads: Vec::new(),
        };
        let mut rest = arguments.iter().map(String::as_str);
        while let Some(name) = rest.next() {
            if matches!(name, "--help" | "-h") {
                return Ok(None);
            }
            if !HELP.contains(&format!("  {name} ")) {
                return Err(format!("unknown option {name:?}; `--help` lists them"));
            }
            let value = rest.next().ok_or_else(|| format!("{name} lacks its value"))?;
            let wrong = |expected: &str| format!("{name} is {expected}, found {value:?}");
            match name {
                "--python" => options.python = value.into(),
                "--peers" => {
                    options.peers = value.split(',').map(String::from).collect();
                    if !options.peers.iter().all(|peer| PEERS.contains(&peer.as_str())) {
                        return Err(wrong("a list of thalweg, torch and jax"));
                    }
                }
                "--workload" if WORKLOADS.iter().any(|workload| workload.name == value) => {
                    options.workloads.push(value.to_owned());
                }
                "--workload" => return Err(wrong(&WORKLOADS.map(|workload| workload.name).join(" or "))),
                "--rounds" => {
                    let rounds = value.parse().ok().filter(|&rounds| rounds > 0);
                    options.rounds = rounds.ok_or_else(|| wrong("a number from 1"))?;
                }
                _ => {
                    let budget =
                        value.parse().ok().filter(|&seconds: &f64| seconds >= 0.0 && seconds.is_finite());
                    options.budget = budget.ok_or_else(|| wrong("a number of seconds"))?;
                }
            }
        }
        Ok(Some(options))
    }

    /// Whether this peer takes part.
    pub fn has_peer(&self, name: &str) -> bool {
        self.peers.iter().any(|peer| peer == name)
    }

    /// Whether this workload is measured.
    pub fn wants(&self, name: &str) -> bool {
        self.workloads.is_empty() || self.workloads.iter().any(|workload| workload == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Options>, String> {
        Options::parse(&line.split_whitespace().map(String::from).collect::<Vec<_>>())
    }

    #[test]
    fn options_replace_defaults() {
        let options = parse("--python py --peers jax,thalweg --rounds 2 --workload mlp-product --budget 0.5");
        let options = options.unwrap().unwrap();
        assert_eq!((options.python, options.rounds, options.budget), ("py".into(), 2, 0.5));
        let options = parse("--peers jax --workload mlp-product").unwrap().unwrap();
        assert!(options.has_peer("jax") && !options.has_peer("torch"));
        assert!(options.wants("mlp-product") && !options.wants("mlp-gradient"));
        assert!(parse("").unwrap().unwrap().wants("mlp-gradient"));
        assert_eq!(parse("--rounds 2 --help"), Ok(None));
    }

    #[test]
    fn mistakes_are_named() {
        for (line, named) in [
            ("--python", "lacks"),
            ("--speed 3", "--speed"),
            ("--rounds 0", "\"0\""),
            ("--budget nan", "\"nan\""),
            ("--peers burn", "burn"),
            ("--workload x", "digits-gradient or"),
        ] {
            let message = parse(line).unwrap_err();
            assert!(message.contains(named), "{line}: {message}");
        }
    }
}
