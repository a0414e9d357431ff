//! What people type into a search, as an expression of SQLite's full-text search.
//!
//! Words, "phrases", prefixes (`autis*`), AND, OR, NOT (or a minus before a word), NEAR and parentheses. Every word is passed on in quotes, so
//! that apostrophes, hyphens and other marks of ordinary English are never syntax; what cannot be meant gets an error
//! that says how to write it.

use std::fmt;

use super::error::QueryError;

/// How to write a search, for messages.
const HELP: &str = "write words, \"a phrase\", a prefix*, AND, OR, NOT, NEAR(first second, 10), and parentheses, as in \
                    \"health visitors\" AND (delay* OR wait*) NOT autism";

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    /// `NEAR`, with the distance of the form `NEAR/5`.
    Near(Option<u32>),
    Comma,
    Phrase(Phrase),
}

/// A word or a phrase, or how one begins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Phrase {
    text: String,
    prefix: bool,
}

/// A search as it was understood. It is written ([`fmt::Display`]) as an expression of SQLite's full-text search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    Phrase(Phrase),
    Near(Vec<Phrase>, u32),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>, Box<Self>),
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"{}", self.text.replace('"', "\"\""), if self.prefix { " *" } else { "" })
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phrase(phrase) => write!(f, "{phrase}"),
            Self::Near(phrases, distance) => {
                f.write_str("NEAR(")?;
                for (place, phrase) in phrases.iter().enumerate() {
                    write!(f, "{}{phrase}", if place > 0 { " " } else { "" })?;
                }
                write!(f, ", {distance})")
            }
            Self::And(first, second) => write!(f, "({first} AND {second})"),
            Self::Or(first, second) => write!(f, "({first} OR {second})"),
            Self::Not(first, second) => write!(f, "({first} NOT {second})"),
        }
    }
}

impl Expression {
    /// The phrases that what is found may hold.
    pub(super) fn phrases(&self) -> Vec<&Phrase> {
        match self {
            Self::Phrase(phrase) => vec![phrase],
            Self::Near(phrases, _) => phrases.iter().collect(),
            Self::And(first, second) | Self::Or(first, second) => {
                let mut phrases = first.phrases();
                phrases.extend(second.phrases());
                phrases
            }
            Self::Not(first, _) => first.phrases(),
        }
    }

    /// The expression without these phrases, and without what it takes away: it finds all that this one finds, and
    /// more. Nothing where it would find everything.
    pub(super) fn without(&self, phrases: &[&Phrase]) -> Option<Self> {
        match self {
            Self::Phrase(phrase) => (!phrases.contains(&phrase)).then(|| self.clone()),
            Self::Near(near, distance) => {
                let mut left: Vec<Phrase> = near.iter().filter(|p| !phrases.contains(p)).cloned().collect();
                match left.len() {
                    0 | 1 => left.pop().map(Self::Phrase),
                    _ => Some(Self::Near(left, *distance)),
                }
            }
            Self::And(first, second) => match (first.without(phrases), second.without(phrases)) {
                (Some(first), Some(second)) => Some(Self::And(first.into(), second.into())),
                (left, right) => left.or(right),
            },
            Self::Or(first, second) => Some(Self::Or(first.without(phrases)?.into(), second.without(phrases)?.into())),
            Self::Not(first, _) => first.without(phrases),
        }
    }
}

/// What a search as typed means.
pub(super) fn expression(query: &str) -> Result<Expression, QueryError> {
    let fail = |problem: String| QueryError::Search { query: format!("`{query}`"), problem, help: HELP };
    let tokens = tokens(query).map_err(fail)?;
    if tokens.is_empty() {
        return Err(fail("there is no word in it".to_owned()));
    }
    let mut parser = Parser { tokens: &tokens, next: 0 };
    let understood = parser.alternatives().map_err(fail)?;
    match parser.peek() {
        None => Ok(understood),
        Some(Token::Close) => Err(fail("a closing parenthesis has no opening one".to_owned())),
        Some(_) => Err(fail("it breaks off in the middle".to_owned())),
    }
}

