//! The report as one page that opens offline.

use crate::json;
use crate::model::{Report, ReportError};

/// The page: one HTML file with its styles, its scripts and its data inside.
///
/// It loads nothing: a content security policy in the page forbids every
/// request, and the browser test watches that it holds. The data stand in a
/// `<script type="application/json" id="thalweg-report">`, in the format of
/// [`crate::model`].
///
/// # Errors
///
/// When the report does not pass [`Report::check`].
pub fn html(report: &Report) -> Result<String, ReportError> {
    report.check()?;
    // "<" occurs within strings only, so this keeps the JSON's meaning, and no
    // text of the report can end the element.
    let data = json::compact(report)?.replace('<', "\\u003c");
    let title = escape(&report.title);
    Ok(format!(
        "<!doctype html>\n\
         <html lang=\"en\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"Thalweg {version}\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <link rel=\"icon\" href=\"data:,\">\n\
         <title>{title}</title>\n\
         <style>{STYLE}</style>\n\
         </head>\n\
         <body>\n\
         <noscript><p>{title}: this page draws its figures with scripts, which are turned off here. \
         The numbers are in results.json beside it.</p></noscript>\n\
         <script type=\"application/json\" id=\"thalweg-report\">{data}</script>\n\
         <script>{SCRIPT}</script>\n\
         </body>\n\
         </html>\n",
        version = env!("CARGO_PKG_VERSION"),
    ))
}

const STYLE: &str = include_str!("../assets/report.css");
const SCRIPT: &str = include_str!("../assets/report.js");
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
