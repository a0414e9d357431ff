//! Passages + codebook -> findings with polarity, themes and evidence. Pure.
