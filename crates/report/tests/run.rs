//! Run directories: whole files, resumption, and every refusal.

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use thalweg_report::model::Report;
use thalweg_report::run::*;

struct Scratch(tempfile::TempDir);

impl Scratch {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(path).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn config() -> Value {
    json!({ "model": "mlp:4-2", "train": { "rate": 0.1, "steps": 10 }, "seed": 1 })
}

fn create(path: &Path, existing: Existing) -> Result<RunDir, RunError> {
    RunDir::create(path, &config(), existing)
}

/// A run of two stages that may be killed in between.
fn work(path: &Path, existing: Existing, killed: bool) -> Result<usize, RunError> {
    let mut run = create(path, existing)?;
    let mut computed = 0;
    let mut stage = |run: &RunDir, name: &str, value: f64| -> Result<f64, RunError> {
        if let Some(bytes) = run.stage(name)? {
            return Ok(f64::from_le_bytes(bytes.try_into().unwrap()));
        }
        computed += 1;
        run.save_stage(name, &value.to_le_bytes())?;
        Ok(value)
    };
    let first = stage(&run, "train", 0.1)?;
    if killed {
        return Ok(computed);
    }
    let second = stage(&run, "spectrum", f64::NAN)?;
    run.write_results(&json!({ "loss": first, "second_is_finite": second.is_finite() }))?;
    run.write("first.bin", &first.to_le_bytes())?;
    run.write_report(&Report::new("Run"))?;
    let manifest = Manifest { seed: 1, threads: 2, wall_seconds: 0.25, ..Manifest::default() };
    run.finish(manifest)?;
    Ok(computed)
}

#[test]
fn a_killed_run_resumes_and_ends_with_the_same_bytes() {
    let scratch = Scratch::new();
    let (whole, cut) = (scratch.at("whole"), scratch.at("cut"));
    assert_eq!(work(&whole, Existing::Refuse, false).unwrap(), 2);
    assert_eq!(work(&cut, Existing::Refuse, true).unwrap(), 1);
    assert_eq!(names(&cut), [".thalweg"]);
    assert_eq!(work(&cut, Existing::Resume, false).unwrap(), 1, "the first stage is found again");
    for path in [&whole, &cut] {
        assert_eq!(names(path), ["first.bin", "manifest.json", "report.html", "results.json"]);
    }
    for name in names(&whole) {
        assert_eq!(fs::read(whole.join(&name)).unwrap(), fs::read(cut.join(&name)).unwrap(), "{name}");
    }
}

#[test]
fn a_finished_run_reads_back() {
    let scratch = Scratch::new();
    let path = scratch.at("deep/er/run");
    work(&path, Existing::Refuse, false).unwrap();
    let record = Record::open(&path).unwrap();
    assert_eq!(record.results, json!({ "loss": 0.1, "second_is_finite": false }));
    assert_eq!((record.manifest.seed, record.manifest.threads), (1, 2));
    for (name, entry) in &record.manifest.files {
        let bytes = fs::read(path.join(name)).unwrap();
        assert_eq!(*entry, FileEntry { bytes: bytes.len() as u64, sha256: sha256(&bytes) }, "{name}");
    }
    assert_eq!(record.manifest.files.len(), 3);
    let results = fs::read_to_string(path.join("results.json")).unwrap();
    assert_eq!(results, "{\n  \"loss\": 0.1,\n  \"second_is_finite\": false\n}\n");
}

#[test]
fn resuming_with_other_options_names_them() {
    let scratch = Scratch::new();
    let path = scratch.at("run");
    work(&path, Existing::Refuse, true).unwrap();
    let other = json!({ "model": "mlp:4-2", "train": { "rate": 0.2, "steps": 10 }, "dtype": "f32" });
    let error = RunDir::create(&path, &other, Existing::Resume).unwrap_err();
    let expected = "cannot resume with other options: dtype was none, now \"f32\"; seed was 1, now none; \
                    train.rate was 0.1, now 0.2";
    assert!(error.to_string().ends_with(expected), "{error}");
    assert_eq!(work(&path, Existing::Resume, false).unwrap(), 1, "the run itself is not harmed");
}

#[test]
fn resume_starts_anew_where_there_is_nothing() {
    let scratch = Scratch::new();
    let run = create(&scratch.at("run"), Existing::Resume).unwrap();
    assert!(!run.is_resumed());
    assert_eq!(run.stage("train").unwrap(), None);
    drop(run);
    assert!(create(&scratch.at("run"), Existing::Resume).unwrap().is_resumed());
}

#[test]
fn refuses_folders_that_are_in_use() {
    let scratch = Scratch::new();
    let message = |path: &Path, existing| create(path, existing).unwrap_err().to_string();

    let foreign = scratch.at("foreign");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("thesis.tex"), "years of work").unwrap();
    for existing in [Existing::Refuse, Existing::Resume, Existing::Replace] {
        assert!(message(&foreign, existing).contains("found \"thesis.tex\" and no run"));
    }
    assert_eq!(names(&foreign), ["thesis.tex"]);

