//! A run in progress: its directory, its stages, what it counted and how long it took.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use thalweg_io::{NamedArrays, Scratch, WeightFormat};
use thalweg_lab::krylov::{BasisKind, Keep};
use thalweg_lab::memory::Plan as MemoryPlan;
use thalweg_lab::{Counts, Objective, Oracle, Scalar};
use thalweg_report::run::{Existing, Input, OracleCounts, Record, Stage};
use thalweg_report::{Manifest, Report, RunDir, RunError, json};

use crate::args::{Dtype, RunOptions};
use crate::chapter::Chapter;
use crate::error::Error;
use crate::interrupt;
use crate::progress::Progress;
use crate::rates::Cost;
use crate::study::budget;

/// A run that is being made.
pub struct Session {
    run: RunDir,
    memory: MemoryPlan,
    /// Where bases go that are kept on disk.
    scratch: Scratch,
    pub progress: Progress,
    counts: Counts,
    stages: Vec<Stage>,
    began: Instant,
    /// Seconds that earlier processes spent on this run.
    earlier: f64,
}

/// What a manifest says first of a run.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Identity {
    pub version: &'static str,
    pub seed: u64,
    pub dtype: Dtype,
}

/// A stage as it is saved, without its arrays.
#[derive(Serialize, Deserialize)]
struct Saved {
    counts: Counts,
    seconds: f64,
    chapter: Chapter,
}

/// What the work of a stage is given.
pub struct Desk<'d, 'o, T: Scalar> {
    /// The objective, counted, and stopped by Ctrl-C.
    pub oracle: &'d Oracle<'o, T>,
    /// Processes of a density that run side by side.
    pub together: usize,
    /// Worker threads.
    pub threads: usize,
    run: &'d RunDir,
    progress: &'d Progress,
    name: &'d str,
    /// The counts that the work itself answers for.
    account: Cell<Option<Counts>>,
    /// Seconds that earlier processes spent on this stage.
    earlier: Cell<f64>,
    began: Instant,
}

impl Session {
    /// Opens the run directory.
    pub fn open<C: Serialize>(
        options: &RunOptions,
        path: &Path,
        config: &C,
        memory: MemoryPlan,
    ) -> Result<Self, Error> {
        let existing = match (options.resume, options.replace) {
            (true, _) => Existing::Resume,
            (_, true) => Existing::Replace,
            _ => Existing::Refuse,
        };
        Ok(Self {
            run: RunDir::create(path, config, existing)?,
            memory,
            scratch: Scratch::new(path),
            progress: Progress::hidden(),
            counts: Counts::default(),
            stages: Vec::new(),
            began: Instant::now(),
            earlier: 0.0,
        })
    }

    /// Whether this goes on with an interrupted run.
    pub fn is_resumed(&self) -> bool {
        self.run.is_resumed()
    }

    /// The run directory.
    pub fn path(&self) -> &Path {
        self.run.path()
    }

    /// The chapter as an earlier process saved it, or else as `work` makes it.
    pub fn chapter<T: Scalar>(
        &mut self,
        name: &str,
        words: &str,
        objective: &dyn Objective<T>,
        cost: &Cost,
        work: impl FnOnce(&Desk<'_, '_, T>) -> Result<Chapter, Error>,
    ) -> Result<Chapter, Error> {
        self.progress.begin(words, cost);
        let saved = match self.read(name)? {
            Some(saved) => {
                self.earlier += saved.seconds;
                saved
            }
            None => self.make(name, objective, work)?,
        };
        self.progress.end();
        add(&mut self.counts, saved.counts);
        self.stages.push(Stage { name: name.to_owned(), seconds: saved.seconds });
        if !saved.chapter.arrays.is_empty() {
            let bytes = saved.chapter.arrays.to_bytes(WeightFormat::Npz)?;
            self.run.write(&format!("{name}.npz"), &bytes)?;
        }
        Ok(saved.chapter)
    }

    fn make<T: Scalar>(
        &mut self,
        name: &str,
        objective: &dyn Objective<T>,
        work: impl FnOnce(&Desk<'_, '_, T>) -> Result<Chapter, Error>,
    ) -> Result<Saved, Error> {
        let watch = |counts| self.progress.moved(counts);
        let keep = match self.memory.basis {
            BasisKind::Memory => Keep::Memory,
            BasisKind::Bf16 => Keep::Half,
            BasisKind::Disk => Keep::Disk(&self.scratch),
            BasisKind::None => Keep::Nowhere,
        };
        let oracle = Oracle::new(objective).with_cancel(interrupt::flag()).with_watch(&watch).with_keep(keep);
        let desk = Desk {
            oracle: &oracle,
            run: &self.run,
            progress: &self.progress,
            name,
            together: self.memory.together,
            threads: self.memory.threads,
            account: Cell::default(),
            earlier: Cell::default(),
            began: Instant::now(),
        };
        let chapter = work(&desk).map_err(|error| match error {
            Error::Stopped { stop, .. } => Error::Stopped { what: name.to_owned(), stop },
            error => error,
        })?;
        let (counts, seconds) = desk.so_far();
        self.earlier += desk.earlier.get();
        let saved = Saved { counts, seconds, chapter };
        if !saved.chapter.arrays.is_empty() {
            let bytes = saved.chapter.arrays.to_bytes(WeightFormat::Npz)?;
            self.run.save_stage(&format!("{name}.arrays"), &bytes)?;
        }
        // Last, since it says that the stage is whole.
        self.run.save_stage(name, json::compact(&saved)?.as_bytes())?;
        Ok(saved)
    }

