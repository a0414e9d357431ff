//! Disks that are small, full or read-only.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A small file system in memory, unmounted when dropped.
pub struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// Mounts a disk of this size. Where mounting is not allowed, prints so and gives `None`.
    pub fn mount(size: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(dir.path()).stderr(Stdio::null());
        if mount.status().is_ok_and(|status| status.success()) {
            return Some(Self(dir));
        }
        println!("skipped: a small file system can't be mounted here (it needs root)");
        None
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn grow(&self, size: &str) {
        self.remount(&format!("size={size}"));
    }

    pub fn remount(&self, options: &str) {
        let mut mount = Command::new("mount");
        let status = mount.args(["-o", &format!("remount,{options}")]).arg(self.path()).status();
        assert!(status.unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// The command under a limit on the size of every file that it writes, in blocks of 512 bytes. A write beyond the limit
/// fails.
pub fn with_small_files(command: &Command, blocks: u64) -> Command {
    let mut limited = Command::new("/bin/sh");
    limited.args(["-c", r#"ulimit -f "$0" && trap '' XFSZ && exec "$@""#]).arg(blocks.to_string());
    limited.arg(command.get_program()).args(command.get_args()).env_clear();
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited
}

/// A folder in which nothing can be made or changed while this lives.
pub enum ReadOnly {
    Mounted(SmallDisk),
    Forbidden(PathBuf),
}

impl ReadOnly {
    /// Makes the folder with what `fill` puts into it. Root may write anywhere, so for root it is a disk of its own.
    pub fn folder(dir: &Path, fill: impl FnOnce(&Path)) -> Option<(Self, PathBuf)> {
        let probe = dir.join("probe");
        std::fs::create_dir(&probe).unwrap();
        set_read_only(&probe, true);
        let is_root = std::fs::write(probe.join("file"), "").is_ok();
        set_read_only(&probe, false);
        if is_root {
            let disk = SmallDisk::mount("64m")?;
            let data = disk.path().join("data");
            fill(&data);
            disk.remount("ro");
            return Some((Self::Mounted(disk), data));
        }
        let data = dir.join("data");
        fill(&data);
        set_read_only(&data, true);
        Some((Self::Forbidden(data.clone()), data))
    }

    /// Makes the folder writable again.
    pub fn release(&self) {
        match self {
            Self::Mounted(disk) => disk.remount("rw"),
            Self::Forbidden(folder) => set_read_only(folder, false),
        }
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        if let Self::Forbidden(folder) = self {
            set_read_only(folder, false);
        }
    }
}

/// Takes away, or gives back, the right to write into a folder and the folders below it.
fn set_read_only(folder: &Path, read_only: bool) {
    use std::os::unix::fs::PermissionsExt;
    let mut open = vec![folder.to_owned()];
    while let Some(dir) = open.pop() {
        if !read_only {
            std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        open.extend(std::fs::read_dir(&dir).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()));
        if read_only {
            std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o555)).unwrap();
        }
    }
}
