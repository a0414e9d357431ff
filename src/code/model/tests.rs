use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::domain::Section;

const TEXTS: [(&str, &str, Option<Section>); 4] = [
    ("Children wait more than two years for an assessment of autism.", "", Some(Section::NeedsToImprove)),
    (
        "As a result, they don\u{2019}t trust the system.",
        "Parents\u{2019} complaints \u{2013} of which there are many \u{2013} go unanswered.",
        None,
    ),
    ("Leaders know the caf\u{e9}\u{2019}s young people well.", "", Some(Section::Effective)),
    ("x", "", None),
];

fn read(model: &Model, (text, previous, section): (&str, &str, Option<Section>)) -> Scores {
    model.run(text, previous, section).unwrap()
}

#[test]
fn scores_of_a_text_depend_on_nothing_but_the_text() {
    let model = Model::bundled();
    let alone = TEXTS.map(|text| read(model, text));
    let backwards: Vec<_> = TEXTS.iter().rev().map(|text| read(model, *text)).collect();
    assert!(alone.iter().eq(backwards.iter().rev()));
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| TEXTS.map(|text| read(model, text)))).collect();
        threads.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), alone));
    });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/encoder");
    let named = Model::open(&folder).unwrap();
    assert_eq!(named.version(), bundled_version());
    assert_eq!(TEXTS.map(|text| read(&named, text)), alone);
}

#[test]
fn scores_are_those_that_the_program_was_measured_with() {
    // The highest theme, its score and words, and the polarities. Another processor may round the last step otherwise.
    let expected = [
        (1525, "wait more than two years", [-126, 801, -336, -442]),
        (1948, ", they don\u{2019}t", [-267, 733, -498, -530]),
        (1060, "s young people well.", [1116, -434, -208, -402]),
        (-757, "x", [778, -605, -345, 177]),
    ];
    for (text, (highest, words, polarities)) in TEXTS.into_iter().zip(expected) {
        let Scores { values, spans } = read(Model::bundled(), text);
        let (themes, others) = values.split_at(values.len() - POLARITIES);
        let best = (0..themes.len()).max_by_key(|i| themes[*i]).unwrap();
        let (start, end) = spans[best];
        assert!(themes[best].abs_diff(highest) <= 2, "{text:?}");
        assert!(others.iter().zip(polarities).all(|(a, b)| a.abs_diff(b) <= 2), "{text:?}");
        assert_eq!(&text.0[start as usize..end as usize], words);
    }
}

#[test]
fn a_model_that_cannot_be_used_says_what_is_wrong_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let error = |changes: &[(usize, &[u8])]| {
        for (i, name) in FILES.iter().enumerate() {
            let bytes = changes.iter().find(|c| c.0 == i).map_or(BUNDLED[i], |c| c.1);
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        let error = Model::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("take `model_dir` out of the configuration"), "{error}");
        assert!(error.contains(&folder.path().display().to_string()), "{error}");
        error
    };
    let other = String::from_utf8(BUNDLED[2].to_vec()).unwrap().replacen("strength", "praise", 1);
    for (file, bytes, message) in [
        (0, &b"nothing"[..], "model.onnx is not valid"),
        (1, br#"{"model": {"type": "BPE", "vocab": {}}}"#, "of the kind BPE, not WordPiece"),
        (1, br#"{"model": {"type": "WordPiece", "vocab": {}}}"#, "tokenizer.json has no [CLS]"),
        (2, br#"{"id2label": {"0": "waiting"}}"#, "config.json names 1 outputs, and 38 are needed"),
        (2, other.as_bytes(), "\"praise\" stands where \"strength\" is needed"),
    ] {
        let error = error(&[(file, bytes)]);
        assert!(error.contains(message), "{error}");
    }
    std::fs::remove_file(folder.path().join(FILES[0])).unwrap();
    assert!(Model::open(folder.path()).unwrap_err().to_string().contains("model.onnx cannot be read"));
}

#[test]
fn a_thread_that_waits_for_the_model_begins_no_other_work() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/encoder");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let begun = AtomicBool::new(false);
    pool.scope(|scope| {
        scope.spawn(|_| begun.store(true, Ordering::SeqCst));
        read(&Model::open(&folder).unwrap(), TEXTS[0]);
        assert!(!begun.load(Ordering::SeqCst), "another document was begun in the middle of this one");
    });
    assert!(begun.into_inner());
}
