//! While an update and a rebuild write, many readers get every answer, and none of them waits for a lock.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sendlens::demo::Site;
use sendlens::store::lock_waits;
use sendlens::web::Settings;
use support::http::get;
use support::service::start_with;
use support::site::{Home, LiveSite};

const READERS: usize = 8;
const PAGES: &[&str] = &[
    "/",
    "/areas",
    "/areas/971",
    "/themes",
    "/themes/identification",
    "/findings?q=children",
    "/letters",
    "/api/v1/status",
    "/api/v1/findings?limit=50",
];

#[test]
fn readers_are_served_while_an_update_and_a_rebuild_write() {
    let mut content = Site::bundled();
    content.areas.retain(|area| area.name == "Westhaven");
    let site = LiveSite::start(content);
    let home = Home::new(&site.server.url("/"));
    assert_eq!(home.update(&[]).0, 0);
    let running = start_with(Settings { log: false, ..Settings::new(home.data()) });
    let letters = || get(running.at, "/api/v1/letters?limit=1000").json()["items"].as_array().unwrap().len();
    let before = letters();
    site.change(|content| *content = Site::bundled());
    let (writing, answers) = (AtomicBool::new(true), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for reader in 0..READERS {
            let (writing, answers, at) = (&writing, &answers, running.at);
            scope.spawn(move || {
                let mut turn = reader;
                while writing.load(Ordering::Relaxed) {
                    // Every third request is a search of its own, which no cache can answer.
                    let path = match turn % 3 {
                        0 => format!("/api/v1/search?q=children+{reader}x{turn}+OR+leaders&limit=20"),
                        _ => PAGES[turn % PAGES.len()].to_owned(),
                    };
                    let answer = get(at, &path);
                    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
                    answers.fetch_add(1, Ordering::Relaxed);
                    turn += 1;
                }
            });
        }
        let update = home.run(&["update", "--quiet"]);
        let rebuild = home.run(&["--quiet", "rebuild", "--from", "code"]);
        writing.store(false, Ordering::Relaxed);
        assert_eq!((update.code, rebuild.code), (Some(0), Some(0)), "{} {}", update.stderr, rebuild.stderr);
    });
    let (answers, waits) = (answers.into_inner(), lock_waits());
    println!("{answers} answers to {READERS} readers while an update and a rebuild wrote; lock waits: {waits:?}");
    assert!(answers >= READERS * PAGES.len(), "too few answers to judge by: {answers}");
    // The readers run in this process, the writers in others.
    assert_eq!(waits.count, 0, "a reader waited for a lock: {waits:?}");
    // The server looks for new data only now and then.
    let deadline = Instant::now() + Duration::from_secs(30);
    while letters() == before && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(letters() > before, "the new letters are not served");
}
