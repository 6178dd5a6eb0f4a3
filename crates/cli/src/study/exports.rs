//! Files for other programs: what a plane or lines found, in the formats that were asked for.

use thalweg_io::NamedArrays;
use thalweg_report::export::{self, Field, Kind};
use thalweg_report::model::{Content, Surface};

use super::tasks::Task;
use crate::chapter::Chapter;
use crate::chapters::way::numbers;
use crate::config::{Export, PlanePlan, SlicesPlan};
use crate::error::Error;

/// The names and the contents of the files that a part of the plan exports.
pub fn files(
    task: &Task<'_>,
    chapter: &Chapter,
    arrays: &NamedArrays,
) -> Result<Vec<(String, Vec<u8>)>, Error> {
    match task {
        Task::Plane(plan) => plane(plan, &task.name(), chapter, arrays),
        Task::Slices(plan) => slices(plan, chapter, arrays),
        _ => Ok(Vec::new()),
    }
}

fn plane(
    plan: &PlanePlan,
    name: &str,
    chapter: &Chapter,
    arrays: &NamedArrays,
) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let figures = chapter.sections.iter().flat_map(|section| &section.figures);
    let drawn = figures.filter(|figure| figure.id == name).find_map(|figure| match &figure.content {
        Content::Surface(surface) => Some(surface),
        _ => None,
    });
    let Some(surface) = drawn else { return Ok(Vec::new()) };
    let fields: Vec<Field> = [
        ("errors_own", "standard error"),
        ("errors_paired", "standard error of the difference from the centre"),
        ("evaluated", "evaluated"),
    ]
    .into_iter()
    .filter(|(array, _)| arrays.get(array).is_some())
    .map(|(array, label)| Field::new(label, numbers(arrays, array)))
    .collect();
    let leaves: Option<Vec<[usize; 3]>> = arrays.get("leaves").map(|_| {
        let leaves: Vec<f64> = numbers(arrays, "leaves");
        leaves.as_chunks::<3>().0.iter().map(|leaf| leaf.map(|number| number as usize)).collect()
    });
    let mut files = Vec::new();
    for format in &plan.study.export {
        match format {
            Export::Vtp => {
                let sheet = export::surface(surface, &fields, leaves.as_deref(), Kind::Polygons);
                files.push((format!("{name}.vtp"), sheet));
                files.extend(export::paths(surface).map(|file| (format!("{name}-paths.vtp"), file)));
                files.extend(export::landmarks(surface).map(|file| (format!("{name}-points.vtp"), file)));
            }
            Export::Vtu => {
                let sheet = export::surface(surface, &fields, leaves.as_deref(), Kind::Cells);
                files.push((format!("{name}.vtu"), sheet));
            }
            Export::Csv => files.push((format!("{name}.csv"), export::surface_csv(surface, &fields))),
            Export::Hdf5 => files.push((format!("{name}.h5"), hdf5(surface)?)),
        }
    }
    Ok(files)
}

fn hdf5(surface: &Surface) -> Result<Vec<u8>, Error> {
    let loss: [(&str, &[f64]); 1] = [("train_loss", &surface.z)];
    export::loss_landscape(&surface.xs, Some(&surface.ys), &loss).map_err(refused)
}

fn refused(error: impl ToString) -> Error {
    Error::Usage(format!("the HDF5 file could not be made: {}", error.to_string()))
}

/// One table of all lines; an HDF5 file for each.
fn slices(
    plan: &SlicesPlan,
    chapter: &Chapter,
    arrays: &NamedArrays,
) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let count = chapter.results["slices"].as_array().map_or(0, Vec::len);
    let array = |name: &str, i: usize| -> Vec<f64> { numbers(arrays, &format!("{name}_{i}")) };
    let mut files = Vec::new();
    for format in &plan.export {
        match format {
            Export::Csv => {
                let all = |name: &str| -> Vec<f64> { (0..count).flat_map(|i| array(name, i)).collect() };
                let lines = (0..count).flat_map(|i| vec![i as f64; array("slice", i).len()]).collect();
                let mut fields = vec![
                    Field::new("line", lines),
                    Field::new("t", all("positions")),
                    Field::new("value", all("slice")),
                ];
                if arrays.get("errors_own_0").is_some() {
                    fields.push(Field::new("standard error", all("errors_own")));
                    let label = "standard error of the difference from the centre";
                    fields.push(Field::new(label, all("errors_paired")));
                }
                files.push(("slices.csv".to_owned(), export::columns(&fields)));
            }
            Export::Hdf5 => {
                for i in 0..count {
                    let (x, loss) = (array("positions", i), array("slice", i));
                    let file = export::loss_landscape(&x, None, &[("train_loss", &loss)]).map_err(refused)?;
                    files.push((format!("slice-{i}.h5"), file));
                }
            }
            Export::Vtp | Export::Vtu => {}
        }
    }
    Ok(files)
}
