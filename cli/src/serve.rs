//! `serve` and `migrate`: the services inside this program.

use std::net::SocketAddr;

use anyhow::{Context as _, ensure};
use runtime::boot;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{
    Done,
    args::{ServeArgs, ServiceArgs, ServiceName},
    output::Output,
};

pub(crate) fn serve(args: &ServeArgs) -> anyhow::Result<Done> {
    let ServeArgs { service, stop_with_parent } = args;
    let boot = boot::Args {
        verb: boot::Verb::Serve,
        config: service.config.clone(),
        stop_with_parent: *stop_with_parent,
    };
    run(service.service, &boot)
}

pub(crate) fn migrate(args: &ServiceArgs, output: Output) -> anyhow::Result<Done> {
    let boot = boot::Args {
        verb: boot::Verb::Migrate,
        config: args.config.clone(),
        stop_with_parent: false,
    };
    let done = run(args.service, &boot)?;
    output.text(&format!("the schema of {} is up to date", args.service.as_str()));
    Ok(done)
}

fn run(service: ServiceName, args: &boot::Args) -> anyhow::Result<Done> {
    match service {
        ServiceName::Orchestration => boot::run(&orchestration::SERVICE, args)?,
        ServiceName::Mapper => boot::run(&mapper::SERVICE, args)?,
        ServiceName::Analysis => boot::run(&analysis::SERVICE, args)?,
    }
    Ok(Done::Well)
}

/// Brings one schema up to date as the role that owns it.
pub(crate) async fn migrate_at(service: ServiceName, owner_url: &str) -> anyhow::Result<()> {
    let migrations = match service {
        ServiceName::Orchestration => &orchestration::MIGRATIONS,
        ServiceName::Mapper => &mapper::MIGRATIONS,
        ServiceName::Analysis => &analysis::MIGRATIONS,
    };
    runtime::database::migrate_at(owner_url, migrations)
        .await
        .with_context(|| format!("cannot migrate the schema of {}", service.as_str()))
}

/// Asks the admin port whether the service is ready; the error says what it waits for.
pub(crate) async fn ready(admin: SocketAddr) -> anyhow::Result<()> {
    let (status, body) = get(admin, "/ready").await?;
    ensure!(status == 200, "{}", body.trim());
    Ok(())
}

/// One plain HTTP/1.1 request to an admin port; status and body.
pub(crate) async fn get(admin: SocketAddr, path: &str) -> anyhow::Result<(u16, String)> {
    let mut stream = tokio::net::TcpStream::connect(admin).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {admin}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").context("half an answer")?;
    let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).context("no HTTP answer")?;
    Ok((status, body.to_owned()))
}
