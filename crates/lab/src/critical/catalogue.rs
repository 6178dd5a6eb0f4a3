//! What was found, each point once.

use serde::{Deserialize, Serialize};

use super::certificate::{Certificate, CertificateOptions, certify};
use super::family::{FamilyOptions, Isolation, isolation, joined};
use super::options::SearchOptions;
use super::symmetry::Symmetry;
use crate::vector::norm;
use crate::{Oracle, Scalar, Stop};

/// Points of one family that are kept.
const MEMBERS: usize = 32;
/// Two points are one if they are no farther apart than so many Newton steps of either.
const STEPS: f64 = 8.0;

/// A critical point of a list, or a connected set of them with one point as its representative.
#[derive(Clone, Debug)]
pub struct Found<T: Scalar> {
    /// The point (n).
    pub x: Vec<T>,
    /// The evidence at it.
    pub certificate: Certificate<T>,
    /// Whether it stands alone.
    pub isolation: Isolation,
    /// How many searches ended here.
    pub seen: u64,
    /// Other points of the same connected set (n each); at most 32.
    pub members: Vec<Vec<T>>,
}

impl<T: Scalar> Found<T> {
    /// The point and the other members.
    pub fn points(&self) -> impl Iterator<Item = &[T]> {
        std::iter::once(&self.x[..]).chain(self.members.iter().map(|x| &x[..]))
    }

    /// f there.
    pub fn value(&self) -> f64 {
        self.certificate.verdict.value
    }
}

/// What became of a point that was filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filed {
    /// It is a new one.
    New,
    /// It was known, itself, as a copy or as a member of a connected set.
    Known,
    /// Its certificate does not hold: the gradient is small and no critical point need be near.
    Uncertified,
}

/// Critical points, each once.
#[derive(Clone, Debug)]
pub struct Catalogue<T: Scalar> {
    found: Vec<Found<T>>,
    uncertified: u64,
    certificate: CertificateOptions,
    family: FamilyOptions,
    merge: f64,
}

/// A catalogue as it is saved: points, without what can be computed from them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct SavedCatalogue<T: Scalar> {
    points: Vec<SavedPoint<T>>,
    uncertified: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
struct SavedPoint<T: Scalar> {
    #[serde(with = "crate::exact")]
    x: Vec<T>,
    seen: u64,
    #[serde(with = "crate::exact::rows")]
    members: Vec<Vec<T>>,
}

impl<T: Scalar> Catalogue<T> {
    /// An empty list. Two points are one if they are within `merge` · max(1, ‖x‖) of each other, or within eight of
    /// their Newton steps.
    pub fn new(certificate: CertificateOptions, family: FamilyOptions, merge: f64) -> Self {
        Self { found: Vec::new(), uncertified: 0, certificate, family, merge }
    }

    /// The points.
    pub fn found(&self) -> &[Found<T>] {
        &self.found
    }

    /// How many points were refused since their certificates do not hold.
    pub fn uncertified(&self) -> u64 {
        self.uncertified
    }

    /// The lines that certificates are held to.
    pub fn options(&self) -> &CertificateOptions {
        &self.certificate
    }

    /// Which of the points, or whose member or copy, x is.
    pub fn locate(&self, x: &[T], symmetry: &dyn Symmetry<T>) -> Option<usize> {
        self.near(x, 0.0, symmetry)
    }