fn tokens(query: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let characters: Vec<char> = query.chars().collect();
    let quote = |c: char| matches!(c, '"' | '\u{201C}' | '\u{201D}' | '\u{201E}');
    let mut i = 0;
    while let Some(&c) = characters.get(i) {
        i += 1;
        match c {
            c if c.is_whitespace() => {}
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            ',' => tokens.push(Token::Comma),
            // "autism -adhd", but not "co-production" or a dash between words.
            '-' | '−' if stands_before_term(&characters, i) => {
                if tokens.last() != Some(&Token::Not) {
                    tokens.push(Token::Not);
                }
            }
            c if quote(c) => {
                let end = characters[i..].iter().position(|c| quote(*c)).ok_or("a quotation mark is not closed")?;
                let text: String = characters[i..i + end].iter().collect();
                i += end + 1;
                let star = characters.get(i) == Some(&'*');
                i += usize::from(star);
                push_phrase(&mut tokens, text, star)?;
            }
            _ => {
                let start = i - 1;
                let stop = |c: &char| c.is_whitespace() || matches!(c, '(' | ')' | ',') || quote(*c);
                let end = characters[start..].iter().position(stop).map_or(characters.len(), |n| start + n);
                let word: String = characters[start..end].iter().collect();
                i = end;
                push_word(&mut tokens, &word)?;
            }
        }
    }
    // A comma is syntax only inside NEAR; elsewhere it is the comma of a list of words.
    let mut near = false;
    tokens.retain(|token| {
        match token {
            Token::Near(_) => near = true,
            Token::Close => near = false,
            _ => {}
        }
        near || *token != Token::Comma
    });
    Ok(tokens)
}

/// Whether the mark before this place has nothing directly before it and a word, phrase or parenthesis directly after.
fn stands_before_term(characters: &[char], after: usize) -> bool {
    let before = after.checked_sub(2).and_then(|place| characters.get(place));
    let opens = |c: &char| c.is_alphanumeric() || matches!(c, '(' | '"' | '\u{201C}');
    before.is_none_or(|c| c.is_whitespace() || *c == '(') && characters.get(after).is_some_and(opens)
}

fn push_word(tokens: &mut Vec<Token>, word: &str) -> Result<(), String> {
    match word {
        "AND" | "&" | "&&" => tokens.push(Token::And),
        "OR" | "|" | "||" => tokens.push(Token::Or),
        "NOT" => tokens.push(Token::Not),
        "NEAR" => tokens.push(Token::Near(None)),
        _ => {
            if let Some(distance) = word.strip_prefix("NEAR/") {
                let distance = distance.parse().map_err(|_| format!("\"{word}\" needs a number after NEAR/"))?;
                tokens.push(Token::Near(Some(distance)));
            } else if let Some(stem) = word.strip_suffix('*') {
                push_phrase(tokens, stem.to_owned(), true)?;
            } else {
                push_phrase(tokens, word.to_owned(), false)?;
            }
        }
    }
    Ok(())
}

fn push_phrase(tokens: &mut Vec<Token>, text: String, star: bool) -> Result<(), String> {
    if text.contains(char::is_alphanumeric) {
        if text.contains('*') {
            return Err(format!("the star in \"{text}\" must stand at the end of the word"));
        }
        tokens.push(Token::Phrase(Phrase { text, prefix: star }));
        return Ok(());
    }
    if star {
        return Err("a star must follow the beginning of a word, as in autis*".to_owned());
    }
    // A dash or other mark on its own is no word.
    Ok(())
}

