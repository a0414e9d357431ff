//! Words that are tagged under the wrong element. Word's own export puts parts of a sentence into the label of another
//! item of the same list; where they were painted shows where they belong.

use super::assemble::{Piece, is_same_line};
use super::content::Shown;
use super::draft::{Draft, Role};
use super::label::is_label;

/// The draft that a run of spans leaves, the one that it goes to, and the run: spans with their draft.
type Move<'r> = (usize, usize, &'r [(usize, usize)]);

/// Gives each run of spans back to the list item around it: a run that was painted directly between two spans of one
/// other item of the same list, on the same line as one of them.
pub(super) fn bring_home(shown: &Shown, drafts: &mut [Draft]) {
    let mut owner: Vec<Option<usize>> = vec![None; shown.spans.len()];
    for (index, draft) in drafts.iter().enumerate() {
        for piece in &draft.pieces {
            if let Some(slot) = owner.get_mut(piece.span as usize) {
                *slot = Some(index);
            }
        }
    }
    let painted: Vec<(usize, usize)> =
        owner.iter().enumerate().filter_map(|(span, owner)| owner.map(|draft| (span, draft))).collect();
    let runs: Vec<&[(usize, usize)]> = painted.chunk_by(|a, b| a.1 == b.1).collect();
    let mut moves: Vec<Move<'_>> = Vec::new();
    for window in runs.windows(3) {
        let [before, run, after] = window else { continue };
        let (home, away) = (before[0].1, run[0].1);
        if home != after[0].1 || !are_items_of_one_list(&drafts[home], &drafts[away]) {
            continue;
        }
        // The run that holds most of an item is the item itself, interrupted; a mark opens its own item.
        let text: String = run.iter().map(|(span, _)| shown.text_of(&shown.spans[*span])).collect();
        let stays = 2 * run.len() > drafts[away].pieces.len() || is_label(text.trim());
        if stays || is_moved(&moves, before[0].0) {
            continue;
        }
        let (Some(last), Some(next)) = (before.last(), after.first()) else { continue };
        let spans =
            (&shown.spans[last.0], &shown.spans[run[0].0], &shown.spans[run[run.len() - 1].0], &shown.spans[next.0]);
        if is_same_line(spans.0, spans.1) || is_same_line(spans.2, spans.3) {
            moves.push((away, home, run));
        }
    }
    for (away, home, run) in moves {
        let strays = run[0].0..=run[run.len() - 1].0;
        let (gone, kept): (Vec<Piece>, Vec<Piece>) = std::mem::take(&mut drafts[away].pieces)
            .into_iter()
            .partition(|piece| strays.contains(&(piece.span as usize)));
        drafts[away].pieces = kept;
        for piece in gone {
            let pieces = &mut drafts[home].pieces;
            let place = pieces.iter().position(|other| other.span > piece.span && !other.label).unwrap_or(pieces.len());
            pieces.insert(place, Piece { label: false, ..piece });
        }
    }
}

fn is_moved(moves: &[Move<'_>], span: usize) -> bool {
    moves.iter().any(|(.., run)| run.iter().any(|(moved, _)| *moved == span))
}

fn are_items_of_one_list(a: &Draft, b: &Draft) -> bool {
    matches!((a.role, b.role), (Role::Item(_), Role::Item(_))) && a.cell == b.cell
}
