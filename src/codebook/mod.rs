//! The themes and the rules that recognise them, loaded and validated.
