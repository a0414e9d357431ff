//! `serve`: web pages and JSON API on this machine.

use std::net::SocketAddr;

use clap::Args;
use jiff::civil::Date;

use super::context::{Context, runtime};
use super::{Exit, Failure};
use crate::web::{Settings, serve};

/// Serve web pages and the JSON API until stopped with Ctrl-C.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sendlens serve\n  sendlens serve --listen 0.0.0.0:8080   \
                        for a whole network: put a proxy with HTTPS before it")]
pub struct Command {
    /// Address to listen on; the default can be reached from this machine only. Port 0 takes any free port.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8765")]
    listen: SocketAddr,
    /// Day to compare due dates with [default: today].
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
}

impl Command {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let settings =
            Settings { log: !context.quiet, today: self.today, ..Settings::new(context.settings.data.clone()) };
        let site = context.site(settings)?;
        runtime()?.block_on(async {
            let listener = tokio::net::TcpListener::bind(self.listen).await.map_err(|error| {
                Failure::new(format!("cannot listen on {}: {error}; choose another address with --listen", self.listen))
            })?;
            let address = listener.local_addr().map_err(|e| Failure::new(e.to_string()))?;
            println!("http://{address}/");
            context.say("Press Ctrl-C to stop.");
            if !address.ip().is_loopback() {
                context.say("Anyone who can reach this address can read the dataset; nobody can change it.");
            }
            serve(listener, site, stop()).await;
            Ok(Exit::Fine)
        })
    }
}

/// Resolves when the program is asked to stop: Ctrl-C, or the signal that service managers send.
async fn stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
