//! The matrix unit: whether it is there, and its configuration.

use std::arch::asm;
use std::arch::x86_64::__cpuid_count;
use std::marker::PhantomData;
use std::sync::LazyLock;

/// Whether there is a matrix unit for bf16, with AVX-512 beside it, that this process may use.
pub(super) static PRESENT: LazyLock<bool> = LazyLock::new(|| {
    const TILES: u32 = 1 << 24;
    const BF16: u32 = 1 << 22;
    let features = __cpuid_count(7, 0).edx;
    features & (TILES | BF16) == TILES | BF16 && is_x86_feature_detected!("avx512f") && granted()
});

/// Asks Linux for the registers' state, which it keeps only for processes that want it: `arch_prctl` with
/// `ARCH_REQ_XCOMP_PERM` (Linux, Documentation/arch/x86/xstate.rst).
fn granted() -> bool {
    const ARCH_PRCTL: isize = 158;
    const REQUEST: usize = 0x1023;
    const TILE_DATA: usize = 18;
    let result: isize;
    // SAFETY: the call touches no memory, and changes nothing but the named registers.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") ARCH_PRCTL => result,
            in("rdi") REQUEST,
            in("rsi") TILE_DATA,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    result == 0
}

/// The unit's registers as eight tiles of 16 rows of 64 bytes, until this is dropped.
pub(in crate::exec) struct Tiles {
    // Configuration belongs to a thread.
    here: PhantomData<*const ()>,
}

impl Tiles {
    /// Configures the thread's unit.
    ///
    /// # Panics
    /// If there is none.
    pub fn new() -> Self {
        assert!(*PRESENT, "a matrix unit");
        let mut configuration = [0u8; 64];
        configuration[0] = 1;
        for tile in 0..8 {
            configuration[16 + 2 * tile] = 64;
            configuration[48 + tile] = 16;
        }
        // SAFETY: the unit is there, and the configuration is one of its first palette: 8 tiles of 1 KiB.
        unsafe {
            asm!("ldtilecfg [{}]", in(reg) &configuration, options(nostack, readonly, preserves_flags))
        };
        Self { here: PhantomData }
    }
}

impl Drop for Tiles {
    fn drop(&mut self) {
        // SAFETY: the unit is there. Registers in their first state cost nothing when threads change places.
        unsafe { asm!("tilerelease", options(nostack, nomem, preserves_flags)) };
    }
}
