//! The only questions that run something in a container: the named probes of `verify`. And a plain HTTP question from here.

use std::time::Duration;

use bollard::container::LogOutput;
use bollard::exec::{StartExecOptions, StartExecResults};
use bollard::models::ExecConfig;
use futures_util::StreamExt;
use http_body_util::Empty;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use super::engine::Engine;
use super::error::EngineError;

/// Most that is kept of what a probe prints.
const MOST: usize = 1024 * 1024;
/// How long an HTTP question may take.
const HTTP: Duration = Duration::from_secs(10);

/// What a probe inside a container gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Exit status; 126 and 127 when the program is not there.
    pub code: i64,
    /// What it printed, both streams.
    pub output: String,
}

impl Engine {
    /// Runs a program inside a running container. Used by `verify` alone, for programs that only read.
    ///
    /// # Errors
    /// When the engine does not answer, or the container does not run.
    pub fn probe(&self, id: &str, command: &[&str]) -> Result<Answer, EngineError> {
        let config = ExecConfig {
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(command.iter().map(|word| (*word).to_owned()).collect()),
            ..ExecConfig::default()
        };
        let docker = self.docker.clone();
        let run = async {
            let exec = docker.create_exec(id, config).await?;
            let options = StartExecOptions { detach: false, tty: false, output_capacity: None };
            let mut text = Vec::new();
            if let StartExecResults::Attached { mut output, .. } = docker.start_exec(&exec.id, Some(options)).await? {
                while let Some(part) = output.next().await {
                    let (LogOutput::StdOut { message }
                    | LogOutput::StdErr { message }
                    | LogOutput::StdIn { message }
                    | LogOutput::Console { message }) = part?;
                    text.extend_from_slice(&message);
                    if text.len() > MOST {
                        break;
                    }
                }
            }
            let ended = docker.inspect_exec(&exec.id).await?;
            let output = String::from_utf8_lossy(&text).into_owned();
            Ok(Answer { code: ended.exit_code.unwrap_or(-1), output })
        };
        self.ask(run)
    }

    /// The HTTP status that a URL answers with, asked from here; redirects are not followed.
    ///
    /// # Errors
    /// A phrase that says why there is no answer.
    pub fn http(&self, url: &str) -> Result<u16, String> {
        let uri: hyper::Uri = url.parse().map_err(|_| format!("{url} is no URL"))?;
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(|error| error.to_string())?
            .https_or_http()
            .enable_http1()
            .build();
        let ask = async {
            let client: Client<_, Empty<&[u8]>> = Client::builder(TokioExecutor::new()).build(connector);
            tokio::time::timeout(HTTP, client.get(uri)).await
        };
        match self.runtime.block_on(ask) {
            Ok(Ok(answer)) => Ok(answer.status().as_u16()),
            Ok(Err(error)) => Err(super::error::innermost(&error)),
            Err(_) => Err(format!("no answer within {} s", HTTP.as_secs())),
        }
    }
}
