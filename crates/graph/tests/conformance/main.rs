//! One check for every primitive: value, derivatives, transpose, batching,
//! precision and non-finite inputs, walked over a table of cases.

mod array;
mod cases;
mod checks;
mod conventions;
mod edges;
mod programs;
mod reference;
mod refusals;
mod sample;
mod subject;

use std::collections::BTreeSet;

use checks::{batching, derivatives, values};
use sample::Random;
use subject::{Subject, View};
use thalweg_graph::DType;
use thalweg_graph::primitive::{Binary, Direction, Op, Reducer, Unary};

/// Calls `check` for every case and view, collects what fails, and says so.
fn walk(dtype: DType, check: impl Fn(&Subject, &mut Random) -> Result<(), String>) {
    let mut failures = Vec::new();
    let mut count = 0;
    for (i, case) in cases::all(dtype).iter().enumerate() {
        for subject in View::ALL.iter().filter_map(|&view| Subject::new(case, view)) {
            count += 1;
            if let Err(error) = check(&subject, &mut Random(i as u64)) {
                failures.push(format!("{}: {error}", subject.name));
            }
        }
    }
    assert!(count > 500, "only {count} subjects");
    assert!(failures.is_empty(), "{} of {count} fail:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn values_agree_with_the_reference() {
    walk(DType::F64, |subject, random| {
        values::value(subject, random)?;
        values::value(subject, random)
    });
}

/// Operations so large that threads share them, and beyond every block and tile.
#[test]
fn large_values_agree_with_the_reference() {
    for (i, case) in cases::large(DType::F64).iter().enumerate() {
        for subject in View::ALL.iter().filter_map(|&view| Subject::new(case, view)) {
            let result = values::on_threads(&subject, &mut Random(i as u64));
            assert!(result.is_ok(), "{}: {}", subject.name, result.unwrap_err());
        }
    }
}

#[test]
fn single_precision_agrees_with_double() {
    let mut failures = Vec::new();
    for (i, (single, double)) in cases::all(DType::F32).iter().zip(&cases::all(DType::F64)).enumerate() {
        for view in View::ALL {
            let Some(subject) = Subject::new(single, view) else { continue };
            let double = Subject::new(double, view).expect("the same view");
            let mut random = Random(i as u64);
            let result = values::value(&subject, &mut random)
                .and_then(|()| values::single(&subject, &double, &mut random));
            if let Err(error) = result {
                failures.push(format!("{}: {error}", subject.name));
            }
        }
    }
    assert!(failures.is_empty(), "{} fail:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn what_is_not_finite_stays_what_it_is() {
    for dtype in [DType::F64, DType::F32] {
        walk(dtype, |subject, random| {
            if subject.inputs.is_empty() {
                return Ok(());
            }
            values::special(subject, random)?;
            values::edges(subject)
        });
    }
}

#[test]
fn derivatives_agree_with_differences_and_with_each_other() {
    walk(DType::F64, derivatives::first);
}

#[test]
fn second_derivatives_agree_with_differences_and_with_each_other() {
    walk(DType::F64, |subject, random| match subject.case.small {
        true => derivatives::second(subject, random),
        false => Ok(()),
    });
}

#[test]
fn batches_agree_with_loops() {
    walk(DType::F64, |subject, random| match subject.case.small {
        true => batching::mapped(subject, random),
        false => Ok(()),
    });
}

#[test]
fn batching_rules_take_the_batch_at_any_axis() {
    walk(DType::F64, |subject, random| match subject.case.small && subject.name.ends_with("Plain") {
        true => batching::rule(subject, random),
        false => Ok(()),
    });
}

/// Lists the variants of [`Op`]; a new one does not compile until it is named here.
macro_rules! variants {
    ($($variant:ident),*) => {
        fn variants() -> BTreeSet<&'static str> {
            BTreeSet::from([$(stringify!($variant)),*])
        }
        fn variant(op: &Op) -> &'static str {
            match op {
                $(Op::$variant(_) => stringify!($variant),)*
            }
        }
    };
}
variants!(
    Input,
    Constant,
    Iota,
    Unary,
    Binary,
    Compare,
    Select,
    Convert,
    BroadcastInDim,
    Reshape,
    Transpose,
    Reverse,
    Slice,
    Pad,
    Concatenate,
    Reduce,
    ReduceWindow,
    ArgMax,
    WindowArg,
    CumSum,
    ArgSort,
    Uniform,
    Gather,
    ScatterAdd,
    DotGeneral,
    Convolution
);

#[test]
fn every_primitive_has_a_case() {
    for dtype in [DType::F32, DType::F64] {
        let ops: Vec<Op> = cases::all(dtype).into_iter().map(|c| c.op).collect();
        let mut found: BTreeSet<&str> = ops.iter().map(variant).collect();
        // Every subject has inputs of its own.
        found.insert("Input");
        assert_eq!(found, variants());
        let has = |wanted: &dyn Fn(&Op) -> bool| ops.iter().any(wanted);
        assert!(Unary::ALL.iter().all(|f| has(&|op| *op == Op::Unary(*f))));
        assert!(Binary::ALL.iter().all(|f| has(&|op| *op == Op::Binary(*f))));
        assert!(Direction::ALL.iter().all(|d| has(&|op| matches!(op, Op::Compare(c) if c.0 == *d))));
        for reducer in [Reducer::Sum, Reducer::Max, Reducer::Min] {
            assert!(has(&|op| matches!(op, Op::Reduce(r) if r.reducer == reducer)));
            assert!(has(&|op| matches!(op, Op::ReduceWindow(r) if r.reducer == reducer)));
        }
    }
}
