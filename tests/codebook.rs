#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]
//! A codebook is checked when it is loaded, and its complaints name the line.

use sendlens::codebook::{Codebook, check};

fn with_theme(theme: &str) -> String {
    format!(
        "version = 1\n[words]\nplan = 'ehc plans?'\n[polarity]\nstrength = 'good'\nweakness = 'poor'\n\
         neutral = 'plans to'\ncontrast = 'but'\n{theme}"
    )
}

const HEAD: &str = "[[theme]]\nid = \"plans\"\ngroup = \"meet\"\nlabel = \"Plans\"\ndefinition = \"What plans say.\"\n";

#[test]
fn the_bundled_codebook_has_the_34_themes() {
    let codebook = Codebook::bundled();
    assert_eq!(codebook.themes().len(), 34);
    assert_eq!(codebook.theme("identification").unwrap().subthemes.len(), 4);
    assert!(codebook.fingerprint().starts_with("1+"));
    // As a file of a user's own, with every list compiled at once.
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/codebook.toml");
    assert_eq!(Codebook::load(&file).unwrap().fingerprint(), codebook.fingerprint());
}

#[test]
fn any_edit_changes_the_fingerprint() {
    let text = with_theme(&format!("{HEAD}sure = 'plans'\n"));
    let first = Codebook::parse(&text).unwrap().fingerprint();
    assert_eq!(Codebook::parse(&text).unwrap().fingerprint(), first);
    assert_ne!(Codebook::parse(&format!("{text}\n# a remark\n")).unwrap().fingerprint(), first);
}

#[test]
fn errors_name_the_line_and_the_remedy() {
    let cases = [
        (format!("{HEAD}sure = '''\nplans\n(unclosed\n'''\n"), "line 16", "valid pattern"),
        (format!("{HEAD}sure = '''\n{{plan}}\n{{nowhere}}\n'''\n"), "line 16", "defined are: plan"),
        (format!("{HEAD}likely = 'EHC'\n"), "line 14", "lower case"),
        (format!("{HEAD}sure = 'x*'\n"), "line 14", "empty text"),
        (HEAD.to_owned(), "line 10", "no patterns"),
        (format!("{HEAD}sure = 'a'\n{HEAD}sure = 'b'\n"), "line 16", "twice"),
        (format!("{HEAD}sure = 'a'\n").replace("meet", "meat"), "line 11", "use one of: identify"),
        (
            format!("{HEAD}sure = 'a'\nsubthemes = [\"x\"]\n[theme.subtheme_patterns]\ny = 'b'\n"),
            "line 17",
            "subthemes",
        ),
    ];
    for (theme, line, words) in cases {
        let message = Codebook::parse(&with_theme(&theme)).unwrap_err().to_string();
        assert!(message.contains(line) && message.contains(words), "{message}\nwanted {line}, {words}");
    }
}

#[test]
fn a_syntax_error_shows_where() {
    let message = Codebook::parse("version = 1\n[[theme]\n").unwrap_err().to_string();
    assert!(message.contains("line 2"), "{message}");
}

#[test]
fn check_points_at_patterns_claimed_twice() {
    let second = HEAD.replace("\"plans\"", "\"more\"");
    let codebook =
        Codebook::parse(&with_theme(&format!("{HEAD}sure = 'late plans'\n{second}sure = 'late plans'\n"))).unwrap();
    let advice = check(&codebook);
    assert_eq!(advice.len(), 1);
    assert!(advice[0].message.contains("plans"), "{}", advice[0].message);
}
