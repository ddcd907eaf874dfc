//! `TaxonomyService`.

use proto::mapper::v1::{self as wire, taxonomy_service_server::TaxonomyService};
use taxonomy::{Label, Move, Vocabulary};
use tonic::{Request, Response, Status};

use super::{Rpc, encode_severity};

#[tonic::async_trait]
impl TaxonomyService for Rpc {
    async fn get_taxonomy(
        &self,
        _request: Request<wire::GetTaxonomyRequest>,
    ) -> Result<Response<wire::GetTaxonomyResponse>, Status> {
        let taxonomy = self.0.taxonomy();
        let labels = taxonomy.labels().iter().copied().map(encode_label).collect();
        let version = taxonomy.version().to_owned();
        Ok(Response::new(wire::GetTaxonomyResponse { version, labels }))
    }

    async fn diff_taxonomy(
        &self,
        request: Request<wire::DiffTaxonomyRequest>,
    ) -> Result<Response<wire::DiffTaxonomyResponse>, Status> {
        let wire::DiffTaxonomyRequest { from, to } = request.into_inner();

        let migration = self.0.diff_taxonomy(&from, &to)?;

        let (from, to) = (migration.from().to_owned(), migration.to().to_owned());
        let moves = migration.moves().iter().map(encode_move).collect();
        Ok(Response::new(wire::DiffTaxonomyResponse { from, to, moves }))
    }

    async fn list_vocabularies(
        &self,
        request: Request<wire::ListVocabulariesRequest>,
    ) -> Result<Response<wire::ListVocabulariesResponse>, Status> {
        let wire::ListVocabulariesRequest { detector } = request.into_inner();

        let vocabularies = self.0.list_vocabularies(&detector)?;

        let vocabularies = vocabularies.into_iter().map(encode_vocabulary).collect();
        Ok(Response::new(wire::ListVocabulariesResponse { vocabularies }))
    }
}

fn encode_label(label: Label) -> wire::Label {
    wire::Label {
        name: label.name().to_owned(),
        parent: label.parent().to_owned(),
        severity: encode_severity(label.severity()).into(),
        description: label.description().to_owned(),
        aliases: label.aliases().to_vec(),
    }
}

fn encode_move(it: &Move) -> wire::LabelMove {
    let Move { from, action, default, targets, rule } = it;
    wire::LabelMove {
        from: from.clone(),
        action: action.as_str().to_owned(),
        default_to: default.name().to_owned(),
        to: targets.iter().map(|label| label.name().to_owned()).collect(),
        rule: rule.clone().unwrap_or_default(),
    }
}

fn encode_vocabulary(vocabulary: &Vocabulary) -> wire::Vocabulary {
    let mut entries: Vec<wire::VocabularyEntry> = vocabulary
        .words()
        .iter()
        .map(|word| wire::VocabularyEntry {
            raw_label: word.raw.clone(),
            label: word.label.name().to_owned(),
        })
        .collect();
    entries.sort_by(|a, b| a.raw_label.cmp(&b.raw_label));
    wire::Vocabulary {
        detector: vocabulary.detector().to_owned(),
        detector_versions: vocabulary.versions().to_vec(),
        sources: vocabulary.sources().to_vec(),
        entries,
    }
}
