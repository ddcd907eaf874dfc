//! `doctor`: is everything there, and what to do where it is not.

use proto::{
    analysis::v1::GetProgressRequest, mapper::v1::GetTaxonomyRequest,
    orchestration::v1::ListDetectorsRequest,
};
use serde_json::json;

use crate::{
    Done,
    args::Globals,
    files,
    mesh::{AddressBook, Mesh},
    output::{Output, Shown},
};

/// One thing looked at.
struct Finding {
    what: &'static str,
    /// What was found, or what is wrong and what to do.
    outcome: Result<String, String>,
}

pub(crate) async fn doctor(globals: &Globals, output: Output) -> anyhow::Result<Done> {
    let mut findings = vec![
        Finding { what: "Postgres programs", outcome: postgres() },
        Finding { what: "data folder", outcome: folder(globals) },
        Finding { what: "address book", outcome: address_book(globals) },
    ];
    findings.extend(services(globals).await);

    let healthy = findings.iter().all(|it| it.outcome.is_ok());
    if output.json {
        let findings = findings.iter().map(|it| {
            let (Ok(text) | Err(text)) = &it.outcome;
            json!({ "what": it.what, "ok": it.outcome.is_ok(), "detail": text })
        });
        output.json(&json!({ "healthy": healthy, "checks": findings.collect::<Vec<_>>() }));
    }
    let rows = findings.into_iter().map(|it| {
        let good = it.outcome.is_ok();
        let (Ok(text) | Err(text)) = it.outcome;
        let mark = if good { "✓" } else { "✗" };
        vec![it.what.into(), Shown::Verdict { text: mark.to_owned(), good }, text.into()]
    });
    output.table(&["what", "", ""], rows.collect(), "Nothing was looked at.");
    Ok(if healthy { Done::Well } else { Done::WithRemarks })
}

fn postgres() -> Result<String, String> {
    match cluster::Programs::find() {
        Ok(_) => Ok("found; `up` starts a private server from them".to_owned()),
        Err(err) => Err(format!("{err}; `up` tries to install them, or give it --database-url")),
    }
}

fn folder(globals: &Globals) -> Result<String, String> {
    let folder = &globals.data_dir;
    let existed = folder.exists();
    files::create_dir(folder).map_err(|err| format!("{err:#}; choose another with --data-dir"))?;
    let probe = tempfile::tempfile_in(folder);
    if !existed {
        // Looking must leave nothing behind; a folder that is no longer empty is somebody's now.
        let _left = std::fs::remove_dir(folder);
    }
    probe.map_err(|err| format!("cannot write into {}: {err}", folder.display()))?;
    Ok(format!("{} is writable", folder.display()))
}

fn address_book(globals: &Globals) -> Result<String, String> {
    match AddressBook::read(&globals.data_dir) {
        Ok(Some(book)) => Ok(format!("orchestration is at {}", book.orchestration)),
        Ok(None) if globals.key.is_some() => Ok("not there; a key is given instead".to_owned()),
        Ok(None) => {
            Err("not there: run `llama-mapper up`, or give --key and the addresses".to_owned())
        }
        Err(err) => Err(format!("{err:#}; `llama-mapper up` writes it anew")),
    }
}

async fn services(globals: &Globals) -> Vec<Finding> {
    let mesh = match Mesh::of_tenant(globals) {
        Ok(mesh) => mesh,
        Err(err) => return vec![Finding { what: "services", outcome: Err(format!("{err:#}")) }],
    };
    let told = |status: tonic::Status| {
        if status.code() == tonic::Code::Unavailable {
            return "cannot be reached; is `llama-mapper up` running?".to_owned();
        }
        format!("{:?}: {}", status.code(), status.message())
    };
    let taxonomy = mesh.taxonomy().get_taxonomy(GetTaxonomyRequest {}).await;
    let detectors = mesh.detectors().list_detectors(ListDetectorsRequest::default()).await;
    let progress = mesh.insights().get_progress(GetProgressRequest {}).await;
    vec![
        Finding {
            what: "mapper",
            outcome: taxonomy.map_err(told).map(|it| {
                let it = it.into_inner();
                format!("answers: taxonomy {}, {} labels", it.version, it.labels.len())
            }),
        },
        Finding {
            what: "orchestration",
            outcome: detectors.map_err(told).map(|it| {
                format!("answers: {} detectors on its first page", it.into_inner().detectors.len())
            }),
        },
        Finding {
            what: "analysis",
            outcome: progress.map_err(told).map(|it| {
                let it = it.into_inner();
                format!("answers: {} events, {:.1} s behind", it.events, it.lag_s)
            }),
        },
    ]
}
