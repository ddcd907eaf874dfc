//! Two replicas on one database: what one commits the other sees and delivers.

use proto::orchestration::v1::IngestBatchRequest;
use testkit::Mode;

use crate::world::{World, bearer, finding};

#[tokio::test]
async fn a_replica_delivers_what_another_left_behind() {
    let one = World::start().await;
    let acme = one.tenant("acme").await;
    one.mapper.set(Mode::Away);
    let request = IngestBatchRequest { findings: vec![finding("a")], runs: Vec::new() };
    one.ingest().ingest_batch(bearer(&acme.detector, request)).await.unwrap();

    // The other has a mapper of its own, which works.
    let two = World::start_on(one.db.clone(), "").await;
    two.eventually("it is delivered", async || two.mapper.recorded(acme.id).len() == 1).await;
    two.eventually("and struck off", async || two.n_rows("delivery").await == 0).await;
    assert!(one.mapper.recorded(acme.id).is_empty());
}
