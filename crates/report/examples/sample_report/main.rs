//! Writes a report with every kind of figure, on a problem small enough to know in closed form:
//!
//! ```text
//! cargo run -p thalweg-report --example sample_report -- sample.html
//! ```

mod sample;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "sample.html".to_owned());
    let page = thalweg_report::html(&sample::report())?;
    thalweg_report::run::write_atomically(path.as_ref(), page.as_bytes())?;
    println!("{path}: {} bytes", page.len());
    Ok(())
}
