//! What areas like this one were flagged for, and how unusual that is.

use std::collections::HashMap;

use rusqlite::OptionalExtension;
use serde::Serialize;

use super::FEW;
use super::correction::Adjusted;
use super::criticised::criticised_themes;
use super::error::QueryError;
use super::filter::Filter;
use super::mix;
use super::national::National;
use super::quotes::{Quote, quotes};
use super::scope::{Scope, ScopeLetter, nationwide};
use super::stats::{CLEAR, Share, adjust_for_comparisons, fisher, part_against_whole};
use super::themes::labels;
use crate::store::Dataset;

/// Letters that are looked into for quotes, for each theme.
const QUOTED_LETTERS: usize = 8;

/// Which areas count as peers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// Its statistical neighbours.
    Neighbours,
    /// The other areas of its region.
    Region,
    /// The other areas of its type.
    Type,
    /// All other areas.
    All,
    /// These areas (three-digit codes).
    List(Vec<String>),
}

impl Basis {
    /// How the basis is spelled on the command line and in answers.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Neighbours => "neighbours",
            Self::Region => "region",
            Self::Type => "type",
            Self::All => "all",
            Self::List(_) => "list",
        }
    }
}

/// A peer and its letters in scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Peer {
    /// Three-digit code.
    pub la_code: String,
    /// Name.
    pub area: String,
    /// Place among the statistical neighbours, 1 the nearest.
    pub rank: Option<u32>,
    /// The Department for Education's word for how near.
    pub closeness: Option<String>,
    /// Ids of its letters in scope; an area without any does not count.
    pub letters: Vec<String>,
}

/// One theme among the peers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeerTheme {
    /// Theme id.
    pub theme: String,
    /// Its name.
    pub label: String,
    /// Peers flagged for it.
    pub peers_flagged: usize,
    /// Peers that have a letter in scope.
    pub of_peers: usize,
    /// The peers' share with its interval.
    #[serde(flatten)]
    pub share: Share,
    /// The peers' share corrected for the coder's errors, where each peer has one letter in scope.
    #[serde(flatten)]
    pub adjusted: Adjusted,
    /// Areas of England flagged for it, peers and the area itself included.
    pub national_flagged: usize,
    /// Areas of England that have a letter in scope.
    pub of_areas: usize,
    /// England's share.
    pub national_share: Option<f64>,
    /// The peers' share less England's.
    pub difference: Option<f64>,
    /// Lower end of the difference's 95% interval.
    pub difference_low: Option<f64>,
    /// Upper end.
    pub difference_high: Option<f64>,
    /// `above` or `below` England where the difference is clear after the correction for all themes compared, else
    /// `could_be_chance`; nothing where there was nothing to compare.
    pub stands_out: Option<&'static str>,
    /// Whether the area itself was flagged; nothing where it has no letter in scope.
    pub flagged_here: Option<bool>,
    /// Whether a letter of the area in scope criticises the theme outside its formal items; nothing where it has none.
    pub criticised_here: Option<bool>,
    /// Too few peers, or too few flagged, to be ranked: a theme that fewer than two share is no pattern.
    pub small: bool,
    /// The most telling wordings among the peers.
    pub quotes: Vec<Quote>,
}

/// What peers were flagged for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Peers {
    /// Three-digit code of the area that is compared.
    pub la_code: String,
    /// Its name.
    pub area: String,
    /// Ids of its own letters in scope.
    pub own_letters: Vec<String>,
    /// Which areas count as peers.
    pub basis: &'static str,
    /// What the national shares rest on.
    pub scope: Scope,
    /// The peers, the nearest first.
    pub peers: Vec<Peer>,
    /// Names of the peers without a letter in scope; they do not count.
    pub without_letter: Vec<String>,
    /// How many themes were compared with England; what is marked is corrected for this number.
    pub compared: usize,
    /// Where letters are not alike: what differs, in sentences.
    pub cautions: Vec<String>,
    /// Themes, in the order asked for.
    pub themes: Vec<PeerTheme>,
}

impl Peers {
    /// Whether there are so few peers that a share says nothing.
    #[must_use]
    pub fn too_few_for_shares(&self) -> bool {
        self.peers.len() < FEW
    }

    /// Whether shares of England stand beside those of the peers: not where the peers are all England themselves.
    #[must_use]
    pub fn beside_england(&self) -> bool {
        !self.too_few_for_shares() && self.basis != Basis::All.name()
    }
}

/// The order of themes among peers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PeerOrder {
    /// Furthest above England first, by the lower end of the difference's interval.
    #[default]
    MostUnusual,
    /// Most peers flagged first.
    MostFlagged,
    /// What the area itself was flagged for first, then by most peers flagged.
    HereToo,
}

