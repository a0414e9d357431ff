//! Which addresses of the service become files, and which file each of them becomes.
//!
//! Whatever a reader can choose freely (filters, lists of areas) needs the service. What is chosen from a few becomes a
//! file of its own: `/areas/971?basis=region` is `areas/971/basis-region/index.html`, and `/map.svg?show=leadership` is
//! `map/show-leadership.svg`. The order of a table is none of these: a script of the published site sorts.

/// Endings of addresses that are files already.
const FILES: [&str; 12] = ["csv", "xlsx", "atom", "ics", "docx", "html", "css", "js", "svg", "zip", "json", "txt"];

/// Where a link of a page leads to in the published site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A file of the site.
    File(String),
    /// The search page with this query.
    Search(String),
    /// Only the service can answer.
    Service,
}

/// Where an address (path and query, without fragment) leads to.
pub(super) fn target(address: &str) -> Target {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    if path == "/findings" {
        return Target::Search(query.to_owned());
    }
    let served = ["/api", "/findings", "/healthz"];
    if served.iter().any(|prefix| path.starts_with(prefix)) {
        return Target::Service;
    }
    let mut parts = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()) {
        if !is_choice(path, &name, &value) {
            return Target::Service;
        }
        parts.push(format!("{name}-{value}"));
    }
    Target::File(file(path.trim_matches('/'), &parts.join("-")))
}

/// Whether a parameter is a choice between few.
fn is_choice(path: &str, name: &str, value: &str) -> bool {
    let plain = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let last = path.rsplit('/').next().unwrap_or_default();
    let is_file = extension(last).is_some();
    let known = match name {
        "basis" => {
            let chosen = !is_file || last.starts_with("peers.");
            path.starts_with("/areas/") && chosen && ["region", "type", "all"].contains(&value)
        }
        "page" => path == "/letters",
        "kind" => path.starts_with("/letters") && value == "other",
        "show" => path == "/map" || path.starts_with("/map."),
        "area" => path.starts_with("/compare"),
        _ => false,
    };
    plain && known
}

fn extension(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| FILES.contains(ending))
}

fn file(path: &str, choice: &str) -> String {
    let ending = path.rsplit('/').next().and_then(extension);
    let (folder, name) = match ending {
        Some(_) if choice.is_empty() => return path.to_owned(),
        Some(ending) => (&path[..path.len() - ending.len() - 1], format!("{choice}.{ending}")),
        None => (path, [choice, "index.html"].iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join("/")),
    };
    if folder.is_empty() { name } else { format!("{folder}/{name}") }
}

/// The way from one file of the site to another.
pub(super) fn relative(from: &str, to: &str) -> String {
    let (from, to): (Vec<&str>, Vec<&str>) = (from.split('/').collect(), to.split('/').collect());
    let same = from[..from.len() - 1].iter().zip(&to[..to.len() - 1]).take_while(|(a, b)| a == b).count();
    let up = "../".repeat(from.len() - 1 - same);
    format!("{up}{}", to[same..].join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_few_choices_are_files_and_the_rest_needs_the_service() {
        let file = |address| match target(address) {
            Target::File(file) => file,
            other => format!("{other:?}"),
        };
        assert_eq!(file("/"), "index.html");
        assert_eq!(file("/areas/971"), "areas/971/index.html");
        assert_eq!(file("/areas/971?basis=region"), "areas/971/basis-region/index.html");
        assert_eq!(file("/areas/971/briefing.docx"), "areas/971/briefing.docx");
        assert_eq!(file("/compare?area=971&area=972"), "compare/area-971-area-972/index.html");
        assert_eq!(file("/areas/971/peers.csv?basis=region"), "areas/971/peers/basis-region.csv");
        assert_eq!(file("/map.svg?show=leadership"), "map/show-leadership.svg");
        assert_eq!(file("/compare/areas.csv?area=971&area=972"), "compare/areas/area-971-area-972.csv");
        assert_eq!(file("/themes/leadership/years.svg"), "themes/leadership/years.svg");
        assert_eq!(target("/findings?q=a"), Target::Search("q=a".to_owned()));
        for service in [
            "/api/v1/areas.csv",
            "/areas/971?basis=list&with=972",
            "/themes?region=London",
            "/map?show=../x",
            "/areas?sort=due",
        ] {
            assert_eq!(target(service), Target::Service, "{service}");
        }
    }

    #[test]
    fn the_way_between_two_files_is_relative() {
        assert_eq!(relative("index.html", "areas/971/index.html"), "areas/971/index.html");
        assert_eq!(relative("areas/971/index.html", "areas/972/index.html"), "../972/index.html");
        assert_eq!(relative("areas/971/index.html", "assets/a.css"), "../../assets/a.css");
        assert_eq!(relative("areas/971/index.html", "areas/971/index.html"), "index.html");
    }
}
