"""Makes the pictures of this folder with tools that share no code with ocelli: ImageMagick 6, libvips, ExifTool and
Pillow, or byte by byte. Sample i of a picture is (i * 83 + 7) % 256, (i * 8311 + 257) % 65536 or i / 7 - 1; tests/images.rs
knows the same formulas. Run it in an empty folder: python make.py"""

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

W, H = 7, 5


def run(*args):
    subprocess.run([str(a) for a in args], check=True, stdout=subprocess.DEVNULL)


def u8(n, w=W, h=H):
    return ((np.arange(w * h * n) * 83 + 7) % 256).astype(np.uint8)


def u16(n):
    return ((np.arange(W * H * n) * 8311 + 257) % 65536).astype(np.uint16)


def f32(n):
    return (np.arange(W * H * n) / np.float32(7) - np.float32(1)).astype(np.float32)


KIND = {1: "gray", 3: "rgb", 4: "rgba"}


def magick(name, data, n, *options, size=(W, H)):
    """Raw samples through ImageMagick."""
    bits = data.dtype.itemsize * 8
    Path("raw").write_bytes(data.tobytes())
    if n == 2:
        # Grey with alpha: two pictures joined.
        Path("raw").write_bytes(data[0::2].tobytes())
        Path("raw2").write_bytes(data[1::2].tobytes())
        source = ["(", "gray:raw", ")", "(", "gray:raw2", ")", "-alpha", "off", "-compose", "copy_opacity", "-composite"]
    else:
        source = [f"{'cmyk' if n == 'cmyk' else KIND[n]}:raw"]
    run("/usr/bin/convert", "-size", f"{size[0]}x{size[1]}", "-depth", bits, "-endian", "LSB", *source, *options, name)


def vips(name, data, n, kind, interpretation, *options):
    Path("raw").write_bytes(data.tobytes())
    run("vips", "rawload", "raw", "raw.v", W, H, n * data.dtype.itemsize)
    run("vips", "rawload", "raw", "raw.v", W, H, n, "--format", kind, "--interpretation", interpretation)
    run("vips", "tiffsave", "raw.v", name, *options)


def exiftool(name, *options):
    run("exiftool", "-q", "-overwrite_original", *options, name)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_chunks(source, name, *chunks):
    """A PNG with chunks after its header."""
    png = Path(source).read_bytes()
    Path(name).write_bytes(png[:33] + b"".join(chunk(*c) for c in chunks) + png[33:])


def icc(space, tags):
    """An ICC profile, version 2, byte by byte."""
    def fixed(v):
        return struct.pack(">i", round(v * 65536))
    table, body = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for tag, data in tags:
        data += b"\0" * (-len(data) % 4)
        table += tag + struct.pack(">II", start + len(body), len(data))
        body += data
    pcs = b"Lab " if space == b"CMYK" else b"XYZ "
    head = struct.pack(">I4sI4s4s4s", 0, b"\0" * 4, 0x02400000, b"prtr" if space == b"CMYK" else b"mntr", space, pcs)
    head += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28
    head += fixed(0.9642) + fixed(1.0) + fixed(0.8249)
    head += b"\0" * (128 - len(head))
    whole = head + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


def ink_lab(i):
    """Lab of a corner of the table of ink.icc: paper is light and yellowish, inks are dull."""
    c, m, y, k = (i >> 3 & 1, i >> 2 & 1, i >> 1 & 1, i & 1)
    light = (95 - 35 * c - 45 * m - 8 * y) * (1 - 0.85 * k)
    a, b = (-30 * c + 65 * m - 4 * y) * (1 - k), (4 - 45 * c - 5 * m + 80 * y) * (1 - k)
    return max(0, min(255, round(light * 2.55))) / 2.55, round(a), round(b)


def ink_srgb(ink):
    """sRGB of four inks in 0..1: between the corners in Lab, then by the formulas of CIE and IEC 61966-2-1."""
    weights = [np.prod([v if i >> (3 - n) & 1 else 1 - v for n, v in enumerate(ink)]) for i in range(16)]
    l, a, b = sum(w * np.array(ink_lab(i)) for i, w in enumerate(weights))
    f = np.array([(l + 16) / 116 + a / 500, (l + 16) / 116, (l + 16) / 116 - b / 200])
    xyz = np.array([0.9642, 1, 0.8249]) * np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29))
    bradford = [[3.1338561, -1.6168667, -0.4906146], [-0.9787684, 1.9161415, 0.0334540], [0.0719453, -0.2289914, 1.4052427]]
    v = np.clip(np.array(bradford) @ xyz, 0, 1)
    return np.round(255 * np.where(v <= 0.0031308, 12.92 * v, 1.055 * v ** (1 / 2.4) - 0.055)).astype(int)