    fn read(&self, name: &str) -> Result<Option<Saved>, Error> {
        let Some(bytes) = self.run.stage(name)? else { return Ok(None) };
        let mut saved: Saved = serde_json::from_slice(&bytes).map_err(|error| Error::Stage {
            path: self.run.path().to_owned(),
            stage: name.to_owned(),
            reason: error.to_string(),
        })?;
        if let Some(bytes) = self.run.stage(&format!("{name}.arrays"))? {
            saved.chapter.arrays = NamedArrays::from_bytes(&bytes, name)?;
        }
        Ok(Some(saved))
    }

    /// Evaluations so far, in this process and those before it.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Writes a file of the run.
    pub fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        Ok(self.run.write(name, bytes)?)
    }

    /// After an error: a run without a finished stage leaves nothing behind.
    pub fn give_up(self, error: Error) -> Error {
        if self.stages.is_empty() {
            // The error that led here is the one to report.
            let _ = self.run.abandon();
            let _ = std::fs::remove_dir(FOLDER);
        }
        error
    }

    /// Ends the run: writes results, report and manifest.
    pub fn finish<C: Serialize>(
        mut self,
        results: &serde_json::Value,
        report: &Report,
        config: &C,
        identity: &Identity,
        inputs: Vec<Input>,
    ) -> Result<(), Error> {
        self.run.write_results(results)?;
        self.run.write_report(report)?;
        let Counts { values, gradients, products } = self.counts;
        let manifest = Manifest {
            command: std::env::args_os().map(|a| a.to_string_lossy().into_owned()).collect(),
            options: options(config)?,
            version: identity.version.to_owned(),
            seed: identity.seed,
            dtype: identity.dtype.name().to_owned(),
            inputs,
            oracle: OracleCounts { values, gradients, products },
            threads: self.memory.threads,
            memory: memory(&self.memory)?,
            wall_seconds: self.earlier + self.began.elapsed().as_secs_f64(),
            stages: self.stages,
            ..Manifest::default()
        };
        Ok(self.run.finish(manifest)?)
    }
}

impl<T: Scalar> Desk<'_, '_, T> {
    /// A part of the stage that an earlier process saved.
    pub fn part(&self, part: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.run.stage(&format!("{}.{part}", self.name))?)
    }

    /// Saves a part of the stage.
    pub fn save_part(&self, part: &str, bytes: &[u8]) -> Result<(), Error> {
        Ok(self.run.save_stage(&format!("{}.{part}", self.name), bytes)?)
    }

    /// Notes the seconds that earlier processes spent on this stage.
    pub fn resumed(&self, seconds: f64) {
        self.earlier.set(seconds);
    }

    /// Shows that so many evaluations of this stage are done, by whomever.
    pub fn moved(&self, counts: Counts) {
        self.progress.moved(counts);
    }

    /// Sets the evaluations of this stage, of all processes that worked on it.
    pub fn account(&self, counts: Counts) {
        self.account.set(Some(counts));
    }

    /// What the objective's values are called.
    pub fn what(&self) -> &'static str {
        if self.oracle.objective().finite_sum().is_some() { "loss" } else { "value" }
    }

    /// Evaluations and seconds of this stage so far.
    pub fn so_far(&self) -> (Counts, f64) {
        let counts = self.account.get().unwrap_or_else(|| self.oracle.counts());
        (counts, self.earlier.get() + self.began.elapsed().as_secs_f64())
    }

    /// The error for a saved part that does not read back.
    pub fn unreadable(&self, part: &str, reason: impl ToString) -> Error {
        Error::Stage {
            path: self.run.path().to_owned(),
            stage: format!("{}.{part}", self.name),
            reason: reason.to_string(),
        }
    }
}

/// The options as the manifest lists them.
pub fn options<C: Serialize>(config: &C) -> Result<BTreeMap<String, serde_json::Value>, Error> {
    match json::tree(config)? {
        serde_json::Value::Object(entries) => Ok(entries.into_iter().collect()),
        other => unreachable!("a configuration has keys, {other} has none"),
    }
}

/// The plan for the memory, and what was held in the end.
fn memory(plan: &MemoryPlan) -> Result<serde_json::Value, Error> {
    let mut tree = json::tree(plan)?;
    tree["held"] = serde_json::Value::from(budget::peak());
    Ok(tree)
}

fn add(sum: &mut Counts, counts: Counts) {
    sum.values += counts.values;
    sum.gradients += counts.gradients;
    sum.products += counts.products;
}

/// Where runs go that were not told where.
const FOLDER: &str = "thalweg-runs";

/// The folder of a run: the one that was named, or one of its own.
pub fn folder(options: &RunOptions, command: &str) -> PathBuf {
    options.out.clone().unwrap_or_else(|| default_folder(command, options.resume))
}

/// `thalweg-runs/survey`, or `survey-2`, `survey-3` … if that exists; to resume, the last that exists.
fn default_folder(command: &str, resume: bool) -> PathBuf {
    let numbered = |n: u32| match n {
        1 => Path::new(FOLDER).join(command),
        n => Path::new(FOLDER).join(format!("{command}-{n}")),
    };
    let free = (1..).find(|&n| !numbered(n).exists()).expect("some number is free");
    numbered(if resume && free > 1 { free - 1 } else { free })
}

/// Whether a run of this very configuration is finished in the folder, and its results.
pub fn finished<C: Serialize>(path: &Path, config: &C) -> Result<Option<serde_json::Value>, Error> {
    match Record::open(path) {
        Ok(record) if record.manifest.options == options(config)? => Ok(Some(record.results)),
        Ok(_) | Err(RunError::NotARun(_) | RunError::Interrupted(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
