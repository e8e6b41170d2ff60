//! The contract's descriptors, as compiled from `proto/`.

use prost_reflect::DescriptorPool;
use std::sync::LazyLock;

/// The encoded `FileDescriptorSet`, for reflection.
pub const BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| DescriptorPool::decode(BYTES).unwrap_or_default());

/// The decoded descriptors.
pub fn pool() -> &'static DescriptorPool {
    &POOL
}