def profiles():
    def xyz(x, y, z):
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in (x, y, z))
    def curve(gamma):
        return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    def desc(text):
        return b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + b"\0" + b"\0" * 78
    common = [(b"desc", desc(b"wide")), (b"cprt", b"text\0\0\0\0none\0"), (b"wtpt", xyz(0.9642, 1.0, 0.8249))]
    # The primaries of Adobe RGB (1998), adapted to D50.
    wide = icc(b"RGB ", common + [
        (b"rXYZ", xyz(0.60974, 0.31111, 0.01947)), (b"gXYZ", xyz(0.20528, 0.62567, 0.06087)),
        (b"bXYZ", xyz(0.14919, 0.06322, 0.74457)), *[(t, curve(2.19921875)) for t in (b"rTRC", b"gTRC", b"bTRC")]])
    gray = icc(b"GRAY", common + [(b"kTRC", curve(1.8))])
    lab = b"".join(bytes([round(l * 2.55), a + 128, b + 128]) for l, a, b in map(ink_lab, range(16)))
    identity = bytes(range(256))
    lut = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0])
    lut += b"".join(struct.pack(">i", 65536 if i % 4 == 0 else 0) for i in range(9))
    lut += identity * 4 + lab + identity * 3
    ink = icc(b"CMYK", common + [(b"A2B0", lut)])
    for name, data in [("wide.icc", wide), ("gray.icc", gray), ("ink.icc", ink)]:
        Path(name).write_bytes(data)


METADATA = [
    "-Make=Ocelot", "-Model=Test camera", "-Artist=Jemand", "-ISO=200", "-ExposureTime=1/250", "-GPSLatitude=47.5",
    "-GPSLatitudeRef=N", "-XMP-dc:Creator=Jemand", "-XMP-dc:Title=A title",
]


def described(name, width=W, height=H):
    """EXIF with the size, GPS and a thumbnail, XMP with size and orientation."""
    options = METADATA + [f"-ExifImageWidth={width}", f"-ExifImageHeight={height}", "-XMP-tiff:Orientation#=1",
                          f"-XMP-tiff:ImageWidth={width}", f"-XMP-tiff:ImageHeight={height}"]
    exiftool(name, *options)


def png():
    magick("gray1.png", np.where(u8(1) > 127, 255, 0).astype(np.uint8), 1, "-define", "png:bit-depth=1", "-type", "bilevel")
    magick("gray8.png", u8(1), 1)
    magick("gray16.png", u16(1), 1)
    magick("gray-alpha8.png", u8(2), 2, "-define", "png:color-type=4", "-define", "png:bit-depth=8")
    magick("gray-alpha16.png", u16(2), 2, "-define", "png:color-type=4", "-define", "png:bit-depth=16")
    magick("rgb8.png", u8(3), 3, "-define", "png:color-type=2")
    magick("rgb16.png", u16(3), 3, "-define", "png:color-type=2", "-define", "png:bit-depth=16")
    magick("rgba8.png", u8(4), 4, "-define", "png:color-type=6")
    magick("rgba16.png", u16(4), 4, "-define", "png:color-type=6", "-define", "png:bit-depth=16")
    magick("interlaced.png", u16(3), 3, "-define", "png:bit-depth=16", "-interlace", "PNG")
    indexed = Image.frombytes("P", (W, H), bytes(range(W * H)))
    indexed.putpalette(u8(3).tobytes())
    indexed.save("palette.png", transparency=bytes([0, 128] + [255] * 33))
    magick("wide.png", u8(3), 3, "-profile", "wide.icc", "-define", "png:color-type=2")
    magick("gray-profile.png", u16(1), 1, "-profile", "gray.icc", "-define", "png:bit-depth=16")
    magick("described.png", u8(3), 3, "-define", "png:color-type=2", "-density", "300", "-units", "PixelsPerInch", "-set", "parameters", "a cat, steps: 20")
    described("described.png")
    plain = Image.frombytes("RGB", (W, H), u8(3).tobytes())
    plain.save("plain.png")
    with_chunks("plain.png", "gamma-linear.png", (b"gAMA", struct.pack(">I", 100000)))
    xy = [31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000]
    with_chunks("plain.png", "gamma-wide.png", (b"gAMA", struct.pack(">I", 45455)), (b"cHRM", struct.pack(">8I", *xy)))
    srgb = [31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000]
    with_chunks("plain.png", "gamma-srgb.png", (b"gAMA", struct.pack(">I", 45455)), (b"cHRM", struct.pack(">8I", *srgb)))
    Path("plain.png").unlink()
    frames = [Image.new("RGB", (W, H), c) for c in ("red", "blue")]
    frames[0].save("animated.png", save_all=True, append_images=frames[1:])


