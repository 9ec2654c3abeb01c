use std::path::Path;
use std::time::Duration;

use ocelli::{Error, Model, concrete_types};

use super::check::parse_shape;
use crate::args::Args;
use crate::context::engine;

/// `ocelli tune MODEL`: measures the kernel variants for each node and keeps the winners for later runs.
pub fn run(args: &Args, path: &Path, shapes: &[String], seconds: f64) -> Result<u8, Error> {
    let model = Model::open(path).map_err(|e| e.about(path.display()))?;
    let given = shapes.iter().map(|s| parse_shape(s)).collect::<Result<Vec<_>, _>>()?;
    let (types, assumed) = concrete_types(model.graph(), &given)?;
    for line in assumed {
        println!("{line}");
    }
    let budget = Duration::try_from_secs_f64(seconds).map_err(|e| Error::Usage(format!("--seconds {seconds}: {e}")))?;
    let tuned = model.session(&engine(args)?)?.tune(&types, budget)?;
    for t in &tuned {
        let times: Vec<String> = t.times.iter().map(|(v, d)| format!("{v} {:.2} ms", d.as_secs_f64() * 1e3)).collect();
        let changed = t.times.first().is_some_and(|(v, _)| *v != t.before);
        println!("{}: {}{}", t.key, times.join(", "), if changed { "  (changed)" } else { "" });
        for (variant, reason) in &t.quarantined {
            println!("  {variant} is not used: {reason}");
        }
    }
    println!("{} measured", tuned.len());
    Ok(0)
}
