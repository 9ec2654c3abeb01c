//! Where and when something was measured.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use ocelli::{Engine, Error};
use serde_json::Value;

use crate::context::io_error;

/// The adapter, its driver and the day.
pub struct Platform {
    /// Name of the adapter.
    pub adapter: String,
    /// Driver name and version.
    pub driver: String,
    /// `vulkan`, `metal` or `dx12`.
    pub backend: String,
    /// UTC, as `2026-11-23`.
    pub date: String,
}

impl Platform {
    /// Of this engine, now.
    pub fn of(engine: &Engine) -> Platform {
        let summary = engine.summary();
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        Platform {
            adapter: summary.name,
            driver: summary.driver,
            backend: summary.backend,
            date: date((seconds / 86_400) as i64),
        }
    }

    /// One line below a picture's title.
    pub fn line(&self) -> String {
        let Platform { adapter, driver, backend, date } = self;
        format!("{adapter} · {backend} · {driver} · ocelli {} · {date}", env!("CARGO_PKG_VERSION"))
    }

    /// Adds `adapter`, `driver`, `backend`, `date` and `version` to an object.
    pub fn add_to(&self, object: &mut Value) {
        object["adapter"] = self.adapter.as_str().into();
        object["driver"] = self.driver.as_str().into();
        object["backend"] = self.backend.as_str().into();
        object["date"] = self.date.as_str().into();
        object["version"] = env!("CARGO_PKG_VERSION").into();
    }
}

/// Reads the JSON of an earlier measurement.
pub fn read_json(path: &Path) -> Result<Value, Error> {
    let text = std::fs::read_to_string(path).map_err(|e| io_error(path, e))?;
    serde_json::from_str(&text)
        .map_err(|e| Error::Usage(format!("{}: expected the output of --json, got {e}", path.display())))
}

/// The Gregorian date of a day counted from 1970-01-01.
fn date(days: i64) -> String {
    // Years begin in March here, so that a leap day is the last of its year; an era is 400 years, 146,097 days.
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (days, want) in [(0, "1970-01-01"), (11_016, "2000-02-29"), (11_017, "2000-03-01"), (20_780, "2026-11-23")]
        {
            assert_eq!(date(days), want);
        }
    }
}