def jpeg():
    smooth = np.fromfunction(lambda y, x, c: 40 + 5 * x + 6 * y + 20 * c, (12, 16, 3)).astype(np.uint8).reshape(-1)
    magick("gray.jpg", smooth[::3].copy(), 1, "-quality", 90, size=(16, 12))
    magick("rgb.jpg", smooth, 3, "-quality", 90, size=(16, 12))
    magick("progressive.jpg", smooth, 3, "-quality", 90, "-interlace", "JPEG", size=(16, 12))
    magick("thumb.jpg", smooth, 3, "-resize", "8x6!", "-quality", 50, "-strip", size=(16, 12))
    magick("described.jpg", smooth, 3, "-quality", 90, "-profile", "wide.icc", "-density", "240", "-units", "PixelsPerInch", size=(16, 12))
    described("described.jpg", 16, 12)
    exiftool("described.jpg", "-ThumbnailImage<=thumb.jpg")
    for i in range(1, 9):
        # The stored picture is turned the other way, so that all show the same: red left, green right, blue below.
        shown = np.zeros((32, 48, 3), np.uint8)
        shown[:16, :24] = (255, 0, 0)
        shown[:16, 24:] = (0, 255, 0)
        shown[16:] = (0, 0, 255)
        turned = {1: shown, 2: shown[:, ::-1], 3: shown[::-1, ::-1], 4: shown[::-1], 5: shown.transpose(1, 0, 2),
                  6: shown.transpose(1, 0, 2)[::-1], 7: shown.transpose(1, 0, 2)[::-1, ::-1],
                  8: shown.transpose(1, 0, 2)[:, ::-1]}[i]
        Image.fromarray(np.ascontiguousarray(turned)).save(f"turned{i}.jpg", quality=90, subsampling=0)
        exiftool(f"turned{i}.jpg", f"-Orientation#={i}", f"-XMP-tiff:Orientation#={i}")
    ink = np.fromfunction(lambda y, x, c: (x // 4 == c) * 200 + (y // 4) * 20, (8, 16, 4)).astype(np.uint8)
    Image.frombytes("CMYK", (16, 8), ink.tobytes()).save("cmyk.jpg", quality=95)
    Image.frombytes("CMYK", (16, 8), ink.tobytes()).save("cmyk-profile.jpg", quality=95, icc_profile=Path("ink.icc").read_bytes())
    adobe = Path("cmyk.jpg").read_bytes()
    at = adobe.index(b"\xff\xee")
    Path("ycck.jpg").write_bytes(adobe[:at + 15] + b"\x02" + adobe[at + 16:])
    Path("cmyk-plain.jpg").write_bytes(adobe[:at] + adobe[at + 16:])


def webp():
    magick("rgb.webp", u8(3), 3, "-define", "webp:lossless=true")
    magick("rgba.webp", u8(4), 4, "-define", "webp:lossless=true", "-define", "webp:exact=true")
    magick("lossy.webp", u8(3, 16, 12), 3, "-quality", 80, size=(16, 12))
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Ocelot", 6
    Image.frombytes("RGB", (W, H), u8(3).tobytes()).save(
        "described.webp", lossless=True, icc_profile=Path("wide.icc").read_bytes(), exif=exif,
        xmp=b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6" tiff:ImageWidth="7"/>'
            b"</rdf:RDF></x:xmpmeta>")
    frames = [Image.new("RGB", (W, H), c) for c in ("red", "blue")]
    frames[0].save("animated.webp", save_all=True, append_images=frames[1:], lossless=True)


def tiff():
    magick("gray8.tif", u8(1), 1, "-compress", "LZW")
    magick("gray16.tif", u16(1), 1, "-endian", "MSB")
    magick("bilevel.tif", np.where(u8(1) > 127, 255, 0).astype(np.uint8), 1, "-type", "bilevel", "-compress", "Group4")
    magick("gray-alpha16.tif", u16(2), 2, "-define", "tiff:alpha=unassociated")
    magick("rgb8.tif", u8(3), 3, "-compress", "Zip")
    magick("rgb16.tif", u16(3), 3, "-compress", "LZW")
    magick("planar.tif", u16(3), 3, "-interlace", "plane")
    magick("rgba16.tif", u16(4), 4, "-define", "tiff:alpha=unassociated")
    magick("cmyk.tif", u8(4), "cmyk")
    magick("jpeg.tif", u8(3, 16, 12), 3, "-compress", "JPEG", "-quality", 90, size=(16, 12))
    # Premultiplied: colours that are no more than alpha.
    pairs = u8(4).reshape(-1, 4)
    pairs[:, :3] = (pairs[:, :3].astype(int) * pairs[:, 3:] // 255).astype(np.uint8)
    vips("premultiplied.tif", pairs, 4, "uchar", "srgb", "--premultiply")
    for n, kind in [(1, "b-w"), (3, "srgb")]:
        vips(f"float{n}.tif", f32(n), n, "float", kind)
    vips("float-tiled.tif", f32(3), 3, "float", "srgb", "--tile", "--tile-width", 16, "--tile-height", 16, "--compression", "deflate", "--predictor", "float")
    vips("double.tif", f32(1).astype(np.float64), 1, "double", "b-w")
    vips("big.tif", u16(3), 3, "ushort", "rgb16", "--bigtiff")
    indexed = Image.frombytes("P", (W, H), bytes(range(W * H)))
    indexed.putpalette(u8(3).tobytes())
    indexed.save("palette.tif")
    magick("described.tif", u16(3), 3, "-profile", "wide.icc", "-density", "300", "-units", "PixelsPerInch", "-compress", "Zip")
    described("described.tif")
    exiftool("described.tif", "-Orientation#=6")
    frames = [Image.new("RGB", (W, H), c) for c in ("red", "blue")]
    frames[0].save("pages.tif", save_all=True, append_images=frames[1:])


def others():
    magick("rgb.bmp", u8(3), 3, "-type", "TrueColor")
    magick("gray.bmp", u8(1), 1, "-compress", "None")
    magick("rgba.bmp", u8(4), 4)
    indexed = Image.frombytes("P", (W, H), bytes(range(W * H)))
    indexed.putpalette(u8(3).tobytes())
    indexed.save("palette.gif", transparency=3)
    frames = [Image.new("RGB", (W, H), c) for c in ("red", "blue")]
    frames[0].save("animated.gif", save_all=True, append_images=frames[1:])
    for name in ["still.psd", "still.exr", "still.hdr", "still.jp2", "still.ico", "still.heic", "still.avif"]:
        try:
            magick(name, u8(3, 16, 16), 3, "-strip", size=(16, 16))
        except subprocess.CalledProcessError:
            print(f"{name}: this ImageMagick cannot write it", file=sys.stderr)


def expected():
    """What pictures in other colours are in sRGB, as lines of numbers: by Little CMS, or from the ink that libjpeg reads
    by the formulas."""
    def save(name, values):
        Path(name).with_suffix(".txt").write_text("\n".join(" ".join(map(str, p)) for p in values) + "\n")
    srgb = ImageCms.createProfile("sRGB")
    wide = ImageCms.profileToProfile(Image.open("wide.png"), "wide.icc", srgb, renderingIntent=0, outputMode="RGB")
    save("wide.png", np.asarray(wide).reshape(-1, 3))
    for name in ["cmyk.jpg", "cmyk-plain.jpg", "ycck.jpg"]:
        ink = np.asarray(Image.open(name)).reshape(-1, 4) / 255
        save(name, np.round((1 - ink[:, :3]) * (1 - ink[:, 3:]) * 255).astype(int))
    save("cmyk-profile.jpg", [ink_srgb(p / 255) for p in np.asarray(Image.open("cmyk-profile.jpg")).reshape(-1, 4)])


profiles()
png()
jpeg()
webp()
tiff()
others()
expected()
for name in ["raw", "raw2", "raw.v", "thumb.jpg"]:
    Path(name).unlink(missing_ok=True)
