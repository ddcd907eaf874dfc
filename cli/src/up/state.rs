//! What is kept in the data folder between two runs of `up`.

use std::path::Path;

use ::time::OffsetDateTime;
use anyhow::Context as _;
use runtime::identity::ApiKey;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    args::UpArgs,
    files,
    output::{Output, Shown},
};

/// Secrets of this mesh and what its demo has done. The file is readable by its owner only.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    /// Services sign their calls to each other with it.
    pub mesh_key: String,
    pub operator_key: String,
    /// Id and key of the demo tenant, once it is there.
    pub tenant: Option<Tenant>,
    demo: Option<Demo>,
    /// Findings and prompts were sent to the end.
    pub findings_sent: bool,
    pub prompts: Option<Prompts>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tenant {
    pub tenant_id: String,
    pub key: String,
}

/// What the demo streams; fixed by the first run, so that a second one can finish or check it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Demo {
    pub seed: u64,
    pub findings: u32,
    end: i64,
}

/// What came of the example prompts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prompts {
    pub sent: u64,
    /// Raw findings in the answers, each of which must become an event.
    pub findings: u64,
    pub attacks: u64,
    pub attacks_acted_on: u64,
    pub benign: u64,
    pub benign_acted_on: u64,
    pub deferred: u64,
}

impl Prompts {
    pub(crate) fn show(&self, output: Output) {
        output.heading("Example prompts, by what the built-in injection detector made of them");
        let row = |what: &str, seen: u64, acted_on: u64| {
            vec![Shown::from(what), seen.into(), acted_on.into()]
        };
        let rows = vec![
            row("attacks", self.attacks, self.attacks_acted_on),
            row("benign", self.benign, self.benign_acted_on),
        ];
        output.table(&["prompts", "sent", "taken for attacks"], rows, "None were sent.");
        if 0 < self.deferred {
            output.text(&format!("{} were answered before their words were mapped", self.deferred));
        }
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("demo", &self.demo).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Tenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tenant").field("tenant_id", &self.tenant_id).finish_non_exhaustive()
    }
}

impl Demo {
    pub(crate) fn end(&self) -> OffsetDateTime {
        // Written by `State::demo` from a real moment; a folder edited by hand gets the epoch.
        OffsetDateTime::from_unix_timestamp(self.end).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

const FILE: &str = "state.json";

impl State {
    pub(crate) fn is_in(folder: &Path) -> bool {
        folder.join(FILE).exists()
    }

    pub(crate) fn load_or_create(folder: &Path) -> anyhow::Result<State> {
        let path = folder.join(FILE);
        if path.exists() {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            return serde_json::from_str(&text).with_context(|| {
                format!("{} is damaged; `up --fresh` starts over", path.display())
            });
        }
        let random = |what| -> anyhow::Result<ApiKey> {
            ApiKey::generate(Uuid::now_v7()).with_context(|| format!("no randomness for {what}"))
        };
        let state = State {
            mesh_key: random("the mesh key")?.expose().expose_secret().to_owned(),
            operator_key: random("the operator's key")?.expose().expose_secret().to_owned(),
            tenant: None,
            demo: None,
            findings_sent: false,
            prompts: None,
        };
        state.save(folder)?;
        Ok(state)
    }

    pub(crate) fn save(&self, folder: &Path) -> anyhow::Result<()> {
        files::write_private(&folder.join(FILE), serde_json::to_string_pretty(self)?.as_bytes())
    }

    /// What the first run decided to send, or what this run decides.
    pub(crate) fn demo(&mut self, args: &UpArgs, now: OffsetDateTime) -> Demo {
        *self.demo.get_or_insert(Demo {
            seed: args.seed,
            findings: args.findings,
            end: now.unix_timestamp() / 3_600 * 3_600,
        })
    }
}
