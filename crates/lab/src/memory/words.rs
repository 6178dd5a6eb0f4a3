//! A plan in words.

use std::fmt;

use super::{Choice, Item, Needs, WIDTH};
use crate::krylov::BasisKind;

/// No plan fits the budget.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub struct TooLittle {
    /// The budget, in bytes.
    pub budget: usize,
    /// What the most frugal choice holds at a time, in bytes.
    pub needed: usize,
    /// What of.
    pub items: Vec<Item>,
    /// The kind of basis that was asked for.
    pub asked: Option<BasisKind>,
}

impl fmt::Display for TooLittle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--memory {}", Size(self.budget))?;
        if let Some(kind) = self.asked {
            write!(f, " with --basis {}", kind.name())?;
        }
        write!(f, ": this study needs at least {}: ", Size(self.needed))?;
        for (i, item) in self.items.iter().filter(|item| item.bytes > 0).enumerate() {
            write!(f, "{}{} {}", if i == 0 { "" } else { ", " }, item.what, Size(item.bytes))?;
        }
        Ok(())
    }
}

/// Bytes as people read them: `1.2 GiB`; an upper bound stays one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub usize);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0 as f64;
        let (unit, name) = match self.0 {
            0..0x400 => return write!(f, "{} B", self.0),
            0x400..0x10_0000 => (1024.0, "KiB"),
            0x10_0000..0x4000_0000 => (1024.0 * 1024.0, "MiB"),
            _ => (1024.0 * 1024.0 * 1024.0, "GiB"),
        };
        let amount = bytes / unit;
        let tenths = (amount * 10.0).ceil();
        if tenths < 100.0 && tenths % 10.0 > 0.0 {
            write!(f, "{:.1} {name}", tenths / 10.0)
        } else {
            write!(f, "{:.0} {name}", amount.ceil())
        }
    }
}

/// The lines of a plan.
pub(super) fn items(needs: &Needs, choice: &Choice, kept: usize) -> Vec<Item> {
    let item = |what: &str, bytes: usize, cost: String| Item { what: what.into(), bytes, cost };
    let vector = needs.vector();
    let mut items = vec![
        item("data", needs.data, String::new()),
        item("parameters", needs.vectors * vector, vectors(needs.vectors)),
        item(
            "evaluations",
            needs.work.bytes(vector, choice.width, choice.threads),
            evaluations(needs, choice),
        ),
    ];
    let largest = needs.phases.iter().map(|p| (p.bytes(needs, choice.basis, choice.together), p));
    if let Some((bytes, phase)) = largest.max_by_key(|(bytes, _)| *bytes) {
        items.push(item(phase.name, bytes, basis(needs, choice)));
    }
    if needs.work.kept > 0 {
        items.push(item("kept values", kept, kept_values(needs, choice, kept)));
    }
    items
}

fn vectors(count: usize) -> String {
    format!("{count} vectors")
}

fn evaluations(needs: &Needs, choice: &Choice) -> String {
    let mut text = match choice.threads {
        1 => "1 thread".to_owned(),
        n => format!("{n} threads"),
    };
    if choice.threads < needs.threads {
        text.push_str(&format!(" of {}", needs.threads));
    }
    if choice.width < WIDTH {
        text.push_str(&format!(
            ", products of {} at a time instead of {WIDTH}",
            vectors_at_once(choice.width)
        ));
    }
    text
}

fn vectors_at_once(width: usize) -> String {
    if width == 1 { "1 vector".into() } else { format!("{width} vectors") }
}

fn basis(needs: &Needs, choice: &Choice) -> String {
    if !needs.has_basis() {
        return String::new();
    }
    let mut text = match choice.basis {
        BasisKind::Memory => "Krylov basis in memory".to_owned(),
        BasisKind::Bf16 => "Krylov basis in bf16: eigenvectors are polished, about 1.1 × the time".to_owned(),
        BasisKind::Disk => {
            let largest = needs.phases.iter().map(|p| p.basis * p.processes.clamp(1, choice.together)).max();
            let size = Size(largest.unwrap_or(0) * needs.vector());
            format!("Krylov basis on disk, {size} there: about 1.5 × the time on a fast one")
        }
        BasisKind::None => {
            "no Krylov basis: two passes without reorthogonalization, about 3 × the time".to_owned()
        }
    };
    if choice.together < needs.most_together() {
        text.push_str(&format!(
            "; {} of {} processes of the density at a time",
            choice.together,
            needs.most_together()
        ));
    }
    text
}

fn kept_values(needs: &Needs, choice: &Choice, kept: usize) -> String {
    let work = &needs.work;
    let shards = work.shards.max(1);
    let held = (work.share(kept) * shards as f64).round() as usize;
    if held == shards {
        return "all values that products need again are kept".into();
    }
    let slower = 1.0 + 0.75 * (1.0 - work.share(kept)) / choice.width as f64;
    let words = match held {
        0 => "the values that products need again are computed each time".to_owned(),
        _ => format!("values of {held} of {shards} shards are kept, the others computed again"),
    };
    format!("{words}: about {slower:.2} × the time a product")
}
