use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Runs image neural networks on any GPU.
#[derive(Parser, Debug)]
#[command(name = "ocelli", version, about, propagate_version = true)]
pub struct Args {
    /// Adapter: an index of `ocelli devices` or a part of its name; several indices, such as 0,1, share all work
    #[arg(long, global = true, env = "OCELLI_DEVICE")]
    pub device: Option<String>,
    /// Most MiB of device memory that a plan may take
    #[arg(long, global = true, value_name = "MIB")]
    pub memory_limit: Option<u64>,
    /// Fixed kernel variants, whatever `ocelli tune` measured: the same bytes run to run
    #[arg(long, global = true)]
    pub reproducible: bool,
    /// Precision of the floats between layers
    #[arg(long, global = true, value_enum, default_value_t)]
    pub precision: Precision,
    /// Say what is decided and why
    #[arg(long, short, global = true)]
    pub verbose: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// Precision of the arithmetic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Precision {
    /// 16-bit floats on GPUs, 32-bit floats on software adapters
    #[default]
    Auto,
    /// 32-bit floats
    F32,
    /// 16-bit floats between layers; one whose results do not fit runs in 32 bits, and a warning names it
    F16,
}

impl From<Precision> for ocelli::Precision {
    fn from(precision: Precision) -> ocelli::Precision {
        match precision {
            Precision::Auto => ocelli::Precision::Auto,
            Precision::F32 => ocelli::Precision::F32,
            Precision::F16 => ocelli::Precision::F16,
        }
    }
}

/// The subcommands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// List the adapters
    Devices {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Tell what a model will do, without running it
    Check {
        /// The ONNX file
        model: PathBuf,
        /// Shape of an input, such as input=1x3x720x1280
        #[arg(long, value_name = "NAME=SHAPE")]
        shape: Vec<String>,
        /// Measure what tiles with this halo, in pixels, differ from the whole picture
        #[arg(long)]
        halo: Option<usize>,
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Print the planned kernel calls
        #[arg(long)]
        dump: bool,
    },
    /// Measure kernel variants for a model on this adapter and keep the winners
    Tune {
        /// The ONNX file
        model: PathBuf,
        /// Shape of an input, such as input=1x3x720x1280
        #[arg(long, value_name = "NAME=SHAPE")]
        shape: Vec<String>,
        /// Most seconds to spend
        #[arg(long, default_value_t = 60.0)]
        seconds: f64,
    },
    /// Run a model on .npy tensors
    Run(RunArgs),
    /// Enlarge pictures
    Upscale(PictureArgs),
    /// Remove noise from pictures
    Denoise(DenoiseArgs),
    /// Lighten and clean up pictures
    Enhance(PictureArgs),
    /// Repaint pictures in the style of a model
    Style(PictureArgs),
    /// Find things and draw boxes
    Detect(PictureArgs),
    /// Find the class of every pixel
    Segment(PictureArgs),
    /// Say what a picture shows
    Classify(PictureArgs),
    /// Find the keypoints of a body
    Pose(PictureArgs),
    /// Measure how good a model is on a set of pictures
    Eval(EvalArgs),
    /// Models by name: what ships, what was downloaded, what can be
    Models(ModelsArgs),
    /// Measure
    Bench {
        /// What to measure
        #[command(subcommand)]
        what: Bench,
    },
}

/// `ocelli run`
#[derive(clap::Args, Debug)]
pub struct RunArgs {
    /// The ONNX file
    #[arg(required_unless_present = "batch")]
    pub model: Option<PathBuf>,
    /// An input tensor
    #[arg(long, value_name = "NAME=FILE.npy")]
    pub input: Vec<String>,
    /// Where the outputs go, one .npy each
    #[arg(long, value_name = "DIR", required_unless_present = "batch")]
    pub output_dir: Option<PathBuf>,
    /// Write the time of each kernel as JSON
    #[arg(long, value_name = "FILE")]
    pub profile: Option<PathBuf>,
    /// Many runs: a JSON list of {id, model, inputs: {name: file}, output_dir, precision}
    #[arg(long, value_name = "LIST.json", conflicts_with_all = ["model", "input", "output_dir", "profile"])]
    pub batch: Option<PathBuf>,
}

