//! Compares a letter with the listings that showed it: a page of one area may lead to the letter of another.

use crate::domain::{Letter, Processed, Publication, Reading, Suspicion};
use crate::reference::Reference;

/// Notes in the letter each listing that shows it under the name of another area. A page of an area may show the
/// letters of the areas that it took over from, and of those that took over from it.
pub(super) fn compare_with_listings(processed: &mut Processed, listed: &[Publication], reference: &Reference) {
    let Reading::Letter { letter, .. } = &mut processed.reading else { return };
    for provider in listed.iter().filter_map(|publication| publication.provider.as_deref()) {
        let told = listed_under_another_area(letter, provider, reference);
        letter.suspicious.extend(told.filter(|told| !letter.suspicious.contains(told)));
    }
}

fn listed_under_another_area(letter: &Letter, provider: &str, reference: &Reference) -> Option<Suspicion> {
    let area = reference.area(&letter.la_code)?;
    let listed = reference.codes_meant(provider);
    let related = |code: &str| {
        code == area.la_code
            || area.successors.iter().any(|successor| successor == code)
            || reference.area(code).is_some_and(|other| other.successors.contains(&area.la_code))
    };
    // A name that the tables do not have says nothing about an area.
    if listed.is_empty() || listed.into_iter().any(related) {
        return None;
    }
    Some(Suspicion {
        field: "area".to_owned(),
        problem: format!("its listing shows it under {provider}, but the letter is about {}", area.name),
        quote: letter.area_as_printed.clone(),
    })
}
