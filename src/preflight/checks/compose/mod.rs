//! Compose files: what services say of each other.

mod address;
mod code;
mod data;
mod host_port;
mod localhost;
mod mount;
mod names;
mod order;
mod style;

pub(super) use self::data::unread;
pub(super) mod wait;

use super::Entry;

/// The checks of this area.
pub(super) const CHECKS: &[Entry] = &[
    ("compose/address-outside", address::outside),
    ("compose/address-twice", address::twice),
    ("compose/code-hidden", code::hidden),
    ("compose/code-kept", code::kept),
    ("compose/config-undefined", names::config),
    ("compose/container-name-twice", names::container_name),
    ("compose/data-directory", data::directory),
    ("compose/depends-cycle", order::cycle),
    ("compose/depends-disabled", order::disabled),
    ("compose/depends-never-ends", order::never_ends),
    ("compose/depends-no-healthcheck", wait::no_healthcheck),
    ("compose/depends-not-healthy", wait::not_healthy),
    ("compose/depends-unknown", order::unknown),
    ("compose/entrypoint-reset", style::entrypoint_reset),
    ("compose/image-missing", names::image_missing),
    ("compose/image-latest", style::latest),
    ("compose/image-name", names::image_name),
    ("compose/init-folder", data::init_folder),
    ("compose/localhost", localhost::look),
    ("compose/log-rotation", style::log_rotation),
    ("compose/mount-folder", mount::folder),
    ("compose/mount-missing", mount::missing),
    ("compose/mount-relative", mount::relative),
    ("compose/network-mode", names::network_mode),
    ("compose/network-undefined", names::network),
    ("compose/port-closed", host_port::closed),
    ("compose/port-replicas", host_port::replicas),
    ("compose/port-twice", host_port::twice),
    ("compose/read-only", data::read_only),
    ("compose/restart-unknown", style::restart),
    ("compose/secret-file-missing", super::image::context::secret_file_missing),
    ("compose/secret-undefined", names::secret),
    ("compose/service-unknown", names::service),
    ("compose/volume-undefined", names::volume),
];
