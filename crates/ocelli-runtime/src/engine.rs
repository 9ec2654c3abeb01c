use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use ocelli_graph::passes;
use ocelli_graph::plan::Target;

use crate::choices::Choices;
use crate::disk_cache::DiskCache;
use crate::pipeline::Pipeline;
use crate::recovery::{LostFlag, Origin};
use crate::session::slices::Pace;
use crate::{Precision, RuntimeError};

/// What an adapter is, for listings.
#[derive(Clone, Debug)]
pub struct AdapterSummary {
    /// Position in the listing, which `--device` takes.
    pub index: usize,
    /// Name of the device.
    pub name: String,
    /// `vulkan`, `metal` or `dx12`.
    pub backend: String,
    /// `discrete`, `integrated`, `virtual`, `software` or `other`.
    pub kind: &'static str,
    /// Driver name and version.
    pub driver: String,
    /// Largest storage binding, in bytes.
    pub max_binding_bytes: u64,
    /// Workgroup memory, in bytes.
    pub workgroup_memory_bytes: u32,
    /// `shader-f16`, `subgroup`, `timestamps` and so on.
    pub features: Vec<&'static str>,
}

/// How to open an engine.
#[derive(Clone, Debug, Default)]
pub struct EngineOptions {
    /// An index of [`adapters`] or a part of an adapter's name; the best GPU when `None`.
    pub device: Option<String>,
    /// Most bytes of device memory that a plan may take.
    pub memory_limit_bytes: Option<u64>,
    /// Folder for compiled pipelines, where the driver lets them be kept; no cache when `None`.
    pub cache_folder: Option<std::path::PathBuf>,
    /// Takes the same variants everywhere and always, whatever was measured and however large a picture is: the same bytes
    /// run to run, from one machine with this adapter to another, and however a picture is cut into tiles that the halo
    /// covers.
    pub reproducible: bool,
    /// How exactly sessions compute that are not asked for something else.
    pub precision: Precision,
    /// Passes that do not run (see [`passes::Options`]), beside those that `OCELLI_DISABLE` names.
    pub passes: passes::Options,
    /// Compile kernels with bounds checks, to find an index out of range; `OCELLI_CHECK=bounds` does the same.
    pub check_bounds: bool,
}

/// A device with its pipelines. Clones share everything.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    pub pipelines: Mutex<HashMap<String, Arc<Pipeline>>>,
    pub memory_limit_bytes: Option<u64>,
    /// How much work a submit may hold.
    pub pace: Pace,
    /// Whether the device is gone.
    pub lost: LostFlag,
    /// How to open it again; unset for a device of the caller's.
    pub origin: Option<Origin>,
    pub disk_cache: Option<DiskCache>,
    pub check_bounds: bool,
    pub choices: Choices,
    pub passes: passes::Options,
    pub precision: Precision,
    /// Where plans and kernels are written as text, if `OCELLI_DUMP` names a folder.
    pub dump: Option<std::path::PathBuf>,
    pub reproducible: bool,
    info: wgpu::AdapterInfo,
    /// Size of the cooperative matrices that kernels may use.
    cooperative: Option<u32>,
}

/// Features that kernels use where they are there.
const WANTED: wgpu::Features = wgpu::Features::SHADER_F16
    .union(wgpu::Features::SUBGROUP)
    .union(wgpu::Features::SHADER_INT64)
    .union(wgpu::Features::TIMESTAMP_QUERY)
    .union(wgpu::Features::PIPELINE_CACHE);

/// Features without which kernels with cooperative matrices cannot run.
const COOPERATIVE: wgpu::Features =
    wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX.union(wgpu::Features::SHADER_F16).union(wgpu::Features::SUBGROUP);

/// What blocks in workgroup memory take: bytes and invocations.
const BLOCK_LIMITS: (u32, u32) = (16 << 10, 256);

/// Rows and columns of the square matrices with `f16` in and `f32` out that subgroups of the adapter multiply together.
fn cooperative_size(adapter: &wgpu::Adapter) -> Option<u32> {
    use wgpu::CooperativeScalarType::{F16, F32};
    if !adapter.features().contains(COOPERATIVE) {
        return None;
    }
    let all = adapter.cooperative_matrix_properties();
    let has = |s: u32| {
        all.iter().any(|p| (p.m_size, p.n_size, p.k_size) == (s, s, s) && (p.ab_type, p.cr_type) == (F16, F32))
    };
    [16, 8].into_iter().find(|&s| has(s))
}

