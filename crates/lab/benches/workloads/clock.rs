//! Time that a process uses.

use rustix::time::{ClockId, clock_gettime};

/// Processor time of all threads of this process since it began, in seconds.
pub fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