/// The commands that take pictures.
#[derive(clap::Args, Debug)]
pub struct PictureArgs {
    /// Pictures, folders of pictures, patterns such as 'photos/**/*.jpg', - for standard input, or a film
    #[arg(required = true)]
    pub input: Vec<PathBuf>,
    /// A file for one picture, else a folder; - for standard output
    #[arg(long, short)]
    pub output: Option<PathBuf>,
    /// A package (a folder with model.toml), an .onnx file, or the name of a shipped or downloaded model
    #[arg(long, short)]
    pub model: Option<String>,
    /// Width and height of a tile in pixels; found from the device's memory by default
    #[arg(long)]
    pub tile: Option<usize>,
    /// Overlap of tiles in pixels
    #[arg(long)]
    pub halo: Option<usize>,
    /// Take the mean over eight turns and reflections of each tile (four where a model's size is fixed and not square):
    /// a little better, as many times as long
    #[arg(long)]
    pub tta: bool,
    /// Format of the results in a folder; that of each input by default
    #[arg(long, value_enum)]
    pub format: Option<FileFormat>,
    /// Bits of a sample; those of the input, or the most that the format holds, by default
    #[arg(long, value_enum)]
    pub depth: Option<SampleDepth>,
    /// What happens to the fractions that the depth cannot hold
    #[arg(long, value_enum, default_value_t)]
    pub dither: DitherMode,
    /// Quality of JPEG
    #[arg(long, default_value_t = 95, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub quality: u8,
    /// Quality of films: smaller is better and larger
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u8).range(0..=51))]
    pub crf: u8,
    /// Convert to sRGB before the model; by default values stay as they are and the ICC profile is kept
    #[arg(long)]
    pub to_srgb: bool,
    /// Take the first frame of animations and the first page of TIFF files, which are refused by default
    #[arg(long)]
    pub first_frame: bool,
    /// Leave out pictures whose result is there already, whatever made it
    #[arg(long, conflicts_with = "resume")]
    pub skip_existing: bool,
    /// Go on where the same command was interrupted: pictures that it finished are left out, and finished rows of a picture
    /// that goes row by row are kept beside its result, in NAME.part, until it is whole
    #[arg(long)]
    pub resume: bool,
    /// Print what was found as JSON, one line per picture
    #[arg(long)]
    pub json: bool,
}

/// `--format`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// 8 or 16 bits
    Png,
    /// 8 bits, lossy, no alpha
    Jpg,
    /// 8 bits, without loss
    Webp,
    /// 8 or 16 bits or floats
    Tif,
    /// 8 bits, no metadata
    Bmp,
}

/// `--depth`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SampleDepth {
    /// 8-bit whole numbers
    #[value(name = "8")]
    Eight,
    /// 16-bit whole numbers
    #[value(name = "16")]
    Sixteen,
    /// 32-bit floats
    #[value(name = "32f")]
    Float,
}

/// `--dither`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DitherMode {
    /// Ordered where the input has more depth than is written, else none
    #[default]
    Auto,
    /// Round to nearest
    None,
    /// A fixed pattern without visible structure
    Ordered,
    /// Errors go to the neighbours
    Diffusion,
}

/// `ocelli denoise`
#[derive(clap::Args, Debug)]
pub struct DenoiseArgs {
    /// What every picture command takes
    #[command(flatten)]
    pub pictures: PictureArgs,
    /// Standard deviation of the noise, in steps of 8 bits: for a model that is told; found blindly by default
    #[arg(long, value_name = "LEVEL")]
    pub sigma: Option<f32>,
}