/// [`cooperative_size`] of the adapter of a device that the caller made, if its features allow them.
async fn cooperative_size_of(device: &wgpu::Device) -> Option<u32> {
    if !device.features().contains(COOPERATIVE) {
        return None;
    }
    // A device does not tell what its adapter's matrices are: ask the adapter that looks the same.
    let info = device.adapter_info();
    enumerate().await.iter().find(|a| a.get_info() == info).and_then(cooperative_size)
}

/// Whether device memory is host memory: mapped buffers lie elsewhere in memory that is slow for the device.
fn shares_memory(kind: wgpu::DeviceType) -> bool {
    matches!(kind, wgpu::DeviceType::Cpu | wgpu::DeviceType::IntegratedGpu)
}

fn instance() -> wgpu::Instance {
    let backends = wgpu::Backends::VULKAN | wgpu::Backends::METAL | wgpu::Backends::DX12;
    let mut desc = wgpu::InstanceDescriptor::new_without_display_handle();
    desc.backends = backends;
    wgpu::Instance::new(desc)
}

/// All adapters: GPUs first, software ones last.
pub(crate) async fn enumerate() -> Vec<wgpu::Adapter> {
    let mut all = instance().enumerate_adapters(wgpu::Backends::all()).await;
    all.sort_by_key(|a| match a.get_info().device_type {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    });
    all
}

/// `given` and what `OCELLI_DISABLE` adds.
fn disabled_passes(given: &passes::Options) -> passes::Options {
    let mut all = given.clone();
    all.disabled.extend(passes::Options::without(&std::env::var("OCELLI_DISABLE").unwrap_or_default()).disabled);
    all
}

fn summary(index: usize, info: &wgpu::AdapterInfo, features: wgpu::Features, limits: &wgpu::Limits) -> AdapterSummary {
    let kind = match info.device_type {
        wgpu::DeviceType::DiscreteGpu => "discrete",
        wgpu::DeviceType::IntegratedGpu => "integrated",
        wgpu::DeviceType::VirtualGpu => "virtual",
        wgpu::DeviceType::Cpu => "software",
        wgpu::DeviceType::Other => "other",
    };
    let named = [
        (wgpu::Features::SHADER_F16, "shader-f16"),
        (wgpu::Features::SUBGROUP, "subgroup"),
        (wgpu::Features::TIMESTAMP_QUERY, "timestamps"),
        (wgpu::Features::PIPELINE_CACHE, "pipeline-cache"),
        (wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX, "cooperative-matrix"),
    ];
    AdapterSummary {
        index,
        name: info.name.clone(),
        backend: info.backend.to_str().to_owned(),
        kind,
        driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
        max_binding_bytes: limits.max_storage_buffer_binding_size,
        workgroup_memory_bytes: limits.max_compute_workgroup_storage_size,
        features: named.into_iter().filter(|(f, _)| features.contains(*f)).map(|(_, n)| n).collect(),
    }
}

/// Lists the adapters of this machine.
pub async fn adapters() -> Vec<AdapterSummary> {
    enumerate().await.iter().enumerate().map(|(i, a)| summary(i, &a.get_info(), a.features(), &a.limits())).collect()
}

/// An engine on this adapter, which is the `index`-th of the listing.
pub(crate) async fn open_on(
    adapter: &wgpu::Adapter,
    index: usize,
    options: &EngineOptions,
) -> Result<Engine, RuntimeError> {
    let info = adapter.get_info();
    if info.device_type == wgpu::DeviceType::Cpu {
        log::warn!("running on the software adapter `{}`: expect it to be slow", info.name);
    }
    let desc = Engine::device_descriptor(adapter);
    let (device, queue) = adapter.request_device(&desc).await.map_err(|e| RuntimeError::Device(e.to_string()))?;
    let origin = Origin { options: options.clone(), index };
    Ok(Engine::build(device, queue, options, cooperative_size(adapter), Some(origin)))
}

impl Engine {
    /// [`Engine::with_options`], blocking.
    pub fn open(options: &EngineOptions) -> Result<Engine, RuntimeError> {
        pollster::block_on(Engine::with_options(options))
    }

    /// An engine on the best adapter.
    pub async fn new() -> Result<Engine, RuntimeError> {
        Engine::with_options(&EngineOptions::default()).await
    }

