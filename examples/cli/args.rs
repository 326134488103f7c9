//! The arguments every example takes, and the data they name.

use std::path::{Path, PathBuf};

use fincoach::core::{FeatureTable, Ledger, Progress, StagedDir};
use fincoach::features::V1Params;
use fincoach::simulate::{Simulation, SimulationParams};
use fincoach::transform::{CsvReader, Detection, Import, Layout, QualityReport, Users};

use super::Result;
use super::export::{Export, Read};

/// Arguments common to all examples.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Common {
    /// Bank export to read; without it simulated households are used.
    #[arg(long)]
    pub(crate) input: Option<PathBuf>,
    /// Whose rows are whose: `one`, `timeline:50`, `timeline-notebook:50` or `column:NAME` [default: `timeline:50`,
    /// for `coach` `one`].
    #[arg(long)]
    pub(crate) users: Option<Users>,
    /// The form of the export.
    #[command(flatten)]
    pub(crate) export: Export,
    /// Seed of everything random.
    #[arg(long, default_value_t = 42)]
    pub(crate) seed: u64,
    /// Folder for the results [default: `target/fincoach/NAME`].
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
    /// No progress bars and no summary.
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// A ledger and where it came from.
pub(crate) struct Loaded {
    /// The bookings.
    pub(crate) ledger: Ledger,
    /// What the reader found; `None` for simulated households.
    pub(crate) quality: Option<QualityReport>,
    /// The households behind the ledger; `None` for a file.
    pub(crate) simulation: Option<Simulation>,
    /// The layout of the file; `None` for a statement file and for simulated households.
    pub(crate) layout: Option<Layout>,
    /// How the layout was found out, where it was.
    pub(crate) detection: Option<Detection>,
}

impl Loaded {
    /// What a reader of the results should know of the source: balances that do not follow from one another mean
    /// most often that several accounts are read as one.
    pub(crate) fn notes(&self) -> Vec<String> {
        let broken = self.quality.iter().filter(|quality| quality.balance_breaks > 0);
        let told = |quality: &QualityReport| {
            let (breaks, rows) = (quality.balance_breaks, quality.rows_read);
            format!(
                "{breaks} of {rows} rows break the balance chain; for several accounts in one file say `--users column:NAME`"
            )
        };
        let doubts = self.detection.iter().flat_map(|found| found.doubts().iter().map(ToString::to_string));
        let left_out =
            self.quality.iter().filter(|quality| quality.rows_refused + quality.rows_not_booked > 0);
        let counted = left_out.map(|quality| {
            let (refused, not_booked) = (quality.rows_refused, quality.rows_not_booked);
            format!("{refused} rows cannot be read and {not_booked} are not booked: they are left out, see the report")
        });
        broken.map(told).chain(doubts).chain(counted).collect()
    }
}

impl Common {
    /// Reads the export, or simulates households; `built_in` is how many and for how many months.
    pub(crate) fn load(&self, built_in: (usize, u32), progress: &mut dyn Progress) -> Result<Loaded> {
        // Checked without a file as well: a misspelt name must not pass unnoticed.
        self.reader()?;
        let Some(path) = &self.input else {
            let simulation = self.simulate(built_in, progress)?;
            let ledger = simulation.ledger().clone();
            return Ok(Loaded {
                ledger,
                quality: None,
                simulation: Some(simulation),
                layout: None,
                detection: None,
            });
        };
        let Read { import, layout, detection } = self.export.read(path, self.users.as_ref())?;
        let Import { ledger, quality, .. } = import;
        let loaded = Loaded { ledger, quality: Some(quality), simulation: None, layout, detection };
        loaded.notes().iter().for_each(|note| super::warn(note));
        Ok(loaded)
    }

    /// The features of schema v1 of what [`Common::load`] gives, one row per user.
    pub(crate) fn features(&self, built_in: (usize, u32), bars: &mut super::Bars) -> Result<FeatureTable> {
        bars.stage("read");
        let ledger = self.load(built_in, bars)?.ledger;
        bars.stage("features");
        Ok(V1Params::default().compute(&ledger)?.into_table())
    }

    /// The reader that the arguments describe.
    pub(crate) fn reader(&self) -> Result<CsvReader> {
        Ok(self.export.reader()?.with_users(self.users()))
    }

    /// Whose rows are whose.
    pub(crate) fn users(&self) -> Users {
        self.users.clone().unwrap_or(Users::Timeline(50))
    }

    /// Simulated households.
    pub(crate) fn simulate(&self, built_in: (usize, u32), progress: &mut dyn Progress) -> Result<Simulation> {
        let (n_households, n_months) = built_in;
        let params = SimulationParams::default()
            .with_n_households(n_households)
            .with_n_months(n_months)
            .with_seed(self.seed);
        Ok(params.simulate_with(progress)?)
    }

    /// The result folder of the example `name`, filled beside its place and shown when it is whole.
    pub(crate) fn stage(&self, name: &str) -> Result<StagedDir> {
        Ok(StagedDir::new(&self.out_dir(name))?)
    }

    /// Where the results of the example `name` go.
    pub(crate) fn out_dir(&self, name: &str) -> PathBuf {
        self.out.clone().unwrap_or_else(|| Path::new("target/fincoach").join(name))
    }

    /// What to call the data in reports.
    pub(crate) fn data_name(&self) -> String {
        let file_name = self.input.as_deref().and_then(Path::file_name);
        file_name
            .map_or_else(|| "simulated households".to_owned(), |name| name.to_string_lossy().into_owned())
    }
}
