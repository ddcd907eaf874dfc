//! What the contract enforces, shown on a service that answers what it was asked.

mod example;
mod laws;
mod load;
mod openapi;
mod transcode;
mod validate;
mod world;