    let file = scratch.at("file");
    fs::write(&file, "").unwrap();
    assert!(message(&file, Existing::Replace).ends_with("expected a folder for the run, found a file"));
    assert!(message(&file.join("run"), Existing::Refuse).contains("cannot create the folder"));

    let finished = scratch.at("finished");
    work(&finished, Existing::Refuse, false).unwrap();
    for existing in [Existing::Refuse, Existing::Resume] {
        assert!(message(&finished, existing).contains("holds a finished run"));
    }

    let interrupted = scratch.at("interrupted");
    work(&interrupted, Existing::Refuse, true).unwrap();
    assert!(message(&interrupted, Existing::Refuse).contains("holds an interrupted run"));
    assert!(Record::open(&interrupted).unwrap_err().to_string().contains("interrupted"));
    assert!(Record::open(scratch.at("nowhere")).unwrap_err().to_string().contains("found no manifest.json"));

    let busy = create(&scratch.at("busy"), Existing::Refuse).unwrap();
    assert!(message(&scratch.at("busy"), Existing::Resume).contains("another process"));
    drop(busy);
    create(&scratch.at("busy"), Existing::Resume).unwrap();
}

#[test]
fn replacing_removes_the_run_and_nothing_else() {
    let scratch = Scratch::new();
    for killed in [true, false] {
        let path = scratch.at(if killed { "killed" } else { "finished" });
        let mut run = create(&path, Existing::Refuse).unwrap();
        run.write("old.npz", b"old").unwrap();
        run.save_stage("train", b"old").unwrap();
        match killed {
            true => drop(run),
            false => run.finish(Manifest::default()).unwrap(),
        }
        fs::write(path.join("notes.txt"), "mine").unwrap();
        let run = create(&path, Existing::Replace).unwrap();
        assert!(!run.is_resumed());
        assert_eq!(run.stage("train").unwrap(), None);
        assert_eq!(names(&path), [".thalweg", "notes.txt"]);
        drop(run);
        assert!(create(&path, Existing::Resume).unwrap().is_resumed(), "still a run, though interrupted");
    }
}

#[test]
fn an_abandoned_run_leaves_nothing_and_strangers_stay() {
    let scratch = Scratch::new();
    let path = scratch.at("run");
    let mut run = create(&path, Existing::Refuse).unwrap();
    run.save_stage("training", b"half").unwrap();
    run.write("part.npz", b"half").unwrap();
    run.abandon().unwrap();
    assert!(!path.exists());
    let mut run = create(&path, Existing::Refuse).unwrap();
    run.write("part.npz", b"half").unwrap();
    fs::write(path.join("mine.txt"), "mine").unwrap();
    run.abandon().unwrap();
    assert_eq!(names(&path), ["mine.txt"]);
}

