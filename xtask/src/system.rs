//! What the tests need of the machine: a driver to run kernels on, ffmpeg for films, and Python for the oracle.

use std::path::Path;
use std::process::Command;

use crate::run::{run, works};

/// Makes sure that some graphics driver is there. Windows (WARP) and macOS (Metal) have one; Linux gets Mesa's software
/// Vulkan driver where nothing is installed.
pub fn driver() -> Result<(), String> {
    if !cfg!(target_os = "linux") || (vulkan_loader() && vulkan_driver()) {
        return Ok(());
    }
    println!("no Vulkan driver found: installing Mesa's");
    apt_install(&["mesa-vulkan-drivers", "libvulkan1"])?;
    if vulkan_loader() && vulkan_driver() {
        return Ok(());
    }
    Err("still no Vulkan driver after installing mesa-vulkan-drivers and libvulkan1".to_owned())
}

/// Makes sure that ffmpeg is there where Debian's packages are; elsewhere the tests of films are left out and say so.
pub fn ffmpeg() {
    let here = || works("ffmpeg", &["-version"]) && works("ffprobe", &["-version"]);
    if here() || (Path::new("/usr/bin/apt-get").exists() && apt_install(&["ffmpeg"]).is_ok() && here()) {
        return;
    }
    println!("NOT RUN: films, as there is no ffmpeg and ffprobe on the PATH");
}

fn vulkan_loader() -> bool {
    let listed = Command::new("/sbin/ldconfig").arg("-p").output();
    listed.is_ok_and(|o| String::from_utf8_lossy(&o.stdout).contains("libvulkan.so.1"))
}

fn vulkan_driver() -> bool {
    if std::env::var_os("VK_DRIVER_FILES").is_some() || std::env::var_os("VK_ICD_FILENAMES").is_some() {
        return true;
    }
    ["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"]
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .any(|entries| entries.flatten().any(|e| e.path().extension().is_some_and(|x| x == "json")))
}

/// Installs Debian packages, directly as root or with sudo; elsewhere the error says what to do.
pub fn apt_install(packages: &[&str]) -> Result<(), String> {
    let wanted = packages.join(" ");
    if !Path::new("/usr/bin/apt-get").exists() {
        return Err(format!(
            "this system has no apt-get: install what Debian calls `{wanted}` with its package manager"
        ));
    }
    let sudo = !works("test", &["-w", "/var/lib/dpkg"]);
    if sudo && !works("sudo", &["-n", "true"]) {
        return Err(format!("not root, and sudo asks for a password: run `sudo apt-get install {wanted}` first"));
    }
    let apt = |arguments: &[&str]| {
        let mut command = Command::new(if sudo { "sudo" } else { "apt-get" });
        if sudo {
            command.args(["-n", "apt-get"]);
        }
        run(command.args(["-q", "-y"]).args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update"])?;
    let mut install = vec!["install", "--no-install-recommends"];
    install.extend(packages);
    apt(&install)
}

/// Gives the Vulkan loader and its drivers the folder that they complain about when it is missing.
pub fn runtime_folder() -> Option<std::path::PathBuf> {
    if !cfg!(unix) || std::env::var_os("XDG_RUNTIME_DIR").is_some() {
        return None;
    }
    let folder = std::env::temp_dir().join(format!("ocelli-xdg-{}", std::process::id()));
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder)
}
