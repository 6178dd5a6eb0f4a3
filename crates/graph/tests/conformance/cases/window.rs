//! Sliding windows.

use thalweg_graph::primitive::{PoolWindow, ReduceWindow, Reducer, WindowArg};

use super::{Case, Maker};

const REDUCERS: [Reducer; 3] = [Reducer::Sum, Reducer::Max, Reducer::Min];
const SINGLE: PoolWindow = PoolWindow::SINGLE;

/// Size, stride, low, high, base dilation, window dilation.
const fn window([size, stride, low, high, base, dilation]: [isize; 6]) -> PoolWindow {
    PoolWindow {
        size: size as usize,
        stride: stride as usize,
        low,
        high,
        base_dilation: base as usize,
        window_dilation: dilation as usize,
    }
}

pub fn cases(of: &Maker) -> Vec<Case> {
    let mut cases = Vec::new();
    for (shape, windows) in rows() {
        let leading = windows.iter().take_while(|w| **w == SINGLE).count();
        for reducer in REDUCERS {
            cases.push(Case::new(ReduceWindow { reducer, window: windows.clone().into() }, [of.real(shape)]));
        }
        for reducer in [Reducer::Max, Reducer::Min] {
            for leading in 0..=leading {
                let op = WindowArg { reducer, window: windows.clone().into(), leading };
                cases.push(Case::new(op.clone(), [of.real(shape)]));
                cases.push(Case::new(op, [of.tied(shape)]));
            }
        }
    }
    cases
}

fn rows() -> Vec<(&'static [usize], Vec<PoolWindow>)> {
    let pair = PoolWindow::new(2, 2);
    let mut rows: Vec<(&[usize], Vec<PoolWindow>)> = vec![
        (&[], vec![]),
        (&[3], vec![SINGLE]),
        (&[0], vec![PoolWindow::new(1, 1).padded(1, 1)]),
        (&[0], vec![PoolWindow::new(2, 1)]),
        (&[2, 3], vec![SINGLE, PoolWindow::new(3, 1)]),
        (&[2, 3], vec![PoolWindow::new(2, 1), SINGLE]),
        (&[4, 4], vec![pair, pair]),
        (&[1, 2, 4, 4], vec![SINGLE, SINGLE, pair, pair]),
        (
            &[2, 1, 5, 3],
            vec![SINGLE, SINGLE, PoolWindow::new(3, 2).padded(1, 1), PoolWindow::new(3, 2).padded(1, 1)],
        ),
        // Channels last.
        (&[1, 4, 2, 3], vec![SINGLE, pair, pair, SINGLE]),
        (
            &[2, 3, 1, 2, 2],
            vec![SINGLE, PoolWindow::new(2, 1), SINGLE, PoolWindow::new(1, 2), PoolWindow::new(2, 1)],
        ),
        // Single windows between others are joined, but not across the first axis that is counted.
        (&[2, 2, 3, 2], vec![SINGLE, SINGLE, SINGLE, PoolWindow::new(2, 1)]),
        (&[3, 2, 2], vec![PoolWindow::new(2, 1), SINGLE, SINGLE]),
        (&[3, 0, 2], vec![SINGLE, pair, SINGLE]),
        (&[0, 4], vec![SINGLE, pair]),
    ];
    let lines = [
        [2, 1, 0, 0, 1, 1],
        [3, 2, 0, 0, 1, 1],
        [3, 1, 1, 1, 1, 1],
        [2, 3, 0, 1, 1, 1],
        [7, 1, 3, 3, 1, 1],
        [2, 1, 0, 0, 1, 3],
        [3, 2, 2, 1, 1, 2],
        [1, 3, 0, 0, 1, 1],
        // Windows without an element: in the padding, and in the gaps.
        [2, 2, 4, 3, 1, 1],
        [1, 1, 0, 0, 3, 1],
        [2, 3, 1, 2, 2, 1],
        [2, 1, 1, 0, 2, 3],
        [3, 2, 0, 1, 4, 6],
        // Cropped.
        [2, 1, -1, 0, 1, 1],
        [2, 1, -1, -2, 1, 1],
        [2, 2, 2, -1, 1, 1],
        [2, 1, -3, -1, 3, 2],
        [1, 1, 5, -7, 1, 1],
        [2, 1, -9, 4, 1, 1],
        // No window fits.
        [9, 1, 1, 1, 1, 1],
    ];
    rows.extend(lines.map(|line| (&[5][..], vec![window(line)])));
    rows.extend(
        lines[..12].iter().map(|&line| (&[2, 5, 3][..], vec![SINGLE, window(line), PoolWindow::new(2, 1)])),
    );
    rows.extend(lines[8..16].iter().map(|&line| (&[3, 5][..], vec![window(line), window(line)])));
    rows
}

/// Wider than every vector, and shared by threads.
pub fn large(of: &Maker) -> Vec<Case> {
    let windows =
        [PoolWindow::new(2, 2), PoolWindow::new(3, 2).padded(1, 1), PoolWindow::new(3, 1).padded(1, 1)];
    let mut cases = Vec::new();
    for w in windows {
        for reducer in REDUCERS {
            let window = [SINGLE, SINGLE, w, w];
            cases.push(Case::new(
                ReduceWindow { reducer, window: window.as_slice().into() },
                [of.real(&[2, 3, 70, 131])],
            ));
            let window = [SINGLE, w, w, SINGLE];
            cases.push(Case::new(
                ReduceWindow { reducer, window: window.as_slice().into() },
                [of.real(&[3, 33, 32, 40])],
            ));
        }
        let op =
            WindowArg { reducer: Reducer::Max, window: [SINGLE, SINGLE, w, w].as_slice().into(), leading: 2 };
        cases.push(Case::new(op, [of.tied(&[2, 3, 131, 70])]));
    }
    cases
}