impl PeerOrder {
    /// The order in one line, for people.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::MostUnusual => {
                "Furthest above England first, by the lower end of the difference; small samples come last."
            }
            Self::MostFlagged => "Most peers flagged first.",
            Self::HereToo => "What this area was flagged for too comes first, then most peers flagged.",
        }
    }

    fn sort(self, themes: &mut [PeerTheme]) {
        match self {
            Self::MostUnusual => themes.sort_by(most_distinctive_first),
            Self::MostFlagged => themes.sort_by_key(|theme| std::cmp::Reverse(theme.peers_flagged)),
            Self::HereToo => {
                themes.sort_by_key(|theme| std::cmp::Reverse((theme.flagged_here == Some(true), theme.peers_flagged)));
            }
        }
    }
}

/// Parses the spellings that the command line and the web take.
impl std::str::FromStr for PeerOrder {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "most-unusual" => Ok(Self::MostUnusual),
            "most-flagged" => Ok(Self::MostFlagged),
            "here-too" => Ok(Self::HereToo),
            other => Err(format!("no such order: \"{other}\"; use one of: most-unusual, most-flagged, here-too")),
        }
    }
}

/// Compares the themes that peers of an area were flagged for with those of all England.
///
/// Filters of letters (framework, kind, outcome, period) set the scope for peers and nation alike; filters of areas
/// do not apply, the basis does. An area counts once, however many letters it has in scope.
///
/// # Errors
/// The dataset could not be read, or an area or theme is unknown.
pub fn peers(dataset: &Dataset, la_code: &str, basis: &Basis, filter: &Filter) -> Result<Peers, QueryError> {
    peers_in_order(dataset, la_code, basis, filter, PeerOrder::default())
}

/// The same, in another order of themes.
///
/// # Errors
/// The dataset could not be read, or an area or theme is unknown.
pub fn peers_in_order(
    dataset: &Dataset,
    la_code: &str,
    basis: &Basis,
    filter: &Filter,
    order: PeerOrder,
) -> Result<Peers, QueryError> {
    filter.check(dataset)?;
    let area = area_name(dataset, la_code)?;
    let national = nationwide(dataset, &filter.of_all_areas().of_all_themes(), CACHED_NATIONS, National::read)?;
    let National { letters, roles, flagged, numbers, by_area, .. } = &*national;
    let nowhere = vec![None; by_area.len()];
    let letter_ids = |code: &str| -> Vec<String> {
        let own = numbers.get(code).map_or(&[][..], |area| &by_area[*area]);
        own.iter().map(|letter| letters[*letter].id()).collect()
    };
    let mut all_peers = peers_of(dataset, la_code, basis)?;
    for peer in &mut all_peers {
        peer.letters = letter_ids(&peer.la_code);
    }
    let (with, without): (Vec<Peer>, Vec<Peer>) = all_peers.into_iter().partition(|p| !p.letters.is_empty());
    let mut places: Vec<Option<usize>> = vec![None; by_area.len()];
    for (place, peer) in with.iter().enumerate() {
        if let Some(area) = numbers.get(peer.la_code.as_str()) {
            places[*area] = Some(place);
        }
    }
    let own_letters = letter_ids(la_code);
    let criticised = criticised_themes(dataset, la_code, filter)?;
    let with_letter = with.len();
    let others = by_area.len() - with_letter;
    let p_value = |id: &str| {
        let flagged = flagged.get(id)?;
        let among_peers = flagged.iter().zip(&places).filter(|(letter, place)| letter.is_some() && place.is_some());
        let (peers, all) = (among_peers.count(), flagged.iter().flatten().count());
        (with_letter >= FEW).then(|| fisher((peers, with_letter), (all - peers, others))).flatten()
    };
    let labels = labels(dataset)?;
    // All themes are compared, whichever are shown.
    let compared: Vec<(&str, f64)> = labels.iter().filter_map(|(id, _)| Some((id.as_str(), p_value(id)?))).collect();
    let adjusted = adjust_for_comparisons(&compared.iter().map(|(_, p)| *p).collect::<Vec<_>>());
    let number_compared = compared.len();
    let clear: HashMap<&str, bool> = compared.iter().zip(adjusted).map(|((id, _), p)| (*id, p < CLEAR)).collect();
    let peer_letters = national.letters_of(&places);
    let areas_of_peers = by_area.iter().zip(&places).filter(|(_, place)| place.is_some());
    let all_of_peers: Vec<usize> = areas_of_peers.flat_map(|(letters, _)| letters.iter().copied()).collect();
    let cautions = mix::of_peers(letters, &all_of_peers);

    let mut themes = Vec::new();
    for (id, label) in labels.iter().cloned() {
        if !(filter.themes.is_empty() || filter.themes.contains(&id)) {
            continue;
        }
        let flagged = flagged.get(id.as_str()).unwrap_or(&nowhere);
        // The latest flagged letter of each peer, the nearest peer first.
        let mut to_quote: Vec<(usize, usize)> =
            flagged.iter().zip(&places).filter_map(|(letter, place)| place.zip(*letter)).collect();
        let peers_flagged = to_quote.len();
        let (national_flagged, of_areas) = (flagged.iter().flatten().count(), by_area.len());
        let compared = part_against_whole((peers_flagged, with.len()), (national_flagged, of_areas));
        let interval = compared.and_then(|(_, interval)| interval);
        to_quote.sort_unstable();
        let to_quote: Vec<ScopeLetter> = to_quote.iter().take(QUOTED_LETTERS).map(|(_, l)| letters[*l]).collect();
        themes.push(PeerTheme {
            quotes: quotes(dataset, &id, &to_quote, roles)?,
            peers_flagged,
            of_peers: with.len(),
            share: Share::of(peers_flagged, with.len()),
            adjusted: national.adjusted(&id, &peer_letters, flagged),
            national_flagged,
            of_areas,
            national_share: Share::of(national_flagged, of_areas).share,
            difference: compared.map(|(difference, _)| difference),
            difference_low: interval.map(|(low, _)| low),
            difference_high: interval.map(|(_, high)| high),
            stands_out: clear.get(id.as_str()).map(|clear| match compared {
                Some((difference, _)) if *clear && difference > 0.0 => "above",
                Some((difference, _)) if *clear && difference < 0.0 => "below",
                _ => "could_be_chance",
            }),
            flagged_here: numbers.get(la_code).map(|area| flagged[*area].is_some()),
            criticised_here: numbers.get(la_code).map(|_| criticised.contains(&id)),
            small: with.len() < FEW || peers_flagged < 2,
            theme: id,
            label,
        });
    }
    order.sort(&mut themes);
    let themes = filter.page(themes);
    Ok(Peers {
        la_code: la_code.to_owned(),
        area,
        own_letters,
        basis: basis.name(),
        scope: national.scope.clone(),
        peers: with,
        without_letter: without.into_iter().map(|p| p.area).collect(),
        compared: number_compared,
        cautions,
        themes,
    })
}

