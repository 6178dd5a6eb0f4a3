//! Results that several threads write.

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
use std::any::TypeId;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// An array that several threads write, each other parts of it.
#[derive(Clone, Copy)]
pub(in crate::exec) struct Shared<'a, T> {
    /// First number.
    pub data: NonNull<T>,
    /// Number of numbers.
    pub length: usize,
    life: PhantomData<&'a mut [T]>,
}

// SAFETY: those who write vouch that nobody else has access to what they write.
unsafe impl<T: Send> Send for Shared<'_, T> {}

// SAFETY: as above.
unsafe impl<T: Send> Sync for Shared<'_, T> {}

impl<'a, T> Shared<'a, T> {
    /// The array, if its numbers are of that type.
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    pub fn of<U: 'static>(self) -> Option<Shared<'a, U>>
    where
        T: 'static,
    {
        let same = TypeId::of::<T>() == TypeId::of::<U>();
        same.then_some(Shared { data: self.data.cast(), length: self.length, life: PhantomData })
    }

    /// The array as something that can be handed to threads.
    pub fn new(data: &'a mut [T]) -> Self {
        Self { length: data.len(), data: NonNull::from(data).cast(), life: PhantomData }
    }
}
