//! What elements of a value depend on: per dimension, how its elements stand to the rows or columns of the picture.

use std::cmp::Ordering;

use ocelli_tensor::Tensor;

/// A positive fraction in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// Numerator.
    pub num: u64,
    /// Denominator.
    pub den: u64,
}

impl Ratio {
    /// One.
    pub const ONE: Ratio = Ratio { num: 1, den: 1 };

    /// `num / den`; both must be positive.
    pub fn new(num: u64, den: u64) -> Ratio {
        let divisor = gcd(num, den).max(1);
        Ratio { num: num / divisor, den: den / divisor }
    }

    /// This times `num / den`.
    #[must_use]
    pub fn times(self, num: u64, den: u64) -> Ratio {
        let by = Ratio::new(num, den);
        let (a, b) = (Ratio::new(self.num, by.den), Ratio::new(by.num, self.den));
        Ratio { num: a.num.saturating_mul(b.num), den: a.den.saturating_mul(b.den) }
    }

    /// The least number of input elements that becomes a multiple of `granule` elements.
    pub fn period(self, granule: u64) -> u64 {
        self.den.saturating_mul(granule / gcd(self.num, granule).max(1))
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Ratio) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Ratio) -> Ordering {
        (u128::from(self.num) * u128::from(other.den)).cmp(&(u128::from(other.num) * u128::from(self.den)))
    }
}

/// Greatest common divisor.
pub(super) fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The positions of the picture that an element depends on, and whether it also met what lies beyond a border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub lo: i64,
    pub hi: i64,
    pub before: bool,
    pub after: bool,
}

impl Cell {
    /// Depends on nothing.
    pub const NONE: Cell = Cell { lo: i64::MAX, hi: i64::MIN, before: false, after: false };

    /// Position `i` of the picture.
    pub fn at(i: usize) -> Cell {
        Cell { lo: i as i64, hi: i as i64, before: false, after: false }
    }

    pub fn union(self, o: Cell) -> Cell {
        Cell {
            lo: self.lo.min(o.lo),
            hi: self.hi.max(o.hi),
            before: self.before || o.before,
            after: self.after || o.after,
        }
    }

    /// Whether it depends on any position.
    pub fn reaches(self) -> bool {
        self.lo <= self.hi
    }
}

/// Elements in the order of the rows (axis 0) or columns (axis 1) of the picture.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Track {
    pub axis: usize,
    /// Elements per row or column of the picture.
    pub rate: Ratio,
    pub cells: Vec<Cell>,
}

impl Track {
    /// The element at `i`; before the first and behind the last there is what lies beyond a border.
    pub fn cell(&self, i: i64) -> Cell {
        match usize::try_from(i) {
            Err(_) => Cell { before: true, ..Cell::NONE },
            Ok(i) => self.cells.get(i).copied().unwrap_or(Cell { after: true, ..Cell::NONE }),
        }
    }

    /// A track of `len` elements at `rate`, each of which depends on those that `sources` adds.
    pub fn map(&self, len: usize, rate: Ratio, sources: impl Fn(usize, &mut dyn FnMut(i64))) -> Track {
        let cells = (0..len)
            .map(|o| {
                let mut cell = Cell::NONE;
                sources(o, &mut |i| cell = cell.union(self.cell(i)));
                cell
            })
            .collect();
        Track { axis: self.axis, rate, cells }
    }
}

/// A factor of a dimension.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Factor {
    /// Equal elements, whatever their number.
    Same(usize),
    /// Elements that have nothing to do with the place in the picture, such as channels.
    Free(usize),
    /// Along the rows or columns of the picture.
    Along(Track),
}

impl Factor {
    pub fn len(&self) -> usize {
        match self {
            Factor::Same(n) | Factor::Free(n) => *n,
            Factor::Along(t) => t.cells.len(),
        }
    }
}

/// A dimension: the product of its factors, the first one slowest. A dimension of one element has none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Dim(pub Vec<Factor>);

/// A dimension of one factor.
pub(super) enum Simple<'a> {
    Same(usize),
    Free(usize),
    Along(std::borrow::Cow<'a, Track>),
}

impl Dim {
    pub fn same(n: usize) -> Dim {
        Dim(if n == 1 { Vec::new() } else { vec![Factor::Same(n)] })
    }

    pub fn free(n: usize) -> Dim {
        Dim(if n == 1 { Vec::new() } else { vec![Factor::Free(n)] })
    }

    pub fn along(track: Track) -> Dim {
        Dim(vec![Factor::Along(track)])
    }

    pub fn len(&self) -> usize {
        self.0.iter().map(Factor::len).product()
    }