/// `ocelli eval`
#[derive(clap::Args, Debug)]
pub struct EvalArgs {
    /// What is measured
    #[arg(long, value_enum)]
    pub task: EvalTask,
    /// A package (a folder with model.toml), an .onnx file, or the name of a shipped or downloaded model
    #[arg(long, short)]
    pub model: Option<String>,
    /// A folder of pictures; for `detect` one with images/, annotations/ (PASCAL VOC) and val.txt
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Only pictures of these names, without their endings
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Levels of noise for `denoise`, in steps of 8 bits
    #[arg(long, value_name = "LEVEL", value_delimiter = ',', default_values_t = [15.0, 25.0, 50.0])]
    pub sigma: Vec<f32>,
    /// The list of pictures for `detect`, one name a line
    #[arg(long, value_name = "FILE", default_value = "val.txt")]
    pub list: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `--task`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EvalTask {
    /// PSNR and SSIM of luma beside those of bicubic interpolation
    Sr,
    /// PSNR at levels of noise
    Denoise,
    /// Average precision of each class at an overlap of 0.5
    Detect,
}

/// `ocelli models`
#[derive(clap::Args, Debug)]
pub struct ModelsArgs {
    /// An index of your own instead of the one that ocelli carries
    #[arg(long, global = true, env = "OCELLI_INDEX", value_name = "FILE.toml")]
    pub index: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub what: Models,
}

/// The subcommands of `ocelli models`.
#[derive(Subcommand, Debug)]
pub enum Models {
    /// List all models with their state
    List {
        /// Only those of this task
        #[arg(long)]
        task: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Tell all that is known of a model
    Show {
        /// Its name
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Download models: resumed where an earlier download ended, checked by their SHA-256
    Get {
        /// Their names
        #[arg(required = true)]
        name: Vec<String>,
        /// Give up when nothing comes for so many seconds
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=86400))]
        timeout: u32,
    },
    /// Check that models are what they were
    Verify {
        /// Their names; all that are here by default
        name: Vec<String>,
    },
}

/// `ocelli bench`
#[derive(Subcommand, Debug)]
pub enum Bench {
    /// Time a model from host array to host array
    Model(BenchModel),
    /// Time and verify every kernel variant of representative computations
    Kernels(BenchKernels),
}

/// `ocelli bench kernels`
#[derive(clap::Args, Debug)]
pub struct BenchKernels {
    /// Only computations whose name matches this regular expression
    #[arg(long, value_name = "RE")]
    pub filter: Option<String>,
    /// Rounds over the whole list
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    /// Draw the roofline
    #[arg(long, value_name = "FILE.svg")]
    pub plot: Option<PathBuf>,
    /// Tell what changed by more than the noise since an earlier --json
    #[arg(long, value_name = "OLD.json")]
    pub compare: Option<PathBuf>,
    /// Print one JSON line
    #[arg(long)]
    pub json: bool,
}

/// `ocelli bench model`
#[derive(clap::Args, Debug)]
pub struct BenchModel {
    /// The ONNX file
    pub model: PathBuf,
    /// Inputs in the order of the graph, .npy
    #[arg(long, num_args = 1.., value_name = "FILE")]
    pub input: Vec<PathBuf>,
    /// Expected first output, .npy
    #[arg(long, value_name = "FILE")]
    pub expect: Option<PathBuf>,
    /// How long to measure
    #[arg(long, default_value_t = 3.0)]
    pub seconds: f64,
    /// Measure each node as well (takes as long again)
    #[arg(long)]
    pub nodes: bool,
    /// Draw the nodes as bars
    #[arg(long, value_name = "FILE.svg")]
    pub plot: Option<PathBuf>,
    /// Tell what changed by more than the noise since an earlier --json
    #[arg(long, value_name = "OLD.json")]
    pub compare: Option<PathBuf>,
    /// Print one JSON line
    #[arg(long)]
    pub json: bool,
}
