//! Sources read pages of their form, and the configuration in the documentation is valid.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::{BTreeMap, VecDeque};

use sendlens::config::ConfigFile;
use sendlens::crawl::{Contents, CrawlFile, PageKind, PageRequest, Source, SourceFile, Url, sources};
use sendlens::demo::Site;

fn read(source: &dyn Source, request: &PageRequest, html: &str) -> Contents {
    source.read(request, &Url::parse(&request.url).unwrap(), html)
}

fn ofsted() -> Box<dyn Source> {
    sources(&CrawlFile::default(), &[], &[]).unwrap().remove(0)
}

/// The configuration that docs/nightly.md shows, block by block.
fn documented() -> Vec<ConfigFile> {
    let text = include_str!("../docs/nightly.md");
    text.split("```toml\n").skip(1).map(|rest| toml::from_str(rest.split("```").next().unwrap()).unwrap()).collect()
}

#[test]
fn listing_and_provider_pages_are_read_whatever_the_nesting() {
    let (site, source) = (Site::bundled(), ofsted());
    let mut areas = Vec::new();
    let mut stated = BTreeMap::new();
    let mut requests = VecDeque::from(source.start());
    while let Some(request) = requests.pop_front() {
        let path = request.url.strip_prefix("https://reports.ofsted.gov.uk").unwrap().to_owned();
        let contents = read(source.as_ref(), &request, &String::from_utf8(site.answer(&path).body).unwrap());
        stated.insert(request.list, contents.stated_total.unwrap());
        assert_eq!(contents.alarms, []);
        areas.extend(contents.providers);
        requests.extend(contents.next);
    }
    assert_eq!(stated, BTreeMap::from([(0, 18), (1, 1)]));
    assert_eq!(areas.len(), site.areas.len());
    for area in &site.areas {
        let page = areas.iter().find(|page| page.provider_key.as_ref() == Some(&area.urn)).unwrap();
        assert_eq!((page.provider.as_deref(), page.kind), (Some(area.name.as_str()), PageKind::Provider));
        let html = site.answer(&format!("/provider/44/{}", area.urn)).body;
        let contents = read(source.as_ref(), page, &String::from_utf8(html).unwrap());
        assert_eq!(contents.alarms, []);
        let found: Vec<_> = contents
            .publications
            .iter()
            .map(|p| (p.key.clone(), p.title.clone().unwrap(), p.published_on.unwrap(), p.provider.clone().unwrap()))
            .collect();
        let expected: Vec<_> = area
            .entries
            .iter()
            .map(|e| (e.number.to_string(), e.title.clone(), e.published, area.name.clone()))
            .collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn a_file_number_is_the_same_on_both_hosts() {
    let request = PageRequest {
        kind: PageKind::Provider,
        ..PageRequest::listing("https://reports.ofsted.gov.uk/provider/44/1".into())
    };
    let html = "<h1>X</h1><ol class=timeline><li class=timeline__day><p class=timeline__date><time>1 May 2018</time></p>
        <a class=publication-link href='https://files.api.ofsted.gov.uk/v1/file/77'>A</a></li>
        <li class=timeline__day><a class=publication-link href='https://files.ofsted.gov.uk/v1/file/77'>A again</a></li></ol>";
    let contents = read(ofsted().as_ref(), &request, html);
    assert_eq!(contents.publications.len(), 1);
    assert_eq!(contents.publications[0].key, "77");
}

#[test]
fn the_documented_configuration_is_valid_and_its_lists_are_read() {
    let files = documented();
    assert_eq!(files.len(), 2);
    let crawl = &files[0].crawl;
    let defaults = CrawlFile { contact: crawl.contact.clone(), ..CrawlFile::default() };
    assert_eq!(crawl.settings().unwrap(), defaults.settings().unwrap(), "the documentation shows the defaults");
    let lists = &files[1].sources;
    assert!(lists.iter().all(|list| list.enabled == Some(false)));
    let named: Vec<String> = lists.iter().map(|list| list.name.clone()).collect();
    let built = sources(&CrawlFile::default(), lists, &named).unwrap();

    let cqc = "<main><ul>
        <li><a href='/sites/a.pdf'>Joint area SEND inspection in Thornwick (PDF)</a> Published 3 May 2018</li>
        <li><a href='/sites/b.pdf'>Annual report</a></li></ul><a rel=next href='?page=2'>More</a></main>";
    let contents = read(built[0].as_ref(), &built[0].start()[0], cqc);
    assert_eq!(contents.alarms, []);
    let letter = &contents.publications[0];
    assert_eq!(letter.provider.as_deref(), Some("Thornwick"));
    assert_eq!(letter.published_on, Some(jiff::civil::date(2018, 5, 3)));
    assert!(built[0].titles().wants(letter.title.as_deref()));
    assert!(!built[0].titles().wants(contents.publications[1].title.as_deref()));
    assert!(contents.next.unwrap().url.ends_with("?page=2"));

    let govuk = include_str!("../fixtures/site/pages/govuk-publication.html");
    let contents = read(built[1].as_ref(), &built[1].start()[0], govuk);
    let found: Vec<_> = contents.publications.iter().map(|p| (p.provider.as_deref(), p.published_on)).collect();
    assert_eq!(
        found,
        [(Some("Thornwick"), None), (Some("Calderbrook"), None)],
        "a date in a title is not a day of publication"
    );

    let contents = read(built[1].as_ref(), &built[1].start()[0], "<p>The page has moved.</p>");
    assert_eq!(contents.alarms[0].code, "listing_empty");
}

#[test]
fn sources_that_cannot_work_are_refused_with_advice() {
    let refused = |file: SourceFile, named: &[&str]| {
        let named: Vec<String> = named.iter().map(|&name| name.to_owned()).collect();
        sources(&CrawlFile::default(), &[file], &named).err().unwrap().to_string()
    };
    let file = |name: &str| SourceFile { name: name.to_owned(), enabled: Some(true), ..SourceFile::default() };
    assert!(refused(file("x"), &["y"]).contains("known are: ofsted_reports, x"));
    assert!(refused(file("local"), &[]).contains("can't be named"));
    assert!(refused(file("x"), &[]).contains("needs `address`"));
    let address = Some("https://example.org/".to_owned());
    assert!(refused(SourceFile { address: address.clone(), ..file("x") }, &[]).contains("link_list"));
    let broken = sendlens::crawl::LinkListSettings { links: "a[".to_owned(), ..Default::default() };
    assert!(refused(SourceFile { address, link_list: Some(broken), ..file("x") }, &[]).contains("CSS selector"));
}