    /// Whether no element depends on its place in the picture.
    pub fn is_free(&self) -> bool {
        !self.0.iter().any(|f| matches!(f, Factor::Along(_)))
    }

    /// The dimension as one factor: rows with a free factor behind them are more rows, each as often as the factor says.
    pub fn simple(&self) -> Result<Simple<'_>, String> {
        use std::borrow::Cow;
        match &self.0[..] {
            [] => Ok(Simple::Same(1)),
            [Factor::Same(n)] => Ok(Simple::Same(*n)),
            [Factor::Along(t)] => Ok(Simple::Along(Cow::Borrowed(t))),
            all if all.iter().all(|f| !matches!(f, Factor::Along(_))) => Ok(Simple::Free(self.len())),
            [Factor::Along(t), rest @ ..] if rest.iter().all(|f| !matches!(f, Factor::Along(_))) => {
                let n = rest.iter().map(Factor::len).product::<usize>();
                let rate = t.rate.times(n as u64, 1);
                Ok(Simple::Along(Cow::Owned(t.map(t.cells.len() * n, rate, |o, add| add((o / n) as i64)))))
            }
            _ => Err("rows and columns of the picture in one dimension".to_owned()),
        }
    }

    /// Both, element by element.
    pub fn merged(&self, other: &Dim) -> Result<Dim, String> {
        let apart = || Err("it combines values that lie differently in the picture".to_owned());
        if self.len() != other.len() {
            return apart();
        }
        match (&self.0[..], &other.0[..]) {
            ([Factor::Same(_)] | [], _) => return Ok(other.clone()),
            (_, [Factor::Same(_)] | []) => return Ok(self.clone()),
            (a, b) if a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.len() == b.len()) => {
                let both = a.iter().zip(b).map(|(a, b)| match (a, b) {
                    (Factor::Same(_), x) | (x, Factor::Same(_)) => Some(x.clone()),
                    (Factor::Free(n), Factor::Free(_)) => Some(Factor::Free(*n)),
                    (Factor::Along(a), Factor::Along(b)) => a.merged(b).map(Factor::Along),
                    _ => None,
                });
                if let Some(factors) = both.collect::<Option<Vec<_>>>() {
                    return Ok(Dim(factors));
                }
            }
            _ => {}
        }
        match (self.simple()?, other.simple()?) {
            (Simple::Along(a), Simple::Along(b)) => a.merged(&b).map(Dim::along).map_or_else(apart, Ok),
            (Simple::Free(n), Simple::Free(_)) => Ok(Dim::free(n)),
            _ => Err("it combines the picture with numbers that differ from place to place".to_owned()),
        }
    }
}

impl Track {
    fn merged(&self, other: &Track) -> Option<Track> {
        let fits = self.axis == other.axis && self.rate == other.rate && self.cells.len() == other.cells.len();
        fits.then(|| {
            let cells = self.cells.iter().zip(&other.cells).map(|(a, b)| a.union(*b)).collect();
            Track { axis: self.axis, rate: self.rate, cells }
        })
    }
}

/// The dimensions of a value, outermost first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Field(pub Vec<Dim>);

impl Field {
    /// A value that has nothing to do with places in the picture.
    pub fn free(shape: &[usize]) -> Field {
        Field(shape.iter().map(|&n| Dim::free(n)).collect())
    }

    /// A value that is taken as equal everywhere, where what it really depends on is told otherwise.
    pub fn same(shape: &[usize]) -> Field {
        Field(shape.iter().map(|&n| Dim::same(n)).collect())
    }

    /// A constant: dimensions along which it does not change are [`Factor::Same`].
    pub fn constant(tensor: &Tensor) -> Field {
        let shape = tensor.shape();
        let values = tensor.to_f64s();
        let uniform = |d: usize| {
            let inner: usize = shape[d + 1..].iter().product::<usize>().max(1);
            let step = shape[d] * inner;
            values.chunks(step.max(1)).all(|part| part.chunks(inner).all(|row| Some(row) == part.get(..inner)))
        };
        Field((0..shape.len()).map(|d| if uniform(d) { Dim::same(shape[d]) } else { Dim::free(shape[d]) }).collect())
    }

    /// Dimension `i`, counted so that the last one is `rank - 1`; one element where there is none.
    pub fn aligned(&self, i: usize, rank: usize) -> Option<&Dim> {
        (i + self.0.len()).checked_sub(rank).and_then(|i| self.0.get(i))
    }

    pub fn is_free(&self) -> bool {
        self.0.iter().all(Dim::is_free)
    }

    pub fn tracks(&self) -> impl Iterator<Item = &Track> {
        self.0.iter().flat_map(|d| &d.0).filter_map(|f| if let Factor::Along(t) = f { Some(t) } else { None })
    }
}