#[test]
fn what_a_killed_process_was_writing_is_swept_away() {
    let scratch = Scratch::new();
    let path = scratch.at("run");
    work(&path, Existing::Refuse, true).unwrap();
    fs::write(path.join(".results.json.4711-0.part"), "{").unwrap();
    fs::write(path.join(".thalweg/.spectrum.stage.4711-12.part"), "half").unwrap();
    fs::write(path.join(".bashrc.part"), "not ours").unwrap();
    work(&path, Existing::Resume, false).unwrap();
    assert_eq!(names(&path), [".bashrc.part", "first.bin", "manifest.json", "report.html", "results.json"]);
}

#[test]
fn damaged_stages_and_files_are_named() {
    let scratch = Scratch::new();
    let path = scratch.at("run");
    let run = create(&path, Existing::Refuse).unwrap();
    run.save_stage("train", b"weights").unwrap();
    let stage = path.join(".thalweg/train.stage");
    let mut bytes = fs::read(&stage).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&stage, &bytes).unwrap();
    let error = run.stage("train").unwrap_err().to_string();
    assert!(error.contains("train.stage: damaged: expected content with SHA-256"), "{error}");
    fs::write(&stage, b"short").unwrap();
    assert!(
        run.stage("train")
            .unwrap_err()
            .to_string()
            .contains("expected a checksum of 64 bytes, found 5 bytes")
    );
    run.finish(Manifest::default()).unwrap();
    fs::write(path.join("manifest.json"), "{").unwrap();
    assert!(Record::open(&path).unwrap_err().to_string().contains("manifest.json: damaged: expected JSON"));
}

#[test]
fn refuses_names_that_lead_elsewhere() {
    let scratch = Scratch::new();
    let mut run = create(&scratch.at("run"), Existing::Refuse).unwrap();
    for name in ["", "../up", "a/b", ".hidden", "sp ace", "ü"] {
        assert!(matches!(run.write(name, b""), Err(RunError::Name(_))), "{name:?}");
        assert!(matches!(run.save_stage(name, b""), Err(RunError::Name(_))), "{name:?}");
    }
    assert_eq!(names(scratch.0.path()), ["run"]);
}

#[test]
fn a_write_replaces_the_whole_file_or_nothing() {
    let scratch = Scratch::new();
    let path = scratch.at("results.json");
    write_atomically(&path, b"first").unwrap();
    // A reader that opened the old file keeps all of it.
    let mut old = fs::File::open(&path).unwrap();
    write_atomically(&path, b"second, longer").unwrap();
    let mut seen = String::new();
    std::io::Read::read_to_string(&mut old, &mut seen).unwrap();
    assert_eq!((seen.as_str(), fs::read(&path).unwrap()), ("first", b"second, longer".to_vec()));
    assert_eq!(names(scratch.0.path()), ["results.json"], "no part is left behind");
}

#[test]
fn a_failed_write_leaves_everything_as_it_was() {
    let scratch = Scratch::new();
    let target = scratch.at("results.json");
    // A folder of that name, so that the last step, the renaming, fails.
    fs::create_dir(&target).unwrap();
    fs::write(target.join("inside"), "kept").unwrap();
    let error = write_atomically(&target, b"new").unwrap_err().to_string();
    assert!(error.contains("results.json: cannot write"), "{error}");
    assert_eq!(names(scratch.0.path()), ["results.json"]);
    assert_eq!(fs::read(target.join("inside")).unwrap(), b"kept");
    let error = write_atomically(&scratch.at("nowhere/file"), b"new").unwrap_err().to_string();
    assert!(error.contains("nowhere/file: cannot write"), "{error}");
}

#[test]
fn readers_never_see_a_part() {
    let scratch = Scratch::new();
    let path = scratch.at("file");
    let whole = |fill: u8| vec![fill; 200_000];
    write_atomically(&path, &whole(0)).unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| (1..40).for_each(|i| write_atomically(&path, &whole(i)).unwrap()));
        while !writer.is_finished() {
            let seen = fs::read(&path).unwrap();
            assert_eq!(seen, whole(seen[0]));
        }
    });
}
