//! `config check`: the configuration of a service as it would read it, secrets masked.

use serde_json::json;

use crate::{
    Done,
    args::{ServiceArgs, ServiceName},
    output::Output,
};

pub(crate) fn check(args: &ServiceArgs, output: Output) -> anyhow::Result<Done> {
    let file = args.config.as_deref();
    let name = args.service.as_str();
    let effective = match args.service {
        ServiceName::Orchestration => {
            let service = &orchestration::SERVICE;
            runtime::config::check::<orchestration::Config>(name, service.defaults, file)?
        }
        ServiceName::Mapper => {
            let service = &mapper::SERVICE;
            runtime::config::check::<mapper::Config>(name, service.defaults, file)?
        }
        ServiceName::Analysis => {
            let service = &analysis::SERVICE;
            runtime::config::check::<analysis::Config>(name, service.defaults, file)?
        }
    };
    if output.json {
        let lines: Vec<_> = effective.lines().collect();
        output.json(&json!({ "service": name, "valid": true, "effective": lines }));
    }
    output.text(effective.trim_end());
    Ok(Done::Well)
}
