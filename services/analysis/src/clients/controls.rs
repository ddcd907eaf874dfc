//! Which controls a label is evidence for: the mapper's word, remembered for a while.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use proto::{
    common::v1 as common,
    mapper::v1::{self as mapper, framework_service_client::FrameworkServiceClient},
};
use runtime::{
    client::{Client, Upstream, upstream},
    status::ErrorCode,
};
use tokio::time::Instant;
use types::Disposition;

use super::MAPPER;
use crate::{
    config,
    posture::{Context, ControlEvidence, Framework, Relation, Resolved},
};

/// Labels of one question; the contract's limit.
const LABELS_MAX: usize = 200;

/// Cheap to clone; clones remember together.
#[derive(Debug, Clone)]
pub struct Controls {
    client: FrameworkServiceClient<Client>,
    known: Arc<Mutex<Known>>,
    kept: Duration,
    entries_max: usize,
}

#[derive(Debug)]
struct Known {
    since: Instant,
    controls: HashMap<(Context, Arc<[String]>), Vec<ControlEvidence>>,
    frameworks: Option<Vec<Framework>>,
}

impl Known {
    fn nothing() -> Known {
        Known { since: Instant::now(), controls: HashMap::new(), frameworks: None }
    }
}

impl Controls {
    pub(super) fn new(mapper: Client, config: &config::Controls) -> Controls {
        Controls {
            client: FrameworkServiceClient::new(mapper),
            known: Arc::new(Mutex::new(Known::nothing())),
            kept: Duration::from_secs(config.cache_s),
            entries_max: config.cache_entries_max,
        }
    }

    /// The controls of each context, given what the tenant states about itself.
    pub async fn resolve(
        &self,
        contexts: &BTreeSet<Context>,
        facts: &[String],
    ) -> Result<Resolved, Upstream> {
        let mut facts = facts.to_vec();
        facts.sort_unstable();
        facts.dedup();
        let facts: Arc<[String]> = facts.into();
        let mut resolved = Resolved::new();
        let mut asked: BTreeMap<(Disposition, bool), Vec<&Context>> = BTreeMap::new();
        {
            let known = self.known();
            for context in contexts {
                match known.controls.get(&(context.clone(), facts.clone())) {
                    Some(controls) => {
                        resolved.insert(context.clone(), controls.clone());
                    }
                    None => {
                        let alike = (context.disposition, context.recurring);
                        asked.entry(alike).or_default().push(context);
                    }
                }
            }
        }
        for chunk in asked.values().flat_map(|contexts| contexts.chunks(LABELS_MAX)) {
            for (context, controls) in self.ask(chunk, &facts).await? {
                let mut known = self.known();
                known.controls.insert((context.clone(), facts.clone()), controls.clone());
                resolved.insert(context, controls);
            }
        }
        Ok(resolved)
    }

    /// All frameworks, in the mapper's order.
    pub async fn frameworks(&self) -> Result<Vec<Framework>, Upstream> {
        if let Some(frameworks) = &self.known().frameworks {
            return Ok(frameworks.clone());
        }
        let request = mapper::ListFrameworksRequest {};
        let response =
            self.client.clone().list_frameworks(request).await.map_err(upstream(MAPPER))?;
        let frameworks = response.into_inner().frameworks.into_iter().map(|it| Framework {
            controls_known: u32::try_from(it.controls.len()).unwrap_or(u32::MAX),
            id: it.framework,
            name: it.name,
            edition: it.edition,
        });
        let frameworks: Vec<Framework> = frameworks.collect();
        self.known().frameworks = Some(frameworks.clone());
        Ok(frameworks)
    }

    /// Asks for contexts that share everything but the label.
    async fn ask(
        &self,
        contexts: &[&Context],
        facts: &[String],
    ) -> Result<Vec<(Context, Vec<ControlEvidence>)>, Upstream> {
        match self.ask_at_once(contexts, facts).await {
            Err(err) if err.reason == ErrorCode::NotFound && 1 < contexts.len() => (),
            Err(err) if err.reason == ErrorCode::NotFound => return Ok(nothing(contexts)),
            answer => return answer,
        }
        // A label of an older taxonomy spoils the question for the others, so each is asked for by itself.
        let mut answers = Vec::new();
        for context in contexts {
            match self.ask_at_once(&[*context], facts).await {
                Err(err) if err.reason == ErrorCode::NotFound => {
                    answers.extend(nothing(&[*context]));
                }
                answer => answers.extend(answer?),
            }
        }
        Ok(answers)
    }

    async fn ask_at_once(
        &self,
        contexts: &[&Context],
        facts: &[String],
    ) -> Result<Vec<(Context, Vec<ControlEvidence>)>, Upstream> {
        let Some(first) = contexts.first() else { return Ok(Vec::new()) };
        let request = mapper::ResolveControlsRequest {
            labels: contexts.iter().map(|it| it.label.clone()).collect(),
            context: Some(mapper::EvidenceContext {
                disposition: encode_disposition(first.disposition).into(),
                recurring: first.recurring,
                incident: false,
                facts: facts.to_vec(),
            }),
            include_missing: false,
        };
        let response =
            self.client.clone().resolve_controls(request).await.map_err(upstream(MAPPER))?;
        let mut by_label: HashMap<String, Vec<ControlEvidence>> = HashMap::new();
        for mapper::LabelControls { label, controls } in response.into_inner().labels {
            by_label.insert(label, controls.into_iter().filter_map(decode_control).collect());
        }
        let answers = contexts.iter().map(|context| {
            ((*context).clone(), by_label.remove(&context.label).unwrap_or_default())
        });
        Ok(answers.collect())
    }

    /// What is remembered; forgotten as a whole when it is old or too much.
    fn known(&self) -> MutexGuard<'_, Known> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if self.kept <= known.since.elapsed() || self.entries_max <= known.controls.len() {
            *known = Known::nothing();
        }
        known
    }
}

/// A label that the mapper no longer knows is evidence for nothing.
fn nothing(contexts: &[&Context]) -> Vec<(Context, Vec<ControlEvidence>)> {
    contexts.iter().map(|context| ((*context).clone(), Vec::new())).collect()
}

fn decode_control(control: mapper::ControlEvidence) -> Option<ControlEvidence> {
    let relation = match control.relation() {
        mapper::Relation::Unspecified => return None,
        mapper::Relation::ViolationIndicator => Relation::ViolationIndicator,
        mapper::Relation::ControlOperating => Relation::ControlOperating,
    };
    let holds = control.holds;
    let mapper::ControlEvidence { framework, control, title, verification, weight, .. } = control;
    holds.then_some(ControlEvidence { framework, control, title, relation, verification, weight })
}

fn encode_disposition(disposition: Disposition) -> common::Disposition {
    match disposition {
        Disposition::Contained => common::Disposition::Contained,
        Disposition::Exposed => common::Disposition::Exposed,
        Disposition::Ingested => common::Disposition::Ingested,
        Disposition::Succeeded => common::Disposition::Succeeded,
        Disposition::Unknown => common::Disposition::Unknown,
    }
}
