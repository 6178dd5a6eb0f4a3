//! The choice of the next trial, and the interval of uncertainty.

use crate::optim::line::Trial;

/// An interval with the lowest trial so far at one end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bracket {
    /// The end with the lowest value.
    pub best: Trial,
    /// The other end.
    pub other: Trial,
    /// Whether the interval holds a minimizer; until then its ends are both behind the trial.
    pub closed: bool,
}

impl Bracket {
    /// Nothing tried yet.
    pub fn new(origin: Trial) -> Self {
        Self { best: origin, other: origin, closed: false }
    }

    /// Takes a trial in with φ(α) + tilt · α in the place of φ; the ends are trials of φ again afterwards.
    pub fn advance_tilted(&mut self, now: Trial, tilt: f64, bounds: [f64; 2]) -> f64 {
        self.tilt(tilt);
        let next = self.advance(tilted(now, tilt), bounds);
        self.tilt(-tilt);
        next
    }

    fn tilt(&mut self, tilt: f64) {
        self.best = tilted(self.best, tilt);
        self.other = tilted(self.other, tilt);
    }

    /// Takes a trial in and gives the length of the next one, within `bounds` while nothing
    /// is bracketed. The four cases of §4 of the paper, with the constants of `dcstep`.
    pub fn advance(&mut self, now: Trial, bounds: [f64; 2]) -> f64 {
        let (x, p) = (self.best, now);
        let turned = p.slope * x.slope.signum() < 0.0;
        let forward = p.length > x.length;
        let secant = || p.length + p.slope / (p.slope - x.slope) * (x.length - p.length);
        let farther = |a: f64, b: f64| if (a - p.length).abs() > (b - p.length).abs() { a } else { b };
        let nearer = |a: f64, b: f64| if (a - p.length).abs() < (b - p.length).abs() { a } else { b };
        let next = if p.value > x.value {
            // Higher: between the minimizers of the cubic and of the parabola.
            self.closed = true;
            let cubic = cubic(p, x, false).unwrap_or(p.length);
            let mean = (x.value - p.value) / (p.length - x.length);
            let parabola = x.length + x.slope / (mean + x.slope) / 2.0 * (p.length - x.length);
            if (cubic - x.length).abs() < (parabola - x.length).abs() {
                cubic
            } else {
                cubic + (parabola - cubic) / 2.0
            }
        } else if turned {
            // Lower, and beyond a minimizer: the farther of cubic and secant step.
            self.closed = true;
            farther(cubic(x, p, false).unwrap_or_else(secant), secant())
        } else if p.slope.abs() < x.slope.abs() {
            // Lower and flatter: the cubic counts only if it has a minimizer ahead.
            let ahead = cubic(x, p, true);
            let cubic = ahead.unwrap_or(if forward { bounds[1] } else { bounds[0] });
            if self.closed {
                let limit = p.length + 0.66 * (self.other.length - p.length);
                let step = nearer(cubic, secant());
                if forward { step.min(limit) } else { step.max(limit) }
            } else {
                farther(cubic, secant()).max(bounds[0]).min(bounds[1])
            }
        } else if self.closed {
            cubic(self.other, p, false).unwrap_or(self.other.length)
        } else if forward {
            bounds[1]
        } else {
            bounds[0]
        };
        if p.value > x.value {
            self.other = p;
        } else {
            if turned {
                self.other = x;
            }
            self.best = p;
        }
        next
    }
}

/// φ(α) + tilt · α in the place of φ.
fn tilted(trial: Trial, tilt: f64) -> Trial {
    Trial { value: trial.value + tilt * trial.length, slope: trial.slope + tilt, ..trial }
}

/// The minimizer of the cubic with the values and slopes of two trials, reckoned from `to`.
/// With `ahead`, only if the cubic falls from `to` away from `from`, to a minimizer there.
fn cubic(from: Trial, to: Trial, ahead: bool) -> Option<f64> {
    let theta = 3.0 * (from.value - to.value) / (to.length - from.length) + from.slope + to.slope;
    let scale = theta.abs().max(from.slope.abs()).max(to.slope.abs());
    let square = (theta / scale).powi(2) - (from.slope / scale) * (to.slope / scale);
    let root = scale * square.max(0.0).sqrt();
    let gamma = if to.length > from.length { -root } else { root };
    let p = (gamma - to.slope) + theta;
    let q = if ahead {
        (gamma + (from.slope - to.slope)) + gamma
    } else {
        ((gamma - to.slope) + gamma) + from.slope
    };
    let ratio = p / q;
    let usable = ratio.is_finite() && (!ahead || (ratio < 0.0 && gamma != 0.0));
    usable.then_some(to.length + ratio * (from.length - to.length))
}
