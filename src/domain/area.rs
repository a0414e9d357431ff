//! Local areas of England, their statistical neighbours, and the official register of outcomes.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::vocabulary::vocabulary;

vocabulary! {
    /// Type of local authority.
    LaType, "type of area" {
        /// London borough (and the City of London).
        LondonBorough = "london_borough",
        /// Metropolitan district.
        MetropolitanDistrict = "metropolitan_district",
        /// Unitary authority.
        UnitaryAuthority = "unitary_authority",
        /// County.
        County = "county",
    }
}

vocabulary! {
    /// Statistical region of England.
    Region, "region" {
        /// North East.
        NorthEast = "North East",
        /// North West.
        NorthWest = "North West",
        /// Yorkshire and the Humber.
        YorkshireAndTheHumber = "Yorkshire and the Humber",
        /// East Midlands.
        EastMidlands = "East Midlands",
        /// West Midlands.
        WestMidlands = "West Midlands",
        /// East of England.
        EastOfEngland = "East of England",
        /// London.
        London = "London",
        /// South East.
        SouthEast = "South East",
        /// South West.
        SouthWest = "South West",
    }
}

vocabulary! {
    /// Whether an area exists today.
    AreaStatus, "area status" {
        /// One of the current areas.
        Current = "current",
        /// Abolished; its successors are named.
        Abolished = "abolished",
    }
}

/// A local area: the unit that is inspected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalArea {
    /// Three-digit code of the Department for Education; the key everywhere in sendlens.
    pub la_code: String,
    /// Code of the Office for National Statistics.
    pub ons_code: String,
    /// Number of the provider at Ofsted, where known.
    pub urn: Option<String>,
    /// Name as people write it ("Bristol", "Kingston upon Hull").
    pub name: String,
    /// Other names and official spellings.
    pub also_known_as: Vec<String>,
    /// Region.
    pub region: Region,
    /// Type of authority.
    pub la_type: LaType,
    /// People aged 0 to 25, where known.
    pub population_0_25: Option<u32>,
    /// Codes of the Office for National Statistics that the same area had before.
    pub previous_ons_codes: Vec<String>,
    /// First day on which an abolished area no longer existed.
    pub abolished_on: Option<Date>,
    /// First day of an area that was created after inspections began in May 2016, where it replaced others.
    pub created_on: Option<Date>,
    /// Codes of the areas that took its place.
    pub successors: Vec<String>,
}

impl LocalArea {
    /// Whether the area exists today or was abolished.
    #[must_use]
    pub fn status(&self) -> AreaStatus {
        if self.abolished_on.is_some() { AreaStatus::Abolished } else { AreaStatus::Current }
    }
}

/// One of the ten statistical neighbours of an area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbour {
    /// The area whose neighbour it is.
    pub la_code: String,
    /// 1 is the nearest.
    pub rank: u8,
    /// The neighbour.
    pub neighbour: String,
    /// The Department's word for how near ("extremely close" to "not close").
    pub closeness: String,
}

/// One row of the official register of inspections and revisits, 2016-2022.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficialOutcome {
    /// The area as it was then.
    pub la_code: String,
    /// First day of the inspection.
    pub inspection_start: Date,
    /// Day of publication.
    pub published_on: Option<Date>,
    /// Whether a written statement of action was required.
    pub wsoa_required: bool,
    /// Number of significant weaknesses.
    pub significant_weaknesses: Option<u32>,
    /// First day of the revisit, if there was one by 31 August 2022.
    pub revisit_start: Option<Date>,
    /// Day on which the revisit letter was published.
    pub revisit_published_on: Option<Date>,
    /// Weaknesses on which progress was sufficient.
    pub sufficient: Option<u32>,
    /// Weaknesses on which it was not.
    pub insufficient: Option<u32>,
}
