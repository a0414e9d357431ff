//! The properties that a marked-content operator spells out: of all that they may say, the two that text needs.

use super::strings::text_string;
use crate::extract::error::Result;
use crate::extract::lexer::{Lexer, Token, decode_hex, decode_literal};
use crate::extract::limits::Budget;

/// What marked content is: its number in the structure, and the text that stands for it.
#[derive(Default)]
pub(super) struct Properties {
    pub(super) mcid: Option<u32>,
    pub(super) actual_text: Option<String>,
}

impl Properties {
    /// Reads on behind `<<` to the `>>` that closes it, or to the end of the content.
    pub(super) fn read(lexer: &mut Lexer, budget: &Budget) -> Result<Self> {
        let mut properties = Self::default();
        let mut bytes = Vec::new();
        let (mut key, mut depth) = (&b""[..], 0_u32);
        loop {
            budget.step()?;
            bytes.clear();
            let token = lexer.token();
            match token {
                Token::End => return Ok(properties),
                Token::DictClose if depth == 0 => return Ok(properties),
                Token::DictOpen | Token::ArrayOpen => depth += 1,
                Token::DictClose | Token::ArrayClose => depth = depth.saturating_sub(1),
                _ if depth > 0 => {}
                Token::Name(name) => {
                    key = name;
                    continue;
                }
                Token::Int(int) if key == b"MCID" => properties.mcid = u32::try_from(int).ok(),
                Token::Literal(raw) if key == b"ActualText" => {
                    decode_literal(raw, &mut bytes);
                    properties.actual_text = Some(text_string(&bytes));
                }
                Token::Hex(raw) if key == b"ActualText" => {
                    decode_hex(raw, &mut bytes);
                    properties.actual_text = Some(text_string(&bytes));
                }
                _ => {}
            }
            key = b"";
        }
    }
}