    /// An engine on the adapter that the options name. A software adapter is used only when it is named or no GPU is
    /// there, and a warning says so.
    pub async fn with_options(options: &EngineOptions) -> Result<Engine, RuntimeError> {
        let all = enumerate().await;
        let names: Vec<String> = all.iter().map(|a| a.get_info().name).collect();
        let at = match &options.device {
            None => Some(0),
            Some(wanted) => {
                let index = wanted.parse::<usize>().ok();
                names.iter().enumerate().position(|(i, name)| match index {
                    Some(index) => i == index,
                    None => name.to_lowercase().contains(&wanted.to_lowercase()),
                })
            }
        };
        let Some((at, adapter)) = at.and_then(|at| Some((at, all.get(at)?))) else {
            return Err(RuntimeError::NoAdapter(match &options.device {
                Some(wanted) => format!("`{wanted}` matches none of [{}]", names.join(", ")),
                None => "no Vulkan, Metal or DX12 driver answers (on Linux, `mesa-vulkan-drivers` has a software one)"
                    .to_owned(),
            }));
        };
        open_on(adapter, at, options).await
    }

    /// What an engine asks of a device: every limit of the adapter, and the features that kernels use where they are
    /// there. For applications that create the device themselves; any other device works too, within its limits.
    ///
    /// wgpu's experimental cooperative matrices are among the features only where kernels can use them.
    #[allow(unsafe_code, reason = "argued below")]
    pub fn device_descriptor(adapter: &wgpu::Adapter) -> wgpu::DeviceDescriptor<'static> {
        let cooperative = cooperative_size(adapter).is_some();
        // SAFETY: experimental features may have bugs that are undefined behaviour in what the device runs. The only one that
        // is asked for is cooperative matrices, and of our shaders only those of `tiles/cooperative` use them: all their
        // matrices lie inside arrays of constant size in workgroup memory, at offsets below those sizes; every operation on
        // matrices is reached by all invocations; sizes and types are those that the adapter lists. Results are compared
        // with the reference in tests, and by `ocelli tune` on the adapter itself.
        let enabled = || unsafe { wgpu::ExperimentalFeatures::enabled() };
        let matrices = wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX;
        let shared = shares_memory(adapter.get_info().device_type);
        let mapped = if shared { wgpu::Features::MAPPABLE_PRIMARY_BUFFERS } else { wgpu::Features::empty() };
        wgpu::DeviceDescriptor {
            label: Some("ocelli"),
            required_features: adapter.features() & (WANTED | mapped)
                | if cooperative { matrices } else { wgpu::Features::empty() },
            required_limits: adapter.limits(),
            experimental_features: if cooperative { enabled() } else { wgpu::ExperimentalFeatures::disabled() },
            ..Default::default()
        }
    }

    /// An engine on the caller's device, which may have any features and limits. Cooperative matrices are used if the device
    /// has them enabled.
    pub fn from_device(device: wgpu::Device, queue: wgpu::Queue) -> Engine {
        let cooperative = pollster::block_on(cooperative_size_of(&device));
        Engine::build(device, queue, &EngineOptions::default(), cooperative, None)
    }

    fn build(
        device: wgpu::Device,
        queue: wgpu::Queue,
        options: &EngineOptions,
        cooperative: Option<u32>,
        origin: Option<Origin>,
    ) -> Engine {
        let info = device.adapter_info();
        let lost = LostFlag::default();
        if origin.is_some() {
            lost.watch(&device);
        }
        let software = info.device_type == wgpu::DeviceType::Cpu;
        let disk_cache = options.cache_folder.as_ref().and_then(|folder| DiskCache::open(&device, &info, folder));
        Engine {
            inner: Arc::new(Inner {
                device,
                queue,
                pipelines: Mutex::default(),
                memory_limit_bytes: options.memory_limit_bytes,
                disk_cache,
                choices: Choices::open(&info, options.cache_folder.as_deref().filter(|_| !options.reproducible)),
                passes: disabled_passes(&options.passes),
                precision: options.precision,
                dump: std::env::var_os("OCELLI_DUMP").filter(|d| !d.is_empty()).map(Into::into),
                reproducible: options.reproducible,
                check_bounds: options.check_bounds || std::env::var("OCELLI_CHECK").is_ok_and(|v| v == "bounds"),
                pace: Pace::new(software),
                lost,
                origin,
                info,
                cooperative,
            }),
        }
    }

    /// The device.
    pub fn device(&self) -> &wgpu::Device {
        &self.inner.device
    }

    /// The queue.
    pub fn queue(&self) -> &wgpu::Queue {
        &self.inner.queue
    }

    /// Most bytes of device memory that a plan may take, if the options set one.
    pub fn memory_limit_bytes(&self) -> Option<u64> {
        self.inner.memory_limit_bytes
    }

    /// Whether the options ask for the same bytes always.
    pub fn is_reproducible(&self) -> bool {
        self.inner.reproducible
    }

    /// What the adapter is.
    pub fn summary(&self) -> AdapterSummary {
        summary(0, &self.inner.info, self.inner.device.features(), &self.inner.device.limits())
    }

    /// What plans for this engine may count on, in 32 bits; [`Precision::target`] is for others.
    pub fn target(&self) -> Target {
        let info = &self.inner.info;
        let subgroups = self.inner.device.features().contains(wgpu::Features::SUBGROUP);
        let limits = self.inner.device.limits();
        Target {
            subgroup_min: if subgroups { info.subgroup_min_size } else { 0 },
            software: info.device_type == wgpu::DeviceType::Cpu,
            native_f16: self.inner.device.features().contains(wgpu::Features::SHADER_F16),
            int64: self.inner.device.features().contains(wgpu::Features::SHADER_INT64),
            blocks: limits.max_compute_workgroup_storage_size >= BLOCK_LIMITS.0
                && limits.max_compute_invocations_per_workgroup >= BLOCK_LIMITS.1,
            cooperative: self.inner.cooperative,
            allow_f16: false,
            reproducible: self.inner.reproducible,
            choices: self.inner.choices.known(),
            ..Target::default()
        }
    }

    /// Whether device memory is host memory, so that activations can be mapped.
    pub(crate) fn maps_primary_buffers(&self) -> bool {
        self.inner.device.features().contains(wgpu::Features::MAPPABLE_PRIMARY_BUFFERS)
            && shares_memory(self.inner.info.device_type)
    }

    /// Lets wgpu call back what is due, without waiting.
    pub(crate) fn advance(&self) -> Result<(), RuntimeError> {
        self.inner.device.poll(wgpu::PollType::Poll).map(|_| ()).map_err(|e| RuntimeError::Lost(e.to_string()))
    }

    /// The result of a future that resolves when the device is polled.
    pub(crate) fn resolve<T>(&self, mapped: impl Future<Output = Result<T, RuntimeError>>) -> Result<T, RuntimeError> {
        let mut mapped = std::pin::pin!(mapped);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        for _ in 0..3 {
            if let std::task::Poll::Ready(result) = mapped.as_mut().poll(&mut context) {
                return result;
            }
            self.wait()?;
        }
        Err(RuntimeError::Lost("the driver does not map a buffer".to_owned()))
    }

    /// Blocks until the submitted work is done. A lost device is an error instead of wgpu's panic.
    pub(crate) fn wait(&self) -> Result<(), RuntimeError> {
        let poll = || self.inner.device.poll(wgpu::PollType::wait_indefinitely());
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(poll)) {
            _ if self.is_lost() => Err(self.gone()),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(e)) => Err(RuntimeError::Lost(e.to_string())),
            Err(_) => Err(RuntimeError::Lost("the driver stopped answering".to_owned())),
        }
    }

    fn asked_whether_lost(&self) -> bool {
        let timeout = Some(std::time::Duration::from_secs(2));
        let poll = || self.inner.device.poll(wgpu::PollType::Wait { submission_index: None, timeout });
        let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(poll));
        self.is_lost() || polled.is_err()
    }

    fn gone(&self) -> RuntimeError {
        RuntimeError::Lost(format!("the driver of `{}` gave up", self.inner.info.name))
    }

    /// Work that one call may hold to take no longer than `seconds` on this adapter, by what has been measured; `None` before
    /// anything has been.
    pub fn work_in(&self, seconds: f64) -> Option<u64> {
        self.inner.pace.in_seconds(seconds)
    }

    /// Runs `f` with error scopes around it, so that nothing reaches wgpu's panicking default handler.
    pub(crate) fn scoped<T>(&self, what: &str, f: impl FnOnce() -> T) -> Result<T, RuntimeError> {
        let device = &self.inner.device;
        let memory = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validation = device.push_error_scope(wgpu::ErrorFilter::Validation);
        let internal = device.push_error_scope(wgpu::ErrorFilter::Internal);
        let result = f();
        let errors = [internal.pop(), validation.pop(), memory.pop()].map(pollster::block_on);
        match errors.into_iter().flatten().next() {
            Some(wgpu::Error::OutOfMemory { .. }) => Err(RuntimeError::OutOfMemory(what.to_owned())),
            None if self.is_lost() => Err(self.gone()),
            None => Ok(result),
            // Whatever fails on a lost device fails because of that, which the device tells when it is asked.
            Some(_) if self.asked_whether_lost() => Err(self.gone()),
            Some(e) => Err(RuntimeError::Validation { what: what.to_owned(), message: e.to_string() }),
        }
    }
}
