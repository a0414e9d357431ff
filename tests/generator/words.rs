//! What the letters say: invented findings, none of which is true of any place.

use super::Draw;

const WHO: &[&str] = &[
    "Leaders",
    "Health visitors",
    "Portage workers",
    "Special educational needs coordinators",
    "Parents and carers",
    "The early years team",
    "Speech and language therapists",
    "Schools",
    "The parent carer forum",
    "Commissioners",
    "Staff in further education colleges",
    "School nurses",
    "Social workers",
    "Educational psychologists",
    "The designated clinical officer",
    "The youth justice team",
];
const DOES: &[&str] = &[
    "identify the needs of young children at an early stage",
    "work closely with families to plan the next steps",
    "share information promptly across education, health and care",
    "know their community well",
    "use the graduated approach to meet pupils’ needs",
    "offer helpful training to settings, e.g. on autism",
    "review education, health and care (EHC) plans on time",
    "have improved the quality of advice for EHC plans",
    "make sure that children in care have their health needs assessed",
    "prepare young people well for adulthood",
    "track the progress that pupils make in key stages 1 and 2",
    "listen to what children and young people say",
];
const NOT: &[&str] = &[
    "do not receive the help that they need quickly enough",
    "wait too long for an assessment of autism",
    "do not contribute to EHC plans in good time",
    "have not put in place a joint strategy for commissioning",
    "do not know about the local offer",
    "are not involved in decisions about services",
    "have limited oversight of the quality of EHC plans",
    "do not make sure that annual reviews lead to change",
    "lack the data that would show whether provision makes a difference",
    "cannot find suitable short breaks",
];
const TAIL: &[&str] = &[
    "",
    "",
    "",
    " This helps families to feel supported.",
    " However, this is not yet consistent across the area.",
    " Parents told inspectors that they value this.",
    " As a result, needs are met at the right time.",
    " In 2018, about 40% of families waited for more than 18 weeks.",
    " Too often, this depends on where they live.",
    " This is commissioned by NHS England and the local ICB.",
];
const WEAK: &[&str] = &[
    "the lack of a clear strategy for joint commissioning",
    "the poor quality of education, health and care plans",
    "the long waiting times for assessments of autism",
    "weaknesses in the oversight of annual reviews",
    "the variable quality of provision for young people aged 16 to 25",
    "the limited use of data to plan services",
    "the weak co-production with parents and carers",
    "the ineffective arrangements for speech and language therapy",
    "the absence of a designated clinical officer",
    "the rise in exclusions of pupils with special educational needs",
    "the lack of accountability of senior leaders",
    "the inaccessibility of the published local offer",
    "too little help with the transition to adult services",
    "the poor timeliness of decisions on personal budgets",
];
const SUB: &[&str] = &[
    "the contributions of social care",
    "the way in which outcomes are written",
    "checks on their quality",
    "the timeliness of final plans",
    "the voice of the child",
    "how leaders share what they learn",
];
const SHOULD: &[&str] = &[
    "improve the quality and timeliness of EHC plans",
    "reduce the waiting times for neurodevelopmental assessments",
    "strengthen the oversight of alternative provision",
    "work with families to improve communication",
    "develop a joint strategy for preparation for adulthood",
    "make better use of data to commission services",
    "ensure that annual reviews lead to updated plans",
    "improve access to short breaks and respite",
];

const FOR: &[&str] = &["", "", " for children under five", " in the secondary phase", " across the area"];

/// Findings of one letter: none is drawn twice.
pub struct Deck {
    used: Vec<String>,
}

impl Deck {
    pub fn new() -> Self {
        Self { used: Vec::new() }
    }

    fn draw_unused(&mut self, draw: &mut Draw, make: impl Fn(&mut Draw) -> String) -> String {
        for _ in 0..200 {
            let text = make(draw);
            if !self.used.contains(&text) {
                self.used.push(text.clone());
                return text;
            }
        }
        panic!("the words have run out");
    }

    pub fn good(&mut self, draw: &mut Draw) -> String {
        self.draw_unused(draw, |d| format!("{} {}.{}", d.any_of(WHO), d.any_of(DOES), d.any_of(TAIL)))
    }

    pub fn bad(&mut self, draw: &mut Draw) -> String {
        self.draw_unused(draw, |d| format!("{} {}.{}", d.any_of(WHO), d.any_of(NOT), d.any_of(TAIL)))
    }

    pub fn weakness(&mut self, draw: &mut Draw) -> String {
        self.draw_unused(draw, |d| format!("{}{}", d.any_of(WEAK), d.any_of(FOR)))
    }

    pub fn demand(&mut self, draw: &mut Draw) -> String {
        self.draw_unused(draw, |d| format!("{}{}", d.any_of(SHOULD), d.any_of(FOR)))
    }

    pub fn subs(&mut self, draw: &mut Draw) -> Vec<String> {
        let number = draw.between(2, 3);
        let start = draw.between(0, SUB.len() - number);
        SUB[start..start + number].iter().map(|s| (*s).to_owned()).collect()
    }
}

pub fn number(n: usize, in_words: bool) -> String {
    const WORDS: [&str; 11] = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    if in_words && n < 11 { WORDS[n].to_owned() } else { n.to_string() }
}