/// The nation as so many filters mean it is remembered: every area is compared with the same one.
const CACHED_NATIONS: usize = 16;

/// By the lower end of the difference, which is low where there is little evidence. What is marked small comes last, and
/// by plain counts: a bound on three areas ranks noise. The sort is stable, so equals stay in the codebook's order.
fn most_distinctive_first(x: &PeerTheme, y: &PeerTheme) -> std::cmp::Ordering {
    let low = |t: &PeerTheme| t.difference_low.or(t.difference).unwrap_or(f64::NEG_INFINITY);
    let by_bound = low(y).total_cmp(&low(x));
    let by_count = y.peers_flagged.cmp(&x.peers_flagged);
    x.small.cmp(&y.small).then(if x.small { by_count.then(by_bound) } else { by_bound.then(by_count) })
}

pub(super) fn area_name(dataset: &Dataset, la_code: &str) -> Result<String, QueryError> {
    dataset
        .connection()
        .prepare_cached("SELECT area FROM areas WHERE la_code = ?1")?
        .query_row([la_code], |row| row.get(0))
        .optional()?
        .ok_or_else(|| QueryError::UnknownArea(la_code.to_owned()))
}

/// The peers in their order, without their letters.
fn peers_of(dataset: &Dataset, la_code: &str, basis: &Basis) -> Result<Vec<Peer>, QueryError> {
    const RANKED: &str = "SELECT a.la_code, a.area, n.rank, n.closeness FROM areas AS a
        LEFT JOIN neighbours AS n ON n.la_code = ?1 AND n.neighbour = a.la_code
        WHERE a.la_code <> ?1";
    let order = "ORDER BY n.rank IS NULL, n.rank, a.area, a.la_code";
    let rest = match basis {
        Basis::Neighbours => "AND n.rank IS NOT NULL",
        Basis::Region => "AND a.abolished_on IS NULL AND a.region = (SELECT region FROM areas WHERE la_code = ?1)",
        Basis::Type => "AND a.abolished_on IS NULL AND a.la_type = (SELECT la_type FROM areas WHERE la_code = ?1)",
        Basis::All => "AND a.abolished_on IS NULL",
        Basis::List(_) => "",
    };
    let sql = format!("{RANKED} {rest} {order}");
    let mut statement = dataset.connection().prepare_cached(&sql)?;
    let mut peers: Vec<Peer> = statement
        .query_map([la_code], |row| {
            Ok(Peer {
                la_code: row.get(0)?,
                area: row.get(1)?,
                rank: row.get(2)?,
                closeness: row.get(3)?,
                letters: Vec::new(),
            })
        })?
        .collect::<Result<_, _>>()?;
    if let Basis::List(codes) = basis {
        for code in codes {
            area_name(dataset, code)?;
        }
        peers.retain(|p| codes.contains(&p.la_code));
    }
    Ok(peers)
}
