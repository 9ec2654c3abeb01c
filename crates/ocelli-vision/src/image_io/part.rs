//! Finished rows of a result that is not whole yet, in a file that outlives the run.
//!
//! 64 bytes, then the rows from the top, interleaved, little endian, with the depth of the result:
//!
//! | bytes | |
//! |---|---|
//! | 0..16 | `ocelli part 1`, zeros |
//! | 16..48 | SHA-256 of what the rows are made from |
//! | 48..56 | rows that are whole |

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::write::{WriteOptions, Writing, write_rows};
use crate::error::{self, Result, VisionError};
use crate::image::{Depth, Head, Image};
use crate::package::sha256_of_file;
use crate::planes::Planes;
use crate::quantize::{Dither, Quantizer, Samples};

const MAGIC: &[u8; 16] = b"ocelli part 1\0\0\0";
const ROWS_AT: u64 = 48;
const HEADER_BYTES: u64 = 64;

/// Rows that are read back at once.
const ROWS: usize = 64;

/// Where the finished rows of a result are kept.
pub fn part_path(output: &Path) -> PathBuf {
    let mut name = output.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    output.with_file_name(name)
}

/// The finished rows of a result, in [`part_path`].
pub struct PartFile {
    path: PathBuf,
    file: File,
    head: Head,
    depth: Depth,
    quantizer: Quantizer,
    rows: usize,
}

impl PartFile {
    /// Takes up what an earlier run left for `output`, or begins anew where there is nothing, or where that run had another
    /// picture, other options, or another `making`, which tells all else that the rows depend on.
    ///
    /// Errors: as [`write_rows`] before the first row; the dither carries errors from row to row; `input` cannot be read.
    pub fn open(output: &Path, input: &Path, head: &Head, options: &WriteOptions, making: &str) -> Result<PartFile> {
        if options.dither == Dither::Diffusion {
            return Err(error::argument("rows whose dither is diffusion cannot be taken up again; use ordered"));
        }
        let plan = Writing::plan(head.clone(), output, options)?;
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| VisionError::Io { path, source }
        };
        let source = sha256_of_file(input).map_err(io(input))?;
        let (width, height) = (head.width, head.height);
        let text = format!("{source} {width}x{height} {:?} {:?} {:?} {making}", head.channels, plan.depth, plan.dither);
        let key: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let path = part_path(output);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut part = PartFile {
            file: file.map_err(io(&path))?,
            head: head.clone(),
            depth: plan.depth,
            quantizer: plan.quantizer(head.depth),
            rows: 0,
            path,
        };
        part.take_up(&key).map_err(io(&part.path))?;
        Ok(part)
    }

    fn take_up(&mut self, key: &[u8; 32]) -> io::Result<()> {
        let mut header = [0; HEADER_BYTES as usize];
        let bytes = self.file.metadata()?.len();
        if bytes >= HEADER_BYTES {
            self.file.read_exact(&mut header)?;
            let rows = u64::from_le_bytes(header[48..56].try_into().unwrap_or_default());
            let whole = rows.checked_mul(self.row_bytes()).is_some_and(|n| n <= bytes - HEADER_BYTES);
            if header[..16] == MAGIC[..] && header[16..48] == key[..] && whole && rows <= self.head.height as u64 {
                self.rows = rows as usize;
            } else {
                log::warn!("{}: made from something else; its rows are computed anew", self.path.display());
            }
        }
        if self.rows == 0 {
            header = [0; HEADER_BYTES as usize];
            header[..16].copy_from_slice(MAGIC);
            header[16..48].copy_from_slice(key);
            self.file.set_len(0)?;
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(&header)?;
        }
        // Behind the whole rows there may be a part of one.
        self.file.set_len(HEADER_BYTES + self.rows as u64 * self.row_bytes())?;
        self.quantizer = self.quantizer.clone().starting_at(self.rows);
        Ok(())
    }

    fn row_bytes(&self) -> u64 {
        let sample = match self.depth {
            Depth::U8 => 1,
            Depth::U16 => 2,
            Depth::F32 => 4,
        };
        (self.head.width * self.head.channels.count() * sample) as u64
    }

    /// Rows that are whole.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Forgets all rows.
    pub fn clear(&mut self) -> Result<()> {
        self.rows = 0;
        self.quantizer = self.quantizer.clone().starting_at(0);
        let done = self.count().and_then(|()| self.file.set_len(HEADER_BYTES));
        done.map_err(|source| VisionError::Io { path: self.path.clone(), source })
    }

    /// Keeps the next rows: when this returns they outlive the process.
    pub fn put(&mut self, planes: Planes) -> Result<()> {
        let n = planes.height();
        let image = Image::new(planes, self.head.channels, self.head.depth)?;
        let bytes: Vec<u8> = match self.quantizer.rows(&image) {
            Samples::U8(v) => v,
            Samples::U16(v) => v.into_iter().flat_map(u16::to_le_bytes).collect(),
            Samples::F32(v) => v.into_iter().flat_map(f32::to_le_bytes).collect(),
        };
        let at = HEADER_BYTES + self.rows as u64 * self.row_bytes();
        self.rows += n;
        let mut write = || {
            self.file.seek(SeekFrom::Start(at))?;
            self.file.write_all(&bytes)?;
            // The count never tells of rows that are not there.
            self.file.sync_data()?;
            self.count()
        };
        write().map_err(|source| VisionError::Io { path: self.path.clone(), source })
    }

    fn count(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(ROWS_AT))?;
        self.file.write_all(&(self.rows as u64).to_le_bytes())
    }

    /// Writes the result from its rows, all of which are there, and removes this file. `going` is called now and then and ends
    /// it with its error.
    pub fn finish<E: From<VisionError>>(
        mut self,
        output: &Path,
        options: &WriteOptions,
        going: &mut dyn FnMut() -> Result<(), E>,
    ) -> Result<(), E> {
        let io = |source| VisionError::Io { path: self.path.clone(), source };
        // The samples are what they are: nothing is left to dither.
        let head = Head { depth: self.depth, ..self.head.clone() };
        let (channels, width, row_bytes) = (head.channels, head.width, self.row_bytes() as usize);
        self.file.seek(SeekFrom::Start(HEADER_BYTES)).map_err(io)?;
        let mut file = BufReader::new(&self.file);
        let options = WriteOptions { depth: Some(self.depth), ..*options };
        write_rows(output, &head, &options, |put| {
            let mut at = 0;
            while at < head.height {
                going()?;
                let n = ROWS.min(head.height - at);
                let mut bytes = vec![0; n * row_bytes];
                file.read_exact(&mut bytes).map_err(io)?;
                let image = match self.depth {
                    Depth::U8 => Image::from_u8(width, n, channels, &bytes)?,
                    Depth::U16 => {
                        let v: Vec<u16> = bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
                        Image::from_u16(width, n, channels, &v)?
                    }
                    Depth::F32 => {
                        let four = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
                        let v: Vec<f32> = bytes.chunks_exact(4).map(four).collect();
                        Image::from_f32(width, n, channels, &v)?
                    }
                };
                put(image.into_planes())?;
                at += n;
            }
            Ok::<_, E>(())
        })?;
        drop(file);
        let PartFile { path, file, .. } = self;
        drop(file);
        std::fs::remove_file(&path).map_err(|source| VisionError::Io { path, source })?;
        Ok(())
    }
}
