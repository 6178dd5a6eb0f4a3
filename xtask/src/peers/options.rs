//! Options of `cargo xtask bench-peers`.

use std::path::PathBuf;

use super::PEERS;
use super::workload::{self, NETWORKS, QUANTITIES, Workload};

/// What `--help` prints.
pub const HELP: &str = "\
The same workloads in Thalweg and its peers, as ratios of one run.

Usage: cargo xtask bench-peers [OPTIONS]

Options:
  --python PATH       A Python that has the peers of bench/peers/requirements.txt, or some of them [default: python3]
  --peers LIST        Who takes part, of thalweg,torch,jax,curvlinops,pyhessian [default: all]
  --workload NAME     Only NETWORK/QUANTITY, or everything of a NETWORK, or a QUANTITY everywhere; may be repeated
  --threads LIST      Numbers of threads [default: 1,2]
  --rounds N          Rounds in which the peers take turns; the fastest counts [default: 3]
  --budget SECONDS    How long each way of doing a workload is measured [default: 1]
  --compile           Let PyTorch try torch.compile too, which may take minutes a workload
  --log FILE          Append every line to FILE; what it holds already is not measured again
  --markdown FILE     Write the table there too, with date, machine and versions
";

/// Options with their defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The Python of the peers.
    pub python: PathBuf,
    /// Numbers of threads, ascending.
    pub threads: Vec<usize>,
    /// Number of rounds, at least 1.
    pub rounds: usize,
    /// Seconds of measuring, for each variant.
    pub budget: f64,
    /// Whether torch.compile takes part.
    pub compile: bool,
    /// Where lines are kept.
    pub log: Option<PathBuf>,
    /// Where the table goes beside the terminal.
    pub markdown: Option<PathBuf>,
    peers: Vec<String>,
    workloads: Vec<String>,
}

impl Options {
    /// Reads the arguments; `None` when help is asked for.
    pub fn parse(arguments: &[String]) -> Result<Option<Self>, String> {
        let mut options = Self {
            python: "python3".into(),
            threads: vec![1, 2],
            rounds: 3,
            budget: 1.0,
            compile: false,
            log: None,
            markdown: None,
            peers: PEERS.map(String::from).to_vec(),
            workloads: Vec::new(),
        };
        let mut rest = arguments.iter().map(String::as_str);
        while let Some(name) = rest.next() {
            match name {
                "--help" | "-h" => return Ok(None),
                "--compile" => options.compile = true,
                _ if HELP.contains(&format!("  {name} ")) => {
                    options.set(name, rest.next().ok_or_else(|| format!("{name} lacks its value"))?)?;
                }
                _ => return Err(format!("unknown option {name:?}; `--help` lists them")),
            }
        }
        Ok(Some(options))
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let wrong = |expected: &str| format!("{name} is {expected}, found {value:?}");
        match name {
            "--python" => self.python = value.into(),
            "--log" => self.log = Some(value.into()),
            "--markdown" => self.markdown = Some(value.into()),
            "--peers" => {
                self.peers = value.split(',').map(String::from).collect();
                if !self.peers.iter().all(|peer| PEERS.contains(&peer.as_str())) {
                    return Err(wrong(&format!("a list of {}", PEERS.join(", "))));
                }
            }
            "--workload" => {
                if !workload::all().iter().any(|workload| is_meant(value, workload)) {
                    let quantities = QUANTITIES.map(|quantity| quantity.name).join(", ");
                    return Err(wrong(&format!(
                        "a network ({}), a quantity ({quantities}) or NETWORK/QUANTITY",
                        NETWORKS.join(", ")
                    )));
                }
                self.workloads.push(value.to_owned());
            }
            "--threads" => {
                let counts = value.split(',').map(|count| count.parse().ok().filter(|&count| count > 0));
                self.threads =
                    counts.collect::<Option<_>>().ok_or_else(|| wrong("a list of numbers from 1"))?;
                self.threads.sort_unstable();
                self.threads.dedup();
            }
            "--rounds" => {
                let rounds = value.parse().ok().filter(|&rounds| rounds > 0);
                self.rounds = rounds.ok_or_else(|| wrong("a number from 1"))?;
            }
            _ => {
                let budget = value.parse().ok().filter(|&s: &f64| s >= 0.0 && s.is_finite());
                self.budget = budget.ok_or_else(|| wrong("a number of seconds"))?;
            }
        }
        Ok(())
    }

    /// Whether this peer takes part.
    pub fn has_peer(&self, name: &str) -> bool {
        self.peers.iter().any(|peer| peer == name)
    }

    /// Whether this workload is measured.
    pub fn wants(&self, workload: &Workload) -> bool {
        self.workloads.is_empty() || self.workloads.iter().any(|name| is_meant(name, workload))
    }
}

fn is_meant(name: &str, workload: &Workload) -> bool {
    name == workload.network || name == workload.quantity.name || name == workload.name()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Options>, String> {
        Options::parse(&line.split_whitespace().map(String::from).collect::<Vec<_>>())
    }

    fn wanted(line: &str) -> Vec<String> {
        let options = parse(line).unwrap().unwrap();
        workload::all().iter().filter(|w| options.wants(w)).map(Workload::name).collect()
    }

    #[test]
    fn options_replace_defaults() {
        let line =
            "--python py --peers jax,thalweg --rounds 2 --threads 2,1,2 --budget 0.5 --compile --log l";
        let options = parse(line).unwrap().unwrap();
        assert_eq!((&options.python, options.rounds, options.budget), (&"py".into(), 2, 0.5));
        assert_eq!((&options.threads[..], options.compile), (&[1, 2][..], true));
        assert_eq!((options.log.as_deref(), &options.markdown), (Some("l".as_ref()), &None));
        assert!(options.has_peer("jax") && !options.has_peer("torch"));
        assert_eq!(parse("--rounds 2 --help"), Ok(None));
    }

    #[test]
    fn workloads_are_named_alone_or_together() {
        assert_eq!(wanted("").len(), workload::all().len());
        assert_eq!(wanted("--workload gpt/ggn --workload steps"), ["gpt/ggn", "digits/steps"]);
        assert_eq!(wanted("--workload mlp").len(), 7);
        assert_eq!(wanted("--workload plane").len(), NETWORKS.len());
    }

    #[test]
    fn mistakes_are_named() {
        for (line, named) in [
            ("--python", "lacks"),
            ("--speed 3", "--speed"),
            ("--rounds 0", "\"0\""),
            ("--threads 1,x", "\"1,x\""),
            ("--budget nan", "\"nan\""),
            ("--peers burn", "burn"),
            ("--workload gpt/steps", "digits, mlp"),
        ] {
            let message = parse(line).unwrap_err();
            assert!(message.contains(named), "{line}: {message}");
        }
    }
}
