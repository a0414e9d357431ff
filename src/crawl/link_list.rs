//! A page that lists letters as links, described in the configuration alone.
//!
//! Pages of the same letters exist elsewhere (another inspectorate's, the government's for the first letters), each in
//! a form of its own. What to look for is set up with CSS selectors and regular expressions; see [`LinkList`].

use std::collections::BTreeSet;

use regex::Regex;
use reqwest::Url;
use scraper::{ElementRef, Selector};
use serde::Deserialize;

use super::address::AllowedHosts;
use super::html::{closest, date_after_published, date_of, number, selector, target, text};
use super::page;
use super::source::{Alarm, Contents, PageRequest, Source};
use super::titles::TitleRule;
use crate::domain::Publication;

/// Settings of a link list: the keys of its `[[source]]` table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkListSettings {
    /// CSS selector of the links to documents.
    pub links: String,
    /// Regular expression that a title must match to be fetched; without it, the usual rule for titles counts.
    pub titles: Option<String>,
    /// CSS selector of the element around a link that holds its title, area and date; default: the link itself.
    pub item: Option<String>,
    /// CSS selector of the title within the item; default: the link's text.
    pub title: Option<String>,
    /// CSS selector of the area's name within the item; default: the title.
    pub area: Option<String>,
    /// Regular expression whose first group is the area's name within that text.
    pub area_pattern: Option<String>,
    /// CSS selector of the date of publication within the item; default: a `time` element, or a date after the word
    /// "published". A page that gives no such date has none.
    pub date: Option<String>,
    /// CSS selector of the link to the next page of the list.
    pub next: Option<String>,
    /// CSS selector of the element that states how many documents the list has.
    pub total: Option<String>,
}

/// A setting of a link list that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LinkListError {
    /// No CSS selector.
    #[error("`{key}` = \"{value}\" is no CSS selector: {why}")]
    Selector {
        /// The setting.
        key: &'static str,
        /// As given.
        value: String,
        /// What is wrong.
        why: String,
    },
    /// No regular expression.
    #[error("`{key}` = \"{value}\" is no regular expression: {why}")]
    Pattern {
        /// The setting.
        key: &'static str,
        /// As given.
        value: String,
        /// What is wrong.
        why: String,
    },
}

/// The source.
#[derive(Debug, Clone)]
pub struct LinkList {
    name: String,
    page: Url,
    hosts: AllowedHosts,
    titles: TitleRule,
    links: Selector,
    item: Option<Selector>,
    title: Option<Selector>,
    area: Option<Selector>,
    area_pattern: Option<Regex>,
    date: Option<Selector>,
    next: Option<Selector>,
    total: Option<Selector>,
}

impl LinkList {
    /// The list that begins on a page.
    ///
    /// # Errors
    /// A selector or pattern that can't be used.
    pub fn new(
        name: &str,
        page: Url,
        hosts: AllowedHosts,
        skip_titles: &[String],
        settings: &LinkListSettings,
    ) -> Result<Self, LinkListError> {
        let titles = TitleRule::new(skip_titles, settings.titles.as_deref())
            .map_err(|error| pattern_error("titles", settings.titles.as_deref().unwrap_or_default(), &error))?;
        Ok(Self {
            name: name.to_owned(),
            page,
            hosts,
            titles,
            links: css("links", &settings.links)?,
            item: optional_css("item", settings.item.as_ref())?,
            title: optional_css("title", settings.title.as_ref())?,
            area: optional_css("area", settings.area.as_ref())?,
            area_pattern: settings
                .area_pattern
                .as_ref()
                .map(|p| Regex::new(p).map_err(|error| pattern_error("area_pattern", p, &error)))
                .transpose()?,
            date: optional_css("date", settings.date.as_ref())?,
            next: optional_css("next", settings.next.as_ref())?,
            total: optional_css("total", settings.total.as_ref())?,
        })
    }

    fn publication(&self, link: ElementRef<'_>, to: &Url) -> Publication {
        let item = self.item.as_ref().and_then(|wanted| closest(link, wanted)).unwrap_or(link);
        let within = |place: &Option<Selector>| Some(text(item.select(place.as_ref()?).next()?, None));
        let title = within(&self.title).unwrap_or_else(|| text(link, None));
        let area = within(&self.area).unwrap_or_else(|| title.clone());
        let provider = match &self.area_pattern {
            Some(pattern) => pattern
                .captures(&area)
                .and_then(|found| found.get(1).or_else(|| found.get(0)))
                .map(|name| name.as_str().trim().to_owned()),
            None if self.area.is_some() => Some(area),
            None => None,
        };
        let date = match &self.date {
            Some(place) => item.select(place).next().and_then(date_of),
            None => {
                item.select(&selector("time")).find_map(date_of).or_else(|| date_after_published(&text(item, None)))
            }
        };
        Publication {
            source: self.name.clone(),
            key: to.to_string(),
            url: Some(to.to_string()),
            file: None,
            title: Some(title).filter(|title| !title.is_empty()),
            provider: provider.filter(|name| !name.is_empty()),
            published_on: date,
        }
    }
}

impl Source for LinkList {
    fn name(&self) -> &str {
        &self.name
    }

    fn hosts(&self) -> &AllowedHosts {
        &self.hosts
    }

    fn start(&self) -> Vec<PageRequest> {
        vec![PageRequest::listing(self.page.to_string())]
    }

    fn read(&self, request: &PageRequest, url: &Url, html: &str) -> Contents {
        let html = match page::parse(url, html) {
            Ok(html) => html,
            Err(alarm) => return Contents { alarms: vec![alarm], ..Contents::default() },
        };
        let mut contents = Contents::default();
        let mut seen = BTreeSet::new();
        for link in html.select(&self.links) {
            contents.results += 1;
            let Some(to) = target(link, url) else { continue };
            if seen.insert(to.to_string()) {
                contents.publications.push(self.publication(link, &to));
            }
        }
        if let Some(place) = &self.total {
            contents.stated_total = html.select(place).find_map(|element| number(&text(element, None)));
            if contents.stated_total.is_none() {
                contents.alarms.push(Alarm::new(
                    "listing_total",
                    format!("{url} shows no number where `total` of source {} expects it; look at the page", self.name),
                ));
            }
        }
        if contents.publications.is_empty() {
            contents.alarms.push(Alarm::new(
                Alarm::LISTING_EMPTY,
                format!("{url} has no link that `links` of source {} selects; look at the page", self.name),
            ));
        }
        let next = self.next.as_ref().and_then(|place| html.select(place).next()).and_then(|link| target(link, url));
        contents.next = next.filter(|next| next != url && contents.results > 0).map(|next| PageRequest {
            url: next.to_string(),
            offset: request.offset + contents.results,
            ..request.clone()
        });
        contents
    }

    fn titles(&self) -> &TitleRule {
        &self.titles
    }

    fn keys_are_permanent(&self) -> bool {
        false
    }
}

fn css(key: &'static str, value: &str) -> Result<Selector, LinkListError> {
    Selector::parse(value).map_err(|error| LinkListError::Selector {
        key,
        value: value.to_owned(),
        why: error.to_string(),
    })
}

fn optional_css(key: &'static str, value: Option<&String>) -> Result<Option<Selector>, LinkListError> {
    value.map(|value| css(key, value)).transpose()
}

fn pattern_error(key: &'static str, value: &str, error: &regex::Error) -> LinkListError {
    LinkListError::Pattern { key, value: value.to_owned(), why: error.to_string() }
}
