//! The evidence report: one value made from sums, with a canonical JSON form and an HTML page. Pure: the same inputs
//! give the same bytes, so a report can be made again and compared.
//!
//! Wording: findings *indicate* that a control did not hold or *support* that it is working; a person decides.

mod chart;
mod html;
mod table;

use std::fmt::Write as _;

use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    coverage::Coverage,
    gap::{Gap, Thresholds},
    period::{Period, Width},
    posture::FrameworkPosture,
    risk::{Risk, Weights},
    rollup::Versions,
    summary::{Point, Summary},
};

pub use html::page;

/// Changes with every change of the JSON's shape.
const SCHEMA: &str = "llamamapper.evidence-report/1";

const WORDING: &str = "A finding indicates that a control did not hold, or supports that it is working. It is \
                       evidence, not a verdict: whether a control was met is for a person to decide.";

/// What a report says. Field order is the order of the JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub title: String,
    pub period: Period,
    /// What was received until then went in.
    #[serde(with = "time::serde::rfc3339")]
    pub as_of: OffsetDateTime,
    pub summary: Summary,
    pub series: Series,
    pub detections: Vec<DetectionCount>,
    pub coverage: Coverage,
    #[serde(serialize_with = "rounded")]
    pub risk: f64,
    pub risks: Vec<Risk>,
    pub gaps: Vec<Gap>,
    pub frameworks: Vec<FrameworkPosture>,
    /// Most events first.
    pub versions: Vec<VersionCount>,
    pub weights: Weights,
    pub thresholds: Thresholds,
}

/// The report as JSON: what it says, and how that is to be read.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    wording: &'static str,
    #[serde(flatten)]
    report: &'a Report,
}

/// Events over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    pub width: Width,
    pub points: Vec<Point>,
}

/// Detections that ended the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DetectionCount {
    pub policy: String,
    pub action: String,
    pub mapping_deferred: bool,
    /// A failure rule decided a part: every bypass is counted and visible.
    pub fallback_used: bool,
    pub partial: bool,
    pub detections: u64,
}

/// Events that were mapped with the same versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionCount {
    #[serde(flatten)]
    pub versions: Versions,
    pub events: u64,
}

/// A report with its bytes, as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    pub id: Uuid,
    pub title: String,
    pub period: Period,
    pub as_of: OffsetDateTime,
    pub json: String,
    pub html: String,
    pub json_sha256: String,
    /// Those that most events were mapped with.
    pub versions: Versions,
}

/// The report with both its documents, under `id`.
pub fn write(id: Uuid, report: Report) -> Stored {
    let json = json(&report);
    let json_sha256 = sha256(json.as_bytes());
    let html = page(&report, &json_sha256);
    let most_used = report.versions.into_iter().next().map(|it| it.versions);
    Stored {
        id,
        title: report.title,
        period: report.period,
        as_of: report.as_of,
        json,
        html,
        json_sha256,
        versions: Versions { policy: report.coverage.policy, ..most_used.unwrap_or_default() },
    }
}

/// What a report is called whose author gave it no title.
pub fn title(period: Period) -> String {
    format!("Evidence report {} to {}", period.from.date(), period.to.date())
}

/// Canonical: keys in the order of the structs, no white space, figures rounded.
fn json(report: &Report) -> String {
    let document = Document { schema: SCHEMA, wording: WORDING, report };
    serde_json::to_string(&document).expect("the keys are strings and the figures are finite")
}

/// Lower-case hex.
fn sha256(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        write!(hex, "{byte:02x}").expect("a String takes any text");
    }
    hex
}

/// Four digits after the point are enough for a share or a score, and hide the last bits of a float.
pub(crate) fn rounded<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((value * 1e4).round() / 1e4)
}

#[cfg(test)]
mod tests;
