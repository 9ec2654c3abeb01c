//! XMP packets, edited as text: only the values of properties that are known are touched.

/// Namespace prefixes that Adobe's specification fixes for what files say about size and orientation.
const WIDTHS: [&str; 2] = ["tiff:ImageWidth", "exif:PixelXDimension"];
const HEIGHTS: [&str; 2] = ["tiff:ImageLength", "exif:PixelYDimension"];
const ORIENTATION: &str = "tiff:Orientation";

/// What makes a packet describe more than one picture in the file: gain maps, depth maps, motion photos.
const CONTAINERS: [&str; 6] =
    ["hdrgm:", "Container:Directory", "GCamera:MotionPhoto", "GCamera:MicroVideo", "GDepth:", "GImage:"];

/// Announces a second packet (JPEG alone), which is not kept.
const EXTENDED: &str = "xmpNote:HasExtendedXMP";

/// The packet asking for no turning and without the thumbnails of another picture.
pub fn upright(packet: &[u8]) -> Vec<u8> {
    edited(packet, |text| {
        let text = with_value(text, ORIENTATION, "1");
        without_attribute(&without_element(&text, "xmp:Thumbnails"), EXTENDED)
    })
}

/// The packet with this size wherever it states one.
pub fn with_size(packet: &[u8], width: usize, height: usize) -> Vec<u8> {
    edited(packet, |text| {
        let mut text = text.to_owned();
        for (names, value) in [(WIDTHS, width), (HEIGHTS, height)] {
            for name in names {
                text = with_value(&text, name, &value.to_string());
            }
        }
        text
    })
}

/// What the packet says of other pictures or packets in the file, which are not kept: then it would be untrue.
pub fn refers_elsewhere(packet: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(packet).ok()?;
    CONTAINERS.into_iter().find(|name| text.contains(name))
}

/// Packets that are not UTF-8 are left alone.
fn edited(packet: &[u8], f: impl FnOnce(&str) -> String) -> Vec<u8> {
    std::str::from_utf8(packet).map_or_else(|_| packet.to_vec(), |text| f(text).into_bytes())
}

/// `name="..."` and `<name>...</name>` with another value.
fn with_value(text: &str, name: &str, value: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (before, after) = rest.split_at(at + name.len());
        out.push_str(before);
        rest = after;
        let trimmed = after.trim_start();
        let quoted = trimmed.strip_prefix('=').map(str::trim_start);
        let end = if let Some(q) = quoted.filter(|q| q.starts_with(['"', '\''])) {
            let begin = after.len() - q.len() + 1;
            after[begin..].find(&q[..1]).map(|n| (begin, begin + n))
        } else if trimmed.starts_with('>') && before.ends_with(&format!("<{name}")) {
            let begin = after.len() - trimmed.len() + 1;
            after[begin..].find('<').map(|n| (begin, begin + n))
        } else {
            None
        };
        if let Some((begin, end)) = end {
            out.push_str(&after[..begin]);
            out.push_str(value);
            rest = &after[end..];
        }
    }
    out.push_str(rest);
    out
}

fn without_attribute(text: &str, name: &str) -> String {
    let Some((before, after)) = text.split_once(name) else { return text.to_owned() };
    let mut parts = after.splitn(3, '"');
    match (parts.next().map(str::trim), parts.next(), parts.next()) {
        (Some("="), Some(_), Some(rest)) => format!("{before}{rest}"),
        _ => text.to_owned(),
    }
}

fn without_element(text: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    match (text.find(&open), text.find(&close)) {
        (Some(from), Some(to)) if from < to => format!("{}{}", &text[..from], &text[to + close.len()..]),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_and_elements_get_new_values() {
        let packet = br#"<x a="1" xmpNote:HasExtendedXMP="0F" tiff:Orientation="6" tiff:ImageWidth='40'><exif:PixelXDimension>40</exif:PixelXDimension><tiff:ImageLength >30</tiff:ImageLength><xmp:Thumbnails><rdf:Alt>long</rdf:Alt></xmp:Thumbnails><dc:title>tiff:Orientation</dc:title></x>"#;
        let done = with_size(&upright(packet), 80, 60);
        let expected = br#"<x a="1"  tiff:Orientation="1" tiff:ImageWidth='80'><exif:PixelXDimension>80</exif:PixelXDimension><tiff:ImageLength >60</tiff:ImageLength><dc:title>tiff:Orientation</dc:title></x>"#;
        assert_eq!(String::from_utf8_lossy(&done), String::from_utf8_lossy(expected));
    }

    #[test]
    fn packets_that_say_nothing_or_are_broken_stay_as_they_are() {
        for packet in
            [&b"<x/>"[..], b"", b"\xff\xfe<\0x\0", b"tiff:Orientation", b"<tiff:Orientation", b"tiff:Orientation=\"6"]
        {
            assert_eq!(with_size(&upright(packet), 8, 6), packet);
        }
        assert_eq!(refers_elsewhere(b"<a hdrgm:Version='1.0'/>"), Some("hdrgm:"));
        assert_eq!(refers_elsewhere(b"<a dc:title='1.0'/>"), None);
    }
}
