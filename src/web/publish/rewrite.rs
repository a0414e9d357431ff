//! The pages of the service, turned into files: links become relative, forms that only the service can answer say so.
//!
//! Pages are made by maud, which puts every attribute in double quotes and escapes what stands in it; that is what this
//! relies on. Nothing else of a page is touched.

use super::address::{Target, relative, target};

/// The file that says where to find the service.
pub(super) const SERVICE: &str = "service/index.html";
/// The search page.
pub(super) const SEARCH: &str = "findings/index.html";
/// The script of the published site.
pub(super) const SCRIPT: &str = "assets/publish.js";

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'";

/// What became of a page, and the addresses that it leads to and that are files of the site.
pub(super) struct Rewritten {
    pub text: String,
    pub found: Vec<String>,
}

/// Rewrites a page that becomes the file `here`.
pub(super) fn page(text: &str, here: &str) -> Rewritten {
    let mut rewritten = links(&forms(text, here), here);
    let head = format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\"><script src=\"{}\" defer></script></head>",
        relative(here, SCRIPT)
    );
    rewritten.text = rewritten.text.replacen("</head>", &head, 1);
    rewritten
}

/// Makes the links of a page or feed relative; with `data-kept` before them they are left as they are.
pub(super) fn links(text: &str, here: &str) -> Rewritten {
    let (mut out, mut found) = (String::with_capacity(text.len()), Vec::new());
    let mut rest = text;
    while let Some(start) = rest.find("=\"/") {
        let (before, after) = rest.split_at(start);
        let value_start = &after[2..];
        let Some(end) = value_start.find('"') else { break };
        let value = &value_start[..end];
        let is_link = ["href", "src", "action"].iter().any(|name| before.ends_with(&format!(" {name}")));
        out += before;
        out += "=\"";
        if is_link {
            let address = value.replace("&amp;", "&");
            let (address, fragment) = address.split_once('#').map_or((address.as_str(), None), |(a, f)| (a, Some(f)));
            let (file, query) = match target(address) {
                Target::File(file) => {
                    found.push(address.to_owned());
                    (file, String::new())
                }
                Target::Search(query) => (SEARCH.to_owned(), query),
                Target::Service => (SERVICE.to_owned(), String::new()),
            };
            out += &relative(here, &file);
            if !query.is_empty() {
                out += &format!("?{}", query.replace('&', "&amp;"));
            }
            if let Some(fragment) = fragment.filter(|_| file != SERVICE) {
                out += &format!("#{fragment}");
            }
        } else {
            out += value;
        }
        rest = &value_start[end..];
    }
    out += rest;
    Rewritten { text: out, found }
}

/// Keeps the forms that the script or the search page answers; the choice of a map becomes a list of links, any other
/// form a note that leads to the service.
fn forms(text: &str, here: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("<form") {
        let Some(length) = rest[start..].find("</form>") else { break };
        let end = start + length + "</form>".len();
        let form = &rest[start..end];
        out += &rest[..start];
        let action = form.split(" action=\"").nth(1).and_then(|after| after.split('"').next()).unwrap_or_default();
        out += &match action.split(['#', '?']).next().unwrap_or_default() {
            "/findings" | "/areas" if form.contains("role=\"search\"") => form.to_owned(),
            "/map" => choices(form),
            _ => format!(
                "<p class=\"soft\">Filters and other free choices need the service: \
                 <a href=\"{}\">where to find it</a>.</p>",
                relative(here, SERVICE)
            ),
        };
        rest = &rest[end..];
    }
    out + rest
}

/// The options of the map's form as links.
fn choices(form: &str) -> String {
    let select =
        form.split("name=\"show\"").nth(1).and_then(|after| after.split("</select>").next()).unwrap_or_default();
    let options = select.split("<option value=\"").skip(1).filter_map(|option| {
        let (value, rest) = option.split_once('"')?;
        let (_, label) = rest.split_once('>')?;
        let label = label.split("</option>").next()?;
        Some(format!("<li><a href=\"/map?show={value}\">{label}</a></li>"))
    });
    let options: String = options.collect();
    format!("<details><summary>Show the outcome or a theme</summary><ul>{options}</ul></details>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_become_relative_and_keep_their_fragment() {
        let text = r##"<a href="/letters/x#f-1">a</a><a href="https://gov.uk/">b</a><a href="#c">c</a><img src="/assets/i.svg"><p data-x="/y">"##;
        let rewritten = links(text, "areas/971/index.html");
        assert_eq!(
            rewritten.text,
            r##"<a href="../../letters/x/index.html#f-1">a</a><a href="https://gov.uk/">b</a><a href="#c">c</a><img src="../../assets/i.svg"><p data-x="/y">"##
        );
        assert_eq!(rewritten.found, ["/letters/x", "/assets/i.svg"]);
    }

    #[test]
    fn a_search_keeps_its_query_and_a_free_choice_leads_to_the_service() {
        let text = r#"<a href="/findings?area=971&amp;theme=x">a</a><a href="/themes?region=London">b</a>"#;
        assert_eq!(
            links(text, "index.html").text,
            r#"<a href="findings/index.html?area=971&amp;theme=x">a</a><a href="service/index.html">b</a>"#
        );
        let form = r#"<form action="/themes" method="get"><input name="region"></form>"#;
        assert!(forms(form, "index.html").contains("service/index.html"));
        let map = r#"<form action="/map"><select name="show"><option value="outcome" selected>Outcome</option><option value="therapies">T</option></select></form>"#;
        assert_eq!(links(&forms(map, "index.html"), "index.html").found, ["/map?show=outcome", "/map?show=therapies"]);
    }
}
