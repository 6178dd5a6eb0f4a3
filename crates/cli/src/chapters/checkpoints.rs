//! A way that others went: the checkpoints of a folder.

use serde::Serialize;
use thalweg_lab::Scalar;
use thalweg_lab::problem::network::BatchNorm;

use super::way::Path;
use crate::chapter::Chapter;
use crate::config::PointConfig;
use crate::error::Error;
use crate::subject::{Problem, Subject};
use crate::words::counted;

/// What `results.json` says of each.
#[derive(Serialize)]
struct Entry<'r> {
    file: &'r str,
    step: u64,
}

/// File names that are listed in full at most.
const LISTED: usize = 12;

/// The points that were read, in their order.
pub fn chapter<T: Scalar>(subject: &Subject<T>, point: &PointConfig) -> Result<Chapter, Error> {
    let PointConfig::Checkpoints { files, .. } = point else { unreachable!("the way was read from files") };
    let steps = subject.way.iter().map(|(step, _)| *step);
    let entries: Vec<Entry<'_>> = files.iter().zip(steps).map(|(file, step)| Entry { file, step }).collect();
    let mut chapter = Chapter::new("checkpoints");
    chapter.result("checkpoints", &entries)?;
    let count = counted(files.len() as u64, "file");
    chapter.say("checkpoints", format!("{count} in this order: {}", listed(files)));
    chapter.notes.push(format!("The trajectory is made of {count} in this order: {}.", listed(files)));
    if let Problem::Network(network) = &subject.problem
        && network.settings().batch_norm == BatchNorm::Frozen
        && network.buffers().next().is_some()
    {
        let note = "Normalization has the statistics of the last checkpoint at every point of the way.";
        chapter.notes.push(note.into());
    }
    Path::read(subject).keep(&mut chapter)?;
    Ok(chapter)
}

fn listed(files: &[String]) -> String {
    match files {
        few if few.len() <= LISTED => few.join(", "),
        many => {
            let (first, last) = (&many[..LISTED - 2], &many[many.len() - 1]);
            format!("{}, … {last}", first.join(", "))
        }
    }
}