struct Parser<'a> {
    tokens: &'a [Token],
    next: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.next)
    }

    fn take(&mut self, token: &Token) -> bool {
        let taken = self.peek() == Some(token);
        self.next += usize::from(taken);
        taken
    }

    fn alternatives(&mut self) -> Result<Expression, String> {
        let mut found = self.conjunction()?;
        while self.take(&Token::Or) {
            found = Expression::Or(found.into(), self.conjunction()?.into());
        }
        Ok(found)
    }

    fn conjunction(&mut self) -> Result<Expression, String> {
        let mut found = self.exclusion()?;
        loop {
            let said = self.take(&Token::And);
            match self.peek() {
                Some(Token::Open | Token::Phrase(_) | Token::Near(_)) => {}
                Some(Token::Not) if said => {}
                _ if said => return Err("AND needs a word after it".to_owned()),
                _ => return Ok(found),
            }
            // "first AND NOT second" is what people write for "first NOT second".
            found = if self.take(&Token::Not) {
                Expression::Not(found.into(), self.operand()?.into())
            } else {
                Expression::And(found.into(), self.exclusion()?.into())
            };
        }
    }

    fn exclusion(&mut self) -> Result<Expression, String> {
        let mut found = self.operand()?;
        while self.take(&Token::Not) {
            found = Expression::Not(found.into(), self.operand()?.into());
        }
        Ok(found)
    }

    fn operand(&mut self) -> Result<Expression, String> {
        match self.peek() {
            Some(Token::Open) => {
                self.next += 1;
                let found = self.alternatives()?;
                if self.take(&Token::Close) { Ok(found) } else { Err("a parenthesis is not closed".to_owned()) }
            }
            Some(Token::Near(None)) => {
                self.next += 1;
                self.near_list()
            }
            Some(Token::Phrase(first)) => {
                self.next += 1;
                match (self.peek(), self.tokens.get(self.next + 1)) {
                    // "first NEAR second" and "first NEAR/5 second".
                    (Some(Token::Near(distance)), Some(Token::Phrase(second))) => {
                        self.next += 2;
                        Ok(Expression::Near(vec![first.clone(), second.clone()], distance.unwrap_or(10)))
                    }
                    _ => Ok(Expression::Phrase(first.clone())),
                }
            }
            Some(Token::And) => Err("AND needs a word before it".to_owned()),
            Some(Token::Or) => Err("OR needs a word on either side".to_owned()),
            Some(Token::Not) => Err("NOT needs a word before it: it takes away from what was found".to_owned()),
            Some(Token::Near(Some(_))) => Err("NEAR needs a word on either side".to_owned()),
            Some(Token::Close) => Err("there is nothing between the parentheses".to_owned()),
            Some(Token::Comma) => Err("a comma stands where a word is needed".to_owned()),
            None => Err("it breaks off where a word is needed".to_owned()),
        }
    }

    fn near_list(&mut self) -> Result<Expression, String> {
        const FORM: &str = "NEAR is written NEAR(first second) or NEAR(first second, 10)";
        if !self.take(&Token::Open) {
            return Err(FORM.to_owned());
        }
        let mut phrases = Vec::new();
        let mut distance = 10;
        loop {
            match self.peek() {
                Some(Token::Phrase(phrase)) => phrases.push(phrase.clone()),
                Some(Token::Comma) => {
                    if let (Some(Token::Phrase(Phrase { text, prefix: false })), Some(Token::Close)) =
                        (self.tokens.get(self.next + 1), self.tokens.get(self.next + 2))
                        && let Ok(number) = text.parse()
                    {
                        distance = number;
                        self.next += 1;
                    }
                }
                Some(Token::Close) if phrases.len() >= 2 => {
                    self.next += 1;
                    return Ok(Expression::Near(phrases, distance));
                }
                _ => return Err(FORM.to_owned()),
            }
            self.next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_phrases_and_operators_become_an_expression() {
        for (typed, meant) in [
            ("speech therapy", r#"("speech" AND "therapy")"#),
            ("\"speech and language\"", r#""speech and language""#),
            ("\u{201C}local offer\u{201D}", r#""local offer""#),
            ("autis*", r#""autis" *"#),
            ("children's", r#""children's""#),
            ("co-production & voice", r#"("co-production" AND "voice")"#),
            ("a OR b c", r#"("a" OR ("b" AND "c"))"#),
            ("a NOT b", r#"("a" NOT "b")"#),
            ("a AND NOT b", r#"("a" NOT "b")"#),
            ("a -b", r#"("a" NOT "b")"#),
            ("a b -c d", r#"(("a" AND ("b" NOT "c")) AND "d")"#),
            ("a -\"b c\" -d*", r#"(("a" NOT "b c") NOT "d" *)"#),
            ("a NOT -b", r#"("a" NOT "b")"#),
            ("a - b", r#"("a" AND "b")"#),
            ("(a OR b) c", r#"(("a" OR "b") AND "c")"#),
            ("NEAR(speech wait*, 5)", r#"NEAR("speech" "wait" *, 5)"#),
            ("NEAR(speech, wait)", r#"NEAR("speech" "wait", 10)"#),
            ("speech NEAR waiting", r#"NEAR("speech" "waiting", 10)"#),
            ("speech NEAR/3 waiting", r#"NEAR("speech" "waiting", 3)"#),
            ("health, care", r#"("health" AND "care")"#),
            ("support – early", r#"("support" AND "early")"#),
            ("text:word^2", r#""text:word^2""#),
        ] {
            assert_eq!(expression(typed).unwrap().to_string(), meant, "{typed}");
        }
    }

    #[test]
    fn phrases_are_left_out_so_that_more_is_found_never_less() {
        for (typed, left) in [
            ("rare usual", Some(r#""rare""#)),
            ("usual common", None),
            ("rare NOT seldom", Some(r#""rare""#)),
            ("rare NOT usual", Some(r#""rare""#)),
            ("usual NOT rare", None),
            ("rare OR seldom", Some(r#"("rare" OR "seldom")"#)),
            ("rare OR usual", None),
            ("seldom (rare OR usual)", Some(r#""seldom""#)),
            ("NEAR(rare usual, 3)", Some(r#""rare""#)),
            ("NEAR(rare usual seldom, 3)", Some(r#"NEAR("rare" "seldom", 3)"#)),
            ("usual NEAR common", None),
            ("usual* rare*", Some(r#"("usual" * AND "rare" *)"#)),
            (r#""usual rare" common"#, Some(r#""usual rare""#)),
        ] {
            let phrase = |text: &str| Phrase { text: text.to_owned(), prefix: false };
            let (usual, common) = (phrase("usual"), phrase("common"));
            let found = expression(typed).unwrap().without(&[&usual, &common]).map(|e| e.to_string());
            assert_eq!(found.as_deref(), left, "{typed}");
        }
        let phrases =
            |typed: &str| expression(typed).unwrap().phrases().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(phrases("(a OR b*) NEAR(c d) NOT e"), [r#""a""#, r#""b" *"#, r#""c""#, r#""d""#]);
    }

    #[test]
    fn what_cannot_be_meant_is_explained() {
        for (typed, problem) in [
            ("", "no word"),
            ("--", "no word"),
            ("\"open", "quotation mark"),
            ("(a OR b", "not closed"),
            ("a)", "no opening"),
            ("NOT a", "before it"),
            ("a AND", "after it"),
            ("OR a", "either side"),
            ("a OR", "breaks off"),
            ("*", "must follow"),
            ("au*tism", "end of the word"),
            ("NEAR(a)", "NEAR is written"),
            ("NEAR a", "NEAR is written"),
            ("()", "nothing between"),
        ] {
            let error = expression(typed).unwrap_err();
            let message = error.to_string();
            assert!(message.contains(problem) && message.contains("as in"), "{typed}: {message}");
            assert_eq!(error.code(), "search_syntax");
        }
    }
}
