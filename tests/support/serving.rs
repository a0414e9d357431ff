//! The program as a server, in a process of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

/// The program, serving on a port of this machine until this is dropped.
pub struct Serving {
    pub child: Child,
    pub at: SocketAddr,
}

impl Serving {
    /// Starts the program by a command that names the dataset.
    pub fn start(command: Command) -> Self {
        Self::with(command, &[])
    }

    /// Starts the program with these options of `serve`.
    pub fn with(mut command: Command, options: &[&str]) -> Self {
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(options).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let at = line.trim().trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
        Self { child, at }
    }

    /// Stops the program, and gives what it wrote to standard error, which must be piped.
    pub fn stop(mut self) -> String {
        self.child.kill().unwrap();
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