    /// Files a point where the gradient is small.
    ///
    /// One that is not known is [certified](certify()). Where eigenvalues are null it is found out whether it
    /// stands alone, and whether a walk along critical points joins it to one of the same value, index and nullity;
    /// such sets count once, and sets that turn out to be one are joined.
    ///
    /// # Errors
    /// If the oracle stops.
    pub fn file(
        &mut self,
        oracle: &Oracle<'_, T>,
        x: Vec<T>,
        symmetry: &dyn Symmetry<T>,
        search: &SearchOptions,
    ) -> Result<Filed, Stop> {
        if let Some(at) = self.near(&x, 0.0, symmetry) {
            self.found[at].seen += 1;
            return Ok(Filed::Known);
        }
        let certificate = certify(oracle, &x, &self.certificate)?;
        if !certificate.holds(&self.certificate) {
            self.uncertified += 1;
            return Ok(Filed::Uncertified);
        }
        if let Some(at) = self.near(&x, certificate.newton_step, symmetry) {
            self.found[at].seen += 1;
            return Ok(Filed::Known);
        }
        let alike = self.alike(oracle, &x, &certificate, symmetry, search)?;
        if let Some((&first, rest)) = alike.split_first() {
            for &other in rest.iter().rev() {
                let gone = self.found.remove(other);
                let into = &mut self.found[first];
                into.seen += gone.seen;
                into.members.push(gone.x);
                into.members.extend(gone.members);
            }
            let into = &mut self.found[first];
            into.seen += 1;
            into.members.push(x);
            into.members.truncate(MEMBERS);
            return Ok(Filed::Known);
        }
        let isolation = isolation(oracle, &x, &certificate, symmetry, search, &self.family)?;
        self.found.push(Found { x, certificate, isolation, seen: 1, members: Vec::new() });
        Ok(Filed::New)
    }

    /// Sorts the points by value, and by the order in which they were found where that is the same.
    pub fn sort(&mut self) {
        self.found.sort_by(|a, b| a.value().total_cmp(&b.value()));
    }

    /// The points alone.
    pub fn save(&self) -> SavedCatalogue<T> {
        let point = |found: &Found<T>| SavedPoint {
            x: found.x.clone(),
            seen: found.seen,
            members: found.members.clone(),
        };
        SavedCatalogue { points: self.found.iter().map(point).collect(), uncertified: self.uncertified }
    }

    /// Puts the points of a saved list into this one, certified again.
    ///
    /// # Errors
    /// If the oracle stops.
    pub fn restore(
        &mut self,
        oracle: &Oracle<'_, T>,
        saved: SavedCatalogue<T>,
        symmetry: &dyn Symmetry<T>,
        search: &SearchOptions,
    ) -> Result<(), Stop> {
        self.uncertified = saved.uncertified;
        for SavedPoint { x, seen, members } in saved.points {
            let certificate = certify(oracle, &x, &self.certificate)?;
            let isolation = isolation(oracle, &x, &certificate, symmetry, search, &self.family)?;
            self.found.push(Found { x, certificate, isolation, seen, members });
        }
        Ok(())
    }

    fn near(&self, x: &[T], step: f64, symmetry: &dyn Symmetry<T>) -> Option<usize> {
        let size = norm(x).max(1.0);
        self.found.iter().position(|found| {
            let within = (self.merge * size).max(STEPS * (step + found.certificate.newton_step));
            found.points().any(|point| symmetry.distance(x, point) <= within)
        })
    }

    /// The sets of points of the same value, index and nullity to which a walk leads from x.
    fn alike(
        &self,
        oracle: &Oracle<'_, T>,
        x: &[T],
        certificate: &Certificate<T>,
        symmetry: &dyn Symmetry<T>,
        search: &SearchOptions,
    ) -> Result<Vec<usize>, Stop> {
        let mut alike = Vec::new();
        let Some(null @ 1..) = certificate.null else { return Ok(alike) };
        let value = certificate.verdict.value;
        for (at, found) in self.found.iter().enumerate() {
            let same = (found.value() - value).abs() <= self.family.value * value.abs().max(1.0);
            let kin = found.certificate.null == Some(null) && found.certificate.index == certificate.index;
            if same && kin {
                let goals: Vec<&[T]> = found.points().collect();
                if joined(oracle, x, &goals, value, symmetry, search, &self.family)? {
                    alike.push(at);
                }
            }
        }
        Ok(alike)
    }
}
