//! Runs that share the threads, each saved when it is done.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use thalweg_lab::Scalar;

use crate::error::Error;
use crate::session::Desk;

/// Makes one piece for each job, on so many threads, but for those that an earlier process has saved
/// under its name; in the order of the jobs. `note` is told of each, saved or made, as it comes.
pub fn make<T: Scalar, J: Sync, D: Serialize + DeserializeOwned + Send>(
    desk: &Desk<'_, '_, T>,
    jobs: &[J],
    threads: usize,
    name: &dyn Fn(usize, &J) -> String,
    work: &(dyn Fn(&J) -> Result<D, Error> + Sync),
    note: &mut dyn FnMut(&D),
) -> Result<Vec<D>, Error> {
    let mut done: Vec<Option<D>> = Vec::with_capacity(jobs.len());
    for (i, job) in jobs.iter().enumerate() {
        let part = name(i, job);
        let found: Option<D> = match desk.part(&part)? {
            Some(bytes) => {
                Some(serde_json::from_slice(&bytes).map_err(|error| desk.unreadable(&part, error))?)
            }
            None => None,
        };
        found.iter().for_each(&mut *note);
        done.push(found);
    }
    let waiting: Vec<usize> = (0..jobs.len()).filter(|&i| done[i].is_none()).collect();
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..threads.min(waiting.len()) {
            let (sender, next, waiting) = (sender.clone(), &next, &waiting);
            scope.spawn(move || {
                while let Some(&i) = waiting.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if sender.send((i, work(&jobs[i]))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut failure = None;
        for (i, made) in receiver {
            let part = name(i, &jobs[i]);
            let saved = made.and_then(|made| {
                let text = serde_json::to_vec(&made).map_err(|error| desk.unreadable(&part, error))?;
                desk.save_part(&part, &text)?;
                Ok(made)
            });
            match saved {
                Ok(made) => {
                    note(&made);
                    done[i] = Some(made);
                }
                Err(error) => {
                    // The others end their present run and take no new one.
                    next.store(usize::MAX / 2, Ordering::Relaxed);
                    failure.get_or_insert(error);
                }
            }
        }
        failure.map_or(Ok(()), Err)
    })?;
    Ok(done.into_iter().map(|done| done.expect("every job was done")).collect())
}
