//! The files that make a release agree with the crate and with each other.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::path::Path;

use toml::Table;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn manifest() -> Table {
    read("Cargo.toml").parse().unwrap()
}

#[test]
fn every_file_of_the_debian_package_exists_and_it_enables_nothing_by_itself() {
    let manifest = manifest();
    let deb = manifest["package"]["metadata"]["deb"].as_table().unwrap();
    for asset in deb["assets"].as_array().unwrap() {
        let from = asset[0].as_str().unwrap();
        let folder = from.trim_end_matches("*.md");
        assert!(from.starts_with("target/") || root().join(folder).exists(), "{from} does not exist");
    }
    let units = deb["systemd-units"].as_table().unwrap();
    assert_eq!((units["enable"].as_bool(), units["start"].as_bool()), (Some(false), Some(false)));
    let (folder, name) = (units["unit-scripts"].as_str().unwrap(), units["unit-name"].as_str().unwrap());
    for kind in ["service", "timer"] {
        assert!(root().join(folder).join(format!("{name}.{kind}")).exists(), "{name}.{kind} does not exist");
    }
    // The unit finds the program in /usr/bin, and the configuration in the package.
    let service = read("docs/systemd/sendlens-update.service");
    assert!(service.contains("ExecStart=sendlens --config /etc/sendlens.toml update"), "{service}");
    let configuration: sendlens::config::ConfigFile = toml::from_str(&read("packaging/sendlens.toml")).unwrap();
    assert_eq!(configuration.crawl.contact, None, "nobody's address is in the package");
}

#[test]
fn the_container_is_built_with_the_rust_version_of_the_crate_and_does_not_run_as_root() {
    let container = read("Containerfile");
    let rust = manifest()["package"]["rust-version"].as_str().unwrap().to_owned();
    assert!(container.contains(&format!("library/rust:{rust}-")), "the crate asks for Rust {rust}");
    for line in ["USER 10001", "HEALTHCHECK ", "VOLUME /data", "cargo build --release --locked"] {
        assert!(container.contains(line), "the Containerfile lacks {line}");
    }
    let last_user = container.lines().rfind(|line| line.starts_with("USER ")).unwrap();
    assert_ne!(last_user, "USER root");
}

#[test]
fn every_build_of_the_workflows_is_locked_and_the_documents_name_every_platform() {
    let releasing = read("docs/releasing.md");
    for name in ["ci.yml", "release.yml"] {
        let workflow = read(&format!(".github/workflows/{name}"));
        for line in workflow.lines().filter(|line| line.contains("cargo build") || line.contains("cargo install")) {
            assert!(line.contains("--locked"), "{name}: {line}");
        }
        for script in workflow.lines().filter_map(|line| line.trim().strip_prefix("- run: .ci/")) {
            assert!(root().join(".ci").join(script).exists(), "{name} calls .ci/{script}");
        }
    }
    let release = read(".github/workflows/release.yml");
    for (target, named) in [
        ("x86_64-unknown-linux-gnu", "Linux x86-64"),
        ("aarch64-unknown-linux-gnu", "arm64"),
        ("apple-darwin", "macOS"),
        ("pc-windows-msvc", "Windows"),
    ] {
        assert!(release.contains(target) && releasing.contains(named), "{target}");
    }
    assert!(release.contains("SHA256SUMS") && releasing.contains("**not tried**"));
}
