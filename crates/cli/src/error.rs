//! What ends a command early, and the exit code that it has.

use std::path::PathBuf;
use std::process::ExitCode;

use miette::Diagnostic;
use thalweg_io::{DataError, LayoutMismatch, OnnxError};
use thalweg_lab::curvature::CurvatureError;
use thalweg_lab::landscape::{DirectionError, GridError, TrajectoryError};
use thalweg_lab::optim::TrainError;
use thalweg_lab::problem::analytic;
use thalweg_lab::problem::network::{DataMismatch, SpecError};
use thalweg_lab::{LayoutError, Stop, Unsupported};
use thalweg_report::{ReportError, RunError};

/// The exit code of an interrupted command: 128 + SIGINT, as shells have it.
pub const INTERRUPTED: u8 = 130;

/// Why a command did not come to its end.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum Error {
    /// Data or weights could not be read or written.
    #[error(transparent)]
    Data(#[from] DataError),
    /// No way to fit the memory.
    #[error(transparent)]
    #[diagnostic(help("give more with --memory; single precision (--dtype f32) takes half"))]
    Memory(#[from] thalweg_lab::memory::TooLittle),
    /// No way to fit the time.
    #[error("--budget {asked}: this study needs at least about {needed} here: {parts}")]
    #[diagnostic(help(
        "give more time, or fewer examples (--subset N); single precision (--dtype f32) is faster"
    ))]
    Budget {
        /// The stated time.
        asked: String,
        /// What the least depths take.
        needed: String,
        /// Which parts take it.
        parts: String,
    },
    /// Weights do not fit the model.
    #[error(transparent)]
    #[diagnostic(help(
        "`thalweg inspect FILE` lists the arrays of a file, `thalweg inspect --model SPEC` those of a model"
    ))]
    Weights(#[from] LayoutMismatch),
    /// Model, data and loss do not belong together.
    #[error(transparent)]
    Mismatch(#[from] DataMismatch),
    /// A model's file.
    #[error(transparent)]
    Onnx(#[from] OnnxError),
    /// A model that has no form in that format.
    #[error(transparent)]
    Export(#[from] thalweg_io::ExportError),
    /// A model that does not fit the data.
    #[error(transparent)]
    Model(#[from] SpecError),
    /// No function of that name.
    #[error(transparent)]
    Function(#[from] analytic::SpecError),
    /// No formula.
    #[error("the formula is not one, {0}")]
    Formula(#[from] thalweg_io::ExpressionError),
    /// A layer that does not exist.
    #[error(transparent)]
    Layer(#[from] LayoutError),
    /// The training cannot be done as asked.
    #[error(transparent)]
    Training(#[from] TrainError),
    /// No optimizer of that name, or not with these parameters.
    #[error(transparent)]
    Optimizer(#[from] thalweg_lab::optim::SpecError),
    /// A search space that is none.
    #[error(transparent)]
    Space(#[from] thalweg_lab::race::SpaceError),
    /// A run of a race that cannot begin.
    #[error(transparent)]
    Race(thalweg_lab::race::RaceError),
    /// A direction that cannot be used.
    #[error(transparent)]
    Direction(#[from] DirectionError),
    /// An axis that is none.
    #[error(transparent)]
    Grid(#[from] GridError),
    /// A trajectory without a plane.
    #[error(transparent)]
    Trajectory(#[from] TrajectoryError),
    /// A hyperplane that cannot be placed.
    #[error(transparent)]
    Foot(#[from] thalweg_lab::subspace::FootError),
    /// The objective lacks a curvature matrix.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// The run directory.
    #[error(transparent)]
    Run(RunError),
    /// A run that is there already.
    #[error(transparent)]
    #[diagnostic(help(
        "`--resume` goes on with an interrupted run, `--replace` puts a new one in its place"
    ))]
    Occupied(RunError),
    /// Results that have no JSON form.
    #[error(transparent)]
    Json(#[from] thalweg_report::json::JsonError),
    /// A saved stage that does not read back.
    #[error("{path}: the saved stage {stage} cannot be read back: {reason}", path = path.display())]
    #[diagnostic(help("start the run anew with `--replace`"))]
    Stage {
        /// The run directory.
        path: PathBuf,
        /// The stage.
        stage: String,
        /// Why.
        reason: String,
    },
    /// Options that do not belong together.
    #[error("{0}")]
    Usage(String),
    /// A computation stopped where no result can be given.
    #[error("{what}: {stop}")]
    Stopped {
        /// What was computed.
        what: String,
        /// Why it stopped.
        stop: Stop,
    },
    /// The user, or the system, asked for an end.
    #[error("interrupted{}", .0.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default())]
    Interrupted(Option<String>),
    /// Standard output is gone.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] std::io::Error),
}

impl Error {
    /// Prints the error to stderr and returns the exit code.
    pub fn report(self) -> ExitCode {
        match self {
            Error::Interrupted(_) => {
                eprintln!("{self}");
                ExitCode::from(INTERRUPTED)
            }
            // A reader that has had enough, such as `head`, is no failure of this program.
            Error::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            other => {
                let help = other.help().map(|help| help.to_string());
                eprintln!("{:?}", miette::Report::new(Shown { text: other.to_string(), help }));
                ExitCode::FAILURE
            }
        }
    }
}

/// An error as it is shown: its text holds its causes already.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Shown {
    text: String,
    help: Option<String>,
}

impl Diagnostic for Shown {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
    }
}

impl From<Stop> for Error {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Cancelled => Error::Interrupted(None),
            stop => Error::Stopped { what: "stopped".into(), stop },
        }
    }
}

impl From<CurvatureError> for Error {
    fn from(error: CurvatureError) -> Self {
        match error {
            CurvatureError::Unsupported(error) => Error::Unsupported(error),
            CurvatureError::Stopped(stop) => stop.into(),
        }
    }
}

impl From<RunError> for Error {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Finished(_) | RunError::Interrupted(_) | RunError::OtherConfiguration { .. } => {
                Error::Occupied(error)
            }
            error => Error::Run(error),
        }
    }
}

impl From<ReportError> for Error {
    fn from(error: ReportError) -> Self {
        Error::Run(error.into())
    }
}
