//! The buffers of one run: inputs, outputs, constants and the arena.

use std::marker::PhantomData;
use std::ops::Range;

use smallvec::SmallVec;

use crate::Literal;

/// Where a value lies while a program runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// In the caller's input of this number.
    Input(usize),
    /// In the caller's output of this number.
    Output(usize),
    /// In the program's constant of this number.
    Constant(usize),
    /// In these bytes of the arena.
    Arena(Range<usize>),
}

/// A cache line of the arena.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Line([u64; 8]);

// SAFETY: eight words without padding, for which zeros are a value.
unsafe impl bytemuck::Zeroable for Line {}

// SAFETY: as above; every pattern of bits is a value.
unsafe impl bytemuck::Pod for Line {}

/// Bytes of a [`Line`].
pub(super) const LINE: usize = size_of::<Line>();

impl Line {
    pub const ZERO: Self = Self([0; 8]);
}

/// Buffers that an instruction reads, and those that it writes; this many are
/// handed out without an allocation.
pub(super) type Reads<'m> = SmallVec<[&'m [u8]; 32]>;
pub(super) type Writes<'m> = SmallVec<[&'m mut [u8]; 32]>;

/// Places that are read and places that are written at the same time.
pub(super) struct Access {
    reads: SmallVec<[Place; 8]>,
    writes: SmallVec<[Place; 4]>,
}

impl Access {
    /// # Panics
    /// If a written place overlaps another one.
    pub fn new(reads: SmallVec<[Place; 8]>, writes: SmallVec<[Place; 4]>) -> Self {
        for (i, write) in writes.iter().enumerate() {
            let mut others = reads.iter().chain(&writes[..i]);
            assert!(others.all(|other| disjoint(write, other)), "{write:?} is used twice");
        }
        Self { reads, writes }
    }
}

/// Hands out the buffers of one run: any number to read, some to write.
pub(super) struct Memory<'a, 'o> {
    inputs: &'a [&'a [u8]],
    constants: &'a [Literal],
    outputs: *mut &'o mut [u8],
    output_count: usize,
    arena: *mut u8,
    arena_len: usize,
    lives: PhantomData<(&'a mut [Line], &'a mut [&'o mut [u8]])>,
}

impl<'a, 'o> Memory<'a, 'o> {
    pub fn new(
        inputs: &'a [&'a [u8]],
        constants: &'a [Literal],
        outputs: &'a mut [&'o mut [u8]],
        arena: &'a mut [Line],
    ) -> Self {
        Self {
            inputs,
            constants,
            output_count: outputs.len(),
            outputs: outputs.as_mut_ptr(),
            arena_len: size_of_val(arena),
            arena: arena.as_mut_ptr().cast(),
            lives: PhantomData,
        }
    }

    /// Appends the places of an access to the buffers to read and to those to write.
    pub fn access<'m>(&'m mut self, access: &Access, reads: &mut Reads<'m>, writes: &mut Writes<'m>) {
        for place in &access.reads {
            reads.push(self.read(place));
        }
        for place in &access.writes {
            // SAFETY: no written place overlaps a read one or another written one, as an
            // `Access` vouches, and `self` is borrowed for as long as they live.
            writes.push(unsafe { self.write(place) });
        }
    }

    fn read(&self, place: &Place) -> &[u8] {
        match place {
            Place::Input(i) => self.inputs[*i],
            Place::Constant(i) => self.constants[*i].bytes(),
            Place::Output(i) => {
                assert!(*i < self.output_count);
                // SAFETY: the output exists; it is not written meanwhile, as an `Access` vouches.
                unsafe { &*self.outputs.add(*i) }
            }
            Place::Arena(range) => {
                assert!(range.start <= range.end && range.end <= self.arena_len);
                // SAFETY: the range lies in the arena, which is initialized; it is
                // not written meanwhile, as an `Access` vouches.
                unsafe { std::slice::from_raw_parts(self.arena.add(range.start), range.len()) }
            }
        }
    }

    /// # Safety
    /// Nothing else may refer to the place while the result lives.
    #[allow(clippy::mut_from_ref)]
    unsafe fn write(&self, place: &Place) -> &mut [u8] {
        match place {
            Place::Output(i) => {
                assert!(*i < self.output_count);
                // SAFETY: the output exists, and the caller vouches that it is not shared.
                unsafe { &mut *self.outputs.add(*i) }
            }
            Place::Arena(range) => {
                assert!(range.start <= range.end && range.end <= self.arena_len);
                // SAFETY: the range lies in the arena, and the caller vouches that it is not shared.
                unsafe { std::slice::from_raw_parts_mut(self.arena.add(range.start), range.len()) }
            }
            Place::Input(_) | Place::Constant(_) => panic!("{place:?} is not written"),
        }
    }
}

fn disjoint(a: &Place, b: &Place) -> bool {
    match (a, b) {
        (Place::Arena(a), Place::Arena(b)) => a.end <= b.start || b.end <= a.start,
        (a, b) => a != b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_disjoint_and_keep_what_is_written() {
        let (mut out, input) = (vec![0u8; 3], vec![7u8; 3]);
        let mut arena = vec![Line::ZERO; 2];
        let inputs: [&[u8]; 1] = [&input];
        let mut outputs: [&mut [u8]; 1] = [&mut out];
        let mut memory = Memory::new(&inputs, &[], &mut outputs, &mut arena);
        let access = |reads: &[Place], writes: &[Place]| Access::new(reads.into(), writes.into());
        {
            let (mut reads, mut writes) = (Reads::new(), Writes::new());
            let places = [Place::Input(0), Place::Arena(64..67), Place::Output(0), Place::Arena(0..3)];
            memory.access(&access(&places[..2], &places[2..]), &mut reads, &mut writes);
            writes[0].copy_from_slice(reads[0]);
            writes[1].copy_from_slice(reads[1]);
            writes[1][2] = 5;
        }
        let mut reads = Reads::new();
        let places = [Place::Output(0), Place::Arena(0..3)];
        memory.access(&access(&places, &[]), &mut reads, &mut Writes::new());
        assert_eq!(*reads, [&[7u8, 7, 7][..], &[0, 0, 5]]);
    }

    #[test]
    #[should_panic(expected = "used twice")]
    fn overlap_is_refused() {
        Access::new([Place::Arena(0..8)].as_slice().into(), [Place::Arena(4..12)].as_slice().into());
    }
}
