//! What waits for the mapper, and how much of it may. Pure.

/// One piece of the queue: what goes over the wire, and how many findings are in it.
#[derive(Debug, Clone)]
pub struct Payload {
    pub bytes: Vec<u8>,
    pub findings: i32,
}

/// One row of the queue.
#[derive(Debug)]
pub struct Delivery {
    pub seq: i64,
    pub payload: Payload,
    pub attempts: i32,
}

/// How much may wait for one tenant.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub deliveries_max: i64,
    pub bytes_max: i64,
}

/// How much waits, over all tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    pub deliveries: i64,
    pub findings: i64,
    pub parked: i64,
}

/// Whether there was room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    Enough,
    Full,
}
