//! How many threads the executor may use.

use std::sync::Arc;

/// A handle on a pool of worker threads; results never depend on their number.
#[derive(Clone, Default)]
pub struct Threads {
    pool: Option<Arc<rayon::ThreadPool>>,
}

impl Threads {
    /// A pool of `count` threads; 0 and 1 mean the caller's thread alone.
    pub fn new(count: usize) -> Self {
        if count <= 1 {
            return Self::default();
        }
        let pool =
            rayon::ThreadPoolBuilder::new().num_threads(count).thread_name(|i| format!("worker-{i}")).build();
        // Where no thread can be started (in a browser, say), the caller's does the work.
        Self { pool: pool.ok().map(Arc::new) }
    }

    /// Number of threads.
    pub fn count(&self) -> usize {
        self.pool.as_ref().map_or(1, |p| p.current_num_threads())
    }

    /// Runs `work` inside the pool, so that libraries that look for one find it.
    pub(crate) fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match &self.pool {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    /// Does both, the second on another thread if one is idle; inside [`install`](Self::install).
    pub(crate) fn join(&self, one: impl FnOnce() + Send, other: impl FnOnce() + Send) {
        match &self.pool {
            Some(_) => _ = rayon::join(one, other),
            None => {
                one();
                other();
            }
        }
    }

    /// Calls `work` for every item, in any order and on any thread.
    pub fn for_each<I: Send>(&self, items: Vec<I>, work: impl Fn(I) + Sync + Send) {
        use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
        match &self.pool {
            Some(pool) if items.len() > 1 => {
                pool.install(|| items.into_par_iter().with_max_len(1).for_each(work))
            }
            _ => items.into_iter().for_each(work),
        }
    }
}
