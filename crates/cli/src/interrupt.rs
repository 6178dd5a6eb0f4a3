//! Ctrl-C: the first asks for a clean end, the second ends at once.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::INTERRUPTED;

static ASKED: AtomicBool = AtomicBool::new(false);

/// Listens for Ctrl-C, SIGTERM and SIGHUP from now on.
pub fn listen() {
    let heard = || {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(INTERRUPTED));
        }
    };
    // Where signals cannot be had, Ctrl-C ends the program as usual, and stages are saved all the same.
    let _ = ctrlc::set_handler(heard);
}

/// Set once an end was asked for.
pub fn flag() -> &'static AtomicBool {
    &ASKED
}
