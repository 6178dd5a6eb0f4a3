//! Wrong input: a clear message, an exit code, nothing half done.

use std::fs;

use crate::run::{Bench, names};

/// Everything that clap can see ends with 2; everything else with 1.
#[test]
fn every_mistake_has_its_message() {
    let bench = Bench::new();
    bench.write("empty.csv", "");
    bench.write("nan.csv", "a,b,y\n1,2,0\nNaN,4,1\n");
    bench.write("ragged.csv", "1,2,0\n3,1\n");
    bench.write("text.csv", "a,b,y\n1,x,0\n");
    bench.write("good.csv", "1,2,0\n3,4,1\n5,6,0\n");
    bench.write("values.csv", "1,2,0.5\n3,4,1.5\n");
    bench.write("data.bin", [7u8; 100]);
    bench.write("fake-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 9, 0, 0, 0, 8, 0, 0, 0, 8, 1, 2, 3]);
    bench.write("fake-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 9, 0]);
    bench.write("magic-images-idx3-ubyte", [1, 2, 3, 4, 5, 6, 7, 8]);
    bench.write("magic-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 1, 0]);
    fs::create_dir(bench.path("folder")).unwrap();
    bench.write("folder/letter.txt", "mine");
    bench.write("file", "a file");
    let good = "--data good.csv --model mlp:2-2-2";
    for (code, line, parts) in [
        (1, "point --data missing.csv", &["missing.csv", "cannot read"][..]),
        (1, "point --data empty.csv", &["empty.csv is empty"]),
        (1, "point --data nan.csv", &["nan.csv", "line 3", "finite", "NaN"]),
        (1, "point --data ragged.csv", &["ragged.csv", "line 2"]),
        (1, "point --data text.csv", &["text.csv", "line 2", "\"x\""]),
        (1, "point --data data.bin", &["data.bin"]),
        (1, "point --data fake-images-idx3-ubyte", &["fake-images-idx3-ubyte", "expected", "cut short"]),
        (1, "point --data magic-images-idx3-ubyte", &["magic-images-idx3-ubyte"]),
        (1, "point --subset 5000", &["digits", "1 to 1797", "5000"]),
        (1, "point --model mlp:10-5-10", &["mlp:10-5-10", "inputs of 10", "64"]),
        (1, "point --model mlp:64-5-3", &["3 outputs", "3 outputs"]),
        (1, "point --data values.csv --loss cross-entropy", &["squared-error"]),
        (1, "point --loss squared-error --label-smoothing 0.1", &["label-smoothing", "squared-error"]),
        (1, "point --weights missing.npz", &["missing.npz"]),
        (1, "point --weights folder", &["folder", "manifest.json"]),
        (1, "spectrum --layer fc7", &["\"fc7\"", "fc0.weight"]),
        (1, "point --problem atlantis", &["no function is named \"atlantis\"", "rosenbrock"]),
        (1, "point --problem rosenbrock:1", &["rosenbrock:1"]),
        (1, "point --problem ackley:2,shift=x", &["seed of shift", "\"x\""]),
        (1, "point --function x^2+*y", &["column 5", "found '*'", "^"]),
        (1, "point --function x+foo", &["column 3", "\"foo\"", "sqrt"]),
        (1, "point --function x^2+y^2 --at 1", &["--at", "expected 2", "found 1"]),
        (2, "point --function x^2 --problem beale", &["--problem", "--function"]),
        (1, "point --problem walled-saddle --at 1,2,3", &["--at", "expected 2", "found 3"]),
        (1, "train --problem walled-saddle", &["walled-saddle", "--minimize"]),
        (1, "train --batch 5000 --steps 1", &["5000", "1797"]),
        (1, "spectrum --problem rosenbrock:3 --operator fisher", &["Fisher"]),
        (1, "plane --problem walled-saddle --directions axis:0,axis:7", &["axis:7", "0 to 1"]),
        (1, "plane --problem walled-saddle --directions axis:0,axis:0", &["parallel"]),
        (1, "slice --problem quadratic:1,2 --at 0,0 --direction gradient", &["gradient", "zero"]),
        (1, "point --out folder", &["folder", "letter.txt"]),
        (1, "point --out file", &["file", "expected a folder"]),
        (1, "apply --vector missing.npz --out hv.npz", &["missing.npz"]),
        (1, "apply --vector missing.npz --out hv.txt", &["hv.txt", ".safetensors or .npz"]),
        (1, "inspect missing", &["missing"]),
        (2, "", &["Usage"]),
        (2, "fly", &["fly"]),
        (2, "plane --grid 0", &["--grid", "2 to 10000"]),
        (2, "plane --grid 5x1", &["--grid"]),
        (2, "slice --points 1", &["--points"]),
        (1, "connect --solutions 1", &["two solutions or more, found 1"]),
        (1, "connect missing.npz other.npz", &["missing.npz"]),
        (1, "connect --problem rosenbrock:3 --at 1,1 --at 0,0,0", &["expected 3 coordinates, found 2"]),
        (1, "connect --problem rosenbrock:3", &["two solutions or more", "--at"]),
        (1, "connect --checkpoints . --solutions 2", &["--checkpoints", "not several solutions"]),
        (1, "connect --model resnet20 --batch-norm frozen --solutions 2", &["frozen", "reestimated"]),
        (1, "point --problem rosenbrock:2 --at 1,1 --at 0,0", &["expected one point, found 2"]),
        (2, "connect a.npz b.npz --solutions 2", &["cannot be used with"]),
        (2, "connect --paths rope", &["rope", "bezier"]),
        (2, "connect --points 2", &["--points", "3 to 10000"]),
        (2, "slice --direction sideways", &["sideways", "gradient"]),
        (2, "point --dtype f16", &["f16", "f32"]),
        (2, "point --model rnn:3", &["mlp:IN-HIDDEN"]),
        (2, "point --activation swish", &["swish", "softplus"]),
        (2, "point --loss hinge", &["hinge", "squared-error"]),
        (2, "point --init zeros", &["zeros", "he-normal"]),
        (2, "point --threads 0", &["--threads"]),
        (2, "point --memory plenty", &["--memory", "GiB"]),
        (2, "point --at 1,0", &["--problem"]),
        (2, "point --problem rosenbrock:3 --data digits", &["cannot be used with"]),
        (2, "point --problem rosenbrock:3 --at 1,x,2", &["finite numbers"]),
        (2, "point --problem rosenbrock:3 --at 1,1,1 --weights w.npz", &["cannot be used with"]),
        (1, "train --optimizer newton", &["newton", "exact gradients"]),
        (2, "train --optimizer swim", &["swim", "adamw"]),
        (2, "train --optimizer adam:beta9=1", &["beta9", "beta1"]),
        (2, "train --schedule zigzag", &["zigzag", "cosine"]),
        (2, "train --learning-rate 0", &["above 0"]),
        (2, "train --batch 0", &["--batch"]),
        (2, "train --epochs 1 --steps 1", &["cannot be used with"]),
        (2, "train --measure sometimes", &["sometimes", "every:k"]),
        (2, "survey --resume --replace --out run", &["cannot be used with"]),
        (2, "point --weight-decay -1", &["--weight-decay"]),
        (2, "apply", &["--vector", "--out"]),
        (2, "inspect", &["PATH"]),
    ] {
        let message = bench.fail(line, code);
        for part in parts {
            assert!(squeezed(&message).contains(&squeezed(part)), "thalweg {line}: no {part:?} in {message}");
        }
    }
    // Nothing was written by any of them, and one that is right goes through.
    assert!(!bench.path("thalweg-runs").exists());
    bench.succeed(&format!("point {good} --out folder/run"));
    assert_eq!(names(&bench.path("folder")), ["letter.txt", "run"]);
}

/// Messages are wrapped to the terminal's width and drawn with bars at the side.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !"│├╰─▶×".contains(*c)).collect()
}

#[test]
fn weights_that_do_not_fit_are_listed() {
    let bench = Bench::new();
    bench.succeed("train --model mlp:64-4-10 --subset 50 --steps 1 --out small --quiet");
    let message = bench.fail("point --weights small/weights.safetensors --model mlp:64-5-10", 1);
    for part in ["fc0.weight", "expected [5, 64], found [4, 64]", "fc1.weight"] {
        assert!(squeezed(&message).contains(&squeezed(part)), "{message}");
    }
    // A vector for apply is held to the same.
    let message = bench.fail("apply --vector small/weights.safetensors --out hv.npz", 1);
    assert!(squeezed(&message).contains(&squeezed("expected [32, 64], found [4, 64]")), "{message}");
    assert!(!bench.path("hv.npz").exists());
}

#[test]
fn finished_runs_are_not_touched_unless_asked() {
    let bench = Bench::new();
    let line = "point --problem walled-saddle --out run";
    bench.succeed(line);
    let before = bench.read("run/manifest.json");
    let message = bench.fail(line, 1);
    assert!(squeezed(&message).contains("finishedrun") && message.contains("--replace"), "{message}");
    assert_eq!(bench.read("run/manifest.json"), before);
    // To go on with a finished run is to be done; with other options it is a mistake.
    let again = bench.succeed(&format!("{line} --resume"));
    assert!(again.contains("finished already"), "{again}");
    assert_eq!(bench.read("run/manifest.json"), before);
    bench.fail("point --problem monkey-saddle --out run --resume", 1);
    bench.succeed("point --problem monkey-saddle --out run --replace");
    assert_eq!(bench.json("run/results.json")["subject"], "monkey-saddle");
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    fs::create_dir(bench.path("locked")).unwrap();
    fs::set_permissions(bench.path("locked"), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(bench.path("locked/probe"), "").is_ok() {
        // The superuser may write anywhere; a folder below a file cannot be made by anyone.
        bench.write("plain", "");
        let message = bench.fail("point --problem walled-saddle --out plain/run", 1);
        assert!(squeezed(&message).contains("plain/run"), "{message}");
        return;
    }
    let message = bench.fail("point --problem walled-saddle --out locked/run", 1);
    assert!(squeezed(&message).contains("locked/run"), "{message}");
}
