//! `completions` and `man`: made from the same definitions as the command line itself.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

use super::{Exit, Failure, definition};

/// Print a completion script for a shell.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sendlens completions bash > ~/.local/share/bash-completion/completions/sendlens")]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut definition(), "sendlens", &mut script);
        io::stdout().write_all(&script)?;
        Ok(Exit::Fine)
    }
}

/// Print the manual page, or write one for each command into a folder.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sendlens man --to ~/.local/share/man/man1")]
pub struct Man {
    /// Write one page per command into this folder.
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        match self.to {
            Some(folder) => {
                std::fs::create_dir_all(&folder)?;
                clap_mangen::generate_to(definition(), &folder)?;
            }
            None => {
                let mut page = Vec::new();
                clap_mangen::Man::new(definition()).render(&mut page)?;
                io::stdout().write_all(&page)?;
            }
        }
        Ok(Exit::Fine)
    }
}
